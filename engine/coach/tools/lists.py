"""Questions about the owner's lists: what lies on the shelf, what marketing cost, who works here."""

import polars as pl

from engine.business.history import find_calendar
from engine.coach.context import Asked, Business, Found
from engine.coach.measures import ALL, READ, Measured, covered, drawn, need_rows, ranking, totals
from engine.coach.question_scope import together
from engine.dataset import ColumnRole, Dataset, Table
from engine.errors import DataProblem, MissingColumn
from engine.facts import Fact, Facts
from engine.workflows.budget.plan import short_name


def stock(business: Business, asked: Asked) -> Found:
    """What lies on the shelf, and what it is worth.

    Raises:
        DataProblem: the file has no list of items with a stock, or not this item.
    """
    table = next((t for t in business.dataset.tables if t.has(ColumnRole.ITEM, ColumnRole.ON_HAND)), None)
    if table is None:
        raise MissingColumn("on hand", available=[c.name for t in business.dataset.tables for c in t.columns])
    rows = _on_shelf(table)
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
        money = business.dataset.currency
        facts += [
            Fact("stock_value", "Worth", float(rows["value"].sum()), money, "units on the shelf times their cost"),
            Fact("top_item", "Most money lies in", top["item"], "", "units on the shelf times its cost"),
            Fact("top_value", "Worth of that item", float(top["value"]), money, "units on the shelf times its cost"),
        ]
    return Found("stock", Facts(tuple(facts)), link="pages/inventory.py")


def _need_items(rows: pl.DataFrame) -> None:
    if rows.is_empty():
        raise DataProblem("Your list of items does not have that item", remedy="Ask about all items, or another one.")


def _on_shelf(table: Table) -> pl.DataFrame:
    cost = table.find(ColumnRole.COST)
    stock = pl.col(table.require(ColumnRole.ON_HAND).name).cast(pl.Float64)
    each = pl.col(cost.name).cast(pl.Float64) if cost else pl.lit(None, pl.Float64)
    item = pl.col(table.require(ColumnRole.ITEM).name)
    return table.frame.select(item=item, stock=stock, value=stock * each).drop_nulls(["item", "stock"])


def spent(business: Business, asked: Asked) -> Found:
    """What marketing cost, channel by channel.

    Raises:
        DataProblem: the file has no such columns, or nothing of that time.
    """
    table = next(
        (t for t in business.dataset.tables if t.has(ColumnRole.CHANNEL_SPEND) and t.has(ColumnRole.DATE)), None
    )
    if table is None:
        raise MissingColumn("channel spend", available=[c.name for t in business.dataset.tables for c in t.columns])
    columns = [c.name for c in table.columns if c.role is ColumnRole.CHANNEL_SPEND]
    short = {name: short_name(name) for name in columns}
    day = table.require(ColumnRole.DATE).name
    rows = table.frame.select(pl.col(day).alias("day"), *columns).unpivot(
        columns, index="day", variable_name="item", value_name="value"
    )
    rows = rows.drop_nulls(["day", "value"])
    if len(set(short.values())) == len(short):
        rows = rows.with_columns(pl.col("item").replace(short))
    calendar = find_calendar(rows["day"].unique().to_list())
    made = Measured("Marketing", business.dataset.currency, rows, calendar)
    span = covered(made, asked.arguments.spans)
    wanted = made.within(span)
    need_rows(wanted, span, "")
    facts = [*totals(made, "", span, wanted), *ranking(made, wanted)]
    return Found("spent", Facts(tuple(facts)), picture=drawn(made, wanted, "data top"), link="")


def staff(dataset: Dataset) -> Found:
    """Who works here.

    Raises:
        MissingColumn: the file has no list of staff.
    """
    table = next((t for t in dataset.tables if t.has(ColumnRole.EMPLOYEE) and not t.has(ColumnRole.DATE)), None)
    if table is None:
        raise MissingColumn("employee", available=[c.name for t in dataset.tables for c in t.columns])
    names = table.frame[table.require(ColumnRole.EMPLOYEE).name].drop_nulls()
    facts = [Fact("people", "People on your list", names.n_unique(), "people", "names in your list of staff")]
    hours = table.find(ColumnRole.MAX_HOURS)
    if hours is not None and hours.kind == "number":
        total = float(table.frame[hours.name].sum() or 0)
        facts.append(Fact("hours", "Hours they may work a week", total, "hours", "sum of their most hours a week"))
    return Found("staff", Facts(tuple(facts)))
