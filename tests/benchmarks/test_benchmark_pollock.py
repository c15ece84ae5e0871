"""The score of loading polluted text files, on tables whose overlap is counted by hand."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import pollock
from benchmarks.table_readers import read_own, read_pandas
from benchmarks.table_scores import NOTHING, average, loading_score

TRUTH = [["Day", "Item", "Sold"], ["1 May", "Rye", "4"], ["2 May", "Rye", "6"], ["3 May", "Roll", "9"]]
ROWS = [["Day", "Item", "Sold", "Price"], *([f"{day}/05/2025", "Rye loaf", str(day), "$4.50"] for day in range(1, 21))]


def text_of(rows: list[list[str]]) -> str:
    return "".join(",".join(row) + "\n" for row in rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    clean = text_of(ROWS)
    lines = clean.split("\n")
    lines[9] = lines[9].replace(",", ";")
    spoilt = {"source.csv": clean, "row_less_sep_row3_col3.csv": clean.replace("3,$", "3$", 1),
              "row_field_delimiter_9_0x3B.csv": "\n".join(lines)}  # fmt: skip
    for kind, files in (("csv", spoilt), ("clean", dict.fromkeys(spoilt, clean))):
        (tmp_path / kind).mkdir()
        for name, text in files.items():
            (tmp_path / kind / name).write_text(text)
    return tmp_path


def run(folder: Path, sample: int | None = None) -> tuple[str, dict[str, Any]]:
    return pollock.run(argparse.Namespace(data=folder, sample=sample, seed=1, jobs=1))


def test_a_table_loaded_whole_scores_ten() -> None:
    assert loading_score(TRUTH, [[f" {cell} " for cell in row] for row in TRUTH]).total == 10


def test_a_file_that_is_refused_scores_nothing() -> None:
    assert loading_score(TRUTH, None) == NOTHING
    assert NOTHING.total == 0


def test_a_wrong_cell_costs_its_record_and_itself() -> None:
    score = loading_score(TRUTH, [*TRUTH[:3], ["3 May", "Roll", "8"]])
    assert score.header_f1 == 1
    assert (score.record_precision, score.record_recall) == (2 / 3, 2 / 3)
    assert (score.cell_precision, score.cell_recall) == (8 / 9, 8 / 9)
    assert score.total == pytest.approx(1 + 3 + 3 * 2 / 3 + 3 * 8 / 9)


def test_a_record_too_many_costs_precision_and_one_too_few_recall() -> None:
    more, fewer = loading_score(TRUTH, [*TRUTH, TRUTH[1]]), loading_score(TRUTH, TRUTH[:-1])
    assert (more.record_precision, more.record_recall) == (3 / 4, 1)
    assert (fewer.record_precision, fewer.record_recall) == (1, 2 / 3)
    assert fewer.record_f1 == pytest.approx(0.8)


def test_measures_are_averaged_over_files_before_they_are_added() -> None:
    assert average([loading_score(TRUTH, TRUTH), NOTHING]).total == 5


def test_a_file_of_headers_alone_is_loaded_whole() -> None:
    assert loading_score(TRUTH[:1], TRUTH[:1]).total == 10


def test_three_files_are_loaded_whole_and_pandas_stands_beside(folder: Path) -> None:
    text, figures = run(folder)
    assert (figures["score"], figures["files"], figures["worst"]) == (10, 3, [])
    assert 0 < figures["peers"]["pandas"] < 10
    assert "row_less_sep_row" in text
    json.dumps(figures)


def test_a_sample_is_drawn_at_even_distances(folder: Path) -> None:
    files = [Path(f"{number}.csv") for number in range(9)]
    assert [file.name for file in pollock.sample(files, 3)] == ["0.csv", "3.csv", "6.csv"]
    assert run(folder, sample=2)[1]["files"] == 2


def test_a_row_that_is_not_a_table_to_pandas_is_its_failure_alone(tmp_path: Path) -> None:
    (tmp_path / "long.csv").write_text("a,b,c\n1,2,3\n" * 9 + "1,2,3,4\n")
    assert read_pandas(tmp_path / "long.csv") is None
    assert read_own(tmp_path / "long.csv") is not None


def test_readers_that_are_not_installed_say_how_to_get_them(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for library in ("duckdb", "clevercsv"):
        monkeypatch.setitem(sys.modules, library, None)
    text, figures = run(folder)
    assert figures["peers"]["DuckDB"] == figures["peers"]["clevercsv"] == {"installed": False}
    assert "DuckDB  not installed: pip install -e .[bench]" in text
