"""What one event changed: what happened after it, against what the controls and the past say would have happened."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from engine.arrays import Floats
from engine.causal.level import expected

MOST_ROWS = 400
FEWEST_ROWS = 8
SILENT = 1e-9
TWO_SIDED = 1.959964
"""At most the last 400 periods before the event are learnt from, and at least 8; the interval is the 95 % one."""


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
