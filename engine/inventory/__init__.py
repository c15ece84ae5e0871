"""What to order: provably the cheapest, under the limits that an owner has."""

from engine.inventory.classes import StockClass, classify
from engine.inventory.item import Arrival, Defaults, Limits, PriceBreak, Shortage, StockItem
from engine.inventory.plan import OWN, Planner, Search, plan_orders
from engine.inventory.projection import Projection, project
from engine.inventory.result import Conflict, ExpectedOrder, OrderLine, OrderPlan, Relaxation

__all__ = [
    "OWN",
    "Arrival",
    "Conflict",
    "Defaults",
    "ExpectedOrder",
    "Limits",
    "OrderLine",
    "OrderPlan",
    "Planner",
    "PriceBreak",
    "Projection",
    "Relaxation",
    "Search",
    "Shortage",
    "StockClass",
    "StockItem",
    "classify",
    "plan_orders",
    "project",
]
