"""What one event changed: what happened after it, against what the controls and the past say would have happened.

The model and its priors are those of R's CausalImpact: a local level, and a regression in which each control may be
absent. Where R draws, every value on a grid is weighed, so the same data give the same answer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

import numpy as np

from engine.arrays import Floats

MOST_ROWS = 400
FEWEST_ROWS = 8
SILENT = 1e-9
TWO_SIDED = 1.959964
"""At most the last 400 periods before the event are learnt from, and at least 8; the interval is the 95 % one."""

LEVEL_SD = 0.01
LEVEL_TRUST = 32.0
"""The level is expected to wander by 1 % of the series' spread per period; that expectation counts as much as 32
observations."""

EXPECTED_R2 = 0.8
R2_TRUST = 50.0
"""Controls are expected to explain 80 % of the series, which counts as much as 50 observations."""

ALONE_TRUST = 0.01
"""Without controls, that the noise is as large as the series' spread counts as a hundredth of an observation."""

EXPECTED_CONTROLS = 3.0
INFORMATION = 0.01
"""Three controls are expected to matter; that each does nothing counts as a hundredth of an observation."""

RATIOS = np.geomspace(0.003, 10.0, 60)
NOISES = np.geomspace(0.03, 1.3, 50)
"""Standard deviations that are tried: the level's step over the noise, and the noise over the series' spread."""

MOST_SUBSETS = 256
NEGLIGIBLE = 1e-4


@dataclass(frozen=True, eq=False)
class EventImpact:
    """What an event changed.

    Attributes:
        name: the event.
        unit: of all amounts.
        periods: the start of each period, before and after.
        actual: what happened.
        expected: what would have happened without the event, with its 95 % band; fitted before the event.
        lower: lower end of the band.
        upper: upper end of the band.
        start: position of the first period after the event began.
        average: mean of actual minus expected after the event.
        interval: its 95 % interval.
        p: chance of so large a difference, either way, if the event did nothing.
        controls: the series that stood for what would have happened.
        cautions: what must be said with it.
        period: noun for one period.
    """

    name: str
    unit: str
    periods: tuple[date, ...]
    actual: Floats
    expected: Floats
    lower: Floats
    upper: Floats
    start: int
    average: float
    interval: tuple[float, float]
    p: float
    controls: tuple[str, ...]
    cautions: tuple[str, ...] = ()
    period: str = "period"

    @property
    def is_significant(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.interval[0] > 0 or self.interval[1] < 0

    @property
    def total(self) -> float:
        """Sum of actual minus expected after the event."""
        return float((self.actual - self.expected)[self.start :].sum())


@dataclass(frozen=True)
class Story:
    """What is compared.

    Attributes:
        name: the event, as the owner calls it.
        unit: of the figure.
        periods: the start of each, shape (n,).
        start: place of the first period of the event, 1..n-1.
        controls: names of the series that it cannot have moved.
        period: noun for one period.
    """

    name: str
    unit: str
    periods: tuple[date, ...]
    start: int
    controls: tuple[str, ...] = ()
    period: str = "period"


def event_impact(story: Story, outcome: Floats, controls: Floats) -> EventImpact:
    """The effect of one event, in the manner of CausalImpact.

    A local level plus a regression on the controls is learnt from the periods before the event, with R's priors; its
    forecast after the event is what would have happened. No draw is made, so the same data give the same answer.

    Args:
        story: what is compared.
        outcome: shape (n,), without NaN.
        controls: series that the event cannot have touched, shape (n, k), k >= 0.

    Raises:
        ValueError: fewer than 8 periods before the event, none after it, or no change at all before it.

    Source: Brodersen et al. (2015), Annals of Applied Statistics 9.
    """
    start = story.start
    if start < FEWEST_ROWS or start >= len(outcome):
        raise ValueError(f"{start} periods before the event and {len(outcome) - start} after it")
    first = max(0, start - MOST_ROWS)
    early = outcome[first:start]
    centre, spread = float(early.mean()), float(early.std(ddof=1))
    if spread <= SILENT * max(1.0, float(np.abs(early).max())):
        raise ValueError("the figure never changed before the event")
    without = expected((outcome[first:] - centre) / spread, _scaled(controls[first:], start - first), start - first)
    mean = np.concatenate([np.full(first, np.nan), centre + spread * without.mean])
    band = np.concatenate([np.full(first, np.nan), TWO_SIDED * spread * without.sd])
    average = float(outcome[start:].mean()) - centre - spread * without.late_mean
    error = spread * without.late_sd
    return EventImpact(
        name=story.name,
        unit=story.unit,
        periods=story.periods,
        actual=outcome,
        expected=mean,
        lower=mean - band,
        upper=mean + band,
        start=start,
        average=average,
        interval=(average - TWO_SIDED * error, average + TWO_SIDED * error),
        p=_tail(average / error),
        controls=story.controls,
        cautions=_cautions(story, start),
        period=story.period,
    )


@dataclass(frozen=True, eq=False)
class Expected:
    """What would have been, in the unit of the series that was given.

    Attributes:
        mean: per period, shape (n,); fitted in the periods that were learnt from.
        sd: standard deviation of a single value, shape (n,).
        late_mean: mean over the periods that were not learnt from.
        late_sd: its standard deviation.
    """

    mean: Floats
    sd: Floats
    late_mean: float
    late_sd: float


def expected(outcome: Floats, controls: Floats, start: int) -> Expected:
    """Learn from the first `start` periods what all periods would have been.

    Args:
        outcome: in units of its spread before `start`, around its mean there, shape (n,).
        controls: the same per column, shape (n, k), k >= 0; none is constant before `start`.
        start: periods to learn from, 1 <= start < n.

    Source: Brodersen et al. (2015), Annals of Applied Statistics 9; Scott & Varian (2014) for the priors.
    """
    grid = [_LevelModel(outcome, controls, start, float(ratio)) for ratio in RATIOS]
    chosen = _subsets(grid, controls.shape[1])
    scores = np.array([[level.scores(subset) for level in grid] for subset in chosen])
    weights = np.exp(scores - scores.max())
    weights /= weights.sum()
    places = np.argwhere(weights > NEGLIGIBLE * weights.max())
    share = np.array([weights[tuple(place)] for place in places])
    forecasts = [grid[ratio].forecast(chosen[subset], float(NOISES[noise])) for subset, ratio, noise in places]
    return _mixed(forecasts, share / share.sum())


class _LevelModel:
    """A level whose steps have this ratio to the noise: its rows, whitened, so that each set of controls is cheap."""

    def __init__(self, outcome: Floats, controls: Floats, start: int, ratio: float) -> None:
        n, self.ratio, self.start, self.first = len(outcome), ratio, start, float(outcome[0])
        steps = ratio**2 * np.minimum.outer(np.arange(n), np.arange(n))
        root = np.linalg.cholesky(steps[:start, :start] + np.eye(start))
        beside = np.column_stack([np.ones(n), controls])
        early = np.column_stack([outcome[:start] - self.first, beside[:start], steps[:start]])
        white = np.linalg.solve(root, early)
        self.target, self.design, across = (
            white[:, 0],
            white[:, 1 : 1 + beside.shape[1]],
            white[:, 1 + beside.shape[1] :],
        )
        self.gram, self.side = self.design.T @ self.design, self.design.T @ self.target
        self.size = 2 * float(np.log(np.diag(root)).sum())
        self.left = beside - across.T @ self.design
        self.carried = across.T @ self.target
        self.spread = np.diag(steps) - (across**2).sum(axis=0)
        late = across[:, start:].mean(axis=1)
        self.late = float(steps[start:, start:].mean() - late @ late)
        before = controls[:start]
        raw = before.T @ before / start
        self.prior = INFORMATION * (raw + np.diag(np.diag(raw))) / 2

    def scores(self, subset: Sequence[int]) -> Floats:
        """Log weight of this set of controls at each noise."""
        places, rows = [1 + k for k in subset], self.start
        prior = self.prior[np.ix_(subset, subset)]
        precision = prior + self.gram[np.ix_(places, places)]
        both = np.column_stack([self.side[places], self.gram[places, 0]])
        projection = both.T @ np.linalg.solve(precision, both) if places else np.zeros((2, 2))
        square = float(self.target @ self.target) - projection[0, 0]
        cross, ones = self.side[0] - projection[0, 1], self.gram[0, 0] - projection[1, 1]
        size = self.size + np.linalg.slogdet(precision)[1] - np.linalg.slogdet(prior)[1]
        misfit = (square - cross**2 / (NOISES**2 + ones)) / NOISES**2
        likelihood = -0.5 * (2 * rows * np.log(NOISES) + size + np.log1p(ones / NOISES**2) + misfit)
        return np.asarray(likelihood + self._prior(len(self.prior)) + _chance(len(subset), len(self.prior)))

    def _prior(self, width: int) -> Floats:
        """Log density of both variances, inverse gamma; the level steps by no more than the series' spread."""
        steps = self.ratio * NOISES
        level = -LEVEL_TRUST * np.log(steps) - LEVEL_TRUST * LEVEL_SD**2 / 2 / steps**2
        trust, guess = (R2_TRUST, 1 - EXPECTED_R2) if width else (ALONE_TRUST, 1.0)
        noise = -trust * np.log(NOISES) - trust * guess / 2 / NOISES**2
        return np.asarray(np.where(steps <= 1, level + noise, -np.inf))

    def forecast(self, subset: Sequence[int], noise: float) -> Expected:
        """What is expected with this set of controls at this noise."""
        places = [0, *(1 + k for k in subset)]
        precision = self.gram[np.ix_(places, places)].copy()
        precision[0, 0] += noise**2
        precision[1:, 1:] += self.prior[np.ix_(subset, subset)]
        inverse, left = np.linalg.inv(precision), self.left[:, places]
        mean = self.first + self.carried + left @ (inverse @ self.side[places])
        spread = self.spread + ((left @ inverse) * left).sum(axis=1) + 1
        late = left[self.start :].mean(axis=0)
        late_spread = self.late + float(late @ inverse @ late) + 1 / (len(mean) - self.start)
        late_mean = float(mean[self.start :].mean())
        return Expected(mean, noise * np.sqrt(spread), late_mean, noise * float(np.sqrt(late_spread)))


def _cautions(story: Story, rows: int) -> tuple[str, ...]:
    cautions = []
    if not story.controls:
        cautions.append(
            "There is no control series, so anything else that changed at the same time counts as the event."
        )
    if rows < 26:
        cautions.append(f"Only {rows} {story.period}s lie before the event.")
    return tuple(cautions)


def _scaled(controls: Floats, start: int) -> Floats:
    """Controls in units of their spread before the event; those that never moved before it are dropped."""
    before = controls[:start]
    spread = before.std(axis=0, ddof=1)
    moving = spread > SILENT * np.maximum(1.0, np.abs(before).max(axis=0, initial=0.0))
    return np.asarray((controls[:, moving] - before[:, moving].mean(axis=0)) / spread[moving])


def _tail(z: float) -> float:
    from math import erfc, sqrt

    return erfc(abs(z) / sqrt(2))


def _chance(size: int, width: int) -> float:
    """Log of how likely a set of controls was beforehand."""
    share = EXPECTED_CONTROLS / (width + 1)
    return size * float(np.log(share)) + (width - size) * float(np.log(1 - share)) if share < 1 else 0.0


def _subsets(grid: Sequence[_LevelModel], width: int) -> list[tuple[int, ...]]:
    """The sets of controls to weigh: all together when few, every set when there are not many, else those near the
    best."""
    if width + 1 <= EXPECTED_CONTROLS:
        return [tuple(range(width))]
    if 2**width <= MOST_SUBSETS:
        return [subset for size in range(width + 1) for subset in combinations(range(width), size)]
    supports: dict[tuple[int, ...], float] = {}
    best: tuple[int, ...] = ()
    while True:
        near = [best, *_neighbours(best, width)]
        supports |= {subset: _support(grid, subset) for subset in near if subset not in supports}
        following = max(near, key=lambda subset: (supports[subset], subset))
        if following == best:
            return sorted(supports, key=lambda subset: (-supports[subset], subset))[:MOST_SUBSETS]
        best = following


def _neighbours(subset: Sequence[int], width: int) -> Iterator[tuple[int, ...]]:
    for k in range(width):
        yield tuple(sorted({*subset} ^ {k}))


def _support(grid: Sequence[_LevelModel], subset: Sequence[int]) -> float:
    scores = np.concatenate([level.scores(subset) for level in grid[::4]])
    return float(np.log(np.exp(scores - scores.max()).sum()) + scores.max())


def _mixed(forecasts: Sequence[Expected], share: Floats) -> Expected:
    """The mean over all, and their disagreement added to each one's own spread."""
    means, sds = np.array([each.mean for each in forecasts]), np.array([each.sd for each in forecasts])
    mean = share @ means
    late = np.array([[each.late_mean, each.late_sd] for each in forecasts])
    late_mean = float(share @ late[:, 0])
    late_sd = float(np.sqrt(share @ (late[:, 1] ** 2 + (late[:, 0] - late_mean) ** 2)))
    return Expected(mean, np.sqrt(share @ (sds**2 + (means - mean) ** 2)), late_mean, late_sd)
