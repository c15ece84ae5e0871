"""The truth that generated a workbook, as plain values for `truth.json`."""

import json
import re
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import numpy as np

from sample_data.business import AHEAD, END, START, WEEKDAYS, Business, Channel, Promotion
from sample_data.process import (
    Expected,
    Simulation,
    dispersions,
    expect,
    hill,
    hill_slope,
    in_scope,
    without_promotions,
)
from sample_data.season import BURN_IN, Floats, closed_days, public_holidays, season_index
from sample_data.staffing import usual_units

CURRENT_WEEKS = 13
"""The "current" spend of a channel is its mean over so many whole weeks at the end of the history."""

Truth = dict[str, Any]


def truth_of(simulation: Simulation) -> Truth:
    """Everything that is true about one business, in plain values."""
    business, demand = simulation.business, simulation.business.demand
    grid = simulation.expected.grid
    closed = {str(day): why for day, why in closed_days(business, grid).items() if START <= day <= _last_day()}
    return {
        "name": business.name,
        "story": business.story,
        "workbook": f"{business.key}.xlsx",
        "seed": business.seed,
        "currency": business.currency,
        "first_day": str(START),
        "last_day": str(END),
        "week_start": WEEKDAYS[business.week_start],
        "seasonality": {
            "weekday": dict(zip(WEEKDAYS, demand.weekday, strict=True)),
            "months": list(demand.months),
            "category_months": {name: list(months) for name, months in demand.category_months.items()},
            "peaks": [asdict(peak) for peak in demand.peaks],
        },
        "trend": {"growth_per_year": demand.growth},
        "closed_weekdays": [day for day, factor in zip(WEEKDAYS, demand.weekday, strict=True) if not factor],
        "closed_days": closed,
        "holidays": _holidays(business),
        "price_change": _price_change(business),
        "promotions": [_promotion(business, promotion) for promotion in business.promotions],
        "anomaly": asdict(business.anomaly),
        "noise": _noise(business),
        "items": _items(simulation),
        "marketing": _marketing(simulation),
        "graph": _graph(simulation),
        "staffing": _staffing(simulation),
        "expected": _expected(simulation),
    }


def as_json(truths: dict[str, Truth]) -> str:
    """Readable JSON with one line per list of plain values."""
    text = json.dumps(truths, indent=1, default=str, ensure_ascii=False)
    return re.sub(r"\[[^\[\]{}]*\]", lambda found: re.sub(r"\s*\n\s*", " ", found[0]), text) + "\n"


def _last_day() -> date:
    return END + timedelta(days=AHEAD)


def _holidays(business: Business) -> Truth:
    rule = business.holidays
    days = {day: name for day, name in sorted(public_holidays(rule).items()) if START <= day <= _last_day()}
    return {
        "country": rule.country,
        "subdivision": rule.subdivision,
        "days": {str(day): name for day, name in days.items()},
        "open_holiday_factor": rule.factor,
        "eve_factor": rule.eve,
    }


def _price_change(business: Business) -> Truth:
    change, elasticity = business.price_change, business.demand.elasticity
    old = next(item.price for item in business.items if item.name == change.item)
    return {
        "date": str(change.day),
        "item": change.item,
        "old": old,
        "new": change.new,
        "elasticity": elasticity,
        "factor_on_units": _r((change.new / old) ** elasticity),
    }


def _promotion(business: Business, promotion: Promotion) -> Truth:
    items = [item.name for item in business.items if in_scope(item, promotion.scope)]
    full = promotion.lift * promotion.traffic_lift * (1 - promotion.discount) ** business.demand.elasticity
    return {**asdict(promotion), "items": items, "total_lift": _r(full), "after_the_history": promotion.first > END}


def _noise(business: Business) -> Truth:
    return {
        "quantity": "negative binomial, variance = mean + dispersion * mean**2",
        "dispersion": business.noise.dispersion,
        "day_shock_log_sd": business.noise.day,
        "traffic_log_sd": business.noise.traffic,
        "lead_rate_log_sd": business.noise.leads,
        "spend_log_sd": {channel.name: channel.noise for channel in business.channels},
    }


def _items(simulation: Simulation) -> Truth:
    business = simulation.business
    return {
        item.name: {"category": item.category, "units_without_advertising": item.daily, "dispersion": float(alpha)}
        for item, alpha in zip(business.items, dispersions(business), strict=True)
    }


def _marketing(simulation: Simulation) -> Truth:
    business, expected = simulation.business, simulation.expected
    weeks = _current_weeks(expected)
    return {
        "adstock": "a(t) = (1 - decay) * spend(t) + decay * a(t-1)",
        "saturation": "visits per week = max_visits * a**slope / (a**slope + half_saturation**slope)",
        "lead_rate": business.demand.lead_rate,
        "visits_per_open_day_without_advertising": business.demand.visits,
        "current_weeks": [str(expected.grid.weeks[weeks[0]]), str(expected.grid.weeks[weeks[-1]])],
        "revenue_per_visit": _r(_revenue_per_visit(expected, weeks)),
        "channels": {c.name: _channel(simulation, k) for k, c in enumerate(business.channels)},
        "planned_spend_ahead": _planned(expected, business),
    }


def _channel(simulation: Simulation, k: int) -> Truth:
    business, expected = simulation.business, simulation.expected
    channel = business.channels[k]
    current = _current_spend(expected, k)
    marginal = _marginal_now(expected, channel, k)
    part = _contribution(simulation, k)
    spent = float(expected.spend[expected.grid.whole_weeks(), k].sum())
    return {
        "decay": channel.decay,
        "half_saturation": channel.half,
        "slope": channel.slope,
        "max_visits": channel.max_visits,
        "usual_spend": channel.spend,
        "current_spend": _r(current),
        "carried_over_before_the_first_day": _r(expected.carried[BURN_IN - 1, k]),
        "visits_at_current_spend": _r(float(hill(np.array([current]), channel)[0])),
        "marginal_visits": _r(float(hill_slope(np.array([current]), channel)[0])),
        "marginal_revenue": _r(marginal),
        "marginal_revenue_same_week": _r(marginal * (1 - channel.decay)),
        "marginal_revenue_over_history": _r(_marginal_over_history(expected, channel, k)),
        "spent_over_history": _r(spent),
        "revenue_over_history": _r(part),
        "average_return_over_history": _r(part / spent),
        "pauses": [[str(first), str(last)] for first, last in channel.pauses],
    }


def _graph(simulation: Simulation) -> list[Truth]:
    business, expected = simulation.business, simulation.expected
    edges: list[Truth] = []
    for k, channel in enumerate(business.channels):
        edges += _spend_edges(expected, channel, k)
    edges += [
        _edge("season", "traffic", "factor", "season_index", None),
        _edge("season", "revenue", "factor on units, per category", "category_months", None),
        _edge("closed days", "traffic", "factor, per week", "reach", None),
        _edge("trend", "traffic", "growth per year", business.demand.growth, "share"),
        _edge("promotion", "traffic", "factor, per promotion", "traffic_lift", None),
        _edge("promotion", "revenue", "factor on units, per promotion", "lift", None),
        _edge("list price", "revenue", "elasticity of units", business.demand.elasticity, "log/log"),
    ]
    odd = business.anomaly
    target = "traffic" if odd.scope == "traffic" else "revenue"
    edges.append(_edge("anomaly", target, f"factor on {odd.scope}", odd.factor, "factor"))
    weeks = expected.grid.whole_weeks()
    per_visit = _revenue_per_visit(expected, weeks)
    if business.demand.lead_rate is None:
        return [*edges, _edge("traffic", "revenue", "slope", _r(per_visit), f"{business.currency} per visit")]
    rate = business.demand.lead_rate
    return [
        *edges,
        _edge("traffic", "leads", "slope", rate, "leads per visit"),
        _edge("leads", "revenue", "slope", _r(per_visit / rate), f"{business.currency} per lead"),
    ]


def _spend_edges(expected: Expected, channel: Channel, k: int) -> list[Truth]:
    current = np.array([_current_spend(expected, k)])
    spend = f"{channel.name} spend"
    edges = [
        _edge("season", spend, "power of the season index", channel.season_pull, "power"),
        _edge("promotion", spend, "factor in a week full of promotion days", channel.promotion_push, "factor"),
        _edge("list price", spend, "factor since the price change", channel.price_push, "factor"),
    ]
    neutral = {"power": 0.0, "factor": 1.0}
    effect = _r(float(hill_slope(current, channel)[0]))
    true_edges = [edge for edge in edges if edge["effect"] != neutral[edge["unit"]]]
    return [*true_edges, _edge(spend, "traffic", "slope at the current spend", effect, "visits per unit of currency")]


def _edge(source: str, target: str, kind: str, effect: float | str, unit: str | None) -> Truth:
    return {"from": source, "to": target, "kind": kind, "effect": effect, "unit": unit}


def _staffing(simulation: Simulation) -> Truth:
    rush = simulation.business.staffing.rush
    usual = {day: _r(units) for day, units in zip(WEEKDAYS, usual_units(simulation), strict=True)}
    if rush is None:
        return {"usual_units_per_weekday": usual}
    return {
        "usual_units_per_weekday": usual,
        "opens": rush.opens,
        "share_of_units_per_hour": list(rush.hours),
        "units_per_person_and_hour": dict(rush.units_per_person),
        "least_people": dict(rush.least),
    }


def _expected(simulation: Simulation) -> Truth:
    business, expected = simulation.business, simulation.expected
    grid = expected.grid
    shown = np.flatnonzero(grid.between(START, _last_day()))
    ahead = np.flatnonzero(grid.between(END + timedelta(days=1), _last_day()))
    plain = expect(without_promotions(business), expected.spend)
    changed = [item.name for item in business.items].index(business.price_change.item)
    return {
        "date": [str(grid.days[k]) for k in shown],
        "open": [int(expected.organic[k] > 0) for k in shown],
        "season_index": _listed(season_index(business, grid.days)[shown]),
        "units": _listed(expected.units.sum(axis=1)[shown]),
        "units_sd": _listed(units_sd(simulation)[shown]),
        "revenue": _listed(expected.revenue[shown]),
        "units_without_promotions": _listed(plain.units.sum(axis=1)[shown]),
        "revenue_without_promotions": _listed(plain.revenue[shown]),
        "units_of_item_with_price_change": _listed(expected.units[shown, changed]),
        "ahead": {
            "date": [str(grid.days[k]) for k in ahead],
            "units": {item.name: _listed(expected.units[ahead, i]) for i, item in enumerate(business.items)},
        },
        "weeks": _weeks(expected),
    }


def _weeks(expected: Expected) -> Truth:
    weeks = expected.grid.whole_weeks()
    return {
        "week_start": [str(expected.grid.weeks[k]) for k in weeks],
        "reach": _listed(expected.reach[weeks]),
        "visits": _listed(expected.visits[weeks]),
        "leads": None if expected.leads is None else _listed(expected.leads[weeks]),
        "revenue": _listed(expected.grid.per_week(expected.revenue)[weeks]),
    }


def units_sd(simulation: Simulation) -> Floats:
    """True standard deviation of a day's units of all items, given the advertising plan.

    Visits, the rate of leads and the day's shock are log-normal with mean 1 and shared by all items; what is left is
    negative binomial per item, and binomial for the leads.
    """
    business, expected = simulation.business, simulation.expected
    noise = business.noise
    shared = np.full(len(expected.grid.days), np.exp(noise.traffic**2 + noise.leads**2 + noise.day**2))
    if expected.leads is not None and business.demand.lead_rate is not None:
        leads = expected.leads[expected.grid.week_of]
        shared += np.divide(1 - business.demand.lead_rate, leads, out=np.zeros_like(leads), where=leads > 0)
    own = (expected.units + dispersions(business) * expected.units**2 * shared[:, None]).sum(axis=1)
    return np.sqrt(expected.units.sum(axis=1) ** 2 * (shared - 1.0) + own)


def _current_weeks(expected: Expected) -> list[int]:
    return expected.grid.whole_weeks()[-CURRENT_WEEKS:]


def _current_spend(expected: Expected, k: int) -> float:
    return float(expected.spend[_current_weeks(expected), k].mean())


def _revenue_per_visit(expected: Expected, weeks: list[int]) -> float:
    revenue = expected.grid.per_week(expected.revenue)
    return float(revenue[weeks].sum() / expected.visits[weeks].sum())


def _marginal_now(expected: Expected, channel: Channel, k: int) -> float:
    """Revenue per extra unit of weekly spend, kept up, at the current spend and the current weeks' trade."""
    weeks = _current_weeks(expected)
    slope = float(hill_slope(np.array([_current_spend(expected, k)]), channel)[0])
    return slope * float(expected.reach[weeks].mean()) * _revenue_per_visit(expected, weeks)


def _marginal_over_history(expected: Expected, channel: Channel, k: int) -> float:
    """The same, averaged over the weeks of the history at the spend that each of them really had."""
    weeks = [week for week in expected.grid.whole_weeks() if expected.visits[week] > 0]
    per_visit = expected.grid.per_week(expected.revenue)[weeks] / expected.visits[weeks]
    return float((hill_slope(expected.carried[weeks, k], channel) * expected.reach[weeks] * per_visit).mean())


def _contribution(simulation: Simulation, k: int) -> float:
    """Revenue over the whole weeks of the history that would be missing without the channel."""
    expected = simulation.expected
    spend = expected.spend.copy()
    spend[:, k] = 0.0
    without = expect(simulation.business, spend)
    weeks = expected.grid.whole_weeks()
    return float(expected.grid.per_week(expected.revenue - without.revenue)[weeks].sum())


def _planned(expected: Expected, business: Business) -> Truth:
    weeks = [k for k, first in enumerate(expected.grid.weeks) if END < first <= _last_day()]
    spend = {channel.name: _listed(expected.spend[weeks, k]) for k, channel in enumerate(business.channels)}
    return {"week_start": [str(expected.grid.weeks[k]) for k in weeks], **spend}


def _listed(values: Floats) -> list[float]:
    return [_r(value) for value in values]


def _r(value: float) -> float:
    return round(float(value), 4)
