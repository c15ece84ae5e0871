"""What a calculation of the Coach gets, and what it gives back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from engine.budget import Outlook
from engine.business.history import Metric, SalesHistory, dated_rows, items, metrics, table_of
from engine.causal import ChangeExplanation, ChangeQuestion
from engine.coach.understand.entities import Arguments
from engine.dataset import ColumnRole, Dataset
from engine.errors import DataProblem
from engine.facts import Facts
from engine.forecast import Forecast
from engine.inventory import OrderPlan
from engine.narrate.narrator import Page
from engine.narrate.sentences import Sentence
from engine.scheduling import Roster
from engine.workflows.forecast import forecasts
from engine.workflows.forecast.forecasts import ForecastQuestion
from engine.workflows.orders import plan as order_plans
from engine.workflows.orders.plan import OrderQuestion

Run = Callable[..., Any]
RunForecast = Callable[[SalesHistory, ForecastQuestion], Forecast]
RunOrders = Callable[[OrderQuestion], OrderPlan]


@dataclass(frozen=True)
class Picture:
    """A chart with the sentence that stands for it.

    Attributes:
        figure: a Plotly figure.
        alt: what it shows, for people who do not see it.
    """

    figure: Any
    alt: str


@dataclass(frozen=True, eq=False)
class Found:
    """The result of one calculation.

    Attributes:
        page: which sentences the narrator makes of the facts; None when `said` stands for itself.
        facts: all that may be said.
        said: the engine's own words, where there is nothing to calculate: the meaning of a term.
        picture: the chart, or None.
        link: the page that shows more: "pages/forecast.py", or "".
        most: at most so many of the page's sentences are said.
        only: the sentences that may be said, where not all of the page's may.
    """

    page: Page | None
    facts: Facts
    said: str = ""
    picture: Picture | None = None
    link: str = ""
    most: int = 4
    only: tuple[Sentence, ...] | None = None


@dataclass(frozen=True)
class Asked:
    """A question with what was read in it.

    Attributes:
        question: as it was typed.
        arguments: stretches of time, items and amounts.
    """

    question: str
    arguments: Arguments = field(default_factory=Arguments)


@dataclass(frozen=True, eq=False)
class Business:
    """The owner's data, and the calculations as the caller wants them run (with a cache, in another process).

    Attributes:
        dataset: the open file.
        forecast: forecasts one history.
        orders: the cheapest order list within limits; made here when None.
        run: calls a function with arguments where heavy work may run.
        why: why a figure changed; worked out here when None.
        learnt: what each marketing channel brings; learnt here when None.
        roster: the roster of the coming week; made here when None.
    """

    dataset: Dataset
    forecast: RunForecast = field(default=lambda history, told: forecasts.run_forecast(history, told.horizon, "quick"))
    orders: RunOrders | None = None
    run: Run = field(default=lambda work, *arguments: work(*arguments))
    why: Callable[[ChangeQuestion], ChangeExplanation] | None = None
    learnt: Callable[[], Outlook] | None = None
    roster: Callable[[], Roster] | None = None

    @cached_property
    def metrics(self) -> tuple[Metric, ...]:
        """What can be counted per period, sales first; none when no table has dates."""
        try:
            return metrics(self.dataset)
        except DataProblem:
            return ()

    @cached_property
    def items(self) -> tuple[str, ...]:
        """The items of the sales, the largest first."""
        return items(self.dataset, self.metrics[0]) if self.metrics else ()

    @cached_property
    def sold_columns(self) -> tuple[str, ...]:
        """The columns of the table that holds the sales."""
        return tuple(c.name for c in table_of(self.dataset, self.metrics[0]).columns) if self.metrics else ()

    @cached_property
    def today(self) -> date:
        """The last day of the sales, from which "last week" and "tomorrow" are counted.

        Raises:
            MissingColumn: there is nothing with dates.
        """
        last = dated_rows(self.dataset, metrics(self.dataset)[0])["day"].max()
        assert isinstance(last, date)
        return last

    @cached_property
    def people(self) -> tuple[str, ...]:
        """The names in the columns of employees."""
        columns = ((table, table.find(ColumnRole.EMPLOYEE)) for table in self.dataset.tables)
        names = (table.frame[column.name].drop_nulls().cast(pl.String).to_list() for table, column in columns if column)
        return tuple(dict.fromkeys(name for found in names for name in found))

    def order_plan(self, asked: OrderQuestion) -> OrderPlan:
        """The cheapest order list within these limits.

        Raises:
            DataProblem: the file says too little for that.
        """
        if self.orders is not None:
            return self.orders(asked)
        stock = order_plans.stock_of(self.dataset)
        return order_plans.plan(order_plans.planner(stock, asked.costs), stock, asked, self.dataset.currency)
