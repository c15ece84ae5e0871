"""A drawn business as the bytes of its files."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO, StringIO

from xlsxwriter import Workbook

from benchmarks.agreement_rows import Item, Row, Spend
from benchmarks.agreement_worlds import CHANNELS, Suffix, World

Cell = str | float | date | None


@dataclass(frozen=True)
class Page:
    """One sheet, or the content of a csv file."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def file_bytes(world: World) -> dict[str, bytes]:
    """The files of the business by name."""
    sales, beside = _sales_pages(world), _pages_beside(world)
    if world.suffix is Suffix.CSV:
        return {f"{page.name}.csv": _csv(page, world) for page in (*sales, *beside)}
    if "two files" in world.shape.oddities:
        books = {page.name: (page,) for page in sales} | ({"lists": tuple(beside)} if beside else {})
    else:
        books = {"sales": (*sales, *beside)}
    return {f"{name}.xlsx": _xlsx(pages) for name, pages in books.items()}


def _sales_pages(world: World) -> tuple[Page, ...]:
    columns = world.shape.columns
    return tuple(
        Page(name, columns, tuple(tuple(_cell(row, column) for column in columns) for row in rows))
        for name, rows in _parts(world).items()
    )


def _parts(world: World) -> dict[str, list[Row]]:
    """The rows by sheet or by file."""
    oddities, middle = world.shape.oddities, world.rows[len(world.rows) // 2].slot
    parts: dict[str, list[Row]] = {}
    for row in world.rows:
        if "month sheets" in oddities:
            name = f"{row.slot:%b %Y}"
        elif not {"shop sheets", "two files"} & oddities:
            name = "sales"
        elif world.shape.shops:
            name = row.shop
        else:
            name = "sales 1" if row.slot < middle else "sales 2"
        parts.setdefault(name, []).append(row)
    return parts


def _cell(row: Row, column: str) -> Cell:
    cells: dict[str, Cell] = {
        "Date": row.day,
        "Product": row.item,
        "Category": row.category,
        "Shop": row.shop,
        "Units": row.quantity,
        "Unit price": row.price,
        "Revenue": row.revenue,
        "Promotion": row.promotion,
        "Status": row.status,
    }
    return cells[column]


def _pages_beside(world: World) -> list[Page]:
    pages = []
    if "item list" in world.shape.oddities:
        pages.append(_item_page(world.shape.items))
    if world.spend:
        pages.append(_spend_page(world.spend))
    return pages


def _item_page(items: Sequence[Item]) -> Page:
    rows = tuple((each.listing, each.cost, float(each.stock), each.supplier, each.category) for each in items)
    return Page("items", ("Product", "Cost", "Stock", "Supplier", "Category"), rows)


def _spend_page(spend: Sequence[Spend]) -> Page:
    rows: tuple[tuple[Cell, ...], ...] = tuple((each.week, *(amount for _, amount in each.amounts)) for each in spend)
    return Page("marketing", ("Week", *CHANNELS), rows)


def _csv(page: Page, world: World) -> bytes:
    """Commas and points, or semicolons and decimal commas beside dates with points."""
    target = StringIO()
    writer = csv.writer(target, delimiter=";" if world.point_dates else ",", lineterminator="\n")
    writer.writerow(page.header)
    for row in page.rows:
        writer.writerow([_text(cell, world.point_dates) for cell in row])
    return target.getvalue().encode()


def _text(cell: Cell, point_dates: bool) -> str:
    if isinstance(cell, date):
        return f"{cell:%d.%m.%Y}" if point_dates else cell.isoformat()
    if isinstance(cell, float):
        text = f"{cell:.0f}" if cell == int(cell) else f"{cell:.2f}"
        return text.replace(".", ",") if point_dates else text
    return cell or ""


def _xlsx(pages: Sequence[Page]) -> bytes:
    target = BytesIO()
    with Workbook(target, {"in_memory": True}) as book:
        form = book.add_format({"num_format": "yyyy-mm-dd"})
        for page in pages:
            sheet = book.add_worksheet(page.name)
            sheet.write_row(0, 0, page.header)
            for number, row in enumerate(page.rows, 1):
                for place, cell in enumerate(row):
                    if isinstance(cell, date):
                        sheet.write_datetime(number, place, cell, form)
                    elif cell not in (None, ""):
                        sheet.write(number, place, cell)
    return target.getvalue()
