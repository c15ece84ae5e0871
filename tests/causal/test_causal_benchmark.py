"""The benchmark of causes runs from the command line and ends with one JSON line."""

import json

import numpy as np
import pytest

from benchmarks.__main__ import main
from benchmarks.causal_cases import events, media_mixes, networks, var_series
from benchmarks.causal_goals import goals
from benchmarks.causal_incidents import incidents
from benchmarks.causal_textbooks import textbooks


@pytest.mark.slow
def test_a_short_run_ends_with_one_json_line(capsys, tmp_path):
    assert main(["causal", "--data", str(tmp_path), "--sample", "2", "--only", "granger", "speed"]) == 0
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert len(figures["granger"]["false"]) == 10
    assert set(figures["speed"]) == {"104x6", "1000x20"}


def test_goals_are_judged_only_for_what_ran():
    assert goals({"speed": {"104x6": 0.1, "1000x20": 9.0}}) == {
        "104 x 6 in <= 2 CPU s": True,
        "1,000 x 20 in <= 8 CPU s": False,
    }


def test_kidney_stones_of_any_other_folder_are_read_and_their_reversal_is_seen(tmp_path):
    """Charig et al. (1986), BMJ 292: treatment B looks better in all, treatment A is better in both sizes."""
    (tmp_path / "simpson").mkdir()
    counts = {
        ("small", "A"): (81, 87),
        ("small", "B"): (234, 270),
        ("large", "A"): (192, 263),
        ("large", "B"): (55, 80),
    }
    rows = [
        {"size": size, "treatment": arm, "success": hits, "total": all_} for (size, arm), (hits, all_) in counts.items()
    ]
    case = {"rows": rows, "expected": {"naive_B_minus_A": 289 / 350 - 273 / 350, "verdict": "A is better in both"}}
    (tmp_path / "simpson" / "kidney.json").write_text(json.dumps(case))
    found = textbooks(tmp_path)
    assert len(found) == 3
    assert all(found.values())


def test_a_price_rise_printed_elsewhere_comes_out_step_by_step(tmp_path):
    (tmp_path / "price_volume_mix").mkdir()
    case = {
        **{"price0": {"A": 10}, "qty0": {"A": 100}, "price1": {"A": 11}, "qty1": {"A": 90}},
        "expected": {"price_effect_old_volume": 100, "volume_effect_old_price": -100, "residual_called_mix": -10},
    }
    (tmp_path / "price_volume_mix" / "other.json").write_text(json.dumps([case]))
    assert all(textbooks(tmp_path).values())
    case["expected"]["price_effect_old_volume"] = 99
    (tmp_path / "price_volume_mix" / "other.json").write_text(json.dumps([case]))
    assert not all(textbooks(tmp_path).values())


def test_the_rows_after_an_event_are_those_of_rs_own_summary(tmp_path):
    folder = tmp_path / "its_causalimpact"
    folder.mkdir()
    rng = np.random.default_rng(1)
    control = 50 + rng.normal(size=60)
    sales = 2 * control + 0.2 * rng.normal(size=60)
    sales[40:50] += 5
    lines = "\n".join(f"w{k} {value} {beside}" for k, (value, beside) in enumerate(zip(sales, control, strict=True)))
    (folder / "shop.csv").write_text('"week" "sales" "beside"\n' + lines)
    part = sales[40:50]
    (folder / "shop_R_summary.txt").write_text(f"Actual   {part.mean():.4f}   {part.sum():.3f}\n")
    (folder / "shop_R_expected.json").write_text(json.dumps({"abs_avg": 5.0, "abs_ci": [4.5, 5.5]}))
    [shop] = events(tmp_path).values()
    assert shop["ours"] == pytest.approx(5.0, abs=0.3)
    assert shop["same_verdict"]


def test_a_folder_without_cases_measures_none(tmp_path):
    assert (events(tmp_path), networks(tmp_path), var_series(tmp_path), media_mixes(tmp_path)) == ({}, {}, {}, {})
    assert incidents(tmp_path) == {}
