"""What columns are whose headers nobody knows: told by their values alone, where a table must have something of it."""

import re
from collections.abc import Mapping, Sequence

import polars as pl

from engine.dataset import ColumnRole, TableKind
from engine.ingest.meaning.kinds import SALES, K
from engine.ingest.meaning.names import Hint, is_identifier
from engine.ingest.meaning.profile import LIKELY, ColumnMeaning, RoleCandidate
from engine.ingest.meaning.relations import product

R = ColumnRole
COUNTED = frozenset({R.QUANTITY, R.REVENUE, R.TRAFFIC, R.LEADS, R.CHANNEL_SPEND, R.PEOPLE_NEEDED})


def by_values(kind: TableKind, meanings: Sequence[ColumnMeaning], hints: list[Hint | None]) -> list[Hint | None]:
    """The hints with what is counted, and what it is counted of, where no header names it and the table may have it.

    Args:
        kind: what the table is.
        meanings: its columns.
        hints: the role of each that is known.
    """
    roles = {hint.role for hint in hints if hint}
    if R.DATE not in roles or kind not in SALES | {K.OTHER, K.LEDGER}:
        return hints
    new_hints = list(hints)
    free = {place: one.column for place, one in enumerate(meanings) if hints[place] is None and one.confidence < LIKELY}
    free = {p: column for p, column in free.items() if column.hint is None or column.hint.role is not R.OTHER}
    numbers = {p: c for p, c in free.items() if c.kind == "number" and c.distinct > 1 and not is_identifier(c.name)}
    numbers = {place: column for place, column in numbers.items() if not column.is_coded} or numbers
    # Minutes, kilometres: a quantity beside a price is called so.
    if numbers and not roles & COUNTED and R.PRICE not in roles:
        for place, hint in _counts(numbers).items():
            new_hints[place] = hint
    names = [place for place, column in free.items() if column.comes_again]
    names = _finest(meanings, hints, names)
    sold = any(hint is not None and hint.role in (R.QUANTITY, R.REVENUE) for hint in new_hints)
    if sold and R.ITEM not in roles and len(names) == 1 and kind not in (K.ORDERS, K.INVOICES):
        new_hints[names[0]] = Hint(R.ITEM, 0.4, "names that come again and again")
    return new_hints


def _finest(meanings: Sequence[ColumnMeaning], hints: Sequence[Hint | None], names: list[int]) -> list[int]:
    """Of two columns of names the one that has one price a name; without a price, both."""
    prices = [meanings[place].column.values for place, hint in enumerate(hints) if hint and hint.role is R.PRICE]
    if len(names) != 2 or not prices:
        return names
    several = [
        pl.DataFrame({"name": meanings[place].column.values, "price": prices[0]}).drop_nulls().unique().height
        / max(1, meanings[place].column.distinct)
        for place in names
    ]
    return [names[0] if several[0] < several[1] else names[1]] if several[0] != several[1] else names


def _counts(numbers: Mapping[int, RoleCandidate]) -> dict[int, Hint]:
    """What is counted, by place: by arithmetic where two columns make a third, otherwise the first that may be."""
    if parts := product({place: column.values for place, column in numbers.items()}):
        quantity, price, total = parts
        why = f"{numbers[quantity].name} times {numbers[price].name}"
        factors = {
            place: Hint(role, 0.7, f"part of {numbers[total].name}")
            for place, role in ((quantity, R.QUANTITY), (price, R.PRICE))
        }
        return factors | {total: Hint(R.REVENUE, 0.7, why)}
    numbers = {place: column for place, column in numbers.items() if not column.is_counter} or dict(numbers)
    first, column = next(iter(numbers.items()))
    if len(numbers) == 1:
        role = R.QUANTITY if column.is_whole else R.REVENUE
        return {first: Hint(role, 0.6, "the only numbers beside the dates")}
    why = "the first numbers beside the dates"
    whole = next((place for place, one in numbers.items() if one.is_whole), None)
    money = next((place for place, one in numbers.items() if not one.is_whole and one.filled >= 0.5), None)
    nameless = all(re.fullmatch(r"Column \d+", one.name) for one in numbers.values())
    if whole is not None and money is not None and (nameless or len(numbers) == 2):
        return {whole: Hint(R.QUANTITY, 0.3, why), money: Hint(R.REVENUE, 0.3, "the first amounts with decimals")}
    return {first: Hint(R.QUANTITY if column.is_whole else R.REVENUE, 0.3, why)}
