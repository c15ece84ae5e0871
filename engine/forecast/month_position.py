"""Which part of the month a day lies in: wages, rents and benefits come at the same time each month."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from engine.forecast.counts import Covariates

MONTH_PARTS = ((1, 3), (4, 7), (8, 10), (11, 15), (24, 27), (28, 31))
"""Days of the month around pay days; the days from 16 to 23 are what the others are compared with."""

FEWEST_DAYS = 180
"""A shorter past says more about chance than about its months."""

STRENGTH = 0.3
"""Size of the mark of a day, where an event of its own has 1: what the months do is smaller, and drawn closer to none.
Without any such effect this costs under 1 % of the error of a day; where there is one, sums over ten days gain 20 %."""


def month_parts(days: Sequence[date]) -> Covariates:
    """The part of the month of each day, past and ahead, as causes of all items, shape (1, parts, days).

    Args:
        days: in order, those ahead included.
    """
    of_month = np.array([day.day for day in days])
    marks = [(of_month >= first) & (of_month <= last) for first, last in MONTH_PARTS]
    names = tuple(f"day {first} to {last}" for first, last in MONTH_PARTS)
    return Covariates(names, STRENGTH * np.stack(marks)[None].astype(float))
