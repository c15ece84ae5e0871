"""Which columns are the units, the price and the money of a sale: by their names, and by what they are to each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import polars as pl

from engine.dataset import TableKind
from engine.ingest.meaning.concepts import MONEY, Concept
from engine.ingest.meaning.kinds import K
from engine.ingest.meaning.profile import RoleCandidate
from engine.ingest.meaning.relations import belongs_to_document, differs_by, is_line_total, makes

C = Concept
Chosen = Sequence[tuple[Concept, float] | None]

RANK: Mapping[Concept, float] = {C.NET: 5.0, C.LINE_TOTAL: 4.6, C.AMOUNT: 4.2, C.GROSS: 3.2, C.DOCUMENT_TOTAL: 3.0}
RANK_OF_PAYMENTS: Mapping[Concept, float] = {
    C.GROSS: 5.0,
    C.AMOUNT: 4.8,
    C.LINE_TOTAL: 4.0,
    C.DOCUMENT_TOTAL: 3.5,
    C.NET: 2.0,
}
LEAST_NET = 0.62
"""Less than this share of the gross is neither net of tax nor of returns: it is something else that is called net."""


@dataclass(frozen=True)
class Counted:
    """Places of what a sale is counted by; None for what the table does not say.

    Attributes:
        quantity, price, revenue: the columns.
        rivals: other columns of money that an owner may mean, by place, with their concept.
        by_document: places of what stands for the whole document, not for its line.
    """

    quantity: int | None = None
    price: int | None = None
    revenue: int | None = None
    rivals: tuple[int, ...] = ()
    by_document: frozenset[int] = frozenset()


def counted_by(
    kind: TableKind, candidates: Sequence[RoleCandidate], chosen: Chosen, item: int | None, document: int | None
) -> Counted:
    """The units, the price and the money of a table of sales or payments.

    Args:
        kind: what the table is.
        candidates: its columns.
        chosen: what each is by itself.
        item: the place of the names of what is sold.
        document: the place of the numbers of orders, invoices or receipts.
    """
    numbers = [place for place, one in enumerate(candidates) if one.kind == "number" and len(one.some)]
    quantity = _quantity(candidates, chosen, numbers)
    whole = _by_document(candidates, numbers, document)
    moneys = {
        place: chosen[place][0]
        for place in numbers
        if chosen[place] and chosen[place][0] in MONEY and chosen[place][1] >= 0.5
    }  # type: ignore[index]
    moneys = {place: concept for place, concept in moneys.items() if not candidates[place].is_zero}
    moneys = _by_tax(candidates, chosen, _without_payouts(candidates, chosen, moneys))
    price = _price(candidates, chosen, numbers, quantity)
    if quantity is None and price is not None:
        quantity = _factor(candidates, moneys, price)
        moneys = {place: concept for place, concept in moneys.items() if place != quantity}
    if price is not None and quantity is not None:
        names = candidates[item].values if item is not None else None
        units, asked = candidates[quantity].values, candidates[price].values
        confirmed = any(makes(units, asked, candidates[place].values, share=0.9) for place in moneys)
        if not confirmed and price not in whole and is_line_total(units, asked, names):
            moneys = {**moneys, price: C.LINE_TOTAL}
            price = None
    ranked = sorted(moneys, key=lambda place: -_rank(kind, place, candidates, moneys, chosen, quantity, price, whole))
    if ranked and ranked[0] in whole and price is not None and quantity is not None and document is not None:
        ranked, rivals = [], tuple(ranked)  # the lines have a price: what the document adds up to is not needed
    else:
        rivals = tuple(ranked[1:])
    return Counted(quantity, price, ranked[0] if ranked else None, rivals, whole)


def _quantity(candidates: Sequence[RoleCandidate], chosen: Chosen, numbers: Sequence[int]) -> int | None:
    named = [place for place in numbers if chosen[place] and chosen[place][0] is C.QUANTITY and chosen[place][1] >= 0.5]  # type: ignore[index]
    named = [place for place in named if not candidates[place].is_zero] or named
    if not named:
        return None
    return max(
        named,
        key=lambda place: (
            chosen[place][1] + 0.3 * candidates[place].filled - 0.2 * candidates[place].is_counter,
            -place,
        ),
    )  # type: ignore[index]


def _price(
    candidates: Sequence[RoleCandidate], chosen: Chosen, numbers: Sequence[int], quantity: int | None
) -> int | None:
    named = [place for place in numbers if chosen[place] and chosen[place][0] is C.PRICE and chosen[place][1] >= 0.5]  # type: ignore[index]
    named = [place for place in named if not candidates[place].is_zero]
    net = [place for place in named if "net" in candidates[place].name.casefold()]
    pool = net or named
    return max(pool, key=lambda place: (chosen[place][1] + 0.3 * candidates[place].filled, -place), default=None)  # type: ignore[index]


def _by_document(candidates: Sequence[RoleCandidate], numbers: Sequence[int], document: int | None) -> frozenset[int]:
    if document is None:
        return frozenset()
    documents = candidates[document].values.cast(pl.String)
    return frozenset(place for place in numbers if belongs_to_document(documents, candidates[place].values))


def _without_payouts(
    candidates: Sequence[RoleCandidate], chosen: Chosen, moneys: dict[int, Concept]
) -> dict[int, Concept]:
    """What is called net but is what is left after fees is a payout, and no sale."""
    fees = [place for place, one in enumerate(chosen) if one and one[0] is C.FEE and candidates[place].kind == "number"]
    more = [place for place, concept in moneys.items() if concept is not C.NET]
    after_fees = {
        net
        for net, concept in moneys.items()
        if concept is C.NET
        and any(
            differs_by(candidates[m].values, candidates[f].values, candidates[net].values) for m in more for f in fees
        )
    }
    return {place: concept for place, concept in moneys.items() if place not in after_fees}


def _by_tax(candidates: Sequence[RoleCandidate], chosen: Chosen, moneys: dict[int, Concept]) -> dict[int, Concept]:
    """Of two columns that differ by the tax, one is without it and the other with it, whatever they are called."""
    taxes = [
        place for place, one in enumerate(chosen) if one and one[0] is C.TAX and candidates[place].kind == "number"
    ]
    told = dict(moneys)
    for more, less in permutations(moneys, 2):
        if any(differs_by(candidates[more].values, candidates[tax].values, candidates[less].values) for tax in taxes):
            told |= {less: C.NET} if moneys[less] in (C.AMOUNT, C.LINE_TOTAL) else {}
            told |= {more: C.GROSS} if moneys[more] in (C.AMOUNT, C.LINE_TOTAL) else {}
    return told


def _factor(candidates: Sequence[RoleCandidate], moneys: Mapping[int, Concept], price: int) -> int | None:
    """The column of whole numbers that is called an amount and makes another one with the price: it is the quantity."""
    for place in moneys:
        if candidates[place].is_whole and any(
            makes(candidates[place].values, candidates[price].values, candidates[other].values)
            for other in moneys
            if other != place
        ):
            return place
    return None


def _rank(
    kind: TableKind,
    place: int,
    candidates: Sequence[RoleCandidate],
    moneys: Mapping[int, Concept],
    chosen: Chosen,
    quantity: int | None,
    price: int | None,
    by_document: frozenset[int],
) -> float:
    """How likely a column is the money of a sale, beside the others that may be."""
    column, concept = candidates[place], moneys[place]
    rank = (RANK_OF_PAYMENTS if kind is K.PAYMENTS else RANK)[concept]
    if concept is C.DOCUMENT_TOTAL and kind is K.ORDERS:
        rank += 1.0
    if concept is C.NET and _is_too_little(column, [candidates[p] for p, other in moneys.items() if other is C.GROSS]):
        rank -= 3.0
    if chosen[place] and chosen[place][0] is concept and concept is not C.NET:  # type: ignore[index]
        rank += 2.0 * (chosen[place][1] - 0.95)  # type: ignore[index]
    if place in by_document:
        rank -= 3.0
    if quantity is not None and price is not None and concept is not C.NET:
        if makes(candidates[quantity].values, candidates[price].values, column.values, share=0.8):
            rank += 0.5
    return rank - 2.0 * (1 - column.filled) - 0.01 * place


def _is_too_little(net: RoleCandidate, grosses: Sequence[RoleCandidate]) -> bool:
    total = float(net.some.sum() or 0.0)
    return any(abs(total) < LEAST_NET * abs(float(gross.some.sum() or 0.0)) for gross in grosses)
