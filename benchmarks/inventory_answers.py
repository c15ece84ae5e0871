"""What each kind of published case asks, answered by us and by stockpyl."""

import math
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.inventory import PriceBreak
from engine.inventory.counts import CountDemand
from engine.inventory.eoq import (
    economic_batch,
    economic_order,
    economic_order_all_units,
    economic_order_incremental,
    economic_order_with_backorders,
)
from engine.inventory.joint import joint_replenishment
from engine.inventory.newsvendor import newsvendor_counts, newsvendor_lognormal, newsvendor_normal, newsvendor_profit
from engine.inventory.order_up_to import by_power_approximation, order_up_to
from engine.inventory.reorder_point import (
    NormalLeadTime,
    by_economic_order_and_safety_stock,
    by_economic_order_with_backorders,
    by_expected_inventory,
    by_loss_function,
    reorder_point_counts,
    reorder_point_normal,
)
from engine.inventory.wagner_whitin import wagner_whitin

Data = Mapping[str, Any]
Figures = dict[str, float]


@dataclass(frozen=True)
class Answers:
    """What a case asks, by the source's names; answers of several methods have the method before a dot."""

    ours: Figures
    stockpyl: Figures = field(default_factory=dict)
    at_most: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of case, known by what it gives.

    Attributes:
        needs: names that must be given.
        answer: (what is given, the source's name of the model) -> the answers.
        may: names that can be given too. Anything else makes it another kind.
    """

    needs: frozenset[str]
    answer: Callable[[Data, str], Answers]
    may: frozenset[str] = frozenset()

    def fits(self, given: frozenset[str]) -> bool:
        """True when these names are what this kind gives."""
        return self.needs <= given <= self.needs | self.may


def _eoq(d: Data, model: str) -> Answers:
    from stockpyl.eoq import economic_order_quantity

    ours = economic_order(d["fixed_cost"], d["demand_rate"], holding_cost=d["holding_cost"])
    theirs = economic_order_quantity(d["fixed_cost"], d["holding_cost"], d["demand_rate"])
    return Answers({"Q": ours.quantity, "cost": ours.cost}, dict(zip(("Q", "cost"), theirs, strict=True)))


def _discounts(d: Data, model: str) -> Answers:
    from stockpyl import eoq

    prices = [PriceBreak(*pair) for pair in zip(d["breakpoints"], d["unit_costs"], strict=True)]
    peer = (d["fixed_cost"], d["holding_cost_rate"], d["demand_rate"], d["breakpoints"], d["unit_costs"])
    found = Answers({})
    meant = "incremental" if "incremental" in model and "all" not in model else "all_units"
    for name, ours, theirs in (
        ("incremental", economic_order_incremental, eoq.economic_order_quantity_with_incremental_discounts),
        ("all_units", economic_order_all_units, eoq.economic_order_quantity_with_all_units_discounts),
    ):
        order = ours(d["fixed_cost"], d["demand_rate"], holding_rate=d["holding_cost_rate"], prices=prices)
        mine = {"Q": order.quantity, "region": order.region, "cost": order.cost}
        his = dict(zip(mine, theirs(*peer), strict=True))
        for figures, source in ((found.ours, mine), (found.stockpyl, his)):
            figures.update({f"{name}.{key}": value for key, value in source.items()})
            if name == meant:
                figures.update(source)
    return found


def _backorders(d: Data, model: str) -> Answers:
    from stockpyl.eoq import economic_order_quantity_with_backorders

    ours = economic_order_with_backorders(
        d["fixed_cost"], d["demand_rate"], holding_cost=d["holding_cost"], stockout_cost=d["stockout_cost"]
    )
    theirs = economic_order_quantity_with_backorders(
        d["fixed_cost"], d["holding_cost"], d["stockout_cost"], d["demand_rate"]
    )
    names = ("Q", "stockout_fraction", "cost")
    return Answers(
        dict(zip(names, (ours.quantity, ours.stockout_fraction, ours.cost), strict=True)),
        dict(zip(names, theirs, strict=True)),
    )


def _batch(d: Data, model: str) -> Answers:
    from stockpyl.eoq import economic_production_quantity

    ours = economic_batch(
        d["fixed_cost"], d["demand_rate"], holding_cost=d["holding_cost"], production_rate=d["production_rate"]
    )
    theirs = economic_production_quantity(d["fixed_cost"], d["holding_cost"], d["demand_rate"], d["production_rate"])
    return Answers({"Q": ours.quantity, "cost": ours.cost}, dict(zip(("Q", "cost"), theirs, strict=True)))


def _dynamic(d: Data, model: str) -> Answers:
    """The source's order quantities start with one for a period 0 that nobody plans."""
    from stockpyl import wagner_whitin as peer

    periods = int(d.get("num_periods", len(d["demand"])))
    demand, fees, held, price = (
        _by_period(d.get(key, 0.0), periods) for key in ("demand", "fixed_cost", "holding_cost", "purchase_cost")
    )
    ours = wagner_whitin(demand, order_cost=fees, holding_cost=held, unit_cost=price)
    theirs = peer.wagner_whitin(periods, held, fees, demand, price)
    orders = {f"order_quantities.{period}": quantity for period, quantity in enumerate((0.0, *ours.quantities))}
    his = {f"order_quantities.{period}": quantity for period, quantity in enumerate(theirs[0])}
    return Answers({"cost": ours.cost, **orders}, {"cost": theirs[1], **his})


def _by_period(given: float | list[float], periods: int) -> list[float]:
    return list(given)[-periods:] if isinstance(given, list) else [given] * periods


def _joint(d: Data, model: str) -> Answers:
    from stockpyl.eoq import joint_replenishment_problem_silver_heuristic

    given = (d["shared_fixed_cost"], d["individual_fixed_costs"])
    ours = joint_replenishment(*given, d["demand_rates"], d["holding_costs"])
    *_, theirs = joint_replenishment_problem_silver_heuristic(*given, d["holding_costs"], d["demand_rates"])
    return Answers({"cost": ours.cost}, {"cost": theirs}, at_most=True)


def _normal(d: Data, model: str) -> Answers:
    from stockpyl.newsvendor import newsvendor_normal as peer

    lead_time = d.get("lead_time", 0)
    ours = newsvendor_normal(
        d["demand_mean"],
        d["demand_sd"],
        holding_cost=d["holding_cost"],
        stockout_cost=d["stockout_cost"],
        lead_time=lead_time,
    )
    theirs = peer(d["holding_cost"], d["stockout_cost"], d["demand_mean"], d["demand_sd"], lead_time)
    return Answers({"S": ours.level, "cost": ours.cost}, dict(zip(("S", "cost"), theirs, strict=True)))


def _profit(d: Data, model: str) -> Answers:
    from stockpyl.newsvendor import newsvendor_normal_explicit

    held, short = d.get("holding_cost", 0.0), d.get("stockout_cost", 0.0)
    ours = newsvendor_profit(
        d["demand_mean"],
        d["demand_sd"],
        price=d["revenue"],
        unit_cost=d["purchase_cost"],
        salvage=d["salvage_value"] - held,
        goodwill=short,
    )
    theirs = newsvendor_normal_explicit(
        d["revenue"], d["purchase_cost"], d["salvage_value"], d["demand_mean"], d["demand_sd"], held, short
    )
    return Answers({"S": ours.level, "profit": ours.profit}, dict(zip(("S", "profit"), theirs, strict=True)))


def _lognormal(d: Data, model: str) -> Answers:
    from scipy.stats import lognorm
    from stockpyl.newsvendor import newsvendor_continuous

    ours = newsvendor_lognormal(d["mu"], d["sigma"], holding_cost=d["holding_cost"], stockout_cost=d["stockout_cost"])
    demand = lognorm(s=d["sigma"], scale=math.exp(d["mu"]))
    theirs = newsvendor_continuous(d["holding_cost"], d["stockout_cost"], demand)
    return Answers({"S": ours.level, "cost": ours.cost}, dict(zip(("S", "cost"), theirs, strict=True)))


def _listed(d: Data, model: str) -> Answers:
    from stockpyl.newsvendor import newsvendor_discrete

    chances = {int(float(units)): float(chance) for units, chance in d["demand_pmf"].items()}
    ours = newsvendor_counts(_counts(chances), holding_cost=d["holding_cost"], stockout_cost=d["stockout_cost"])
    theirs = newsvendor_discrete(d["holding_cost"], d["stockout_cost"], demand_pmf=chances)
    return Answers({"S": ours.level, "cost": ours.cost}, dict(zip(("S", "cost"), theirs, strict=True)))


def _counts(chances: Mapping[int, float]) -> CountDemand:
    found = np.zeros(max(chances) + 1)
    found[list(chances)] = list(chances.values())
    return CountDemand(found / found.sum())


def _poisson(d: Data, model: str) -> Answers:
    from stockpyl.newsvendor import newsvendor_poisson

    ours = newsvendor_counts(
        CountDemand.poisson(d["demand_mean"]), holding_cost=d["holding_cost"], stockout_cost=d["stockout_cost"]
    )
    theirs = newsvendor_poisson(d["holding_cost"], d["stockout_cost"], d["demand_mean"])
    return Answers({"S": ours.level, "cost": ours.cost}, dict(zip(("S", "cost"), theirs, strict=True)))


def _poisson_and_orders(d: Data, model: str) -> Answers:
    from stockpyl.ss import s_s_discrete_exact

    without = _poisson(d, model)
    ours = order_up_to(
        CountDemand.poisson(d["demand_mean"]),
        order_cost=d["fixed_cost"],
        holding_cost=d["holding_cost"],
        stockout_cost=d["stockout_cost"],
    )
    theirs = s_s_discrete_exact(
        d["holding_cost"], d["stockout_cost"], d["fixed_cost"], use_poisson=True, demand_mean=d["demand_mean"]
    )
    mine = {"s": float(ours.reorder_point), "S": float(ours.order_up_to), "cost": ours.cost}
    his = dict(zip(mine, theirs, strict=True))
    return Answers(
        mine | _named("sS", mine) | _named("newsvendor", without.ours),
        his | _named("sS", his) | _named("newsvendor", without.stockpyl),
    )


def _power(d: Data, model: str) -> Answers:
    from stockpyl.ss import s_s_power_approximation

    ours = by_power_approximation(
        d["demand_mean"],
        d["demand_sd"],
        order_cost=d["fixed_cost"],
        holding_cost=d["holding_cost"],
        stockout_cost=d["stockout_cost"],
    )
    theirs = s_s_power_approximation(
        d["holding_cost"], d["stockout_cost"], d["fixed_cost"], d["demand_mean"], d["demand_sd"]
    )
    mine = {"s": ours.reorder_point, "S": ours.order_up_to}
    his = dict(zip(mine, theirs, strict=True))
    return Answers(mine | _named("power", mine) | _named("sS", mine), his | _named("power", his) | _named("sS", his))


def _named(method: str, figures: Figures) -> Figures:
    return {f"{method}.{what}": value for what, value in figures.items()}


WAYS = {
    "EIL": by_expected_inventory,
    "EOQB": by_economic_order_with_backorders,
    "EOQSS": by_economic_order_and_safety_stock,
    "loss": by_loss_function,
    "exact": reorder_point_normal,
}


class _Reorder(dict[str, float]):
    """The cost of any (r, Q) that a source asks about, beside the answers themselves."""

    ASKED = re.compile(r"cost_at_r(\d+(?:_\d+)?)_Q(\d+(?:_\d+)?)$")

    def __init__(self, item: NormalLeadTime, known: Figures) -> None:
        super().__init__(known)
        self._item = item

    def __contains__(self, what: object) -> bool:
        return super().__contains__(what) or bool(self.ASKED.match(str(what)))

    def __missing__(self, what: str) -> float:
        found = self.ASKED.match(what)
        if found is None:
            raise KeyError(what)
        r, lot = (float(each.replace("_", ".")) for each in found.groups())
        return self._item.cost(r, lot)


def _reorder(d: Data, model: str) -> Answers:
    """Where the answers have no method's name before them, the model's name says which is meant."""
    item = NormalLeadTime(
        d["demand_mean"], d["demand_sd"], d["lead_time"], d["fixed_cost"], d["holding_cost"], d["stockout_cost"]
    )
    found: Figures = {}
    meant = next((way for way in WAYS if re.search(rf"\b{way}\b", model, re.IGNORECASE)), "exact")
    for name, way in WAYS.items():
        try:
            ours = way(item)
        except ValueError:  # not every method has an answer for every item
            continue
        mine = {"r": ours.reorder_point, "Q": ours.quantity, "cost": ours.cost}
        found |= _named(name, mine) | (mine if name == meant else {})
    return Answers(_Reorder(item, found), _reorder_peer(d))


def _reorder_peer(d: Data) -> Figures:
    from stockpyl import rq

    order = ("holding_cost", "stockout_cost", "fixed_cost", "demand_mean", "demand_sd", "lead_time")
    given = [d[key] for key in order]
    ways = {
        "EIL": rq.r_q_eil_approximation,
        "EOQB": rq.r_q_eoqb_approximation,
        "EOQSS": rq.r_q_eoqss_approximation,
        "loss": rq.r_q_loss_function_approximation,
    }
    found: Figures = {}
    for name, way in ways.items():
        with suppress(ValueError):
            found |= _named(name, dict(zip(("r", "Q", "cost"), way(*given), strict=False)))
    return found


def _reorder_counts(d: Data, model: str) -> Answers:
    from stockpyl.rq import r_q_poisson_exact

    ours = reorder_point_counts(
        CountDemand.poisson(d["demand_mean"] * d["lead_time"]),
        d["demand_mean"],
        order_cost=d["fixed_cost"],
        holding_cost=d["holding_cost"],
        stockout_cost=d["stockout_cost"],
    )
    theirs = r_q_poisson_exact(d["holding_cost"], d["stockout_cost"], d["fixed_cost"], d["demand_mean"], d["lead_time"])
    names = ("r", "Q", "cost")
    return Answers(
        dict(zip(names, (ours.reorder_point, ours.quantity, ours.cost), strict=True)),
        dict(zip(names, theirs, strict=True)),
    )


_COSTS = frozenset({"holding_cost", "stockout_cost"})
_LOT = frozenset({"fixed_cost", "holding_cost", "demand_rate"})
_SPREAD = frozenset({"demand_mean", "demand_sd"})

KINDS = (
    Kind(_LOT, _eoq),
    Kind(_LOT | {"stockout_cost"}, _backorders),
    Kind(_LOT | {"production_rate"}, _batch),
    Kind(frozenset({"fixed_cost", "holding_cost_rate", "demand_rate", "breakpoints", "unit_costs"}), _discounts),
    Kind(frozenset({"demand", "fixed_cost", "holding_cost"}), _dynamic, frozenset({"num_periods", "purchase_cost"})),
    Kind(frozenset({"shared_fixed_cost", "individual_fixed_costs", "demand_rates", "holding_costs"}), _joint),
    Kind(_COSTS | _SPREAD, _normal, frozenset({"lead_time"})),
    Kind(_SPREAD | {"revenue", "purchase_cost", "salvage_value"}, _profit, _COSTS),
    Kind(_COSTS | {"mu", "sigma"}, _lognormal),
    Kind(_COSTS | {"demand_pmf"}, _listed),
    Kind(_COSTS | {"demand_mean"}, _poisson),
    Kind(_COSTS | {"demand_mean", "fixed_cost"}, _poisson_and_orders),
    Kind(_COSTS | _SPREAD | {"fixed_cost"}, _power),
    Kind(_COSTS | _SPREAD | {"fixed_cost", "lead_time"}, _reorder),
    Kind(_COSTS | {"demand_mean", "fixed_cost", "lead_time"}, _reorder_counts),
)
