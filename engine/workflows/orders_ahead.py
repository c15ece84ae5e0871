"""What every supplier should bring at the next chances to order: from the sales and the list of items to a calendar."""

from dataclasses import replace
from datetime import timedelta

from engine.inventory.deliveries import AheadPlan
from engine.inventory.plan_ahead import AheadEffort, Report, plan_ahead
from engine.workflows.orders import OrderQuestion, Stock, ready_items


def plan_deliveries(
    stock: Stock,
    question: OrderQuestion,
    currency: str,
    later: timedelta = timedelta(0),
    effort: AheadEffort | None = None,
    report: Report = lambda share, note: None,
) -> AheadPlan:
    """The cheapest deliveries ahead within the owner's limits.

    Args:
        stock: the items and their forecasts.
        question: the budget is that of each chance to order.
        currency: ISO code of all money, or "".
        later: how much later than the forecast begins the first order is placed.
        effort: how far to look, and when to stop.
        report: is told how far it is.
    """
    ready, limits = ready_items(stock, question), question.limits(stock.space_unit)
    plan = plan_ahead(ready.items, limits, currency=currency, effort=effort, report=report)
    return replace(plan, assumptions=(*plan.assumptions, *ready.assumptions)).delayed(later)
