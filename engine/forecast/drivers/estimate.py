"""From a past and its known drivers to the effects that help."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from engine.arrays import Bools, Floats
from engine.business.calendar import closed_every_year, same_day_of_year
from engine.dataset import Frequency
from engine.forecast.drivers.effects import (
    TYPED_SD,
    Coefficient,
    Driver,
    DriverEffect,
    DriverEffects,
    DriverKind,
    DriverTable,
    ExcludedDriver,
    moves_of,
    typed_coefficient,
)
from engine.forecast.drivers.regression import Link, baseline
from engine.forecast.drivers.selection import (
    Ablation,
    CandidateDrivers,
    DriverSelection,
    SelectionProblem,
    ablate,
    choose,
)
from engine.forecast.series import Series

RARE_ZERO = 0.1
"""In a series in which at most this share of periods sells nothing, a day without sales is a closed day."""

MINIMUM_KNOWN = 20
"""With fewer known periods nothing is learnt; what the owner typed still counts."""

LONGEST_PAST = 2200
"""Effects are learnt from so many of the latest periods (six years of days): what holidays did before, is history."""

PRIOR_SD = {
    DriverKind.HOLIDAY: 0.5,
    DriverKind.EVENT: 0.5,
    DriverKind.PROMOTION: 1.0,
    DriverKind.PRICE: 2.0,
    DriverKind.CALENDAR: 0.3,
    DriverKind.OTHER: 1.0,
}
"""Prior standard deviation of an effect, as a share of sales (a price: of its elasticity). An effect that is seen once
is believed the less the noisier the series is."""

LINEAR_WINS = 0.97
"""Effects add units only when that makes the errors on their days smaller by this factor; else they multiply."""

NEVER_HAPPENED = "it has not happened before; type what it does to sales, in percent"
"""Why an event without an effect of the owner's plays no part."""

PRICE_STEP = 1.1
"""The effect of a price is told for a price that is 10 % higher."""


def closing_drivers(series: Series, drivers: Sequence[Driver]) -> frozenset[str]:
    """The holidays and events on which a daily business never opened so far."""
    if series.frequency is not Frequency.DAILY:
        return frozenset()
    shut = shut_days(series.values)
    always = (
        driver.name
        for driver in drivers
        if driver.kind in (DriverKind.HOLIDAY, DriverKind.EVENT)
        and np.any(driver.values >= 1)
        and np.all(shut[driver.values >= 1])
    )
    return frozenset(always)


def shut_days(values: Floats) -> Bools:
    """True where nothing was recorded or, in a business that sells nearly every day, nothing was sold."""
    observed = values[~np.isnan(values)]
    rare = len(observed) > 0 and np.mean(observed == 0) <= RARE_ZERO
    return np.asarray(np.isnan(values) | ((values == 0) & rare), dtype=bool)


def with_closures(table: DriverTable, series: Series, future: Sequence[date]) -> DriverTable:
    """The drivers with the days ahead on which a daily business was closed in every year so far.

    Args:
        table: of all periods; a day that it knows as a holiday or an event is left to it.
        series: the past.
        future: the periods to forecast.
    """
    if series.frequency is not Frequency.DAILY:
        return table
    opened = {day for day, shut in zip(series.periods, shut_days(series.values), strict=True) if not shut}
    marked = [each.values >= 1 for each in table.drivers if each.kind in (DriverKind.HOLIDAY, DriverKind.EVENT)]
    known = {day for marks in marked for day, told in zip(table.periods, marks, strict=True) if told}
    drivers = []
    for day in sorted(closed_every_year(opened, future) - known):
        shut = [each not in opened and same_day_of_year(each, day) for each in table.periods]
        name = f"{day.day} {day:%B}, closed every year"
        drivers.append(Driver(name, DriverKind.HOLIDAY, np.array(shut, dtype=np.float64)))
    return DriverTable(table.periods, (*table.drivers, *drivers), table.missing)


@dataclass(frozen=True, eq=False)
class _JudgedDrivers:
    """What came out of both trials; places are those of the trial's drivers."""

    chosen: DriverSelection
    places: tuple[int, ...]
    rehearsal: Ablation
    failed: tuple[int, ...]


def estimate(series: Series, future: Sequence[date], table: DriverTable) -> DriverEffects:
    """Learn what each driver does, keep what helps, and say what happens to the rest.

    Nothing after the series' last period is looked at, so the function may be called for any stretch of the past.

    Args:
        series: the past, NaN where the business was closed or nothing is known.
        future: the periods to forecast.
        table: the drivers of all these periods.

    Raises:
        KeyError: the table lacks a period.
    """
    past = table.at(series.periods)
    closing = closing_drivers(series, past.drivers)
    y = _open_values(series, past, closing)
    trial, typed, left_out = _sorted_out(y, past, closing)
    scale = float(np.nanmean(y)) if np.any(~np.isnan(y)) else 0.0
    verdict = None
    if scale > 0 and trial and np.sum(~np.isnan(y)) >= MINIMUM_KNOWN:
        verdict = _judge(y / scale, series, trial)
        left_out += _lost(verdict, trial)
    link: Link = verdict.chosen.problem.link if verdict else "log"
    coefficients = (*_learnt(verdict, trial, y), *(typed_coefficient(driver) for driver in typed))
    unit_scale = 1.0 if link == "log" else scale
    checked = {trial[place].name for place in _tested(verdict)}
    return DriverEffects(
        link=link,
        scale=unit_scale,
        active=tuple(_effect(c, past, y, checked, unit_scale if link == "identity" else 0.0) for c in coefficients),
        left_out=tuple(left_out),
        coefficients=coefficients,
        closing=closing,
        past=moves_of(coefficients, closing, past, link=link, scale=unit_scale),
        future=moves_of(coefficients, closing, table.at(future), link=link, scale=unit_scale),
        cautions=(*table.missing, *_remarks(coefficients, past), *_not_counted(left_out)),
    )


def _open_values(series: Series, past: DriverTable, closing: frozenset[str]) -> Floats:
    """The values to learn from: the latest ones, without closed days."""
    y = series.values.copy()
    shut = shut_days(y)
    for driver in past.drivers:
        if driver.name in closing:
            y[driver.values >= 1] = np.nan
        elif driver.kind is DriverKind.HOLIDAY:
            y[(driver.values >= 1) & shut] = np.nan
    y[:-LONGEST_PAST] = np.nan
    return y


def _sorted_out(
    y: Floats, past: DriverTable, closing: frozenset[str]
) -> tuple[list[Driver], list[Driver], list[ExcludedDriver]]:
    """The drivers to learn, those for which only the owner's word stands, and those that cannot be used."""
    seen = ~np.isnan(y)
    trial, typed, out = [], [], []
    for driver in past.drivers:
        if driver.name in closing:
            continue
        if np.ptp(driver.values[seen]) > 0 if seen.any() else False:
            trial.append(driver)
        elif driver.typed is not None:
            typed.append(driver)
        elif driver.kind is DriverKind.EVENT:
            out.append(ExcludedDriver(driver.name, NEVER_HAPPENED))
        else:
            out.append(ExcludedDriver(driver.name, "it never changes in the past"))
    return trial, typed, out


def _judge(y: Floats, series: Series, trial: Sequence[Driver]) -> _JudgedDrivers:
    """The link and the drivers that forecast best."""
    first = int(np.flatnonzero(~np.isnan(y))[0])
    periods = series.periods[first:]
    candidates = _candidates(trial, slice(first, None))
    base = baseline(periods, len(periods), series.frequency)
    chosen = choose(SelectionProblem(y[first:], base, candidates, "log" if np.nanmin(y) >= 0 else "identity"))
    if chosen.places and chosen.problem.link == "log":
        linear = choose(replace(chosen.problem, candidates=candidates, link="identity"))
        chosen = linear if linear.places and _misfit(linear) < LINEAR_WINS * _misfit(chosen) else chosen
    rehearsal = ablate(chosen.problem, chosen.places, periods, series.frequency)
    helpful = _helpful(chosen, rehearsal, candidates)
    failed = tuple(place for place in chosen.places if place not in helpful)
    if failed:
        chosen = replace(chosen, fit=chosen.problem.solve(helpful))
    return _JudgedDrivers(chosen, helpful, rehearsal, failed)


def _misfit(chosen: DriverSelection) -> float:
    """Mean absolute error on the periods with a kept driver.

    Two links have the same number of weights, so their fits to the past can be compared.
    """
    y, columns = chosen.problem.y, chosen.problem.candidates.columns[:, list(chosen.places)]
    active = (columns != 0).any(axis=1) & ~np.isnan(y)
    return float(np.mean(np.abs(y - chosen.fit.mean)[active]))


def _helpful(chosen: DriverSelection, rehearsal: Ablation, candidates: CandidateDrivers) -> tuple[int, ...]:
    """The kept drivers that stood the second trial: each by itself, those that were kept together together."""
    shared = np.isin(chosen.places, chosen.shared)
    together = bool(rehearsal.gain[shared].sum() >= 0)
    stays = np.where(shared, together, rehearsal.helped) | candidates.forced[list(chosen.places)]
    return tuple(place for place, stay in zip(chosen.places, stays, strict=True) if stay)


def _candidates(trial: Sequence[Driver], rows: slice) -> CandidateDrivers:
    typed = np.array([0.0 if driver.typed is None else np.log1p(max(driver.typed, -98) / 100) for driver in trial])
    believed = np.array([PRIOR_SD[driver.kind] for driver in trial])
    return CandidateDrivers(
        columns=np.column_stack([driver.values[rows] for driver in trial]),
        prior_mean=typed,
        prior_sd=np.where(typed != 0, TYPED_SD * np.abs(typed), believed),
        automatic=np.array([driver.automatic for driver in trial], dtype=bool),
        forced=np.array([driver.typed is not None for driver in trial], dtype=bool),
        kin=np.array([driver.kind is DriverKind.HOLIDAY for driver in trial], dtype=bool),
    )


def _learnt(verdict: _JudgedDrivers | None, trial: Sequence[Driver], y: Floats) -> list[Coefficient]:
    if verdict is None:
        return []
    plain = verdict.chosen.problem.base.columns.shape[1]
    weights = verdict.chosen.fit.coefficients[plain:]
    deviations = np.sqrt(np.diag(verdict.chosen.fit.covariance)[plain:])
    seen: Bools = ~np.isnan(y)
    learnt = []
    for place, weight, sd in zip(verdict.places, weights.tolist(), deviations.tolist(), strict=True):
        driver, values = trial[place], trial[place].values[seen]
        learnt.append(Coefficient(driver.name, driver.kind, weight, sd, False, values.min(), values.max()))
    return learnt


def _tested(verdict: _JudgedDrivers | None) -> list[int]:
    if verdict is None:
        return []
    return [place for place, tested in zip(verdict.chosen.places, verdict.rehearsal.tested, strict=True) if tested]


def _effect(
    coefficient: Coefficient, past: DriverTable, y: Floats, checked: set[str], linear_scale: float
) -> DriverEffect:
    """An effect in the owner's terms; `linear_scale` is 0 where it multiplies."""
    driver = next(driver for driver in past.drivers if driver.name == coefficient.name)
    step = float(np.log(PRICE_STEP)) if coefficient.kind is DriverKind.PRICE else 1.0
    ends = [step * (coefficient.weight + z * coefficient.sd) for z in (0.0, -1.96, 1.96)]
    additive = linear_scale > 0 and not coefficient.typed
    size, lower, upper = [linear_scale * e if additive else 100 * float(np.expm1(e)) for e in ends]
    seen = int(np.sum((driver.values != 0) & ~np.isnan(y)))
    if coefficient.typed:
        seen, basis = 0, "typed by you"
    elif driver.typed is not None:
        basis = "your figure, corrected by what happened"
    else:
        basis = "learnt from your past"
    return DriverEffect(
        coefficient.name,
        coefficient.kind,
        size,
        lower,
        upper,
        "units" if additive else "%",
        seen,
        coefficient.name in checked,
        basis,
    )


def _lost(verdict: _JudgedDrivers, trial: Sequence[Driver]) -> list[ExcludedDriver]:
    """Why each driver on trial that was not kept plays no part."""
    out = []
    for place, driver in enumerate(trial):
        if place in verdict.places:
            continue
        if place in verdict.failed:
            reason = "it did not make forecasts of your past better"
        elif place in verdict.chosen.indistinct:
            reason = "it always comes together with something else, so its own effect cannot be told"
        else:
            reason = "your past shows no effect beyond chance"
        out.append(ExcludedDriver(driver.name, reason))
    return out


def _not_counted(left_out: Sequence[ExcludedDriver]) -> list[str]:
    """The owner's events that are not in the forecast."""
    return [f"{out.name} is not counted: {out.reason}." for out in left_out if out.reason == NEVER_HAPPENED]


def _remarks(coefficients: Sequence[Coefficient], past: DriverTable) -> list[str]:
    """What was assumed about the future of the drivers in use."""
    used = {coefficient.name for coefficient in coefficients}
    return [driver.remark for driver in past.drivers if driver.remark and driver.name in used]
