"""What is left when channels and calendar are taken away: noise with a memory, and a slow drift of the base."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats

MEMORIES = (0.0, 0.4, 0.8)
DRIFTS = (0.0, 1.0, 10.0, 100.0)
DRIFT_WEEKS = 26.0
"""Correlations of neighbouring weeks; variance of the slow drift against the noise's, and how slow it is."""


@dataclass(frozen=True, eq=False)
class Noise:
    """One structure of the noise, ready to be taken out together with the calendar.

    Attributes:
        whiten: turns a series into white noise without calendar, shape (n, n).
        log_size: minus twice the structure's own part of the log likelihood.
        columns: of the calendar, which are taken out.
    """

    whiten: Floats
    log_size: float
    columns: int


def structures(calendar: Floats, weeks: float) -> tuple[Noise, ...]:
    """All structures that the fit considers.

    Args:
        calendar: the columns that are always in the model, intercept first, shape (n, columns), full rank.
        weeks: weeks in one period.
    """
    return tuple(_structure(calendar, weeks, memory, drift) for memory in MEMORIES for drift in DRIFTS)


def full_rank(columns: Sequence[Floats]) -> Floats:
    """The columns without those that the ones before already say, scaled to length 1, shape (n, kept)."""
    bases: list[Floats] = []
    for column in columns:
        rest = column - sum(((base @ column) * base for base in bases), start=np.zeros_like(column))
        rest = rest - sum(((base @ rest) * base for base in bases), start=np.zeros_like(column))
        size = float(np.linalg.norm(rest))
        if size > 1e-8 * max(1e-300, float(np.linalg.norm(column))):
            bases.append(rest / size)
    return np.column_stack(bases)


def _structure(calendar: Floats, weeks: float, memory: float, drift: float) -> Noise:
    distance = np.abs(np.subtract.outer(np.arange(len(calendar)), np.arange(len(calendar)))) * weeks
    covariance = memory**distance + drift * np.exp(-0.5 * (distance / DRIFT_WEEKS) ** 2)
    root = np.linalg.cholesky(covariance)
    inverse = np.linalg.solve(root, np.eye(len(calendar)))
    basis, triangle = np.linalg.qr(inverse @ calendar)
    whiten = inverse - basis @ (basis.T @ inverse)
    own = 2 * float(np.sum(np.log(np.diag(root)))) + 2 * float(np.sum(np.log(np.abs(np.diag(triangle)))))
    return Noise(whiten, own, calendar.shape[1])
