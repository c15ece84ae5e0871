"""What is counted in the owner's file, and the facts that any stretch of it gives."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from engine.business.calendar import Calendar, Period
from engine.business.history import Metric, calendar_of
from engine.business.model import Business
from engine.business.query import Filter, rows_of, unavailable
from engine.charts import records as charts
from engine.coach.context import CoachContext, Picture
from engine.coach.dimensions import ITEMS, Grouping
from engine.dataset import in_words
from engine.errors import DataProblem, MissingColumn
from engine.facts import Fact
from engine.narrate.narrator import Page

MONEY = re.compile(r"\b(?:revenue|turnover|takings|earn\w*|income|money|make|made|sales value|worth|ticket)\b", re.I)
COUNTED = re.compile(r"\b(?:units?|items? sold|pieces?|quantity|how many)\b", re.I)
PROFIT = re.compile(r"\b(?:profits?|margins?)\b", re.I)
VISITS = re.compile(r"\b(?:visits?|visitors?|footfall|traffic|guests?|customers?)\b", re.I)
LEADS = re.compile(r"\b(?:leads?|enquir\w+|inquir\w+)\b", re.I)
ALL = "all items"
READ = "read in your question"
"""The basis of what was not worked out."""


@dataclass(frozen=True)
class Measured:
    """What is counted, as rows.

    Attributes:
        label: for the owner: "Units sold".
        unit: as in a fact.
        rows: `day`, `item`, `value`, and for sales `store` and `category`, null where the file does not say.
        calendar: of the business.
        where: the filters that led to these rows.
    """

    label: str
    unit: str
    rows: pl.DataFrame
    calendar: Calendar
    where: tuple[Filter, ...] = ()

    def within(self, span: Period, items: Sequence[str] = ()) -> pl.DataFrame:
        """The rows of these days, of these items or of all."""
        wanted = self.rows.filter(pl.col("day").is_between(span.first, span.last))
        return wanted.filter(pl.col("item").is_in(list(items))) if items else wanted

    @property
    def whole(self) -> Period:
        """From the first day to the last."""
        first, last = self.rows["day"].min(), self.rows["day"].max()
        assert isinstance(first, date)
        assert isinstance(last, date)
        return Period(first, last)

    def per_period(self, rows: pl.DataFrame) -> pl.DataFrame:
        """`day` (start of the period) and `value`, sorted."""
        start = pl.col("day").dt.truncate(self.calendar.frequency.polars_interval)
        return rows.group_by(start).agg(pl.col("value").sum()).sort("day")


def measured(context: CoachContext, question: str) -> Measured:
    """What the words of a question count: sales when they do not say.

    Raises:
        MissingColumn: the file has no column for it.
    """
    available = {metric.key: metric for metric in context.metrics}
    if not available:
        raise MissingColumn("date", available=context.business.columns)
    if PROFIT.search(question):
        return _profit(context.business)
    words = (
        (VISITS, "traffic"),
        (LEADS, "leads"),
        (COUNTED, "quantity"),
        (MONEY, "revenue"),
    )
    key = next((key for pattern, key in words if pattern.search(question) and key in available), next(iter(available)))
    return counted(context.business, available[key])


def counted(business: Business, metric: Metric) -> Measured:
    """The rows of one metric."""
    rows = _with_groups(rows_of(business, metric.key).with_columns(value=pl.col(metric.key)))
    return Measured(metric.label, metric.unit, rows, calendar_of(business, metric))


def _profit(business: Business) -> Measured:
    """What is left of each sale after the cost of the goods."""
    lack = unavailable(business, "gross_profit")
    if lack is not None:
        raise MissingColumn("price" if lack.missing == "revenue" else lack.missing, available=lack.available)
    rows = business.sales.with_columns(value=pl.col("revenue") - pl.col("quantity") * pl.col("cost"))
    return Measured("Gross profit", business.currency, _with_groups(rows), business.calendar)


def _with_groups(rows: pl.DataFrame) -> pl.DataFrame:
    """`day`, `item`, `value`, `store` and `category` of the rows that say something."""
    groups = [
        (pl.col(key) if key in rows.columns else pl.lit(None, pl.String)).alias(key) for key in ("store", "category")
    ]
    item = pl.col("item") if "item" in rows.columns else pl.lit("")
    return rows.select("day", item.alias("item"), "value", *groups).drop_nulls("value")


def covered(made: Measured, spans: Sequence[Period]) -> Period:
    """The days asked for, as far as the file has them; all of them when nothing was asked.

    Raises:
        DataProblem: the file has none of them.
    """
    whole = made.whole
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


def need_rows(rows: pl.DataFrame, span: Period, item: str) -> None:
    """Go on only with rows.

    Raises:
        DataProblem: there are none.
    """
    if rows.is_empty():
        of_item = f" of {item}" if item else ""
        first, last = in_words(span.first), in_words(span.last)
        when = f"from {first} to {last}" if span.days > 1 else f"on {first}"
        raise DataProblem(
            f"There is nothing{of_item} {when} in your file",
            remedy="Ask about another time.",
        )


def totals(made: Measured, item: str, span: Period, rows: pl.DataFrame) -> list[Fact]:
    """What is counted, when, and how much of it: in total, on average, at best and at worst."""
    series = made.per_period(rows)
    noun, unit = made.calendar.frequency.period, made.unit
    value = series["value"]
    best, worst = series.row(value.arg_max() or 0), series.row(value.arg_min() or 0)
    basis = f"sum of {rows.height:,} rows of your file"
    return [
        Fact("measure", "What is counted", made.label, "", READ),
        Fact("item", "Of which item", item or ALL, "", READ),
        Fact("first_day", "From", span.first, "", "read in your question, as far as your file goes"),
        Fact("last_day", "To", span.last, "", "read in your question, as far as your file goes"),
        Fact("days", f"{noun.capitalize()}s with sales", series.height, f"{noun}s", f"{noun}s that have a row"),
        Fact("total", "In total", float(value.sum()), unit, basis),
        Fact("per_day", f"Per {noun}", float(value.mean() or 0.0), unit, f"{basis}, divided by {series.height:,}"),  # type: ignore[arg-type]
        Fact("best_day", f"Best {noun}", best[0], "", f"the {noun} with the largest sum"),
        Fact("best_value", f"On the best {noun}", float(best[1]), unit, f"the largest sum of a {noun}"),
        Fact("worst_day", f"Weakest {noun}", worst[0], "", f"the {noun} with the smallest sum"),
        Fact("worst_value", f"On the weakest {noun}", float(worst[1]), unit, f"the smallest sum of a {noun}"),
    ]


def ranking(made: Measured, rows: pl.DataFrame, grouping: Grouping = ITEMS, *, of_part: bool = False) -> list[Fact]:
    """Who is ahead and who is behind, where there are several.

    Args:
        made: what is counted.
        rows: with those who are ranked in `item`.
        grouping: what they are.
        of_part: True when the rows are only a part of all in that time, so that a share of them is none of everything.
    """
    ranked, noun = _ranked(rows), grouping.noun
    if ranked.height < 2:
        return []
    total = float(rows["value"].sum())
    facts = [Fact("items", f"How many {grouping.nouns}", ranked.height, grouping.nouns, f"{grouping.nouns} with a row")]
    places = [("top", "Best", 0), ("second", "Second", 1), ("third", "Third", 2)]
    for name, place_label, place in [*places[: ranked.height], ("last", "Last", ranked.height - 1)]:
        item, value = ranked.row(place)
        label = f"{place_label} {noun}"
        facts += [
            Fact(f"{name}_item", label, item, "", "ranked by the sum of its rows"),
            Fact(f"{name}_value", f"{label}: how much", float(value), made.unit, f"sum of the rows of {item}"),
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


def part_of(everything: pl.DataFrame, rows: pl.DataFrame) -> list[Fact]:
    """Which share of everything in the same time these rows are."""
    total = float(everything["value"].sum())
    if total <= 0:
        return []
    share = 100 * float(rows["value"].sum()) / total
    return [Fact("part_share", "Share of everything", share, "%", "its sum, divided by that of all in this time")]


def _ranked(rows: pl.DataFrame) -> pl.DataFrame:
    """`item` and `value`, the largest first; items without a name are left out."""
    named = rows.filter(pl.col("item").is_not_null() & (pl.col("item") != ""))
    return named.group_by("item").agg(pl.col("value").sum()).sort("value", "item", descending=[True, False])


def drawn(made: Measured, rows: pl.DataFrame, kind: Page) -> Picture | None:
    """The items as bars where a ranking was asked for, else the values over time."""
    ranked = _ranked(rows)
    if kind in ("data top", "data bottom") and ranked.height > 1:
        shown = ranked.head(12) if kind == "data top" else ranked.tail(12)
        drawn = charts.bars(shown["item"].to_list(), shown["value"].to_list(), made.label, made.unit)
        return Picture(drawn, charts.bars_alt(shown["item"].to_list(), shown["value"].to_list(), made.label, made.unit))
    series = made.per_period(rows)
    if series.height < 3:
        return None
    days, values = series["day"].to_list(), series["value"].to_list()
    return Picture(charts.line(days, values, made.label, made.unit), charts.line_alt(days, values, made.label))
