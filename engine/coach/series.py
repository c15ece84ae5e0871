"""The past of what a question asks to look ahead for: an item, all together, or a part of the sales as one."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl

from engine.business.history import Metric, SalesHistory, sales_history
from engine.coach.context import Asked, Business
from engine.coach.measures import Measured, counted
from engine.coach.question_scope import narrowed, not_in_file, together, words_of
from engine.dataset import Column, ColumnRole, Dataset, Table
from engine.errors import DataProblem
from engine.facts import Fact, Facts
from engine.forecast import Forecast
from engine.narrate.coach import NOT_IN_FILE
from engine.workflows.forecast import forecasts
from engine.workflows.forecast.forecasts import ForecastQuestion


@dataclass(frozen=True)
class Past:
    """A history, and how to go on from it.

    Attributes:
        history: of what was asked for.
        item: the one item it is of, or "" for several or for all.
        is_part: True when it is put together of some items, stores or categories.
        unknown: the fact that no item is called as the question says; mostly none.
    """

    history: SalesHistory
    item: str = ""
    is_part: bool = False
    unknown: tuple[Fact, ...] = ()

    def ahead(self, business: Business, horizon: int) -> Forecast:
        """The forecast; of a part without what the owner told about the future of single items."""
        if self.is_part:
            made: Forecast = business.run(forecasts.run_forecast, self.history, horizon, "quick")
            return made
        return business.forecast(self.history, ForecastQuestion(self.history.metric.key, self.item, horizon))


def past_of(business: Business, metric: Metric, asked: Asked) -> Past:
    """The past of the items, stores or categories that the question names, or of everything.

    Raises:
        DataProblem: the file has nothing of it.
    """
    made = counted(business.dataset, metric)
    whole = replace(made, label="", rows=made.rows.with_row_index("row"))
    only, arguments = narrowed(whole, asked.question, asked.arguments)
    chosen = together(arguments)
    not_found = not_in_file(asked.question, business.items, words_of(made), business.dataset)
    unknown = () if chosen.items else tuple(not_found)
    if only is whole and len(chosen.items) < 2:
        item = chosen.items[0] if chosen.items else ""
        return Past(forecasts.history_for(business.dataset, metric.key, item), item, unknown=unknown)
    rows = only.rows.filter(pl.col("item").is_in(list(chosen.items))) if chosen.items else only.rows
    label = ", ".join(name for name in (only.label.removeprefix(", "), chosen.label) if name)
    if rows.is_empty():
        raise DataProblem(
            f"Your file has no {metric.label.lower()} of {label}", remedy="Ask about all items, or others."
        )
    return Past(_as_one(whole, rows["row"], label, metric, business.dataset), is_part=True, unknown=unknown)


def said_first(unknown: Iterable[Fact]) -> tuple[str, ...]:
    """The caution that what was asked for is not in the file, where it is not."""
    sentence = NOT_IN_FILE[0].fill(Facts(tuple(unknown)))
    return (sentence.text,) if sentence is not None else ()


def _as_one(whole: Measured, part: pl.Series, label: str, metric: Metric, dataset: Dataset) -> SalesHistory:
    """The history of these rows as if they were of one item with this name; all rows tell when the business opens."""
    frame = whole.rows.select("day", "value", item=pl.when(pl.col("row").is_in(part.implode())).then(pl.lit(label)))
    columns = (
        Column("day", ColumnRole.DATE, "date", 1.0, ""),
        Column("value", ColumnRole.QUANTITY, "number", 1.0, ""),
        Column("item", ColumnRole.ITEM, "text", 1.0, ""),
    )
    alone = replace(dataset, tables=(Table(metric.table, frame, columns, 0),))
    return replace(sales_history(alone, replace(metric, column="value"), item=label), metric=metric)
