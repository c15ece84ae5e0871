"""Where the marketing money should go: from spend and outcome to curves, a split, and the questions around it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from engine.budget import (
    Advice,
    Allocation,
    AllocationLimits,
    ChannelGroup,
    ChannelLimit,
    Flight,
    Goal,
    LiftTest,
    MediaHistory,
    Mix,
    Outlook,
    OwnSplit,
    ResponseModel,
    TradeOff,
    TypedCurve,
    advise,
    allocate,
    fit_response,
    frontier,
    least_spend,
    media_history,
    plan_periods,
    scenario,
    trade_off,
)
from engine.budget.media import HOLIDAYS
from engine.business.model import Business
from engine.causal.frame import COUNTRIES
from engine.dataset import step
from engine.errors import DataProblem
from engine.facts import Fact, Facts
from engine.forecast.drivers.choices import Holidays, holiday_days
from engine.process import Report
from engine.proof import Infeasibility
from engine.workflows.forecast.sales_drivers import EMPTY_CALENDAR, OwnerCalendar, PlanKind

QUANTILE = 0.2
"""The cautious curve of a channel is exceeded in four cases of five."""

FURTHEST = 3.0
"""Budgets up to so many times the larger of today's and the chosen one are thought of."""

FRONTIER = (0.0, 0.25, 0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0)
"""The frontier is drawn at these multiples of the chosen budget."""

MOST_PERIODS = 13

_ENDING = re.compile(r"\s*[(\[][^()\[\]]*[)\]]$")
_WORD = re.compile(r"[\s_]+(spend|spending|cost|costs|budget)$", re.IGNORECASE)


@dataclass(frozen=True)
class BudgetQuestion:
    """What the owner decides about the marketing budget.

    Attributes:
        total: money per period.
        reach: no channel beyond so many times its spend, or below that share of it; None for any change. Far from
            what was tried the curves are guesses.
        profit: maximise profit instead of outcome.
        margin: money earned per unit of outcome before marketing, for profit.
        caution: 0 for curves as expected, 1 for cautious ones.
        limits: what was asked of single channels, of groups, and of all.
    """

    total: float
    reach: float | None = 2.0
    profit: bool = False
    margin: float = 1.0
    caution: float = 0.0
    limits: AllocationLimits = field(default_factory=AllocationLimits)

    @property
    def goal(self) -> Goal:
        """For the engine."""
        return Goal("profit", self.margin) if self.profit else Goal()


def history_of(business: Business, calendar: OwnerCalendar = EMPTY_CALENDAR) -> MediaHistory:
    """Spend and outcome per period, each channel under a short name.

    Args:
        business: whose.
        calendar: whose public holidays count, and what happened once; without a country, that of the currency counts.

    Raises:
        DataProblem: the file has no spend, no outcome, or too little of both.
    """
    history = media_history(business)
    history = history.with_events(_days_by_name(history, calendar))
    names = {name: short_name(name) for name in history.channels}
    if len(set(names.values())) < len(names):
        return history
    return replace(history, spend={names[name]: spent for name, spent in history.spend.items()})


def _days_by_name(history: MediaHistory, calendar: OwnerCalendar) -> dict[str, tuple[date, ...]]:
    """All public holidays of the history together, and the owner's own events."""
    country = calendar.country or COUNTRIES.get(history.currency, "")
    named: dict[str, tuple[date, ...]] = {}
    if country:
        choice = Holidays(country, calendar.region if calendar.country else "", before=0, after=0, customs=False)
        holidays = holiday_days(choice, history.periods[0], step(history.periods[-1], history.frequency, 1))
        named[HOLIDAYS] = tuple(sorted({day for each in holidays.values() for day in each}))
    for plan in calendar.plans:
        if plan.kind is not PlanKind.PRICE:
            span = (plan.first + timedelta(days=k) for k in range((plan.last - plan.first).days + 1))
            named[plan.name] = (*named.get(plan.name, ()), *span)
    return named


def short_name(header: str) -> str:
    """A column's header without its unit and the word for spend.

    >>> short_name("Search ads spend (CHF)")
    'Search ads'
    """
    short = _WORD.sub("", _ENDING.sub("", header.strip())).replace("_", " ").strip()
    return short[:1].upper() + short[1:] if short else header


def learn(history: MediaHistory, lifts: Sequence[LiftTest], report: Report = lambda share, note: None) -> ResponseModel:
    """Fit the response curves, always with the same draws; a function of plain arguments, to run in another process.

    Raises:
        DataProblem: there is too little to learn from.
    """
    return fit_response(history, rng=np.random.default_rng(0), lifts=lifts, report=report)


def limits_for(mix: Mix, question: BudgetQuestion) -> AllocationLimits:
    """The owner's limits, and for channels without one how far they may go from today.

    A larger or smaller budget moves all channels along before it counts as a change.
    """
    if question.reach is None:
        return question.limits
    now, own_limits = sum(mix.today.values()), question.limits
    scale = question.total / now if now > 0 else 1.0
    own = {channel.name: own_limits.of(channel.name) for channel in mix.channels}
    for channel in mix.channels:
        ends = sorted((channel.today, channel.today * scale))
        limit = own[channel.name]
        most = ends[1] * question.reach or channel.seen or question.total
        if not np.isfinite(limit.maximum):
            # An owner who asks for more than that has said how far to go.
            limit = replace(limit, maximum=most if most > max(limit.minimum, limit.if_used) else float("inf"))
        said_or_optional = (
            limit.minimum > 0 or limit.if_used > 0 or limit.fee > 0 or own_limits.most_channels is not None
        )
        if not said_or_optional:
            limit = replace(limit, minimum=min(ends[0] / question.reach, limit.maximum))
        own[channel.name] = limit
    return replace(own_limits, channels=own)


def suggest(outlook: Outlook, question: BudgetQuestion) -> Allocation | Infeasibility[str]:
    """The best split of the total within the limits, proved; or why no split keeps them.

    Raises:
        DataProblem: a limit makes no sense.
    """
    mix = outlook.mix(quantile=QUANTILE, caution=question.caution)
    return allocate(mix, question.total, limits_for(mix, question), goal=question.goal)


def best_for_the_rest(
    outlook: Outlook, question: BudgetQuestion, spend: Mapping[str, float], locked: Sequence[str]
) -> Allocation | Infeasibility[str]:
    """The best split when the locked channels keep what they have; or why none keeps the limits and the locks."""
    limits = question.limits
    for name in locked:
        limits = limits.with_channel(name, ChannelLimit.committed(spend[name]))
    return suggest(outlook, replace(question, limits=limits))


def advice_of(outlook: Outlook, allocation: Allocation) -> Advice | None:
    """How far to follow a split; None where nothing was learnt from a history, so that no chance is known."""
    return advise(outlook, allocation) if outlook.learnt else None


def facts_of(outlook: Outlook, allocation: Allocation) -> Facts:
    """What may be said of a split: its own facts, and how sure the history is of it."""
    facts = allocation.facts()
    if not outlook.learnt:
        return Facts(facts.items, (*facts.cautions, *outlook.cautions))
    chance, brings = outlook.chance_better(allocation.spend, outlook.today), outlook.expected(allocation.spend)
    unit, draws = allocation.mix.unit, f"share of {len(outlook.outcomes({}))} equally likely explanations"
    more = (
        Fact("chance", "Chance to beat today", 100 * chance, "%", draws),
        Fact("low", "Low end of what it brings", brings.lower, unit, "90% interval"),
        Fact("high", "High end of what it brings", brings.upper, unit, "90% interval"),
    )
    return Facts((*facts.items, *more), (*facts.cautions, *outlook.cautions))


def own_split(outlook: Outlook, name: str, spend: Mapping[str, float]) -> OwnSplit:
    """What a split of the owner's own brings by the expected curves."""
    return scenario(outlook.mix(), name, spend)


def budgets(outlook: Outlook, question: BudgetQuestion) -> tuple[Allocation, ...]:
    """The best split for smaller and larger totals, within the same limits."""
    mix = outlook.mix(quantile=QUANTILE, caution=question.caution)
    allocations: list[Allocation] = []
    for share in FRONTIER:
        smaller_or_larger = replace(question, total=share * question.total)
        allocations += frontier(mix, [smaller_or_larger.total], limits_for(mix, smaller_or_larger), goal=question.goal)
    return tuple(allocations)


def least_for(outlook: Outlook, question: BudgetQuestion, target: float) -> Allocation | Infeasibility[str]:
    """The least spend per period that brings a target outcome; or why no spend within reach does.

    Single channels keep the owner's limits only.

    Raises:
        DataProblem: the target is not above 0.
    """
    if not target > 0:
        raise DataProblem("The target must be above 0", remedy="Type what should be brought in.")
    mix = outlook.mix(quantile=QUANTILE, caution=question.caution)
    most = FURTHEST * max(question.total, sum(mix.today.values()))
    ends = {channel.name: max(channel.today, channel.seen or 0.0) for channel in mix.channels}
    limits = question.limits
    for name, end in ends.items():  # what was never tried cannot carry a promise
        own = limits.of(name)
        if question.reach is not None and end > 0 and not np.isfinite(own.maximum):
            most_of = end if end > max(own.minimum, own.if_used) else float("inf")
            limits = limits.with_channel(name, replace(own, maximum=most_of))
    return least_spend(mix, target, limits, most=most)


def bold_to_cautious(outlook: Outlook, question: BudgetQuestion) -> tuple[TradeOff, ...] | Infeasibility[str]:
    """Splits from bold to cautious, and what each may bring."""
    return trade_off(outlook, question.total, limits_for(outlook.mix(), question), quantile=QUANTILE)


def by_period(
    outlook: Outlook, question: BudgetQuestion, periods: int, report: Report = lambda share, note: None
) -> Flight | Infeasibility[str]:
    """The same budget spread over coming periods, with carry-over; to run in another process.

    Only the channels' own minima and maxima hold; groups, steps and counts are for the steady split.
    """
    report(0.0, "looking for the best timing")
    mix = outlook.mix(quantile=QUANTILE, caution=question.caution)
    limits = limits_for(mix, question)
    ranges = {name: ChannelLimit(own.minimum, own.maximum) for name, own in limits.channels.items()}
    total = periods * question.total
    return plan_periods(mix, outlook.carryovers(), total, periods=periods, limits=AllocationLimits(ranges))


def only_steady(limits: AllocationLimits) -> bool:
    """Whether some limits have no place in a plan period by period."""
    single = any(own.fee > 0 or own.if_used > 0 for own in limits.channels.values())
    return bool(limits.groups or limits.most_channels is not None or limits.step or limits.spend_all or single)


def limits_as_json(limits: AllocationLimits) -> dict[str, Any]:
    """For the store; unlimited maxima become None."""
    return {
        "channels": {name: _finite(asdict(own)) for name, own in limits.channels.items()},
        "groups": [{**_finite(asdict(group)), "channels": list(group.channels)} for group in limits.groups],
        "most_channels": limits.most_channels,
        "step": limits.step,
        "spend_all": limits.spend_all,
    }


def limits_from_json(saved: Mapping[str, Any], channel_names: Sequence[str]) -> AllocationLimits:
    """What `limits_as_json` made, without the channels that are not known any more."""
    channels = {name: ChannelLimit(**_whole(own)) for name, own in saved["channels"].items() if name in channel_names}
    groups = []
    for each in saved["groups"]:
        members = tuple(name for name in each["channels"] if name in channel_names)
        if members:
            groups.append(ChannelGroup(**{**_whole(each), "channels": members}))
    return AllocationLimits(channels, tuple(groups), saved["most_channels"], saved["step"], saved["spend_all"])


def curves_from_json(saved: Sequence[Mapping[str, Any]]) -> tuple[TypedCurve, ...]:
    """Typed curves as the store keeps them: one mapping of the fields each.

    Raises:
        DataProblem: no curve goes through what was typed, or two have one name.
    """
    names = [each["channel"] for each in saved]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise DataProblem(f"Two curves are called {twice}", remedy="Keep one of them, or give it another name.")
    return tuple(TypedCurve(**each) for each in saved)


def lifts_from_json(saved: Sequence[Mapping[str, Any]], channel_names: Sequence[str]) -> tuple[LiftTest, ...]:
    """Lift tests as the store keeps them, without those of channels that are not known."""
    return tuple(LiftTest(**each) for each in saved if each["channel"] in channel_names)


def _finite(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: None if value == float("inf") else value for name, value in values.items()}


def _whole(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: float("inf") if value is None else value for name, value in values.items()}
