"""Known drivers as numbers per period, what each does to sales, and how to take that out and put it back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import pairwise

import numpy as np

from engine.arrays import Bools, Floats
from engine.forecast.drivers.regression import Link
from engine.forecast.series import Prediction, Series

TYPED_SD = 0.3
"""How far a typed effect may be off, as a share of itself."""

NOTHING_LEFT = -99.99
"""Percent; an event that takes everything is counted as this, so that it can be taken out of the past again."""


class DriverKind(StrEnum):
    """What sort of thing a driver is; the owner reads the value."""

    HOLIDAY = "holiday"
    EVENT = "event"
    PROMOTION = "promotion"
    PRICE = "price"
    CALENDAR = "calendar"
    OTHER = "driver"


AUTOMATIC = frozenset({DriverKind.HOLIDAY, DriverKind.CALENDAR})
"""Kinds that we look up ourselves. The others the owner gave us, so fewer are on trial and each is judged less hard."""


@dataclass(frozen=True, eq=False)
class Driver:
    """One thing that may move sales.

    Attributes:
        name: as the owner reads it: "Christmas Day", "day before Easter Monday", "Price".
        kind: what it is.
        values: one number per period of the table, 0 where it is absent; NaN where nobody knows. A holiday, event or
            promotion counts as the share of the period's open days (0..1), a price as the logarithm of its ratio to
            the usual price.
        typed: the effect that the owner typed, percent of sales while the driver is 1; None to learn it.
        remark: what was assumed about the future, one sentence, or "".
    """

    name: str
    kind: DriverKind
    values: Floats
    typed: float | None = None
    remark: str = ""

    @property
    def automatic(self) -> bool:
        """True when we looked it up, False when the owner gave it."""
        return self.kind in AUTOMATIC


@dataclass(frozen=True, eq=False)
class DriverTable:
    """All known drivers of one series, past and future.

    Attributes:
        periods: the start of each period, in order and without repeats.
        drivers: each with one value per period.
        missing: what could not be used and why, one sentence each.

    Raises:
        ValueError: a driver has another length, two share a name, or the periods are not in order.
    """

    periods: tuple[date, ...]
    drivers: tuple[Driver, ...]
    missing: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if any(len(driver.values) != len(self.periods) for driver in self.drivers):
            raise ValueError(f"every driver needs {len(self.periods)} values")
        names = [driver.name for driver in self.drivers]
        if len(names) != len(set(names)):
            raise ValueError(f"two drivers share a name: {sorted(names)}")
        if any(later <= earlier for earlier, later in pairwise(self.periods)):
            raise ValueError("periods must be in order")

    def at(self, periods: Sequence[date]) -> "DriverTable":
        """The same drivers on some of the periods.

        Raises:
            KeyError: a period is not in the table.
        """
        place = {period: row for row, period in enumerate(self.periods)}
        rows = [place[period] for period in periods]
        drivers = tuple(replace(driver, values=driver.values[rows]) for driver in self.drivers)
        return DriverTable(tuple(periods), drivers, self.missing)


@dataclass(frozen=True)
class DriverEffect:
    """What one driver does while it is present.

    Attributes:
        name: the driver's name.
        kind: what it is.
        size: percent of sales, or units when `unit` is not "%". Of a price: what 10 % more would do.
        lower, upper: 95 % range of `size`.
        unit: "%" or "units".
        seen: periods of the past in which it was present and sales are known.
        checked: whether held-back stretches could test it.
        basis: how we got it, one clause.
    """

    name: str
    kind: DriverKind
    size: float
    lower: float
    upper: float
    unit: str
    seen: int
    checked: bool
    basis: str


@dataclass(frozen=True)
class ExcludedDriver:
    """A driver that plays no part, and why."""

    name: str
    reason: str


@dataclass(frozen=True, eq=False)
class Coefficient:
    """A driver's weight in the sum that moves sales.

    Attributes:
        name: the driver's name.
        kind: what it is.
        weight: what one unit of the driver adds, on the link's scale.
        sd: standard deviation of `weight`.
        typed: True when only the owner's word stands behind it; such an effect always multiplies.
        lowest, highest: the driver's values in the past.
    """

    name: str
    kind: DriverKind
    weight: float
    sd: float
    typed: bool
    lowest: float
    highest: float


@dataclass(frozen=True, eq=False)
class DriverTerm:
    """What one driver adds in each period.

    Attributes:
        name: the driver's name.
        kind: what it is.
        added: logarithms of factors, or units where `multiplies` is False, shape (n,).
        multiplies: whether the effect multiplies sales.
    """

    name: str
    kind: DriverKind
    added: Floats
    multiplies: bool


@dataclass(frozen=True, eq=False)
class Moves:
    """All effects over some periods.

    Attributes:
        periods: which ones.
        parts: one per kept driver.
        closed: days on which the business does not open, shape (n,).
        sd: uncertainty of all effects together, shape (n,): relative to the forecast where they multiply, else units.
    """

    periods: tuple[date, ...]
    parts: tuple[DriverTerm, ...]
    closed: Bools
    sd: Floats

    @property
    def factor(self) -> Floats:
        """What multiplies sales without drivers, shape (n,); 1 where nothing does."""
        return np.exp(self._sum(multiplies=True))

    @property
    def units(self) -> Floats:
        """What is added before that, shape (n,)."""
        return self._sum(multiplies=False)

    def remove(self, values: Floats) -> Floats:
        """Sales as they would have been without drivers; NaN on closed days."""
        return np.where(self.closed, np.nan, values / self.factor - self.units)

    def restore(self, values: Floats) -> Floats:
        """Sales with the drivers; `values` of shape (..., n). Zero on closed days."""
        return np.where(self.closed, 0.0, (values + self.units) * self.factor)

    def restore_spread(self, values: Floats, spread: Floats) -> Floats:
        """Standard deviation of the error with the drivers, their own uncertainty included.

        Args:
            values: the forecast without drivers, shape (n,).
            spread: its standard deviation, shape (n,).
        """
        level = np.abs(values) if any(part.multiplies for part in self.parts) else 1.0
        return np.where(self.closed, 0.0, self.factor * np.hypot(spread, self.sd * level))

    def _sum(self, *, multiplies: bool) -> Floats:
        chosen = [part.added for part in self.parts if part.multiplies is multiplies]
        return np.asarray(np.sum(chosen, axis=0)) if chosen else np.zeros(len(self.periods))


@dataclass(frozen=True, eq=False)
class DriverEffects:
    """Everything that the drivers do to one series.

    Attributes:
        link: "log" when learnt effects multiply sales, "identity" when they add units.
        scale: units that one step on the link's scale stands for; 1 for "log".
        active: the effects in use.
        left_out: the drivers that play no part.
        coefficients: what `moves` computes from.
        closing: holidays and events on which the business does not open.
        past: the effects in the past.
        cautions: what the owner should know.
    """

    link: Link
    scale: float
    active: tuple[DriverEffect, ...]
    left_out: tuple[ExcludedDriver, ...]
    coefficients: tuple[Coefficient, ...]
    closing: frozenset[str]
    past: Moves
    future: Moves
    cautions: tuple[str, ...] = ()

    def under(self, table: DriverTable, future: Sequence[date]) -> "DriverEffects":
        """The same knowledge with another future: other prices, promotions or events in the table.

        Events that are new to us count with what the owner typed for them.

        Raises:
            KeyError: the table lacks a period or a kept driver.
        """
        ahead = table.at(future)
        met = {*(c.name for c in self.coefficients), *(out.name for out in self.left_out), *self.closing}
        new = [typed_coefficient(d) for d in ahead.drivers if d.typed is not None and d.name not in met]
        coefficients = (*self.coefficients, *new)
        moves = moves_of(coefficients, self.closing, ahead, link=self.link, scale=self.scale)
        return replace(self, coefficients=coefficients, future=moves)

    def __contains__(self, name: object) -> bool:
        return any(coefficient.name == name for coefficient in self.coefficients) or name in self.closing


def typed_coefficient(driver: Driver) -> Coefficient:
    """The weight of a driver for which only the owner's word stands.

    Raises:
        ValueError: the owner typed nothing.
    """
    if driver.typed is None:
        raise ValueError(f"nothing was typed for {driver.name}")
    percent = max(driver.typed, NOTHING_LEFT)
    weight, sd = float(np.log1p(percent / 100)), TYPED_SD * abs(percent) / 100
    return Coefficient(driver.name, driver.kind, weight, sd, True, 0.0, 1.0)


def moves_of(
    coefficients: Sequence[Coefficient], closing: frozenset[str], table: DriverTable, *, link: Link, scale: float
) -> Moves:
    """The effects over the periods of a table.

    Args:
        coefficients: the weight of each driver, on the link's scale.
        closing: names of the drivers on which the business does not open.
        table: the drivers of these periods.
        link: "log" when learnt effects multiply sales, "identity" when they add units.
        scale: units that one step on the link's scale stands for; 1 for "log".
    """
    by_name = {driver.name: driver for driver in table.drivers}
    parts, variance = [], np.zeros(len(table.periods))
    for coefficient in coefficients:
        values = by_name[coefficient.name].values
        multiplies = coefficient.typed or link == "log"
        unit = 1.0 if multiplies else scale
        parts.append(DriverTerm(coefficient.name, coefficient.kind, unit * coefficient.weight * values, multiplies))
        variance += (unit * coefficient.sd * values) ** 2
    shut = [by_name[name] for name in closing if name in by_name]
    closed = np.any([np.zeros(len(variance), dtype=bool), *(driver.values >= 1 for driver in shut)], axis=0)
    return Moves(table.periods, tuple(parts), closed, np.sqrt(variance))


def without_effects(series: Series, effects: DriverEffects) -> Series:
    """The past as it would have been without drivers; NaN on closed days.

    Args:
        series: the past that the effects were learnt from.
        effects: what `estimate` returned for it.
    """
    return replace(series, values=effects.past.remove(series.values))


def with_effects(prediction: Prediction, effects: DriverEffects) -> Prediction:
    """A model's view of the future with the drivers, and a spread that counts their uncertainty."""
    spread = prediction.spread
    if spread is not None:
        spread = effects.future.restore_spread(prediction.mean, spread)
    return replace(prediction, mean=effects.future.restore(prediction.mean), spread=spread)
