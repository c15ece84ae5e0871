"""Questions about the time ahead: what will sell, what to order, and what if."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from engine.business.history import Metric, SalesHistory
from engine.charts import forecast as fans
from engine.charts import inventory as stocks
from engine.charts import records as charts
from engine.coach.context import CoachContext, CoachQuestion, Picture, ToolResult
from engine.coach.measures import COUNTED, LEADS, MONEY, VISITS
from engine.coach.question_scope import Selection, listed, not_in_file, together
from engine.coach.series import past_of, said_first
from engine.coach.understand.entities import Amount
from engine.coach.understand.times import TimeSpan
from engine.dataset import Frequency, in_words, step
from engine.errors import DataProblem, MissingColumn
from engine.facts import Fact, Facts
from engine.forecast import Forecast, forecast
from engine.forecast.drivers.choices import DaySpan, Drivers
from engine.forecast.drivers.table import DriverKind
from engine.forecast.whatif import Change, PriceChange, PromotionPlan, WhatIf
from engine.inventory import OrderLine, OrderPlan
from engine.narrate import spoken
from engine.workflows.forecast import forecasts, sales_drivers
from engine.workflows.forecast.sales_drivers import try_out
from engine.workflows.orders import OrderQuestion

LEVEL = 80
NO_EFFECT = " changes nothing here: "
DRAWS = 2000
CHANGED_DAYS = 28
PRICED = re.compile(r"\b(?:pric\w*|dearer|cheaper|discount\w*|charg\w*)\b", re.I)
PROMOTED = re.compile(r"\b(?:promo\w*|offers?|campaign|sale on|special)\b", re.I)
LESS = re.compile(r"\b(?:cut|lower\w*|reduc\w*|discount\w*|decreas\w*|down|cheaper|drop\w*|less|off)\b", re.I)
SERVED = re.compile(r"\b(?:service|chance|never|availab\w*|in stock|run out)\b", re.I)
SPENDING = re.compile(r"\b(?:spend\w*|budget|only have|afford|at most|up to|no more than|cash)\b", re.I)


def expected(context: CoachContext, asked: CoachQuestion) -> ToolResult:
    """What will sell, in the stretch that was asked for or over a usual horizon.

    Raises:
        DataProblem: the file has nothing to forecast, or the stretch lies in the past.
    """
    metric = _metric(context, asked.question)
    past = past_of(context, metric, asked)
    history = past.history
    ahead = [span for span in asked.arguments.spans if span.last > history.periods[-1]]
    if asked.arguments.spans and not ahead:
        raise DataProblem(
            f"{in_words(asked.arguments.spans[0].last)} is not after the last row of your file, "
            f"{in_words(history.periods[-1])}",
            remedy="Ask how much was sold then, or ask about a later time.",
        )
    horizon = _horizon(history, ahead[0].last if ahead else None)
    made = past.ahead(context, horizon)
    picture = Picture(fans.fan(made, level=LEVEL), fans.fan_alt(made, level=LEVEL))
    inside = _inside(made, ahead[0]) if ahead else []
    if inside and len(inside) < len(made.periods):
        facts = _window_facts(made, inside)
        facts = replace(facts, items=(*past.unknown, *facts))
        return ToolResult("window", facts, picture=picture, link="pages/forecast.py")
    facts = made.facts(LEVEL)
    facts = replace(facts, cautions=(*said_first(past.unknown), *facts.cautions))
    if ahead and not inside:
        facts = replace(facts, cautions=(_why_not_inside(made, ahead[0]), *facts.cautions))
    return ToolResult("forecast", facts, picture=picture, link="pages/forecast.py")


def to_order(context: CoachContext, asked: CoachQuestion) -> ToolResult:
    """What to order, all of it or of one item.

    Raises:
        DataProblem: the file says too little for that, or there is no such item in the plan.
    """
    plan = context.order_plan(_limits(asked))
    if plan.infeasibility is not None:
        clashing = ", ".join(plan.infeasibility.words)
        raise DataProblem(f"No order list keeps to all limits at once: {clashing}", remedy="Allow a little more.")
    chosen = together(asked.arguments)
    if chosen.items:
        return _some_lines(plan, chosen)
    facts, listed_items = plan.facts(), [line.name for line in plan.lines]
    unknown = not_in_file(asked.question, listed_items, (), context.business)
    facts = replace(facts, cautions=(*said_first(unknown), *facts.cautions))
    picture = _orders_drawn(plan.orders, plan.currency)
    return ToolResult("orders", facts, picture=picture, link="pages/inventory.py", most=5)


def supposed_orders(context: CoachContext, asked: CoachQuestion) -> ToolResult:
    """The order list under another limit, beside the one without it.

    Raises:
        DataProblem: the question names no limit, or no list keeps to it.
    """
    limits = _limits(asked)
    if limits.budget is None and limits.service is None:
        return to_order(context, asked)
    before, after = context.order_plan(OrderQuestion()), context.order_plan(limits)
    if after.infeasibility is not None:
        raise DataProblem("No order list keeps to that limit", remedy="Allow a little more.")
    return ToolResult("supposed orders", _orders_beside(before, after, limits), link="pages/inventory.py")


def supposed_sales(context: CoachContext, asked: CoachQuestion) -> ToolResult:
    """Sales under another price or with a promotion, beside those as planned.

    Raises:
        DataProblem: the question does not say what changes, or the file has no such column.
    """
    metric = next((metric for metric in context.metrics if metric.key == "quantity"), None)
    if metric is None:
        raise MissingColumn("quantity", available=context.business.columns)
    chosen = together(asked.arguments)
    if len(chosen.items) > 1:
        raise DataProblem(
            "What a change would bring is worked out for one item or for all together",
            remedy=f"Name one item, for example {chosen.items[0]}.",
        )
    item = chosen.label
    drivers = sales_drivers.drivers_for(context.business, metric, item, sales_drivers.OwnerCalendar())
    history = forecasts.history_for(context.business, metric.key, item)
    change, words = _change(asked, drivers, history, item or context.items[:1])
    result: WhatIf = context.run(play_through, history, CHANGED_DAYS, drivers, change)
    _need_effect(result, change)
    facts = Fact("change_in_words", "What changes", words, "", "read in your question")
    made = Facts((facts, *result.facts().items), (*history.cautions, *result.cautions))
    days = list(result.periods)
    figure = charts.two_lines(days, [*result.planned], [*result.changed], metric.label)
    alt = charts.two_lines_alt(days, [*result.planned], [*result.changed], metric.label)
    return ToolResult("supposed sales", made, picture=Picture(figure, alt), link="pages/forecast.py")


def _need_effect(result: WhatIf, change: Change) -> None:
    """Go on only where the past shows an effect: none that is known is not the same as none.

    Raises:
        DataProblem: it shows none.
    """
    why = next((caution.partition(NO_EFFECT)[2] for caution in result.cautions if NO_EFFECT in caution), "")
    if why and not result.difference.any():
        cause, subject = ("another price", "the price") if isinstance(change, PriceChange) else ("a promotion", "it")
        reason = re.sub(r"^it\b", subject, why)
        raise DataProblem(
            f"Your file does not show what {cause} would do to these sales: {reason}",
            remedy="Ask about an item for which that is known.",
        )


def play_through(history: SalesHistory, horizon: int, drivers: Drivers, change: Change) -> WhatIf:
    """Forecast once, and put the drivers back as planned and as changed.

    Raises:
        DataProblem: there is no such price or promotion.
    """
    return try_out(forecast(history, horizon=horizon, drivers=drivers), drivers, change)


def _metric(context: CoachContext, question: str) -> Metric:
    found = {metric.key: metric for metric in context.metrics}
    if not found:
        raise MissingColumn("date", available=context.business.columns)
    wanted = ((VISITS, "traffic"), (LEADS, "leads"), (COUNTED, "quantity"), (MONEY, "revenue"))
    key = next((key for words, key in wanted if words.search(question) and key in found), next(iter(found)))
    return found[key]


def _horizon(history: SalesHistory, until: date | None) -> int:
    """Of the horizons that make sense the shortest that reaches this day, or the longest."""
    choices = forecasts.horizons_for(history)
    if until is None:
        return forecasts.usual_horizon(history)
    last, frequency = history.periods[-1], history.calendar.frequency
    return next((periods for periods in choices if step(last, frequency, periods) >= until), choices[-1])


def _inside(made: Forecast, span: TimeSpan) -> list[int]:
    """The places of the forecast periods that overlap with the span."""
    frequency = made.history.calendar.frequency
    return [
        place
        for place, start in enumerate(made.periods)
        if start <= span.last and (frequency is Frequency.DAILY or step(start, frequency, 1) > span.first)
        if frequency is not Frequency.DAILY or start >= span.first
    ]


def _why_not_inside(made: Forecast, span: TimeSpan) -> str:
    first, last, frequency = in_words(span.first), made.history.periods[-1], made.history.calendar.frequency
    if span.first > step(last, frequency, made.horizon):
        return f"{first} is further ahead than this file lets us look; this is as far as we can."
    if frequency is not Frequency.DAILY and span.first < step(last, frequency, 1):
        return f"{first} lies in the last {frequency.period} of your file; this is what comes after it."
    return f"You are usually closed on {in_words(span.last)}; this is what comes around it."


def _window_facts(made: Forecast, places: list[int]) -> Facts:
    metric, noun = made.history.metric, made.history.calendar.frequency.period
    totals = made.fan.paths(DRAWS, np.random.default_rng(0))[:, places].sum(axis=1)
    basis = f"{LEVEL} of 100 sample paths add up to a total between the two ends"
    kept = {"metric", "item", "typical_error"}
    facts = [fact for fact in made.facts(LEVEL) if fact.name in kept]
    facts += [
        Fact("days", f"{noun.capitalize()}s asked for", len(places), f"{noun}s", "the open ones of your question"),
        Fact("first_period", "From", made.periods[places[0]], "", "read in your question"),
        Fact("last_period", "To", made.periods[places[-1]], "", "read in your question, as far as we can look"),
        Fact("total_ahead", "In total", float(made.point[places].sum()), metric.unit, "the middle of the forecast"),
        Fact("band_level", "Band", LEVEL, "%", "the band that the Coach speaks of"),
        Fact("total_lower", "Low end", float(np.quantile(totals, 0.5 - LEVEL / 200)), metric.unit, basis),
        Fact("total_upper", "High end", float(np.quantile(totals, 0.5 + LEVEL / 200)), metric.unit, basis),
    ]
    return Facts(tuple(facts), made.cautions)


def _limits(asked: CoachQuestion) -> OrderQuestion:
    """The limits that a question names: money to spend, or the chance not to run out."""
    money = [a for a in asked.arguments.amounts if a.unit not in ("%", "")]
    bare = [a for a in asked.arguments.amounts if a.unit == ""]
    percent = [a for a in asked.arguments.amounts if a.unit == "%"]
    spend = money or (bare if SPENDING.search(asked.question) else [])
    question = OrderQuestion()
    if spend and spend[0].value > 0:
        question = replace(question, budget=spend[0].value)
    if percent and SERVED.search(asked.question) and 0 < percent[0].value < 100:
        question = replace(question, service=round(percent[0].value))
    return question


def _some_lines(plan: OrderPlan, chosen: Selection) -> ToolResult:
    """One line of the plan, or several added up."""
    lines = [line for line in plan.lines if line.name in chosen.items]
    if len(lines) < 2:
        return _one_line(plan, lines[0].name if lines else chosen.label)
    label = chosen.label if len(lines) == len(chosen.items) else listed([line.name for line in lines])
    basis = f"sum of the lines of {label}"
    facts = [
        Fact("item", "Items", label, "", "read in your question"),
        Fact("quantity", "To order now", float(sum(line.quantity for line in lines)), "units", basis),
        Fact("spend", "To spend", float(sum(line.spend for line in lines)), plan.currency, basis),
        Fact("on_hand", "On the shelf", sum(line.curve.ready.on_hand for line in lines), "units", basis),
    ]
    picture = _orders_drawn([line for line in lines if line.quantity > 0], plan.currency)
    return ToolResult("line", Facts(tuple(facts)), picture=picture, link="pages/inventory.py")


def _orders_drawn(lines: Sequence[OrderLine], currency: str) -> Picture | None:
    """Bars of what is spent on each, the largest twelve; None for fewer than two."""
    shown = sorted(lines, key=lambda line: -line.spend)[:12]
    if len(shown) < 2:
        return None
    names, spends = [line.name for line in shown], [line.spend for line in shown]
    known_ahead = [_bought(line, currency) for line in shown]
    figure = charts.bars(names, spends, "Spend now", currency, known_ahead)
    return Picture(figure, charts.bars_alt(names, spends, "Spend now", currency, known_ahead))


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
        Fact("item", "Item", line.name, "", "read in your question"),
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
        facts.append(Fact("budget", "Supposed to spend", limits.budget, money, "read in your question"))
    elif limits.service is not None:
        facts.append(Fact("service", "Supposed chance", limits.service, "%", "read in your question"))
    return Facts(tuple(facts), after.cautions)


def _change(
    asked: CoachQuestion, drivers: Drivers, history: SalesHistory, item: str | tuple[str, ...]
) -> tuple[Change, str]:
    """What the question supposes, and how we read it."""
    known = {tracked.kind: tracked.name for tracked in drivers.tracked}
    ahead = history.calendar.ahead(history.periods[-1], CHANGED_DAYS)
    spans = [span for span in asked.arguments.spans if span.last >= ahead[0]]
    span = (
        DaySpan(max(spans[0].first, ahead[0]), min(spans[0].last, ahead[-1])) if spans else DaySpan(ahead[0], ahead[-1])
    )
    percent = _percent(asked)
    if PROMOTED.search(asked.question) and DriverKind.PROMOTION in known:
        words = f"a promotion runs from {in_words(span.first)} to {in_words(span.last)}"
        return PromotionPlan(known[DriverKind.PROMOTION], span), words
    if not PRICED.search(asked.question) or percent is None:
        raise DataProblem(
            "I can suppose another price, a promotion, or less money for orders",
            remedy="Say what changes, for example: what if the price of one item were 5% higher?",
        )
    if not isinstance(item, str):
        named = f", for example {item[0]}" if item else ""
        raise DataProblem("A change of price is worked out for one item", remedy=f"Name the item{named}.")
    if DriverKind.PRICE not in known:
        raise MissingColumn("price", available=[])
    direction = "higher" if percent > 0 else "lower"
    return PriceChange(known[DriverKind.PRICE], percent, span), f"the price is {abs(percent):g}% {direction}"


def _percent(asked: CoachQuestion) -> float | None:
    """The change in percent; words like "cut" make it negative."""
    named: list[Amount] = [amount for amount in asked.arguments.amounts if amount.unit == "%"]
    if not named:
        return None
    return -abs(named[0].value) if LESS.search(asked.question) else named[0].value
