"""What each face of the app says of an open file: the only module here that knows the engine's inner ways.

One function a face; each returns plain values. `ask` turns an honest refusal, or a crash, into `NotGiven`.
"""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

import numpy as np
import polars as pl
from numpy.typing import NDArray
from openpyxl import load_workbook

from engine.business.calendar import Period
from engine.business.history import SalesHistory, metrics, span_of
from engine.business.model import Business
from engine.causal import Answers, ChangeQuestion
from engine.coach.context import CoachContext
from engine.coach.plan import TalkContext, Understanding, understand
from engine.coach.registry import Step, carry_out
from engine.coach.understand.classifier import classifier
from engine.coach.understand.intents import Intent
from engine.dataset import Frequency, step
from engine.errors import DataProblem, DyocenseError
from engine.faces import cli
from engine.forecast.bulk import ItemMatrix, item_matrix
from engine.llm.router import Policy
from engine.settings import Settings
from engine.workflows.budget.plan import history_of
from engine.workflows.files import as_one, cleaned_workbook, open_business, what_stops_us
from engine.workflows.forecast.forecasts import forecast_workbook, history_for, run_forecast, usual_horizon
from engine.workflows.forecast.sales_drivers import OwnerCalendar, drivers_for
from engine.workflows.orders import HORIZONS, recent_sales
from engine.workflows.why.explain import explain

Result = TypeVar("Result")

NO_MODEL = Policy(local_works=False, cloud_works=False)
CRASHES: tuple[type[Exception], ...] = (ArithmeticError, AssertionError, AttributeError, LookupError, StopIteration)
CRASHES += (TypeError, ValueError, pl.exceptions.PolarsError)


@dataclass(frozen=True)
class NotGiven:
    """A face has no figure: it says why, or it broke."""

    reason: str
    crash: bool = False


@dataclass(frozen=True)
class Periods:
    """A series: the first and the last day of each period, and its value; None for a period without one."""

    grain: str
    firsts: tuple[date, ...]
    lasts: tuple[date, ...]
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Opening:
    """What Home says: how many rows from when to when, and the measure and values of its picture."""

    rows: int
    first: date
    last: date
    measure: str
    picture: Periods


@dataclass(frozen=True)
class Demand:
    """What Orders starts from: the last day, each item's recent units, and its stock."""

    last_day: date
    items: Mapping[str, Periods]
    on_hand: Mapping[str, float | None]


@dataclass(frozen=True)
class SplitSums:
    """A split of Why: its own totals, and the sum of its parts."""

    title: str
    before: float
    after: float
    parts: float


@dataclass(frozen=True)
class Change:
    """The headline of Why, and its splits."""

    before: float
    after: float
    splits: tuple[SplitSums, ...]


@dataclass(frozen=True)
class Outcome:
    """What Budget learns from: the measure with its values, and the money spent per channel."""

    measure: str
    outcome: Periods
    spend: Mapping[str, float]


@dataclass(frozen=True)
class Reply:
    """The Coach's total, and the days that it says it is of."""

    total: float
    first: date
    last: date


@dataclass(frozen=True)
class Outlook:
    """A forecast: its total, its first day, and the past that goes into its workbook."""

    total: float
    first: date
    past: Periods


def ask(face: Callable[[], Result]) -> Result | NotGiven:
    """What a face gives, or why it gives nothing."""
    try:
        return face()
    except DyocenseError as problem:
        return NotGiven(str(problem))
    except CRASHES as problem:
        return NotGiven(f"{type(problem).__name__}: {problem}", crash=True)


def open_files(files: Mapping[str, bytes], today: date) -> Business:
    """Read the files as one business."""
    content, name = as_one(files)
    return open_business(content, name, Settings(), today=today)


def history(business: Business, measure: str, item: str = "") -> Periods:
    """Forecast's past."""
    return _periods(history_for(business, measure, item))


def home(business: Business) -> Opening:
    """The opening screen."""
    if (stop := what_stops_us(business.dataset)) is not None:
        raise stop
    metric = metrics(business)[0]
    span, rows = span_of(business, metric)
    return Opening(rows, span.first, span.last, metric.key, history(business, metric.key))


def order_demand(business: Business) -> Demand:
    """What Orders would forecast from, without the forecast."""
    rows = recent_sales(business)
    matrix = item_matrix(rows, HORIZONS.get(business.calendar.frequency, 4), business.calendar)
    firsts = _periods_before(matrix)
    items = {
        name: _series(matrix.calendar.frequency, firsts, row)
        for name, row in zip(matrix.items, matrix.values, strict=True)
    }
    last: date = rows["day"].max()  # type: ignore[assignment]
    on_hand = dict(business.items.select("name", "on_hand").iter_rows())
    return Demand(last, items, on_hand)


def change(business: Business, measure: str, before: tuple[date, date], after: tuple[date, date]) -> Change:
    """Why did it change."""
    answer = explain(business, ChangeQuestion(measure, Period(*before), Period(*after)), Answers())
    splits = tuple(
        SplitSums(each.title, each.before, each.after, sum(piece.amount for piece in each.pieces))
        for each in answer.splits
        if "mean per" not in each.title
    )
    return Change(answer.frame.before.total, answer.frame.after.total, splits)


def budget_outcome(business: Business) -> Outcome:
    """What the response curves are fitted to."""
    media = history_of(business)
    keys = [metric.key for metric in metrics(business)]
    spend = {name: float(values.sum()) for name, values in media.spend.items()}
    measure = "revenue" if "revenue" in keys else keys[0]
    return Outcome(measure, _series(media.frequency, media.periods, media.outcome), spend)


def coach(business: Business, question: str) -> Reply:
    """The Coach's answer to a typed question; of two readings that it offers, the owner chooses to look it up."""
    context = CoachContext(business)
    surroundings = TalkContext(context.today, context.items, context.people)
    steps = _lookups(understand(question, classifier(), NO_MODEL, surroundings))
    if not steps:
        raise DataProblem("The Coach does not take this for a question about the file")
    facts = carry_out(steps[0], question, context).facts
    if "not_in_file" in facts:
        raise DataProblem(f"The Coach says that {facts['not_in_file'].value} is not in the file")
    total, first, last = (facts[name].value for name in ("total", "first_day", "last_day"))
    assert isinstance(total, float) and isinstance(first, date) and isinstance(last, date)
    return Reply(total, first, last)


def coach_today(business: Business) -> date:
    """The day that the Coach takes for the last one of the sales."""
    return CoachContext(business).today


def forecast_page(business: Business, measure: str) -> Outlook:
    """The forecast of the page, and the past in its workbook."""
    past = history_for(business, measure)
    drivers = drivers_for(business, past.metric, "", OwnerCalendar())
    result = run_forecast(past, usual_horizon(past), "quick", drivers)
    rows = list(_cells(forecast_workbook(result))["Past"])[1 : len(past) + 1]
    days = tuple(day.date() for day, _ in rows)
    values = np.array([np.nan if value is None else value for _, value in rows], dtype=np.float64)
    facts = result.facts()
    total, first = facts["total_ahead"].value, facts["first_period"].value
    assert isinstance(total, float) and isinstance(first, date)
    return Outlook(total, first, _series(past.calendar.frequency, days, values))


def command_line(path: Path, measure: str, today: date) -> tuple[float, date]:
    """The total ahead and the first day ahead that `dyocense forecast --json` prints on a day."""
    target = io.StringIO()
    with patch.object(cli, "date", _calendar_of(today)), redirect_stdout(target):
        code = cli.main(["forecast", str(path), "--metric", measure, "--json"])
    if code:
        raise DataProblem("The command line could not answer")
    facts = {fact["name"]: fact["value"] for fact in json.loads(target.getvalue())["facts"]}
    return float(facts["total_ahead"]), date.fromisoformat(facts["first_period"])


def cleaned_sums(business: Business) -> Mapping[str, float]:
    """The sum of each column of numbers over all sheets of the cleaned workbook, by its header."""
    sums: dict[str, float] = {}
    for header, *rows in _cells(cleaned_workbook(business)).values():
        for name, *cells in zip(header, *rows, strict=True):
            numbers = [cell for cell in cells if isinstance(cell, int | float)]
            sums[name] = sums.get(name, 0.0) + sum(numbers)
    return sums


def texts(business: Business) -> Iterator[str]:
    """What the owner can read about what was left out, changed or completed."""
    report = business.dataset.report
    yield from business.cautions
    yield from (decision.sentence for decision in business.decisions)
    yield from report.read_as
    yield from report.warnings
    for repair in report.repairs:
        yield f"{repair.what} {repair.where}: {repair.rows} rows, {', '.join(repair.cells)}"
    for question in report.questions:
        yield f"{question.text} {question.chosen}"
    for metric in ("quantity", "revenue"):
        past = ask(partial(history_for, business, metric))
        yield from () if isinstance(past, NotGiven) else past.cautions


def _cells(content: bytes) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of each sheet of a workbook, the header first."""
    book = load_workbook(io.BytesIO(content), read_only=True)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def _lookups(reading: Understanding) -> list[Step]:
    if reading.way == "ask back" and Intent.DATA in reading.choices:
        reading = reading.chosen(Intent.DATA)
    return [each for each in reading.steps if each.tool is Intent.DATA]


def _periods(past: SalesHistory) -> Periods:
    return _series(past.calendar.frequency, tuple(past.periods), past.values)


def _series(frequency: Frequency, firsts: tuple[date, ...], values: NDArray[np.float64]) -> Periods:
    lasts = tuple(step(day, frequency, 1) - timedelta(days=1) for day in firsts)
    numbers = tuple(None if np.isnan(value) else float(value) for value in values)
    return Periods(frequency.value, firsts, lasts, numbers)


def _periods_before(matrix: ItemMatrix) -> tuple[date, ...]:
    """The start of each column of the matrix, counted back from the first period ahead."""
    calendar, count, first = matrix.calendar, matrix.values.shape[1], matrix.ahead[0]
    if calendar.frequency is not Frequency.DAILY:
        return tuple(step(first, calendar.frequency, -k) for k in range(count, 0, -1))
    return tuple(calendar.between(first - timedelta(days=8 * count), first - timedelta(days=1))[-count:])


def _calendar_of(today: date) -> type:
    """A `date` on whose calendar it is always the same day."""

    class Kind(type):
        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, date)

    class Today(metaclass=Kind):
        @staticmethod
        def today() -> date:
            return today

    return Today
