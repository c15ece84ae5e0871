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


KIDNEY_STONES = {
    ("small", "A"): (81, 87),
    ("small", "B"): (234, 270),
    ("large", "A"): (192, 263),
    ("large", "B"): (55, 80),
}
"""Charig et al. (1986), BMJ 292: treatment B looks better in all, treatment A is better in both sizes."""

GAP = 289 / 350 - 273 / 350


def kidney_stones(folder, expectations, **names):
    """A file of the paradox in which the columns are called as these names say."""
    (folder / "simpson").mkdir(exist_ok=True)
    rows = [
        {names["group"]: size, names["treatment"]: arm, names["success"]: hits, names["n"]: tries}
        for (size, arm), (hits, tries) in KIDNEY_STONES.items()
    ]
    content = rows if expectations is None else {"rows": rows, "expected": expectations}
    (folder / "simpson" / f"{'_'.join(names.values())}.json").write_text(json.dumps(content))


@pytest.mark.parametrize(
    "names",
    [
        {"group": "size", "treatment": "treatment", "success": "success", "n": "total"},
        {"group": "group", "treatment": "treatment", "success": "success", "n": "n"},
        {"n": "n", "success": "success", "treatment": "arm", "group": "stone"},
    ],
    ids=lambda names: ", ".join(names.values()),
)
def test_kidney_stones_are_read_whatever_the_columns_are_called(tmp_path, names):
    kidney_stones(tmp_path, {"naive_B_minus_A": GAP, "verdict": "A is better in both"}, **names)
    assert len(textbooks(tmp_path)) == 3
    assert all(textbooks(tmp_path).values())


def test_a_wrong_gap_is_seen(tmp_path):
    kidney_stones(tmp_path, {"naive_B_minus_A": -GAP}, group="group", treatment="treatment", success="success", n="n")
    assert [name for name, good in textbooks(tmp_path).items() if not good] == [
        "group_treatment_success_n: gap as printed"
    ]


@pytest.mark.parametrize("expectations", [None, {}, {"verdict": "A"}, {"adjusted_A_minus_B": 0.053}])
def test_a_paradox_without_a_printed_gap_is_still_split_exactly_and_its_reversal_said(tmp_path, expectations):
    kidney_stones(tmp_path, expectations, group="group", treatment="treatment", success="success", n="n")
    assert [name.partition(": ")[2] for name, good in textbooks(tmp_path).items() if good] == [
        "split adds up",
        "reversal said when there is one",
    ]


def test_numbers_for_names_a_rate_and_the_failures_do_not_confuse(tmp_path):
    (tmp_path / "simpson").mkdir()
    rows = [
        {"group": 1 + (size == "large"), "treatment": int(arm == "B"), "success": hits, "n": tries,
         "rate": hits / tries, "failures": tries - hits}
        for (size, arm), (hits, tries) in KIDNEY_STONES.items()
    ]  # fmt: skip
    (tmp_path / "simpson" / "a.json").write_text(json.dumps({"rows": rows, "expected": {"naive_1_minus_0": GAP}}))
    assert list(textbooks(tmp_path).values()) == [True, True, True]


def test_every_file_of_the_folder_is_taken_and_another_form_left_out(tmp_path):
    kidney_stones(tmp_path, {}, group="group", treatment="treatment", success="success", n="n")
    kidney_stones(tmp_path, {}, group="size", treatment="arm", success="hits", n="tries")
    for name, content in {"words": ["a"], "empty": {"rows": []}, "other": {"rows": [{"x": 1}]}}.items():
        (tmp_path / "simpson" / f"{name}.json").write_text(json.dumps(content))
    assert {name.partition(": ")[0] for name in textbooks(tmp_path)} == {
        "group_treatment_success_n",
        "size_arm_hits_tries",
    }


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
