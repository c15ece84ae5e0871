"""What will sell, and what would if a price or a promotion changed."""

import re
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from engine.business.calendar import Period
from engine.business.history import Metric, SalesHistory, sales_history
from engine.charts import basics as charts
from engine.charts import forecast as fans
from engine.coach.context import READ, CoachContext, CoachQuestion, Picture, QuestionFact, Tool, ToolResult
from engine.coach.figures import figures_of, metric_in
from engine.coach.question_scope import absence, narrowed, not_in_file, together, words_of
from engine.coach.understand.entities import Amount
from engine.coach.understand.intents import Intent, supposes
from engine.dataset import Frequency, in_words, step
from engine.errors import DataProblem, MissingColumn
from engine.facts import Fact, Facts
from engine.forecast import Forecast, forecast
from engine.forecast.changes import Change, PriceChange, PromotionPlan, WhatIf
from engine.forecast.drivers.choices import Drivers
from engine.forecast.drivers.effects import DriverKind
from engine.workflows.forecast import forecasts, sales_drivers
from engine.workflows.forecast.forecasts import ForecastQuestion

LEVEL = 80
DRAWS = 2000
CHANGED_DAYS = 28
PRICED = re.compile(r"\b(?:pric\w*|dearer|cheaper|discount\w*|charg\w*)\b", re.I)
PROMOTED = re.compile(r"\b(?:promo\w*|offers?|campaign|sale on|special)\b", re.I)
LESS = re.compile(r"\b(?:cut|lower\w*|reduc\w*|discount\w*|decreas\w*|down|cheaper|drop\w*|less|off)\b", re.I)


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
        """The forecast; of a part without what the owner says about the future of single items."""
        if self.is_part:
            part: Forecast = context.run(forecasts.run_forecast, self.history, horizon, "quick")
            return part
        return context.forecast(self.history, ForecastQuestion(self.history.metric.key, self.item, horizon))


def answer(context: CoachContext, question: CoachQuestion) -> ToolResult:
    """What will sell, or what another price or a promotion would change.

    Raises:
        DataProblem: the file says too little for that.
    """
    promotion = bool(PROMOTED.search(question.text))
    change = promotion or bool(PRICED.search(question.text) and question.arguments.amounts)
    return (supposed_sales if supposes(question.text) and change else expected)(context, question)


def expected(context: CoachContext, question: CoachQuestion) -> ToolResult:
    """What will sell, in the stretch that was asked for or over a usual horizon.

    Raises:
        DataProblem: the file has nothing to forecast, or the stretch lies in the past.
    """
    metric = metric_in(context, question.text)
    past = past_of(context, metric, question)
    history = past.history
    ahead = [span for span in question.arguments.spans if span.last > history.periods[-1]]
    if question.arguments.spans and not ahead:
        raise DataProblem(
            f"{in_words(question.arguments.spans[0].last)} is not after the last row of your file, "
            f"{in_words(history.periods[-1])}",
            remedy="Ask how much was sold then, or ask about a later time.",
        )
    horizon = _horizon(history, ahead[0].last if ahead else None)
    outlook = past.ahead(context, horizon)
    picture = Picture(fans.fan(outlook, level=LEVEL), fans.fan_alt(outlook, level=LEVEL))
    inside = _inside(outlook, ahead[0]) if ahead else []
    if inside and len(inside) < len(outlook.periods):
        facts = _window_facts(outlook, inside)
        facts = replace(facts, items=(*past.unknown, *facts))
        return ToolResult("window", facts, picture=picture, link="pages/forecast.py")
    facts = outlook.facts(LEVEL)
    facts = replace(facts, cautions=(*absence(past.unknown), *facts.cautions))
    if ahead and not inside:
        facts = replace(facts, cautions=(_why_not_inside(outlook, ahead[0]), *facts.cautions))
    return ToolResult("forecast", facts, picture=picture, link="pages/forecast.py")


def past_of(context: CoachContext, metric: Metric, question: CoachQuestion) -> Past:
    """The past of the items, stores or categories that the question names, or of everything.

    Raises:
        DataProblem: the file has nothing of it.
    """
    business = context.business
    everything = figures_of(business, metric)
    whole = replace(everything, label="")
    only, arguments = narrowed(whole, question.text, question.arguments)
    chosen = together(arguments)
    not_there = not_in_file(question.text, context.items, words_of(everything), business)
    unknown = () if chosen.items else tuple(not_there)
    if only is whole and len(chosen.items) < 2:
        item = chosen.items[0] if chosen.items else ""
        return Past(forecasts.history_for(business, metric.key, item), item, unknown=unknown)
    label = ", ".join(name for name in (only.label.removeprefix(", "), chosen.label) if name)
    try:
        history = sales_history(business, metric, where=(*only.where, *chosen.where), label=label)
    except KeyError:
        nothing = f"Your file has no {metric.label.lower()} of {label}"
        raise DataProblem(nothing, remedy="Ask about all items, or others.") from None
    return Past(history, is_part=True, unknown=unknown)


def supposed_sales(context: CoachContext, question: CoachQuestion) -> ToolResult:
    """Sales under another price or with a promotion, beside those as planned.

    Raises:
        DataProblem: the question does not say what changes, or the file has no such column.
    """
    metric = next((metric for metric in context.metrics if metric.key == "quantity"), None)
    if metric is None:
        raise MissingColumn("quantity", available=context.business.columns)
    chosen = together(question.arguments)
    if len(chosen.items) > 1:
        raise DataProblem(
            "What a change would bring is worked out for one item or for all together",
            remedy=f"Name one item, for example {chosen.items[0]}.",
        )
    item = chosen.label
    drivers = sales_drivers.drivers_for(context.business, metric, item, sales_drivers.EMPTY_CALENDAR)
    history = forecasts.history_for(context.business, metric.key, item)
    change, words = _change(question, drivers, history, item or context.items[:1])
    result: WhatIf = context.run(play_through, history, CHANGED_DAYS, drivers, change)
    _need_effect(result, change)
    supposition = QuestionFact("change_in_words", "What changes", words, "", READ)
    facts = Facts((supposition, *result.facts().items), (*history.cautions, *result.cautions))
    days = list(result.periods)
    figure = charts.two_lines(days, [*result.planned], [*result.changed], metric.label)
    alt = charts.two_lines_alt(days, [*result.planned], [*result.changed], metric.label)
    return ToolResult("supposed sales", facts, picture=Picture(figure, alt), link="pages/forecast.py")


def _need_effect(result: WhatIf, change: Change) -> None:
    """Go on only where the past shows an effect: none that is known is not the same as none.

    Raises:
        DataProblem: it shows none.
    """
    if result.no_effect and not result.difference.any():
        cause, subject = ("another price", "the price") if isinstance(change, PriceChange) else ("a promotion", "it")
        reason = re.sub(r"^it\b", subject, result.no_effect)
        raise DataProblem(
            f"Your file does not show what {cause} would do to these sales: {reason}.",
            remedy="Ask about an item for which that is known.",
        )


def play_through(history: SalesHistory, horizon: int, drivers: Drivers, change: Change) -> WhatIf:
    """Forecast once, and put the drivers back as planned and as changed.

    Raises:
        DataProblem: there is no such price or promotion.
    """
    return sales_drivers.try_out(forecast(history, horizon=horizon, drivers=drivers), drivers, change)


def _horizon(history: SalesHistory, until: date | None) -> int:
    """Of the horizons that make sense the shortest that reaches this day, or the longest."""
    choices = forecasts.horizons_for(history)
    if until is None:
        return forecasts.usual_horizon(history)
    last, frequency = history.periods[-1], history.calendar.frequency
    return next((periods for periods in choices if step(last, frequency, periods) >= until), choices[-1])


def _inside(outlook: Forecast, span: Period) -> list[int]:
    """The places of the forecast periods that overlap with the span."""
    frequency = outlook.history.calendar.frequency
    return [
        place
        for place, start in enumerate(outlook.periods)
        if start <= span.last and (frequency is Frequency.DAILY or step(start, frequency, 1) > span.first)
        if frequency is not Frequency.DAILY or start >= span.first
    ]


def _why_not_inside(outlook: Forecast, span: Period) -> str:
    first, last, frequency = in_words(span.first), outlook.history.periods[-1], outlook.history.calendar.frequency
    if span.first > step(last, frequency, outlook.horizon):
        return f"{first} is further ahead than this file lets us look; this is as far as we can."
    if frequency is not Frequency.DAILY and span.first < step(last, frequency, 1):
        return f"{first} lies in the last {frequency.period} of your file; this is what comes after it."
    return f"You are usually closed on {in_words(span.last)}; this is what comes around it."


def _window_facts(outlook: Forecast, places: list[int]) -> Facts:
    metric, noun = outlook.history.metric, outlook.history.calendar.frequency.period
    totals = outlook.fan.paths(DRAWS, np.random.default_rng(0))[:, places].sum(axis=1)
    basis = f"{LEVEL} of 100 sample paths add up to a total between the two ends"
    general = {"metric", "item", "typical_error"}
    facts = [fact for fact in outlook.facts(LEVEL) if fact.name in general]
    facts += [
        Fact("days", f"{noun.capitalize()}s asked for", len(places), f"{noun}s", "the open ones of your question"),
        QuestionFact("first_period", "From", outlook.periods[places[0]], "", READ),
        QuestionFact("last_period", "To", outlook.periods[places[-1]], "", f"{READ}, as far as we can look"),
        Fact("total_ahead", "In total", float(outlook.point[places].sum()), metric.unit, "the middle of the forecast"),
        Fact("band_level", "Band", LEVEL, "%", "the band that the Coach speaks of"),
        Fact("total_lower", "Low end", float(np.quantile(totals, 0.5 - LEVEL / 200)), metric.unit, basis),
        Fact("total_upper", "High end", float(np.quantile(totals, 0.5 + LEVEL / 200)), metric.unit, basis),
    ]
    return Facts(tuple(facts), outlook.cautions)


def _change(
    question: CoachQuestion, drivers: Drivers, history: SalesHistory, item: str | tuple[str, ...]
) -> tuple[Change, str]:
    """What the question supposes, and how we read it."""
    names = {tracked.kind: tracked.name for tracked in drivers.tracked}
    ahead = history.calendar.ahead(history.periods[-1], CHANGED_DAYS)
    spans = [span for span in question.arguments.spans if span.last >= ahead[0]]
    span = (
        Period(max(spans[0].first, ahead[0]), min(spans[0].last, ahead[-1])) if spans else Period(ahead[0], ahead[-1])
    )
    percent = _percent(question)
    if PROMOTED.search(question.text) and DriverKind.PROMOTION in names:
        words = f"a promotion runs from {in_words(span.first)} to {in_words(span.last)}"
        return PromotionPlan(names[DriverKind.PROMOTION], span), words
    if not PRICED.search(question.text) or percent is None:
        raise DataProblem(
            "I can suppose another price, a promotion, or less money for orders",
            remedy="Say what changes, for example: what if the price of one item were 5% higher?",
        )
    if not isinstance(item, str):
        named = f", for example {item[0]}" if item else ""
        raise DataProblem("A change of price is worked out for one item", remedy=f"Name the item{named}.")
    if DriverKind.PRICE not in names:
        raise MissingColumn("price", available=[])
    direction = "higher" if percent > 0 else "lower"
    return PriceChange(names[DriverKind.PRICE], percent, span), f"the price is {abs(percent):g}% {direction}"


def _percent(question: CoachQuestion) -> float | None:
    """The change in percent; words like "cut" make it negative."""
    named: list[Amount] = [amount for amount in question.arguments.amounts if amount.unit == "%"]
    if not named:
        return None
    return -abs(named[0].value) if LESS.search(question.text) else named[0].value


TOOLS = (Tool(Intent.FORECAST, "What will sell", answer),)
