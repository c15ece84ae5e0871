"""What a calculation of the Coach gets, and what it gives back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from engine.budget import Outlook
from engine.business.history import Metric, SalesHistory, items, metrics
from engine.business.model import Business
from engine.business.query import rows_of
from engine.causal import ChangeExplanation, ChangeQuestion
from engine.coach.understand.entities import Arguments
from engine.coach.understand.intents import Intent
from engine.errors import DataProblem
from engine.facts import Fact, Facts
from engine.forecast import Forecast
from engine.inventory import OrderPlan
from engine.narrate.narrator import Page
from engine.narrate.sentences import Sentence
from engine.scheduling import Roster
from engine.workflows import orders as order_plans
from engine.workflows.forecast import forecasts
from engine.workflows.forecast.forecasts import ForecastQuestion
from engine.workflows.order_question import OrderQuestion

READ = "read in your question"
"""The basis of what was not worked out."""

Run = Callable[..., Any]
RunForecast = Callable[[SalesHistory, ForecastQuestion], Forecast]
RunOrders = Callable[[OrderQuestion], OrderPlan]


class QuestionFact(Fact):
    """A fact that was read in the question, not worked out: it decides on the wording, and needs no explanation."""


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
class ToolResult:
    """The result of one calculation.

    Attributes:
        page: which sentences the narrator makes of the facts; None when `text` stands for itself.
        facts: all that may be said.
        text: the engine's own words, where there is nothing to calculate: the meaning of a term.
        picture: the chart, or None.
        link: the page that shows more: "pages/forecast.py", or "".
        most: at most so many of the page's sentences are given.
        only: the sentences that may be given, where not all of the page's may.
    """

    page: Page | None
    facts: Facts
    text: str = ""
    picture: Picture | None = None
    link: str = ""
    most: int = 4
    only: tuple[Sentence, ...] | None = None


@dataclass(frozen=True)
class CoachQuestion:
    """A question with what was read in it.

    Attributes:
        text: as it was typed.
        arguments: stretches of time, items and amounts.
    """

    text: str
    arguments: Arguments = field(default_factory=Arguments)


@dataclass(frozen=True, eq=False)
class CoachContext:
    """The business, and the calculations as the caller wants them run (with a cache, in another process).

    Attributes:
        business: whose questions are answered.
        forecast: forecasts one history.
        orders: the cheapest order list within limits; made here when None.
        run: calls a function with arguments where heavy work may run.
        why: why a figure changed; worked out here when None.
        learnt: what each marketing channel brings; learnt here when None.
        roster: the roster of the coming week; made here when None.
    """

    business: Business
    forecast: RunForecast = field(
        default=lambda history, question: forecasts.run_forecast(history, question.horizon, "quick")
    )
    orders: RunOrders | None = None
    run: Run = field(default=lambda work, *arguments: work(*arguments))
    why: Callable[[ChangeQuestion], ChangeExplanation] | None = None
    learnt: Callable[[], Outlook] | None = None
    roster: Callable[[], Roster] | None = None

    @cached_property
    def metrics(self) -> tuple[Metric, ...]:
        """What can be counted per period, sales first; none when no table has dates."""
        try:
            return metrics(self.business)
        except DataProblem:
            return ()

    @cached_property
    def items(self) -> tuple[str, ...]:
        """The items of the sales, the largest first."""
        return items(self.business, self.metrics[0]) if self.metrics else ()

    @property
    def today(self) -> date:
        """The last day of the sales, from which "last week" and "tomorrow" are counted.

        Raises:
            MissingColumn: there is nothing with dates.
        """
        metric = metrics(self.business)[0]
        last = rows_of(self.business, metric.key)["day"].max()
        assert isinstance(last, date)
        return last

    @property
    def people(self) -> tuple[str, ...]:
        """The names of all staff, those on leave included."""
        staff = self.business.people
        return tuple(dict.fromkeys(name for name in (*staff.staff["name"], *staff.leave["name"]) if name))

    def order_plan(self, question: OrderQuestion) -> OrderPlan:
        """The cheapest order list within these limits.

        Raises:
            DataProblem: the file says too little for that.
        """
        if self.orders is not None:
            return self.orders(question)
        stock = order_plans.stock_of(self.business)
        planner = order_plans.planner(stock, question.costs)
        return order_plans.plan(planner, stock, question, self.business.currency)


@dataclass(frozen=True)
class Tool:
    """One read-only calculation that the Coach may run.

    Attributes:
        intent: the questions that it answers.
        name: as the owner reads it: "What will sell".
        calculate: answers a question; raises `DataProblem` where the file says too little for it.
        looks_back: True when a time without a year, such as "December", is the last one.
        timeless: True when no time changes the answer.
    """

    intent: Intent
    name: str
    calculate: Callable[[CoachContext, CoachQuestion], ToolResult]
    looks_back: bool = False
    timeless: bool = False
