"""Which figure of the past a question means, by what it is ranked, and the facts that any stretch of it gives."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl

from engine.business.calendar import Calendar, Period, find_calendar
from engine.business.history import Metric, calendar_of
from engine.business.measures import MEASURES, Measure
from engine.business.model import Business
from engine.business.query import PERIOD, Filter, Query, QueryResult, rows_of, run, unavailable, unit_of
from engine.charts import basics as charts
from engine.coach.context import READ, CoachContext, Picture, QuestionFact
from engine.dataset import in_words
from engine.errors import DataProblem, MissingColumn
from engine.facts import Fact
from engine.narrate.narrator import Page

MEASURE_WORDS = {
    "gross_profit": re.compile(r"\b(?:profits?|margins?)\b", re.I),
    "traffic": re.compile(r"\b(?:visits?|visitors?|footfall|traffic|guests?|customers?)\b", re.I),
    "leads": re.compile(r"\b(?:leads?|enquir\w+|inquir\w+)\b", re.I),
    "quantity": re.compile(r"\b(?:units?|items? sold|pieces?|quantity|how many)\b", re.I),
    "revenue": re.compile(
        r"\b(?:revenue|turnover|takings|earn\w*|income|money|make|made|sales value|worth|ticket)\b", re.I
    ),
}
"""The words by which owners call a measure; of several that a question says, the first one counts."""

SURE_WORDS = {
    "traffic": re.compile(r"\b(?:visits?|visitors?|footfall)\b", re.I),
    "leads": MEASURE_WORDS["leads"],
    "revenue": re.compile(r"\b(?:revenue|turnover|takings)\b", re.I),
}
"""Words that mean nothing else: a file without that measure cannot be answered with another one."""

OTHER_MEASURES = ("basket", "price", "margin", "conversion", "return_on_spend", "lines")
"""Measures of the business that the Coach gives for one stretch of time as they are, without a ranking."""

ALL = "all items"
FURTHER = f"{READ}, as far as your file goes"


@dataclass(frozen=True)
class Grouping:
    """What is ranked.

    Attributes:
        key: of the dimension.
        noun: one of them: "store".
        nouns: several.
        words: how owners call them, a pattern.
    """

    key: str
    noun: str
    nouns: str
    words: str


ITEMS = Grouping("item", "item", "items", "")
STORES = Grouping("store", "store", "stores", r"stores?|shops?|branch(?:es)?|locations?|outlets?|sites?|regions?")
CATEGORIES = Grouping(
    "category",
    "category",
    "categories",
    r"categor(?:y|ies)|departments?|product (?:groups?|lines?|types?|famil(?:y|ies))|(?:types?|kinds?) of products?",
)
CHANNELS = Grouping("channel", "item", "items", "")
_EACH = (
    r"(?:(?:by|per|each|every|which|what|rank|compare|between|among|across)(?: of)?"
    r"(?: (?:my|our|the)(?= (?:\w+ )?\w+s\b))?"
    r"|best|worst|top|bottom|strongest|weakest|busiest|quietest|slowest|leading|highest|lowest|popular)"
    r"(?: (?:best|worst|top|two|three|four|five|\d+|different|individual|single|product|item|service|menu|sales)"
    r"|[- ](?:selling|performing|earning|grossing))*"
)
_DO = r"(?:do|did|compare|perform\w*|rank|sell|sold|differ)"


def measure_in(question: str, available: Collection[str]) -> str:
    """The key of the measure that a question names; the first of those available where it names none of them.

    Raises:
        MissingColumn: the question surely names a measure that is not available.
    """
    for key, words in SURE_WORDS.items():
        if key not in available and words.search(question):
            raise MissingColumn(key, available=[MEASURES[each].label for each in available])
    named = (key for key, words in MEASURE_WORDS.items() if key in available and words.search(question))
    return next(named, next(iter(available)))


def other_measure_in(question: str) -> Measure | None:
    """The measure that a question names in full, of those that are no plain sum: "average order value", "margin".

    Only names of several words count: single ones mean too much else.
    """
    text = question.casefold()
    for key in OTHER_MEASURES:
        names = (MEASURES[key].label.casefold(), *MEASURES[key].synonyms)
        if any(" " in name and re.search(rf"\b{re.escape(name)}\b", text) for name in names):
            return MEASURES[key]
    return None


def metric_in(context: CoachContext, question: str) -> Metric:
    """What the words of a question count, of what can be forecast: sales when they do not say.

    Raises:
        MissingColumn: the file counts nothing by day.
    """
    by_key = {metric.key: metric for metric in context.metrics}
    if not by_key:
        raise MissingColumn("date", available=context.business.columns)
    return by_key[measure_in(question, by_key)]


def grouping_in(question: str, business: Business) -> Grouping:
    """What the question wants ranked: stores or categories where it says so by a word or by the column's name."""
    for grouping in (STORES, CATEGORIES):
        own = [re.escape(header)] if (header := business.header(grouping.key)) else []
        words = "|".join([grouping.words, *(f"{name}s?" for name in own)])
        several = rf"\b(?:my|our|the) (?=(?:\w+ )?\w+s\b)(?:\w+ )?(?:{words}) {_DO}\b"
        if re.search(rf"\b{_EACH} (?:{words})\b|{several}", question, re.IGNORECASE):
            return grouping
    return ITEMS


@dataclass(frozen=True)
class Figures:
    """One measure of the business, or a part of it; each figure is a query of the business.

    Attributes:
        business: whose.
        key: of the measure.
        label: for the owner: "Units sold".
        calendar: the periods into which time is cut.
        where: the filters that the part keeps to.
    """

    business: Business
    key: str
    label: str
    calendar: Calendar
    where: tuple[Filter, ...] = ()

    @property
    def unit(self) -> str:
        """As in a fact."""
        return unit_of(MEASURES[self.key], self.business.currency)

    @property
    def noun(self) -> str:
        """One period: "day"."""
        return self.calendar.frequency.period

    @cached_property
    def whole(self) -> Period:
        """From the first day to the last."""
        days = self._frame(self._run(None, (), by=("day",)), "day")["name"]
        first, last = days.min(), days.max()
        assert isinstance(first, date)
        assert isinstance(last, date)
        return Period(first, last)

    def total(self, span: Period, where: Sequence[Filter] = ()) -> float:
        """All of it in these days."""
        return self._run(span, where).total(self.key)

    def per_period(self, span: Period, where: Sequence[Filter] = ()) -> pl.DataFrame:
        """`day` (start of the period) and `value`, sorted."""
        return self._frame(self._run(span, where, grain=self.calendar), PERIOD).rename({"name": "day"})

    def mean(self, span: Period, where: Sequence[Filter] = ()) -> float:
        """Per period that has a row; 0.0 where none has."""
        mean = self.per_period(span, where)["value"].mean()
        return float(mean) if isinstance(mean, int | float) else 0.0

    def ranked(self, span: Period, where: Sequence[Filter] = (), grouping: Grouping = ITEMS) -> pl.DataFrame:
        """`item` and `value`, the largest first; what has no name is left out.

        Raises:
            MissingColumn: the file does not tell stores, or categories, apart.
        """
        result = self._run(span, where, by=(grouping.key,))
        if result.unavailable and grouping in (STORES, CATEGORIES):
            raise MissingColumn(grouping.noun, available=self.business.columns)
        named = self._frame(result, grouping.key).filter(pl.col("name").is_not_null() & (pl.col("name") != ""))
        return named.rename({"name": "item"}).sort("value", "item", descending=[True, False])

    def names(self, grouping: Grouping) -> list[str]:
        """The stores, or the categories, in the order of the alphabet; none where the file has none."""
        return sorted(self._frame(self._run(None, (), by=(grouping.key,)), grouping.key)["name"].drop_nulls())

    def rows(self, span: Period | None = None, where: Sequence[Filter] = ()) -> int:
        """How many rows of the file say something of it."""
        filters = (*self.where, *where)
        if unavailable(self.business, self.key, Query((self.key,), where=filters)) is not None:
            return 0
        rows = rows_of(self.business, self.key, filters).drop_nulls(MEASURES[self.key].needs)
        return rows.height if span is None else rows.filter(pl.col("day").is_between(span.first, span.last)).height

    def _run(
        self, span: Period | None, where: Sequence[Filter], by: tuple[str, ...] = (), grain: Calendar | None = None
    ) -> QueryResult:
        period = None if span is None else Period(span.first, span.last)
        query = Query((self.key,), by=by, where=(*self.where, *where), period=period, grain=grain)
        return run(self.business, query)

    def _frame(self, result: QueryResult, column: str) -> pl.DataFrame:
        """`name` and `value` of what is known; no rows where the file cannot give it."""
        if result.unavailable:
            return pl.DataFrame(schema={"name": pl.String, "value": pl.Float64})
        return result.frame.select(name=column, value=self.key).drop_nulls("value")


def figures_of(business: Business, metric: Metric) -> Figures:
    """One metric, all of it."""
    return Figures(business, metric.key, metric.label, calendar_of(business, metric))


def figures_in(context: CoachContext, question: str) -> Figures:
    """What the words of a question count: sales when they do not say.

    Raises:
        MissingColumn: the file has no column for it.
    """
    metric = metric_in(context, question)
    if not MEASURE_WORDS["gross_profit"].search(question):
        return figures_of(context.business, metric)
    lack = unavailable(context.business, "gross_profit")
    if lack is not None:
        raise MissingColumn("price" if lack.missing == "revenue" else lack.missing, available=lack.available)
    return Figures(context.business, "gross_profit", MEASURES["gross_profit"].label, context.business.calendar)


def spend_of(business: Business) -> Figures:
    """What marketing cost.

    Raises:
        MissingColumn: the file does not say it.
    """
    lack = unavailable(business, "spend")
    if lack is not None:
        raise MissingColumn("channel spend", available=lack.available)
    days = rows_of(business, "spend").drop_nulls(["day", "spend"])["day"].unique()
    return Figures(business, "spend", MEASURES["spend"].label, find_calendar(days.to_list()))


def covered(figures: Figures, spans: Sequence[Period]) -> Period:
    """The days asked for, as far as the file has them; all of them when nothing was asked.

    Raises:
        DataProblem: the file has none of them.
    """
    whole = figures.whole
    if not spans:
        return whole
    span = spans[0]
    if span.first > whole.last:
        raise DataProblem(
            f"Your file ends on {in_words(whole.last)}, so it says nothing of {in_words(span.first)} yet",
            remedy="Ask what to expect then, or open a newer file.",
        )
    if span.last < whole.first:
        raise DataProblem(
            f"Your file begins on {in_words(whole.first)}, so it says nothing of {in_words(span.last)}",
            remedy="Ask about a later time, or open a file that reaches further back.",
        )
    return Period(max(span.first, whole.first), min(span.last, whole.last))


def need_rows(figures: Figures, span: Period, item: str, where: Sequence[Filter] = ()) -> None:
    """Go on only with rows.

    Raises:
        DataProblem: there are none.
    """
    if not figures.rows(span, where):
        of_item = f" of {item}" if item else ""
        first, last = in_words(span.first), in_words(span.last)
        when = f"from {first} to {last}" if span.days > 1 else f"on {first}"
        raise DataProblem(f"There is nothing{of_item} {when} in your file", remedy="Ask about another time.")


def totals(figures: Figures, item: str, span: Period, where: Sequence[Filter] = ()) -> list[Fact]:
    """What is counted, when, and how much of it: in total, on average, at best and at worst."""
    series, noun, unit = figures.per_period(span, where), figures.noun, figures.unit
    value = series["value"]
    best, worst = series.row(value.arg_max() or 0), series.row(value.arg_min() or 0)
    basis = f"sum of {figures.rows(span, where):,} rows of your file"
    mean = figures.mean(span, where)
    return [
        QuestionFact("measure", "What is counted", figures.label, "", READ),
        QuestionFact("item", "Of which item", item or ALL, "", READ),
        QuestionFact("first_day", "From", span.first, "", FURTHER),
        QuestionFact("last_day", "To", span.last, "", FURTHER),
        Fact("days", f"{noun.capitalize()}s with sales", series.height, f"{noun}s", f"{noun}s that have a row"),
        Fact("total", "In total", figures.total(span, where), unit, basis),
        Fact("per_day", f"Per {noun}", mean, unit, f"{basis}, divided by {series.height:,}"),
        Fact("best_day", f"Best {noun}", best[0], "", f"the {noun} with the largest sum"),
        Fact("best_value", f"On the best {noun}", float(best[1]), unit, f"the largest sum of a {noun}"),
        Fact("worst_day", f"Weakest {noun}", worst[0], "", f"the {noun} with the smallest sum"),
        Fact("worst_value", f"On the weakest {noun}", float(worst[1]), unit, f"the smallest sum of a {noun}"),
    ]


def ranking(
    ranked: pl.DataFrame, total: float, unit: str, grouping: Grouping = ITEMS, *, of_part: bool = False
) -> list[Fact]:
    """Who is ahead and who is behind, where there are several.

    Args:
        ranked: `item` and `value`, the largest first.
        total: of all, those without a name included.
        unit: of the values.
        grouping: what is ranked.
        of_part: True when the rows are only a part of all in that time, so that a share of them is none of everything.
    """
    noun = grouping.noun
    if ranked.height < 2:
        return []
    facts = [Fact("items", f"How many {grouping.nouns}", ranked.height, grouping.nouns, f"{grouping.nouns} with a row")]
    places = [("top", "Best", 0), ("second", "Second", 1), ("third", "Third", 2)]
    for name, place_label, place in [*places[: ranked.height], ("last", "Last", ranked.height - 1)]:
        item, value = ranked.row(place)
        label = f"{place_label} {noun}"
        facts += [
            Fact(f"{name}_item", label, item, "", "ranked by the sum of its rows"),
            Fact(f"{name}_value", f"{label}: how much", float(value), unit, f"sum of the rows of {item}"),
        ]
    if total > 0:
        share = 100 * float(ranked["value"][0]) / total
        basis = "its sum, divided by that of all that are counted here"
        facts.append(
            Fact("share_of_part", "Its share of this total", share, "%", basis)
            if of_part
            else Fact("top_share", "Its share of everything", share, "%", "its sum, divided by that of all")
        )
    return facts


def part_of(everything: float, part: float) -> list[Fact]:
    """Which share of everything in the same time a part is."""
    if everything <= 0:
        return []
    basis = "its sum, divided by that of all in this time"
    return [Fact("part_share", "Share of everything", 100 * part / everything, "%", basis)]


def picture_of(figures: Figures, ranked: pl.DataFrame, series: pl.DataFrame, kind: Page) -> Picture | None:
    """The items as bars where a ranking was asked for, else the values over time."""
    label, unit = figures.label, figures.unit
    if kind in ("data top", "data bottom") and ranked.height > 1:
        part = ranked.head(12) if kind == "data top" else ranked.tail(12)
        return bars(part["item"].to_list(), part["value"].to_list(), label, unit)
    if series.height < 3:
        return None
    days, values = series["day"].to_list(), series["value"].to_list()
    return Picture(charts.line(days, values, label, unit), charts.line_alt(days, values, label))


def bars(
    names: Sequence[str], values: Sequence[float], label: str, unit: str, beside: Sequence[str] | None = None
) -> Picture:
    """One bar a name; `beside` says more than the value, where that is not enough."""
    return Picture(charts.bars(names, values, label, unit, beside), charts.bars_alt(names, values, label, unit, beside))
