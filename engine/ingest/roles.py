"""What a column means to the business, guessed from its header and its values, with the reason."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

import polars as pl

from engine.business.calendar import LOCALES
from engine.dataset import REPEATABLE_ROLES, Column, ColumnKind, ColumnRole
from engine.ingest.dates import without_accents
from engine.ingest.header_vocabulary import HEADER_WORDS

R = ColumnRole

KIND_OF_ROLE: Mapping[ColumnRole, ColumnKind] = {
    R.DATE: "date",
    **dict.fromkeys((R.ITEM, R.CATEGORY, R.STORE, R.SUPPLIER, R.EMPLOYEE, R.STAFF_ROLE, R.SHIFT), "text"),
    **dict.fromkeys((R.QUANTITY, R.REVENUE, R.PRICE, R.COST, R.ON_HAND, R.LEAD_TIME, R.VOLUME), "number"),
    **dict.fromkeys((R.ON_ORDER, R.SHELF_LIFE), "number"),
    **dict.fromkeys((R.MINIMUM_ORDER, R.CHANNEL_SPEND, R.TRAFFIC, R.LEADS, R.RATE, R.MAX_HOURS), "number"),
    **dict.fromkeys((R.CASE_PACK, R.PEOPLE_NEEDED), "number"),
}
"""How a role's values are stored; roles that are not named here take any kind."""

MONEY_ROLES = frozenset({R.REVENUE, R.PRICE, R.COST, R.CHANNEL_SPEND, R.RATE})

_NOT_ROLES = re.compile(
    r"\b(balance|saldo|solde|phone|tel|telefon|zip|postcode|postal|plz|vat|tax|mwst|tva|iva|btw|fax|latitude"
    r"|longitude|account|konto|compte|cuenta|conto|rekening)\b"
)
_IDENTIFIER = re.compile(
    r"\b(?:id|nummer|code|key|ref|fips|index|identifier|sku|ean|isbn|nr|no|number|numero|num)\b(?! (?:of|de|von|van)\b)"
)
_RUNNING = re.compile(
    r"\b(cumulative|cumul\w*|kumuliert\w*|ytd|\w+ to date|running total|acumulad[oa]|progressivo|cumulatief"
    r"|narastajaco)\b"
)
_SECOND_DATES = re.compile(
    r"\b(start|end|due|expiry|expires|birth|delivery|hire|paid|updated?|created|modified|until)\b"
)
"""A row's first date is when it happened; these are when something else did."""

_EXACT, _CONTAINED, _LAST_WORD = 0.95, 0.75, 0.85
_LONGEST_HEADER = 1_000
"""Letters of a header that are looked at."""

_MOST_FACTORS, _FEWEST_PRODUCTS, _PRODUCT_SHARE = 6, 5, 0.95
"""Columns among which a product is looked for, rows that it needs, and their share in which it must hold."""


@dataclass(frozen=True)
class Hint:
    """A role that a header suggests.

    Attributes:
        role: the role.
        confidence: 0..1.
        why: the evidence, in a few words.
    """

    role: ColumnRole
    confidence: float
    why: str


@dataclass(frozen=True)
class RoleCandidate:
    """A column that waits for its role.

    Attributes:
        name: the header.
        kind: what its values turned out to be.
        values: the clean values.
        hint: what the header suggests, or what the owner chose (confidence 1).
    """

    name: str
    kind: ColumnKind
    values: pl.Series
    hint: Hint | None


def header_hint(header: str) -> Hint | None:
    """The role that a header's words suggest, or None.

    >>> header_hint("Qty sold").role.value, header_hint("Einzelpreis (EUR)").role.value
    ('quantity', 'price')
    """
    text = _normal(header)
    vocabulary = _vocabulary()
    for exact in (text, _without_unit(text)):
        if exact in vocabulary:
            return Hint(vocabulary[exact], _EXACT, "the header says so")
    if not text or _NOT_ROLES.search(text) or is_identifier(text):
        return None
    if is_running_total(header):
        return Hint(R.OTHER, _CONTAINED, "a running total, by its name")
    words = text.split()
    phrases = [
        (" ".join(words[start:end]), end)
        for start in range(len(words))
        for end in range(start + 1, min(start + _longest_phrase(), len(words)) + 1)
    ]
    matches = [(phrase, end) for phrase, end in phrases if phrase in vocabulary and len(phrase) > 2]
    if not matches:
        return None
    phrase, end = max(matches, key=lambda match: (len(match[0].split()), match[1]))
    confidence = _LAST_WORD if end == len(words) else _CONTAINED
    if vocabulary[phrase] is R.DATE and _SECOND_DATES.search(text):
        confidence = _CONTAINED - 0.1
    return Hint(vocabulary[phrase], confidence, f'the header has "{phrase}" in it')


def assign(candidates: Sequence[RoleCandidate]) -> tuple[Column, ...]:
    """Each column with its role: the owner's choice first, then the headers' words, then the values."""
    hints = [_fitting(candidate) for candidate in candidates]
    hints = _by_company(candidates, hints)
    hints = _one_column_a_role(hints)
    hints = _from_values(candidates, hints)
    return tuple(
        Column(candidate.name, hint.role, candidate.kind, hint.confidence, hint.why)
        if hint
        else Column(candidate.name, R.OTHER, candidate.kind, 0.5, "nothing tells what it is")
        for candidate, hint in zip(candidates, hints, strict=True)
    )


def _fitting(candidate: RoleCandidate) -> Hint | None:
    """The hint, unless the values are of another kind than the role takes."""
    hint = candidate.hint
    if hint is None or hint.confidence == 1:
        return hint
    kind_of_role = KIND_OF_ROLE.get(hint.role, candidate.kind)
    return hint if kind_of_role == candidate.kind and candidate.values.null_count() < len(candidate.values) else None


def _by_company(candidates: Sequence[RoleCandidate], hints: list[Hint | None]) -> list[Hint | None]:
    """Settle headers that mean one thing in one table and another elsewhere."""
    roles = {hint.role for hint in hints if hint}
    spend = sum(hint is not None and hint.role is R.CHANNEL_SPEND for hint in hints)
    new_hints = list(hints)
    for index, candidate in enumerate(candidates):
        hint = new_hints[index]
        if R.EMPLOYEE in roles and hint is None and _normal(candidate.name) in _weekdays():
            new_hints[index] = Hint(R.AVAILABILITY, 0.8, "a weekday beside the staff")
        elif (
            R.EMPLOYEE not in roles
            and _normal(candidate.name) == "name"
            and hint is None
            and roles & {R.RATE, R.MAX_HOURS}
        ):
            new_hints[index] = Hint(R.EMPLOYEE, 0.8, "names beside pay or hours")
        elif hint and hint.role is R.COST and hint.confidence < 1 and spend and R.PRICE not in roles:
            new_hints[index] = Hint(R.CHANNEL_SPEND, 0.6, "a cost beside marketing spend")
    return new_hints


def _one_column_a_role(hints: list[Hint | None]) -> list[Hint | None]:
    best: dict[ColumnRole, int] = {}
    for index, hint in enumerate(hints):
        if hint and hint.role not in REPEATABLE_ROLES:
            holder = hints[best[hint.role]] if hint.role in best else None
            if holder is None or hint.confidence > holder.confidence:
                best[hint.role] = index
    return [
        hint if hint and (hint.role in REPEATABLE_ROLES or best[hint.role] == index) else None
        for index, hint in enumerate(hints)
    ]


def _from_values(candidates: Sequence[RoleCandidate], hints: list[Hint | None]) -> list[Hint | None]:
    """Fill the roles that no header names: the date, what is counted, and what it is counted of."""
    new_hints = list(hints)
    roles = {hint.role for hint in new_hints if hint}
    free = [index for index, hint in enumerate(new_hints) if hint is None]
    dates = [index for index in free if candidates[index].kind == "date"]
    if R.DATE not in roles and dates:
        new_hints[dates[0]] = Hint(R.DATE, 0.9 if len(dates) == 1 else 0.6, "its cells are dates")
        roles.add(R.DATE)
    if R.DATE not in roles:
        return new_hints
    counted = [index for index in free if candidates[index].kind == "number" and _varies(candidates[index])]
    counted = [index for index in counted if not _is_coded(candidates[index].values)] or counted
    if counted and not roles & {R.QUANTITY, R.REVENUE, R.TRAFFIC, R.LEADS, R.CHANNEL_SPEND, R.PEOPLE_NEEDED}:
        for index, hint in _hint_counts(candidates, counted).items():
            new_hints[index] = hint
    names = [index for index in free if candidates[index].kind == "text" and _repeats(candidates[index].values)]
    sold = any(hint is not None and hint.role in (R.QUANTITY, R.REVENUE) for hint in new_hints)
    if sold and R.ITEM not in roles and len(names) == 1:
        new_hints[names[0]] = Hint(R.ITEM, 0.4, "names that come again and again")
    return new_hints


def _hint_counts(candidates: Sequence[RoleCandidate], places: Sequence[int]) -> dict[int, Hint]:
    """What is counted, by place: by arithmetic where two columns make a third, otherwise the first that may be."""
    values = {place: candidates[place].values for place in places}
    if product := _product(values):
        quantity, price, total = product
        why = f"{candidates[quantity].name} times {candidates[price].name}"
        parts = {
            place: Hint(role, 0.7, f"part of {candidates[total].name}")
            for place, role in ((quantity, R.QUANTITY), (price, R.PRICE))
        }
        return parts | {total: Hint(R.REVENUE, 0.7, why)}
    places = [place for place in places if not is_counter(values[place])] or places
    if len(places) == 1:
        role = R.QUANTITY if _whole(values[places[0]]) else R.REVENUE
        return {places[0]: Hint(role, 0.6, "the only numbers beside the dates")}
    first = "the first numbers beside the dates"
    whole = next((place for place in places if _whole(values[place])), None)
    money = next((place for place in places if not _whole(values[place]) and _mostly_filled(values[place])), None)
    nameless = all(re.fullmatch(r"Column \d+", candidates[place].name) for place in places)
    if whole is not None and money is not None and (nameless or len(places) == 2):
        return {whole: Hint(R.QUANTITY, 0.3, first), money: Hint(R.REVENUE, 0.3, "the first amounts with decimals")}
    return {places[0]: Hint(R.QUANTITY if _whole(values[places[0]]) else R.REVENUE, 0.3, first)}


def _product(values: Mapping[int, pl.Series]) -> tuple[int, int, int] | None:
    """Places of quantity, price and their product among the first columns of numbers, or None."""
    for one, other in combinations(list(values)[:_MOST_FACTORS], 2):
        for total in list(values)[:_MOST_FACTORS]:
            if total in (one, other) or not _makes(values[one], values[other], values[total]):
                continue
            whole = _whole(values[one])
            return (one, other, total) if whole or not _whole(values[other]) else (other, one, total)
    return None


def _makes(one: pl.Series, other: pl.Series, total: pl.Series) -> bool:
    """True when the first two multiply to the third in nearly every row, and not because one of them is always 1."""
    complete = one.is_not_null() & other.is_not_null() & total.is_not_null()
    if complete.sum() < _FEWEST_PRODUCTS or any(part.filter(complete).n_unique() < 2 for part in (one, other, total)):
        return False
    close = (one * other - total).filter(complete).abs() <= 0.01 + 0.005 * total.filter(complete).abs()
    return bool(close.mean() >= _PRODUCT_SHARE and ((one.filter(complete) != 1) & (other.filter(complete) != 1)).any())  # type: ignore[operator]


def _mostly_filled(values: pl.Series) -> bool:
    return values.null_count() * 2 <= len(values)


def is_running_total(header: str) -> bool:
    """True for headers such as "Cumulative sales" and "YTD": their figures contain those of the rows before."""
    return _RUNNING.search(_normal(header)) is not None


def _varies(candidate: RoleCandidate) -> bool:
    return candidate.values.n_unique() > 1 and not is_identifier(candidate.name)


def _is_coded(values: pl.Series) -> bool:
    """True for whole numbers that are all of one length and come again and again: till, card and account numbers."""
    some = values.drop_nulls()
    if len(some) < 8 or not _whole(some) or some.min() < 100:  # type: ignore[operator]
        return False
    lengths = some.cast(pl.Int64, strict=False).cast(pl.String).str.len_chars()
    return bool(lengths.n_unique() == 1 and some.n_unique() * 4 <= len(some))


def is_counter(values: pl.Series) -> bool:
    """True for numbers that go up by one from row to row: they count the rows, or the years."""
    return len(values) > 2 and bool((values.diff()[1:] == 1).fill_null(False).all())


def _whole(values: pl.Series) -> bool:
    return bool((values.drop_nulls() % 1 == 0).all())


def _repeats(values: pl.Series) -> bool:
    names = values.drop_nulls().filter(~values.drop_nulls().str.to_lowercase().is_in(["true", "false", "yes", "no"]))
    return len(names) > 0 and 2 <= names.n_unique() <= max(2, len(names) // 3)


def is_identifier(header: str) -> bool:
    """True for headers such as "Order no." and "customer_id": their digits are names, not amounts."""
    return _IDENTIFIER.search(_normal(header)) is not None


@cache
def _vocabulary() -> dict[str, ColumnRole]:
    roles = reversed(list(HEADER_WORDS))
    return {phrase: role for role in roles for phrase in " ".join(HEADER_WORDS[role].split()).split(", ")}


@cache
def _longest_phrase() -> int:
    return max(len(phrase.split()) for phrase in _vocabulary())


@cache
def _weekdays() -> frozenset[str]:
    from babel.dates import get_day_names

    names = (
        name
        for locale in LOCALES
        for width in ("wide", "abbreviated")
        for name in get_day_names(width, context="stand-alone", locale=locale).values()
    )
    return frozenset(_normal(name) for name in names)


def _normal(header: str) -> str:
    """Lower case, without accents, units in brackets kept as words, camelCase split."""
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header[:_LONGEST_HEADER].rstrip("*†‡¹²³⁴⁵⁶⁷⁸⁹"))
    return re.sub(r"[\W_]+", " ", without_accents(split).lower()).strip()


def _without_unit(text: str) -> str:
    return re.sub(
        r"\b(eur|usd|gbp|chf|pln|euro|euros|dollars|days|tage|kg|excl|incl|net|netto|brutto)\b", "", text
    ).strip()
