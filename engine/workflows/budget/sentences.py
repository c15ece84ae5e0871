"""What a split means, sentence by sentence: what the next money brings, how far to go, and why it is the best."""

from collections.abc import Sequence

import polars as pl

from engine.budget import Advice, Allocation, Flight, Outlook, ResponseModel, TradeOff, coin
from engine.budget.media import HOLIDAYS, OPEN_DAYS
from engine.facts import Fact
from engine.narrate import spoken
from engine.proof import Status

NEARLY = 1e-3
"""A timing that is this close to its bound counts as proved, and the gap is said."""

ALIKE = 0.01
"""Splits that differ by less than this share are as good as the same."""

NEVER = "more than you ever spent on it: extrapolated"


def amount(value: float, unit: str) -> str:
    """A value with its unit, as it is said: "$1,250", "830 visits"; round amounts without cents: "$10"."""
    said = spoken(Fact("", "", value, unit, ""))
    return said.replace(".00", "") if float(value).is_integer() else said


def marginal(outlook: Outlook, allocation: Allocation, channel: str) -> str:
    """What the next bit of money brings on a channel at today's spend, and at the suggested one."""
    mix, plan = outlook.mix(), next(each for each in allocation.plans if each.channel == channel)
    step = coin(allocation.total)
    more = amount(step, mix.currency)
    now = amount(step * mix[channel].marginal(plan.today), mix.unit)
    then = amount(step * mix[channel].marginal(plan.spend), mix.unit)
    spends = amount(plan.today, mix.currency), amount(plan.spend, mix.currency)
    sure = ""
    if channel in outlook.learnt and outlook.model is not None:
        ends = outlook.model.marginal_roas(channel)
        low, high = (amount(step * end, mix.unit) for end in (ends.lower, ends.upper))
        sure = f" (90% likely between {low} and {high})"
    period = mix.period
    first = f"At today's {spends[0]} a {period}, the next {more} would bring about {now}{sure}"
    if abs(plan.spend - plan.today) <= 0.005 * max(allocation.total, 1e-9):
        return f"{first}."
    return f"{first}; at the suggested {spends[1]}, {then}."


def seen(outlook: Outlook, channel: str) -> str:
    """How far the curve rests on something."""
    mix = outlook.mix()
    limit = mix[channel].seen
    if limit is None:
        return "This is the curve that you typed; it carries no interval."
    return (
        f"You never spent more than {amount(limit, mix.currency)} in a {mix.period}: the dotted part is extrapolated."
    )


def advice(outlook: Outlook, allocation: Allocation, given: Advice) -> str:
    """How far to follow the best split, in one or two sentences."""
    chance = f"{100 * given.chance:.0f}%"
    if given.step == 1:
        return f"Your past carries the whole change: the chance that it beats today's split is {chance}."
    if not given.stays:
        return (
            f"Go {100 * given.step:.0f}% of the way first. That far, the chance to beat today's split is {chance}; "
            "further, your past says too little."
        )
    changes = [plan for plan in allocation.plans if plan.spend > plan.today]
    most = max(changes, key=lambda plan: plan.outcome - plan.outcome_today, default=None)
    first = f"Try it small first: by your past, the chance that this split beats today's is only {chance}."
    if most is None:
        return first
    return f"{first} Raise {most.channel} alone for some weeks, then come back with the new rows."


def certificate(allocation: Allocation) -> tuple[str, ...]:
    """The proof in words: what it brings, what no split can exceed, and the second look."""
    proof, unit = allocation.proof, allocation.proof.unit
    worth, most = (f"{value:,.2f} {unit}".rstrip() for value in (proof.objective, proof.bound))
    said = [
        f"{str(proof.status).capitalize()}: within your limits no split can be worth more than {most} a "
        f"{allocation.mix.period}; this one is worth {worth} (gap {100 * proof.gap:.5f}%)."
    ]
    if proof.status is not Status.OPTIMAL:
        said = [
            f"{str(proof.status).capitalize()}: worth {worth} a {allocation.mix.period}; a better split could reach "
            f"{most} at most (gap {100 * proof.gap:.3g}%)."
        ]
    checked = proof.recheck
    if checked is not None:
        verdict = "found the same worth and no broken limit" if checked.agrees else "; ".join(checked.violations)
        said.append(f"A second look at the split alone, by code that knows nothing of the search, {verdict}.")
    said.append(f"Found by {proof.solver} in {proof.seconds:.2f} seconds.")
    return tuple(said)


def holding_back(allocation: Allocation) -> tuple[str, ...]:
    """Each limit that the split uses up, and what more of it would be worth."""
    step, proof = coin(allocation.total), allocation.proof
    more = amount(step, allocation.mix.currency)
    said = []
    for limit in proof.binding:
        worth = amount(abs(step * limit.shadow_price), proof.unit)
        if limit.unit == "channels":
            said.append(f"{limit.name.capitalize()} ({limit.limit:g}) is used up.")
        elif limit.name.endswith("minimum"):
            said.append(f"{limit.name}: {more} less would bring {worth} more.")
        else:
            name = "The total" if limit.name == "the total" else limit.name
            said.append(f"{name}: {more} more would bring {worth}.")
    return tuple(said)


def timing(flight: Flight, *, ranges_only: bool) -> tuple[str, ...]:
    """What a plan period by period brings, how sure that it is the best, and what it leaves out."""
    mix, proof = flight.mix, flight.proof
    gain = flight.total_outcome - flight.outcome_even
    said = [
        f"This timing brings {amount(flight.total_outcome, mix.unit)}, {amount(abs(gain), mix.unit)} "
        f"{'more' if gain >= 0 else 'less'} than the same money split as today and spread evenly. Money that still "
        f"works after the last {mix.period} is counted."
    ]
    if proof.gap <= NEARLY:
        said.append(
            f"Proved: no other timing within the channels' ranges is better by more than {100 * proof.gap:.4f}%."
        )
    else:
        said.append(
            f"Not proved to the end: another timing could be up to {100 * proof.gap:.2g}% better. Curves that start "
            "slowly leave too many ways to bunch the money."
        )
    if ranges_only:
        said.append("Groups, steps, fees and the number of channels hold for the steady split only, not in this plan.")
    return tuple(said)


def split_table(allocation: Allocation) -> pl.DataFrame:
    """One row per channel: today, the best split, what changes, and what each brings; amounts in their units."""
    mix = allocation.mix
    money, brings = f", {mix.currency}" if mix.currency else "", f", {mix.unit}" if mix.unit else ""
    rows = [
        {
            "Channel": plan.channel,
            f"Today per {mix.period}{money}": plan.today,
            f"Best per {mix.period}{money}": plan.spend,
            f"Change{money}": plan.spend - plan.today,
            f"Brings today{brings}": plan.outcome_today,
            f"Would bring{brings}": plan.outcome,
            "Worth a look": NEVER if plan.beyond_seen else "",
        }
        for plan in allocation.plans
    ]
    frame = pl.DataFrame(rows)
    return frame if any(plan.beyond_seen for plan in allocation.plans) else frame.drop("Worth a look")


def carryover_table(outlook: Outlook) -> pl.DataFrame:
    """One row per channel and plausible carry-over: how long its money works, how likely that is, and its return."""
    model = outlook.model
    if model is None:
        return pl.DataFrame()
    unit = f"{model.history.unit} per {model.history.currency or 'unit of money'}"
    rows = [
        {
            "Channel": name,
            "How long its money works": each.name,
            "Chance, %": 100 * each.chance,
            f"Brought, {unit}": each.roas,
        }
        for name in model.channels
        for each in model.carryovers(name)
    ]
    return pl.DataFrame(rows)


def base(model: ResponseModel) -> str:
    """What the base is made of, and what it could know besides."""
    season = ["season"] if model.calendar.waves else []
    ours = {OPEN_DAYS, HOLIDAYS}
    others = [name.lower() if name in ours else name.replace("_", " ") for name in model.history.controls]
    *first, last = ["level", "trend", *season, *others]
    said = f"The base is {', '.join(first)} and {last}."
    if HOLIDAYS in model.history.controls:
        return said
    return f"{said} Public holidays are not in it: say on the Forecast page whose holidays count."


def past_table(model: ResponseModel) -> pl.DataFrame:
    """One row per channel: what was spent and brought over the whole history, with intervals in words."""
    unit, money = model.history.unit, model.history.currency
    each_unit = f"Brought per {money or 'unit of money'}{f', {unit}' if unit != money else ''}"
    rows = []
    for name in model.channels:
        brought, back = model.contribution(name), model.roas(name)
        rows.append(
            {
                "Channel": name,
                f"Spent in all{f', {money}' if money else ''}": float(model.history.spend[name].sum()),
                f"Brought in all{f', {unit}' if unit else ''}": brought.value,
                "90% likely between": f"{brought.lower:,.0f} and {brought.upper:,.0f}",
                each_unit: back.value,
                "90% likely between ": f"{back.lower:.2f} and {back.upper:.2f}",
                "Chance of any effect, %": 100 * model.chance_of_effect(name),
            }
        )
    return pl.DataFrame(rows)


def all_alike(points: Sequence[TradeOff]) -> bool:
    """Whether bold and cautious splits bring nearly the same, on average and when things go badly."""
    means, lows = [each.expected for each in points], [each.cautious for each in points]
    return max(means) - min(means) < ALIKE * max(means) and max(lows) - min(lows) < ALIKE * max(lows)


def broken(violations: Sequence[str]) -> str:
    """The limits that an own split breaks."""
    return f"Outside your limits: {'; '.join(violations)}."
