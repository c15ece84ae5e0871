"""A wholesaler's file with all items: read, laid on one calendar, forecast in parts."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from engine.compute import processes
from engine.dataset import Frequency
from engine.errors import DataProblem, MissingColumn, TooLittleHistory
from engine.forecast import bulk
from engine.forecast.bulk import Columns, forecast_file, item_matrix, read_sales

MONDAY = date(2024, 1, 1)


def days(count: int) -> list[date]:
    return [MONDAY + timedelta(days=k) for k in range(count)]


def rows(**sold: list[float | None]) -> pl.DataFrame:
    frames = [
        pl.DataFrame({"day": days(len(values)), "item": [item] * len(values), "value": values}, strict=False)
        for item, values in sold.items()
    ]
    return pl.concat(frames).with_columns(pl.col("value").cast(pl.Float64)).drop_nulls("value")


@pytest.fixture
def wholesaler(tmp_path):
    rng = np.random.default_rng(1)
    sold = rng.poisson(np.linspace(0.3, 60, 30)[:, None], (30, 120))
    frame = pl.DataFrame(
        {
            "Day": days(120) * 30,
            "Article": np.repeat([f"A{k:02d}" for k in range(30)], 120),
            "Price": 2.5,
            "Units": sold.ravel(),
        }
    )
    path = tmp_path / "wholesaler.parquet"
    frame.write_parquet(path)
    return path


def test_an_open_day_without_a_row_is_a_zero_a_closed_day_is_unknown_and_an_item_has_a_start():
    table = item_matrix(
        rows(bolts=[1, 2, None, None, 3, 4, 5, 6, 7, 8, 9, 9], nuts=[None, None, None, 5, None, 1, 1, 1, 1, 1, 1, 1]), 2
    )
    assert table.items == ("bolts", "nuts")
    expected = [
        [1, 2, np.nan, 0, 3, 4, 5, 6, 7, 8, 9, 9],
        [np.nan, np.nan, np.nan, 5, 0, 1, 1, 1, 1, 1, 1, 1],
    ]
    assert np.array_equal(table.values, expected, equal_nan=True)
    assert table.ahead == (MONDAY + timedelta(days=12), MONDAY + timedelta(days=13))


def test_a_day_whose_rows_hold_no_number_is_unknown_and_not_a_zero():
    sold = pl.concat([rows(bolts=[4.0] * 12), rows(nuts=[2.0] * 12)])
    blank = (pl.col("item") == "nuts") & pl.col("day").is_in(days(12)[3:5])
    table = item_matrix(sold.with_columns(pl.when(~blank).then("value").alias("value")), 1)
    assert np.flatnonzero(np.isnan(table.values[1])).tolist() == [3, 4]
    assert not np.isnan(table.values[0]).any()


def test_an_item_without_any_number_is_not_expected_to_sell():
    unknown = pl.DataFrame({"day": days(12), "item": "ghost", "value": [None] * 12}, schema_overrides={"value": float})
    table = item_matrix(pl.concat([rows(bolts=[4.0] * 12), unknown]), 1)
    assert table.values[1].tolist() == [0.0] * 12


def test_mistyped_years_and_days_after_today_are_left_out_and_said(tmp_path):
    sold = rows(bolts=[3.0, 5.0] * 20)
    odd = sold.head(1).with_columns(day=pl.lit(date(2099, 1, 1)))
    path = tmp_path / "sales.parquet"
    pl.concat([sold, odd]).write_parquet(path)
    made = forecast_file(path, tmp_path / "out", horizon=3, columns=Columns(until=MONDAY + timedelta(days=29)))
    assert made.periods[0] == MONDAY + timedelta(days=30)
    assert made.cautions[0].startswith("11 rows dated after today, up to 1 January 2099, are left out")


@pytest.mark.parametrize(
    ("sign", "written"),
    [(",", "2024-01-{:02d},bolts,3.5"), (";", "{:02d}.01.2024;bolts;3,5"), ("\t", "2024-01-{:02d}\tbolts\t3.5")],
)
def test_a_csv_file_may_be_written_as_offices_write_it(sign, written, tmp_path):
    path = tmp_path / "sales.csv"
    path.write_text("\n".join([sign.join(("day", "item", "units")), *(written.format(day) for day in range(1, 10))]))
    found = read_sales(path, Columns())
    assert found["day"].to_list() == days(9)
    assert found["value"].to_list() == [3.5] * 9


def test_dates_that_could_be_read_in_two_ways_are_refused(tmp_path):
    path = tmp_path / "sales.parquet"
    pl.DataFrame({"day": ["03/04/2024"] * 9, "item": "bolts", "units": 1.0}).write_parquet(path)
    with pytest.raises(DataProblem, match=r"dates cannot be read.*2026-03-31"):
        read_sales(path, Columns(day="day"))


def test_several_rows_of_a_day_are_added_and_returns_are_told():
    frame = pl.concat([rows(bolts=[4.0] * 12), rows(bolts=[-1.0] * 11 + [-9.0])])
    table = item_matrix(frame, 1)
    assert table.values[0].tolist() == [3.0] * 11 + [0.0]
    assert table.returned == 1


def test_months_are_recognised():
    months = pl.date_range(MONDAY, date(2026, 12, 1), "1mo", eager=True)
    frame = pl.DataFrame({"day": months, "item": "bolts", "value": 1.0})
    table = item_matrix(frame, 0)
    assert table.calendar.frequency is Frequency.MONTHLY
    assert len(table.ahead) == 12


def test_every_item_has_each_day_and_a_total(wholesaler, tmp_path):
    made = forecast_file(wholesaler, tmp_path / "out", horizon=14)
    frame = made.frame().collect()
    assert made.items == 30
    assert frame.group_by("item").len()["len"].unique().to_list() == [15]
    totals = frame.filter(pl.col("period").is_null()).sort("item")
    truth = 14 * np.linspace(0.3, 60, 30)
    assert totals["mean"].to_numpy() == pytest.approx(truth, rel=0.25, abs=4)
    assert (totals["lower_95"] <= totals["mean"]).all()
    assert (totals["mean"] <= totals["upper_95"]).all()
    ordered = frame.select(pl.all_horizontal(pl.col("lower_95") <= pl.col("lower_80"), pl.col("lower_80") >= 0))
    assert ordered.to_series().all()


def test_parts_in_two_processes_are_the_same_as_here(wholesaler, tmp_path, monkeypatch):
    monkeypatch.setattr(bulk, "CHUNK_ITEMS", 8)
    here = forecast_file(wholesaler, tmp_path / "here", horizon=7)
    there = forecast_file(wholesaler, tmp_path / "there", horizon=7, runner=processes(2))
    assert len(there.files) == 4
    assert there.frame().collect().equals(here.frame().collect())


def test_a_file_with_other_sales_does_not_go_on_in_the_same_folder(wholesaler, tmp_path):
    forecast_file(wholesaler, tmp_path / "out", horizon=7)
    pl.read_parquet(wholesaler).with_columns(pl.col("Units") + 1).write_parquet(wholesaler)
    with pytest.raises(DataProblem, match="another run"):
        forecast_file(wholesaler, tmp_path / "out", horizon=7)


def test_columns_are_found_by_type_and_name_or_named(wholesaler):
    found = read_sales(wholesaler, Columns())
    assert found.columns == ["day", "item", "value"]
    assert found["value"].sum() == pl.read_parquet(wholesaler)["Units"].sum()
    assert read_sales(wholesaler, Columns(value="Price"))["value"].max() == 2.5


@pytest.mark.parametrize(
    ("frame", "problem"),
    [
        (pl.DataFrame({"Article": ["a"], "Units": [1]}), MissingColumn),
        (pl.DataFrame({"Day": [MONDAY], "Article": ["a"], "Left": [1], "Right": [2]}), MissingColumn),
    ],
)
def test_a_file_without_a_needed_column_says_which_there_are(frame, problem, tmp_path):
    path = tmp_path / "sales.parquet"
    frame.write_parquet(path)
    with pytest.raises(problem, match=r"Choose one of: .*Article"):
        read_sales(path, Columns())


def test_what_is_no_table_is_named(tmp_path):
    path = tmp_path / "photo.parquet"
    path.write_bytes(b"not a table")
    with pytest.raises(DataProblem, match=r"photo\.parquet"):
        read_sales(path, Columns())


def test_three_days_are_too_few():
    with pytest.raises(TooLittleHistory):
        item_matrix(rows(bolts=[1, 2, 3]), 1)
