"""One business, every face: the checks of a case, each a figure beside the truth."""

import random
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from benchmarks import agreement_faces as faces
from benchmarks.agreement_faces import NotGiven, Periods
from benchmarks.agreement_files import file_bytes
from benchmarks.agreement_reference import COUNTS, MEASURES, Truth, truth_of
from benchmarks.agreement_rows import DAY, Grain, end_of, step_on
from benchmarks.agreement_worlds import World, draw_world
from engine.business.model import Business

Figure = float | date
TOLERANCE = 1e-6
RECENT = {Grain.DAILY: 28, Grain.WEEKLY: 4, Grain.MONTHLY: 3}
"""Periods of the stretch that is compared with the one before it."""

EXPORTED = 5
"""The cleaned workbook of one case in so many is read: it costs more than all else."""

SAYS = {
    "future": r"after today|future|not happened|later than today",
    "stray": r"\bfar from|slip|stray",
    "cancelled": r"cancel|void|refund|status",
    "undated": r"\bdates?\b|dated",
    "filled revenue": r"(?=.*revenue)(?=.*(?:price|fill|work|comput))",
    "filled quantity": r"(?=.*(?:units|quantit))(?=.*(?:price|fill|work|comput))",
    "without any number": r"no number|without (?:a|any) number|neither|blank",
}
"""What a sentence about a kind of row holds beside the count."""


@dataclass(frozen=True)
class Span:
    """Days from the first to the last."""

    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"


@dataclass(frozen=True)
class Case:
    """A drawn business, the truth about it, and its file as the app has it open."""

    world: World
    truth: Truth
    business: Business

    @property
    def latest(self) -> tuple[Span, Span]:
        """The last periods of the data, and as many before them: (before, after)."""
        grain, count = self.truth.grain, RECENT[self.truth.grain]
        first = step_on(self.truth.last_day, grain, 1 - count)
        return Span(step_on(first, grain, -count), first - DAY), Span(first, self.truth.end)

    @property
    def item(self) -> str:
        """One of the items, always the same."""
        return random.Random(self.world.shape.seed).choice(self.world.shape.items).name


@dataclass(frozen=True)
class Check:
    """A figure beside the truth.

    Attributes:
        face: of the app.
        what: the figure is of.
        right: the answers that are right; none where the file cannot give the figure.
        answer: of the face.
    """

    face: str
    what: str
    right: tuple[Figure, ...]
    answer: Figure | NotGiven

    @property
    def fault(self) -> str:
        """ "" where they agree, else "crash", "refused", "invented" or "wrong"."""
        if isinstance(self.answer, NotGiven):
            return "crash" if self.answer.crash else "refused" if self.right else ""
        if not self.right:
            return "invented"
        return "" if any(_equal(self.answer, each) for each in self.right) else "wrong"


@dataclass(frozen=True)
class Findings:
    """All checks of one case, and what should have been said: kind, and whether it was."""

    world: World
    checks: tuple[Check, ...]
    mentions: dict[str, bool]


def examine(seed: int, *, with_forecast: bool) -> Findings:
    """Draw the business of this seed, and ask every face.

    Args:
        seed: of the business.
        with_forecast: also ask the faces that forecast, which takes seconds.
    """
    world = draw_world(seed)
    truth, files = truth_of(world), file_bytes(world)
    opening = faces.ask(partial(faces.open_files, files, world.shape.today))
    if isinstance(opening, NotGiven):
        return Findings(world, (Check("reader", "opens the file", (1.0,), opening),), {})
    case = Case(world, truth, opening)
    checks = [check for each in FACES for check in each(case)]
    if with_forecast and len(files) == 1:
        checks += _forecast_checks(case, *files.items())
    return Findings(world, tuple(checks), _mentions(case))


def _equal(one: Figure, other: Figure) -> bool:
    if isinstance(one, date) or isinstance(other, date):
        return one == other
    return abs(one - other) <= TOLERANCE * max(1.0, abs(one), abs(other))


def _history_checks(case: Case) -> Iterator[Check]:
    for measure in MEASURES:
        for item in ("", case.item):
            answer = faces.ask(partial(faces.history, case.business, measure, item))
            yield from _sums(case, "history", answer, measure, item)


def _home_checks(case: Case) -> Iterator[Check]:
    answer = faces.ask(partial(faces.home, case.business))
    if isinstance(answer, NotGiven):
        yield Check("home", "opening line", (1.0,), answer)
        return
    rows = {len(case.world.rows), sum(row.kind in COUNTS for row in case.world.rows), len(case.truth.lines)}
    yield Check("home", "rows", tuple(map(float, sorted(rows))), float(answer.rows))
    yield Check("home", "first day", (case.truth.first_day,), answer.first)
    yield Check("home", "last day", (case.truth.last_day,), answer.last)
    yield from _sums(case, "home", answer.picture, answer.measure, "")


def _order_checks(case: Case) -> Iterator[Check]:
    answer = faces.ask(partial(faces.order_demand, case.business))
    if isinstance(answer, NotGiven):
        yield Check("orders", "recent demand", (1.0,), answer)
        return
    yield Check("orders", "last day", (case.truth.last_day,), answer.last_day)
    for item in case.world.shape.items[:3]:
        units = answer.items.get(item.name, NotGiven("no such item"))
        yield from _sums(case, "orders", units, "quantity", item.name)
        if "item list" in case.world.shape.oddities:
            stock = answer.on_hand.get(item.name)
            shelf = NotGiven("no stock of it") if stock is None else stock
            yield Check("orders", f"stock of {item.name}", (float(item.stock),), shelf)


def _why_checks(case: Case) -> Iterator[Check]:
    spans = case.latest
    pairs = [(span.first, span.last) for span in spans]
    for measure in MEASURES:
        totals = [case.truth.total(measure, *pair) for pair in pairs]
        right = [() if total is None else (total,) for total in totals]
        answer = faces.ask(partial(faces.change, case.business, measure, *pairs))
        if isinstance(answer, NotGiven):
            for name, span, each in zip(("before", "after"), spans, right, strict=True):
                yield Check("why", f"{measure} {name}, {span}", each, answer)
            continue
        yield Check("why", f"{measure} before, {spans[0]}", right[0], answer.before)
        yield Check("why", f"{measure} after, {spans[1]}", right[1], answer.after)
        for split in answer.splits:
            yield Check("why splits", f"{measure} {split.title}, before {spans[0]}", right[0], split.before)
            yield Check("why splits", f"{measure} {split.title}, after {spans[1]}", right[1], split.after)
            headline = (answer.after - answer.before,)
            yield Check("why splits", f"{measure} {split.title}, parts against the headline", headline, split.parts)


def _budget_checks(case: Case) -> Iterator[Check]:
    if not case.world.spend:
        return
    answer = faces.ask(partial(faces.budget_outcome, case.business))
    if isinstance(answer, NotGiven):
        yield Check("budget", "outcome", (1.0,), answer)
        return
    series = answer.outcome
    span = Span(series.firsts[0], series.lasts[-1])
    total = case.truth.total(answer.measure, span.first, span.last)
    yield Check("budget", f"{answer.measure}, {span}", () if total is None else (total,), _sum_of(series.values))
    weeks = [each for each in case.world.spend if each.week in series.firsts]
    money = sum(amount for each in weeks for _, amount in each.amounts)
    yield Check("budget", f"spend, {span}", (money,), sum(answer.spend.values()))
    end = case.truth.end
    last = end - ((end + DAY).weekday() % 7) * DAY
    yield Check("budget", "last day", (last, last + 7 * DAY), series.lasts[-1])


def _coach_checks(case: Case) -> Iterator[Check]:
    for measure, item, span, words in _questions(case):
        answer = faces.ask(partial(faces.coach, case.business, words))
        total = case.truth.total(measure, span.first, span.last, item)
        reply = answer if isinstance(answer, NotGiven) else answer.total
        yield Check("coach", words, () if total is None else (total,), reply)


def _questions(case: Case) -> Iterator[tuple[str, str, Span, str]]:
    """Measure, item, days and words of the questions that the file can answer."""
    truth, rng = case.truth, random.Random(case.world.shape.seed)
    after = case.latest[1]
    day = rng.choice([line.day for line in truth.lines])
    month = Span(day.replace(day=1), end_of(day.replace(day=1), Grain.MONTHLY))
    whole = after if truth.grain is Grain.WEEKLY else month
    when = f"from {_words(whole.first)} to {_words(whole.last)}" if whole is after else f"in {whole.first:%B %Y}"
    yield "revenue", "", after, f"How much revenue did we make from {_words(after.first)} to {_words(after.last)}?"
    yield "quantity", "", whole, f"How many units did we sell {when}?"
    if any(line.item == case.item for line in truth.within(whole.first, whole.last)):
        yield "quantity", case.item, whole, f"How many {case.item} did we sell {when}?"
    if (week := _last_week(case)) is not None:
        yield "quantity", "", week, "How much did we sell last week?"


def _last_week(case: Case) -> Span | None:
    """The last calendar week before today, where the sales go on until its end; None where its words have two meanings:
    on a Sunday this week may count as over."""
    truth, today = case.truth, case.world.shape.today
    sunday = today - (today.weekday() + 1) * DAY
    week = Span(sunday - 6 * DAY, sunday)
    is_clear = truth.grain is Grain.DAILY and truth.last_day >= sunday and today.weekday() < 6
    return week if is_clear and any(truth.within(week.first, week.last)) else None


def _calendar_checks(case: Case) -> Iterator[Check]:
    yield Check(
        "calendar", "the Coach's last day", (case.truth.last_day,), faces.ask(lambda: faces.coach_today(case.business))
    )
    past = faces.ask(partial(faces.history, case.business, "quantity"))
    end = past if isinstance(past, NotGiven) else _end_of_values(past)
    yield Check("calendar", "last day of the history", (case.truth.end,), end)


def _end_of_values(series: Periods) -> date:
    return max(day for day, value in zip(series.lasts, series.values, strict=True) if value is not None)


def _export_checks(case: Case) -> Iterator[Check]:
    """The cleaned workbook: every cell as it was, or only what counts, or with what was completed."""
    if case.world.shape.seed % EXPORTED:
        return
    sums = faces.ask(partial(faces.cleaned_sums, case.business))
    for measure, header in (("quantity", "Units"), ("revenue", "Revenue")):
        if header not in case.world.shape.columns:
            continue
        cells = [(row.kind in COUNTS, getattr(row, measure) or 0.0) for row in case.world.rows]
        right = {sum(cell for _, cell in cells), sum(cell for counts, cell in cells if counts)}
        total = case.truth.total(measure, date.min, date.max)
        right |= set() if total is None else {total}
        answer = sums if isinstance(sums, NotGiven) else sums.get(header, NotGiven("no such column"))
        yield Check("cleaned workbook", f"sum of {header}", tuple(sorted(right)), answer)


FACES = (
    _history_checks,
    _home_checks,
    _order_checks,
    _why_checks,
    _budget_checks,
    _coach_checks,
    _calendar_checks,
    _export_checks,
)


def _forecast_checks(case: Case, named: tuple[str, bytes]) -> Iterator[Check]:
    """The forecast of the page, its workbook, and the command line's."""
    page = faces.ask(partial(faces.forecast_page, case.business, "quantity"))
    past = page if isinstance(page, NotGiven) else page.past
    yield from _sums(case, "forecast workbook", past, "quantity", "")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / named[0]
        path.write_bytes(named[1])
        answer = faces.ask(partial(faces.command_line, path, "quantity", case.world.shape.today))
    total, first = (answer, answer) if isinstance(answer, NotGiven) else answer
    yield Check("command line", "first day ahead", (_first_ahead(case),), first)
    if not isinstance(page, NotGiven):
        yield Check("command line", "units ahead, beside the page", (page.total,), total)


def _first_ahead(case: Case) -> date:
    shape = case.world.shape
    day = step_on(case.truth.last_day, shape.grain, 1)
    while shape.grain is Grain.DAILY and day.weekday() in shape.closed_weekdays:
        day += DAY
    return day


def _sums(case: Case, face: str, series: Periods | NotGiven, measure: str, item: str) -> Iterator[Check]:
    """All that a series holds, and what it holds of the last periods, over whole periods of its own."""
    of, truth = f"{measure} of {item or 'all items'}", case.truth
    whole, recent = Span(truth.first_day, truth.end), case.latest[1]
    if isinstance(series, NotGiven):
        for name, span in (("all of it", whole), ("lately", recent)):
            total = truth.total(measure, span.first, span.last, item)
            yield Check(face, f"{of}, {name}", () if total is None else (total,), series)
        return
    until = _in_periods(whole, series).last
    total = truth.total(measure, whole.first, until, item)
    yield Check(face, f"{of}, all until {until}", () if total is None else (total,), _sum_of(series.values))
    span = _in_periods(recent, series)
    total = truth.total(measure, span.first, span.last, item)
    inside = [
        value
        for first, last, value in zip(series.firsts, series.lasts, series.values, strict=True)
        if span.first <= first and last <= span.last
    ]
    yield Check(face, f"{of}, {span}", () if total is None else (total,), _sum_of(inside))


def _in_periods(span: Span, series: Periods) -> Span:
    """The part of a span that consists of whole periods of a series; a week may lack its last day."""
    if series.grain == "weekly":
        anchor = series.firsts[-1].weekday()
        first = span.first + (anchor - span.first.weekday()) % 7 * DAY
        ends = span.last + 2 * DAY
        return Span(first, ends - ((ends.weekday() - anchor) % 7 + 1) * DAY)
    if series.grain == "monthly":
        begins = span.first if span.first.day == 1 else step_on(span.first, Grain.MONTHLY, 1)
        return Span(begins, (span.last + 2 * DAY).replace(day=1) - DAY)
    return span


def _sum_of(values: tuple[float | None, ...] | list[float | None]) -> float:
    return sum(value for value in values if value is not None)


def _mentions(case: Case) -> dict[str, bool]:
    """Per kind of row that was left out or completed, whether the texts say how many there were."""
    lines = set(faces.texts(case.business))
    return {kind: _is_told(case, kind, lines) for kind in case.truth.mentions}


def _is_told(case: Case, kind: str, lines: set[str]) -> bool:
    """Whether one line has the count, or several together, one a sheet; of stray rows also their days will do."""
    about = [_numbers(line) for line in lines if re.search(SAYS[kind], line, re.I)]
    right = {*case.truth.mentions[kind]}
    if kind == "undated":  # stray dates may be taken for none
        right |= {count + len(case.truth.stray_days) for count in right}
    if right & {number for numbers in about for number in numbers} or sum(each[0] for each in about if each) in right:
        return True
    text = " ".join(lines)
    return kind == "stray" and all(_words(day) in text or str(day) in text for day in case.truth.stray_days)


def _numbers(line: str) -> list[int]:
    return [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", line)]


def _words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
