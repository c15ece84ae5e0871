"""What every forecasting model takes and gives."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import ClassVar, Protocol

from engine.arrays import Floats
from engine.dataset import Frequency
from engine.forecast.season import Seasons, find_seasons

DAYS_PER_YEAR = 365.25

SHORT_SEASON = 24
"""The longest season that a smoothing model or ARIMA can hold by itself, periods."""


@dataclass(frozen=True, eq=False)
class Series:
    """The past as a model sees it.

    Attributes:
        values: one number per open period, none missing.
        periods: the start of each of these periods.
        frequency: the length of one period.
        season_length: open periods in one season; 1 where there is none.
    """

    values: Floats
    periods: tuple[date, ...]
    frequency: Frequency
    season_length: int

    def __len__(self) -> int:
        return len(self.values)

    @property
    def cycles(self) -> tuple[float, ...]:
        """The lengths of the seasons that such a history may have, periods, the shortest first.

        The season that it was given, and for days and weeks also the year.
        """
        seasons = [float(self.season_length)] if 1 < self.season_length <= SHORT_SEASON else []
        if self.frequency in (Frequency.DAILY, Frequency.WEEKLY) and len(self) > 1:
            days = (self.periods[-1] - self.periods[0]).days / (len(self) - 1)
            seasons.append(DAYS_PER_YEAR / max(days, 1.0))
        return tuple(seasons)

    @cached_property
    def seasons(self) -> Seasons:
        """The seasons that the history shows."""
        return find_seasons(self.values, self.cycles)

    def until(self, length: int) -> "Series":
        """The first `length` periods."""
        return Series(self.values[:length], self.periods[:length], self.frequency, self.season_length)

    def last(self, length: int) -> "Series":
        """The last `length` periods."""
        return Series(self.values[-length:], self.periods[-length:], self.frequency, self.season_length)


@dataclass(frozen=True, eq=False)
class Prediction:
    """One model's view of the future.

    Attributes:
        mean: point forecast, shape (horizon,).
        spread: the model's own standard deviation of the error, shape (horizon,); None where a model has none that
            deserves trust (measured: Prophet's 95 % band holds 64 %, that of boosted trees 14 %).
    """

    mean: Floats
    spread: Floats | None = None


class Forecaster(Protocol):
    """A forecasting model; each forecast makes a new one, which meets its windows from the oldest to the newest."""

    @property
    def name(self) -> str:
        """The name that the owner reads."""
        ...

    def predict(self, series: Series, future: Sequence[date]) -> Prediction:
        """Forecast the periods `future`, which follow the series without a gap.

        Raises:
            ModelFailed: the model cannot be fitted to this series.
        """
        ...


class PanelModel(ABC):
    """A model that can vote: a subclass in a file of its own under `models/`, listed in `models.PANELS`.

    Attributes:
        name: the name that the owner reads; no two models share one.
        usual_vote: its weight before the owner's own past has spoken, > 0; most models have 1.
    """

    name: ClassVar[str]
    usual_vote: ClassVar[float] = 1.0

    @classmethod
    def suits(cls, series: Series) -> bool:
        """Whether the model is worth its time on such a series; where it is not, it is not asked."""
        return True

    @abstractmethod
    def predict(self, series: Series, future: Sequence[date]) -> Prediction:
        """See `Forecaster`."""
