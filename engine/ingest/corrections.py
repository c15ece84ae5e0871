"""What an owner can say about a column that was misunderstood, as choices that are remembered."""

import json
from collections.abc import Sequence

from engine.dataset import MEANINGS, Choices, Column, ColumnRole, Table
from engine.ingest.rows import ONE_SALE, each_row_key
from engine.ingest.sale_questions import not_counted_key
from engine.ingest.units_of_measure import UNITS_OF, unit_key

MOST_WORDS = 30
"""Different texts of a column among which the owner may choose."""


def units_offered(column: Column) -> tuple[str, ...]:
    """The units that a column may be given in; none where it has no choice."""
    return UNITS_OF.get(column.role, ())


def words_offered(table: Table, column: Column) -> list[str]:
    """The different words of a column of dated rows, where it has few: those of some may not count."""
    if column.kind != "text" or not table.has(ColumnRole.DATE):
        return []
    words: list[str] = table.frame[column.name].drop_nulls().unique().sort().to_list()
    return words if 2 <= len(words) <= MOST_WORDS else []


def may_count_rows(table: Table) -> bool:
    """True for dated rows without a quantity: each may be one sale."""
    return table.has(ColumnRole.DATE) and not table.has(ColumnRole.QUANTITY)


def corrections(table: Table, column: str, meaning: str, *, unit: str = "", not_counted: Sequence[str] = ()) -> Choices:
    """What the owner says about a column.

    Args:
        table: the column's table.
        column: its name.
        meaning: one of `engine.dataset.MEANINGS`.
        unit: one of `units_offered`; anything else for what the file says.
        not_counted: the words of the column whose rows do not count.
    """
    current = next(each for each in table.columns if each.name == column)
    answers = {unit_key(table.fingerprint, column): unit} if unit in units_offered(current) else {}
    if not_counted:
        answers[not_counted_key(table.fingerprint, column)] = json.dumps(list(not_counted), ensure_ascii=False)
    if answers and MEANINGS[meaning] is current.role:
        return Choices(answers=answers)
    return Choices({table.fingerprint: table.roles_moved(column, meaning)}, answers)


def each_row_is_one_sale(table: Table) -> Choices:
    """What the owner says of a table that names no quantity."""
    return Choices(answers={each_row_key(table.fingerprint): ONE_SALE})
