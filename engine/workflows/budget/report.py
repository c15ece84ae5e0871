"""What a split means for its owner: sentence by sentence, as tables, and what somebody sees who was sent a link."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from engine.budget import (
    Advice,
    Allocation,
    Channel,
    FittedCurve,
    Flight,
    Hill,
    Mix,
    Outlook,
    OwnSplit,
    ResponseModel,
    TabulatedCurve,
    TradeOff,
    coin,
    scenario,
)
from engine.budget.media import HOLIDAYS, OPEN_DAYS
from engine.dataset import in_words
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
    words = spoken(Fact("", "", value, unit, ""))
    return words.replace(".00", "") if float(value).is_integer() else words


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


def advice(outlook: Outlook, allocation: Allocation, first_step: Advice) -> str:
    """How far to follow the best split, in one or two sentences."""
    chance = f"{100 * first_step.chance:.0f}%"
    if first_step.step == 1:
        return f"Your past carries the whole change: the chance that it beats today's split is {chance}."
    if not first_step.stays:
        return (
            f"Go {100 * first_step.step:.0f}% of the way first. That far, the chance to beat today's split is "
            f"{chance}; further, your past says too little."
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
    sentences = [
        f"{str(proof.status).capitalize()}: within your limits no split can be worth more than {most} a "
        f"{allocation.mix.period}; this one is worth {worth} (gap {100 * proof.gap:.5f}%)."
    ]
    if proof.status is not Status.OPTIMAL:
        sentences = [
            f"{str(proof.status).capitalize()}: worth {worth} a {allocation.mix.period}; a better split could reach "
            f"{most} at most (gap {100 * proof.gap:.3g}%)."
        ]
    checked = proof.recheck
    if checked is not None:
        verdict = "found the same worth and no broken limit" if checked.agrees else "; ".join(checked.violations)
        sentences.append(f"A second look at the split alone, by code that knows nothing of the search, {verdict}.")
    sentences.append(f"Found by {proof.solver} in {proof.seconds:.2f} seconds.")
    return tuple(sentences)


def holding_back(allocation: Allocation) -> tuple[str, ...]:
    """Each limit that the split uses up, and what more of it would be worth."""
    step, proof = coin(allocation.total), allocation.proof
    more = amount(step, allocation.mix.currency)
    sentences = []
    for limit in proof.binding:
        worth = amount(abs(step * limit.shadow_price), proof.unit)
        if limit.unit == "channels":
            sentences.append(f"{limit.name.capitalize()} ({limit.limit:g}) is used up.")
        elif limit.name.endswith("minimum"):
            sentences.append(f"{limit.name}: {more} less would bring {worth} more.")
        else:
            name = "The total" if limit.name == "the total" else limit.name
            sentences.append(f"{name}: {more} more would bring {worth}.")
    return tuple(sentences)


def timing(flight: Flight, *, ranges_only: bool) -> tuple[str, ...]:
    """What a plan period by period brings, how sure that it is the best, and what it leaves out."""
    mix, proof = flight.mix, flight.proof
    gain = flight.total_outcome - flight.outcome_even
    sentences = [
        f"This timing brings {amount(flight.total_outcome, mix.unit)}, {amount(abs(gain), mix.unit)} "
        f"{'more' if gain >= 0 else 'less'} than the same money split as today and spread evenly. Money that still "
        f"works after the last {mix.period} is counted."
    ]
    if proof.gap <= NEARLY:
        sentences.append(
            f"Proved: no other timing within the channels' ranges is better by more than {100 * proof.gap:.4f}%."
        )
    else:
        sentences.append(
            f"Not proved to the end: another timing could be up to {100 * proof.gap:.2g}% better. Curves that start "
            "slowly leave too many ways to bunch the money."
        )
    if ranges_only:
        sentences.append(
            "Groups, steps, fees and the number of channels hold for the steady split only, not in this plan."
        )
    return tuple(sentences)


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
    sentence = f"The base is {', '.join(first)} and {last}."
    if HOLIDAYS in model.history.controls:
        return sentence
    return f"{sentence} Public holidays are not in it: say on the Forecast page whose holidays count."


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


POINTS = 61
"""Points per curve that travel with a link."""


@dataclass(frozen=True, eq=False)
class SharedSplits:
    """What a link shows.

    Attributes:
        title: what it is about: the file's name.
        mix: the channels; their curves are tables.
        curves: the same with intervals.
        splits: money per channel of each split, by its name.
        ranges: the low and high end of what each split brings, by its name; empty where nothing is known.
        sentences: what goes with it: the certificate, and what to be careful about.
    """

    title: str
    mix: Mix
    curves: tuple[FittedCurve, ...]
    splits: Mapping[str, Mapping[str, float]]
    ranges: Mapping[str, tuple[float, float]]
    sentences: tuple[str, ...]

    @property
    def scenarios(self) -> tuple[OwnSplit, ...]:
        """The splits with what they bring."""
        return tuple(scenario(self.mix, name, spend) for name, spend in self.splits.items())


def shared(
    outlook: Outlook, splits: Sequence[OwnSplit], *, title: str, sentences: Sequence[str], today: date
) -> dict[str, Any]:
    """Splits of an outlook as a value for the store."""
    mix = outlook.mix()
    certain = bool(outlook.learnt)
    brings = {each.name: outlook.expected(each.spend) for each in splits} if certain else {}
    return {
        "title": title,
        "unit": mix.unit,
        "currency": mix.currency,
        "period": mix.period,
        "channels": [_channel(outlook, mix[name], splits) for name in mix.names],
        "splits": [{"name": each.name, "spend": dict(each.spend)} for each in splits],
        "ranges": {name: [each.lower, each.upper] for name, each in brings.items()},
        "said": [f"Made on {in_words(today)}.", *sentences],
    }


def from_shared(saved: Mapping[str, Any]) -> SharedSplits:
    """What `shared` made."""
    curves, channels = [], []
    for each in saved["channels"]:
        spends, mean, lower, upper = (np.array(each[name]) for name in ("spends", "mean", "lower", "upper"))
        curves.append(FittedCurve(each["name"], spends, mean, lower, upper, each["drawn_to"]))
        table = TabulatedCurve(spends, mean) if mean[-1] > 0 else Hill(0.0, 1.0)
        channels.append(Channel(each["name"], table, each["today"], each["seen"]))
    return SharedSplits(
        title=saved["title"],
        mix=Mix(tuple(channels), saved["unit"], saved["currency"], saved["period"]),
        curves=tuple(curves),
        splits={each["name"]: each["spend"] for each in saved["splits"]},
        ranges={name: (low, high) for name, (low, high) in saved["ranges"].items()},
        sentences=tuple(saved["said"]),
    )


def _channel(outlook: Outlook, channel: Channel, splits: Sequence[OwnSplit]) -> dict[str, Any]:
    curve = outlook.fitted_curve(channel.name)
    marks = [channel.today, curve.seen, *(each.spend[channel.name] for each in splits)]
    grid = np.linspace(0.0, curve.spends[-1], POINTS)
    spends = np.union1d(grid, np.clip(marks, 0.0, curve.spends[-1]))
    # The curve itself at each point, so that a split brings in the link what it brings on the page.
    mean = np.maximum.accumulate(channel.curve.value(spends))
    lower, upper = (np.interp(spends, curve.spends, values) for values in (curve.lower, curve.upper))
    return {
        "name": channel.name,
        "today": float(channel.today),
        "seen": channel.seen,
        "drawn_to": curve.seen,
        "spends": spends.tolist(),
        "mean": mean.tolist(),
        "lower": lower.tolist(),
        "upper": upper.tolist(),
    }
