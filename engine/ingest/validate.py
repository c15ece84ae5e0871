"""What stops us: files and sheets without a table that can be used."""

from collections.abc import Sequence

from engine.errors import UnreadableFile
from engine.ingest.amounts import looks_like_number
from engine.ingest.dates import looks_like_date
from engine.ingest.header import Body

BLANK, ONLY_HEADERS, ONLY_WORDS = (
    "it is blank",
    "it has headers but no rows below them",
    "it holds words but no columns",
)
_REMEDIES = {
    BLANK: "Check that it was saved, then choose it again.",
    ONLY_HEADERS: "Add the rows, or choose the file that has them.",
    ONLY_WORDS: "Choose a file with one row per sale and columns such as date, item and quantity.",
}


def why_no_table(body: Body | None) -> str:
    """Why this sheet holds no table, or "" when it does."""
    if body is None:
        return BLANK
    if body.text.is_empty():
        return ONLY_HEADERS if len(body.names) > 1 else ONLY_WORDS
    if body.text.width > 1:
        # A lone row of words is a header that nothing follows.
        return ONLY_HEADERS if body.text.height == 1 and not body.header_row and not _has_values(body) else ""
    return "" if _has_values(body) else ONLY_WORDS


def refuse_without_tables(reasons: Sequence[tuple[str, str]]) -> None:
    """Raise the refusal of a file in which no sheet holds a table.

    Args:
        reasons: for each visible sheet its name and why it holds no table.

    Raises:
        UnreadableFile: always.
    """
    if len(reasons) == 1:
        name, reason = reasons[0]
        raise UnreadableFile(f"There is no table in the file: {reason}", where=name, remedy=_REMEDIES[reason])
    where = "; ".join(f"{name}: {reason}" for name, reason in reasons)
    raise UnreadableFile(
        "There is no table on any visible sheet",
        where=where,
        remedy="Choose a workbook with a table, or unhide its sheet.",
    )


def _has_values(body: Body) -> bool:
    return any((looks_like_number(cells) | looks_like_date(cells)).any() for cells in body.text)
