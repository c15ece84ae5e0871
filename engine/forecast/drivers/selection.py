"""Which drivers help: forward selection with an honest chance of error, then a check on held-back stretches.

Sources:
    Holm (1979) and Bonferroni: the chance that anything at all is kept where nothing matters stays below `ERROR_RATE`.
    Tashman (2000), Out-of-sample tests of forecasting accuracy, Int. J. Forecasting 16: rolling origins.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from engine.arrays import Bools, Floats, Ints
from engine.dataset import Frequency
from engine.forecast.drivers.regression import BENDS, Baseline, CoefficientPrior, Fit, Link, baseline, evidence, fit

ERROR_RATE = 0.02
"""The chance of keeping any single driver in a world where none matters: half for the owner's drivers, half for ours.
With what many of a kind add, it stays below 5 %."""

SPARSE = 0.1
"""A driver that is present in less than this share of periods marks special days; noise is measured on the others."""

INDISTINCT = 0.02
"""A driver of whose variation less than this share is left beside trend, season and kept drivers is collinear."""

LEAST_EXCESS = 0.5
"""Excess kurtosis that errors have at least: a short quiet stretch seldom shows how far sales can jump alone."""

MOST_KEPT = 24

FEWEST_KIN = 3
KIN_SDS = (0.03, 0.07, 0.15)
"""How far effects of many of a kind lie from 0, as a share of sales: the choices."""

KIN_GAIN = 8.0
"""Twice the gain in log likelihood from which many of a kind are kept together. Where they do nothing, the gain passes
5.4 in one of a hundred normal worlds (half a chi-square with one degree of freedom: a variance cannot be negative); the
margin is for errors with heavier tails."""

WINDOWS = 4
"""Stretches that are held back, at most."""


@dataclass(frozen=True, eq=False)
class CandidateDrivers:
    """Drivers on trial.

    Attributes:
        columns: shape (n, p), none missing.
        prior_mean: believed effect of each, on the link's scale, shape (p,).
        prior_sd: how loosely it is believed, shape (p,).
        automatic: which ones we looked up ourselves, shape (p,).
        forced: which ones take part without a trial, shape (p,).
        kin: which ones are many of a kind, each too rare to be sure of alone (holidays), shape (p,).
    """

    columns: Floats
    prior_mean: Floats
    prior_sd: Floats
    automatic: Bools
    forced: Bools
    kin: Bools


@dataclass(frozen=True, eq=False)
class DriverSelection:
    """The outcome of a selection.

    Attributes:
        places: places of the kept drivers among the candidates, the forced ones first.
        indistinct: places of those that cannot be told apart from trend, season or kept drivers.
        shared: those of them that were kept as one of many of a kind, not for themselves.
        fit: the regression with them.
        problem: the problem with the trend's flexibility and the priors that the data asked for.
    """

    places: tuple[int, ...]
    indistinct: tuple[int, ...]
    shared: tuple[int, ...]
    fit: Fit
    problem: "SelectionProblem"


@dataclass(frozen=True, eq=False)
class SelectionProblem:
    """One series on trial.

    Attributes:
        y: values around 1 (divided by their mean), shape (n,); NaN where unknown.
        base: level, trend and season.
        candidates: the drivers that may be chosen.
        link: "log" or "identity".
        bend: how far the trend may bend, one of `BENDS`.
    """

    y: Floats
    base: Baseline
    candidates: CandidateDrivers
    link: Link
    bend: float = field(default=BENDS[1])

    def solve(self, places: Sequence[int], *, start: Floats | None = None) -> Fit:
        """The regression with these candidates."""
        columns = np.hstack([self.base.columns, self.candidates.columns[:, list(places)]])
        return fit(self.y, columns, self.prior(places), self.link, start=start)

    def prior(self, places: Sequence[int]) -> CoefficientPrior:
        """The prior of the regression with these candidates."""
        own, chosen = self.base.sd(self.bend), list(places)
        mean = np.concatenate([np.zeros(len(own)), self.candidates.prior_mean[chosen]])
        return CoefficientPrior(mean, np.concatenate([own, self.candidates.prior_sd[chosen]]))


def with_best_bend(problem: SelectionProblem, places: Sequence[int]) -> SelectionProblem:
    """The same problem with the trend's flexibility of the largest marginal likelihood."""
    if not problem.base.bends:
        return problem
    fitted = problem.solve(places)
    options = [replace(problem, bend=bend) for bend in BENDS]
    return min(options, key=lambda option: evidence(fitted, option.prior(places)))


def choose(problem: SelectionProblem) -> DriverSelection:
    """Add one driver after the other while the most telling one is beyond chance."""
    places = [int(place) for place in np.flatnonzero(problem.candidates.forced)]
    problem = with_best_bend(problem, places)
    fitted = problem.solve(places)
    quiet, allowed = _quiet(problem), _allowed(problem.candidates)
    indistinct: tuple[int, ...] = ()
    for _ in range(MOST_KEPT):
        open_places = np.setdiff1d(np.arange(problem.candidates.columns.shape[1]), places)
        if not len(open_places):
            break
        trial = _score_test(problem, fitted, open_places, quiet)
        indistinct = tuple(int(place) for place in open_places[trial.blurred])
        chances = np.where(trial.blurred, np.inf, trial.chance / allowed[open_places])
        best = int(np.argmin(chances))
        if chances[best] >= 1:
            break
        places.append(int(open_places[best]))
        fitted = problem.solve(places, start=fitted.mean)
    problem, shared = _with_kin(problem, places, indistinct, fitted, quiet)
    if shared:
        places += shared
        fitted = problem.solve(places, start=fitted.mean)
    return DriverSelection(tuple(places), indistinct, tuple(shared), fitted, problem)


def _with_kin(
    problem: SelectionProblem, places: Sequence[int], indistinct: Sequence[int], fitted: Fit, quiet: Bools
) -> tuple[SelectionProblem, list[int]]:
    """All remaining drivers that are many of a kind, when together they are beyond chance; else none.

    One prior serves them all: how far effects of this kind lie from 0, by the largest marginal likelihood.
    """
    candidates = problem.candidates
    rest = np.setdiff1d(np.flatnonzero(candidates.kin), [*places, *indistinct])
    if len(rest) < FEWEST_KIN:
        return problem, []
    trial = _score_test(problem, fitted, rest, quiet)
    info = trial.columns.T @ trial.left / (fitted.variance * trial.noise)
    pull = trial.normal_z() * np.sqrt(np.maximum(np.diag(info), 0.0))
    gains = [_kin_gain(info, pull, sd) for sd in KIN_SDS]
    best = int(np.argmax(gains))
    if gains[best] <= KIN_GAIN:
        return problem, []
    sds = candidates.prior_sd.copy()
    sds[rest] = KIN_SDS[best]
    return replace(problem, candidates=replace(candidates, prior_sd=sds)), rest.tolist()


def _kin_gain(info: Floats, pull: Floats, sd: float) -> float:
    """Twice the gain in log likelihood when effects spread by `sd` instead of being 0."""
    eye = np.eye(len(pull))
    _, volume = np.linalg.slogdet(eye + sd**2 * info)
    return float(pull @ np.linalg.solve(info + eye / sd**2, pull)) - float(volume)


def _quiet(problem: SelectionProblem) -> Bools:
    """Periods without any special day, as far as there are enough of them."""
    present = problem.candidates.columns != 0
    sparse = present.mean(axis=0) < SPARSE
    quiet = ~present[:, sparse].any(axis=1)
    observed = ~np.isnan(problem.y)
    return quiet if (quiet & observed).sum() >= max(20, observed.sum() / 2) else np.ones_like(quiet)


@dataclass(frozen=True, eq=False)
class _ScoreTest:
    """Candidates beside a fitted regression.

    Attributes:
        columns: whitened, shape (known, candidates).
        left: what of them trend, season and kept drivers leave, same shape.
        noise: mean square of the regression's residuals on quiet periods.
        z: each candidate's effect in standard errors, shape (candidates,).
        chance: of a value as far from 0 by luck, shape (candidates,).
        blurred: whether it cannot be told apart from what is in the regression already, shape (candidates,).
    """

    columns: Floats
    left: Floats
    noise: float
    z: Floats
    chance: Floats
    blurred: Bools

    def normal_z(self) -> Floats:
        """The normal value of the same chance: an effect beside heavy-tailed errors counts for less."""
        from scipy.special import ndtri

        return np.asarray(-np.sign(self.z) * ndtri(np.maximum(self.chance, 1e-300) / 2))


def _score_test(problem: SelectionProblem, fitted: Fit, places: Ints, quiet: Bools) -> _ScoreTest:
    columns = fitted.whiten(problem.candidates.columns[:, places])
    left = fitted.beside(columns)
    whole, power = np.sum(columns**2, axis=0), np.sum(columns * left, axis=0)
    calm = fitted.residuals[quiet[fitted.observed]]
    noise = max(float(np.mean(calm**2)), 1e-6)
    z = (columns.T @ fitted.residuals) / np.sqrt(np.maximum(power, 1e-12) * noise)
    spread_over = np.sum(left**2, axis=0) ** 2 / np.maximum(np.sum(left**4, axis=0), 1e-12)
    blurred = power <= INDISTINCT * np.maximum(whole, 1e-12)
    return _ScoreTest(columns, left, noise, z, _two_sided(z, spread_over, calm), blurred)


def _allowed(candidates: CandidateDrivers) -> Floats:
    """The chance of error that each candidate may have, shape (p,)."""
    automatic, by_owner = candidates.automatic, ~candidates.automatic & ~candidates.forced
    groups = int(automatic.any()) + int(by_owner.any())
    return np.asarray(ERROR_RATE / max(groups, 1) / np.where(automatic, automatic.sum(), max(by_owner.sum(), 1)))


def _two_sided(z: Floats, spread_over: Floats, calm: Floats) -> Floats:
    """The chance of a value as far from 0, by Student's distribution with the tails that quiet periods show.

    The mean of m such errors has tails m times lighter: the excess kurtosis of a mean is 1/m of its terms'.
    """
    from scipy.special import stdtr

    power = float(np.mean(calm**2))
    excess = max(float(np.mean(calm**4)) / max(power, 1e-12) ** 2 - 3, LEAST_EXCESS)
    freedom = 4 + 6 * np.maximum(spread_over, 1.0) / excess
    return np.asarray(2 * stdtr(freedom, -np.abs(z) * np.sqrt(freedom / (freedom - 2))))


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
        replace(problem.candidates, columns=columns[:origin]),
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
