"""What each column of a table may be: its header's words, corrected by its values."""

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import permutations

from engine.business.standing import CANCELLED, MOVED, REFUNDED, SOLD_BY
from engine.dataset import ColumnKind
from engine.ingest.meaning.concepts import KIND_OF_CONCEPT, MONEY, Concept
from engine.ingest.meaning.money import LESS_BY_TAX
from engine.ingest.meaning.names import FAMILY, NameReading, normal, readings, weekdays
from engine.ingest.meaning.profile import (
    LIKELY,
    MOST_BESIDE,
    MOST_RATES,
    MOST_RELATED,
    RoleCandidate,
    differs_by,
    is_steady,
    makes,
    names_a_day,
    parts_of,
)

C = Concept
Options = dict[Concept, float]

NAMES_ALONE = frozenset(
    ("name", "full name", "title", "nombre", "nom", "nome", "naam", "nazwa", "namn", "navn", "jmeno", "bezeichnung")
)
"""Headers that name whatever the table is about."""

RIVALRY = 0.25
"""What is less likely by so much than the likeliest is out of the question, whatever the company."""

FEWEST_SORTS, FEW_WORDS = 3, 15
"""Different words from which a "type" may be one of what is sold, and up to which they may tell what happened."""

UNSURE, SURE, MOST_WORDS, FEW = 0.65, 0.9, 40, 10
"""Confidence below which values overrule a name, and from which they never do; words that a status has at most, and
documents that are too few."""

OF_WHOLES = frozenset({C.VISITS, C.VISITORS, C.IMPRESSIONS, C.DOCUMENTS, C.EVENTS, C.PEOPLE_NEEDED})
"""What is counted in whole numbers: with decimals it is a rate."""

NO_SALES = frozenset(
    ("shipping", "delivery", "billing", "payment", "surcharge", "fee", "discount", "tax", "versand", "rabatt",
     "livraison", "remise", "envio", "spedizione", "verzending", "frete", "dostawa", "doprava", "frakt", "kargo", "tip",
     "gratuity", "rounding", "giftcard")
)  # fmt: skip
"""Words for kinds of rows beside products: a column that has some of them says what kind a row is."""

STATUS_WORDS = (
    "cancel", "void", "paid", "unpaid", "pending", "complete", "fulfilled", "shipped", "draft", "open", "closed",
    "fail", "declin", "deliver", "active", "archiv", "bezahlt", "offen", "storn", "versandt", "erledigt", "annul",
    "pagad", "pagat", "payé", "payée", "livré", "betaald", "geannuleerd", "zapłac", "anulow", "opłac", "confirm",
    "no show", "no-show", "booked", "zaplac", "betald", "maksettu", "realizad", "abgeschlossen", "approv", "accept",
    "process", "ready", "done", "success", "succe", "captur", "settled", "collected", "attended", "arrived", "checked",
    "new", "partial", "on hold", "dispatch", "in progress", "invoiced", "sent", "scheduled", "finish", "clos", "valid",
    "received", "picked", "zugestellt", "geliefert", "bestätigt", "abgeholt", "eingegangen", "in bearbeitung",
    "bezahl", "gezahlt", "erhalten", "abgerechnet", "teilweise", "neu", "verschickt", "versend", "erschienen",
    "wahrgenommen", "gebucht", "expédi", "expedi", "termin", "livr", "réalis", "effectu", "honor", "factur",
    "en cours", "encaiss", "pago", "entreg", "enviad", "complet", "confirmad", "conclu", "finaliz", "atendid",
    "en pausa", "activ", "procesad", "recibid", "emitid", "consegn", "spedit", "evas", "saldat", "confermat", "emess",
    "chius", "accett", "presentat", "in lavoraz", "incass", "betaal", "verzond", "verzend", "gelever", "afgerond",
    "bevestigd", "voldaan", "openst", "geboekt", "afgehandeld", "nieuw", "wysł", "dostarcz", "zrealiz", "odebr",
    "potwierdz", "w realizacji", "nowe", "przyję", "rozlicz", "zakończ", "skickad", "levererad", "bekräft", "slutför",
    "betalt", "sendt", "leveret", "bekræft", "afsluttet", "levert", "fullført", "bekreft", "uhraz", "doruč", "odeslán",
    "vyříz", "potvrz", "dokonč", "hotov", "expedov", "ödendi", "teslim", "tamamlan", "kargo", "onaylan", "gönder",
    "hazır", "başarılı", "paused", "pausiert", "enabled", "aktiv", "eligible", "present", "anwesend", "empfang",
    "gefahren", "angenommen", "behandl", "behandlas", "behandles", "godkend", "godkänd", "plockad", "packad",
    "levereras", "hämtad", "hentet", "afhentet", "gennemført", "genomförd", "utförd", "udført", "overdue", "past due",
    "late", "await", "waiting", "queued", "outstanding", "transit", "on the way", "layaway", "prepaid", "posted",
    "reminder", "fällig", "überfällig", "mahn", "erinner", "ausgeliefert", "unterwegs", "komplett", "wartet",
    "wartend", "ausstehend", "attente", "retard", "relanc", "payer", "approuv", "prépar", "camino", "pendien",
    "vencid", "cobrar", "concret", "aprob", "aprov", "cerrad", "fechad", "abert", "abiert", "apert", "andamento",
    "tránsito", "prepagat", "prepagad", "sald", "incassare", "pagare", "scadut", "sollecit", "attesa", "approvat",
    "laat", "herinner", "aanman", "afgelever", "afgehaald", "behandeling", "te betalen", "wacht", "pendent", "embalad",
    "trânsito", "atras", "wystaw", "zaległ", "oczek", "po terminie", "przeterm", "przyg", "drodze", "zatwierdz",
    "obetal", "förfall", "väntar", "påmin", "påminn", "utställd", "ubetal", "forfal", "utsted", "afvent", "venter",
    "rykker", "purr", "nezaplac", "po splatnosti", "čeká", "upomín", "vystav", "odesl", "na cestě", "bekli", "bekle",
    "gecik", "tahsil", "unship", "unfulf", "afsend", "udleveret", "færdig", "attend", "checked in", "hyväksyt",
    "toimitet", "lähetet", "avoin", "erääntyn", "valmis", "fizet", "teljesít", "kiállít", "lezár", "szállít",
    "feladva", "folyamat", "nyitott", "încasat", "incasat", "emis", "achitat", "plătit", "platit", "livrat",
    "expediat", "finalizat", "neachitat", "restant", "uhraden", "odoslan", "doručen", "vybaven", "nezaplaten",
    "zrobion", "gotow", "klaar", "listo", "pronto", "prêt", "fertig", "erled", "ödenme", "yolda", "düzenlen", "kesil",
    "kredit", "credit", "gutschr", "estorn", "nota di", "nota de", "korekt", "verstuur", "verlop", "to ship",
    "to be shipped", "expir", "abgelauf",
)  # fmt: skip
"""How the words of a status begin, lower case."""

PAID_BY = (
    "card", "credit card", "debit card", "cash", "visa", "mastercard", "amex", "american express", "maestro", "paypal",
    "klarna", "eft", "instant eft", "bank transfer", "wire", "check", "cheque", "apple pay", "google pay", "karte",
    "bar", "bargeld", "ec", "ec-karte", "girocard", "kreditkarte", "sepa", "lastschrift", "vorkasse", "carte",
    "carte bancaire", "cb", "espèces", "chèque", "efectivo", "tarjeta", "bizum", "contanti", "contante", "pos",
    "carta", "bancomat", "satispay", "contant", "pin", "ideal", "bancontact", "dinheiro", "cartão", "multibanco",
    "mb way", "pix", "boleto", "gotówka", "karta", "blik", "przelew", "kontant", "kort", "swish", "mobilepay",
    "dankort", "vipps", "hotově", "hotovost", "kartou", "nakit", "kredi kartı", "havale", "gift card", "gutschein",
    "voucher", "zelle", "venmo",
)  # fmt: skip
"""By what customers pay, lower case: neither a status nor a kind of row."""

TYPE_WORDS = (
    "charge", "refund", "payout", "sale", "return", "order", "fee", "transfer", "payment", "adjust", "withdraw",
    "verkauf", "erstatt", "auszahl", "vente", "rembours", "venta", "devol", "vendita", "rimborso", "reso", "verkoop",
    "retour", "venda", "sprzeda", "zwrot", "invoice", "credit", "rechnung", "gutschrift", "facture", "avoir",
    "betaling", "udbetal", "utbetal", "indbetal", "inbetal", "innbetal", "refusjon", "zahlung", "cobro", "pago",
    "pagamento", "wpłata", "platba", "ödeme", "tahsilat", "satış", "iade", "salg", "prodej", "försäljning", "sprzedaż",
    "einnahme", "gebühr", "fatura", "factura", "faktura", "product", "produkt", "service", "dienst", "artikel", "item",
    "leistung", "prestation", "fattura", "factuur", "nota", "angebot", "devis", "offert", "preventiv", "presupuest",
    "orçament", "kredit", "nabíd", "teklif", "purchas", "paragon", "fatt", "lasku", "hyvity", "számla", "díjbek",
    "factur", "dobropis", "predaj", "document", "scontrino", "bon", "ticket", "receipt", "kvitto", "kvittering",
)  # fmt: skip
"""How the words for the kind of a row begin, lower case."""

NAMED = dict.fromkeys((C.ITEM, C.EMPLOYEE, C.CAMPAIGN, C.CUSTOMER), 0.5)
"""What the first column of a table may name."""

FEWEST_DAYS_ACROSS, MOST_SHIFTS = 5, 40
"""Columns of days that make a roster, and different words in them at most."""

FEWEST_WEEKDAYS = 2
"""Columns that must be called like a day of the week so that they are days of the week."""

OF_PARTS = frozenset({C.QUANTITY, C.ON_HAND, C.AMOUNT, C.LINE_TOTAL, C.NET, C.GROSS, C.VISITS})
WHOLES = (C.QUANTITY, C.AMOUNT, C.DOCUMENT_TOTAL)
"""Figures that may stand side by side in parts, and what their total may be called."""

_IS_KIND = re.compile(r"\b(type|kind|typ|art|tipo|soort|rodzaj|tur)\b")


def options_of(candidate: RoleCandidate, known: Mapping[str, Concept], *, beside_given_names: bool = False) -> Options:
    """What a column may be, with the confidence in each; empty when neither its name nor its values tell.

    Args:
        candidate: the column.
        known: of an export that is known, what its headers stand for.
        beside_given_names: whether another column has first names, so that a "name" is that of a family.
    """
    name = normal(candidate.name)
    if name in known:
        return {known[name]: 0.99}
    if beside_given_names and name in FAMILY and candidate.kind == "text":
        return {C.CUSTOMER: 0.8, C.EMPLOYEE: 0.78}
    options: Options = {one.concept: _believed(one, candidate) for one in readings(candidate.name)}
    if candidate.kind == "date" and C.TIME_OF_DAY in options:
        timed = options.pop(C.TIME_OF_DAY)
        options |= {} if options.keys() & {C.START, C.END, C.DAY, C.LATER_DAY, C.END_DAY} else {C.DAY: timed}
    options = {concept: confidence for concept, confidence in options.items() if confidence > 0.1}
    if name in NAMES_ALONE and candidate.kind == "text" and not beside_given_names:
        options = dict.fromkeys((C.EMPLOYEE, C.ITEM, C.CAMPAIGN, C.CUSTOMER), 0.5)
    if C.ITEM in options and candidate.is_code:
        options = options | {C.CODE: max(options[C.ITEM], 0.85), C.ITEM: 0.4 * options[C.ITEM]}
    if not options and name.endswith(" name") and candidate.kind == "text":
        options = dict.fromkeys((C.EMPLOYEE, C.ITEM, C.CAMPAIGN, C.CUSTOMER), 0.5)
    if C.ROW_TYPE in options and _are_sorts(candidate):
        options = {concept: sure for concept, sure in options.items() if concept is not C.ROW_TYPE}
        options |= {} if options.keys() & {C.ITEM, C.CATEGORY} else {C.CATEGORY: 0.7}
    for concept, confidence in _by_values(candidate).items():
        options[concept] = max(confidence, options.get(concept, 0.0))
    least = max(options.values(), default=0.0) - RIVALRY
    return {concept: confidence for concept, confidence in options.items() if confidence >= least}


def _believed(reading: NameReading, candidate: RoleCandidate) -> float:
    """The confidence in what a name says after a look at the values."""
    concept, number = reading.concept, candidate.kind == "number"
    if not _fits(concept, candidate.kind, candidate) or (concept is C.EMPLOYEE and candidate.is_mail):
        return 0.0
    doubts = (
        (concept is C.QUANTITY and reading.confidence < UNSURE and (candidate.is_counter or candidate.is_coded), 0.2),
        (concept in (C.STATUS, C.ROW_TYPE) and (candidate.distinct > MOST_WORDS or _are_places(candidate)), 0.3),
        (concept is C.DOCUMENT and _are_few_words(candidate), 0.2),
        (concept is C.VOID and number and candidate.distinct > 2, 0.2),  # "Returns" as an amount
        (concept in OF_WHOLES and reading.confidence < SURE and number and not candidate.is_whole, 0.3),
        (concept is C.ID and number and not candidate.is_whole, 0.3),
    )
    confidence = reading.confidence
    for doubt, factor in doubts:
        confidence *= factor if doubt else 1.0
    return confidence


def _are_sorts(candidate: RoleCandidate) -> bool:
    """True for a "type" of which no word is known to tell what happened: it is what was sold that is of these sorts."""
    several = candidate.kind == "text" and FEWEST_SORTS <= candidate.distinct <= MOST_WORDS and candidate.comes_again
    known = (*TYPE_WORDS, *STATUS_WORDS, *CANCELLED, *REFUNDED, *MOVED)
    return (
        several
        and bool(candidate.words)
        and not any(word.startswith(known) or word in SOLD_BY for word in candidate.words)
    )


def _are_few_words(candidate: RoleCandidate) -> bool:
    """True for a column of few different words without a digit: kinds of rows, whatever its name."""
    few = candidate.kind == "text" and candidate.distinct <= FEW < 0.2 * len(candidate.some)
    return few and not any(character.isdigit() for word in candidate.words for character in word)


def _are_places(candidate: RoleCandidate) -> bool:
    """True for states such as the American ones, whose column is called like that of a status."""
    told = any(word.startswith((*STATUS_WORDS, *CANCELLED, *REFUNDED)) for word in candidate.words)
    return normal(candidate.name).endswith("state") and (not told or all(len(word) <= 3 for word in candidate.words))


def _fits(concept: Concept, kind: ColumnKind, candidate: RoleCandidate) -> bool:
    wanted = KIND_OF_CONCEPT.get(concept)
    if not len(candidate.some):
        return False
    if concept is C.CODE or concept is C.EMPLOYEE_ID:
        return kind != "date" and not (kind == "number" and not candidate.is_whole)
    if concept is C.TIME_OF_DAY:
        return kind != "number"
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
        return {C.AVAILABILITY: 0.55}
    if candidate.is_document:
        return {C.DOCUMENT: 0.55}
    if candidate.distinct > 1 and sum(word in PAID_BY for word in candidate.words) >= 0.6 * len(candidate.words) > 0:
        return {C.TEXT: 0.97}
    return (
        _by_words(name, candidate)
        if candidate.words and not candidate.is_yes_no and candidate.distinct <= FEW_WORDS
        else {}
    )


def _by_words(name: str, candidate: RoleCandidate) -> Options:
    """What a column of few words is by them: a status, or a kind of row."""
    if _IS_KIND.search(name) and candidate.words & NO_SALES:
        return {C.ROW_TYPE: 0.97}
    if any(word.startswith(MOVED) for word in candidate.words) and _mostly_begin(candidate.words, TYPE_WORDS):
        return {C.ROW_TYPE: 0.7}
    undone = any(word.startswith((*CANCELLED, *REFUNDED)) for word in candidate.words)
    if _mostly_begin(candidate.words, STATUS_WORDS) or (undone and candidate.comes_again):
        surely = (
            0.8 if undone and all(word.startswith((*STATUS_WORDS, *CANCELLED)) for word in candidate.words) else 0.6
        )
        return {C.ROW_TYPE if _mostly_begin(candidate.words, TYPE_WORDS) else C.STATUS: surely}
    if _mostly_begin(candidate.words, TYPE_WORDS):
        return {C.ROW_TYPE: 0.6}
    return {}


def _mostly_begin(words: Collection[str], beginnings: Sequence[str]) -> bool:
    """True where at least two of the words, and most of them, begin like known ones."""
    known = sum(any(word.startswith(begin) for begin in beginnings) for word in words)
    return known >= max(2, 0.6 * len(words))


def in_company(candidates: Sequence[RoleCandidate], options: Sequence[Options]) -> list[Options]:
    """What each column may be after a look at the others of its table.

    Args:
        candidates: the columns.
        options: what each may be by itself.
    """
    options = _with_fees(candidates, _with_wages(candidates, _with_spend(candidates, options)))
    options = _of_days_across(candidates, _named_first(candidates, options))
    if sum(normal(candidate.name) in weekdays() for candidate in candidates) >= FEWEST_WEEKDAYS:
        return list(options)
    return [{c: sure for c, sure in each.items() if c is not C.AVAILABILITY or sure > UNSURE} for each in options]


def with_totals(candidates: Sequence[RoleCandidate], options: Sequence[Options], *, in_stock: bool) -> list[Options]:
    """Of figures of one thing side by side and what they add up to, the total is the figure and the others its parts.

    Args:
        candidates: the columns.
        options: what each may be.
        in_stock: whether the title says that it lists what lies in stock: then whole numbers that no header tells of
            are what lies in each place.
    """
    firsts = [max((c for c in each if each[c] >= LIKELY), key=each.__getitem__, default=None) for each in options]
    numbers = [place for place, one in enumerate(candidates) if one.kind == "number" and one.distinct > 1]
    numbers = numbers if len(numbers) <= MOST_BESIDE else []
    of_places = in_stock and not any(one.kind == "date" for one in candidates) and C.ON_HAND not in firsts
    new = list(options)
    for total in numbers:
        parts = parts_of(total, numbers, candidates)
        known = {firsts[place] for place in parts}
        nameless = known <= {None, C.STORE} and all(candidates[place].is_whole for place in parts)
        if of_places and nameless and parts and firsts[total] in (None, C.QUANTITY, C.AMOUNT, C.DOCUMENT_TOTAL):
            new[total] = {C.ON_HAND: 0.8}
        elif not (len(known) == 1 and known <= OF_PARTS and firsts[total] in (*known, *WHOLES)):
            continue
        else:
            concept = next(iter(known))
            new[total] = {concept: 0.9} if concept else {}
        for place in parts:
            new[place] = {}
    return new


def _with_spend(candidates: Sequence[RoleCandidate], options: Sequence[Options]) -> list[Options]:
    """What clicks at their price make is what the advertising cost, whatever it is called."""
    clicks = [place for place, each in enumerate(options) if C.VISITS in each]
    rates = [place for place, each in enumerate(options) if C.AD_RATE in each]
    return _with_products(candidates, options, (clicks, rates), C.SPEND, share=0.5)


def _with_wages(candidates: Sequence[RoleCandidate], options: Sequence[Options]) -> list[Options]:
    """What hours at their pay make are wages, whatever they are called."""
    hours = [place for place, each in enumerate(options) if C.HOURS in each]
    rates = [place for place, each in enumerate(options) if max(each, key=each.__getitem__, default=None) is C.RATE]
    return _with_products(candidates, options, (hours, rates), C.WAGES, share=0.7)


def _with_products(
    candidates: Sequence[RoleCandidate],
    options: Sequence[Options],
    factors: tuple[list[int], list[int]],
    concept: Concept,
    *,
    share: float,
) -> list[Options]:
    """The columns that one of these times one of those makes stand for the concept."""
    numbers = {place: one.values for place, one in enumerate(candidates) if one.kind == "number"}
    ones, others = ([numbers[place] for place in some if place in numbers][:MOST_RATES] for some in factors)
    made = {
        place
        for place in [place for place in numbers if place not in (*factors[0], *factors[1])][:MOST_BESIDE]
        if any(makes(one, other, numbers[place], share=share) for one in ones for other in others)
    }
    return [{concept: 0.9} if place in made else dict(each) for place, each in enumerate(options)]


def _with_fees(candidates: Sequence[RoleCandidate], options: Sequence[Options]) -> list[Options]:
    """What is called a price and taken off an amount, where nothing tells how many, is a fee, unless it is a tax."""
    numbers = {place: one.values for place, one in enumerate(candidates) if one.kind == "number"}
    moneys = [place for place in numbers if set(options[place]) & set(MONEY)][:MOST_RELATED]
    prices = [place for place in numbers if C.PRICE in options[place]][:MOST_RELATED]
    fees = {
        place
        for place in prices
        for whole, rest in permutations(moneys, 2)
        if differs_by(numbers[whole], numbers[place], numbers[rest])
        and not is_steady(numbers[rest], numbers[whole], between=LESS_BY_TAX)
    }
    counted = any(C.QUANTITY in each for each in options)
    return [{C.FEE: 0.9} if place in fees and not counted else dict(each) for place, each in enumerate(options)]


def _named_first(candidates: Sequence[RoleCandidate], options: Sequence[Options]) -> list[Options]:
    """In a table without days the first column of words names what it is about, where no other is called so."""
    named = any(set(each) & {C.ITEM, C.CODE, C.EMPLOYEE, C.CAMPAIGN, C.CUSTOMER} for each in options)
    first = next((place for place, one in enumerate(candidates) if one.kind == "text"), None)
    if named or first is None or options[first] or any(one.kind == "date" for one in candidates):
        return list(options)
    return [dict(NAMED) if place == first else each for place, each in enumerate(options)]


def _of_days_across(candidates: Sequence[RoleCandidate], options: Sequence[Options]) -> list[Options]:
    """Columns of words under one day each, "Mon 16/11" or "D 1", say who works when."""
    words = [place for place, one in enumerate(candidates) if one.kind == "text" and len(one.some)]
    days = [place for place in words if names_a_day(candidates[place].name)]
    shifts = {cell for place in days for cell in candidates[place].words}
    if len(days) < FEWEST_DAYS_ACROSS or len(shifts) > MOST_SHIFTS:
        return list(options)
    return [{C.SHIFT: 0.9} if place in days else each for place, each in enumerate(options)]
