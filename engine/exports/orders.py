"""An order plan -> purchase orders: a workbook with a sheet per supplier, the text of an e-mail, and PDF pages."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

import polars as pl

from engine.dataset import in_words
from engine.exports.tables import Sheet, workbook
from engine.inventory import OrderLine, OrderPlan

NO_SUPPLIER = "No supplier"

HEADERS = ("Item", "Quantity", "Cases", "Price", "Amount", "Expected on")
ACCENT, LINE = "#0a7bc8", "#c9ced6"
MARGIN = 54.0
WIDTHS = (190.0, 58.0, 48.0, 58.0, 66.0, 68.0)
"""Points; together the width between the margins of an A4 page."""


def order_workbook(plan: OrderPlan, *, sender: str = "") -> bytes:
    """An .xlsx file: all lines with their reasons first, then one purchase order per supplier.

    Args:
        plan: what to order.
        sender: the business that orders.

    Raises:
        ValueError: the plan orders nothing and has no line at all.
    """
    sheets = [Sheet("Order list", order_list(plan), plan.facts().cautions)]
    for supplier in plan.suppliers:
        lines = lines_of(plan, supplier)
        notes = (
            f"Purchase order of {in_words(plan.today)}",
            f"From: {sender}" if sender else "",
            f"To: {supplier or NO_SUPPLIER}",
            f"Total: {sum(line.spend for line in lines):,.2f} {plan.currency}".rstrip(),
        )
        sheets.append(Sheet(supplier or NO_SUPPLIER, purchase_order(lines), tuple(note for note in notes if note)))
    return workbook(sheets)


def order_list(plan: OrderPlan) -> pl.DataFrame:
    """Every line of the plan with its reason; money in the plan's currency."""
    return _line_table(plan.lines)


def _line_table(lines: Sequence[OrderLine]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "Supplier": line.supplier,
                "Item": line.name,
                "Quantity": line.quantity,
                "Cases": line.packs,
                "Price per unit": line.unit_price,
                "Amount": line.spend,
                "Expected on": line.arrives,
                "Cover in days": line.cover_days,
                "Risk of stockout in %": 100 * line.stockout_risk,
                "Money at risk": line.money_at_risk,
                "Next order on": line.following[0].day if line.following else None,
                "Next order, about": line.following[0].quantity if line.following else None,
                "Why": line.why,
            }
            for line in lines
        ],
        schema={
            "Supplier": pl.String,
            "Item": pl.String,
            "Quantity": pl.Float64,
            "Cases": pl.Int64,
            "Price per unit": pl.Float64,
            "Amount": pl.Float64,
            "Expected on": pl.Date,
            "Cover in days": pl.Float64,
            "Risk of stockout in %": pl.Float64,
            "Money at risk": pl.Float64,
            "Next order on": pl.Date,
            "Next order, about": pl.Float64,
            "Why": pl.String,
        },
    )


def purchase_order(lines: Sequence[OrderLine]) -> pl.DataFrame:
    """What a supplier needs to know: item, quantity, cases, price, amount."""
    return _line_table(lines).select("Item", "Quantity", "Cases", "Price per unit", "Amount", "Expected on")


def order_email(plan: OrderPlan, supplier: str, *, sender: str = "") -> str:
    """A purchase order as plain text, ready to send.

    Args:
        plan: what to order.
        supplier: one of the plan's suppliers.
        sender: the business that orders.

    Raises:
        ValueError: nothing is ordered from this supplier.
    """
    lines = _ordered_from(plan, supplier)
    text = [f"Subject: Order of {in_words(plan.today)}", "", "Hello,", "", "please deliver:"]
    text += [f"- {_one_line(line.name)}: {_amount(line)}" for line in lines]
    total = sum(line.spend for line in lines)
    arrival = min(line.arrives for line in lines)
    text += [
        "",
        f"We expect {total:,.2f} {plan.currency}".rstrip() + f" in total, and the goods by {in_words(arrival)}.",
    ]
    return "\n".join([*text, "", "Kind regards", *([sender] if sender else [])])


def lines_of(plan: OrderPlan, supplier: str) -> tuple[OrderLine, ...]:
    """The lines in which something is ordered from this supplier."""
    return tuple(line for line in plan.orders if line.supplier == supplier)


def _ordered_from(plan: OrderPlan, supplier: str) -> tuple[OrderLine, ...]:
    lines = lines_of(plan, supplier)
    if not lines:
        raise ValueError(f"nothing is ordered from {supplier!r}")
    return lines


def _amount(line: OrderLine) -> str:
    units = f"{line.quantity:,g}"
    if line.curve.ready.item.pack == 1:
        return units
    return f"{units} ({line.packs:,} {'case' if line.packs == 1 else 'cases'} of {line.curve.ready.item.pack:g})"


def _one_line(name: str) -> str:
    """A name cannot add lines of its own to the mail."""
    return " ".join(name.split())


def order_pdf(plan: OrderPlan, supplier: str, *, sender: str = "") -> bytes:
    """A purchase order on A4, as many pages as its lines need.

    Args:
        plan: what to order.
        supplier: one of the plan's suppliers.
        sender: the business that orders.

    Raises:
        ValueError: nothing is ordered from this supplier.
    """
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

    lines = _ordered_from(plan, supplier)
    styles = getSampleStyleSheet()
    total = sum(line.spend for line in lines)
    story = [
        Paragraph("Purchase order", styles["Title"]),
        *(
            Paragraph(text, styles["Normal"])
            for text in (
                f"To: {escape(supplier or NO_SUPPLIER)}",
                f"From: {escape(sender)}" if sender else "",
                f"Date: {in_words(plan.today)}",
            )
            if text
        ),
        Spacer(1, 14),
        _table(plan, supplier),
        Spacer(1, 14),
        Paragraph(f"Total: {total:,.2f} {escape(plan.currency)}".rstrip(), styles["Heading3"]),
    ]
    target = BytesIO()
    SimpleDocTemplate(
        target, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, title="Purchase order", invariant=1
    ).build(story)
    return target.getvalue()


def _table(plan: OrderPlan, supplier: str) -> Any:
    from reportlab.lib.colors import HexColor, white
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, Table, TableStyle

    normal = getSampleStyleSheet()["Normal"]
    rows = [
        [
            Paragraph(escape(line.name), normal),
            f"{line.quantity:,g}",
            f"{line.packs:,}",
            f"{line.unit_price:,.2f}",
            f"{line.spend:,.2f}",
            line.arrives.isoformat(),
        ]
        for line in lines_of(plan, supplier)
    ]
    table = Table([list(HEADERS), *rows], colWidths=WIDTHS, repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, 0), HexColor(ACCENT)),
                ("TEXTCOLOR", (0, 0), (-1, 0), white),
                ("ALIGN", (1, 0), (-1, -1), "RIGHT"),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("LINEBELOW", (0, 0), (-1, -1), 0.5, HexColor(LINE)),
            ]
        )
    )
    return table
