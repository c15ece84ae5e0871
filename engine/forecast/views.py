"""The same demand by day, by week and by month: sums of the same paths, so all views agree."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from engine.arrays import Bools, Floats
from engine.dataset import Frequency, step
from engine.demand import DemandDistribution

ORDER = tuple(Frequency)
"""From the shortest period to the longest."""


@dataclass(frozen=True, eq=False)
class View:
    """Demand over longer periods.

    Attributes:
        demand: one path per path of the shorter view, each summed.
        so_far: what was already sold in each period before the forecast begins, shape (n,); part of `demand`.
        whole: whether each period lies within the forecast and the known past, shape (n,); of one that does not, only
            a piece is counted.
    """

    demand: DemandDistribution
    so_far: Floats
    whole: Bools


def view(
    demand: DemandDistribution,
    frequency: Frequency,
    *,
    anchor: int = 0,
    history: Mapping[date, float] | None = None,
) -> View:
    """Sum the paths into longer periods; their totals, means and quantiles then agree with the shorter view.

    A quantile of a month is taken from the months of the paths: it is not the sum of the days' quantiles, which would
    assume that all days go wrong in the same direction.

    Args:
        demand: the shorter view; weeks are not cut, so they only add up to weeks.
        frequency: the longer period.
        anchor: the weekday on which a week starts (Monday = 0).
        history: sales of the days or months before the forecast, by start; those in its first longer period are added.

    Raises:
        ValueError: the period asked for is not longer, or does not consist of whole shorter ones.
    """
    _check(demand.frequency, frequency)
    starts = [start_of(period, frequency, anchor) for period in demand.periods]
    longer = tuple(sorted(set(starts)))
    place = {start: k for k, start in enumerate(longer)}
    belongs = np.zeros((len(demand.periods), len(longer)))
    belongs[np.arange(len(starts)), [place[start] for start in starts]] = 1.0
    before = {day: sold for day, sold in (history or {}).items() if day < demand.periods[0] and not np.isnan(sold)}
    so_far = np.zeros(len(longer))
    for day, sold in before.items():
        if (start := start_of(day, frequency, anchor)) in place:
            so_far[place[start]] += sold
    summed = DemandDistribution(
        demand.item, demand.unit, frequency, longer, np.maximum(demand.paths @ belongs + so_far, 0.0)
    )
    return View(summed, so_far, _whole(longer, demand, frequency, before))


def start_of(day: date, frequency: Frequency, anchor: int = 0) -> date:
    """The start of the longer period in which a day lies.

    Args:
        day: any day.
        frequency: the longer period.
        anchor: the weekday on which a week starts (Monday = 0).
    """
    if frequency is Frequency.DAILY:
        return day
    if frequency is Frequency.WEEKLY:
        return day - timedelta(days=(day.weekday() - anchor) % 7)
    months = {Frequency.MONTHLY: 1, Frequency.QUARTERLY: 3, Frequency.YEARLY: 12}[frequency]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def _check(shorter: Frequency, longer: Frequency) -> None:
    if ORDER.index(longer) <= ORDER.index(shorter):
        raise ValueError(f"a {longer.period} is not longer than a {shorter.period}")
    if shorter is Frequency.WEEKLY:
        raise ValueError(f"weeks do not add up to whole {longer.period}s")


def _whole(
    longer: tuple[date, ...], demand: DemandDistribution, frequency: Frequency, before: Mapping[date, float]
) -> Bools:
    """Only the first and the last longer period can stick out.

    Days without a forecast (closed ones) do not make a period incomplete, so ends are compared by the calendar: the
    first must be reached by the known past, the last by the step that follows the forecast's last period.
    """
    whole = np.ones(len(longer), dtype=bool)
    first = min([demand.periods[0], *before])
    whole[0] = first <= longer[0] or not _any_open(longer[0], demand.periods[0], demand, before)
    whole[-1] &= step(demand.periods[-1], demand.frequency, 1) >= step(longer[-1], frequency, 1)
    return whole


def _any_open(start: date, end: date, demand: DemandDistribution, before: Mapping[date, float]) -> bool:
    """True when a daily business may have been open from `start` up to, not including, `end` without our knowing."""
    if demand.frequency is not Frequency.DAILY:
        return start < end
    weekdays = {day.weekday() for day in (*demand.periods, *before)}
    days = (start + timedelta(days=k) for k in range((end - start).days))
    return any(day.weekday() in weekdays and day not in before for day in days)
