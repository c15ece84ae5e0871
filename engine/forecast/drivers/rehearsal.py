"""Drivers on trial a second time: did they help to predict stretches of the past that were held back?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from engine.arrays import Bools, Floats
from engine.dataset import Frequency
from engine.forecast.drivers.baseline import baseline
from engine.forecast.drivers.selection import CandidateDrivers, SelectionProblem

WINDOWS = 4
"""Stretches that are held back, at most."""


@dataclass(frozen=True, eq=False)
class Ablation:
    """What held-back stretches say of each kept driver.

    Attributes:
        tested: whether the driver came before a stretch and again in it, shape (kept,).
        helped: whether it made the forecasts of its periods better, shape (kept,); True where it could not be tested.
        gain: absolute errors without the driver minus those with it, summed, shape (kept,).
    """

    tested: Bools
    helped: Bools
    gain: Floats


def ablate(problem: SelectionProblem, places: Sequence[int], periods: Sequence[date], frequency: Frequency) -> Ablation:
    """Forecast held-back stretches with and without each driver, from what was known before them.

    Args:
        problem: the series, values around 1, and the candidates.
        places: of the drivers to test, among the candidates.
        periods: the start of each period of the series.
        frequency: the length of one period.
    """
    with_it, without = np.zeros(len(places)), np.zeros(len(places))
    tested = np.zeros(len(places), dtype=bool)
    size = max(frequency.season_length, len(periods) // 12)
    for origin in _origins(len(periods), size):
        span = slice(origin, min(origin + size, len(periods)))
        actual = problem.y[span]
        active = problem.candidates.columns[span][:, list(places)]
        before = (problem.candidates.columns[:origin][:, list(places)] != 0) & ~np.isnan(problem.y[:origin, None])
        again = before.any(axis=0) & (active != 0).any(axis=0)
        if not again.any():
            continue
        tested |= again
        whole, parts = _ahead(problem, places, periods[: span.stop], origin, frequency)
        seen = ~np.isnan(actual)
        for place in np.flatnonzero(again):
            rows = seen & (active[:, place] != 0)
            with_it[place] += np.abs(actual - whole)[rows].sum()
            without[place] += np.abs(actual - parts[:, place])[rows].sum()
    return Ablation(tested, ~tested | (with_it <= without), without - with_it)


def _origins(length: int, size: int) -> list[int]:
    starts = [length - k * size for k in range(1, WINDOWS + 1)]
    return [start for start in starts if start >= length // 3]


def _ahead(
    problem: SelectionProblem, places: Sequence[int], periods: Sequence[date], origin: int, frequency: Frequency
) -> tuple[Floats, Floats]:
    """The forecast from `origin` on with all drivers, shape (size,), and without each one, shape (size, places)."""
    base = baseline(periods, origin, frequency)
    columns = problem.candidates.columns[: len(periods)]
    learnt = SelectionProblem(
        problem.y[:origin],
        replace(base, columns=base.columns[:origin]),
        _first(problem.candidates, origin),
        problem.link,
        problem.bend,
    ).solve(places)
    plain = base.columns.shape[1]
    weights = learnt.coefficients[plain:]
    added = columns[origin:, list(places)] * weights
    predictor = base.columns[origin:] @ learnt.coefficients[:plain] + added.sum(axis=1)
    if problem.link == "log":
        return np.exp(np.clip(predictor, -12, 12)), np.exp(np.clip(predictor[:, None] - added, -12, 12))
    return predictor, predictor[:, None] - added


def _first(candidates: CandidateDrivers, length: int) -> CandidateDrivers:
    return replace(candidates, columns=candidates.columns[:length])
