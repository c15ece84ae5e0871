"""Known drivers as numbers per period, past and future in one table."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import pairwise

import numpy as np

from engine.arrays import Floats


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

    def matrix(self) -> Floats:
        """All values, shape (periods, drivers)."""
        if not self.drivers:
            return np.zeros((len(self.periods), 0))
        return np.column_stack([driver.values for driver in self.drivers])
