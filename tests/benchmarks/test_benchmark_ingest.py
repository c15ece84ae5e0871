"""The score of the reading benchmark, on three tiny files whose answers are known."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import ingest, reading_speed
from benchmarks.mutations import CONVENTIONS
from benchmarks.readers import READERS

BAKERY = "Datum;Artikel;Umsatz\n" + "".join(f"{day:02}.01.2025;Roggen;1.000,5\n" for day in range(1, 13))
EXPECT = {
    "status": "ok",
    "header_row": 1,
    "n_data_rows": 12,
    "date_column": "Datum",
    "date_min": "2025-01-01",
    "date_max": "2025-01-12",
    "value_column": "Umsatz",
    "value_sum": 12006.0,
    "value_n": 12,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bakery.csv").write_text(BAKERY)
    (tmp_path / "words.csv").write_text("a,b\nred,blue\ngreen,pink\n")
    (tmp_path / "dates.csv").write_text("date,qty\n3/4/2025,1\n5/6/2025,2\n7/8/2025,2\n")
    cases = [
        {"id": "bakery", "file": "bakery.csv", "expect": EXPECT},
        {"id": "words", "file": "words.csv", "expect": {"status": "refuse_no_series"}},
        {"id": "dates", "file": "dates.csv", "expect": {"status": "ask_or_refuse"}},
    ]
    (tmp_path / "manifest.json").write_text(json.dumps(cases))
    return tmp_path


def run(folder: Path, **changes: Any) -> dict[str, Any]:
    options = {"data": folder, "sample": None, "seed": 1, "mutations": 0, "speed": False} | changes
    return ingest.run(argparse.Namespace(**options))[1]


def test_three_files_read_as_expected_are_three_right(folder: Path) -> None:
    figures = run(folder)
    assert (figures["right"], figures["total"], figures["silently_wrong"], figures["tracebacks"]) == (3, 3, 0, 0)
    assert [one["status"] for one in figures["files"]] == ["ok", "refuse", "ask"]
    json.dumps(figures)


@pytest.mark.parametrize(
    ("change", "silent"),
    [
        ({"value_sum": 12007.0}, True),
        ({"n_data_rows": 11}, True),
        ({"header_row": 2}, True),
        ({"date_max": "2025-12-01"}, True),
        ({"status": "ask_or_refuse"}, True),
        ({"status": "refuse"}, True),
        ({"status": "ok_too_short"}, False),
    ],
)
def test_a_figure_that_differs_is_wrong_and_silent_unless_only_the_word_differs(
    folder: Path, change: dict[str, Any], silent: bool
) -> None:
    reading = ingest.look(folder / "bakery.csv", "bakery")
    wrong = ingest.differences(reading, EXPECT | change)
    assert wrong
    assert ingest.is_silent(reading, EXPECT | change, wrong) is silent


def test_a_refusal_where_a_table_was_expected_is_wrong_but_not_silent(folder: Path) -> None:
    reading = ingest.look(folder / "words.csv", "words")
    wrong = ingest.differences(reading, EXPECT)
    assert wrong
    assert not ingest.is_silent(reading, EXPECT, wrong)


def test_pandas_reads_a_decimal_comma_as_words(folder: Path) -> None:
    pandas = dict(READERS)["pandas"]
    assert pandas(folder / "bakery.csv", EXPECT) is False
    assert pandas(folder / "words.csv", {"status": "refuse"}) is None


def test_readers_that_are_not_installed_say_how_to_get_them(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for library in ("duckdb", "clevercsv"):
        monkeypatch.setitem(sys.modules, library, None)
    options = argparse.Namespace(data=folder, sample=None, seed=1, mutations=0, speed=False)
    text, figures = ingest.run(options)
    assert figures["peers"]["DuckDB"] == figures["peers"]["clevercsv"] == {"installed": False}
    for name in ("DuckDB", "clevercsv"):
        assert f"{name}  not installed: pip install -e .[bench]" in text


def test_clevercsv_that_finds_no_form_in_a_file_is_wrong_there(tmp_path: Path) -> None:
    pytest.importorskip("clevercsv")
    (tmp_path / "empty.csv").write_text("\n")
    assert dict(READERS)["clevercsv"](tmp_path / "empty.csv", EXPECT) is False


def test_copies_are_counted_by_what_was_done_to_them(folder: Path) -> None:
    figures = run(folder, mutations=12)
    assert figures["mutations"] == {"tried": 12, "tracebacks": 0, "slow": 0, "changed_sums": 0}


def test_each_country_writes_a_million_its_own_way() -> None:
    texts = {convention.locale: convention.number(1234567.5) for convention in CONVENTIONS}
    assert texts["en-US"] == "1,234,567.5"
    assert texts["de"] == "1.234.567,5"
    assert texts["fr"] == "1\u202f234\u202f567,5"


@pytest.mark.slow
def test_the_speed_of_a_small_workbook_and_text_is_a_ratio_to_the_bare_libraries() -> None:
    timings = reading_speed.measure(workbook_rows=300, text_rows=300)
    assert [timing.rows for timing in timings] == [150, 300, 150, 300]
    assert all(timing.cpu_seconds > 0 and timing.peak_megabytes > 0 for timing in timings)
    json.dumps(reading_speed.figures(timings))


def test_memory_is_held_against_five_times_the_file_and_300_megabytes() -> None:
    timing = reading_speed.Timing("sales.csv", 500_000, 20.0, 1.0, 0.1, 10.0, 350.0, 5 * 20.0 + 300.0)
    (figures,) = reading_speed.figures([timing])
    assert (figures["limit_megabytes"], figures["cpu_seconds_per_million_rows"]) == (400.0, 2.0)
    assert "350" in reading_speed.text([timing])
