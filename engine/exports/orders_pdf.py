"""A supplier's purchase order -> a PDF page."""

from io import BytesIO
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from engine.dataset import in_words
from engine.exports.orders import NO_SUPPLIER, lines_of
from engine.inventory import OrderPlan

if TYPE_CHECKING:
    from reportlab.platypus import Table

HEADERS = ("Item", "Quantity", "Cases", "Price", "Amount", "Expected on")
ACCENT, LINE = "#0a7bc8", "#c9ced6"
MARGIN = 54.0
WIDTHS = (190.0, 58.0, 48.0, 58.0, 66.0, 68.0)
"""Points; together the width between the margins of an A4 page."""


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

    lines = lines_of(plan, supplier)
    if not lines:
        raise ValueError(f"nothing is ordered from {supplier!r}")
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


def _table(plan: OrderPlan, supplier: str) -> "Table":
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
