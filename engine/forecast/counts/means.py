"""Mean demand per period of items that sell now and then: one number per item, for all items at once.

Each function takes values of shape (items, n) with NaN where nothing is known (before an item's start, a closed
period), and returns the flat forecast of every item, units per period, shape (items,); 0 for an item without a sale.
"""

from collections.abc import Callable

import numpy as np

from engine.arrays import Floats


def smoothing(values: Floats, rate: float) -> Floats:
    """Simple exponential smoothing from the first known value.

    Args:
        values: shape (items, n).
        rate: weight of the newest value, 0..1.

    Source: Brown (1956); FPP3 section 8.1.
    """
    return _run(values, lambda level, y: level + rate * (y - level))


def croston(values: Floats, rate: float = 0.1) -> Floats:
    """Croston's method: the smoothed size of a sale over the smoothed number of periods between sales.

    Source: Croston (1972), Forecasting and stock control for intermittent demands, ORQ 23.
    """
    size, interval = np.zeros(len(values)), np.ones(len(values))
    waited, sold_before = np.ones(len(values)), np.zeros(len(values), dtype=bool)
    seen = np.isfinite(values)
    for y, observed in zip(np.where(seen, values, 0.0).T, seen.T, strict=True):
        sale = y > 0
        step = np.where(sold_before, rate, 1.0)
        size = np.where(sale, size + step * (y - size), size)
        interval = np.where(sale, interval + step * (waited - interval), interval)
        sold_before |= sale
        waited = np.where(sale, 1.0, waited + observed)
    return size / interval


def syntetos_boylan(values: Floats, rate: float = 0.1) -> Floats:
    """Croston's method without its bias: times (1 - rate / 2).

    Source: Syntetos & Boylan (2005), The accuracy of intermittent demand estimates, IJF 21.
    """
    return (1 - rate / 2) * croston(values, rate)


def teunter_syntetos_babai(values: Floats, size_rate: float = 0.1, chance_rate: float = 0.1) -> Floats:
    """TSB: the smoothed size of a sale times the smoothed chance of one, which also fades while nothing sells.

    Args:
        values: shape (items, n), units, >= 0; NaN where unknown.
        size_rate: smoothing rate of the size, 0..1.
        chance_rate: smoothing rate of the chance, 0..1.

    Source: Teunter, Syntetos & Babai (2011), Intermittent demand: linking forecasting to inventory obsolescence, EJOR.
    """
    return sale_chance(values, chance_rate) * sale_size(values, size_rate)


def sale_chance(values: Floats, rate: float) -> Floats:
    """The smoothed chance of a sale in a period, 0..1, shape (items,)."""
    return smoothing(np.where(np.isfinite(values), (values > 0).astype(np.float64), np.nan), rate)


def sale_size(values: Floats, rate: float) -> Floats:
    """The smoothed size of a sale, units, shape (items,); 0 for an item that never sold."""
    return smoothing(np.where(values > 0, values, np.nan), rate)


def aggregated(values: Floats, span: int, rate: float = 0.1) -> Floats:
    """Smooth the sums of `span` periods, counted back from the newest, and share the result out evenly (ADIDA).

    Args:
        values: shape (items, n), units, >= 0; NaN where unknown.
        span: periods in one sum, >= 1.
        rate: smoothing rate, 0..1.

    Source: Nikolopoulos et al. (2011), An aggregate-disaggregate intermittent demand approach, JORS 62.
    """
    blocks = values.shape[1] // span
    if blocks == 0:
        return np.asarray(np.nan_to_num(values).sum(axis=1) / np.maximum(np.isfinite(values).sum(axis=1), 1))
    recent = values[:, values.shape[1] - blocks * span :].reshape(len(values), blocks, span)
    observed = np.isfinite(recent).sum(axis=2)
    sums = np.nan_to_num(recent).sum(axis=2) * span / np.maximum(observed, 1)
    return smoothing(np.where(observed > 0, sums, np.nan), rate) / span


def multiple_aggregation(values: Floats, rate: float = 0.1, widest: int = 12) -> Floats:
    """The mean of `aggregated` over all spans from 1 to the item's mean interval between sales (IMAPA).

    Args:
        values: shape (items, n).
        rate: smoothing rate of every span, 0..1.
        widest: no span is longer than so many periods.

    Source: Petropoulos & Kourentzes (2015), Forecast combinations for intermittent demand, JORS 66.
    """
    sales, observed = (values > 0).sum(axis=1), np.isfinite(values).sum(axis=1)
    spans = np.clip(np.round(observed / np.maximum(sales, 1)), 1, min(widest, values.shape[1])).astype(int)
    total = np.zeros(len(values))
    for span in range(1, int(spans.max(initial=1)) + 1):
        rows = spans >= span
        total[rows] += aggregated(values[rows], span, rate)
    return np.asarray(total / spans)


def _run(values: Floats, step: Callable[[Floats, Floats], Floats]) -> Floats:
    level = np.full(len(values), np.nan)
    for y in values.T:
        moved = np.where(np.isnan(level), y, step(level, y))
        level = np.where(np.isnan(y), level, moved)
    return np.asarray(np.nan_to_num(level))
