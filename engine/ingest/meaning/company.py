"""What each column is in a table of a kind: of all that it may be, the likeliest in the company of the others."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

import polars as pl

from engine.dataset import TableKind
from engine.ingest.meaning.columns import NAMES_ALONE
from engine.ingest.meaning.concepts import MONEY, Concept
from engine.ingest.meaning.kinds import LISTS, PEOPLE, SALES, WEIGHTS, K
from engine.ingest.meaning.names import is_price, normal
from engine.ingest.meaning.profile import (
    LIKELY,
    MOST_BESIDE,
    MOST_RELATED,
    ColumnMeaning,
    RoleCandidate,
    adds_up_lines,
    differs_by,
    makes,
)

C = Concept

_AVAILABLE = re.compile(
    r"availab|verfugbar|disponi|beschikbaar|dostepn|tillgang|tilgaeng|tilgjeng|dostupn|k dispozici|kullanilabilir"
    r"|\bvrij\b|\bfrei\b|\blibre\b|\bfree\b"
)
"""What can still be sold, by its name."""

_DESCRIPTION = re.compile(
    r"descri|beschreib|omschrijving|\bopis|beskriv|popis|aciklama|libelle|intitule|betreff|bezeichn|memo|purpose|zweck"
)
"""What a description is called."""

MOST_ONCE = 10
"""Rows beyond which a code that never comes again is no article's."""

ONE_EACH, ROWS_A_NAME = 0.5, 3
"""Share of the rows beyond which different names are references; rows that each name of an article has on average, so
that it is told from that of a customer."""

MOSTLY_THERE = 0.9
"""Share of the rows in which a category stands."""

COMPANY = 0.12
"""How much a kind of table makes a concept likelier that speaks for it."""


def settle(
    kind: TableKind,
    candidates: Sequence[RoleCandidate],
    options: Sequence[Mapping[Concept, float]],
    *,
    of_costs: bool = False,
) -> list[ColumnMeaning]:
    """What each column is in a table of this kind.

    Args:
        kind: what the table is.
        candidates: its columns.
        options: what each may be, with the confidence in it.
        of_costs: whether the title says that it is what was spent.
    """
    weights = WEIGHTS.get(kind, {})
    meanings = []
    for candidate, may_be in zip(candidates, options, strict=True):
        best = max(may_be, key=lambda one: may_be[one] * (1 + COMPANY * weights.get(one, 0.0)), default=None)
        meanings.append(ColumnMeaning(candidate, best, may_be[best] if best else 0.0))
    meanings = _called_by_name_alone(kind, meanings)
    meanings = _with_documents(kind, meanings)
    meanings = _with_branches(meanings, options) if kind in SALES else meanings
    meanings = _described(meanings) if kind in (K.SALE_LINES, K.PAYMENTS) else meanings
    meanings = _lying_there(_once_an_item(_by_value(meanings))) if kind is K.STOCK else meanings
    if of_costs or (kind is not K.PAYMENTS and _is_bought(meanings)):
        return [replace(one, concept=C.COST_TOTAL) if one.means(*MONEY) else one for one in meanings]
    for wanted, instead, confidence in _exchanges(kind, meanings):
        meanings = _exchange(meanings, wanted, instead, confidence)
    return meanings


def _called_by_name_alone(kind: TableKind, meanings: list[ColumnMeaning]) -> list[ColumnMeaning]:
    """A column that is called "Name" names what the table is about, where no other does."""
    wanted = {
        C.EMPLOYEE: kind in PEOPLE,
        C.CAMPAIGN: kind in (K.ADS, K.TRAFFIC),
        C.ITEM: kind in LISTS | {K.SALE_LINES},
    }
    concept = next((one for one, is_so in wanted.items() if is_so), None)
    names = [
        place
        for place, one in enumerate(meanings)
        if normal(one.column.name) in NAMES_ALONE
        and one.column.kind == "text"
        and (one.concept is None or one.concept in (C.ITEM, C.EMPLOYEE, C.CAMPAIGN, C.CUSTOMER))
    ]
    others = [place for place, one in enumerate(meanings) if concept is not None and one.means(concept)]
    names.sort(key=lambda place: concept is C.ITEM and not _varies_in_documents(meanings, place))
    if concept is None or not names:
        return meanings
    if set(others) - set(names):  # something else is named: this is who bought it
        instead = C.CUSTOMER if kind in SALES else None
        return [
            ColumnMeaning(one.column, instead, 0.6) if place in names and instead else one
            for place, one in enumerate(meanings)
        ]
    return [
        ColumnMeaning(one.column, concept, 0.85) if place == names[0] else one for place, one in enumerate(meanings)
    ]


def _varies_in_documents(meanings: Sequence[ColumnMeaning], place: int) -> bool:
    """True for names that differ within an order or a receipt: who bought is the same on all its lines."""
    document = next((one.column.values for one in meanings if one.means(C.DOCUMENT)), None)
    if document is None:
        return False
    pairs = pl.DataFrame({"document": document.cast(pl.String), "name": meanings[place].column.values}).drop_nulls()
    return pairs.unique().height > 1.05 * pairs["document"].n_unique()


def _with_documents(kind: TableKind, meanings: list[ColumnMeaning]) -> list[ColumnMeaning]:
    """Codes that hold rows together are those of orders, where no column is called so."""
    if kind not in SALES | {K.PAYMENTS} or any(one.means(C.DOCUMENT) for one in meanings):
        return meanings
    codes = [one for one in meanings if one.means(C.CODE, C.ID)]
    codes = [one for one in codes if one.column.is_document or one.column.holds_rows_together]
    return [ColumnMeaning(one.column, C.DOCUMENT, 0.8) if codes and one is codes[0] else one for one in meanings]


def _with_branches(meanings: list[ColumnMeaning], options: Sequence[Mapping[Concept, float]]) -> list[ColumnMeaning]:
    """A department that may be a branch, and in which things are sold that others sell as well, is one."""
    item = next((one.column for one in meanings if one.means(C.ITEM)), None)
    if item is None:
        return meanings
    return [
        replace(one, concept=C.STORE)
        if one.means(C.CATEGORY) and may_be.get(C.STORE, 0.0) >= LIKELY and not groups_of(one.column, item)
        else one
        for one, may_be in zip(meanings, options, strict=True)
    ]


def _is_bought(meanings: Sequence[ColumnMeaning]) -> bool:
    """True where amounts stand beside suppliers, and nothing is named that was sold, nor to whom."""
    of_sales = (C.ITEM, C.CODE, C.CATEGORY, C.CUSTOMER, C.QUANTITY, C.PRICE, C.DOCUMENTS, C.CHANNEL)
    return any(one.means(C.SUPPLIER) for one in meanings) and not any(one.means(*of_sales) for one in meanings)


def _by_value(meanings: list[ColumnMeaning]) -> list[ColumnMeaning]:
    """What makes the value of the stock with the cost or the price of one is what lies there."""
    numbers = [place for place, one in enumerate(meanings) if one.column.kind == "number"]
    worth = [place for place in numbers if meanings[place].means(C.STOCK_VALUE, *MONEY)]
    each = [meanings[p].column.values for p in numbers if meanings[p].means(C.COST, C.PRICE, C.LIST_PRICE)]
    for place in numbers:
        units = meanings[place].column
        made = [
            p for p in worth if p != place and any(makes(units.values, one, meanings[p].column.values) for one in each)
        ]
        if units.is_whole and made:
            new = [replace(one, concept=C.REORDER_POINT) if one.means(C.ON_HAND) else one for one in meanings]
            new[place] = ColumnMeaning(units, C.ON_HAND, 0.9)
            new[made[0]] = ColumnMeaning(meanings[made[0]].column, C.STOCK_VALUE, 0.9)
            return new
    return meanings


def _once_an_item(meanings: list[ColumnMeaning]) -> list[ColumnMeaning]:
    """A stock of the whole article that stands on each row of its places or lots is not added up: the parts are."""
    names = next((one.column.values for one in meanings if one.means(C.ITEM)), None)
    numbers = [place for place, one in enumerate(meanings) if one.column.kind == "number" and not one.means(C.CODE)]
    wholes = [place for place in numbers if meanings[place].means(C.ON_HAND, C.QUANTITY)]
    if names is None:
        return meanings
    for whole, part in product(wholes[:MOST_RELATED], numbers[:MOST_BESIDE]):
        if whole != part and adds_up_lines(names, meanings[part].column.values, meanings[whole].column.values):
            new = list(meanings)
            new[whole] = ColumnMeaning(meanings[whole].column, C.STOCK_VALUE, 0.6)
            new[part] = ColumnMeaning(meanings[part].column, C.ON_HAND, 0.9)
            return new
    return meanings


def _lying_there(meanings: list[ColumnMeaning]) -> list[ColumnMeaning]:
    """What is available is what lies there less what is promised: where both are told, it is not the stock."""
    free = [
        place
        for place, one in enumerate(meanings)
        if one.means(C.ON_HAND) and _AVAILABLE.search(normal(one.column.name))
    ]
    stock = [
        place
        for place, one in enumerate(meanings)
        if one.means(C.ON_HAND, C.QUANTITY) and place not in free and one.column.kind == "number"
    ]
    if len(free) != 1:
        return meanings
    available = meanings[free[0]].column.values
    kept = [one.column.values for one in meanings if one.means(C.RESERVED)]
    numbers = [place for place, one in enumerate(meanings) if one.column.kind == "number" and place != free[0]]
    made = (p for p in numbers if any(differs_by(meanings[p].column.values, each, available) for each in kept))
    there = next(made, None)
    there = (
        there
        if there is not None
        else next((p for p in stock if ((meanings[p].column.values - available).drop_nulls() >= 0).all()), None)
    )
    if there is None:
        return meanings
    new = list(meanings)
    new[free[0]] = ColumnMeaning(meanings[free[0]].column, C.RESERVED, 0.8)
    new[there] = ColumnMeaning(meanings[there].column, C.ON_HAND, 0.85)
    return new


def _exchanges(kind: TableKind, meanings: Sequence[ColumnMeaning]) -> list[tuple[Concept, tuple[Concept, ...], float]]:
    """What is looked for in a table of this kind, and what stands for it where nothing is called so."""
    there = {one.concept for one in meanings if one.confidence >= LIKELY}
    if kind is K.ADS:
        return [(C.SPEND, (C.COST, C.COST_TOTAL, C.AMOUNT), 0.8), (C.CAMPAIGN, (C.ITEM, C.CATEGORY), 0.8)]
    if kind is K.STOCK:
        totals = (C.AMOUNT, C.DOCUMENT_TOTAL) if _has_whole_total(meanings) else ()
        sold_at = [(C.PRICE, (C.AMOUNT, C.LINE_TOTAL), 0.7)] if C.COST in there else []
        return [(C.ON_HAND, (C.BALANCE, C.QUANTITY, *totals), 0.8), *sold_at]
    if kind not in SALES:
        return []
    exchanges: list[tuple[Concept, tuple[Concept, ...], float]] = [(C.DAY, (C.LATER_DAY,), 0.7)]
    if not there & {C.QUANTITY, *MONEY}:  # appointments at a price are what is sold; orders beside takings are not
        exchanges.append((C.QUANTITY, (C.DOCUMENTS,) if C.PRICE in there else (C.DOCUMENTS, C.ON_HAND), 0.8))
    if not there & {C.PRICE, C.COST, C.LIST_PRICE, C.COST_TOTAL, *MONEY} and there & {C.ITEM, C.CATEGORY}:
        exchanges.append((C.AMOUNT, (C.FEE,), 0.7))  # what a treatment costs is called its fee
    if not there & {C.PRICE, *MONEY}:
        taxed = bool(
            there & {C.TAX, C.SHIPPING, C.DISCOUNT}
        )  # of what is bought nobody lists the shipping to a customer
        priced = taxed or any(one.means(C.COST) and is_price(one.column.name) for one in meanings)
        exchanges.append((C.PRICE, (C.COST, C.LIST_PRICE) if priced else (C.LIST_PRICE,), 0.8))
        exchanges.append((C.AMOUNT, (C.COST_TOTAL,), LIKELY))
    return exchanges


def _described(meanings: list[ColumnMeaning]) -> list[ColumnMeaning]:
    """Descriptions that come again and again name what was sold, where nothing else does."""
    if any(one.means(C.ITEM, C.CODE, C.CATEGORY) for one in meanings):
        return meanings
    first = next((place for place, one in enumerate(meanings) if _is_description(one)), None)
    return [ColumnMeaning(one.column, C.ITEM, 0.6) if place == first else one for place, one in enumerate(meanings)]


def _is_description(one: ColumnMeaning) -> bool:
    described = one.means(C.TEXT) and one.column.kind == "text" and _DESCRIPTION.search(normal(one.column.name))
    return bool(described) and one.column.comes_again and one.column.distinct > 1


def _has_whole_total(meanings: Sequence[ColumnMeaning]) -> bool:
    """True where what is called a total of a list of stock has whole numbers: it is pieces, not money."""
    totals = [one.column for one in meanings if one.means(C.AMOUNT, C.DOCUMENT_TOTAL)]
    return bool(totals) and totals[0].is_whole


def _exchange(
    meanings: list[ColumnMeaning], wanted: Concept, instead: Sequence[Concept], confidence: float
) -> list[ColumnMeaning]:
    """The first column that is one of these is what is wanted, where no column is it yet."""
    if any(one.means(wanted) for one in meanings):
        return meanings
    for other in instead:
        for place, one in enumerate(meanings):
            if one.means(other):
                return [
                    *meanings[:place],
                    ColumnMeaning(one.column, wanted, min(one.confidence, confidence)),
                    *meanings[place + 1 :],
                ]
    return meanings


def item_of(kind: TableKind, meanings: Sequence[ColumnMeaning]) -> int | None:
    """The names of what is sold or kept; codes only where no column of names is filled."""
    full = max((one.column.filled for one in meanings), default=0.0)
    names, codes = (
        max((place for place, one in enumerate(meanings) if one.means(c) and len(one.column.some)),
            key=lambda place: (score_of(meanings[place]), -place), default=None)
        for c in (C.ITEM, C.CODE)
    )  # fmt: skip
    if (
        names is not None
        and kind is K.PAYMENTS
        and meanings[names].column.distinct > ONE_EACH * len(meanings[names].column.values)
    ):
        names = None  # a reference of each payment
    if names is None and codes is not None:
        names = _named_by(meanings, codes, once=kind in LISTS)
    sparse = names is not None and meanings[names].column.filled < 0.3 * full
    if (
        codes is not None
        and kind in SALES | {K.PAYMENTS}
        and meanings[codes].column.distinct >= 0.9 * len(meanings[codes].column.values) > MOST_ONCE
    ):
        codes = None  # a ticket's own number names no article
    return codes if names is None or (sparse and codes is not None) else names


def finer_item(kind: TableKind, meanings: Sequence[ColumnMeaning], item: int | None) -> int | None:
    """The names of what is sold, where a column that nothing tells of parts what is called the items further."""
    groups = [place for place, one in enumerate(meanings) if one.means(C.CATEGORY)]
    known = item if item is not None else next(iter(groups), None)
    if known is None or kind not in SALES or meanings[known].column.kind != "text":
        return item
    coarse = meanings[known].column
    able = [
        place
        for place, one in enumerate(meanings)
        if place != known
        and one.column.kind == "text"
        and (
            one.concept is None or one.confidence < LIKELY or normal(one.column.name) in NAMES_ALONE or one.means(C.ID)
        )
        and one.column.comes_again
        and not one.column.is_code
        and one.column.distinct > coarse.distinct
        and len(one.column.values) >= ROWS_A_NAME * one.column.distinct
        and groups_of(coarse, one.column)
    ]
    return able[0] if len(able) == 1 else item


def _named_by(meanings: Sequence[ColumnMeaning], codes: int, *, once: bool) -> int | None:
    """The column of words that goes one to one with the codes: it names what they stand for."""
    code = meanings[codes].column.values.cast(pl.String)
    for place, one in enumerate(meanings):
        told = (None,) if once else (None, C.TEXT, C.VARIANT)
        words = one.column.kind == "text" and one.concept in told
        if place == codes or not words or one.column.is_code or not (once or one.column.comes_again):
            continue
        pairs = pl.DataFrame({"code": code, "name": one.column.values}).drop_nulls().unique()
        if pairs.height == one.column.distinct == meanings[codes].column.distinct:
            return place
    return None


def score_of(one: ColumnMeaning) -> float:
    """How well a column stands for what it is: full, with names that come again, in words and not in numbers."""
    column = one.column
    digits = bool(column.cells) and all(cell.isdigit() for cell in column.cells[:50])
    again = 0.1 * column.comes_again - 0.3 * column.is_constant - 0.2 * digits
    return one.confidence + 0.4 * column.filled + again


def groups_of(category: RoleCandidate, item: RoleCandidate) -> int:
    """How many groups a column parts the items into; 0 where one item is in several of them."""
    pairs = pl.DataFrame({"group": category.values, "item": item.values}).drop_nulls().unique()
    return category.distinct if pairs.height <= 1.05 * pairs["item"].n_unique() else 0


def parts_items(one: ColumnMeaning, item: RoleCandidate) -> bool:
    """True for words of which nothing is known, each of which stands for several items."""
    column = one.column
    few = 2 <= column.distinct <= item.distinct / 2
    return (
        _is_unknown(one)
        and column.kind == "text"
        and few
        and column.filled >= MOSTLY_THERE
        and groups_of(column, item) > 0
    )


def _is_unknown(one: ColumnMeaning) -> bool:
    return one.concept is None or one.confidence < LIKELY
