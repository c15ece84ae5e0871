"""A regression whose coefficients have priors and whose errors have a memory.

Two links. With "log", an effect multiplies sales: quasi-Poisson, so that zeros are no problem and the mean is not
biased by a logarithm. With "identity", an effect adds units. In both, the errors follow a first-order autoregression,
which is removed before anything is tested: without it, whatever changes rarely (a price) looks certain.

Sources:
    McCullagh & Nelder (1989), Generalized Linear Models, 2nd ed.: iteratively reweighted least squares, section 2.5;
        overdispersion, section 6.2.
    Cochrane & Orcutt (1949), JASA 44: whitening of autocorrelated errors.
    Robinson (1991), That BLUP is a good thing, Statistical Science 6: priors as random effects, used for the tests.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from engine.arrays import Bools, Floats
from engine.dataset import Frequency

KNOTS: Mapping[Frequency, int] = {
    Frequency.DAILY: 28,
    Frequency.WEEKLY: 8,
    Frequency.MONTHLY: 6,
    Frequency.QUARTERLY: 4,
    Frequency.YEARLY: 4,
}
"""Periods from one bend of the trend to the next."""

BENDS = (0.03, 0.1, 0.3)
"""Candidates for the standard deviation of the trend's change from bend to bend, as a share of the level."""

SEASON_SD = 1.0
"""Prior standard deviation of a season's swing, as a share of the level."""

Link = Literal["log", "identity"]

ROUNDS = 25
SETTLED = 1e-4
"""Rounds end when no coefficient moves by more, on the link's scale: a hundredth of a percent of sales."""

MEMORY = 0.95
"""The autoregression's coefficient is kept below this."""

SMALLEST_MEAN = 1e-3
"""Working weights are not computed from means below this share of the usual level."""


@dataclass(frozen=True, eq=False)
class Baseline:
    """Columns of a regression that stand for level, trend and season.

    Attributes:
        columns: shape (periods, k): the level first, then the trend's bends, then the season.
        bends: how many columns are bends.
    """

    columns: Floats
    bends: int

    def sd(self, bend: float) -> Floats:
        """Prior standard deviation of each column's coefficient, shape (k,); infinite for the level."""
        season = self.columns.shape[1] - 1 - self.bends
        return np.concatenate([[np.inf], np.full(self.bends, bend), np.full(season, SEASON_SD)])


def baseline(periods: Sequence[date], past: int, frequency: Frequency) -> Baseline:
    """The columns for these periods; after the first `past` of them the trend stays where it is.

    Args:
        periods: the start of each, past and future.
        past: how many of them lie in the past.
        frequency: the length of one period.
    """
    level = np.ones((len(periods), 1))
    bends = _bends(len(periods), past, KNOTS[frequency])
    return Baseline(np.hstack([level, bends, _season(periods, past, frequency)]), bends.shape[1])


def _bends(length: int, past: int, distance: int) -> Floats:
    """Ramps from 0 to 1, one from each knot to the next: their weights are the changes of the level between knots."""
    starts = np.arange(past - 1, 0, -distance)[::-1] - distance
    clock = np.minimum(np.arange(length), past - 1)
    return np.clip((clock[:, None] - starts[None, :]) / distance, 0.0, 1.0)


def _season(periods: Sequence[date], past: int, frequency: Frequency) -> Floats:
    """Weekdays, months or quarters against their mean; none where the past does not hold two seasons."""
    phase = np.array([_phase(period, frequency) for period in periods])
    phases = np.unique(phase[:past])
    if len(phases) < 2 or past < 2 * frequency.season_length:
        return np.zeros((len(periods), 0))
    marks = (phase[:, None] == phases[None, :]).astype(np.float64)
    return np.asarray(marks[:, :-1] - marks[:, -1:])


def _phase(period: date, frequency: Frequency) -> int:
    """The place in the season; weeks have none, the trend follows their year."""
    if frequency is Frequency.DAILY:
        return period.weekday()
    if frequency in (Frequency.MONTHLY, Frequency.QUARTERLY):
        return period.month
    return 0


@dataclass(frozen=True, eq=False)
class CoefficientPrior:
    """What is believed of each coefficient before the data: mean and standard deviation, shape (k,)."""

    mean: Floats
    sd: Floats

    @property
    def precision(self) -> Floats:
        """One over the variance; 0 where nothing is believed."""
        return np.where(np.isinf(self.sd), 0.0, 1.0 / self.sd**2)


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted regression, and what is needed to ask what else would belong into it.

    Attributes:
        coefficients: shape (k,).
        covariance: of the coefficients, shape (k, k).
        mean: fitted mean of each period, shape (n,), NaN nowhere.
        residuals: whitened, in units of one standard deviation, shape (observed,).
        observed: which periods were used, shape (n,).
        memory: the autoregression's coefficient, 0..`MEMORY`.
        variance: of a whitened residual before it was put into units of its own deviation.
    """

    coefficients: Floats
    covariance: Floats
    mean: Floats
    residuals: Floats
    observed: Bools
    memory: float
    variance: float
    root_weight: Floats
    design: Floats
    solver: Floats

    def whiten(self, columns: Floats) -> Floats:
        """Columns of all periods as the regression sees them: known periods only, weighted, without memory."""
        return _whiten(columns, self.root_weight, self.observed, self.memory)

    def beside(self, columns: Floats) -> Floats:
        """What is left of whitened columns once everything in the regression has explained its part of them."""
        return np.asarray(columns - self.design @ (self.solver @ (self.design.T @ columns)))


def fit(y: Floats, columns: Floats, prior: CoefficientPrior, link: Link, *, start: Floats | None = None) -> Fit:
    """Fit a regression.

    Args:
        y: values around 1 (divided by their mean), shape (n,); NaN where unknown. At least one above 0 for "log".
        columns: shape (n, k), the level first.
        prior: of the k coefficients.
        link: "log" or "identity".
        start: fitted means to begin with.
    """
    observed = ~np.isnan(y)
    mean = _start(y, link) if start is None else start
    variance, memory = 1.0, 0.0
    previous = np.full(columns.shape[1], np.inf)
    for count in range(ROUNDS):
        working, root = _linearised(y, mean, link)
        whitened = _whiten(np.column_stack([columns, np.where(observed, working, 0.0)]), root, observed, memory)
        design, target = whitened[:, :-1], whitened[:, -1]
        penalty = variance * prior.precision
        solver = np.asarray(
            np.linalg.inv(design.T @ design + np.diag(penalty) + 1e-10 * np.eye(len(penalty))), dtype=np.float64
        )
        coefficients: Floats = solver @ (design.T @ target + penalty * prior.mean)
        mean = _mean_of(columns @ coefficients, link)
        rest = target - design @ coefficients
        freedom = max(1.0, len(rest) - float(np.sum((design @ solver) * design)))
        variance = max(float(rest @ rest) / freedom, 1e-8)
        memory = _memory(y, mean, root, observed)
        if np.max(np.abs(coefficients - previous)) < SETTLED and count > 1:
            break
        previous = coefficients
    residuals = rest / np.sqrt(variance)
    return Fit(coefficients, variance * solver, mean, residuals, observed, memory, variance, root, design, solver)


def evidence(fitted: Fit, prior: CoefficientPrior) -> float:
    """Minus twice the logarithm of the marginal likelihood, up to a constant: the smaller, the better the prior.

    The weights, the memory and the variance are those of the fit, so that priors are compared on the same data.

    Source: Robinson (1991), section 4.
    """
    design, variance = fitted.design, fitted.variance
    target = fitted.residuals * np.sqrt(variance) + design @ fitted.coefficients
    inner = design.T @ design / variance + np.diag(prior.precision) + 1e-10 * np.eye(design.shape[1])
    shrunk = np.linalg.solve(inner, design.T @ target / variance + prior.precision * prior.mean)
    square = float(np.sum((target - design @ shrunk) ** 2)) / variance
    square += float(np.sum(prior.precision * (shrunk - prior.mean) ** 2))
    _, volume = np.linalg.slogdet(inner)
    return square + float(volume) - float(np.sum(np.log(prior.precision[prior.precision > 0])))


def _start(y: Floats, link: Link) -> Floats:
    if link == "identity":
        return np.ones(len(y))
    return np.asarray(np.where(np.isnan(y), 1.0, (np.maximum(y, 0.0) + 1.0) / 2))


def _mean_of(predictor: Floats, link: Link) -> Floats:
    return np.exp(np.clip(predictor, -12, 12)) if link == "log" else predictor


def _linearised(y: Floats, mean: Floats, link: Link) -> tuple[Floats, Floats]:
    """The working response, and the root of the working weight of each period."""
    if link == "identity":
        return y, np.ones(len(y))
    safe = np.maximum(mean, SMALLEST_MEAN)
    return np.log(safe) + (y - safe) / safe, np.sqrt(safe)


def _whiten(columns: Floats, root: Floats, observed: Bools, memory: float) -> Floats:
    """Each known row less its memory of the row before; a row after a gap is scaled to the same variance."""
    follows = observed[1:] & observed[:-1]
    own = np.where(np.concatenate([[False], follows]), 1.0, np.sqrt(1 - memory**2)) * root
    white = columns * own[:, None]
    white[1:] -= (memory * follows * root[:-1])[:, None] * columns[:-1]
    return np.asarray(white[observed])


def _memory(y: Floats, mean: Floats, root: Floats, observed: Bools) -> float:
    """Lag-one autocorrelation of the Pearson residuals."""
    error = np.where(observed, (y - mean) / np.maximum(root, SMALLEST_MEAN), np.nan)
    pairs = ~np.isnan(error[1:]) & ~np.isnan(error[:-1])
    power = float(np.nansum(error**2))
    if power == 0 or pairs.sum() < 8:
        return 0.0
    together = float(np.sum(error[1:][pairs] * error[:-1][pairs]))
    return float(np.clip(together / power, 0.0, MEMORY))
