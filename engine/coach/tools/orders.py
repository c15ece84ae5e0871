"""What to order: the whole list, some of its lines, or the list under another limit."""

import re
from collections.abc import Sequence
from dataclasses import replace

from engine.charts import inventory as stocks
from engine.coach.context import READ, CoachContext, CoachQuestion, Picture, QuestionFact, Tool, ToolResult
from engine.coach.figures import bars
from engine.coach.question_scope import Selection, absence, listed, not_in_file, together
from engine.coach.understand.entities import SPENDING
from engine.coach.understand.intents import Intent, supposes
from engine.errors import DataProblem
from engine.facts import Fact, Facts
from engine.inventory import OrderLine, OrderPlan
from engine.narrate import spoken
from engine.workflows.order_question import OrderQuestion

SERVED = re.compile(r"\b(?:service|chance|never|availab\w*|in stock|run out)\b", re.I)


def answer(context: CoachContext, question: CoachQuestion) -> ToolResult:
    """What to order, or what another limit would change.

    Raises:
        DataProblem: the file says too little for that, or no list keeps to the limits.
    """
    return supposed_orders(context, question) if supposes(question.text) else to_order(context, question)


def to_order(context: CoachContext, question: CoachQuestion) -> ToolResult:
    """What to order, all of it or of one item.

    Raises:
        DataProblem: the file says too little for that, or there is no such item in the plan.
    """
    plan = context.order_plan(_limits(question))
    if plan.infeasibility is not None:
        clashing = ", ".join(plan.infeasibility.words)
        raise DataProblem(f"No order list keeps to all limits at once: {clashing}", remedy="Allow a little more.")
    chosen = together(question.arguments)
    if chosen.items:
        return _some_lines(plan, chosen)
    facts, listed_items = plan.facts(), [line.name for line in plan.lines]
    unknown = not_in_file(question.text, listed_items, (), context.business)
    facts = replace(facts, cautions=(*absence(unknown), *facts.cautions))
    picture = _picture_of(plan.orders, plan.currency)
    return ToolResult("orders", facts, picture=picture, link="pages/inventory.py", most=5)


def supposed_orders(context: CoachContext, question: CoachQuestion) -> ToolResult:
    """The order list under another limit, beside the one without it.

    Raises:
        DataProblem: the question names no limit, or no list keeps to it.
    """
    limits = _limits(question)
    if limits.budget is None and limits.service is None:
        return to_order(context, question)
    before, after = context.order_plan(OrderQuestion()), context.order_plan(limits)
    if after.infeasibility is not None:
        raise DataProblem("No order list keeps to that limit", remedy="Allow a little more.")
    return ToolResult("supposed orders", _orders_beside(before, after, limits), link="pages/inventory.py")


def _limits(question: CoachQuestion) -> OrderQuestion:
    """The limits that a question names: money to spend, or the chance not to run out."""
    money = [a for a in question.arguments.amounts if a.unit not in ("%", "")]
    bare = [a for a in question.arguments.amounts if a.unit == ""]
    percent = [a for a in question.arguments.amounts if a.unit == "%"]
    spend = money or (bare if SPENDING.search(question.text) else [])
    limits = OrderQuestion()
    if spend and spend[0].value > 0:
        limits = replace(limits, budget=spend[0].value)
    if percent and SERVED.search(question.text) and 0 < percent[0].value < 100:
        limits = replace(limits, service=round(percent[0].value))
    return limits


def _some_lines(plan: OrderPlan, chosen: Selection) -> ToolResult:
    """One line of the plan, or several added up."""
    lines = [line for line in plan.lines if line.name in chosen.items]
    if len(lines) < 2:
        return _one_line(plan, lines[0].name if lines else chosen.label)
    label = chosen.label if len(lines) == len(chosen.items) else listed([line.name for line in lines])
    basis = f"sum of the lines of {label}"
    facts = [
        QuestionFact("item", "Items", label, "", READ),
        Fact("quantity", "To order now", float(sum(line.quantity for line in lines)), "units", basis),
        Fact("spend", "To spend", float(sum(line.spend for line in lines)), plan.currency, basis),
        Fact("on_hand", "On the shelf", sum(line.curve.ready.on_hand for line in lines), "units", basis),
    ]
    picture = _picture_of([line for line in lines if line.quantity > 0], plan.currency)
    return ToolResult("line", Facts(tuple(facts)), picture=picture, link="pages/inventory.py")


def _picture_of(lines: Sequence[OrderLine], currency: str) -> Picture | None:
    """Bars of what is spent on each, the largest twelve; None for fewer than two."""
    largest = sorted(lines, key=lambda line: -line.spend)[:12]
    if len(largest) < 2:
        return None
    names, spends = [line.name for line in largest], [line.spend for line in largest]
    return bars(names, spends, "Spend now", currency, [_bought(line, currency) for line in largest])


def _one_line(plan: OrderPlan, item: str) -> ToolResult:
    try:
        line = plan.line(item)
    except KeyError:
        raise DataProblem(f"The order plan does not have {item}", remedy="Look on the Orders page why.") from None
    picture = Picture(
        stocks.cost_curve(line, currency=plan.currency), stocks.cost_curve_alt(line, currency=plan.currency)
    )
    return ToolResult(
        "line", Facts(tuple(_line_facts(line, plan.currency))), picture=picture, link="pages/inventory.py"
    )


def _bought(line: OrderLine, currency: str) -> str:
    """ "120 for €252": how many to order, and what they cost."""
    quantity = spoken(Fact("quantity", "", float(line.quantity), "units", ""))
    spend = spoken(Fact("spend", "", float(line.spend), currency, ""))
    return f"{quantity} for {spend}" if line.spend > 0 else quantity


def _line_facts(line: OrderLine, currency: str) -> list[Fact]:
    why = line.why or "the quantity with the lowest expected cost"
    return [
        QuestionFact("item", "Item", line.name, "", READ),
        Fact("quantity", "To order now", float(line.quantity), "units", why),
        Fact("spend", "To spend", float(line.spend), currency, "quantity times price, discounts included"),
        Fact("on_hand", "On the shelf", line.curve.ready.on_hand, "units", "your list of items"),
        Fact(
            "stockout_risk",
            "Chance to run out",
            100 * line.stockout_risk,
            "%",
            "share of futures in which the shelf is empty before the delivery after this one",
        ),
    ]


def _orders_beside(before: OrderPlan, after: OrderPlan, limits: OrderQuestion) -> Facts:
    first, then = before.facts(), after.facts()
    money = after.currency
    facts = [
        replace(first["spend"], name="spend_before", label="To spend without the limit"),
        replace(first["fill_rate"], name="fill_rate_before", label="Demand met without the limit"),
        then["spend"],
        then["fill_rate"],
        Fact(
            "cost_change",
            "Change of the expected cost",
            after.proof.objective - before.proof.objective,
            money,
            "expected cost with the limit, less that without",
        ),
    ]
    if limits.budget is not None:
        facts.append(QuestionFact("budget", "Supposed to spend", limits.budget, money, READ))
    elif limits.service is not None:
        facts.append(QuestionFact("service", "Supposed chance", limits.service, "%", READ))
    return Facts(tuple(facts), after.cautions)


TOOLS = (Tool(Intent.ORDERS, "What to order", answer, timeless=True),)
