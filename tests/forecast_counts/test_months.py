"""Parts of the month: pay days show in a forecast, and months without any leave it nearly as it was."""

from datetime import date, timedelta

import numpy as np

from engine.forecast.counts.covariates import MONTH_PARTS, month_parts
from engine.forecast.items import forecast_items

AHEAD, PAST = 28, 540
DAYS = [date(2024, 3, 1) + timedelta(days=day) for day in range(PAST + AHEAD)]


def sold(rng: np.random.Generator, pay_day: float, *, items: int) -> tuple[np.ndarray, np.ndarray]:
    """What items sell on each day, and what is expected of them; `pay_day` is added from the 1st to the 7th."""
    boost = np.array([1 + pay_day * (day.day <= 7) for day in DAYS])
    weekday = 1 + 0.3 * np.sin(2 * np.pi * np.arange(len(DAYS)) / 7)
    expected = rng.uniform(100, 400, (items, 1)) * boost * weekday
    return rng.negative_binomial(25, 25 / (25 + expected)).astype(float), expected


def error(values: np.ndarray, expected: np.ndarray, *, told: bool) -> float:
    known = month_parts(DAYS) if told else None
    mean = forecast_items(values[:, :PAST], horizon=AHEAD, season_length=7, covariates=known).mean
    return float(np.sqrt(np.mean((mean / expected[:, PAST:] - 1) ** 2)))


def test_each_day_has_the_mark_of_its_part_of_the_month() -> None:
    known = month_parts([date(2024, 2, 29), date(2024, 3, 1), date(2024, 3, 20)])
    assert known.values.shape == (1, len(MONTH_PARTS), 3)
    marked = known.values[0] > 0
    assert [known.names[part] for part in np.flatnonzero(marked[:, 0])] == ["day 28 to 31"]
    assert [known.names[part] for part in np.flatnonzero(marked[:, 1])] == ["day 1 to 3"]
    assert not marked[:, 2].any()


def test_pay_days_are_foreseen() -> None:
    values, expected = sold(np.random.default_rng(1), 0.25, items=5)
    assert error(values, expected, told=True) < 0.75 * error(values, expected, told=False)


def test_months_without_any_effect_cost_next_to_nothing() -> None:
    values, expected = sold(np.random.default_rng(2), 0.0, items=5)
    noise = 0.2
    with_months, without = (np.hypot(noise, error(values, expected, told=told)) for told in (True, False))
    assert with_months < 1.01 * without
