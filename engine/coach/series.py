"""The past of what a question asks to look ahead for: an item, all together, or a part of the sales as one."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.business.history import Metric, SalesHistory, sales_history
from engine.business.query import Filter
from engine.coach.context import CoachContext, CoachQuestion
from engine.coach.measures import counted
from engine.coach.question_scope import narrowed, not_in_file, together, words_of
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

    def ahead(self, context: CoachContext, horizon: int) -> Forecast:
        """The forecast; of a part without what the owner told about the future of single items."""
        if self.is_part:
            made: Forecast = context.run(forecasts.run_forecast, self.history, horizon, "quick")
            return made
        return context.forecast(self.history, ForecastQuestion(self.history.metric.key, self.item, horizon))


def past_of(context: CoachContext, metric: Metric, asked: CoachQuestion) -> Past:
    """The past of the items, stores or categories that the question names, or of everything.

    Raises:
        DataProblem: the file has nothing of it.
    """
    business = context.business
    whole = replace(counted(business, metric), label="")
    only, arguments = narrowed(whole, asked.question, asked.arguments)
    chosen = together(arguments)
    not_there = not_in_file(asked.question, context.items, words_of(counted(business, metric)), business)
    unknown = () if chosen.items else tuple(not_there)
    if only is whole and len(chosen.items) < 2:
        item = chosen.items[0] if chosen.items else ""
        return Past(forecasts.history_for(business, metric.key, item), item, unknown=unknown)
    where = (*only.where, *([Filter("item", chosen.items)] if chosen.items else []))
    label = ", ".join(name for name in (only.label.removeprefix(", "), chosen.label) if name)
    try:
        history = sales_history(business, metric, where=where, label=label)
    except KeyError:
        nothing = f"Your file has no {metric.label.lower()} of {label}"
        raise DataProblem(nothing, remedy="Ask about all items, or others.") from None
    return Past(history, is_part=True, unknown=unknown)


def said_first(unknown: Iterable[Fact]) -> tuple[str, ...]:
    """The caution that what was asked for is not in the file, where it is not."""
    sentence = NOT_IN_FILE[0].fill(Facts(tuple(unknown)))
    return (sentence.text,) if sentence is not None else ()
