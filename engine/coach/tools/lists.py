"""Questions about the owner's lists: what lies on the shelf, what marketing cost, who works here."""

import polars as pl

from engine.business.calendar import find_calendar
from engine.business.model import Business
from engine.business.query import Query, run, unavailable
from engine.coach.context import CoachContext, CoachQuestion, ToolResult
from engine.coach.measures import ALL, READ, Measured, covered, drawn, need_rows, ranking, totals
from engine.coach.question_scope import together
from engine.errors import DataProblem, MissingColumn
from engine.facts import Fact, Facts
from engine.workflows.budget.plan import short_name


def stock(context: CoachContext, asked: CoachQuestion) -> ToolResult:
    """What lies on the shelf, and what it is worth.

    Raises:
        DataProblem: the file has no list of items with a stock, or not this item.
    """
    lack = unavailable(context.business, "on_hand")
    if lack is not None:
        raise MissingColumn(lack.missing, available=lack.available)
    rows = _on_shelf(context.business)
    chosen = together(asked.arguments)
    if chosen.items:
        rows = rows.filter(pl.col("item").is_in(list(chosen.items)))
    _need_items(rows)
    one = rows["item"][0] if rows.height == 1 else (chosen.label or ALL)
    facts = [Fact("chosen", "Of which items", chosen.label, "", READ)] if chosen.items and rows.height > 1 else []
    facts += [
        Fact("item", "Of which item", one, "", READ),
        Fact("items", "Items in your list", rows.height, "items", "rows of your list of items"),
        Fact("on_hand", "On the shelf", float(rows["stock"].sum()), "units", "sum of your list of items"),
    ]
    if rows["value"].null_count() < rows.height:
        top = rows.sort("value", descending=True, nulls_last=True).row(0, named=True)
        money = context.business.currency
        facts += [
            Fact("stock_value", "Worth", float(rows["value"].sum()), money, "units on the shelf times their cost"),
            Fact("top_item", "Most money lies in", top["item"], "", "units on the shelf times its cost"),
            Fact("top_value", "Worth of that item", float(top["value"]), money, "units on the shelf times its cost"),
        ]
    return ToolResult("stock", Facts(tuple(facts)), link="pages/inventory.py")


def _need_items(rows: pl.DataFrame) -> None:
    if rows.is_empty():
        raise DataProblem("Your list of items does not have that item", remedy="Ask about all items, or another one.")


def _on_shelf(business: Business) -> pl.DataFrame:
    """`item`, `stock` and `value` of each item with a stock; the value is null where its cost is not known."""
    keys = tuple(key for key in ("on_hand", "stock_value") if unavailable(business, key) is None)
    rows = run(business, Query(keys, by=("item",))).frame
    value = pl.col("stock_value") if "stock_value" in keys else pl.lit(None, pl.Float64)
    return rows.select("item", stock="on_hand", value=value).drop_nulls(["item", "stock"])


def spent(context: CoachContext, asked: CoachQuestion) -> ToolResult:
    """What marketing cost, channel by channel.

    Raises:
        DataProblem: the file has no such columns, or nothing of that time.
    """
    business = context.business
    lack = unavailable(business, "spend")
    if lack is not None:
        raise MissingColumn("channel spend", available=lack.available)
    rows = run(business, Query(("spend",), by=("day", "channel"))).frame
    rows = rows.select("day", item="channel", value="spend").drop_nulls(["day", "value"])
    short = {name: short_name(name) for name in rows["item"].unique()}
    if len(set(short.values())) == len(short):
        rows = rows.with_columns(pl.col("item").replace(short))
    calendar = find_calendar(rows["day"].unique().to_list())
    made = Measured("Marketing", business.currency, rows, calendar)
    span = covered(made, asked.arguments.spans)
    wanted = made.within(span)
    need_rows(wanted, span, "")
    facts = [*totals(made, "", span, wanted), *ranking(made, wanted)]
    return ToolResult("spent", Facts(tuple(facts)), picture=drawn(made, wanted, "data top"), link="")


def staff(business: Business) -> ToolResult:
    """Who works here.

    Raises:
        MissingColumn: the file has no list of staff.
    """
    lack = unavailable(business, "people")
    if lack is not None:
        raise MissingColumn("employee", available=lack.available)
    people = run(business, Query(("people", "hours_available")))
    facts = [
        Fact("people", "People on your list", int(people.total("people")), "people", "names in your list of staff")
    ]
    if not people.unavailable:
        hours = people.total("hours_available")
        facts.append(Fact("hours", "Hours they may work a week", hours, "hours", "sum of their most hours a week"))
    return ToolResult("staff", Facts(tuple(facts)))
