"""Splits that somebody else may look at through a link: all that the page needs, and nothing of the owner's file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from engine.budget import Channel, FittedCurve, Hill, Mix, Outlook, OwnSplit, TabulatedCurve, scenario
from engine.dataset import in_words

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
        said: sentences that go with it: the certificate, and what to be careful about.
    """

    title: str
    mix: Mix
    curves: tuple[FittedCurve, ...]
    splits: Mapping[str, Mapping[str, float]]
    ranges: Mapping[str, tuple[float, float]]
    said: tuple[str, ...]

    @property
    def scenarios(self) -> tuple[OwnSplit, ...]:
        """The splits with what they bring."""
        return tuple(scenario(self.mix, name, spend) for name, spend in self.splits.items())


def shared(
    outlook: Outlook, splits: Sequence[OwnSplit], *, title: str, said: Sequence[str], today: date
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
        "said": [f"Made on {in_words(today)}.", *said],
    }


def from_shared(told: Mapping[str, Any]) -> SharedSplits:
    """What `shared` made."""
    curves, channels = [], []
    for each in told["channels"]:
        spends, mean, lower, upper = (np.array(each[name]) for name in ("spends", "mean", "lower", "upper"))
        curves.append(FittedCurve(each["name"], spends, mean, lower, upper, each["drawn_to"]))
        table = TabulatedCurve(spends, mean) if mean[-1] > 0 else Hill(0.0, 1.0)
        channels.append(Channel(each["name"], table, each["today"], each["seen"]))
    return SharedSplits(
        title=told["title"],
        mix=Mix(tuple(channels), told["unit"], told["currency"], told["period"]),
        curves=tuple(curves),
        splits={each["name"]: each["spend"] for each in told["splits"]},
        ranges={name: (low, high) for name, (low, high) in told["ranges"].items()},
        said=tuple(told["said"]),
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
