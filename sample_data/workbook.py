"""The workbook of one business, as its owner would keep it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path

import numpy as np
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from sample_data.business import END, WEEKDAYS, Business, Employee
from sample_data.process import Simulation, in_history, list_prices
from sample_data.staffing import coverage

Cell = str | int | float | date | None
Rows = Iterable[Sequence[Cell]]


def write_workbook(simulation: Simulation, folder: Path) -> Path:
    """Write `<key>.xlsx` into the folder; the same simulation gives the same bytes."""
    business = simulation.business
    path = folder / f"{business.key}.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"title": business.name, "comments": business.story, "created": datetime(2026, 11, 1)})
        paper = _Paper(book, business)
        paper.sheet("sales", business.headers.sales, _sales(simulation), money=(3,))
        paper.sheet("items", business.headers.items, _items(simulation), money=(2, 3))
        paper.sheet("staff", _staff_headers(business), _staff(business), money=(2,))
        paper.sheet("coverage", business.headers.coverage, _coverage(simulation))
        _cafe_extras(paper, business)
        headers, rows = _marketing(simulation)
        counts = range(1, len(business.channels) + 1)
        paper.sheet("marketing", headers, rows, money=(*counts, len(headers) - 1))
    return path


class _Paper:
    """Writes sheets in the style of one business."""

    def __init__(self, book: xlsxwriter.Workbook, business: Business) -> None:
        self.book = book
        self.bold = book.add_format({"bold": True})
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self.money = book.add_format({"num_format": business.money})

    def sheet(self, name: str, headers: Sequence[str], rows: Rows, money: Sequence[int] = ()) -> None:
        """Write one sheet with its headers in the first row."""
        page = self.book.add_worksheet(name)
        page.write_row(0, 0, headers, self.bold)
        page.freeze_panes(1, 0)
        for column, header in enumerate(headers):
            page.set_column(column, column, max(12, len(header) + 2))
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                self._write(page, (number, column), value, column in money)

    def _write(self, page: Worksheet, cell: tuple[int, int], value: Cell, money: bool) -> None:
        if isinstance(value, str):
            page.write_string(*cell, value)
        elif isinstance(value, date):
            page.write_datetime(*cell, datetime(value.year, value.month, value.day), self.day)
        elif value is not None:
            page.write_number(*cell, value, self.money if money else None)


def _sales(simulation: Simulation) -> Rows:
    expected, units = simulation.expected, simulation.drawn.units
    for k in np.flatnonzero(in_history(expected.grid)):
        for column, item in enumerate(simulation.business.items):
            if units[k, column]:
                price, promoted = float(expected.price[k, column]), int(expected.promoted[k, column])
                yield expected.grid.days[k], item.name, int(units[k, column]), price, promoted


def _items(simulation: Simulation) -> Rows:
    business, grid = simulation.business, simulation.expected.grid
    last = grid.days.index(END)
    prices = list_prices(business, grid)[last]
    perishable = len(business.headers.items) == 11
    for item, price, stock in zip(business.items, prices, stock_on_hand(simulation), strict=True):
        worth = (item.name, item.category, item.cost, float(price))
        order = (item.supplier, item.lead_days, item.volume, item.pack, item.minimum, stock)
        yield (*worth, *order, *((item.shelf_life,) if perishable else ()))


def stock_on_hand(simulation: Simulation) -> list[int]:
    """Units in stock on the last evening: 0.2 to 1.7 times what sells until the next delivery, drawn at random."""
    business, grid = simulation.business, simulation.expected.grid
    rng = np.random.default_rng([business.seed, 2])
    daily = simulation.expected.units[grid.days.index(END) - 27 : grid.days.index(END) + 1].mean(axis=0)
    stock = []
    for item, rate in zip(business.items, daily, strict=True):
        cover = min(item.lead_days + 7, item.shelf_life or 365)
        stock.append(round(float(rate) * cover * rng.uniform(0.2, 1.7)))
    return stock


def _staff_headers(business: Business) -> tuple[str, ...]:
    staffing = business.staffing
    days = ("Availability",) if staffing.availability == "text" else WEEKDAYS
    extras = ("also works as", "overtime rate (CAD)", "prefers") if staffing.overtime else ()
    return (*business.headers.staff, *extras, *days)


def _staff(business: Business) -> Rows:
    staffing = business.staffing
    for person in staffing.people:
        extras = (person.also, round(person.rate * staffing.overtime, 2), person.prefers) if staffing.overtime else ()
        numbers = (person.rate, person.max_hours, person.min_hours)
        yield (person.name, person.role, *numbers, *extras, *_availability(person, staffing.availability))


def _availability(person: Employee, style: str) -> tuple[str, ...]:
    if style == "yes/no":
        return tuple("yes" if hours else "no" for hours in person.available)
    if style == "text":
        free = zip(WEEKDAYS, person.available, strict=True)
        return ("; ".join(f"{day} {hours}" for day, hours in free if hours),)
    return tuple(hours or "off" for hours in person.available)


def _coverage(simulation: Simulation) -> Rows:
    for slot in coverage(simulation):
        yield slot.weekday, slot.start, slot.end, slot.role, slot.people


def _cafe_extras(paper: _Paper, business: Business) -> None:
    staffing = business.staffing
    if staffing.shifts:
        paper.sheet("shift types", ("shift", "start", "end", "unpaid break (minutes)"), staffing.shifts)
    if staffing.time_off:
        rows = [(off.employee, off.first, off.last, off.kind, off.importance) for off in staffing.time_off]
        paper.sheet("time off", ("employee", "first day", "last day", "leave", "importance"), rows)


def _marketing(simulation: Simulation) -> tuple[tuple[str, ...], Rows]:
    business, expected, drawn = simulation.business, simulation.expected, simulation.drawn
    start, spend, traffic, leads, revenue = business.headers.marketing
    names = (start, *(spend.format(channel.name) for channel in business.channels), traffic)
    takings = expected.grid.per_week((drawn.units * expected.price).sum(axis=1))

    def row(k: int) -> tuple[Cell, ...]:
        funnel = (int(drawn.visits[k]),) if drawn.leads is None else (int(drawn.visits[k]), int(drawn.leads[k]))
        amounts = (float(value) for value in expected.spend[k])
        return (expected.grid.weeks[k], *amounts, *funnel, round(float(takings[k]), 2))

    rows = [row(k) for k in expected.grid.whole_weeks()]
    return (*names, *((leads,) if leads else ()), revenue), rows
