"""What is in the owner's file, and what the words on the pages mean: looked up, and set side by side."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import polars as pl

from engine.business.calendar import Period
from engine.business.measures import Measure
from engine.business.model import Business
from engine.business.query import Filter, Query, run, unavailable
from engine.coach.context import READ, CoachContext, CoachQuestion, QuestionFact, Tool, ToolResult
from engine.coach.figures import (
    ALL,
    CATEGORIES,
    CHANNELS,
    FURTHER,
    ITEMS,
    STORES,
    Figures,
    Grouping,
    bars,
    covered,
    figures_in,
    figures_of,
    grouping_in,
    need_rows,
    other_measure_in,
    part_of,
    picture_of,
    ranking,
    spend_of,
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
from engine.coach.understand.intents import Intent
from engine.coach.understand.times import WEEKDAYS, shifted, stretch_before
from engine.dataset import Frequency, in_words
from engine.errors import DataProblem, MissingColumn
from engine.facts import Fact, Facts
from engine.narrate.glossary import GLOSSARY, term_in
from engine.narrate.narrator import Page
from engine.workflows.budget.plan import short_name

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


def explained(context: CoachContext, question: CoachQuestion) -> ToolResult:
    """What a term means; the terms that can be asked for when the question names none."""
    term = term_in(question.text)
    if term is None:
        terms = ", ".join(term.name for term in GLOSSARY[:12])
        text = f"I can explain the words on these pages, for example: {terms}. Which one do you mean?"
        return ToolResult(None, Facts(()), text=text)
    return ToolResult(None, Facts(()), text=f"{term.name[0].upper()}{term.name[1:]}: {term.text}")


def data_question(context: CoachContext, question: CoachQuestion) -> ToolResult:
    """What the file says of one stretch of time.

    Raises:
        DataProblem: the file has no such column, or nothing in that stretch.
    """
    text, business = question.text, context.business
    if STOCKED.search(text):
        return stock(context, question)
    if ADVERTISED.search(text) or ADVERTISING.search(text):
        return marketing(context, question)
    if EMPLOYED.search(text) and not question.arguments.spans:
        return staff(business)
    if (measure := other_measure_in(text)) is not None:
        return _as_it_is(context, question, measure)
    whole, spans = _on_weekday(figures_in(context, text), question)
    span, grouping = covered(whole, spans), grouping_in(text, business)
    figures, arguments = narrowed(whole, text, question.arguments)
    chosen = together(arguments)
    need_rows(figures, span, chosen.label, chosen.where)
    ranked, total = figures.ranked(span, chosen.where, grouping), figures.total(span, chosen.where)
    is_part, label = figures is not whole or bool(chosen.items), chosen.label or f"all {grouping.nouns}"
    facts = [] if chosen.items else [*not_in_file(text, context.items, words_of(figures), business)]
    facts += [*totals(figures, label, span, chosen.where), *_before(figures, chosen, span)]
    facts += ranking(ranked, total, figures.unit, grouping, of_part=is_part)
    kind = _kind(text, grouping, is_part=is_part, several=len(chosen.items) != 1)
    facts += part_of(whole.total(span), total) if is_part and (kind == "data top" or SHARE.search(text)) else []
    picture = picture_of(figures, ranked, figures.per_period(span, chosen.where), kind)
    return ToolResult(kind, Facts(tuple(facts)), picture=picture, link="pages/forecast.py", most=4)


def _as_it_is(context: CoachContext, question: CoachQuestion, measure: Measure) -> ToolResult:
    """A measure that is no plain sum, of one stretch of time and of the items that the question names.

    Raises:
        DataProblem: the file cannot give it, or has nothing in that stretch.
    """
    business, chosen = context.business, together(question.arguments)
    lack = unavailable(business, measure.key)
    if lack is not None:
        raise MissingColumn(lack.missing, available=lack.available)
    span = covered(figures_of(business, context.metrics[0]), question.arguments.spans)
    result = run(business, Query((measure.key,), where=chosen.where, period=span))
    basis = f"worked out from {result.rows:,} rows of your file"
    facts = (
        QuestionFact("measure", "What is counted", measure.label, "", READ),
        QuestionFact("item", "Of which item", chosen.label or ALL, "", READ),
        QuestionFact("first_day", "From", span.first, "", FURTHER),
        QuestionFact("last_day", "To", span.last, "", FURTHER),
        Fact("total", measure.label, result.total(measure.key), result.units[measure.key], basis),
    )
    return ToolResult("data total", Facts(facts), link="pages/forecast.py", most=1)


def comparison(context: CoachContext, question: CoachQuestion) -> ToolResult:
    """Two stretches of time, or two items, side by side.

    Raises:
        DataProblem: the file has no such column, or nothing in one of the two.
    """
    figures = figures_in(context, question.text)
    spans = question.arguments.spans
    sided, sides = _sides(figures, question)
    if len(sides) >= 2:
        return _side_by_side(sided, sides[:2], covered(figures, spans))
    grouping = grouping_in(question.text, context.business)
    over_time = len(spans) >= 2 or YEAR_AGO.search(question.text)
    if not over_time and (grouping is not ITEMS or (not spans and TOP.search(question.text))):
        return data_question(context, question)
    if grouping is not ITEMS:
        figures.ranked(figures.whole, (), grouping)
        raise DataProblem(
            f"Two times are compared for one {grouping.noun} or for all of them together",
            remedy=f"Name the {grouping.noun}, or ask which {grouping.noun} was ahead in one of the two times.",
        )
    figures, arguments = narrowed(figures, question.text, question.arguments)
    chosen = together(arguments)
    pair = _two_spans(figures, question)
    for span in pair:
        need_rows(figures, span, chosen.label, chosen.where)
    return _paired(figures, chosen, pair)


def stock(context: CoachContext, question: CoachQuestion) -> ToolResult:
    """What lies on the shelf, and what it is worth.

    Raises:
        DataProblem: the file has no list of items with a stock, or not this item.
    """
    lack = unavailable(context.business, "on_hand")
    if lack is not None:
        raise MissingColumn(lack.missing, available=lack.available)
    chosen = together(question.arguments)
    rows = _on_shelf(context.business, chosen.where)
    if rows.is_empty():
        raise DataProblem("Your list of items does not have that item", remedy="Ask about all items, or another one.")
    one = rows["item"][0] if rows.height == 1 else (chosen.label or ALL)
    several = chosen.items and rows.height > 1
    facts: list[Fact] = [QuestionFact("chosen", "Of which items", chosen.label, "", READ)] if several else []
    facts += [
        QuestionFact("item", "Of which item", one, "", READ),
        Fact("items", "Items in your list", rows.height, "items", "rows of your list of items"),
        Fact("on_hand", "On the shelf", float(rows["stock"].sum()), "units", "sum of your list of items"),
    ]
    if rows["value"].null_count() < rows.height:
        top = rows.sort("value", descending=True, nulls_last=True).row(0, named=True)
        money = context.business.currency
        facts += [
            Fact("stock_value", "Worth", float(rows["value"].sum()), money, "units on the shelf times their cost"),
            Fact("top_item", "Most money lies in", top["item"], "", "units on the shelf times its cost"),
            Fact("top_value", "Worth of that item", float(top["value"]), money, "units on the shelf times its cost"),
        ]
    return ToolResult("stock", Facts(tuple(facts)), link="pages/inventory.py")


def _on_shelf(business: Business, where: tuple[Filter, ...]) -> pl.DataFrame:
    """`item`, `stock` and `value` of each item with a stock; the value is null where its cost is not known."""
    keys = tuple(key for key in ("on_hand", "stock_value") if unavailable(business, key) is None)
    rows = run(business, Query(keys, by=("item",), where=where)).frame
    value = pl.col("stock_value") if "stock_value" in keys else pl.lit(None, pl.Float64)
    return rows.select("item", stock="on_hand", value=value).drop_nulls(["item", "stock"])


def marketing(context: CoachContext, question: CoachQuestion) -> ToolResult:
    """What marketing cost, channel by channel.

    Raises:
        DataProblem: the file has no such columns, or nothing of that time.
    """
    figures = spend_of(context.business)
    span = covered(figures, question.arguments.spans)
    need_rows(figures, span, "")
    ranked = figures.ranked(span, (), CHANNELS)
    short = {name: short_name(name) for name in ranked["item"]}
    if len(set(short.values())) == len(short):
        ranked = ranked.with_columns(pl.col("item").replace(short))
    facts = [*totals(figures, "", span), *ranking(ranked, figures.total(span), figures.unit)]
    picture = picture_of(figures, ranked, figures.per_period(span), "data top")
    return ToolResult("spent", Facts(tuple(facts)), picture=picture, link="")


def staff(business: Business) -> ToolResult:
    """Who works here.

    Raises:
        MissingColumn: the file has no list of staff.
    """
    lack = unavailable(business, "people")
    if lack is not None:
        raise MissingColumn("employee", available=lack.available)
    people = run(business, Query(("people", "hours_available")))
    facts = [
        Fact("people", "People on your list", int(people.total("people")), "people", "names in your list of staff")
    ]
    if not people.unavailable:
        hours = people.total("hours_available")
        facts.append(Fact("hours", "Hours they may work a week", hours, "hours", "sum of their most hours a week"))
    return ToolResult("staff", Facts(tuple(facts)))


def _on_weekday(figures: Figures, question: CoachQuestion) -> tuple[Figures, tuple[Period, ...]]:
    """ "On Saturdays" means every Saturday of the time asked for, not only the latest."""
    named = {hit[1].casefold() for hit in EVERY.finditer(question.text)}
    spans = question.arguments.spans
    if len(named) != 1 or figures.calendar.frequency is not Frequency.DAILY:
        return figures, spans
    weekday = WEEKDAYS.index(named.pop())
    name = WEEKDAYS[weekday].capitalize()
    label, where = f"{figures.label} on {name}s", (*figures.where, Filter("weekday", (weekday,)))
    only = replace(figures, label=label, where=where)
    if not only.rows():
        raise DataProblem(f"Your file has no {name}", remedy="Ask about another day.")
    return only, tuple(span for span in spans if span.days > 1 or span.first.weekday() != weekday)


def _kind(question: str, grouping: Grouping, *, is_part: bool, several: bool) -> Page:
    if is_part and grouping is ITEMS and SHARE.search(question):
        return "data total"
    if grouping is not ITEMS or (is_part and several and WHICH.search(question)):
        return "data bottom" if BOTTOM.search(question) or WORST.search(question) else "data top"
    pages: tuple[tuple[re.Pattern[str], Page], ...] = (
        (BOTTOM, "data bottom"),
        (TOP, "data top"),
        (BEST, "data best"),
        (WORST, "data worst"),
        (MEAN, "data mean"),
    )
    return next((page for words, page in pages if words.search(question)), "data total")


def _before(figures: Figures, chosen: Selection, span: Period) -> list[Fact]:
    """The change against the stretch of the same length just before, where the file has all of it."""
    day = span.days == 1
    earlier = Period(span.first - WEEK, span.last - WEEK) if day else stretch_before(span)
    if earlier.first < figures.whole.first:
        return []
    mean, now = figures.mean(earlier, chosen.where), figures.mean(span, chosen.where)
    if mean <= 0:
        return []
    basis = f"mean per {figures.noun}, against {in_words(earlier.first)} to {in_words(earlier.last)}"
    name, label = (
        ("change_week", "Change on a week before") if day else ("change_before", "Change on the stretch before")
    )
    return [Fact(name, label, 100 * (now / mean - 1), "%", basis)]


def _two_spans(figures: Figures, question: CoachQuestion) -> tuple[Period, Period]:
    """The earlier and the later stretch; the second one is guessed from the first where only one is named."""
    spans = sorted(question.arguments.spans, key=lambda span: span.first)
    whole = figures.whole
    latest = Period(max(whole.first, whole.last - timedelta(days=27)), whole.last)
    if len(spans) >= 2:
        return covered(figures, spans[:1]), covered(figures, spans[1:2])
    later = covered(figures, spans) if spans else latest
    if not YEAR_AGO.search(question.text):
        return covered(figures, [stretch_before(later)]), later
    if later.days > LONG:  # "last year" was the other side of the comparison
        later = latest
    return covered(figures, [_year_before(later, figures.calendar.frequency)]), later


def _year_before(span: Period, frequency: Frequency) -> Period:
    """The same months where they are whole or days are not told apart, else the same weekdays."""
    after = span.last + timedelta(days=1)
    if frequency in (Frequency.DAILY, Frequency.WEEKLY) and not span.first.day == after.day == 1:
        return Period(span.first - timedelta(days=364), span.last - timedelta(days=364))
    return Period(shifted(span.first, -12), shifted(after, -12) - timedelta(days=1))


def _paired(figures: Figures, chosen: Selection, spans: tuple[Period, Period]) -> ToolResult:
    noun, periods = figures.noun, figures.per_period(spans[1], chosen.where).height
    values = [figures.total(span, chosen.where) for span in spans]
    means = [figures.mean(span, chosen.where) for span in spans]
    facts = [
        QuestionFact("measure", "What is counted", figures.label, "", READ),
        QuestionFact("item", "Of which item", chosen.label or ALL, "", READ),
        Fact("days", f"{noun.capitalize()}s compared", periods, f"{noun}s", f"{noun}s that have a row"),
    ]
    for name, span, value in zip(("earlier", "later"), spans, values, strict=True):
        basis = f"sum of {figures.rows(span, chosen.where):,} rows of your file"
        facts += [
            QuestionFact(f"{name}_first", f"The {name} stretch: from", span.first, "", READ),
            QuestionFact(f"{name}_last", f"The {name} stretch: to", span.last, "", READ),
            Fact(f"{name}_total", f"The {name} stretch", value, figures.unit, basis),
        ]
    if means[0] > 0:
        basis = f"mean per {noun}, later against earlier"
        facts.append(Fact("change", f"Change per {noun}", 100 * (means[1] / means[0] - 1), "%", basis))
    names = [f"{in_words(span.first)} to {in_words(span.last)}" for span in spans]
    picture = bars(names, values, figures.label, figures.unit)
    return ToolResult("pair", Facts(tuple(facts)), picture=picture, link="pages/forecast.py")


def _sides(figures: Figures, question: CoachQuestion) -> tuple[Figures, tuple[Selection, ...]]:
    """Two stores or two categories where two are named, else the items, with the figures that they are parts of."""
    only, arguments = narrowed(figures, question.text, question.arguments)
    for grouping in (STORES, CATEGORIES):
        names = places_in(question.text, figures, grouping)
        if len(names) < 2 or (grouping is CATEGORIES and selections(arguments)):
            continue
        only, _ = narrowed(figures, question.text, question.arguments, keep=grouping)
        chosen = together(arguments)
        label = f"{only.label}, {chosen.label}" if chosen.items else only.label
        sides = (Selection(called(name, grouping), (name,), grouping.key) for name in names)
        return replace(only, label=label, where=(*only.where, *chosen.where)), tuple(sides)
    return only, in_order(selections(arguments), question.text)


def _side_by_side(figures: Figures, sides: Sequence[Selection], span: Period) -> ToolResult:
    names = [side.label for side in sides]
    for side in sides:
        need_rows(figures, span, side.label, side.where)
    values = [figures.total(span, side.where) for side in sides]
    bases = [f"sum of {figures.rows(span, side.where):,} rows of your file" for side in sides]
    facts = [
        QuestionFact("measure", "What is counted", figures.label, "", READ),
        QuestionFact("first_day", "From", span.first, "", READ),
        QuestionFact("last_day", "To", span.last, "", READ),
        QuestionFact("later_item", "The first", names[0], "", READ),
        QuestionFact("earlier_item", "The second", names[1], "", READ),
        Fact("later_total", f"Of {names[0]}", values[0], figures.unit, bases[0]),
        Fact("earlier_total", f"Of {names[1]}", values[1], figures.unit, bases[1]),
    ]
    if values[1] > 0:
        change = 100 * (values[0] / values[1] - 1)
        name = "item_change" if all(len(side.items) == 1 for side in sides) else "side_change"
        facts.append(Fact(name, "Difference", change, "%", f"{names[0]} against {names[1]}"))
    picture = bars(names, values, figures.label, figures.unit)
    return ToolResult("pair", Facts(tuple(facts)), picture=picture, link="pages/forecast.py")


TOOLS = (
    Tool(Intent.DATA, "Look it up in my file", data_question, looks_back=True),
    Tool(Intent.COMPARE, "Compare two things", comparison, looks_back=True),
    Tool(Intent.EXPLAIN, "Explain a term", explained, timeless=True),
)
