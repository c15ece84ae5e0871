"""A kiosk whose truth is known: 500 days with a weekly pattern, and what moves its sales."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.business.calendar import Calendar
from engine.dataset import Frequency
from engine.forecast.drivers import DriverEffects, Drivers, DriverTable, estimate
from engine.forecast.series import Series

OPENED = date(2024, 1, 1)
WEEK = np.array([0.8, 0.8, 0.9, 1.0, 1.3, 1.6, 0.6])
EVERY_DAY = Calendar(Frequency.DAILY)


@dataclass(frozen=True)
class Kiosk:
    """A past of `past` days, and four weeks to forecast."""

    past: int = 500
    ahead: int = 28

    @property
    def days(self) -> tuple[date, ...]:
        return tuple(OPENED + timedelta(days=k) for k in range(self.past + self.ahead))

    @property
    def future(self) -> tuple[date, ...]:
        return self.days[self.past :]

    def usual(self, level: float = 100.0) -> NDArray[np.float64]:
        return level * WEEK[np.arange(self.past + self.ahead) % 7]

    def series(self, sold: Sequence[float] | NDArray[np.float64]) -> Series:
        return Series(np.asarray(sold, dtype=float)[: self.past], self.days[: self.past], Frequency.DAILY, 7)

    def table(self, drivers: Drivers) -> DriverTable:
        return drivers.table(EVERY_DAY, self.days[: self.past], self.future)

    def learn(self, sold: NDArray[np.float64], drivers: Drivers) -> DriverEffects:
        return estimate(self.series(sold), self.future, self.table(drivers))


@pytest.fixture
def kiosk() -> Callable[..., Kiosk]:
    return Kiosk
