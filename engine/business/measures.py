"""The semantic layer: what can be counted in a business, by what, in which unit, and how it adds up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

Cube = Literal["sales", "takings", "recent", "media", "traffic", "stock", "needs", "staff"]
"""The frames that measures are taken from."""

RECENT_DAYS = 28
"""Days over which what sold "of late" is averaged; fewer where the file covers fewer."""

MONEY = "money"
"""The unit of a measure in the business's own currency."""


@dataclass(frozen=True, eq=False)
class Measure:
    """A figure of the past, as an owner may ask for it.

    A measure is either taken from one cube (`total` says how its rows add up) or worked out from others (`ratio`).

    Attributes:
        key: stable name: "quantity".
        label: for the owner: "Units sold".
        unit: as in a fact; `MONEY` stands for the currency.
        synonyms: other words for it, lower case.
        cube: where its rows are.
        needs: the columns of the cube without which it cannot be given.
        total: how rows add up, as a polars expression over the cube; null where no row says anything.
        ratio: numerator and denominator, keys of other measures; the label of an undefined ratio is null.
        scale: of a ratio: 100 for percent.
        additive: whether the figures of groups add up to that of all; a group without rows is then worth zero.
    """

    key: str
    label: str
    unit: str
    synonyms: tuple[str, ...] = ()
    cube: Cube = "sales"
    needs: tuple[str, ...] = ()
    total: pl.Expr | None = None
    ratio: tuple[str, str] | None = None
    scale: float = 1.0
    additive: bool = True


@dataclass(frozen=True)
class Dimension:
    """By what a figure can be grouped and filtered.

    Attributes:
        key: stable name: "item"; also the name of the column in results.
        label: one of them, for the owner: "item".
        plural: several.
        synonyms: other words, lower case.
        cubes: where it stands; for parts of time, every cube that has days.
    """

    key: str
    label: str
    plural: str
    synonyms: tuple[str, ...] = ()
    cubes: tuple[Cube, ...] = ("sales",)


def known_sum(column: pl.Expr) -> pl.Expr:
    """The sum of the numbers there are; null where there is none."""
    return pl.when(column.is_not_null().any()).then(column.sum())


def _register(*measures: Measure) -> Mapping[str, Measure]:
    return {measure.key: measure for measure in measures}


_Q, _R, _COST = pl.col("quantity"), pl.col("revenue"), pl.col("cost")
_RECEIPT = pl.struct("document", "day", "store")
"""Tills begin their numbers anew each day, and each shop has its own."""
MEASURES: Mapping[str, Measure] = _register(
    Measure(
        "quantity", "Units sold", "units", ("units", "pieces", "items sold"), "sales", ("quantity",), known_sum(_Q)
    ),
    Measure(
        "revenue",
        "Revenue",
        MONEY,
        ("turnover", "takings", "sales value", "income", "money"),
        "sales",
        ("revenue",),
        known_sum(_R),
    ),
    Measure("lines", "Sale lines", "rows", ("sales", "rows"), "sales", (), pl.len().cast(pl.Float64)),
    Measure(
        "documents",
        "Orders and receipts",
        "documents",
        ("orders", "receipts", "invoices", "transactions", "tickets", "bills"),
        "sales",
        ("document",),
        _RECEIPT.filter(pl.col("document").is_not_null()).n_unique().cast(pl.Float64),
    ),
    Measure(
        "basket",
        "Average order value",
        MONEY,
        ("basket", "average ticket", "order value"),
        ratio=("revenue", "documents"),
    ),
    Measure("price", "Average price", MONEY, ("price", "price paid"), ratio=("revenue", "quantity")),
    Measure(
        "unit_price",
        "Listed price",
        MONEY,
        ("list price",),
        "sales",
        ("price",),
        pl.col("price").mean(),
        additive=False,
    ),
    Measure(
        "promoted",
        "Share sold on promotion",
        "%",
        ("promotion share", "on offer"),
        "sales",
        ("promotion",),
        100 * pl.col("promotion").mean(),
        additive=False,
    ),
    Measure(
        "returns",
        "Units returned",
        "units",
        ("returned", "brought back"),
        "sales",
        ("quantity",),
        pl.when(_Q < 0).then(-_Q).otherwise(0.0).sum(),
    ),
    Measure(
        "gross_profit",
        "Gross profit",
        MONEY,
        ("profit", "contribution", "earnings"),
        "sales",
        ("revenue", "quantity", "cost"),
        known_sum(_R - _Q * _COST),
    ),
    Measure(
        "costed_revenue",
        "Revenue of items with a known cost",
        MONEY,
        (),
        "sales",
        ("revenue", "quantity", "cost"),
        known_sum(pl.when((_R - _Q * _COST).is_not_null()).then(_R)),
    ),
    Measure("margin", "Margin", "%", ("gross margin",), ratio=("gross_profit", "costed_revenue"), scale=100.0),
    Measure(
        "traffic",
        "Visits",
        "visits",
        ("visitors", "footfall", "guests"),
        "traffic",
        ("traffic",),
        known_sum(pl.col("traffic")),
    ),
    Measure("leads", "Leads", "leads", ("enquiries", "inquiries"), "traffic", ("leads",), known_sum(pl.col("leads"))),
    Measure("conversion", "Leads per visit", "%", ("conversion rate",), ratio=("leads", "traffic"), scale=100.0),
    Measure(
        "spend",
        "Marketing",
        MONEY,
        ("ad spend", "advertising", "marketing cost"),
        "media",
        ("spend",),
        known_sum(pl.col("spend")),
    ),
    Measure(
        "return_on_spend",
        "Revenue per unit of marketing spend",
        "",
        ("roas", "return on ad spend"),
        ratio=("revenue", "spend"),
    ),
    Measure(
        "on_hand",
        "On the shelf",
        "units",
        ("stock", "inventory", "in stock"),
        "stock",
        ("on_hand",),
        known_sum(pl.col("on_hand")),
    ),
    Measure(
        "stock_value",
        "Worth of the stock",
        MONEY,
        ("stock worth", "inventory value"),
        "stock",
        ("on_hand", "cost"),
        known_sum(pl.col("on_hand") * _COST),
    ),
    Measure(
        "recent_units",
        "Units sold a day of late",
        "units",
        (),
        "recent",
        ("quantity",),
        known_sum(_Q / pl.col("days_covered")),
    ),
    Measure(
        "days_of_cover", "Days the stock lasts", "days", ("days of cover", "cover"), ratio=("on_hand", "recent_units")
    ),
    Measure(
        "wages_planned",
        "Wages of the hours needed a week",
        MONEY,
        ("wages", "payroll"),
        "needs",
        ("wages",),
        known_sum(pl.col("wages")),
    ),
    Measure(
        "hours_planned",
        "Hours of work needed a week",
        "hours",
        ("hours needed",),
        "needs",
        ("people",),
        known_sum(pl.col("hours")),
    ),
    Measure(
        "hours_available",
        "Hours they may work a week",
        "hours",
        ("hours available",),
        "staff",
        ("most_hours",),
        known_sum(pl.col("most_hours")),
    ),
    Measure(
        "people",
        "People on your list",
        "people",
        ("staff", "employees", "team"),
        "staff",
        ("person",),
        pl.col("person").n_unique().cast(pl.Float64),
    ),
    Measure(
        "wage",
        "Average hourly rate",
        MONEY,
        ("pay", "hourly rate"),
        "staff",
        ("rate",),
        pl.col("rate").mean(),
        additive=False,
    ),
)
"""Every measure by its key; adding one is one entry here."""

HISTORIES = ("quantity", "revenue", "traffic", "leads")
"""The measures that can be forecast, sales first."""

_DATED: tuple[Cube, ...] = ("sales", "takings", "media", "traffic")
DIMENSIONS: Mapping[str, Dimension] = {
    dimension.key: dimension
    for dimension in (
        Dimension("item", "item", "items", ("product", "article", "service", "dish"), ("sales", "recent", "stock")),
        Dimension(
            "category",
            "category",
            "categories",
            ("department", "product group", "product line"),
            ("sales", "recent", "stock"),
        ),
        Dimension("supplier", "supplier", "suppliers", ("vendor",), ("sales", "recent", "stock")),
        Dimension(
            "store",
            "store",
            "stores",
            ("shop", "branch", "location", "outlet", "site"),
            ("sales", "takings", "traffic"),
        ),
        Dimension("channel", "channel", "channels", ("sales channel",), ("sales", "takings", "media")),
        Dimension("source", "sheet", "sheets", ("file",), ("sales", "takings")),
        Dimension("role", "role", "roles", ("job",), ("needs", "staff")),
        Dimension("person", "person", "people", ("employee",), ("staff",)),
        Dimension("day", "day", "days", ("date",), _DATED),
        Dimension("week", "week", "weeks", (), _DATED),
        Dimension("month", "month", "months", (), _DATED),
        Dimension("quarter", "quarter", "quarters", (), _DATED),
        Dimension("year", "year", "years", (), _DATED),
        Dimension("weekday", "weekday", "weekdays", ("day of the week",), (*_DATED, "needs")),
    )
}
"""Every dimension by its key."""

PARTS_OF_TIME: Mapping[str, pl.Expr] = {
    "day": pl.col("day"),
    "week": pl.col("day").dt.truncate("1w"),
    "month": pl.col("day").dt.truncate("1mo"),
    "quarter": pl.col("day").dt.truncate("1q"),
    "year": pl.col("day").dt.truncate("1y"),
    "weekday": pl.col("day").dt.weekday() - 1,
}
"""Dimensions that come from the day; weeks start on Monday, weekdays count from Monday = 0."""


@dataclass(frozen=True)
class Unavailable:
    """A figure that the file cannot give.

    Attributes:
        measure: its key.
        label: as an owner knows it.
        missing: what is missing, in the words of the columns: "cost".
        available: the columns that there are.
    """

    measure: str
    label: str
    missing: str
    available: tuple[str, ...] = field(default=())

    @property
    def sentence(self) -> str:
        """What is missing, in words."""
        return f"{self.label} cannot be worked out: your file has no {self.missing}."
