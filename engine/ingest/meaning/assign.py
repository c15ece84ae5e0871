"""One reading of a whole table: what it is, and what each of its columns is."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from engine.dataset import REPEATABLE_ROLES, Column, ColumnRole, TableKind
from engine.ingest.meaning.columns import in_company, options_of, with_totals
from engine.ingest.meaning.company import finer_item, groups_of, item_of, parts_items, score_of, settle
from engine.ingest.meaning.concepts import MONEY, ROLE_OF, Concept
from engine.ingest.meaning.kinds import LISTS, PEOPLE, SALES, K, kind_of
from engine.ingest.meaning.known import known_export
from engine.ingest.meaning.money import Counted, counted_by
from engine.ingest.meaning.names import FAMILY, GIVEN, Hint, header_hint, is_identifier, normal, readings
from engine.ingest.meaning.profile import LIKELY, ColumnMeaning, RoleCandidate, product

C, R = Concept, ColumnRole

_BEGINS = re.compile(r"\b(start|starts|begin|beginn|from|debut|inicio|inizio|poczatek)\b")
"""A row that starts on one day happened, where another date stands beside it, on that one."""

_ENTERED = re.compile(
    r"\b(created|creation|erstellt|cree|creacion|creazione|aangemaakt|criacao|utworzenia|entered"
    r"|gebucht am|buchungsdatum|booked on|booked at|reserve le|reservado el|prenotato il|geboekt op"
    r"|bokad den|booket den|reservado em|zarezerwowano|rezervovano|date de reservation|fecha de reserva|booking date"
    r"|data prenotazione)\b"
)
"""When a row was entered matters less than when what it tells of happened."""

_ISSUED = re.compile(
    r"\b(issued?|invoice date|ausgestellt|rechnungsdatum|belegdatum|vystaven\w*|emision|emissao|emissione|emitid[oa]"
    r"|wystawienia|factuurdatum|fakturadato|fakturadatum|date de facture|data fattura|data faktury|fecha de factura"
    r"|fatura tarihi|duzenleme tarihi)\b"
)
DRAFTED = 0.7
"""The day of an invoice, which its drafts do not have yet, and the share of rows that have it."""

_SOLD = re.compile(
    r"\b(sold|sales|verkauft|umsatz|vendus?|vendues?|ventes?|vendid[oa]s?|ventas?|vendut[oai]|vendite|verkocht|verkopen"
    r"|omzet|vendas?|sprzedan\w*|sprzedaz|sald|salda|forsaljning|solgt|salg|omsetning|omsaetning|prodano|prodej|trzby"
    r"|satilan|satis)\b"
)
"""What was sold, by its name."""

OF_SALES = frozenset({R.QUANTITY, R.REVENUE, R.PRICE})
OF_PEOPLE = frozenset({R.EMPLOYEE, R.STAFF_ROLE, R.RATE, R.MAX_HOURS, R.AVAILABILITY, R.SHIFT, R.PEOPLE_NEEDED})
OF_MEDIA = frozenset({R.CHANNEL_SPEND, R.TRAFFIC, R.LEADS})
OF_STOCK = frozenset(
    {R.ON_HAND, R.ON_ORDER, R.LEAD_TIME, R.VOLUME, R.CASE_PACK, R.MINIMUM_ORDER, R.SHELF_LIFE, R.SUPPLIER, R.COST}
)
MARKS = frozenset({R.STATUS, R.ROW_TYPE, R.VOID})
ROLES: Mapping[TableKind, frozenset[ColumnRole]] = {
    **dict.fromkeys(SALES, frozenset(ColumnRole) - (OF_PEOPLE - {R.EMPLOYEE})),
    K.PAYMENTS: frozenset({R.DATE, R.ITEM, R.REVENUE, R.QUANTITY, R.DOCUMENT, R.CHANNEL, R.STORE}) | MARKS,
    K.ADS: frozenset({R.DATE, R.CHANNEL, R.STORE, R.STATUS}) | OF_MEDIA,
    K.TRAFFIC: frozenset({R.DATE, R.CHANNEL, R.STORE, R.TRAFFIC, R.LEADS}),
    **dict.fromkeys(LISTS, frozenset({R.DATE, R.ITEM, R.CATEGORY, R.CODE, R.STORE, R.PRICE, R.STATUS}) | OF_STOCK),
    **dict.fromkeys(PEOPLE, frozenset({R.DATE, R.STORE, R.STATUS}) | OF_PEOPLE),
}
"""The roles that a table of a kind can have; of a kind that is not known, all."""

FIRST: Mapping[ColumnRole, Concept] = {R.CHANNEL: C.CAMPAIGN, R.TRAFFIC: C.VISITS, R.STORE: C.STORE}
"""Where several concepts have a role, the one that has it first."""

SHORTEST_WORD = 4
"""Letters of the words of a title that are looked at."""

SURE = 0.85
"""Confidence from which a name leaves no doubt."""

EVIDENCE = "its header and its values"

R = ColumnRole
COUNTED = frozenset({R.QUANTITY, R.REVENUE, R.TRAFFIC, R.LEADS, R.CHANNEL_SPEND, R.PEOPLE_NEEDED})


@dataclass(frozen=True)
class TableMeaning:
    """What a table was understood to be.

    Attributes:
        kind: what it is.
        columns: each column with its role.
        concepts: what each column is, more finely, by its name; only those that are known.
        counted: what a sale is counted by.
        system: the system whose export it is, where that is known.
        margin: by how much evidence its kind is ahead of the next.
    """

    kind: TableKind
    columns: tuple[Column, ...]
    concepts: Mapping[str, Concept] = field(default_factory=dict)
    counted: Counted = field(default_factory=Counted)
    system: str = ""
    margin: float = 0.0


def understand(candidates: Sequence[RoleCandidate], title: str = "") -> TableMeaning:
    """What the table is and what its columns are, decided together; what the owner chose stands.

    Args:
        candidates: its columns, those that the owner gave a role with a hint of confidence 1.
        title: what stands above it, and the name of its tab or file.
    """
    known = known_export([candidate.name for candidate in candidates])
    headers = {normal(candidate.name) for candidate in candidates}
    given = bool(headers & GIVEN and headers & FAMILY)
    options = [_options(candidate, known.columns if known else {}, given=given) for candidate in candidates]
    titled = _concepts_in(title)
    options = with_totals(candidates, in_company(candidates, options), in_stock=C.ON_HAND in titled)
    kind, margin = (
        (known.kind, 9.0)
        if known
        else kind_of(options, titled, days_once=_days_once(candidates), sold=_is_sold(candidates))
    )
    of_costs = kind not in (K.ADS, K.TRAFFIC) and _is_of_costs(title)
    kind = K.OTHER if of_costs and kind in SALES else kind
    meanings = settle(kind, candidates, options, of_costs=of_costs)
    item, document = item_of(kind, meanings), _document(meanings)
    item = finer_item(kind, meanings, item)
    counted = counted_by(kind, meanings, item, document)
    hints = _hints(kind, meanings, counted, item, document)
    hints = _finest(kind, by_values(kind, meanings, hints))
    hints = _owners_first(candidates, hints)
    columns = tuple(
        Column(candidate.name, hint.role, candidate.kind, hint.confidence, hint.why) if hint else _without_part(one)
        for candidate, hint, one in zip(candidates, hints, meanings, strict=True)
    )
    concepts = {one.column.name: one.concept for one in meanings if one.concept and one.confidence >= LIKELY}
    return TableMeaning(kind, columns, concepts, counted, known.system if known else "", margin)


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
    groups = [one.column for one, hint in zip(meanings, hints, strict=True) if hint and hint.role is R.CATEGORY]
    names = [place for place, column in free.items() if column.comes_again]
    names = [place for place in names if not groups or groups_of(groups[0], meanings[place].column)]
    names = _priced_by(meanings, hints, names)
    sold = any(hint is not None and hint.role in (R.QUANTITY, R.REVENUE) for hint in new_hints)
    if sold and R.ITEM not in roles and len(names) == 1 and kind not in (K.ORDERS, K.INVOICES):
        new_hints[names[0]] = Hint(R.ITEM, 0.4, "names that come again and again")
    return new_hints


def _without_part(one: ColumnMeaning) -> Column:
    """A column that no calculation needs, and what it is where that is known."""
    if one.concept is None or one.confidence < LIKELY:
        return Column(one.column.name, R.OTHER, one.column.kind, 0.5, "nothing tells what it is")
    word = one.concept.value.replace("_", " ")
    return Column(one.column.name, R.OTHER, one.column.kind, one.confidence, f"{word}, which takes no part")


def _options(candidate: RoleCandidate, known: Mapping[str, Concept], *, given: bool) -> dict[Concept, float]:
    """What a column may be; what the owner chose, or how it was computed, leaves no other."""
    options, hint = options_of(candidate, known, beside_given_names=given), candidate.hint
    if hint is None or hint == header_hint(candidate.name):
        return options
    allowed = [concept for concept, role in ROLE_OF.items() if role is hint.role]
    if not allowed:
        return {}
    best = max(allowed, key=lambda concept: (options.get(concept, 0.0), -allowed.index(concept)))
    return {best: max(0.9, hint.confidence)}


def _is_sold(candidates: Sequence[RoleCandidate]) -> bool:
    """True where a header says that something was sold, and none what lies in stock."""
    sold = [candidate.name for candidate in candidates if _SOLD.search(normal(candidate.name))]
    return any(one.concept in (C.QUANTITY, *MONEY) for name in sold for one in readings(name)[:1])


def _is_of_costs(title: str) -> bool:
    """True where what stands right above the table, or the name of its sheet, is a word for costs."""
    near = [re.sub(r"\([^)]*\)|\d+", " ", part) for part in title.split(" · ")[-2:]]
    costs = (C.COST, C.COST_TOTAL, C.WAGES)
    return any(one.concept in costs and one.confidence > SURE for part in near for one in readings(part)[:2])


def _concepts_in(title: str) -> frozenset[Concept]:
    """What the words of a title are called like."""
    first = (readings(word)[:1] for word in normal(title).split() if len(word) >= SHORTEST_WORD)
    return frozenset(one.concept for found in first for one in found if one.confidence >= SURE)


def _days_once(candidates: Sequence[RoleCandidate]) -> bool:
    dates = [candidate for candidate in candidates if candidate.kind == "date" and len(candidate.some) > 2]
    return bool(dates) and any(candidate.distinct == len(candidate.some) for candidate in dates)


def _document(meanings: Sequence[ColumnMeaning]) -> int | None:
    """The number of the order, invoice or receipt: of several the one that holds rows together."""
    places = [place for place, one in enumerate(meanings) if one.means(C.DOCUMENT)]
    places = [place for place in places if meanings[place].column.filled >= 0.8 and meanings[place].column.distinct > 1]
    several = [place for place in places if meanings[place].column.distinct < len(meanings[place].column.some)]
    return max(several or places, key=lambda p: (meanings[p].confidence, meanings[p].column.distinct), default=None)


def _hints(
    kind: TableKind, meanings: Sequence[ColumnMeaning], counted: Counted, item: int | None, document: int | None
) -> list[Hint | None]:
    """The role of each column, where what it is has one in a table of this kind."""
    hints: list[Hint | None] = [None] * len(meanings)
    roles = ROLES.get(kind, frozenset(ColumnRole))
    if kind is K.ADS and not _names_channels(meanings):  # an owner's own sheet: a column a channel, and what came in
        roles |= {R.REVENUE, R.QUANTITY}
    places = {
        R.QUANTITY: counted.quantity, R.PRICE: counted.price, R.REVENUE: counted.revenue,
        R.ITEM: item, R.DOCUMENT: document, R.DATE: _date(kind, meanings),
    }  # fmt: skip
    for role, place in places.items():
        if place is not None and role in roles:
            hints[place] = Hint(role, meanings[place].confidence or 0.6, EVIDENCE)
    for role, others in _by_role(meanings):
        if role is R.CATEGORY and item is not None:
            others.sort(key=lambda place: -groups_of(meanings[place].column, meanings[item].column))
        if role in roles and role not in places:
            one_only = role not in REPEATABLE_ROLES or (role is R.CHANNEL_SPEND and _names_channels(meanings))
            for place in others[:1] if one_only else others:
                hints[place] = hints[place] or Hint(role, meanings[place].confidence, EVIDENCE)
    if item is not None and kind in SALES | LISTS and not any(hint and hint.role is R.CATEGORY for hint in hints):
        grouped = [p for p, one in enumerate(meanings) if hints[p] is None and parts_items(one, meanings[item].column)]
        hints = [Hint(R.CATEGORY, 0.4, "groups of the items") if p in grouped[:1] else h for p, h in enumerate(hints)]
    if kind in LISTS and counted.price is None:
        listed = [place for place, one in enumerate(meanings) if one.counts(C.LIST_PRICE)]
        hints = [Hint(R.PRICE, 0.7, "a list price") if place in listed[:1] else h for place, h in enumerate(hints)]
    return hints


def _names_channels(meanings: Sequence[ColumnMeaning]) -> bool:
    """True where a column names the channel or the campaign of each row."""
    return any(one.means(C.CAMPAIGN, C.CHANNEL) for one in meanings)


def _by_role(meanings: Sequence[ColumnMeaning]) -> Iterator[tuple[ColumnRole, list[int]]]:
    """For each role its columns, the likeliest first."""
    places_of: dict[ColumnRole, list[int]] = {}
    for place, one in enumerate(meanings):
        role = ROLE_OF.get(one.concept) if one.concept and one.confidence >= LIKELY else None
        if role is not None and len(one.column.some) and one.concept is not C.LIST_PRICE:
            places_of.setdefault(role, []).append(place)
    for role, places in places_of.items():
        yield (
            role,
            sorted(places, key=lambda p: (meanings[p].concept is not FIRST.get(role), -score_of(meanings[p]), p)),
        )


def _date(kind: TableKind, meanings: Sequence[ColumnMeaning]) -> int | None:
    """The date on which a row happened: named so, filled where the numbers are, and not the same in every row."""
    dates = [place for place, one in enumerate(meanings) if one.column.kind == "date" and len(one.column.some)]
    if kind in LISTS | {K.STAFF, K.WEEK}:  # when somebody was hired or something last delivered is no date of the row
        dates = [place for place in dates if meanings[place].means(C.DAY) and meanings[place].confidence > SURE]
        dates = [place for place in dates if not _are_years(meanings[place].column.some)]
    varied = [place for place in dates if meanings[place].column.distinct > 1]
    ends = any(meanings[place].means(C.END) for place in dates)
    begins = any(meanings[place].means(C.START) for place in dates)
    issued = any(
        _ISSUED.search(normal(one.column.name)) and one.column.filled >= DRAFTED
        for one in map(meanings.__getitem__, dates)
    )

    def score(place: int) -> tuple[float, int]:
        one = meanings[place]
        later = kind not in PEOPLE | {K.ADS} and _BEGINS.search(normal(one.column.name))
        begun = 0.9 if ends and kind in SALES else 0.2
        usual = {C.DAY: 0.55 if later else 1.0, C.LATER_DAY: 0.45, C.START: begun, C.END: 0.2 if begins else 0.75}
        factor = usual.get(one.concept or C.DAY, 0.2)
        named = factor * (one.confidence or 0.4) - (0.5 if issued else 0.05) * bool(
            _ENTERED.search(normal(one.column.name))
        )
        return named + 1.5 * one.column.filled - (1.5 if varied and place not in varied else 0.0), -place

    return max(dates, key=score, default=None)


def _are_years(days: pl.Series) -> bool:
    """True for years alone, as of vintages."""
    return bool(((days.dt.month() == 1) & (days.dt.day() == 1)).all())


def _finest(kind: TableKind, hints: list[Hint | None]) -> list[Hint | None]:
    """Where no column names the items, the groups of them are what is sold."""
    if kind not in SALES or any(hint and hint.role is R.ITEM for hint in hints):
        return hints
    return [
        Hint(R.ITEM, hint.confidence, "the finest name of what is sold") if hint and hint.role is R.CATEGORY else hint
        for hint in hints
    ]


def _owners_first(candidates: Sequence[RoleCandidate], hints: Sequence[Hint | None]) -> list[Hint | None]:
    """What the owner chose stands, and takes its role from whatever else had it."""
    owned = {place: c.hint for place, c in enumerate(candidates) if c.hint is not None and c.hint.confidence == 1}
    taken = {hint.role for hint in owned.values()} - REPEATABLE_ROLES
    rest = [None if hint is not None and hint.role in taken else hint for hint in hints]
    return [owned.get(place, hint) for place, hint in enumerate(rest)]


def _priced_by(meanings: Sequence[ColumnMeaning], hints: Sequence[Hint | None], names: list[int]) -> list[int]:
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
