"""The score of the exports benchmark, on three small files whose reading is known."""

import argparse
import json
from pathlib import Path

import pytest

from benchmarks import exports
from benchmarks.exports_right import wrongs

SALES = "Date,Item,Qty,Net sales\n" + "".join(f"2026-03-{day:02},Mug,2,{day}.50\n" for day in range(1, 13))
UNITS, MONEY = 24.0, sum(day + 0.5 for day in range(1, 13))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    group = tmp_path / "fail"
    group.mkdir()
    (group / "right.csv").write_text(SALES)
    (group / "wrong.csv").write_text(SALES)
    (group / "empty.csv").write_text("")
    cases = [
        {"id": "right", "files": ["right.csv"], "expect": {"totals": {"quantity": UNITS, "revenue": MONEY}}},
        {"id": "wrong", "files": ["wrong.csv"], "expect": {"totals": {"quantity": 25.0}}},
        {"id": "empty", "files": ["empty.csv"], "expect": {"totals": {"quantity": 1.0}}},
    ]
    (group / "manifest.json").write_text(json.dumps(cases))
    return tmp_path


def test_each_case_is_right_wrong_in_silence_or_refused(folder: Path) -> None:
    options = argparse.Namespace(data=folder, sample=None, seed=1, jobs=1, forecasts=False)
    text, figures = exports.run(options)
    assert (figures["right"], figures["silently_wrong"], figures["refused"], figures["total"]) == (1, 1, 1, 3)
    assert "quantity 24.0, not 25.0" in text


def test_the_facts_of_a_case_are_those_that_the_pages_use(folder: Path) -> None:
    found = exports.look({"id": "right", "set": "fail", "paths": [folder / "fail" / "right.csv"]})
    assert (found.kind, found.rows, found.periods, found.items) == ("sales", 12, 12, 1)
    assert found.roles["revenue"] == "Net sales"
    assert found.dates == ("2026-03-01", "2026-03-12")


def test_a_caution_that_names_the_matter_counts_where_the_case_says_so() -> None:
    found = {"status": "ok", "says": ["3 rows are left out"], "totals": {"quantity": 5.0}, "roles": {}}
    found |= {
        "items": 1,
        "periods": 1,
        "rows": 1,
        "tables": 1,
        "dates": None,
        "staff": (),
        "channels": (),
        "on_hand": {},
    }
    expect = {"totals": {"quantity": 8.0}}
    assert wrongs(found, expect) == ["quantity 5.0, not 8.0"]
    assert wrongs(found, expect | {"or_says": ["left out"]}) == []
