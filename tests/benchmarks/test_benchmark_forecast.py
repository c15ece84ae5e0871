"""The forecast area, end to end, on four small businesses whose ups and downs we made ourselves."""

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks.__main__ import main

ROOT = Path(__file__).parents[2]
HORIZON = 6

MODEL_KEYS = {
    "series", "smape", "mase", "owa", "coverage80", "coverage95", "coverage95_sums",
    "coverage95_total", "msis", "seconds_per_series", "worst", "share_lost",
    "failures", "owa_ratio", "owa_ratio_interval", "by_group",
}  # fmt: skip


def _histories() -> dict[str, np.ndarray]:
    """A growing ice parlour with a pure season, a noisy cafe, a drifting shop, a kiosk that never changes."""
    rng = np.random.default_rng(7)
    season = np.array([0.6, 0.7, 0.9, 1.0, 1.2, 1.5, 1.6, 1.4, 1.1, 0.8, 0.6, 0.6])
    months = np.resize(season, 48 + HORIZON)
    return {
        "parlour": 100 * months + np.arange(len(months)),
        "cafe": 200 * months * np.exp(rng.normal(0, 0.05, len(months))),
        "shop": 500 + np.cumsum(rng.normal(1, 3, 60 + HORIZON)),
        "kiosk": np.full(40 + HORIZON, 30.0),
    }


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("cases")
    rows, meta = [], []
    for name, y in _histories().items():
        monthly = name in {"parlour", "cafe"}
        for k, value in enumerate(y):
            day = date(2020 + k // 12, 1 + k % 12, 1) if monthly else date(2020, 1, 5) + timedelta(weeks=k)
            rows.append((name, day, value, "train" if k < len(y) - HORIZON else "test"))
        freq, m = ("MS", 12) if monthly else ("W-SUN", 1)
        meta.append((name, f"{name} (made up)", freq, HORIZON, m, m))
    pl.DataFrame(rows, ["unique_id", "ds", "y", "split"], orient="row").write_parquet(folder / "series.parquet")
    columns = ["unique_id", "source", "freq", "horizon", "m_metric", "season_length"]
    pl.DataFrame(meta, columns, orient="row").write_csv(folder / "meta.csv")
    return folder


def run(data: Path, *options: str) -> str:
    command = [sys.executable, "-m", "benchmarks", "forecast", "--data", str(data), "--no-ours", *options]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=120).stdout


@pytest.fixture(scope="module")
def output(data) -> str:
    return run(data, "--peers", "snaive", "xgboost", "--jobs", "2", "--out", str(data / "figures.json"))


@pytest.fixture(scope="module")
def figures(output) -> dict:
    return json.loads(output.splitlines()[-1])


def test_last_line_is_the_file_that_out_names(output, figures, data):
    assert json.loads((data / "figures.json").read_text()) == figures


def test_naive2_is_always_there_and_has_an_owa_of_exactly_one(figures):
    assert set(figures["models"]) == {"Seasonal naive", "Naive2", "XGBoost on lags"}
    naive2 = figures["models"]["Naive2"]
    assert naive2["owa"] == 1.0
    assert naive2["worst"] == 1.0
    assert {group["owa"] for group in naive2["by_group"].values()} == {1.0}


def test_every_method_has_every_figure(figures):
    for model in figures["models"].values():
        assert set(model) == MODEL_KEYS
        assert model["failures"] == 0
        assert model["seconds_per_series"] > 0


def test_headline_is_empty_when_neither_ours_nor_the_peer_median_ran(figures):
    for name in (
        "owa",
        "owa_peer_median",
        "coverage95",
        "coverage80",
        "msis",
        "msis_peer_median",
        "seconds_per_series",
    ):
        assert figures[name] is None


def test_kiosk_that_never_changes_is_left_out_and_said_so(output, figures):
    assert figures["left_out"] == ["kiosk"]
    assert figures["series"] == 3
    assert "Left out, because a constant history has no scale: kiosk." in output


def test_seasonal_naive_misses_a_parlour_that_grows_by_one_a_month_by_one_year(figures):
    # Growth of 1 a month: last year's month is 12 too low in the future and in the history alike. So the spread and the
    # scale are both 12, every band holds the miss, and the scaled width of the 95 % band is 2 z.
    parlour = figures["models"]["Seasonal naive"]["by_group"]["parlour [MS]"]
    assert (parlour["coverage80"], parlour["coverage95"]) == (1.0, 1.0)
    assert parlour["msis"] == pytest.approx(2 * 1.959964, abs=1e-5)


def test_groups_are_source_and_frequency(figures):
    assert {name: group["series"] for name, group in figures["by_group"].items()} == {
        "parlour [MS]": 1,
        "cafe [MS]": 1,
        "shop [W-SUN]": 1,
    }


def test_table_names_every_method_with_its_figures(output, figures):
    table = {line[:16].strip(): line.split() for line in output.splitlines()[3:7]}
    for label in ("Naive2", "Seasonal naive"):
        model = figures["models"][label]
        assert f"{model['smape']:.3f}" in table[label]
        assert f"{model['owa']:.3f}" in table[label]


def test_the_same_run_gives_the_same_figures(data, figures):
    again = json.loads(run(data, "--peers", "snaive", "xgboost").splitlines()[-1])
    for run_figures in (figures, again):
        for model in run_figures["models"].values():
            model.pop("seconds_per_series", None)
    assert again == figures


def test_kept_forecasts_of_the_peers_give_the_same_figures(data, tmp_path):
    options = ("--peers", "snaive", "xgboost", "--kept", str(tmp_path / "kept"))
    first, second = (json.loads(run(data, *options).splitlines()[-1]) for _ in range(2))
    assert len(list((tmp_path / "kept").rglob("*.json"))) == 3 * 4  # three methods, Naive2 among them, on four series
    assert first == second  # the seconds too: they were measured once


def test_a_folder_that_is_not_there_is_named(tmp_path, capsys):
    missing = tmp_path / "nowhere"
    with pytest.raises(SystemExit):
        main(["forecast", "--data", str(missing)])
    assert f"there is no folder {missing}" in capsys.readouterr().err
