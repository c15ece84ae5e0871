"""Questions about what is in the file: how much, when, of what, and how that compares."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import polars as pl

from engine.business.calendar import Period
from engine.charts import records as charts
from engine.coach.context import CoachContext, CoachQuestion, Picture, ToolResult
from engine.coach.dimensions import CATEGORIES, ITEMS, STORES, Grouping, grouping_in, regrouped
from engine.coach.measures import (
    ALL,
    READ,
    Measured,
    covered,
    drawn,
    measured,
    need_rows,
    part_of,
    ranking,
    totals,
)
from engine.coach.question_scope import (
    Selection,
    called,
    in_order,
    narrowed,
    not_in_file,
    places_in,
    selections,
    together,
    words_of,
)
from engine.coach.tools.lists import spent, staff, stock
from engine.coach.understand.times import WEEKDAYS, shifted
from engine.dataset import Frequency, in_words
from engine.errors import DataProblem
from engine.facts import Fact, Facts
from engine.narrate.narrator import Page

STOCKED = re.compile(r"\b(?:in stock|stock|inventory|on hand|on the shel(?:f|ves))\b", re.I)
ADVERTISED = re.compile(r"\b(?:spen[dt]\w*|cost\w*)\b.*\b(?:ads?|advert\w*|marketing|campaigns?|promotion)\b", re.I)
ADVERTISING = re.compile(r"\b(?:ad|marketing|advertising) (?:spend|budget|costs?)\b", re.I)
EMPLOYED = re.compile(r"\b(?:employees|staff|people work|workers|team)\b", re.I)
BOTTOM = re.compile(r"\b(?:worst[- ]sell\w*|slowest|least|bottom|lowest[- ]sell\w*)\b", re.I)
TOP = re.compile(
    r"\b(?:best[- ]sell\w*|top|most (?:sold|popular)|which (?:items?|products?)|share|by (?:item|product)|rank\w*"
    r"|which of)\b",
    re.I,
)
WHICH = re.compile(rf"\bwhich (?!(?:days?|weeks?|months?|quarters?|years?|{'|'.join(WEEKDAYS)})\b)", re.I)
SHARE = re.compile(r"\b(?:share|percent(?:age)?|proportion)\b", re.I)
BEST = re.compile(r"\b(?:best|busiest|strongest|highest|record|peak)\b", re.I)
WORST = re.compile(r"\b(?:worst|weakest|quietest|lowest|slowest)\b", re.I)
MEAN = re.compile(r"\b(?:average|mean|typical\w*|usual\w*|per day|a day|daily)\b", re.I)
YEAR_AGO = re.compile(r"\b(?:year[- ](?:on|over)[- ]year|a year ago|last year|year before|previous year)\b", re.I)
EVERY = re.compile(rf"\b({'|'.join(WEEKDAYS)})s\b", re.I)
LONG = 300
WEEK = timedelta(days=7)


def data_question(context: CoachContext, asked: CoachQuestion) -> ToolResult:
    """What the file says of one stretch of time.

    Raises:
        DataProblem: the file has no such column, or nothing in that stretch.
    """
    if STOCKED.search(asked.question):
        return stock(context, asked)
    if ADVERTISED.search(asked.question) or ADVERTISING.search(asked.question):
        return spent(context, asked)
    if EMPLOYED.search(asked.question) and not asked.arguments.spans:
        return staff(context.business)
    made, spans = _on_weekday(measured(context, asked.question), asked)
    span, grouping = covered(made, spans), grouping_in(asked.question, context.business)
    everything, whole, (made, arguments) = made.within(span), made, narrowed(made, asked.question, asked.arguments)
    chosen = together(arguments)
    rows = made.within(span, chosen.items)
    need_rows(rows, span, chosen.label)
    ranked = regrouped(rows, grouping, context.business.columns)
    is_part, label = made is not whole or bool(chosen.items), chosen.label or f"all {grouping.nouns}"
    facts = [] if chosen.items else [*not_in_file(asked.question, context.items, words_of(made), context.business)]
    facts += [*totals(made, label, span, rows), *_before(made, chosen, span, rows)]
    facts += ranking(made, ranked, grouping, of_part=is_part)
    kind = _kind(asked.question, grouping, is_part=is_part, several=len(chosen.items) != 1)
    facts += part_of(everything, rows) if is_part and (kind == "data top" or SHARE.search(asked.question)) else []
    return ToolResult(kind, Facts(tuple(facts)), picture=drawn(made, ranked, kind), link="pages/forecast.py", most=4)


def comparison(context: CoachContext, asked: CoachQuestion) -> ToolResult:
    """Two stretches of time, or two items, side by side.

    Raises:
        DataProblem: the file has no such column, or nothing in one of the two.
    """
    made = measured(context, asked.question)
    spans = asked.arguments.spans
    sided, sides = _sides(made, asked)
    if len(sides) >= 2:
        return _side_by_side(sided, sides[:2], covered(made, spans))
    grouping = grouping_in(asked.question, context.business)
    over_time = len(spans) >= 2 or YEAR_AGO.search(asked.question)
    if not over_time and (grouping is not ITEMS or (not spans and TOP.search(asked.question))):
        return data_question(context, asked)
    if grouping is not ITEMS:
        regrouped(made.rows, grouping, context.business.columns)
        raise DataProblem(
            f"Two times are compared for one {grouping.noun} or for all of them together",
            remedy=f"Name the {grouping.noun}, or ask which {grouping.noun} was ahead in one of the two times.",
        )
    made, arguments = narrowed(made, asked.question, asked.arguments)
    chosen = together(arguments)
    earlier, later = _two_spans(made, asked)
    rows = [made.within(span, chosen.items) for span in (earlier, later)]
    for span, found in zip((earlier, later), rows, strict=True):
        need_rows(found, span, chosen.label)
    return _paired(made, chosen.label, (earlier, later), rows)


def _on_weekday(made: Measured, asked: CoachQuestion) -> tuple[Measured, tuple[Period, ...]]:
    """ "On Saturdays" means every Saturday of the time asked for, not only the latest."""
    named = {found[1].casefold() for found in EVERY.finditer(asked.question)}
    spans = asked.arguments.spans
    if len(named) != 1 or made.calendar.frequency is not Frequency.DAILY:
        return made, spans
    weekday = WEEKDAYS.index(named.pop())
    rows = made.rows.filter(pl.col("day").dt.weekday() == weekday + 1)
    name = WEEKDAYS[weekday].capitalize()
    if rows.is_empty():
        raise DataProblem(f"Your file has no {name}", remedy="Ask about another day.")
    label = f"{made.label} on {name}s"
    others = tuple(span for span in spans if span.days > 1 or span.first.weekday() != weekday)
    return replace(made, label=label, rows=rows), others


def _kind(question: str, grouping: Grouping, *, is_part: bool, several: bool) -> Page:
    if is_part and grouping is ITEMS and SHARE.search(question):
        return "data total"
    if grouping is not ITEMS or (is_part and several and WHICH.search(question)):
        return "data bottom" if BOTTOM.search(question) or WORST.search(question) else "data top"
    asked: tuple[tuple[re.Pattern[str], Page], ...] = (
        (BOTTOM, "data bottom"),
        (TOP, "data top"),
        (BEST, "data best"),
        (WORST, "data worst"),
        (MEAN, "data mean"),
    )
    return next((page for words, page in asked if words.search(question)), "data total")


def _before(made: Measured, chosen: Selection, span: Period, rows: pl.DataFrame) -> list[Fact]:
    """The change against the stretch of the same length just before, where the file has all of it."""
    day = span.days == 1
    earlier = Period(span.first - WEEK, span.last - WEEK) if day else stretch_before(span)
    before = made.within(earlier, chosen.items)
    if earlier.first < made.whole.first or before.is_empty():
        return []
    mean = made.per_period(before)["value"].mean()
    now = made.per_period(rows)["value"].mean()
    if not isinstance(mean, float | int) or not isinstance(now, float | int) or mean <= 0:
        return []
    noun = made.calendar.frequency.period
    basis = f"mean per {noun}, against {in_words(earlier.first)} to {in_words(earlier.last)}"
    name, label = (
        ("change_week", "Change on a week before") if day else ("change_before", "Change on the stretch before")
    )
    return [Fact(name, label, 100 * (now / mean - 1), "%", basis)]


def _two_spans(made: Measured, asked: CoachQuestion) -> tuple[Period, Period]:
    """The earlier and the later stretch; the second one is guessed from the first where only one is named."""
    spans = sorted(asked.arguments.spans, key=lambda span: span.first)
    whole = made.whole
    if len(spans) >= 2:
        return covered(made, spans[:1]), covered(made, spans[1:2])
    later = covered(made, spans) if spans else Period(max(whole.first, whole.last - timedelta(days=27)), whole.last)
    if not YEAR_AGO.search(asked.question):
        return covered(made, [stretch_before(later)]), later
    if later.days > LONG:  # "last year" was the other side of the comparison
        later = Period(max(whole.first, whole.last - timedelta(days=27)), whole.last)
    return covered(made, [_year_before(later, made.calendar.frequency)]), later


def _year_before(span: Period, frequency: Frequency) -> Period:
    """The same months where they are whole or days are not told apart, else the same weekdays."""
    after = span.last + timedelta(days=1)
    if frequency in (Frequency.DAILY, Frequency.WEEKLY) and not span.first.day == after.day == 1:
        return Period(span.first - timedelta(days=364), span.last - timedelta(days=364))
    first = shifted(span.first, -12)
    return Period(first, max(first, shifted(after, -12) - timedelta(days=1)))  # 28 February of a leap year


def stretch_before(span: Period) -> Period:
    """The stretch just before: whole months before whole months, else as many days."""
    last = span.first - timedelta(days=1)
    if span.first.day == 1 and (span.last + timedelta(days=1)).day == 1:
        months = (span.last.year - span.first.year) * 12 + span.last.month - span.first.month + 1
        return Period(shifted(span.first, -months), last)
    return Period(span.first - timedelta(days=span.days), last)


def _paired(made: Measured, item: str, spans: tuple[Period, Period], rows: Sequence[pl.DataFrame]) -> ToolResult:
    noun = made.calendar.frequency.period
    series = [made.per_period(each) for each in rows]
    means = [float(each["value"].mean() or 0.0) for each in series]  # type: ignore[arg-type]
    facts = [
        Fact("measure", "What is counted", made.label, "", READ),
        Fact("item", "Of which item", item or ALL, "", READ),
        Fact("days", f"{noun.capitalize()}s compared", series[1].height, f"{noun}s", f"{noun}s that have a row"),
    ]
    for name, span, found in zip(("earlier", "later"), spans, rows, strict=True):
        basis = f"sum of {found.height:,} rows of your file"
        facts += [
            Fact(f"{name}_first", f"The {name} stretch: from", span.first, "", READ),
            Fact(f"{name}_last", f"The {name} stretch: to", span.last, "", READ),
            Fact(f"{name}_total", f"The {name} stretch", float(found["value"].sum()), made.unit, basis),
        ]
    if means[0] > 0:
        basis = f"mean per {noun}, later against earlier"
        facts.append(Fact("change", f"Change per {noun}", 100 * (means[1] / means[0] - 1), "%", basis))
    names = [f"{in_words(span.first)} to {in_words(span.last)}" for span in spans]
    return ToolResult("pair", Facts(tuple(facts)), picture=_bars(made, names, rows), link="pages/forecast.py")


def _sides(made: Measured, asked: CoachQuestion) -> tuple[Measured, tuple[Selection, ...]]:
    """Two stores or two categories where two are named, else the items; with the rows that have them as `item`."""
    only, arguments = narrowed(made, asked.question, asked.arguments)
    for grouping in (STORES, CATEGORIES):
        names = places_in(asked.question, made, grouping)
        if len(names) < 2 or (grouping is CATEGORIES and selections(arguments)):
            continue
        only, _ = narrowed(made, asked.question, asked.arguments, keep=grouping)
        chosen = together(arguments)
        rows = only.rows.filter(pl.col("item").is_in(list(chosen.items))) if chosen.items else only.rows
        label = f"{only.label}, {chosen.label}" if chosen.items else only.label
        rows = rows.with_columns(item=pl.col(grouping.key))
        sides = (Selection(called(name, grouping), (name,)) for name in names)
        return replace(only, label=label, rows=rows), tuple(sides)
    return only, in_order(selections(arguments), asked.question)


def _side_by_side(made: Measured, sides: Sequence[Selection], span: Period) -> ToolResult:
    names = [side.label for side in sides]
    rows = [made.within(span, side.items) for side in sides]
    for name, found in zip(names, rows, strict=True):
        need_rows(found, span, name)
    totals = [float(found["value"].sum()) for found in rows]
    facts = [
        Fact("measure", "What is counted", made.label, "", READ),
        Fact("first_day", "From", span.first, "", READ),
        Fact("last_day", "To", span.last, "", READ),
        Fact("later_item", "The first", names[0], "", READ),
        Fact("earlier_item", "The second", names[1], "", READ),
        Fact("later_total", f"Of {names[0]}", totals[0], made.unit, f"sum of {rows[0].height:,} rows of your file"),
        Fact("earlier_total", f"Of {names[1]}", totals[1], made.unit, f"sum of {rows[1].height:,} rows of your file"),
    ]
    if totals[1] > 0:
        change = 100 * (totals[0] / totals[1] - 1)
        name = "item_change" if all(len(side.items) == 1 for side in sides) else "side_change"
        facts.append(Fact(name, "Difference", change, "%", f"{names[0]} against {names[1]}"))
    return ToolResult("pair", Facts(tuple(facts)), picture=_bars(made, names, rows), link="pages/forecast.py")


def _bars(made: Measured, names: Sequence[str], rows: Sequence[pl.DataFrame]) -> Picture:
    values = [float(found["value"].sum()) for found in rows]
    figure = charts.bars(names, values, made.label, made.unit)
    return Picture(figure, charts.bars_alt(names, values, made.label, made.unit))
