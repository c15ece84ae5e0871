"""The answer as a workbook: arithmetic, evidence and what cannot be told keep to their own sheets."""

import io
from datetime import date, timedelta

import openpyxl
import pytest

from engine.business.calendar import Period
from engine.causal import Answers, ChangeQuestion, Event, explain_change
from engine.exports.reports import why_workbook
from tests.causal.files import kiosk

QUESTION = ChangeQuestion(
    "revenue", Period(date(2024, 9, 30), date(2024, 10, 27)), Period(date(2024, 10, 28), date(2024, 11, 24))
)


def book(**shape):
    answers = Answers(events=(Event("=Fair", date(2024, 3, 4), date(2024, 3, 17)),))
    answer = explain_change(kiosk(**shape), QUESTION, answers)
    return openpyxl.load_workbook(io.BytesIO(why_workbook(answer))), answer


def rows(sheet):
    head, *body = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in body if row[1] is not None]


def test_each_layer_has_its_own_sheets():
    made, _ = book()
    assert made.sheetnames == [
        "The change",
        "Drivers",
        "What could overturn it",
        "Over time",
        "Arrows",
        "What runs ahead",
        "Events",
        "Cannot be told",
        "Facts",
    ]


def test_every_week_is_the_sum_of_its_parts():
    made, answer = book()
    weeks = rows(made["Over time"])
    assert len(weeks) == 104
    outcome = f"{answer.evidence.timeline.outcome}, in all"
    for row in weeks:
        parts = [value for name, value in row.items() if name not in ("Start", outcome)]
        assert sum(parts) == pytest.approx(row[outcome])


def test_the_flyers_row_carries_grade_interval_and_the_test_that_settles_it():
    made, _ = book()
    flyers = next(row for row in rows(made["Drivers"]) if "lyer" in row["Driver"])
    assert flyers["Likely from"] < 3.0 < flyers["Likely to"]
    assert flyers["Grade"] in "BC"
    assert "Pause" in flyers["The test that would settle it"]


def test_an_events_name_is_never_run_as_a_formula():
    made, _ = book()
    cell = made["Events"]["A2"]
    assert (cell.value, cell.data_type) == ("=Fair", "s")


def test_twenty_weeks_have_no_sheet_of_evidence():
    first = date(2023, 1, 2)
    before = Period(first + timedelta(weeks=4), first + timedelta(weeks=8, days=-1))
    after = Period(first + timedelta(weeks=8), first + timedelta(weeks=12, days=-1))
    answer = explain_change(kiosk(count=20), ChangeQuestion("revenue", before, after))
    made = openpyxl.load_workbook(io.BytesIO(why_workbook(answer)))
    assert made.sheetnames == ["The change", "Cannot be told", "Facts"]
