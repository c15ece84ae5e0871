"""The retail area: a baker that closes on Sundays, a kiosk and a stall, with figures that are known by hand."""

import json
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from benchmarks import ours
from benchmarks.__main__ import main
from benchmarks.peers import multiple_seasons
from benchmarks.retail_report import Board, Report
from benchmarks.scores import score
from benchmarks.series import Case, Past, load

START = date(2024, 1, 1)


def past(y, days, ahead, season_length=7, country="") -> Past:
    return Past(np.asarray(y, dtype=float), tuple(days), tuple(ahead), "D", season_length, country)


def bands(value: float, width: float, periods: int = 4):
    """A flat forecast; its sums have bounds as far out as all widths together."""
    mean = np.full(periods, value)
    sums, far = np.cumsum(mean), width * np.arange(1, periods + 1)
    return ours.Bands(
        mean, mean - width, mean + width, mean - 2 * width, mean + 2 * width,
        sums - 2 * far, sums + 2 * far, sums - far, sums + far,
    )  # fmt: skip


def case(name: str, source: str, future) -> Case:
    """A past that steps by 2 a day: the scale is 2."""
    days = [START + timedelta(days=k) for k in range(12)]
    seen = past(np.resize([10.0, 12.0], 8), days[:8], days[8:])
    return Case(name, f"{source} [D]", seen, np.asarray(future, dtype=float), 1, source)


@pytest.fixture
def board() -> Board:
    cases = [case("stall@1", "Market", [10, 10, 10, 10]), case("stall@2", "Market", [14, 14, 14, 14])]
    cases += [case("kiosk@1", "Kiosk", [12, 12, 12, 12])]
    said = {"ensemble": 11.0, "quick": 12.0, "snaive": 10.0, "mstl": 20.0}
    return Board.of(cases, [score(each, key, bands(value, 1.0), 0.0) for each in cases for key, value in said.items()])


def test_best_peer_is_the_one_with_the_smallest_scaled_error_over_all_cases(board):
    # Misses of 0, 4 and 2 over a scale of 2.
    assert board.mean("snaive", "mase") == pytest.approx(1.0)
    assert board.best(["snaive", "mstl"]) == "snaive"
    # Ours misses by 1, 3 and 1.
    assert board.ratio("ensemble", "snaive") == pytest.approx((1 + 3 + 1) / (0 + 4 + 2))


def test_series_are_drawn_with_all_their_origins(board):
    ratio = board.interval("ensemble", "snaive", seed=1)
    # The stall alone, the kiosk alone, or one of each.
    assert (ratio.low, ratio.high) == pytest.approx((1 / 2, 4 / 4))


def test_a_source_has_its_own_figures(board):
    assert board.part("source", "Kiosk").cases == 1
    assert board.part("source", "Kiosk").ratio("ensemble", "snaive") == pytest.approx(0.5)


def test_totals_are_held_by_their_own_bounds(board):
    # 44 +- 4 holds 40 and 48, not 56; +- 8 not either.
    assert board.mean("ensemble", "total80") == pytest.approx(2 / 3)
    assert board.mean("ensemble", "total95") == pytest.approx(2 / 3)


def test_report_names_the_figures_that_are_asked_for(board):
    report = Report(board, {"ensemble": "Full", "quick": "Quick"}, {"snaive": "Naive", "mstl": "MSTL"}, 1)
    figures = report.figures()
    assert figures["wape_ratio_best_peer"] == pytest.approx(5 / 6)
    assert figures["quick_ratio_best_peer"] == pytest.approx(4 / 6)
    assert figures["best_peer"] == "Naive"
    assert figures["by_group"]["source"]["Market"]["cases"] == 2
    assert set(figures["by_group"]["period"]) == {"days"}
    assert "Kiosk" in report.text()


def test_baker_that_closes_on_sundays_and_one_holiday_is_known_to_us_by_its_days():
    days = [START + timedelta(days=k) for k in range(70)]
    opened = [day for day in days if day.weekday() != 6 and day != START + timedelta(days=30)]
    history = ours.history_of(past(np.arange(len(opened) - 6), opened[:-6], opened[-6:], 6))
    assert history.calendar.open_weekdays == (0, 1, 2, 3, 4, 5)
    assert [day for day, value in zip(history.periods, history.values, strict=True) if np.isnan(value)] == [
        START + timedelta(days=30)
    ]


def test_we_forecast_the_days_on_which_the_baker_opens_and_no_others():
    days = [START + timedelta(days=k) for k in range(91)]
    opened = [day for day in days if day.weekday() != 6]
    y = np.array([10.0 * (1 + day.weekday()) for day in opened])
    ahead = [day for day in opened[-24:] if day != opened[-10]]  # one of them turned out to be closed
    made = ours.methods()["quick"].fit(past(y[:-24], opened[:-24], ahead, 6), np.random.default_rng(1))
    assert made.mean == pytest.approx([10.0 * (1 + day.weekday()) for day in ahead], rel=0.05)
    assert made.lo80_sum[-1] <= made.mean.sum() * 1.01
    assert made.hi80_sum[-1] >= made.mean.sum() * 0.99


def test_mstl_continues_a_week_and_needs_no_season():
    days = [START + timedelta(days=k) for k in range(63)]
    week = np.array([5.0, 6.0, 7.0, 8.0, 9.0, 20.0, 2.0])
    y = np.resize(week, 63) + np.random.default_rng(3).normal(0, 0.1, 63)
    made = multiple_seasons(past(y[:56], days[:56], days[56:]), np.random.default_rng(1))
    assert made.mean == pytest.approx(week, abs=0.5)
    flat = multiple_seasons(past(np.full(30, 5.0) + y[:30] / 100, days[:30], days[30:34], 1), np.random.default_rng(1))
    assert len(flat.mean) == 4


def test_country_and_source_come_from_the_list_of_series(tmp_path):
    days = [START + timedelta(days=k) for k in range(20)]
    rows = [("shop@1", day, float(k), "train" if k < 16 else "test") for k, day in enumerate(days)]
    pl.DataFrame(rows, ["unique_id", "ds", "y", "split"], orient="row").write_parquet(tmp_path / "series.parquet")
    meta = {"unique_id": ["shop@1"], "source": ["Shop (made up)"], "freq": ["D"], "horizon": [4], "m_metric": [7]}
    pl.DataFrame({**meta, "season_length": [7], "country": ["DE"]}).write_csv(tmp_path / "meta.csv")
    [shop] = load(tmp_path)
    assert (shop.past.country, shop.source, shop.group) == ("DE", "Shop", "Shop [D]")


def test_area_runs_end_to_end_without_ours(tmp_path, capsys):
    days = [START + timedelta(days=k) for k in range(60)]
    noise = np.random.default_rng(5).poisson(20, 60)
    rows = [
        ("shop@1", day, float(y), "train" if k < 46 else "test")
        for k, (day, y) in enumerate(zip(days, noise, strict=True))
    ]
    pl.DataFrame(rows, ["unique_id", "ds", "y", "split"], orient="row").write_parquet(tmp_path / "series.parquet")
    meta = {"unique_id": ["shop@1"], "source": ["Shop"], "freq": ["D"], "horizon": [14], "m_metric": [7]}
    pl.DataFrame({**meta, "season_length": [7]}).write_csv(tmp_path / "meta.csv")
    assert main(["retail", "--data", str(tmp_path), "--no-ours", "--peers", "snaive", "mstl"]) == 0
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["wape_ratio_best_peer"] is None
    assert set(figures["methods"]) == {"Seasonal naive", "MSTL"}
