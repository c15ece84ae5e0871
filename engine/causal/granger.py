"""What comes before what: does knowing one column's past help to foresee another's?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats
from engine.causal.panel import Panel

LEVEL = 0.05
LONG_ENOUGH = 150
"""From so many rows on, two lags are tested; below it one."""

SPARE_ROWS = 3.0
"""Rows per column that a regression must have before the other columns' pasts are held fixed too."""

POWER = 0.8


@dataclass(frozen=True)
class Lead:
    """Whether one column runs ahead of another.

    Attributes:
        cause: the column whose past is tested.
        effect: the column that it may help to foresee.
        p: chance of so much help when there is none, 0..1.
        p_adjusted: the same after Holm's correction for all pairs that were tested together.
        strength: change of the effect, in standard deviations of its shocks, per standard deviation of the cause's own
            shocks, summed over the lags.
        detectable: smallest strength that would have been found in four cases of five.
    """

    cause: str
    effect: str
    p: float
    p_adjusted: float
    strength: float
    detectable: float

    @property
    def is_significant(self) -> bool:
        """Whether the lead stands after the correction for many looks."""
        return self.p_adjusted < LEVEL


def leads(panel: Panel) -> tuple[Lead, ...]:
    """Test every ordered pair of columns of a panel, with the calendar inside the regression; see `lead_table`."""
    names = [variable.name for variable in panel.variables]
    columns = np.column_stack([variable.values for variable in panel.variables])
    return lead_table(columns, names, panel.calendar())


def lead_table(columns: Floats, names: Sequence[str], calendar: Floats, *, lags: int | None = None) -> tuple[Lead, ...]:
    """Test every ordered pair of columns for Granger causality.

    The calendar terms, the effect's own past and, where the rows allow it, the past of all other columns stand in both
    models. One lag more than is tested is included (Toda and Yamamoto), so that trends that wander by themselves do not
    pass for leads. The statistic is scaled down in short, persistent series, where the F table promises too much.

    Args:
        columns: shape (n, k), without NaN.
        names: one per column.
        calendar: terms that may move all columns, shape (n, c).
        lags: how many periods of the past to test; by the number of rows when None.

    Returns:
        One `Lead` per ordered pair, in the order of the names; a pair that cannot be tested (a constant column, one
        that is the sum of others) has p = 1.

    Source: Granger (1969); Toda & Yamamoto (1995), J. Econometrics 66; Holm (1979).
    """
    n, width = columns.shape
    tested = lags or (2 if n >= LONG_ENOUGH else 1)
    depth = tested + 1
    scaled, terms = _standardised(columns), _independent(calendar[depth:])
    joint = n - depth >= SPARE_ROWS * (terms.shape[1] + width * depth)
    rows: list[tuple[int, int, float, float, float]] = []
    for effect in range(width):
        others = [k for k in range(width) if k != effect]
        groups = [others] if joint else [[other] for other in others]
        for group in groups:
            tests = _tests_of(scaled, effect, group, terms, tested)
            rows += [(cause, effect, *test) for cause, test in zip(group, tests, strict=True)]
    rows.sort()
    corrected = holm([p for _, _, p, _, _ in rows])
    return tuple(
        Lead(names[cause], names[effect], p, adjusted, strength, detectable)
        for (cause, effect, p, strength, detectable), adjusted in zip(rows, corrected, strict=True)
    )


def holm(chances: Sequence[float]) -> list[float]:
    """P-values corrected so that one false find among them all stays as rare as the level says.

    Source: Holm (1979), Scandinavian Journal of Statistics 6.
    """
    order = sorted(range(len(chances)), key=lambda k: chances[k])
    corrected, highest = [1.0] * len(chances), 0.0
    for rank, k in enumerate(order):
        highest = max(highest, min(1.0, (len(chances) - rank) * chances[k]))
        corrected[k] = highest
    return corrected


def _standardised(columns: Floats) -> Floats:
    centred = columns - columns.mean(axis=0)
    spread = centred.std(axis=0)
    return np.asarray(centred / np.where(spread > 1e-12 * np.maximum(1.0, np.abs(columns).max(axis=0)), spread, np.inf))


def _past(column: Floats, depth: int) -> Floats:
    """The column one to `depth` periods ago, shape (n - depth, depth)."""
    return np.column_stack([column[depth - k : len(column) - k] for k in range(1, depth + 1)])


def _tests_of(
    columns: Floats, effect: int, causes: Sequence[int], calendar: Floats, lags: int
) -> list[tuple[float, float, float]]:
    """P-value, strength and detectable strength of each cause, from one regression that holds them all."""
    from scipy.special import fdtrc

    depth, width = lags + 1, calendar.shape[1]
    target = columns[depth:, effect]
    pasts = [_past(columns[:, k], depth) for k in (effect, *causes)]
    design = np.hstack([calendar, *pasts])
    fit = _fit(design, target)
    if fit is None:
        alone = [[cause] for cause in causes] if len(causes) > 1 else []
        return [_tests_of(columns, effect, cause, calendar, lags)[0] for cause in alone] or [(1.0, 0.0, np.inf)]
    beta, inverse, scale, degrees = fit
    shrink = _shrink(float(beta[width : width + depth].sum()), lags, len(target), design.shape[1])
    tests = []
    for place in range(len(causes)):
        first = width + (place + 1) * depth
        block = slice(first, first + lags)
        wald = float(beta[block] @ np.linalg.solve(inverse[block, block], beta[block])) / scale / lags
        p = float(fdtrc(lags, degrees, wald / shrink))
        spread = 1 / np.sqrt(np.linalg.inv(inverse[block, block]).diagonal().mean() / len(target))
        tests.append((p, float(beta[block].sum() / spread / np.sqrt(scale)), _detectable(lags, degrees, len(target))))
    return tests


def _independent(terms: Floats) -> Floats:
    """The columns without those that repeat others or say nothing."""
    basis: list[int] = []
    for k in range(terms.shape[1]):
        if np.linalg.matrix_rank(terms[:, [*basis, k]]) > len(basis):
            basis.append(k)
    return terms[:, basis]


def _fit(design: Floats, target: Floats) -> tuple[Floats, Floats, float, int] | None:
    """Coefficients, (X'X)^-1, error variance and degrees; None when columns repeat each other or rows are too few."""
    degrees = len(target) - design.shape[1]
    if degrees < 5:
        return None
    unitary, upper = np.linalg.qr(design)
    size = np.abs(np.diag(upper))
    if size.min() <= 1e-8 * size.max():
        return None
    back = np.linalg.inv(upper)
    beta = back @ (unitary.T @ target)
    errors = target - design @ beta
    return beta, back @ back.T, max(float(errors @ errors) / degrees, 1e-12), degrees


def _shrink(memory: float, lags: int, rows: int, columns: int) -> float:
    """By how much the statistic runs high in a short series, the more so the longer the effect remembers its past.

    A Bartlett-type factor, 1 + 480 (lags + 1) (rho / n)^2, with rho corrected for its own bias; its constant
    comes from simulated worlds without any lead.
    """
    rho = np.clip(memory + (1 + 3 * memory) / rows + columns / (2 * rows), 0.0, 1.0)
    return float(1 + (lags + 1) * 480 * (rho / rows) ** 2)


def _detectable(lags: int, degrees: int, rows: int) -> float:
    """The strength at one lag that reaches `POWER`, from the noncentral F with its normal approximation."""
    from scipy.special import fdtri, ncfdtrinc

    critical = fdtri(lags, degrees, 1 - LEVEL)
    noncentral = float(ncfdtrinc(lags, degrees, 1 - POWER, critical))
    return float(np.sqrt(noncentral / rows))
