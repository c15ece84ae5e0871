"""Simulated businesses whose response curves are known: what a fit of spend and outcome can be judged by."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from engine.budget import Channel, Curve, Hill, MediaHistory, Mix, Power, Saturating

Array = NDArray[np.float64]

BURN_IN = 26
YEAR = 52.18
FIRST_MONDAY = date(2020, 1, 6)


@dataclass(frozen=True, eq=False)
class World:
    """One simulated business.

    Attributes:
        name: seed and traits.
        history: what its owner sees.
        truth: the true curves at today's spend.
        contributions: per channel, what it truly brought over the history.
        decays: per channel, the true weekly decay.
    """

    name: str
    history: MediaHistory
    truth: Mix
    contributions: dict[str, float]
    decays: dict[str, float]


def world(seed: int) -> World:
    """A business drawn from its seed: 104 to 208 weeks, 3 to 6 channels, decays 0 to 0.8, concave or S-shaped curves.

    In half of the businesses spend follows the season; in half the noise has a memory; a third of the channels runs in
    campaigns with pauses. Marketing brings 15 to 40 % of the outcome.
    """
    rng = np.random.default_rng([7, seed])
    weeks, count = int(rng.choice([104, 156, 208])), int(rng.integers(3, 7))
    if weeks == 104:
        count = min(count, 5)
    s_shaped, confounded, memory = (bool(rng.random() < 0.5) for _ in range(3))
    total = weeks + BURN_IN
    season = _season(total, rng)
    level = 10_000.0
    base = level * (1 + rng.uniform(-0.2, 0.3) * np.arange(total) / YEAR / 2 + rng.uniform(0.05, 0.2) * season)
    base += _noise(total, level * rng.uniform(0.02, 0.05), 0.5 if memory else 0.0, rng)
    names = [f"Channel {number}" for number in range(1, count + 1)]
    sizes = 500 * np.exp(rng.normal(0, 0.7, count))
    spend = np.array([_spend(size, season if confounded else None, total, rng) for size in sizes])
    decays = rng.uniform(0, 0.8, count)
    shapes = [_shape(float(one[one > 0].mean()), s_shaped, rng) for one in spend]
    worked = [shape.value(_adstock(one, decay)) for shape, one, decay in zip(shapes, spend, decays, strict=True)]
    weights = sizes * np.exp(rng.normal(0, 0.5, count))
    weights *= rng.uniform(0.15, 0.40) / weights.sum()
    tops = [weight * level / float(one[BURN_IN:].mean()) for weight, one in zip(weights, worked, strict=True)]
    brought = np.array([top * one for top, one in zip(tops, worked, strict=True)])[:, BURN_IN:]
    outcome = base[BURN_IN:] + brought.sum(axis=0)
    spend = spend[:, BURN_IN:]
    days = tuple(FIRST_MONDAY + timedelta(weeks=k) for k in range(weeks))
    history = MediaHistory(days, outcome, dict(zip(names, spend, strict=True)), unit="EUR", currency="EUR")
    channels = tuple(
        Channel(name, _scaled(shape, top), float(one[-13:].mean()), float(one.max()))
        for name, shape, top, one in zip(names, shapes, tops, spend, strict=True)
    )
    traits = f"{'S' if s_shaped else 'concave'}{' season' if confounded else ''}{' memory' if memory else ''}"
    return World(
        f"{seed} {traits}",
        history,
        Mix(channels, "EUR", "EUR"),
        {name: float(each.sum()) for name, each in zip(names, brought, strict=True)},
        {name: float(decay) for name, decay in zip(names, decays, strict=True)},
    )


def _season(weeks: int, rng: np.random.Generator) -> Array:
    """Two waves a year and a bump before the holidays, between about -1 and 1.5."""
    angle = 2 * np.pi * np.arange(weeks) / YEAR
    phases = rng.uniform(0, 2 * np.pi, 2)
    bump = 0.5 * np.exp(-0.5 * ((np.arange(weeks) % YEAR - 50) / 1.5) ** 2)
    return np.asarray(np.sin(angle + phases[0]) + 0.3 * np.sin(2 * angle + phases[1]) + bump)


def _noise(weeks: int, sd: float, memory: float, rng: np.random.Generator) -> Array:
    noise = np.empty(weeks)
    last = 0.0
    for week in range(weeks):
        last = memory * last + np.sqrt(1 - memory**2) * float(rng.normal())
        noise[week] = last
    return noise * sd


def _spend(size: float, season: Array | None, weeks: int, rng: np.random.Generator) -> Array:
    spend = size * np.exp(_noise(weeks, 0.45, 0.5, rng))
    if season is not None:
        spend *= np.exp(0.4 * season)
    if rng.random() < 1 / 3:
        spend *= _campaigns(weeks, rng)
    return np.round(spend, 2)


def _campaigns(weeks: int, rng: np.random.Generator) -> Array:
    on = np.zeros(weeks)
    week = int(rng.integers(0, 5))
    while week < weeks:
        length = int(rng.integers(4, 10))
        on[week : week + length] = 1.0
        week += length + int(rng.integers(2, 6))
    return on


def _shape(usual: float, s_shaped: bool, rng: np.random.Generator) -> Curve:
    half = usual * float(np.exp(rng.uniform(np.log(0.5), np.log(2.5))))
    if s_shaped:
        return Hill(1.0, half, float(rng.uniform(1.5, 3.0)))
    kind = int(rng.integers(3))
    if kind == 0:
        return Hill(1.0, half, float(rng.uniform(0.7, 1.2)))
    return Saturating(1.0, 1.5 * half) if kind == 1 else Power(1.0, float(rng.uniform(0.4, 0.9)))


def _scaled(shape: Curve, top: float) -> Curve:
    match shape:
        case Hill(_, half, steepness):
            return Hill(top, half, steepness)
        case Saturating(_, scale):
            return Saturating(top, scale)
        case Power(_, exponent):
            return Power(top, exponent)
    raise TypeError(shape)


def _adstock(spend: Array, decay: float) -> Array:
    """Normalised geometric adstock, by recursion from nothing."""
    worked, carried = np.empty_like(spend), 0.0
    for week, amount in enumerate(spend):
        carried = decay * carried + (1 - decay) * amount
        worked[week] = carried
    return worked
