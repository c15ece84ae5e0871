"""What each column of a table may be: its header's words, corrected by its values."""

import re
from collections.abc import Mapping, Sequence

from engine.dataset import ColumnKind
from engine.ingest.meaning.concepts import KIND_OF_CONCEPT, MONEY, Concept
from engine.ingest.meaning.kinds import LISTS, PEOPLE, SALES, K, TableKind
from engine.ingest.meaning.names import NameReading, normal, readings, weekdays
from engine.ingest.meaning.profile import RoleCandidate

C = Concept
Options = dict[Concept, float]

OF_WHOLES = frozenset({C.VISITS, C.VISITORS, C.IMPRESSIONS, C.DOCUMENTS, C.EVENTS, C.PEOPLE_NEEDED})
"""What is counted in whole numbers: with decimals it is a rate."""

NO_SALES = frozenset(
    "shipping delivery billing payment surcharge fee discount tax versand rabatt livraison remise envio spedizione "
    "verzending frete dostawa doprava frakt kargo tip gratuity rounding giftcard".split()
)
"""Words for kinds of rows beside products: a column that has some of them says what kind a row is."""

STATUS_WORDS = (
    "cancel", "void", "paid", "unpaid", "refund", "pending", "complete", "fulfilled", "shipped", "draft", "open",
    "closed", "fail", "declin", "deliver", "active", "archiv", "bezahlt", "offen", "storn", "versandt", "erledigt",
    "annul", "pagad", "pagat", "payé", "payée", "livré", "betaald", "geannuleerd", "zapłac", "anulow", "opłac",
    "confirm", "no show", "no-show", "booked", "zaplac", "betald", "maksettu", "realizad", "abgeschlossen",
)  # fmt: skip
"""How the words of a status begin, lower case."""

TYPE_WORDS = (
    "charge", "refund", "payout", "sale", "return", "order", "fee", "transfer", "payment", "adjust", "withdraw",
    "verkauf", "erstatt", "auszahl", "vente", "rembours", "venta", "devol", "vendita", "rimborso", "reso", "verkoop",
    "retour", "venda", "sprzeda", "zwrot", "invoice", "credit", "rechnung", "gutschrift", "facture", "avoir",
)  # fmt: skip
"""How the words for the kind of a row begin, lower case."""

_IS_KIND = re.compile(r"\b(type|kind|typ|art|tipo|soort|rodzaj|tur)\b")
_AMBIGUOUS = {
    "name",
    "full name",
    "title",
    "nombre",
    "nom",
    "nome",
    "naam",
    "nazwa",
    "namn",
    "navn",
    "jmeno",
    "bezeichnung",
}


def options_of(candidate: RoleCandidate, known: Mapping[str, Concept]) -> Options:
    """What a column may be, with the confidence in each; empty when neither its name nor its values tell.

    Args:
        candidate: the column.
        known: of an export that is known, what its headers stand for.
    """
    name = normal(candidate.name)
    if name in known:
        return {known[name]: 0.99}
    options = {one.concept: _believed(one, candidate) for one in readings(candidate.name)}
    options = {concept: confidence for concept, confidence in options.items() if confidence > 0.1}
    for concept, confidence in _by_values(candidate).items():
        options[concept] = max(confidence, options.get(concept, 0.0))
    return options


def _believed(reading: NameReading, candidate: RoleCandidate) -> float:
    """The confidence in what a name says after a look at the values."""
    concept, kind = reading.concept, candidate.kind
    if not _fits(concept, kind, candidate):
        return 0.0
    confidence = reading.confidence
    if concept is C.QUANTITY and (candidate.is_counter or candidate.is_coded) and reading.confidence < 0.65:
        confidence *= 0.2
    if concept in (C.STATUS, C.ROW_TYPE) and (candidate.distinct > 40 or _are_places(candidate)):
        confidence *= 0.3
    if concept is C.VOID and candidate.kind == "number" and candidate.distinct > 2:
        confidence *= 0.2  # "Returns" as an amount
    if concept in OF_WHOLES and candidate.kind == "number" and not candidate.is_whole:
        confidence *= 0.3
    if concept is C.EMPLOYEE and candidate.is_mail:
        confidence = 0.0
    if concept is C.ID and not (candidate.kind == "number" and not candidate.is_whole):
        return confidence
    return 0.3 * confidence if concept is C.ID else confidence


def _are_places(candidate: RoleCandidate) -> bool:
    """True for abbreviations such as those of American states, whose column is called like that of a status."""
    return normal(candidate.name) == "state" and all(len(word) <= 3 for word in candidate.words)


def _fits(concept: Concept, kind: ColumnKind, candidate: RoleCandidate) -> bool:
    wanted = KIND_OF_CONCEPT.get(concept)
    if not len(candidate.some):
        return False
    if concept is C.CODE or concept is C.EMPLOYEE_ID:
        return kind != "date"
    if concept is C.TIME_OF_DAY:
        return True
    if concept in (C.START, C.END):
        return candidate.is_times or kind == "date"
    if concept in (C.DOCUMENT, C.ROW_TYPE, C.STATUS):
        return kind != "date" and not (kind == "number" and not candidate.is_whole)
    return wanted is None or wanted == kind


def _by_values(candidate: RoleCandidate) -> Options:
    """What the values alone say."""
    if candidate.kind == "date":
        return {C.DAY: 0.4}
    if candidate.kind == "text":
        return _by_texts(candidate)
    return {}


def _by_texts(candidate: RoleCandidate) -> Options:
    name = normal(candidate.name)
    if candidate.is_mail:
        return {C.TEXT: 0.95}
    if candidate.is_currency:
        return {C.CURRENCY: 0.95}
    if name in weekdays():
        return {C.AVAILABILITY: 0.8}
    if candidate.is_document:
        return {C.DOCUMENT: 0.55}
    if candidate.words and not candidate.is_yes_no and candidate.distinct <= 15:
        if _IS_KIND.search(name) and candidate.words & NO_SALES:
            return {C.ROW_TYPE: 0.97}
        begin = [sum(word.startswith(known) for word in candidate.words) for known in STATUS_WORDS]
        if sum(begin) >= 0.6 * len(candidate.words) and sum(begin) >= 2:
            return {C.STATUS: 0.6}
        begin = [sum(word.startswith(known) for word in candidate.words) for known in TYPE_WORDS]
        if sum(begin) >= 0.6 * len(candidate.words) and sum(begin) >= 2:
            return {C.ROW_TYPE: 0.6}
    return {}


def _holds_rows_together(candidate: RoleCandidate) -> bool:
    """True for codes each of which stands on rows right below each other only: those of orders, not of articles."""
    some = candidate.some
    if candidate.filled < 1 or len(some) < 6 or candidate.distinct == len(some):
        return False
    return int((some != some.shift(1)).sum()) + 1 == candidate.distinct and candidate.distinct > 0.2 * len(some)


def settle(
    kind: TableKind, candidates: Sequence[RoleCandidate], options: Sequence[Options]
) -> list[tuple[Concept, float] | None]:
    """What each column is in a table of this kind: of what it may be, the likeliest in such company."""
    from engine.ingest.meaning.kinds import WEIGHTS

    weights = WEIGHTS.get(kind, {})
    chosen: list[tuple[Concept, float] | None] = []
    for column in options:
        if not column:
            chosen.append(None)
            continue
        best = max(column, key=lambda one: column[one] * (1 + 0.12 * weights.get(one, 0.0)))
        chosen.append((best, column[best]))
    return _in_company(kind, candidates, chosen)


def _in_company(
    kind: TableKind, candidates: Sequence[RoleCandidate], chosen: list[tuple[Concept, float] | None]
) -> list[tuple[Concept, float] | None]:
    """Settle words that mean one thing in one kind of table and another elsewhere."""
    there = {one[0] for one in chosen if one and one[1] >= 0.5}
    exchanged = list(chosen)

    def exchange(wanted: Concept, *instead: Concept, confidence: float = 0.8) -> None:
        """The first column that is one of these is what is wanted, where no column is it yet."""
        if wanted in there:
            return
        for other in instead:
            for place, one in enumerate(exchanged):
                if one and one[0] is other and one[1] >= 0.5:
                    exchanged[place] = (wanted, min(one[1], confidence))
                    there.add(wanted)
                    return

    names = [place for place, candidate in enumerate(candidates) if normal(candidate.name) in _AMBIGUOUS]
    names = [
        place
        for place in names
        if candidates[place].kind == "text" and (not exchanged[place] or exchanged[place][0] in (C.ITEM, C.EMPLOYEE))
    ]  # type: ignore[index]
    wanted = (
        C.EMPLOYEE
        if kind in PEOPLE
        else C.CAMPAIGN
        if kind in (K.ADS, K.TRAFFIC)
        else C.ITEM
        if kind in LISTS | {K.SALE_LINES}
        else None
    )
    if names and wanted is not None and wanted not in there - ({C.ITEM, C.EMPLOYEE} if exchanged[names[0]] else set()):
        exchanged[names[0]] = (wanted, 0.85)
        there.add(wanted)
    if kind is K.ADS:
        exchange(C.SPEND, C.COST, C.COST_TOTAL, C.AMOUNT)
        exchange(C.CAMPAIGN, C.ITEM, C.CATEGORY)
    if kind is K.STOCK:
        exchange(C.ON_HAND, C.QUANTITY)
    if kind in SALES | {K.PAYMENTS} and C.DOCUMENT not in there:
        for place, one in enumerate(exchanged):
            if one and one[0] is C.CODE and (candidates[place].is_document or _holds_rows_together(candidates[place])):
                exchanged[place] = (C.DOCUMENT, 0.8)
                break
    if kind in SALES:
        exchange(C.DAY, C.LATER_DAY, confidence=0.7)
        if not there & {C.QUANTITY, C.NET, C.GROSS, C.AMOUNT, C.LINE_TOTAL, C.DOCUMENT_TOTAL, C.PRICE}:
            exchange(C.QUANTITY, C.DOCUMENTS, C.ON_HAND)
        if not there & {*MONEY, C.PRICE}:
            exchange(C.AMOUNT, C.COST_TOTAL, confidence=0.5)
    return exchanged
