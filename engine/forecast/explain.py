"""Why the forecast says what it says: contributions that add up to it, period by period and in total.

Source: Ang (2005), The LMDI approach to decomposition analysis, Energy Policy 33(7): the logarithmic mean shares a
change among factors without a remainder and without depending on their order.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from engine.arrays import Floats
from engine.facts import Fact, Facts
from engine.forecast.drivers.effects import DriverKind, Moves

LEVEL, TREND, SEASON, REST = "level", "trend", "season", "the rest of the model"
CLOSED = "closed days"
SEASONS_BACK = 4
"""The season is read off the forecast and so many seasons before it."""


@dataclass(frozen=True, eq=False)
class Contribution:
    """What one thing adds to the forecast.

    Attributes:
        name: "level", "trend", "season", or a driver's name.
        kind: "model" for the first three and their rest, else the kind of driver.
        values: in the unit of the series, shape (n,).
    """

    name: str
    kind: str
    values: Floats

    @property
    def total(self) -> float:
        """Over all periods."""
        return float(self.values.sum())


@dataclass(frozen=True, eq=False)
class Explanation:
    """A forecast taken apart.

    Attributes:
        periods: of the forecast.
        forecast: what the contributions add up to, shape (n,).
        contributions: the model's own first, then the drivers', the largest first.
        unit: of the series.
    """

    periods: tuple[date, ...]
    forecast: Floats
    contributions: tuple[Contribution, ...]
    unit: str

    def facts(self) -> Facts:
        """The totals over all periods."""
        basis = "the parts add up to the forecast; several effects on one day share what they do together"
        facts = [Fact("explained_total", "Forecast in total", float(self.forecast.sum()), self.unit, basis)]
        for number, part in enumerate(self.contributions):
            label = f"Of it from {part.name}"
            facts.append(Fact(f"contribution_{number}", label, part.total, self.unit, basis))
        return Facts(tuple(facts))


def explain(
    forecast: Floats, plain: Floats, moves: Moves, *, past: Floats, season_length: int, unit: str
) -> Explanation:
    """Take a forecast apart.

    Args:
        forecast: the final points, shape (n,).
        plain: the models' points before the drivers were put back, shape (n,).
        moves: the drivers' effects over the same periods.
        past: the history without the drivers' effects, NaN where closed, shape (m,).
        season_length: open periods in a season; 1 for none.
        unit: of the series.

    Raises:
        ValueError: the lengths differ.
    """
    if not len(forecast) == len(plain) == len(moves.periods):
        raise ValueError(f"{len(forecast)} points, {len(plain)} before drivers, {len(moves.periods)} periods")
    model = _model_parts(plain, past, season_length)
    drivers = _driver_parts(plain, moves)
    explained = np.sum([part.values for part in (*model, *drivers)], axis=0)
    rest = Contribution(REST, "model", model[-1].values + (forecast - explained))
    ranked = sorted(drivers, key=lambda part: -float(np.abs(part.values).sum()))
    return Explanation(moves.periods, forecast, (*model[:-1], rest, *ranked), unit)


def _model_parts(plain: Floats, past: Floats, season_length: int) -> list[Contribution]:
    """Level, trend, season, and what is none of them; the level is where the forecast's own line starts from."""
    season = _season(plain, past, season_length)
    clock = np.arange(len(plain)) + 1.0
    slope, level = np.polyfit(clock, plain - season, 1) if len(plain) > 1 else (0.0, float(plain[0] - season[0]))
    trend, flat = slope * clock, np.full(len(plain), level)
    parts = ((LEVEL, flat), (TREND, trend), (SEASON, season), (REST, plain - flat - trend - season))
    return [Contribution(name, "model", np.asarray(values)) for name, values in parts]


def _season(plain: Floats, past: Floats, season_length: int) -> Floats:
    """What each place in the season adds, its mean over a season being zero, as the forecast itself has it.

    A forecast of less than a season borrows the places that it lacks from the seasons before.
    """
    if season_length < 2 or len(past) < season_length:
        return np.zeros(len(plain))
    tail = past[-SEASONS_BACK * season_length :]
    together = np.concatenate([tail, plain])
    place = (np.arange(len(together)) - len(tail)) % season_length
    marks = (place[:, None] == np.arange(season_length)).astype(np.float64)
    clock = (np.arange(len(together)) - len(tail)) / season_length
    columns = np.column_stack([marks, np.minimum(clock, 0), np.maximum(clock, 0)])
    weight = np.where(np.arange(len(together)) < len(tail), 0.1, 1.0)
    observed = ~np.isnan(together)
    weights, *_ = np.linalg.lstsq((columns * weight[:, None])[observed], (together * weight)[observed], rcond=None)
    index = weights[:season_length] - weights[:season_length].mean()
    return np.asarray(index[place[len(tail) :]])


def _driver_parts(plain: Floats, moves: Moves) -> list[Contribution]:
    """What each driver adds to the points without drivers, and what closed days take away."""
    begin = plain + moves.units
    end = begin * moves.factor
    logs = np.log(np.maximum(moves.factor, 1e-300))
    # The logarithmic mean of both ends per unit of log factor; where the factor is 1 its limit is the value itself.
    moved = np.abs(logs) > 1e-12
    per_log = np.where(moved, (end - begin) / np.where(moved, logs, 1.0), begin)
    parts = [
        Contribution(part.name, part.kind.value, part.added * per_log if part.multiplies else part.added.copy())
        for part in moves.parts
    ]
    if moves.closed.any():
        open_value = np.sum([plain, *(part.values for part in parts)], axis=0)
        parts.append(Contribution(CLOSED, DriverKind.HOLIDAY.value, np.where(moves.closed, -open_value, 0.0)))
    return [part for part in parts if np.any(part.values != 0)]
