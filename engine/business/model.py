"""The one model of the business: every page, export, command and answer of the Coach asks it, so none can disagree."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl

from engine.business.calendar import Calendar, Period, find_calendar, freshness, order_calendar
from engine.business.decisions import Decision, Topic, counted
from engine.business.items import Items, gather_items
from engine.business.media import Media, gather_media
from engine.business.people import People, gather_people
from engine.business.sales import SALES, Sales, clean_sales, compare_report, is_channel, together
from engine.business.tables import SalesTable, has_dates, read_sales, sales_tables
from engine.dataset import Dataset, Frequency, TableKind

ONE_A_SALE = frozenset({TableKind.SALE_LINES, TableKind.ORDERS, TableKind.INVOICES, TableKind.PAYMENTS})
"""Tables with a row for each sale or order, of which a day may have none."""

ABOUT = {
    **dict.fromkeys((TableKind.SALE_LINES, TableKind.ORDERS, TableKind.DAILY_TOTALS, TableKind.INVOICES), "sales"),
    TableKind.PAYMENTS: "payments",
    TableKind.ADS: "ads",
    TableKind.TRAFFIC: "traffic",
    **dict.fromkeys((TableKind.STOCK, TableKind.PRICES), "stock"),
    **dict.fromkeys((TableKind.STAFF, TableKind.TIMESHEET, TableKind.ROSTER, TableKind.WEEK), "staff"),
    **dict.fromkeys((TableKind.NEEDS, TableKind.LEAVE), "staff"),
}
"""What a table of each kind is about, in one word."""

WORDS = {"quantity": "units", "revenue": "money", "item": "per item", "store": "by store", "day": "by date"}
LEFT_OUT = {
    Topic.STATUS: "left out for their status",
    Topic.AFTER_TODAY: "after today left out",
    Topic.UNDATED: "without a date left out",
    Topic.STRAY: "far from all other dates left out",
    Topic.NO_FIGURE: "without a number",
}


@dataclass(frozen=True, eq=False)
class Business:
    """What a business is, by its file and on a day; built once per (sha256, today), its frames when first asked for.

    Attributes:
        dataset: the owner's file, clean.
        today: the day on which it is asked; nothing later is past.
    """

    dataset: Dataset
    today: date

    def __reduce__(self) -> tuple[type["Business"], tuple[Dataset, date]]:
        """To another process goes what it is built from, not its frames: they are made there when asked for."""
        return Business, (self.dataset, self.today)

    @property
    def key(self) -> str:
        """What every cache is keyed by: the bytes, the owner's answers and the day."""
        return f"{self.dataset.sha256}-{self.today:%Y%m%d}"

    @property
    def name(self) -> str:
        """The file's name."""
        return self.dataset.name

    @property
    def currency(self) -> str:
        """ISO code of all money, or "" when the file names none."""
        return self.dataset.currency

    @cached_property
    def sales(self) -> pl.DataFrame:
        """One row a sale line, as in `engine.business.sales.SALES`; empty when the file has no sales."""
        details = self.items.select("category", "supplier", "cost", "price", item="name")
        joined = self._sales.frame.join(details, on="item", how="left", maintain_order="left", suffix="_listed")
        listed = (pl.coalesce(name, f"{name}_listed").alias(name) for name in ("category", "supplier", "cost"))
        full = joined.with_columns(listed)
        if self._is_priced_by_list:
            full = full.with_columns(revenue=pl.col("quantity") * pl.col("price_listed"))
        return SALES.check(full)

    @cached_property
    def takings(self) -> pl.DataFrame:
        """Money by day from another table, where the sales count units alone; empty where the sales name money."""
        return self._takings.frame

    @cached_property
    def items(self) -> pl.DataFrame:
        """One row an item, as in `engine.business.items.ITEMS`."""
        return self._items.frame

    @property
    def volume_unit(self) -> str:
        """In which the file gives volumes; "" when it does not say."""
        return self._items.volume_unit

    @cached_property
    def media(self) -> Media:
        """Marketing spend, visits and leads."""
        return gather_media(self.dataset, self.today)

    @cached_property
    def people(self) -> People:
        """The team, the shifts, the people needed and who is away."""
        return gather_people(self.dataset)

    @cached_property
    def calendar(self) -> Calendar:
        """The periods in which it sells; daily while nothing is sold."""
        regular = find_calendar(self.sales["day"].unique().to_list())
        if self._primary is None or self._primary.kind not in ONE_A_SALE:
            return regular
        by = "document" if self.sales["document"].null_count() == 0 and self.sales.height else "day"
        counts = self.sales.group_by("day").agg(pl.col("document").n_unique() if by == "document" else pl.len())
        listed = order_calendar(dict(counts.iter_rows()))
        return listed if listed is not None and regular.frequency in (Frequency.DAILY, Frequency.WEEKLY) else regular

    @cached_property
    def span(self) -> Period | None:
        """From the first day of the sales to the last; None without sales."""
        first, last = self.sales["day"].min(), self.sales["day"].max()
        return Period(first, last) if isinstance(first, date) and isinstance(last, date) else None

    @cached_property
    def kind(self) -> str:
        """What the file is about: sales, payments, ads, traffic, stock, staff, or other."""
        if self._primary is not None:
            return "payments" if self._primary.kind is TableKind.PAYMENTS else "sales"
        kinds = [table.kind for table in self.dataset.tables if table.kind in ABOUT]
        return ABOUT[kinds[0]] if kinds else "other"

    @property
    def last_day(self) -> date:
        """The last day of which something is known; today without sales."""
        return self.span.last if self.span else self.today

    @property
    def freshness(self) -> str:
        """How old the data is, in words; "" while it is fresh."""
        return freshness(self.span.last, self.today) if self.span else ""

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What was taken for what, what was filled, and what was left out, each with its figures."""
        return (
            *self._tables,
            *self._sales.decisions,
            *self._takings.decisions,
            *self._items.decisions,
            *self.media.decisions,
        )

    @property
    def cautions(self) -> tuple[str, ...]:
        """Those that a page says beside figures of the past."""
        return tuple(decision.sentence for decision in self.decisions if decision.caution)

    @cached_property
    def unused(self) -> tuple[str, ...]:
        """The tables of sales that no figure of the past comes from, and how they compare with those that count."""
        added = [table for table, _ in self._channels]
        others = [group for group in self._groups[1:] if group not in added]
        others = [group for group in others if self._takings.frame.is_empty() or group is not self._money]
        money = self.takings if self.takings.height else self.sales
        reports = (compare_report(money if "revenue" in g.headers else self.sales, g, self.today) for g in others)
        return (*reports, *self.media.unused)

    @cached_property
    def understood(self) -> tuple[str, ...]:
        """What the file was understood to be: a line of the sales, and one of everything else that it holds."""
        lines = list(of_the_rest(self._items, self.media, self.people))
        if self._primary is None:
            return tuple(lines)
        all_rows = self._primary.frame.height + sum(table.frame.height for table, _ in self._channels)
        return (of_sales(self._headers, (self._sales.frame.height, all_rows), self._sales.decisions), *lines)

    @property
    def columns(self) -> tuple[str, ...]:
        """The owner's own headers of all tables."""
        return tuple(column.name for table in self.dataset.tables for column in table.columns)

    @property
    def has_dates(self) -> bool:
        """Whether any table has a date in it."""
        return any(has_dates(table) for table in self.dataset.tables)

    def header(self, name: str) -> str:
        """The owner's own header of a column of the sales, or ""."""
        return next((group.headers[name] for group in self._groups if name in group.headers), "")

    def sources(self, measure: str) -> tuple[str, ...]:
        """The sheets or files that a measure comes from."""
        if measure in ("traffic", "leads"):
            return self.media.traffic_tables
        if measure == "revenue" and self.takings.height and self._money is not None:
            return self._money.tables
        return self._names_of_channels

    def fingerprint(self, measure: str) -> str:
        """By what the table of a measure is recognised next month; what the owner knows of it is kept under this."""
        if measure in ("traffic", "leads"):
            return self.media.fingerprint
        table = self._money if measure == "revenue" and self.takings.height else self._primary
        return table.fingerprint if table else ""

    @cached_property
    def _groups(self) -> list[SalesTable]:
        return [read_sales(tables) for tables in sales_tables(self.dataset)]

    @cached_property
    def _is_priced_by_list(self) -> bool:
        """Sales that count units alone, with no money in another table, are worth what the list of items asks."""
        no_money = not {"revenue", "price"} & set(self._headers) and self._money is None
        return no_money and self.items["price"].null_count() < self.items.height

    @property
    def _primary(self) -> SalesTable | None:
        return self._groups[0] if self._groups else None

    @property
    def _headers(self) -> dict[str, str]:
        return self._primary.headers if self._primary else {}

    @cached_property
    def _sales(self) -> Sales:
        """The sales of the likeliest table, and of those that hold other channels, added up."""
        if self._primary is None:
            return Sales(SALES.empty(), ())
        first = clean_sales(self._primary, self.today)
        if not self._channels:
            return first
        says = f"Sales of {len(self._channels) + 1} tables are added up: {', '.join(self._names_of_channels)}."
        decisions = [d for _, sales in self._channels for d in sales.decisions]
        added = Decision(Topic.TABLES, says, sum(sales.frame.height for _, sales in self._channels), caution=True)
        return Sales(together(first, self._channels), (*first.decisions, *decisions, added))

    @cached_property
    def _channels(self) -> list[tuple[SalesTable, Sales]]:
        """The tables that hold sales which the first has not."""
        if self._primary is None:
            return []
        first, found = clean_sales(self._primary, self.today), []
        for table in self._groups[1:]:
            sales = clean_sales(table, self.today, alone=False)
            if is_channel(first, table, sales):
                found.append((table, sales))
        return found

    @property
    def _names_of_channels(self) -> tuple[str, ...]:
        tables = [self._primary, *(table for table, _ in self._channels)]
        return tuple(name for table in tables if table is not None for name in table.tables)

    @property
    def _money(self) -> SalesTable | None:
        """The likeliest table of money beside the sales."""
        return next((group for group in self._groups[1:] if "revenue" in group.headers), None)

    @cached_property
    def _takings(self) -> Sales:
        if self._sales.frame["revenue"].null_count() < self._sales.frame.height:
            return Sales(SALES.empty(), ())
        return clean_sales(self._money, self.today) if self._money else Sales(SALES.empty(), ())

    @cached_property
    def _items(self) -> Items:
        return gather_items(self.dataset, self._sales.frame, self.today)

    @cached_property
    def _tables(self) -> tuple[Decision, ...]:
        if self._primary is None:
            return ()
        names = ", ".join(self._primary.tables[:3]) + (" and more" if len(self._primary.tables) > 3 else "")
        roles = {"quantity": "units", "revenue": "money", "item": "item", "store": "store", "channel": "channel"}
        roles_used = [f"{word} = {self._headers[name]}" for name, word in roles.items() if name in self._headers]
        rows = self._sales.frame.height
        all_rows = self._primary.frame.height + sum(table.frame.height for table, _ in self._channels)
        sentence = f"Sales come from {names}: {', '.join(roles_used)}; {rows:,} of {all_rows:,} rows count."
        decisions = [Decision(Topic.TABLES, sentence, rows)]
        if self._is_priced_by_list:
            priced = self.sales["revenue"].count()
            sentence = (
                f"The sales name no money: revenue = units x the price in the list of items, in {counted(priced)}."
            )
            decisions.append(Decision(Topic.FILLED, sentence, priced, caution=True))
        return tuple(decisions)


def of_sales(headers: Mapping[str, str], rows: tuple[int, int], decisions: Sequence[Decision]) -> str:
    """Which columns are what, how many rows count, and what is subtracted or left out.

    Args:
        headers: the owner's header of each meaning.
        rows: how many count, and how many there are.
        decisions: what was decided about them.
    """
    roles = [f"{word} = {headers[name]}" for name, word in WORDS.items() if name in headers]
    if "quantity" in headers and "price" in headers and "revenue" not in headers:
        roles.insert(1, f"money = {headers['quantity']} x {headers['price']}")
    parts = [f"{rows[0]:,} of {counted(rows[1])} used", *_taken_off(decisions)]
    sentence = f"{', '.join(roles)}; {', '.join(parts)}."
    return sentence[:1].upper() + sentence[1:]


def of_the_rest(items: Items, media: Media, people: People) -> Iterator[str]:
    """What else the file holds: stock, marketing spend, visits, people."""
    stocked = items.frame["on_hand"].count()
    if items.listed and stocked:
        yield f"Stock of {counted(stocked, 'item')} from {', '.join(items.listed[:3])}."
    channels = media.spend["channel"].n_unique()
    if channels:
        yield f"Marketing spend of {counted(channels, 'channel')} from {', '.join(media.tables[:3])}."
    if media.traffic_tables:
        yield f"{' and '.join(media.headers.values())} from {', '.join(media.traffic_tables[:3])}."
    staff = people.staff["name"].n_unique()
    if staff:
        yield f"{staff} {'person' if staff == 1 else 'people'} on the team."


def _taken_off(decisions: Sequence[Decision]) -> Iterator[str]:
    returned = sum(decision.rows for decision in decisions if decision.topic is Topic.RETURNS and not decision.caution)
    if returned:
        yield f"{counted(returned, 'return')} subtracted"
    for topic, words in LEFT_OUT.items():
        rows = sum(decision.rows for decision in decisions if decision.topic is topic)
        if rows:
            yield f"{counted(rows)} {words}"
