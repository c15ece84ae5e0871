"""What to order: provably the cheapest, under the limits that an owner has."""

from engine.inventory.item import Arrival, Defaults, OrderLimits, PriceBreak, Shortage, StockItem
from engine.inventory.plan import OWN, Planner, SearchEffort
from engine.inventory.result import ExpectedOrder, OrderLine, OrderPlan, Projection, StockClass, classify, project

__all__ = [
    "OWN",
    "Arrival",
    "Defaults",
    "ExpectedOrder",
    "OrderLimits",
    "OrderLine",
    "OrderPlan",
    "Planner",
    "PriceBreak",
    "Projection",
    "SearchEffort",
    "Shortage",
    "StockClass",
    "StockItem",
    "classify",
    "project",
]
