"""What every supplier should bring at the next chances to order: from the sales and the list of items to a calendar."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from engine.inventory.deliveries import AheadPlan
from engine.inventory.plan_ahead import AheadEffort, Report, plan_ahead
from engine.inventory.planning_inputs import PlanningItem
from engine.workflows.order_question import OrderQuestion
from engine.workflows.orders import Stock, ready_items

_NAMED = 5
"""So many names are told at once."""


def plan_deliveries(
    stock: Stock,
    question: OrderQuestion,
    currency: str,
    effort: AheadEffort | None = None,
    report: Report = lambda share, note: None,
) -> AheadPlan:
    """The cheapest deliveries ahead within the owner's limits, all suppliers in one rhythm.

    Goods that keep for a day are made or bought every day and are no part of it.

    Args:
        stock: the items and their forecasts.
        question: the budget is that of each chance to order.
        currency: ISO code of all money, or "".
        effort: how far to look, and when to stop.
        report: is told how far it is.
    """
    terms = tuple(replace(each, review_days=0, delivers=()) for each in question.terms)
    ready, limits = ready_items(stock, replace(question, terms=terms)), question.limits(stock.space_unit)
    kept = tuple(each for each in ready.items if each.item.review_period == question.review_days)
    plan = plan_ahead(kept, limits, currency=currency, effort=effort, report=report)
    notes = (*plan.assumptions, *ready.assumptions, *_left_out(question, ready.items, kept))
    # The forecast begins tomorrow: what is ordered or comes on a day counts from the next one on.
    return replace(plan, assumptions=notes).moved(-timedelta(days=1))


def _left_out(question: OrderQuestion, items: Sequence[PlanningItem], kept: Sequence[PlanningItem]) -> Iterator[str]:
    """What the calendar does not know, in sentences."""
    own = [each.supplier for each in question.terms if each.review_days or each.delivers]
    if own:
        yield f"{_names(own)} can be ordered from every {question.review_days} days here, on any weekday."
    fresh = [each.item.name for each in items if each not in kept]
    if fresh:
        yield f"Not in this calendar, as they are fresh every day: {_names(fresh)}."


def _names(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
