"""Straight-line regression whose errors may remember the period before."""

from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats

HIGHEST_RHO, LOWEST_RHO = 0.97, -0.5
ROUNDS = 10
"""Errors are taken to remember between `LOWEST_RHO` and `HIGHEST_RHO` of the period before; how much is found together
with the line, in at most so many rounds."""


@dataclass(frozen=True, eq=False)
class LinearFit:
    """A fitted line.

    Attributes:
        coefficients: one per column of the design, shape (k,).
        covariance: of the coefficients, shape (k, k).
        residuals: outcome minus line in the outcome's unit, shape (n,).
        shocks: residuals freed from what they remember, shape (n,).
        degrees: rows minus columns.
        rho: share of an error that is still there one period later.
    """

    coefficients: Floats
    covariance: Floats
    residuals: Floats
    shocks: Floats
    degrees: int
    rho: float

    @property
    def errors(self) -> Floats:
        """Standard error of each coefficient."""
        return np.sqrt(np.maximum(np.diag(self.covariance), 0.0))

    @property
    def misfit(self) -> float:
        """Sum of squared shocks."""
        return float(self.shocks @ self.shocks)


def least_squares(design: Floats, outcome: Floats) -> LinearFit:
    """Ordinary least squares; columns that say the same share the effect (minimum norm)."""
    return _line(design, outcome, design, outcome, 0.0)


def fit_prais_winsten(design: Floats, outcome: Floats, *, rho: float | None = None) -> LinearFit:
    """Least squares with first-order autoregressive errors, the first row kept.

    Args:
        design: shape (n, k).
        outcome: shape (n,).
        rho: how much errors remember, when it is known already.

    Source: Prais & Winsten (1954); the correction of rho for its bias in short series follows Kendall (1954), with a
    term for the columns that the line uses up.
    """
    if rho is not None:
        return _prais_winsten(design, outcome, rho)
    line = least_squares(design, outcome)
    for _ in range(ROUNDS):
        memory = _memory(line.residuals, design.shape[1])
        settled = abs(memory - line.rho) < 1e-4
        line = _prais_winsten(design, outcome, memory)
        if settled:
            break
    return line


def without_memory(values: Floats, rho: float) -> Floats:
    """Rows as Prais and Winsten transform them: each minus `rho` times the one before, the first scaled to match."""
    out = values.copy()
    out[1:] -= rho * values[:-1]
    out[0] = values[0] * np.sqrt(1 - rho**2)
    return out


def partialled_out(values: Floats, beside: Floats, rho: float) -> tuple[Floats, int]:
    """Rows without memory and without what other columns say of them (Frisch, Waugh and Lovell); the others' rank."""
    rows, rest = without_memory(values, rho), without_memory(beside, rho)
    left, sizes, _ = np.linalg.svd(rest, full_matrices=False)
    basis = left[:, sizes > sizes[0] * 1e-10]
    return rows - basis @ (basis.T @ rows), basis.shape[1]


def t_quantile(probability: float, degrees: int) -> float:
    """Quantile of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, probability))


def two_sided(t: float, degrees: int) -> float:
    """Chance of a t at least this far from zero when nothing is there."""
    from scipy.special import stdtr

    return float(2 * stdtr(degrees, -abs(t)))


def explained(design: Floats, outcome: Floats) -> float:
    """Share of the outcome's variation (0..1) that the design's columns account for; 1 for a constant outcome."""
    spread = float(np.sum((outcome - outcome.mean()) ** 2))
    if spread <= 1e-12 * max(1.0, float(outcome @ outcome)):
        return 1.0
    return float(np.clip(1 - least_squares(design, outcome).misfit / spread, 0.0, 1.0))


def _memory(residuals: Floats, columns: int) -> float:
    n, total = len(residuals), float(residuals @ residuals)
    if total <= 0:
        return 0.0
    lag_one = float(residuals[1:] @ residuals[:-1]) / total
    return float(np.clip(lag_one + (1 + 3 * lag_one) / n + columns / (2 * n), LOWEST_RHO, HIGHEST_RHO))


def _prais_winsten(design: Floats, outcome: Floats, rho: float) -> LinearFit:
    return _line(design, outcome, without_memory(design, rho), without_memory(outcome, rho), rho)


def _line(design: Floats, outcome: Floats, rows: Floats, targets: Floats, rho: float) -> LinearFit:
    inverse, rank = _inverse(rows.T @ rows)
    coefficients = inverse @ (rows.T @ targets)
    # one step of refinement wins back the digits that squaring the design lost
    coefficients = coefficients + inverse @ (rows.T @ (targets - rows @ coefficients))
    shocks = targets - rows @ coefficients
    degrees = len(targets) - rank
    scale = float(shocks @ shocks) / max(degrees, 1)
    return LinearFit(coefficients, inverse * scale, outcome - design @ coefficients, shocks, degrees, rho)


def _inverse(gram: Floats) -> tuple[Floats, int]:
    """Inverse of X'X and its rank; columns that repeat others share their effect (pseudo-inverse)."""
    sizes = np.sqrt(np.maximum(np.diag(gram), 0.0))
    sizes = np.where(sizes > 0, sizes, 1.0)
    values, vectors = np.linalg.eigh(gram / np.outer(sizes, sizes))
    nonzero = values > 1e-12 * max(float(values[-1]), 1e-300)
    turned = vectors[:, nonzero] / np.sqrt(values[nonzero])
    return turned @ turned.T / np.outer(sizes, sizes), int(nonzero.sum())
