"""What each kind of published case asks, answered by us, and by stockpyl where it is installed."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks import stockpyl_answers as peer
from benchmarks.stockpyl_answers import Data, Figures, by_period, with_method
from benchmarks.textbook.counts import CountDemand
from benchmarks.textbook.economic_order import (
    economic_batch,
    economic_order,
    economic_order_all_units,
    economic_order_incremental,
    economic_order_with_backorders,
)
from benchmarks.textbook.joint import joint_replenishment
from benchmarks.textbook.newsvendor import (
    newsvendor_counts,
    newsvendor_lognormal,
    newsvendor_normal,
    newsvendor_profit,
)
from benchmarks.textbook.order_up_to import by_power_approximation, order_up_to
from benchmarks.textbook.reorder_point import (
    NormalLeadTime,
    by_economic_order_and_safety_stock,
    by_economic_order_with_backorders,
    by_expected_inventory,
    by_loss_function,
    reorder_point_counts,
    reorder_point_normal,
)
from benchmarks.textbook.wagner_whitin import wagner_whitin
from engine.inventory import PriceBreak

Answer = Callable[[Data, str], Figures]
"""(the case's figures, the source's name of the model) -> the answers by the source's names.

Answers of several methods have the method before a dot.
"""


@dataclass(frozen=True)
class Kind:
    """A kind of case, told from others by the figures that it gives.

    Attributes:
        needs: names that must be there.
        ours: our answers.
        stockpyl: stockpyl's answers.
        may: names that can be there too. Anything else makes it another kind.
        at_most: the source's answer is not proved best.
    """

    needs: frozenset[str]
    ours: Answer
    stockpyl: Answer
    may: frozenset[str] = frozenset()
    at_most: bool = False

    def fits(self, names: frozenset[str]) -> bool:
        """True when these names are what this kind has."""
        return self.needs <= names <= self.needs | self.may


def _eoq(d: Data, model: str) -> Figures:
    order = economic_order(d["fixed_cost"], d["demand_rate"], holding_cost=d["holding_cost"])
    return {"Q": order.quantity, "cost": order.cost}


def _discounts(d: Data, model: str) -> Figures:
    prices = [PriceBreak(*pair) for pair in zip(d["breakpoints"], d["unit_costs"], strict=True)]
    answers: Figures = {}
    for name, method in (("incremental", economic_order_incremental), ("all_units", economic_order_all_units)):
        order = method(d["fixed_cost"], d["demand_rate"], holding_rate=d["holding_cost_rate"], prices=prices)
        figures = {"Q": order.quantity, "region": float(order.region), "cost": order.cost}
        answers |= with_method(name, figures) | (figures if name == peer.discount_kind(model) else {})
    return answers


def _backorders(d: Data, model: str) -> Figures:
    order = economic_order_with_backorders(
        d["fixed_cost"], d["demand_rate"], holding_cost=d["holding_cost"], stockout_cost=d["stockout_cost"]
    )
    return {"Q": order.quantity, "stockout_fraction": order.stockout_fraction, "cost": order.cost}


def _batch(d: Data, model: str) -> Figures:
    order = economic_batch(
        d["fixed_cost"], d["demand_rate"], holding_cost=d["holding_cost"], production_rate=d["production_rate"]
    )
    return {"Q": order.quantity, "cost": order.cost}


def _dynamic(d: Data, model: str) -> Figures:
    """The source's order quantities start with one for a period 0 that nobody plans."""
    periods = int(d.get("num_periods", len(d["demand"])))
    demand, fees, holding, price = (
        by_period(d.get(key, 0.0), periods) for key in ("demand", "fixed_cost", "holding_cost", "purchase_cost")
    )
    plan = wagner_whitin(demand, order_cost=fees, holding_cost=holding, unit_cost=price)
    orders = {f"order_quantities.{period}": quantity for period, quantity in enumerate((0.0, *plan.quantities))}
    return {"cost": plan.cost, **orders}


def _joint(d: Data, model: str) -> Figures:
    fees = (d["shared_fixed_cost"], d["individual_fixed_costs"])
    return {"cost": joint_replenishment(*fees, d["demand_rates"], d["holding_costs"]).cost}


def _normal(d: Data, model: str) -> Figures:
    stock = newsvendor_normal(
        d["demand_mean"],
        d["demand_sd"],
        holding_cost=d["holding_cost"],
        stockout_cost=d["stockout_cost"],
        lead_time=d.get("lead_time", 0),
    )
    return {"S": stock.level, "cost": stock.cost}


def _profit(d: Data, model: str) -> Figures:
    stock = newsvendor_profit(
        d["demand_mean"],
        d["demand_sd"],
        price=d["revenue"],
        unit_cost=d["purchase_cost"],
        salvage=d["salvage_value"] - d.get("holding_cost", 0.0),
        goodwill=d.get("stockout_cost", 0.0),
    )
    return {"S": stock.level, "profit": stock.profit}


def _lognormal(d: Data, model: str) -> Figures:
    stock = newsvendor_lognormal(d["mu"], d["sigma"], holding_cost=d["holding_cost"], stockout_cost=d["stockout_cost"])
    return {"S": stock.level, "cost": stock.cost}


def _chances(d: Data, model: str) -> Figures:
    listing = peer.chances_of(d["demand_pmf"])
    chances = np.zeros(max(listing) + 1)
    chances[list(listing)] = list(listing.values())
    return _for_counts(CountDemand(chances / chances.sum()), d)


def _poisson(d: Data, model: str) -> Figures:
    return _for_counts(CountDemand.poisson(d["demand_mean"]), d)


def _for_counts(demand: CountDemand, d: Data) -> Figures:
    stock = newsvendor_counts(demand, holding_cost=d["holding_cost"], stockout_cost=d["stockout_cost"])
    return {"S": stock.level, "cost": stock.cost}


def _poisson_and_orders(d: Data, model: str) -> Figures:
    policy = order_up_to(
        CountDemand.poisson(d["demand_mean"]),
        order_cost=d["fixed_cost"],
        holding_cost=d["holding_cost"],
        stockout_cost=d["stockout_cost"],
    )
    figures = {"s": float(policy.reorder_point), "S": float(policy.order_up_to), "cost": policy.cost}
    return figures | with_method("sS", figures) | with_method("newsvendor", _poisson(d, model))


def _power(d: Data, model: str) -> Figures:
    policy = by_power_approximation(
        d["demand_mean"],
        d["demand_sd"],
        order_cost=d["fixed_cost"],
        holding_cost=d["holding_cost"],
        stockout_cost=d["stockout_cost"],
    )
    figures = {"s": policy.reorder_point, "S": policy.order_up_to}
    return figures | with_method("power", figures) | with_method("sS", figures)


METHODS = {
    "EIL": by_expected_inventory,
    "EOQB": by_economic_order_with_backorders,
    "EOQSS": by_economic_order_and_safety_stock,
    "loss": by_loss_function,
    "exact": reorder_point_normal,
}


class _Reorder(dict[str, float]):
    """The cost of any (r, Q) that a source asks about, beside the answers themselves."""

    COST = re.compile(r"cost_at_r(\d+(?:_\d+)?)_Q(\d+(?:_\d+)?)$")

    def __init__(self, item: NormalLeadTime, answers: Figures) -> None:
        super().__init__(answers)
        self._item = item

    def __contains__(self, what: object) -> bool:
        return super().__contains__(what) or bool(self.COST.match(str(what)))

    def __missing__(self, what: str) -> float:
        match = self.COST.match(what)
        if match is None:
            raise KeyError(what)
        r, lot = (float(each.replace("_", ".")) for each in match.groups())
        return self._item.cost(r, lot)


def _reorder(d: Data, model: str) -> Figures:
    """Where the answers have no method's name before them, the model's name says which is meant."""
    item = NormalLeadTime(
        d["demand_mean"], d["demand_sd"], d["lead_time"], d["fixed_cost"], d["holding_cost"], d["stockout_cost"]
    )
    answers: Figures = {}
    usual = next((name for name in METHODS if re.search(rf"\b{name}\b", model, re.IGNORECASE)), "exact")
    for name, method in METHODS.items():
        try:
            policy = method(item)
        except ValueError:  # not every method has an answer for every item
            continue
        figures = {"r": policy.reorder_point, "Q": policy.quantity, "cost": policy.cost}
        answers |= with_method(name, figures) | (figures if name == usual else {})
    return _Reorder(item, answers)


def _reorder_counts(d: Data, model: str) -> Figures:
    policy = reorder_point_counts(
        CountDemand.poisson(d["demand_mean"] * d["lead_time"]),
        d["demand_mean"],
        order_cost=d["fixed_cost"],
        holding_cost=d["holding_cost"],
        stockout_cost=d["stockout_cost"],
    )
    return {"r": policy.reorder_point, "Q": policy.quantity, "cost": policy.cost}


_COSTS = frozenset({"holding_cost", "stockout_cost"})
_LOT = frozenset({"fixed_cost", "holding_cost", "demand_rate"})
_SPREAD = frozenset({"demand_mean", "demand_sd"})
_DISCOUNTS = frozenset({"fixed_cost", "holding_cost_rate", "demand_rate", "breakpoints", "unit_costs"})
_SEASON = frozenset({"demand", "fixed_cost", "holding_cost"})
_JOINT = frozenset({"shared_fixed_cost", "individual_fixed_costs", "demand_rates", "holding_costs"})

KINDS = (
    Kind(_LOT, _eoq, peer.eoq),
    Kind(_LOT | {"stockout_cost"}, _backorders, peer.backorders),
    Kind(_LOT | {"production_rate"}, _batch, peer.batch),
    Kind(_DISCOUNTS, _discounts, peer.discounts),
    Kind(_SEASON, _dynamic, peer.dynamic, frozenset({"num_periods", "purchase_cost"})),
    Kind(_JOINT, _joint, peer.joint, at_most=True),
    Kind(_COSTS | _SPREAD, _normal, peer.normal, frozenset({"lead_time"})),
    Kind(_SPREAD | {"revenue", "purchase_cost", "salvage_value"}, _profit, peer.profit, _COSTS),
    Kind(_COSTS | {"mu", "sigma"}, _lognormal, peer.lognormal),
    Kind(_COSTS | {"demand_pmf"}, _chances, peer.chances),
    Kind(_COSTS | {"demand_mean"}, _poisson, peer.poisson),
    Kind(_COSTS | {"demand_mean", "fixed_cost"}, _poisson_and_orders, peer.poisson_and_orders),
    Kind(_COSTS | _SPREAD | {"fixed_cost"}, _power, peer.power),
    Kind(_COSTS | _SPREAD | {"fixed_cost", "lead_time"}, _reorder, peer.reorder),
    Kind(_COSTS | {"demand_mean", "fixed_cost", "lead_time"}, _reorder_counts, peer.reorder_counts),
)
