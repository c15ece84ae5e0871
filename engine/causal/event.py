"""What one event changed: what happened after it, against what the controls and the past say would have happened."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from engine.causal.regression import Values

LEVEL_SD = 0.01
LEVEL_TRUST = 32.0
"""The level is expected to wander by 1 % of the series' spread per period; that expectation counts as much as 32
observations. Both are the defaults of R's CausalImpact."""

EXPECTED_R2 = 0.8
WANDER = tuple(LEVEL_SD * 2.0**power for power in range(-2, 6))
NOISE = tuple(float(value) for value in np.geomspace(0.03, 1.2, 12))
"""Standard deviations that are tried for the level's step and for the noise, as shares of the series' spread."""

SLAB = 1.0
MOST_ROWS = 400
FEWEST_ROWS = 8
CONFIDENCE = 0.95


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
    """

    name: str
    unit: str
    periods: tuple[date, ...]
    actual: Values
    expected: Values
    lower: Values
    upper: Values
    start: int
    average: float
    interval: tuple[float, float]
    p: float
    controls: tuple[str, ...]
    cautions: tuple[str, ...] = ()

    @property
    def found(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.interval[0] > 0 or self.interval[1] < 0

    @property
    def total(self) -> float:
        """Sum of actual minus expected after the event."""
        return float((self.actual - self.expected)[self.start :].sum())


@dataclass(frozen=True)
class Story:
    """What is compared: a name, a unit, the periods, the position where the event starts, and the controls' names."""

    name: str
    unit: str
    periods: tuple[date, ...]
    start: int
    controls: tuple[str, ...] = ()


def event_impact(story: Story, outcome: Values, controls: Values) -> EventImpact:
    """The effect of one event, in the manner of CausalImpact.

    A local level plus a regression on the controls is learnt from the periods before the event, averaged over how much
    the level wanders and how loud the noise is; its forecast after the event is what would have happened. No draw is
    made, so the same data give the same answer.

    Args:
        story: what is compared.
        outcome: shape (n,), without NaN.
        controls: series that the event cannot have touched, shape (n, k), k >= 0.

    Raises:
        ValueError: fewer than 8 periods before the event, or none after it.

    Source: Brodersen et al. (2015), Annals of Applied Statistics 9.
    """
    start = story.start
    if start < FEWEST_ROWS or start >= len(outcome):
        raise ValueError(f"{start} periods before the event and {len(outcome) - start} after it")
    first = max(0, start - MOST_ROWS)
    centre, spread = float(outcome[first:start].mean()), float(outcome[first:start].std()) or 1.0
    scaled = (outcome[first:] - centre) / spread
    sides = _scaled(controls[first:], start - first)
    mean, cov = _without_event(scaled, sides, start - first)
    after = scaled[start - first :]
    expected = np.concatenate([np.full(first, np.nan), centre + spread * mean])
    band = 1.959964 * spread * np.sqrt(np.maximum(np.diag(cov), 0.0))
    band = np.concatenate([np.full(first, np.nan), band])
    late = slice(start - first, None)
    average = float((after - mean[late]).mean()) * spread
    error = float(np.sqrt(max(cov[late, late].mean(), 1e-18))) * spread
    return EventImpact(
        name=story.name,
        unit=story.unit,
        periods=story.periods,
        actual=outcome,
        expected=expected,
        lower=expected - band,
        upper=expected + band,
        start=start,
        average=average,
        interval=(average - 1.959964 * error, average + 1.959964 * error),
        p=_tail(average / error),
        controls=story.controls,
        cautions=_cautions(story, start),
    )


def _cautions(story: Story, rows: int) -> tuple[str, ...]:
    said = []
    if not story.controls:
        said.append("There is no control series, so anything else that changed at the same time counts as the event.")
    if rows < 26:
        said.append(f"Only {rows} periods lie before the event.")
    return tuple(said)


def _scaled(controls: Values, start: int) -> Values:
    """Controls in units of their spread before the event; those that never moved before it are dropped."""
    before = controls[:start]
    spread = before.std(axis=0)
    moving = spread > 1e-9 * np.maximum(1.0, np.abs(before).max(axis=0, initial=0.0))
    return np.asarray((controls[:, moving] - before[:, moving].mean(axis=0)) / spread[moving])


def _without_event(outcome: Values, controls: Values, start: int) -> tuple[Values, Values]:
    """Mean and covariance of every period's value without the event, given the periods before it."""
    n = len(outcome)
    steps = np.minimum.outer(np.arange(1, n + 1), np.arange(1, n + 1)).astype(float)
    fixed = np.ones((n, n)) + SLAB**2 * controls @ controls.T
    scores, answers = [], []
    for wander in WANDER:
        signal = fixed + wander**2 * steps
        # one eigendecomposition serves every loudness of the noise
        sizes, turns = np.linalg.eigh(signal[:start, :start])
        turned, across = turns.T @ outcome[:start], signal[:, :start] @ turns
        for noise in NOISE:
            sums = np.maximum(sizes, 0.0) + noise**2
            score = -0.5 * float(np.log(sums).sum() + (turned**2 / sums).sum())
            scores.append(score + _prior(wander, noise))
            answers.append((wander, noise, across @ (turned / sums), sums, across, signal))
    weights = np.exp(np.array(scores) - max(scores))
    weights /= weights.sum()
    mean = sum((w * answer[2] for w, answer in zip(weights, answers, strict=True)), np.zeros(n))
    cov = np.zeros((n, n))
    for weight, (_, noise, middle, sums, across, signal) in zip(weights, answers, strict=True):
        if weight < 1e-6:
            continue
        own = signal - (across / sums) @ across.T + noise**2 * np.eye(n)
        cov += weight * (own + np.outer(middle - mean, middle - mean))
    return mean, cov


def _prior(wander: float, noise: float) -> float:
    """Log prior on a grid of equal log steps: inverse gamma for both variances."""
    trust = LEVEL_TRUST / 2
    level = -2 * trust * np.log(wander) - trust * LEVEL_SD**2 / wander**2
    guess = 1 - EXPECTED_R2
    loud = -2 * np.log(noise) - guess / noise**2
    return float(level + loud)


def _tail(z: float) -> float:
    from math import erfc, sqrt

    return erfc(abs(z) / sqrt(2))
