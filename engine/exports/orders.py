"""An order plan -> the list that a buyer goes through; an order -> what its supplier gets: xlsx, e-mail, PDF."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import polars as pl

from engine.dataset import in_words
from engine.exports.tables import Sheet, workbook
from engine.inventory import OrderLine, OrderPlan, Shortage
from engine.inventory.planning_inputs import days_in_period
from engine.store import PurchaseOrder

NO_SUPPLIER = "No supplier"

ACCENT, LINE, FAINT = "#0a5a96", "#c9ced6", "#f3f5f8"
MARGIN, PADDING, WIDTH = 48.0, 6.0, 487.0
"""Points; the width lies between the margins of an A4 page, within their padding."""

LONGEST = 240
"""Characters of a name in a printed cell: a row must fit on a page."""

ENOUGH = 1e-9


def order_list(plan: OrderPlan, codes: Mapping[str, str] | None = None) -> pl.DataFrame:
    """Every line of the plan with its figures and its reason; what runs out first comes first.

    Args:
        plan: what to order.
        codes: the article code of each item that has one.
    """
    codes = codes or {}
    lines = sorted(((days_left(line), line) for line in plan.lines), key=lambda each: (each[0], each[1].name))
    columns = {
        "Item": pl.String, "Code": pl.String, "Quantity": pl.Float64, "Packs": pl.Float64,
        with_unit("Price", plan.currency): pl.Float64, with_unit("Amount", plan.currency): pl.Float64,
        "Days left": pl.Float64, "On hand": pl.Float64, "On order": pl.Float64, "Sells a day": pl.Float64,
        "Risk of running out, %": pl.Float64, with_unit("Empty shelves", plan.currency): pl.Float64,
        "Supplier": pl.String, "Expected on": pl.Date, "Next order on": pl.Date, "Next order, about": pl.Float64,
        "Why": pl.String,
    }  # fmt: skip
    rows = [(line.name, codes.get(line.name), *_figures(line, left)) for left, line in lines]
    frame = pl.DataFrame(rows, schema=columns, orient="row")
    return frame if codes else frame.drop("Code")


def _figures(line: OrderLine, left: float) -> tuple[object, ...]:
    item = line.curve.ready.item
    following = line.following[0] if line.following else None
    return (
        line.quantity,
        line.quantity / item.pack,
        line.unit_price,
        line.spend,
        left if np.isfinite(left) else None,
        item.on_hand,
        sum(each.quantity for each in item.on_order),
        sells_a_day(line),
        100 * line.stockout_risk,
        line.money_at_risk,
        line.supplier,
        line.arrives,
        following.day if following else None,
        following.quantity if following else None,
        line.why,
    )


def sells_a_day(line: OrderLine) -> float:
    """Units that are expected to sell on a calendar day, until the delivery after this one."""
    ready = line.curve.ready
    return line.curve.review_demand / ready.item.review_period / days_in_period(ready.demand)


def days_left(line: OrderLine, ordered: float = 0.0) -> float:
    """Calendar days until the shelf is empty, at the expected demand; infinite when it never is.

    What is on order counts from the day on which it comes.

    Args:
        line: the item.
        ordered: units that come as the line says; with some, what is asked is when these have sold out.
    """
    ready = line.curve.ready
    demand: list[float] = ready.demand.mean.tolist()
    periods = ready.demand.periods
    begins = bisect_left(periods, line.arrives) if ordered else 0
    coming = [0.0] * (len(demand) + 1)  # the last place is what comes after the forecast
    for period, units in [*((each.period, each.quantity) for each in ready.item.on_order), (begins, ordered)]:
        coming[min(max(0, period), len(demand))] += units
    stock, least = ready.on_hand, -np.inf if ready.item.shortage is Shortage.BACKORDERED else 0.0
    for period, sold in enumerate(demand):
        stock += coming[period]
        if period >= begins and stock - sold < -ENOUGH:
            share = max(0.0, stock) / sold * days_in_period(ready.demand)
            return (periods[period] - periods[0]).days + share
        stock = max(least, stock - sold)
    rest, a_day = stock + coming[-1], sells_a_day(line)
    whole = (periods[-1] - periods[0]).days + days_in_period(ready.demand)
    return whole + max(0.0, rest) / a_day if a_day > 0 else np.inf


def in_short(line: OrderLine, cheapest: float) -> str:
    """Why this quantity, in few words.

    Args:
        line: of the list.
        cheapest: units that would be ordered without the owner's own word.
    """
    if line.quantity != cheapest:
        return f"yours, not {cheapest:,.10g}"
    if line.quantity < line.best_alone - ENOUGH:
        return "limits allow less"
    if line.quantity > line.best_alone + ENOUGH:
        return "to reach a minimum"
    if line.quantity:
        lasts = days_left(line, line.quantity)
        return f"then lasts {_counted(round(lasts), 'day')}" if np.isfinite(lasts) else "no sales ahead"
    ready = line.curve.ready
    until = (ready.item.review_period + ready.lead_time) * days_in_period(ready.demand)
    if days_left(line) >= until:
        return "enough for now"
    return "enough on its way" if ready.item.on_order else "more would not pay"


def order_text(plan: OrderPlan, listed: pl.DataFrame) -> str:
    """The list as plain text: what to order and why, the totals, and what could not be planned.

    Args:
        plan: what to order.
        listed: the same as `order_list` makes it.
    """
    amount = with_unit("Amount", plan.currency)
    rows = [("Item", "Quantity", amount, "Supplier", "Why")]
    rows += [
        (_one_line(item), f"{quantity:,.10g}", f"{spend:,.2f}", _one_line(supplier), why)
        for item, quantity, spend, supplier, why in listed.filter(pl.col("Quantity") > 0)
        .select("Item", "Quantity", amount, "Supplier", "Why")
        .iter_rows()
    ]
    name, units, paid, whom = (max(len(row[column]) for row in rows) for column in range(4))
    text = [f"{a:<{name}}  {b:>{units}}  {c:>{paid}}  {d:<{whom}}  {e}".rstrip() for a, b, c, d, e in rows]
    text = text if plan.orders else ["Nothing needs to be ordered now."]
    total, suppliers = f"{plan.spend:,.2f} {plan.currency}".rstrip(), len(plan.suppliers)
    of = f"{_counted(len(plan.orders), 'item')} from {_counted(suppliers, 'supplier')}"
    others = len(plan.lines) - len(plan.orders)
    rest = f" {others:,} {'other needs' if others == 1 else 'others need'} no order." if others else ""
    text += ["", f"Total: {total} for {of}.{rest}"]
    text += [f"Not planned: {problem}" for problem in plan.problems]
    said = {problem.what.rstrip(".") + "." for problem in plan.problems}
    return "\n".join([*text, *(f"Note: {caution}" for caution in plan.facts().cautions if caution not in said)])


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def with_unit(label: str, currency: str) -> str:
    """A header with the currency, where it is known."""
    return f"{label}, {currency}" if currency else label


def order_workbook(listed: pl.DataFrame, orders: Sequence[PurchaseOrder], notes: Sequence[str] = ()) -> bytes:
    """An .xlsx file: the list with its reasons first, then one sheet per order.

    Args:
        listed: as `order_list` makes it.
        orders: to the suppliers, approved or not.
        notes: what the owner should know.
    """
    return workbook([Sheet("Order list", listed, tuple(notes)), *map(_sheet, orders)])


def purchase_workbook(order: PurchaseOrder) -> bytes:
    """One purchase order as an .xlsx file."""
    return workbook([_sheet(order)])


def purchase_table(order: PurchaseOrder) -> pl.DataFrame:
    """What a supplier needs to know of each article: code, quantity, packs, price, amount, day."""
    columns = {
        "Code": pl.String, "Item": pl.String, "Quantity": pl.Float64, "Packs": pl.Float64,
        with_unit("Price", order.currency): pl.Float64, with_unit("Amount", order.currency): pl.Float64,
        "Expected on": pl.Date,
    }  # fmt: skip
    rows = [
        (line.code or None, line.item, line.quantity, line.packs, line.unit_price, line.amount, line.expected)
        for line in order.lines
    ]
    frame = pl.DataFrame(rows, schema=columns, orient="row")
    needless = [] if any(line.code for line in order.lines) else ["Code"]
    return frame.drop(*needless, *([] if any(line.pack != 1 for line in order.lines) else ["Packs"]))


def _sheet(order: PurchaseOrder) -> Sheet:
    notes = [f"Purchase order {order.reference} of {in_words(order.placed)}", f"Total: {money(order)}"]
    notes += [f"{label}: {', '.join(text.splitlines())}" for label, text in _about(order).items()]
    supplier = order.addressee or NO_SUPPLIER
    name = f"{order.reference} {supplier}" if order.number else supplier
    return Sheet(name, purchase_table(order), tuple(notes))


def _about(order: PurchaseOrder) -> dict[str, str]:
    """Who, to whom, when and on which terms, what nobody told left out."""
    told = {
        "From": _addressed(order.sender.name, order.sender.address),
        "To": _addressed(order.addressee, order.contact.address),
        "Delivery by": in_words(order.expected),
        "Payment": order.contact.payment,
        "Delivery": order.contact.delivery,
    }
    return {label: text for label, text in told.items() if text.strip()}


def _addressed(name: str, address: str) -> str:
    """A name above its address, once where the address begins with it."""
    name, lines = _one_line(name), [line for line in map(_one_line, address.splitlines()) if line]
    return "\n".join(lines if lines and lines[0].casefold() == name.casefold() else [*filter(None, [name]), *lines])


def money(order: PurchaseOrder) -> str:
    """The total with its currency."""
    return f"{order.total:,.2f} {order.currency}".rstrip()


def purchase_email(order: PurchaseOrder) -> str:
    """A purchase order as plain text, ready to send."""
    sender, unit = order.sender, f" {order.currency}".rstrip()
    about = f"Purchase order {order.reference} of {in_words(order.placed)}" if order.number else "Order"
    lines = [f"Subject: {_one_line(f'{about}, {sender.name}' if sender.name else about)}", "", "Hello,", ""]
    lines += ["please deliver:"]
    for line in order.lines:
        code = f"{_one_line(line.code)} " if line.code else ""
        lines += [f"- {code}{_one_line(line.item)}: {_amount(line.quantity, line.pack)}, {line.amount:,.2f}{unit}"]
    days = {line.expected for line in order.lines}
    if len(days) > 1:
        lines += ["", "Expected on:"]
        lines += [f"- {in_words(day)}: {', '.join(_names_on(order, day))}" for day in sorted(days)]
    lines += ["", f"Total: {money(order)}. We expect {'the last of it' if len(days) > 1 else 'it'} "]
    lines[-1] += f"by {in_words(order.expected)}."
    told = _about(order)
    lines += [f"{label}: {_one_line(told[label])}" for label in ("Payment", "Delivery") if label in told]
    return "\n".join([*lines, "", "Kind regards", *told.get("From", "").splitlines()]).rstrip()


def _names_on(order: PurchaseOrder, day: date) -> list[str]:
    return [_one_line(line.item) for line in order.lines if line.expected == day]


def _amount(quantity: float, pack: float) -> str:
    units = f"{quantity:,.10g}"
    if pack == 1:
        return units
    packs = quantity / pack
    return f"{units} ({packs:,.10g} {'pack' if packs == 1 else 'packs'} of {pack:,.10g})"


def _one_line(text: str) -> str:
    """A text cannot add lines of its own to the mail."""
    return " ".join(text.split())


def purchase_pdf(order: PurchaseOrder) -> bytes:
    """A purchase order on A4, as many pages as its lines need."""
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

    styles = _styles(order)
    title = f"Purchase order {order.reference}" if order.number else "Purchase order (draft)"
    story = [Paragraph(title, styles["title"]), _head(order, styles), Spacer(1, 16), _lines_table(order, styles)]
    story += [Spacer(1, 10), Paragraph(f"Total {escape(money(order))}", styles["total"])]
    target = BytesIO()
    document = SimpleDocTemplate(
        target, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN + 12,
        title=title, author=order.sender.name, invariant=1,
    )  # fmt: skip

    def number_page(canvas: Any, page: Any) -> None:
        canvas.setFont(styles["cell"].fontName, 8)
        canvas.drawRightString(MARGIN + PADDING + WIDTH, MARGIN - 12, f"{order.reference}, page {page.page}")

    document.build(story, onFirstPage=number_page, onLaterPages=number_page)
    return target.getvalue()


def _styles(order: PurchaseOrder) -> dict[str, Any]:
    from reportlab.lib.colors import HexColor, white
    from reportlab.lib.styles import ParagraphStyle

    regular, bold = _fonts(_is_western(order))
    cell = ParagraphStyle("cell", fontName=regular, fontSize=9, leading=11.5)
    return {
        "cell": cell,
        "number": ParagraphStyle("number", cell, alignment=2),
        "head": ParagraphStyle("head", cell, fontName=bold, textColor=white),
        "head right": ParagraphStyle("head right", cell, fontName=bold, textColor=white, alignment=2),
        "label": ParagraphStyle("label", cell, fontName=bold, textColor=HexColor(ACCENT)),
        "title": ParagraphStyle("title", cell, fontName=bold, fontSize=18, leading=24, spaceAfter=10),
        "total": ParagraphStyle("total", cell, fontName=bold, fontSize=12, leading=15, alignment=2),
    }


def _head(order: PurchaseOrder, styles: Mapping[str, Any]) -> Any:
    """Who, to whom, when and on which terms, two columns of labels and texts."""
    from reportlab.platypus import Paragraph, Table

    told = {**_about(order), "Date": in_words(order.placed)}
    labels = [label for label in ("From", "To", "Date", "Delivery by", "Payment", "Delivery") if label in told]
    cells = [[Paragraph(label, styles["label"]), Paragraph(_lines(told[label]), styles["cell"])] for label in labels]
    cells += [["", ""]] * (len(cells) % 2)
    rows = [[*left, *right] for left, right in zip(cells[::2], cells[1::2], strict=True)]
    label, text = 66.0, WIDTH / 2 - 66.0
    style = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]
    return Table(rows, colWidths=(label, text, label, text), style=style, splitInRow=1)


def _lines_table(order: PurchaseOrder, styles: Mapping[str, Any]) -> Any:
    from reportlab.lib.colors import HexColor
    from reportlab.platypus import LongTable, Paragraph

    frame = purchase_table(order)
    same_day = frame["Expected on"].n_unique() == 1  # it stands above, then
    frame = frame.drop("Expected on") if same_day else frame
    widths = {"Code": 74.0, "Quantity": 56.0, "Packs": 42.0, "Expected on": 76.0}
    columns = [widths.get(name, 70.0) for name in frame.columns]
    columns[frame.columns.index("Item")] = WIDTH - sum(columns) + 70.0
    texts = ("Code", "Item")
    head = [Paragraph(escape(n), styles["head" if n in texts else "head right"]) for n in frame.columns]
    rows = [
        [Paragraph(_cell(value, name), styles["cell" if name in texts else "number"]) for name, value in row.items()]
        for row in frame.iter_rows(named=True)
    ]
    style = [
        ("BACKGROUND", (0, 0), (-1, 0), HexColor(ACCENT)),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("ROWBACKGROUNDS", (0, 1), (-1, -1), (None, HexColor(FAINT))),
        ("LINEBELOW", (0, 0), (-1, -1), 0.5, HexColor(LINE)),
    ]
    return LongTable([head, *rows], colWidths=columns, repeatRows=1, style=style)


def _cell(value: object, name: str) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:,.10g}" if name in ("Quantity", "Packs") else f"{value:,.2f}"
    text = _one_line(str(value or ""))
    return escape(text if len(text) <= LONGEST else text[: LONGEST - 3] + "...")


def _lines(text: str) -> str:
    return "<br/>".join(escape(line) for line in text.splitlines())


def _is_western(order: PurchaseOrder) -> bool:
    """Whether the fonts that every PDF reader has can write all of it."""
    texts = [*_about(order).values(), *(text for line in order.lines for text in (line.item, line.code))]
    try:
        "".join(texts).encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


@cache
def _fonts(western: bool) -> tuple[str, str]:
    """A regular and a bold font: Helvetica, or for Greek, Cyrillic and the like a font with many more letters."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    plotting = None if western else find_spec("matplotlib")
    if plotting is None or plotting.origin is None:
        return "Helvetica", "Helvetica-Bold"
    folder = Path(plotting.origin).parent / "mpl-data" / "fonts" / "ttf"
    for name in ("DejaVuSans", "DejaVuSans-Bold"):
        pdfmetrics.registerFont(TTFont(name, str(folder / f"{name}.ttf")))
    return "DejaVuSans", "DejaVuSans-Bold"
