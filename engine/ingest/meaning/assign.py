"""One reading of a whole table: what it is, and what each of its columns is."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from engine.dataset import REPEATABLE_ROLES, Column, ColumnRole, TableKind
from engine.ingest.meaning.columns import options_of, settle
from engine.ingest.meaning.concepts import KIND_OF_ROLE, ROLE_OF, Concept
from engine.ingest.meaning.kinds import LISTS, PEOPLE, SALES, K, kind_of
from engine.ingest.meaning.known import known_export
from engine.ingest.meaning.money import Chosen, Counted, counted_by
from engine.ingest.meaning.names import Hint, header_hint, is_identifier, normal
from engine.ingest.meaning.profile import RoleCandidate
from engine.ingest.meaning.relations import product

C, R = Concept, ColumnRole

LIKELY = 0.5
"""Confidence from which a name counts as known."""

_BEGINS = re.compile(r"\b(start|starts|begin|beginn|from|debut|inicio|inizio|poczatek)\b")
"""A row that starts on one day happened, where another date stands beside it, on that one."""

OF_SALES = frozenset({R.QUANTITY, R.REVENUE, R.PRICE})
OF_PEOPLE = frozenset({R.EMPLOYEE, R.STAFF_ROLE, R.RATE, R.MAX_HOURS, R.AVAILABILITY, R.SHIFT, R.PEOPLE_NEEDED})
OF_MEDIA = frozenset({R.CHANNEL_SPEND, R.TRAFFIC, R.LEADS})
OF_STOCK = frozenset(
    {R.ON_HAND, R.ON_ORDER, R.LEAD_TIME, R.VOLUME, R.CASE_PACK, R.MINIMUM_ORDER, R.SHELF_LIFE, R.SUPPLIER, R.COST}
)
COUNTED = frozenset({R.QUANTITY, R.REVENUE, R.TRAFFIC, R.LEADS, R.CHANNEL_SPEND, R.PEOPLE_NEEDED})


@dataclass(frozen=True)
class Understanding:
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


def understand(candidates: Sequence[RoleCandidate]) -> Understanding:
    """What the table is and what its columns are, decided together; what the owner chose stands.

    Args:
        candidates: its columns, those that the owner gave a role with a hint of confidence 1.
    """
    known = known_export([candidate.name for candidate in candidates])
    options = [options_of(candidate, known.columns if known else {}) for candidate in candidates]
    for place, candidate in enumerate(candidates):
        hint = candidate.hint
        if hint is not None and hint != header_hint(candidate.name):  # the owner's, or of what was computed
            options[place] = _as_chosen(hint.role, options[place], confidence=max(0.9, hint.confidence))
    kind, margin = (known.kind, 9.0) if known else kind_of(options, days_once=_days_once(candidates))
    chosen = settle(kind, candidates, options)
    item = _best(candidates, chosen, (C.ITEM, C.CODE))
    document = _document(candidates, chosen)
    counted = counted_by(kind, candidates, chosen, item, document)
    hints = _hints(kind, candidates, chosen, counted, item, document)
    hints = _from_values(kind, candidates, chosen, hints)
    hints = _finest(kind, hints)
    hints = _owners_first(candidates, hints)
    columns = tuple(
        Column(candidate.name, hint.role, candidate.kind, hint.confidence, hint.why)
        if hint
        else Column(candidate.name, R.OTHER, candidate.kind, 0.5, "nothing tells what it is")
        for candidate, hint in zip(candidates, hints, strict=True)
    )
    concepts = {
        candidate.name: one[0] for candidate, one in zip(candidates, chosen, strict=True) if one and one[1] >= LIKELY
    }
    return Understanding(kind, columns, concepts, counted, known.system if known else "", margin)


def _as_chosen(role: ColumnRole, options: Mapping[Concept, float], *, confidence: float = 1.0) -> dict[Concept, float]:
    """Only what the role allows: of the concepts with this role the likeliest by name."""
    allowed = [concept for concept, its in ROLE_OF.items() if its is role]
    if not allowed:
        return {}
    best = max(allowed, key=lambda concept: (options.get(concept, 0.0), -allowed.index(concept)))
    return {best: confidence}


def _days_once(candidates: Sequence[RoleCandidate]) -> bool:
    dates = [candidate for candidate in candidates if candidate.kind == "date" and len(candidate.some) > 2]
    return bool(dates) and any(candidate.distinct == len(candidate.some) for candidate in dates)


def _best(candidates: Sequence[RoleCandidate], chosen: Chosen, wanted: Sequence[Concept]) -> int | None:
    """The column that is the first of these concepts; of several the surest and fullest."""
    full = max((candidate.filled for candidate in candidates), default=1.0) or 1.0
    for concept in wanted:
        places = [place for place, one in enumerate(chosen) if one and one[0] is concept and one[1] >= LIKELY]
        places = [place for place in places if len(candidates[place].some)]
        if places:
            best = max(places, key=lambda place: (_score(candidates[place], chosen[place][1]), -place))  # type: ignore[index]
            if candidates[best].filled >= 0.3 * full or concept is wanted[-1]:
                return best
    return None


def _score(candidate: RoleCandidate, confidence: float) -> float:
    """How well a column stands for what it is: full, with names that come again, in words and not in numbers."""
    digits = bool(candidate.cells) and all(cell.isdigit() for cell in candidate.cells[:50])
    again = 0.1 * candidate.comes_again - 0.3 * candidate.is_constant - 0.2 * digits
    return confidence + 0.4 * candidate.filled + again


def _document(candidates: Sequence[RoleCandidate], chosen: Chosen) -> int | None:
    """The number of the order, invoice or receipt: of several the one that holds rows together."""
    places = [place for place, one in enumerate(chosen) if one and one[0] is C.DOCUMENT and one[1] >= LIKELY]
    places = [place for place in places if candidates[place].filled >= 0.8 and candidates[place].distinct > 1]
    several = [place for place in places if candidates[place].distinct < len(candidates[place].some)]
    return max(several or places, key=lambda place: (chosen[place][1], candidates[place].distinct), default=None)  # type: ignore[index]


def _hints(
    kind: TableKind,
    candidates: Sequence[RoleCandidate],
    chosen: Chosen,
    counted: Counted,
    item: int | None,
    document: int | None,
) -> list[Hint | None]:
    """The role of each column, where what it is has one in a table of this kind."""
    hints: list[Hint | None] = [None] * len(candidates)
    for place, role in (
        (counted.quantity, R.QUANTITY), (counted.price, R.PRICE), (counted.revenue, R.REVENUE),
        (item, R.ITEM), (document, R.DOCUMENT), (_date(kind, candidates, chosen), R.DATE),
    ):  # fmt: skip
        if place is not None and role in _roles_of(kind):
            confidence = chosen[place][1] if chosen[place] else 0.6  # type: ignore[index]
            hints[place] = Hint(role, confidence, "its header and its values")
    for role, places in _by_role(candidates, chosen):
        if role in _roles_of(kind) and role not in {R.ITEM, R.DOCUMENT, R.DATE, *OF_SALES}:
            one_only = role is R.CHANNEL_SPEND and _names_channels(chosen)
            wanted = places if role in REPEATABLE_ROLES and not one_only else places[:1]
            for place in wanted:
                if hints[place] is None:
                    hints[place] = Hint(role, chosen[place][1], "its header and its values")  # type: ignore[index]
    if kind in LISTS and counted.price is None:
        places = [
            p for p, one in enumerate(chosen) if one and one[0] is C.LIST_PRICE and candidates[p].kind == "number"
        ]
        if places:
            hints[places[0]] = Hint(R.PRICE, 0.7, "a list price")
    return hints


def _names_channels(chosen: Chosen) -> bool:
    """True where a column names the channel or the campaign of each row."""
    return any(one is not None and one[0] in (C.CAMPAIGN, C.CHANNEL) and one[1] >= LIKELY for one in chosen)


def _by_role(candidates: Sequence[RoleCandidate], chosen: Chosen) -> Iterator[tuple[ColumnRole, list[int]]]:
    """For each role its columns, the likeliest first."""
    places_of: dict[ColumnRole, list[int]] = {}
    for place, one in enumerate(chosen):
        role = ROLE_OF.get(one[0]) if one and one[1] >= LIKELY else None
        if role is not None and len(candidates[place].some) and one and one[0] is not C.LIST_PRICE:
            places_of.setdefault(role, []).append(place)
    for role, places in places_of.items():
        first = {R.CHANNEL: C.CAMPAIGN, R.TRAFFIC: C.VISITS, R.STORE: C.STORE}.get(role)
        yield (
            role,
            sorted(
                places,
                key=lambda place: (chosen[place][0] is not first, -_score(candidates[place], chosen[place][1]), place),
            ),
        )  # type: ignore[index]


def _roles_of(kind: TableKind) -> frozenset[ColumnRole]:
    """The roles that a table of this kind can have; of a kind that is not known, all."""
    every = frozenset(ColumnRole)
    if kind in SALES:
        return every - (OF_PEOPLE - {R.EMPLOYEE})
    if kind is K.PAYMENTS:
        return frozenset(
            {R.DATE, R.ITEM, R.REVENUE, R.QUANTITY, R.DOCUMENT, R.STATUS, R.ROW_TYPE, R.VOID, R.CHANNEL, R.STORE}
        )
    if kind is K.ADS:
        return frozenset({R.DATE, R.CHANNEL, R.STORE, R.STATUS}) | OF_MEDIA
    if kind is K.TRAFFIC:
        return frozenset({R.DATE, R.CHANNEL, R.STORE, R.TRAFFIC, R.LEADS})
    if kind in LISTS:
        return frozenset({R.DATE, R.ITEM, R.CATEGORY, R.STORE, R.PRICE, R.STATUS}) | OF_STOCK
    if kind in PEOPLE:
        return frozenset({R.DATE, R.STORE, R.STATUS}) | OF_PEOPLE
    return every


def _date(kind: TableKind, candidates: Sequence[RoleCandidate], chosen: Chosen) -> int | None:
    """The date on which a row happened: named so, filled where the numbers are, and not the same in every row."""
    dates = [place for place, candidate in enumerate(candidates) if candidate.kind == "date" and len(candidate.some)]
    if kind in LISTS | {K.STAFF, K.WEEK}:  # when somebody was hired or something last delivered is no date of the row
        dates = [place for place in dates if chosen[place] and chosen[place][0] is C.DAY and chosen[place][1] >= LIKELY]  # type: ignore[index]
    varied = [place for place in dates if candidates[place].distinct > 1]

    def score(place: int) -> tuple[float, int]:
        concept, confidence = chosen[place] or (C.DAY, 0.4)
        later = kind not in PEOPLE | {K.ADS} and _BEGINS.search(normal(candidates[place].name))
        named = (
            (0.55 if later else 1.0) * confidence
            if concept is C.DAY
            else 0.45 * confidence
            if concept is C.LATER_DAY
            else 0.2
        )
        return named + 1.5 * candidates[place].filled - (1.5 if varied and place not in varied else 0.0), -place

    return max(dates, key=score, default=None)


def _from_values(
    kind: TableKind,
    candidates: Sequence[RoleCandidate],
    chosen: Chosen,
    hints: list[Hint | None],
) -> list[Hint | None]:
    """Fill the roles that no header names, where the table may have them: what is counted, and what it is counted of."""
    roles = {hint.role for hint in hints if hint}
    if R.DATE not in roles or not (kind in SALES or kind in (K.OTHER, K.LEDGER)):
        return hints
    new_hints = list(hints)
    free = [
        place for place, hint in enumerate(hints) if hint is None and not (chosen[place] and chosen[place][1] >= LIKELY)
    ]  # type: ignore[index]
    free = [place for place in free if candidates[place].hint is None or candidates[place].hint.role is not R.OTHER]  # type: ignore[union-attr]
    numbers = [place for place in free if candidates[place].kind == "number" and candidates[place].distinct > 1]
    numbers = [place for place in numbers if not is_identifier(candidates[place].name)]
    numbers = [place for place in numbers if not candidates[place].is_coded] or numbers
    if numbers and not roles & COUNTED:
        for place, hint in _hint_counts(candidates, numbers).items():
            new_hints[place] = hint
    names = [place for place in free if candidates[place].comes_again]
    sold = any(hint is not None and hint.role in (R.QUANTITY, R.REVENUE) for hint in new_hints)
    if sold and R.ITEM not in roles and len(names) == 1 and kind not in (K.ORDERS, K.INVOICES):
        new_hints[names[0]] = Hint(R.ITEM, 0.4, "names that come again and again")
    return new_hints


def _hint_counts(candidates: Sequence[RoleCandidate], places: Sequence[int]) -> dict[int, Hint]:
    """What is counted, by place: by arithmetic where two columns make a third, otherwise the first that may be."""
    values = {place: candidates[place].values for place in places}
    if parts := product(values):
        quantity, price, total = parts
        why = f"{candidates[quantity].name} times {candidates[price].name}"
        factors = {
            place: Hint(role, 0.7, f"part of {candidates[total].name}")
            for place, role in ((quantity, R.QUANTITY), (price, R.PRICE))
        }
        return factors | {total: Hint(R.REVENUE, 0.7, why)}
    places = [place for place in places if not candidates[place].is_counter] or places
    if len(places) == 1:
        role = R.QUANTITY if candidates[places[0]].is_whole else R.REVENUE
        return {places[0]: Hint(role, 0.6, "the only numbers beside the dates")}
    first = "the first numbers beside the dates"
    whole = next((place for place in places if candidates[place].is_whole), None)
    money = next((p for p in places if not candidates[p].is_whole and candidates[p].filled >= 0.5), None)
    nameless = all(re.fullmatch(r"Column \d+", candidates[place].name) for place in places)
    if whole is not None and money is not None and (nameless or len(places) == 2):
        return {whole: Hint(R.QUANTITY, 0.3, first), money: Hint(R.REVENUE, 0.3, "the first amounts with decimals")}
    return {places[0]: Hint(R.QUANTITY if candidates[places[0]].is_whole else R.REVENUE, 0.3, first)}


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
    return [
        owned[place] if place in owned else None if hint is not None and hint.role in taken else hint
        for place, hint in enumerate(hints)
    ]


def fits(role: ColumnRole, candidate: RoleCandidate) -> bool:
    """True when the values are of the kind that the role takes."""
    return KIND_OF_ROLE.get(role, candidate.kind) == candidate.kind and candidate.values.dtype != pl.Null
