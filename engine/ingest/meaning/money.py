"""Which columns are the units, the price and the money of a sale, by their names and by what they are to each other."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations, product

import polars as pl

from engine.dataset import TableKind
from engine.ingest.meaning.concepts import MONEY, Concept
from engine.ingest.meaning.kinds import K
from engine.ingest.meaning.profile import (
    CENT,
    LIKELY,
    MOST_BESIDE,
    MOST_RATES,
    MOST_RELATED,
    ColumnMeaning,
    RoleCandidate,
    adds_up_lines,
    belongs_to_document,
    differs_by,
    follows,
    is_line_total,
    is_steady,
    makes,
    stays,
)

C = Concept

RANK: Mapping[Concept, float] = {C.NET: 5.0, C.LINE_TOTAL: 4.6, C.AMOUNT: 4.2, C.GROSS: 3.2, C.DOCUMENT_TOTAL: 3.0}
RANK_OF_PAYMENTS: Mapping[Concept, float] = {
    **{C.GROSS: 5.0, C.AMOUNT: 4.8, C.LINE_TOTAL: 4.0, C.DOCUMENT_TOTAL: 3.5, C.NET: 2.0}
}
"""How likely each concept is the money of a sale; of payments before fees."""

LESS_BY_TAX = (0.72, 0.97)
"""The share of an amount with tax that the same amount before tax can be."""

LEAST_NET = 0.62
"""Less than this share of the gross is neither net of tax nor of returns: it is something else that is called net."""


@dataclass(frozen=True)
class Counted:
    """Places of what a sale is counted by; None for what the table does not say.

    Attributes:
        quantity, price, revenue: the columns.
        rivals: other columns of money that an owner may mean, the likeliest first.
        by_document: places of what stands for the whole document, not for its line.
        margin: by how much evidence the revenue is ahead of the next.
    """

    quantity: int | None = None
    price: int | None = None
    revenue: int | None = None
    rivals: tuple[int, ...] = ()
    by_document: frozenset[int] = frozenset()
    margin: float = 9.0


@dataclass(frozen=True)
class _Evidence:
    """What speaks for one column of money or another.

    Attributes:
        kind: of the table.
        moneys: what each of them is.
        products: those that are units times price.
        by_document: those that stand for the whole document.
        paid: those that are another one less the discount.
        proved: those that are another one less the tax, the shipping or the tip.
        discounted: whether anything is discounted at all.
    """

    kind: TableKind
    moneys: Mapping[int, Concept]
    products: frozenset[int]
    by_document: frozenset[int]
    paid: frozenset[int]
    proved: frozenset[int]
    discounted: bool


def counted_by(kind: TableKind, meanings: Sequence[ColumnMeaning], item: int | None, document: int | None) -> Counted:
    """The units, the price and the money of a table of sales or payments.

    Args:
        kind: what the table is.
        meanings: what each of its columns is by itself.
        item: the place of the names of what is sold.
        document: the place of the numbers of orders, invoices or receipts.
    """
    whole = _by_document(meanings, document)
    names = meanings[item].column.values if item is not None else None
    whole = frozenset(place for place in whole if names is None or not follows(names, meanings[place].column.values))
    moneys = {place: one.concept for place, one in enumerate(meanings) if one.counts(*MONEY) and one.concept}
    moneys |= _totals_called_prices(meanings)
    moneys = _without_payouts(meanings, _without_rests(meanings, moneys))
    moneys = _by_tax(meanings, _by_discount(meanings, moneys))
    quantity, price = _quantity(meanings, moneys), _price(meanings)
    units = _unit_prices(meanings, moneys, quantity, names)
    if units:  # prices and no sums
        if price not in _multiplied(meanings, moneys, quantity):
            price = min(units, key=lambda place: (moneys[place] is not C.NET, place))
        moneys = {place: concept for place, concept in moneys.items() if place not in units}
    if quantity is None and price is not None:
        quantity = _factor(meanings, moneys, price)
        moneys = {place: concept for place, concept in moneys.items() if place != quantity}
    if (
        quantity is not None
        and price is not None
        and price not in whole
        and _is_total_called_price(meanings, moneys, quantity, price, names)
    ):
        moneys, price = {**moneys, price: C.LINE_TOTAL}, None
    evidence = _Evidence(
        kind,
        moneys,
        _products(meanings, moneys, quantity, price),
        whole,
        _after(meanings, moneys, (C.DISCOUNT,)),
        _after(meanings, moneys, (C.TAX, C.SHIPPING, C.TIP)),
        any(one.counts(C.DISCOUNT) and one.column.some.abs().max() > 1 for one in meanings),  # type: ignore[operator]
    )
    ranks = {place: _rank(place, meanings, evidence) for place in moneys}
    ranked = sorted(ranks, key=lambda place: -ranks[place])
    margin = ranks[ranked[0]] - ranks[ranked[1]] if len(ranked) > 1 else 9.0
    lines_are_priced = price is not None and quantity is not None and document is not None
    if ranked and ranked[0] in whole and lines_are_priced:  # what the document adds up to is not needed
        return Counted(quantity, price, None, tuple(ranked), whole)
    return Counted(quantity, price, ranked[0] if ranked else None, tuple(ranked[1:]), whole, margin)


def _quantity(meanings: Sequence[ColumnMeaning], moneys: Collection[int]) -> int | None:
    """The units: of several the ones that a price multiplies to a column of money, guests and cartons apart."""
    counts = [p for p, one in enumerate(meanings) if one.means(C.QUANTITY) and one.column.kind == "number"]
    prices = [one.column.values for one in meanings if one.means(C.PRICE) and one.column.kind == "number"]
    made = [meanings[place].column.values for place in moneys]
    if len(counts) > 1:
        for place in counts:
            units = meanings[place].column.values
            if any(makes(units, each, whole, share=0.5) for each in prices for whole in made):
                return place
    return _fullest(meanings, C.QUANTITY)


def _fullest(meanings: Sequence[ColumnMeaning], concept: Concept) -> int | None:
    """The surest and fullest column of a concept that is not all 0, and of those that are no counter."""
    places = [place for place, one in enumerate(meanings) if one.means(concept) and one.column.kind == "number"]
    places = [place for place in places if not meanings[place].column.is_zero] or places

    def score(place: int) -> tuple[float, int]:
        one = meanings[place]
        return one.confidence + 0.3 * one.column.filled - 0.2 * one.column.is_counter, -place

    return max(places, key=score, default=None)


def _price(meanings: Sequence[ColumnMeaning]) -> int | None:
    """The price of a unit; of several the one without tax, or the one that was paid, which is never above the other."""
    places = [place for place, one in enumerate(meanings) if one.means(C.PRICE) and one.column.kind == "number"]
    for paid, asked in permutations(places[:MOST_RELATED], 2):
        if _is_reduced(meanings, paid, asked):
            return paid
    net = [one if "net" in one.column.name.casefold() else ColumnMeaning(one.column) for one in meanings]
    place = _fullest(net, C.PRICE)
    return place if place is not None else _fullest(meanings, C.PRICE)


def _is_reduced(meanings: Sequence[ColumnMeaning], paid: int, asked: int) -> bool:
    """True where one price is the other in most rows and less in some: what is different in all rows is the tax."""
    both = pl.DataFrame({"paid": meanings[paid].column.values, "asked": meanings[asked].column.values}).drop_nulls()
    same = (both["paid"] - both["asked"]).abs() <= CENT
    return bool(both.height and (both["paid"] <= both["asked"] + CENT).all() and 0.2 <= same.mean() < 1)  # type: ignore[operator]


def _unit_prices(
    meanings: Sequence[ColumnMeaning], moneys: Mapping[int, Concept], quantity: int | None, items: pl.Series | None
) -> frozenset[int]:
    """The columns of money that the units multiply to another one, or that stay as they are whatever the units."""
    if quantity is None:
        return frozenset()
    units = meanings[quantity].column.values
    values = {place: meanings[place].column.values for place in moneys if place != quantity}
    factors = {
        one
        for one, other in permutations([*values][:MOST_RELATED], 2)
        if makes(units, values[one], values[other], share=0.9)
    }
    steady = {place for place in values if items is not None and stays(units, values[place], items)}
    found = frozenset(factors | steady)
    return found if len(found) < len(values) else frozenset()


def _multiplied(meanings: Sequence[ColumnMeaning], moneys: Collection[int], quantity: int | None) -> frozenset[int]:
    """The columns called a price that the units multiply to a column of money."""
    if quantity is None:
        return frozenset()
    units = meanings[quantity].column.values
    numbers = (place for place, one in enumerate(meanings) if one.means(C.PRICE) and one.column.kind == "number")
    asked = {place: meanings[place].column.values for place in numbers}
    made = [meanings[place].column.values for place in moneys]
    return frozenset(place for place, each in asked.items() if any(makes(units, each, one, share=0.9) for one in made))


def _by_document(meanings: Sequence[ColumnMeaning], document: int | None) -> frozenset[int]:
    if document is None:
        return frozenset()
    documents = meanings[document].column.values.cast(pl.String)
    numbers = [place for place, one in enumerate(meanings) if one.column.kind == "number" and len(one.column.some)]
    values = {place: meanings[place].column.values for place in numbers}
    moneys = [place for place in numbers if meanings[place].means(*MONEY)]
    sums = {
        t for line, t in permutations(moneys[:MOST_RELATED], 2) if adds_up_lines(documents, values[line], values[t])
    }
    whole = (
        place
        for place in numbers
        if belongs_to_document(documents, values[place], named=meanings[place].means(C.DOCUMENT_TOTAL))
    )
    return frozenset({*sums, *whole})


def _without_payouts(meanings: Sequence[ColumnMeaning], moneys: dict[int, Concept]) -> dict[int, Concept]:
    """What is called net but is what is left after fees is a payout, and no sale."""
    fees = [one.column.values for one in meanings if one.counts(C.FEE, C.COST, C.COST_TOTAL)]
    charged = [one.column.values.fill_null(0.0).abs() for one in meanings if one.counts(C.FEE)]
    if len(charged) > 1:
        fees.append(pl.DataFrame([each.alias(str(k)) for k, each in enumerate(charged)]).sum_horizontal())
    extras = [one.column.values.fill_null(0.0) for one in meanings if one.counts(C.SHIPPING, C.TIP)]
    gross = [meanings[place].column.values for place, concept in moneys.items() if concept is C.GROSS]
    more = [meanings[place].column.values for place, concept in moneys.items() if concept is not C.NET]
    more += [each + extra for each in more for extra in extras]
    return {
        place: concept
        for place, concept in moneys.items()
        if not any(
            differs_by(whole, fee, meanings[place].column.values)
            for whole in (more if concept is C.NET else gross if concept is C.AMOUNT else [])
            for fee in fees
        )
    }


def _totals_called_prices(meanings: Sequence[ColumnMeaning]) -> dict[int, Concept]:
    """Of several columns called a price those that are the units times another one, and the same before tax."""
    prices = [place for place, one in enumerate(meanings) if one.means(C.PRICE) and one.column.kind == "number"]
    units = next((one.column.values for one in meanings if one.means(C.QUANTITY) and one.column.kind == "number"), None)
    if units is None or len(prices) < 2:
        return {}
    of = {place: meanings[place].column.values for place in prices}
    wholes = {total for each, total in permutations(prices[:MOST_RELATED], 2) if makes(units, of[each], of[total])}
    nets = {
        place
        for total in wholes
        for place in prices
        if place not in wholes and is_steady(of[place], of[total], between=LESS_BY_TAX)
    }
    return dict.fromkeys(wholes, C.GROSS if nets else C.LINE_TOTAL) | dict.fromkeys(nets, C.NET)


def _without_rests(meanings: Sequence[ColumnMeaning], moneys: dict[int, Concept]) -> dict[int, Concept]:
    """What is left to pay after a deposit is not what was sold."""
    deposits = [one.column.values for one in meanings if one.counts(C.DEPOSIT)]
    wholes = [one.column.values for one in meanings if one.counts(*MONEY, C.PRICE)]
    return {
        place: concept
        for place, concept in moneys.items()
        if not any(differs_by(more, part, meanings[place].column.values) for more in wholes for part in deposits)
    }


def _by_tax(meanings: Sequence[ColumnMeaning], moneys: dict[int, Concept]) -> dict[int, Concept]:
    """Of two columns that differ by the tax, one is without it and the other with it, whatever they are called."""
    taxes = [place for place, one in enumerate(meanings) if one.counts(C.TAX)][:MOST_RATES]
    told, vague = dict(moneys), (C.AMOUNT, C.LINE_TOTAL)
    unsure = [place for place, one in enumerate(meanings) if one.counts(C.TAX) or _is_unknown_number(one)]
    for more, less in product([*moneys][:MOST_RELATED], [*dict.fromkeys((*moneys, *unsure))][:MOST_BESIDE]):
        if more != less and any(_is_before_tax(meanings, more, tax, less) for tax in taxes if tax not in (more, less)):
            told |= {less: C.NET} if moneys.get(less, C.AMOUNT) in vague else {}
            told |= {more: C.GROSS} if moneys[more] in vague or moneys.get(less) is moneys[more] is C.NET else {}
    return told


def _is_unknown_number(one: ColumnMeaning) -> bool:
    return one.column.kind == "number" and one.confidence < LIKELY


def _is_before_tax(meanings: Sequence[ColumnMeaning], more: int, tax: int, less: int) -> bool:
    """True where a column is another one less the tax, and more than the tax."""
    gross, part, net = (meanings[place].column.values for place in (more, tax, less))
    return differs_by(gross, part, net) and abs(float(net.sum() or 0)) > abs(float(part.sum() or 0))


def _by_discount(meanings: Sequence[ColumnMeaning], moneys: dict[int, Concept]) -> dict[int, Concept]:
    """What another column less the discount makes is what was paid for the goods, whatever it is called."""
    cuts = [place for place, one in enumerate(meanings) if one.counts(C.DISCOUNT)][:MOST_RATES]
    found, vague = dict(moneys), (C.DISCOUNT, C.NET, C.AMOUNT, C.LINE_TOTAL)
    unsure = [place for place, one in enumerate(meanings) if one.concept in vague or one.confidence < LIKELY]
    for less in [place for place in unsure if meanings[place].column.kind == "number"][:MOST_BESIDE]:
        if _is_less_by(meanings, less, [*moneys][:MOST_RELATED], cuts):
            found[less] = C.NET
    return found


def _is_less_by(meanings: Sequence[ColumnMeaning], less: int, more: Collection[int], cuts: Collection[int]) -> bool:
    """True where one of the larger columns less one of the cuts is this column."""
    return any(
        differs_by(meanings[one].column.values, meanings[cut].column.values, meanings[less].column.values)
        for one in more
        for cut in cuts
        if len({one, cut, less}) == 3
    )


def _factor(meanings: Sequence[ColumnMeaning], moneys: Mapping[int, Concept], price: int) -> int | None:
    """The column of whole numbers, called an amount or nothing known, that makes an amount with the price."""
    asked = meanings[price].column.values
    unknown = (place for place, one in enumerate(meanings) if _is_unknown_number(one))
    for place in [*moneys, *unknown][:MOST_BESIDE]:
        units = meanings[place].column
        others = [meanings[other].column.values for other in [*moneys][:MOST_RELATED] if other != place]
        if units.is_whole and any(makes(units.values, asked, other) for other in others):
            return place
    return None


def _is_total_called_price(
    meanings: Sequence[ColumnMeaning], moneys: Mapping[int, Concept], quantity: int, price: int, items: pl.Series | None
) -> bool:
    """True for a column that is called a price and grows with the units, where no other is units times price."""
    units, asked = meanings[quantity].column.values, meanings[price].column.values
    if any(makes(units, asked, meanings[place].column.values, share=0.9) for place in moneys):
        return False
    return is_line_total(units, asked, items)


def _products(
    meanings: Sequence[ColumnMeaning], moneys: Mapping[int, Concept], quantity: int | None, price: int | None
) -> frozenset[int]:
    """The columns of money that are units times price."""
    if quantity is None or price is None:
        return frozenset()
    units, asked = meanings[quantity].column.values, meanings[price].column.values
    return frozenset(place for place in moneys if makes(units, asked, meanings[place].column.values, share=0.8))


def _after(
    meanings: Sequence[ColumnMeaning], moneys: Mapping[int, Concept], cuts_of: Sequence[Concept]
) -> frozenset[int]:
    cuts = [place for place, one in enumerate(meanings) if one.counts(*cuts_of)]
    return frozenset(place for place in moneys if _is_less_by(meanings, place, moneys, cuts))


def _rank(place: int, meanings: Sequence[ColumnMeaning], evidence: _Evidence) -> float:
    """How likely a column is the money of a sale, beside the others that may be."""
    column, concept = meanings[place].column, evidence.moneys[place]
    rank = (RANK_OF_PAYMENTS if evidence.kind is K.PAYMENTS else RANK)[concept]
    moneys = evidence.moneys.items()
    grosses = [meanings[p].column for p, its in moneys if its is C.GROSS and p not in evidence.by_document]
    changes = (
        (concept is C.DOCUMENT_TOTAL and evidence.kind is K.ORDERS, 1.0),
        (evidence.kind is K.PAYMENTS and place in evidence.paid, 3.5),
        (concept is C.NET and _is_too_little(column, grosses), -3.0),
        (concept is not C.NET and meanings[place].concept is concept, 2.0 * (meanings[place].confidence - 0.95)),
        (concept is not C.NET and place in evidence.products and not evidence.discounted, 0.5),
        (place in evidence.products and evidence.discounted and len(moneys) > 1, -1.0),
        (place in evidence.proved, 0.5),
        (place in evidence.by_document, -3.0),
    )
    rank += sum(change for is_so, change in changes if is_so)
    return rank - 2.0 * (1 - column.filled) - 0.01 * place


def _is_too_little(net: RoleCandidate, grosses: Sequence[RoleCandidate]) -> bool:
    total = float(net.some.sum() or 0.0)
    return any(abs(total) < LEAST_NET * abs(float(gross.some.sum() or 0.0)) for gross in grosses)
