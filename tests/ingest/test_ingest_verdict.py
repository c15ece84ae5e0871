"""One word for what a file is good for, and one sentence for its owner."""

from collections.abc import Callable

import pytest

from engine.ingest import read_dataset
from engine.ingest.verdict import FileVerdict, Readiness, verdict

DAYS = [f"2025-01-{day:02}" for day in range(1, 29)]


def judged(text: str) -> FileVerdict:
    return verdict(read_dataset(text.encode(), "file.csv"))


def test_four_weeks_of_sales_are_fine() -> None:
    found = judged("date,item,qty,revenue\n" + "".join(f"{day},Rye,3,4.5\n" for day in DAYS))
    assert (found.status, found.date_column, found.value_column) == (Readiness.OK, "date", "revenue")
    assert "28 rows" in found.reason


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("date,qty\n2025-01-01,3\n2025-01-02,4\n2025-01-03,4\n", Readiness.TOO_SHORT),
        ("date,qty\n2025-01-01,3\n2025-01-02,4\n", Readiness.REFUSE),
        ("item,cost\nRye,1.2\nOat,1.4\n", Readiness.NO_TIME_AXIS),
        ("a,b,c\n1,2,3\nOnce,5,6\n", Readiness.REFUSE),
        ("foo,bar\nred,blue\ngreen,pink\n", Readiness.REFUSE),
        ("date,note\n" + "".join(f"{day},Rain on {day}\n" for day in DAYS), Readiness.NO_NUMBERS),
        ("employee,mon,tue\nBaker 1,yes,no\nBaker 2,no,yes\n", Readiness.NO_NUMBERS),
        ("date,qty\n3/4/2025,1\n5/6/2025,2\n7/8/2025,2\n", Readiness.ASK),
    ],
)
def test_each_kind_of_file_gets_its_word(text: str, status: Readiness) -> None:
    found = judged(text)
    assert found.status is status
    assert found.reason


def test_repeated_rows_are_a_question_that_stops_nobody() -> None:
    found = judged("date,qty\n" + "".join(f"{day},3\n{day},3\n" for day in DAYS))
    assert found.status is Readiness.OK


def test_a_question_about_a_summary_does_not_hold_up_the_sales(workbook: Callable[..., bytes]) -> None:
    sales = [("Date", "Amount"), *((day, 3) for day in DAYS)]
    summary = [("Month", "Amount"), ("January", 84), ("February", 70), ("March", 90)]
    dataset = read_dataset(workbook({"Sales": sales, "Summary": summary}), "shop.xlsx")
    assert any("which year" in question.text for question in dataset.report.questions)
    assert verdict(dataset).status is Readiness.OK
