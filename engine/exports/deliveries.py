"""The deliveries ahead -> tables, and a workbook of them."""

import polars as pl

from engine.exports.orders import NO_SUPPLIER, with_unit
from engine.exports.tables import Sheet, workbook
from engine.inventory.deliveries import AheadPlan


def delivery_list(plan: AheadPlan) -> pl.DataFrame:
    """Every delivery ahead with what it costs, and what it would cost to be one with the next of its supplier."""
    rows = [
        (
            each.ordered,
            each.supplier or NO_SUPPLIER,
            *each.arrives,
            len(each.items),
            each.spend,
            each.fee,
            each.keeping,
            each.in_short(),
            each.why(plan.currency),
        )
        for each in plan.deliveries
    ]
    schema = {
        "Order on": pl.Date,
        "Supplier": pl.String,
        "Comes from": pl.Date,
        "Comes until": pl.Date,
        "Items": pl.Int64,
        with_unit("Goods", plan.currency): pl.Float64,
        "Fee": pl.Float64,
        "Stock, gaps and waste": pl.Float64,
        "One with the next": pl.String,
        "Why not one with the next": pl.String,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def delivered_items(plan: AheadPlan) -> pl.DataFrame:
    """What each delivery ahead brings."""
    rows = [
        (each.ordered, each.supplier or NO_SUPPLIER, item.name, item.quantity, item.packs, item.spend, item.arrives)
        for each in plan.deliveries
        for item in each.items
    ]
    schema = {
        "Order on": pl.Date,
        "Supplier": pl.String,
        "Item": pl.String,
        "Quantity": pl.Float64,
        "Packs": pl.Int64,
        with_unit("Amount", plan.currency): pl.Float64,
        "Expected on": pl.Date,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def ahead_workbook(plan: AheadPlan) -> bytes:
    """An .xlsx file with the deliveries ahead, and what each of them brings."""
    return workbook([Sheet("Deliveries", delivery_list(plan), plan.assumptions), Sheet("Items", delivered_items(plan))])
