"""What stockpyl answers to each kind of published case; asked only where it is installed."""

import math
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

Data = Mapping[str, Any]
Figures = dict[str, float]


def _figures(names: tuple[str, ...], values: tuple[float, ...]) -> Figures:
    """The values by their names; further values, as stockpyl's methods have them, are left out."""
    return {name: float(value) for name, value in zip(names, values, strict=False)}


def with_method(method: str, figures: Figures) -> Figures:
    """The figures with the method's name and a dot before each."""
    return {f"{method}.{what}": value for what, value in figures.items()}


def eoq(d: Data, model: str) -> Figures:
    """Economic order quantity."""
    from stockpyl.eoq import economic_order_quantity

    return _figures(("Q", "cost"), economic_order_quantity(d["fixed_cost"], d["holding_cost"], d["demand_rate"]))


def discounts(d: Data, model: str) -> Figures:
    """Both kinds of discounts, and without a prefix the one that the model's name means."""
    from stockpyl import eoq as peer

    terms = (d["fixed_cost"], d["holding_cost_rate"], d["demand_rate"], d["breakpoints"], d["unit_costs"])
    names = ("Q", "region", "cost")
    both = {
        "incremental": _figures(names, peer.economic_order_quantity_with_incremental_discounts(*terms)),
        "all_units": _figures(names, peer.economic_order_quantity_with_all_units_discounts(*terms)),
    }
    return both[discount_kind(model)] | {
        what: value for kind, figures in both.items() for what, value in with_method(kind, figures).items()
    }


def discount_kind(model: str) -> str:
    """The kind of discount that a model's name means."""
    return "incremental" if "incremental" in model and "all" not in model else "all_units"


def backorders(d: Data, model: str) -> Figures:
    """Economic order quantity when customers wait."""
    from stockpyl.eoq import economic_order_quantity_with_backorders

    terms = (d["fixed_cost"], d["holding_cost"], d["stockout_cost"], d["demand_rate"])
    return _figures(("Q", "stockout_fraction", "cost"), economic_order_quantity_with_backorders(*terms))


def batch(d: Data, model: str) -> Figures:
    """Economic production quantity."""
    from stockpyl.eoq import economic_production_quantity

    terms = (d["fixed_cost"], d["holding_cost"], d["demand_rate"], d["production_rate"])
    return _figures(("Q", "cost"), economic_production_quantity(*terms))


def dynamic(d: Data, model: str) -> Figures:
    """Wagner and Whitin; the order quantities start with one for a period 0 that nobody plans."""
    from stockpyl.wagner_whitin import wagner_whitin

    periods = int(d.get("num_periods", len(d["demand"])))
    demand, fees, holding, price = (
        by_period(d.get(key, 0.0), periods) for key in ("demand", "fixed_cost", "holding_cost", "purchase_cost")
    )
    quantities, cost, *_ = wagner_whitin(periods, holding, fees, demand, price)
    return {"cost": float(cost), **{f"order_quantities.{k}": float(each) for k, each in enumerate(quantities)}}


def by_period(figure: float | list[float], periods: int) -> list[float]:
    """One figure per period, whether the case has one for all or one for each."""
    return list(figure)[-periods:] if isinstance(figure, list) else [figure] * periods


def joint(d: Data, model: str) -> Figures:
    """Silver's heuristic for joint replenishment."""
    from stockpyl.eoq import joint_replenishment_problem_silver_heuristic

    fees = (d["shared_fixed_cost"], d["individual_fixed_costs"])
    *_, cost = joint_replenishment_problem_silver_heuristic(*fees, d["holding_costs"], d["demand_rates"])
    return {"cost": float(cost)}


def normal(d: Data, model: str) -> Figures:
    """The newsvendor for normal demand."""
    from stockpyl.newsvendor import newsvendor_normal

    terms = (d["holding_cost"], d["stockout_cost"], d["demand_mean"], d["demand_sd"], d.get("lead_time", 0))
    return _figures(("S", "cost"), newsvendor_normal(*terms))


def profit(d: Data, model: str) -> Figures:
    """The newsvendor's profit."""
    from stockpyl.newsvendor import newsvendor_normal_explicit

    unit = (d["revenue"], d["purchase_cost"], d["salvage_value"])
    costs = (d.get("holding_cost", 0.0), d.get("stockout_cost", 0.0))
    return _figures(("S", "profit"), newsvendor_normal_explicit(*unit, d["demand_mean"], d["demand_sd"], *costs))


def lognormal(d: Data, model: str) -> Figures:
    """The newsvendor for lognormal demand."""
    from scipy.stats import lognorm
    from stockpyl.newsvendor import newsvendor_continuous

    demand = lognorm(s=d["sigma"], scale=math.exp(d["mu"]))
    return _figures(("S", "cost"), newsvendor_continuous(d["holding_cost"], d["stockout_cost"], demand))


def chances(d: Data, model: str) -> Figures:
    """The newsvendor for a demand whose chances are listed."""
    from stockpyl.newsvendor import newsvendor_discrete

    return _figures(
        ("S", "cost"),
        newsvendor_discrete(d["holding_cost"], d["stockout_cost"], demand_pmf=chances_of(d["demand_pmf"])),
    )


def chances_of(listing: Mapping[str, float]) -> dict[int, float]:
    """The chance of each number of units, out of a case's text."""
    return {int(float(units)): float(chance) for units, chance in listing.items()}


def poisson(d: Data, model: str) -> Figures:
    """The newsvendor for Poisson demand."""
    from stockpyl.newsvendor import newsvendor_poisson

    return _figures(("S", "cost"), newsvendor_poisson(d["holding_cost"], d["stockout_cost"], d["demand_mean"]))


def poisson_and_orders(d: Data, model: str) -> Figures:
    """The exact (s, S) policy for Poisson demand, and the newsvendor beside it."""
    costs = (d["holding_cost"], d["stockout_cost"], d["fixed_cost"])
    policy = s_s_for_poisson(*costs, d["demand_mean"])
    return policy | with_method("sS", policy) | with_method("newsvendor", poisson(d, model))


def s_s_for_poisson(holding_cost: float, stockout_cost: float, order_cost: float, mean: float) -> Figures:
    """The exact (s, S) policy for Poisson demand."""
    from stockpyl.ss import s_s_discrete_exact

    policy = s_s_discrete_exact(holding_cost, stockout_cost, order_cost, use_poisson=True, demand_mean=mean)
    return _figures(("s", "S", "cost"), policy)


def power(d: Data, model: str) -> Figures:
    """The power approximation of an (s, S) policy."""
    from stockpyl.ss import s_s_power_approximation

    order = ("holding_cost", "stockout_cost", "fixed_cost", "demand_mean", "demand_sd")
    policy = _figures(("s", "S"), s_s_power_approximation(*(d[key] for key in order)))
    return policy | with_method("power", policy) | with_method("sS", policy)


def reorder(d: Data, model: str) -> Figures:
    """The approximations of an (r, Q) policy, as far as they answer."""
    from stockpyl import rq

    order = ("holding_cost", "stockout_cost", "fixed_cost", "demand_mean", "demand_sd", "lead_time")
    methods = {
        "EIL": rq.r_q_eil_approximation,
        "EOQB": rq.r_q_eoqb_approximation,
        "EOQSS": rq.r_q_eoqss_approximation,
        "loss": rq.r_q_loss_function_approximation,
    }
    answers: Figures = {}
    for name, method in methods.items():
        with suppress(ValueError):
            answers |= with_method(name, _figures(("r", "Q", "cost"), method(*(d[key] for key in order))))
    return answers


def reorder_counts(d: Data, model: str) -> Figures:
    """The exact (r, Q) policy for Poisson demand."""
    from stockpyl.rq import r_q_poisson_exact

    order = ("holding_cost", "stockout_cost", "fixed_cost", "demand_mean", "lead_time")
    return _figures(("r", "Q", "cost"), r_q_poisson_exact(*(d[key] for key in order)))
