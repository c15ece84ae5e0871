"""What the words of a header say."""

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from engine.business.calendar import LOCALES
from engine.dataset import ColumnRole
from engine.ingest.amounts import CURRENCIES
from engine.ingest.dates import without_accents
from engine.ingest.meaning.concepts import DOMINANT, KIND_OF_CONCEPT, MONEY, ROLE_OF, Concept

C = Concept

_NOT_ROLES = re.compile(
    r"\b(balance|saldo|solde|phone|tel|telefon|zip|postcode|postal|plz|vat|tax|mwst|tva|iva|btw|fax|latitude"
    r"|longitude|account|konto|compte|cuenta|conto|rekening|e ?mail address|email)\b"
)
_IDENTIFIER = re.compile(
    r"\b(?:id|nummer|code|kodu|kod|codigo|codice|kodi|key|ref|fips|index|identifier|sku|ean|isbn|nr|no|number|numero|num|nbr)\b"
    r"(?! (?:of|de|von|van)\b)"
)
_RUNNING = re.compile(
    r"\b(cumulative|cumul\w*|kumuliert\w*|ytd|\w+ to date|running total|acumulad[oa]|progressivo|cumulatief"
    r"|narastajaco)\b"
)
_UNITS = re.compile(
    r"\b(?:eur|usd|gbp|chf|pln|aud|cad|nzd|sek|dkk|nok|czk|try|brl|mxn|inr|zar|euro|euros|dollars|kr|zl|kc|tl|days|tage"
    r"|kg|g|pcs|utc|gmt|local time|incl|excl|net of tax)\b"
)
_FILLERS = frozenset(
    ("the", "of", "a", "an", "in", "per", "de", "la", "le", "les", "du", "des", "der", "die", "das", "von", "van",
     "het", "del", "di", "da", "do", "dos", "el", "los")
)  # fmt: skip

_TAX = (
    r"(?:sales )?(?:tax|taxes|vat|gst|mwst|mehrwertsteuer|ust|steuer|taxe|tva|iva|btw|impostos|moms|mva|dph|kdv"
    r"|impuestos?|imposte|imposta|impots?|belasting|podatkiem|podatku|skatt)"
)
_UNIT = re.compile(
    r"(?P<money>eur|usd|gbp|chf|pln|zl|kc|czk|kr|sek|dkk|nok|euro|lei|ft)?(?: (?:pro|per|je|par|al|por|za))? ?"
    r"(?:(?P<hour>h|hr|hour|hora|std|stunde|heure|ora|uur|godz|hod|timme|time|saat)"
    r"|kg|kilo|kilos|l|lt|liter|litre|litres|litri|litros|st|stk|pcs|pz|pza|kom|szt|ks|db|buc|kpl|g|100g|m|hl)"
)
"""Units in which something is sold."""

_WITHOUT_TAX = re.compile(
    r"\b(?:fara|veroton|excl|exc|excluding|exclusive of|ex|without|before|net of|less|ohne|exkl|zzgl|vor|hors|sin|senza"
    rf"|zonder|exclusief|sem|bez|eks|ekskl|uten|uden|utan|u|o) {_TAX}\b|\bs iva\b|\bhtva\b"
    rf"|\b(?:antes|avant|prima|voor|przed|fore|for|pred)(?: d\w{{0,4}})? {_TAX}\b"
    rf"|\b{_TAX} (?:haric|excl|exkl|excluded|esclusa|esclusi|escluso|excluido|no incluido|excluse)\b"
)
_WITH_TAX = re.compile(
    r"\b(?:cu|incl|including|inclusive of|with|inc|mit|inkl|einschl|avec|con|met|inclusief|com|z|vcetne|m|dahil)"
    rf" {_TAX}\b|\bs dph\b|\bc iva\b|\btvac\b|\bkdv li\b"
    rf"|\b{_TAX} (?:dahil|incl|inkl|included|inclusa|inclusi|incluso|incluido|compris|comprise)\b"
)
_AFTER_DISCOUNT = re.compile(
    r"\b(?:after|apres|nach|apos|dopo|tras|despues de|na|po|efter|etter) (?:the )?"
    r"(?:discounts?|remises?|rabatte?|descontos?|desconto|sconti?|descuentos?|korting|rabacie|rabatu|sleve|rabatt?)\b"
)
OF_CODES = frozenset({"sku", "ean", "gtin", "barcode", "upc", "asin", "isbn", "plu"})
"""Words that make a header one of codes wherever they stand in it, unless it is known as a whole."""

_OF_FIGURES = re.compile(
    r"price|preis|prix|precio|prezzo|prijs|preco|cena|\bpris\b|fiyat|quantity|\bqty\b|menge|quantite|cantidad|quantita"
    r"|aantal|quantidade|ilosc|antal|antall|mnozstvi|miktar|adet|value|\bvalor\b|wert|total|amount|name\b|title"
    r"|description|bezeichnung|nombre|nom\b|nome\b|naam|nazwa|navn|namn|nazev"
)
"""Words that tell the figure of an article, or its name, beside a word for its code."""

_KIND_OF = re.compile(
    r"(?:type|tipo|typ|art|soort|rodzaj|clase|kind|druh|tur|grupo|group|groupe|gruppo|gruppe|skupina|grupa|class|classe)"
    r"(?: (?:de|of|di|da|van|des|der|du|d|do|del|dei))? (.+)"
)
"""The kind of something."""

_PRICE = re.compile(r"price|preis|prix|precio|prezzo|prijs|preco|cena|pris\b|fiyat|wholesale|grosshandel")
_PER = re.compile(r"\w (?:per|pro|par|por|je|na) \w")

GIVEN = frozenset(
    ("first", "first name", "given name", "vorname", "prenom", "voornaam", "imie", "fornavn", "fornamn", "jmeno",
     "ad", "nombre", "nome")
)  # fmt: skip
FAMILY = frozenset(
    ("last", "last name", "surname", "family name", "nachname", "familienname", "nom", "nom de famille",
     "apellidos", "apellido", "cognome", "achternaam", "sobrenome", "apelido", "nazwisko", "efternavn",
     "efternamn", "prijmeni", "soyad")
)  # fmt: skip
"""Headers of first names and of family names."""

EXACT, WHOLE, PART, BESIDE = 0.95, 0.85, 0.45, 0.78
"""Confidence in a header that is a known phrase, in one that ends with it, at least in one that has it in it, and at
most in what its words say by themselves where the whole is known."""

MOST_WORDS, SHORTEST = 12, 5
"""Words of a header that are looked at, and letters of a word that is looked for inside a longer one."""

LONG = 7
"""Letters of a word in which one may be another."""

SHORTEST_UNIT = 2
"""Letters of a unit that heads a column of quantities by itself: "L" may be a size."""

SHORTEST_JOINED = 8
"""Letters of a phrase that is known however its words are parted."""


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
class NameReading:
    """One thing that a header may mean.

    Attributes:
        concept: what it is.
        confidence: 0..1.
        why: the evidence, in a few words.
    """

    concept: Concept
    confidence: float
    why: str


@cache
def readings(header: str) -> tuple[NameReading, ...]:
    """All that a header may mean, the likeliest first; empty when its words are not known.

    >>> readings("Lineitem discount")[0].concept.value, readings("Verkaufte Menge")[0].concept.value
    ('discount', 'quantity')
    """
    text = normal(header)
    if not text:
        return (NameReading(C.AMOUNT, WHOLE, "a currency alone"),) if header.strip() in CURRENCIES else ()
    if by_form := _by_form(header, text):
        return by_form
    bare = " ".join(_UNITS.sub(" ", text).split())
    outside = normal(re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", header))
    best = _whole(text, bare, outside)
    parts = _parts(bare or text)
    most = BESIDE if best else 1.0
    for part in parts if parts or best else _nearly(bare or text):
        _keep(best, replace(part, confidence=min(part.confidence, most)))
    if not any(one.confidence > WHOLE for one in best.values()) and _PER.search(text):
        _keep(best, NameReading(C.RATIO, WHOLE, "so much of one for each of another"))
    return tuple(sorted(best.values(), key=lambda one: -one.confidence))


def _by_form(header: str, text: str) -> tuple[NameReading, ...]:
    """What a header means by how it is made, whatever its words: a running total, a share, one with or without tax."""
    if is_running_total(header):
        return (NameReading(C.BALANCE, WHOLE, "a running total, by its name"),)
    for pattern, taxed in ((_WITHOUT_TAX, C.NET), (_WITH_TAX, C.GROSS)):
        if pattern.search(text) and text not in _vocabulary():
            rest = readings(pattern.sub(" ", text)) or (NameReading(taxed, 0.55, "with or without tax"),)
            return tuple(replace(one, concept=taxed) if one.concept in MONEY else one for one in rest)
    if text not in _vocabulary() and (kind := _KIND_OF.match(text)) and _first_is(kind[1], C.ITEM):
        return (NameReading(C.CATEGORY, WHOLE + 0.05, "the kind of what is sold"),)
    if _AFTER_DISCOUNT.search(text):
        return (NameReading(C.NET, EXACT, "what is left after discounts"),)
    return _of_a_unit(header, text) or (_share_of(text) if "%" in header else ())


def _of_a_unit(header: str, text: str) -> tuple[NameReading, ...]:
    """What a unit alone heads: "kg" is how many, "€/kg" what one costs."""
    unit = _UNIT.fullmatch(text)
    priced = unit is not None and (bool(unit["money"]) or any(m in header for m in CURRENCIES if not m.isalpha()))
    if unit is None or (text in _vocabulary() and not (priced and unit["hour"])):
        return ()
    if priced:
        by_hour = (NameReading(C.RATE, WHOLE - 0.01, "so much an hour"),) if unit["hour"] else ()
        return (NameReading(C.PRICE, WHOLE, "so much a unit"), *by_hour)
    return () if unit["hour"] or len(text) < SHORTEST_UNIT else (NameReading(C.QUANTITY, WHOLE, "a unit alone"),)


def _share_of(text: str) -> tuple[NameReading, ...]:
    """What a header with a per cent sign means where its words are of something that is counted: a rate of it."""
    counted = any(_first_is(text, concept) for concept in (C.VISITS, C.VISITORS, C.LEADS, C.EVENTS, C.QUANTITY, *MONEY))
    return (NameReading(C.RATIO, WHOLE, "a share, by its sign"),) if counted else ()


def _first_is(text: str, concept: Concept) -> bool:
    return concept in _vocabulary().get(text, ())[:1]


def _whole(text: str, bare: str, outside: str) -> dict[Concept, NameReading]:
    """What a header means as a whole: all of it, without units, or without what stands in brackets."""
    best: dict[Concept, NameReading] = {}
    for whole, surely in ((text, EXACT), (bare, EXACT), (outside, EXACT - 0.03)):
        for place, concept in enumerate(_vocabulary().get(whole, ())):
            _keep(best, NameReading(concept, surely - 0.02 * place, "the header says so"))
    for concept in _joined().get(text.replace(" ", ""), ()) if not best else ():
        _keep(best, NameReading(concept, EXACT - 0.05, "the header says so, its words parted otherwise"))
    return best


def is_phrase(text: str, concepts: Collection[Concept]) -> bool:
    """True for words, as `normal` writes them, that are a known phrase for one of these concepts."""
    return any(concept in concepts for concept in _vocabulary().get(text, ()))


def header_hint(header: str) -> Hint | None:
    """The role that a header's words suggest, or None.

    >>> header_hint("Qty sold").role.value, header_hint("Einzelpreis (EUR)").role.value
    ('quantity', 'price')
    """
    text = normal(header)
    found = readings(header)
    if not found:
        return None
    first = found[0]
    if first.concept is C.BALANCE and is_running_total(header):
        return Hint(ColumnRole.OTHER, first.confidence, first.why)
    role = ROLE_OF.get(first.concept)
    known = first.confidence >= EXACT - 0.1
    if role is None or first.concept is C.CODE or (not known and (_NOT_ROLES.search(text) or is_identifier(header))):
        return None
    confidence = 0.65 if first.concept is C.LATER_DAY else first.confidence
    rival = next((one for one in found[1:] if one.confidence > confidence - 0.03), None)
    if rival is not None and KIND_OF_CONCEPT.get(rival.concept) != KIND_OF_CONCEPT.get(first.concept):
        confidence = WHOLE  # "Email" may be money or an address
    return Hint(role, confidence, first.why)


def is_price(header: str) -> bool:
    """True for headers with a word for price in them, whatever price it is."""
    return _PRICE.search(normal(header)) is not None


def is_running_total(header: str) -> bool:
    """True for headers such as "Cumulative sales" and "YTD": their figures contain those of the rows before."""
    return _RUNNING.search(normal(header)) is not None


def is_identifier(header: str) -> bool:
    """True for headers such as "Order no." and "customer_id": their digits are names, not amounts."""
    text = normal(header)
    of_article = OF_CODES.intersection(text.split()) and _OF_FIGURES.search(text)
    return _IDENTIFIER.search(text) is not None and not of_article


@cache
def normal(header: str) -> str:
    """Lower case, without accents, units in brackets kept as words, camelCase split; the first words of a long one."""
    plain = re.sub("[*†‡¹²³⁴⁵⁶⁷⁸⁹]+$", "", header[:200]).replace("MwSt", "Mwst").replace("USt", "Ust")
    plain = re.sub(r"#|\bN\.?[º°]", " no ", plain)
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain)
    return " ".join(re.sub(r"[\W_]+", " ", without_accents(split).lower()).split()[:MOST_WORDS])


@cache
def weekdays() -> frozenset[str]:
    """The names of the days of the week in every language that we read, as `normal` writes them."""
    from babel.dates import get_day_names

    return frozenset(
        normal(name)
        for locale in LOCALES
        for width in ("wide", "abbreviated")
        for name in get_day_names(width, context="stand-alone", locale=locale).values()
    )


def _keep(best: dict[Concept, NameReading], reading: NameReading) -> None:
    if reading.concept not in best or best[reading.concept].confidence < reading.confidence:
        best[reading.concept] = reading


def _parts(text: str) -> list[NameReading]:
    """What known phrases inside a header say: the more of it they are, and the nearer to its end, the surer."""
    words, vocabulary = text.split(), _vocabulary()
    weight = sum(word not in _FILLERS for word in words) or 1
    parts = []
    for start in range(len(words)):
        for end in range(start + 1, min(len(words), start + _longest_phrase()) + 1):
            phrase = " ".join(words[start:end])
            if len(phrase) < 3 or (end - start == len(words)):
                continue
            share = sum(word not in _FILLERS for word in words[start:end]) / weight
            for place, concept in enumerate(vocabulary.get(phrase, ())):
                if phrase in OF_CODES and _OF_FIGURES.search(text):
                    continue
                confidence = PART + 0.3 * share + (0.1 if end == len(words) else 0.0) - 0.02 * place
                sure = concept in (C.RATIO, C.AD_RATE) or phrase in OF_CODES
                confidence += 0.3 if sure else 0.15 if concept in DOMINANT else 0.0
                parts.append(NameReading(concept, min(confidence, WHOLE), f'the header has "{phrase}" in it'))
    return parts + [reading for word in words for reading in _inside(word, 1 / weight)]


def _inside(word: str, share: float) -> list[NameReading]:
    """What the end, and the beginning, of a compound such as "Bruttoumsatz" say."""
    vocabulary = _vocabulary()
    found: list[NameReading] = []
    if (bare := word.rstrip("0123456789")) != word and len(bare) > 2:
        found += [
            NameReading(c, PART + 0.3 * share, f'the header has "{bare}" in it') for c in vocabulary.get(bare, ())
        ]
    for cut in range(1, len(word) - SHORTEST + 1):
        if len(word) < SHORTEST + 3:
            break
        for place, concept in enumerate(vocabulary.get(word[cut:], ())):
            confidence = PART + 0.25 * share - 0.02 * place
            found.append(NameReading(concept, confidence, f'the header has "{word[cut:]}" in it'))
        for concept in vocabulary.get(word[: len(word) - cut], ()):
            if concept in DOMINANT or concept in (C.NET, C.GROSS):
                confidence = PART + 0.27 * share
                found.append(NameReading(concept, confidence, f'the header has "{word[: len(word) - cut]}" in it'))
    if len(word) > SHORTEST:  # a case ending: "statusu", "prodejna"
        for stem in (word[:-1], word[:-2]):
            for place, concept in enumerate(vocabulary.get(stem, ()) if len(stem) >= SHORTEST else ()):
                confidence = PART + 0.3 * share - 0.02 * place
                found.append(NameReading(concept, confidence, f'the header has "{stem}" in it'))
    return found


def _nearly(text: str) -> list[NameReading]:
    """What words say that are one letter away from a known one, as those of a neighbouring language or a slip are."""
    words = text.split()
    share = 1 / (sum(word not in _FILLERS for word in words) or 1)
    return [
        NameReading(concept, PART + 0.25 * share - 0.02 * place, f'"{word}" is nearly "{known}"')
        for word in words
        if len(word) >= SHORTEST
        for known in _near(word)
        for place, concept in enumerate(_vocabulary()[known])
    ]


def _near(word: str) -> list[str]:
    """The known words with a letter more or less; of longer ones also those with another letter."""
    more = _neighbours().get(word, ())
    less = {short for short in _shortened(word) if len(short) >= SHORTEST - 1 and short in _vocabulary()}
    if more or less or len(word) < LONG:
        return sorted({*more, *less})
    return sorted({known for short in _shortened(word) for known in _neighbours().get(short, ())})


def _shortened(word: str) -> set[str]:
    """The word without one of its letters, but the first; and as it is."""
    return {word, *(word[:place] + word[place + 1 :] for place in range(1, len(word)))}


@cache
def _neighbours() -> Mapping[str, tuple[str, ...]]:
    """For each known word, and each with a letter left out, the known words that it stands for."""
    found: dict[str, list[str]] = {}
    for phrase in _vocabulary():
        if len(phrase) >= SHORTEST - 1 and " " not in phrase:
            for short in _shortened(phrase) if len(phrase) >= SHORTEST else {phrase}:
                found.setdefault(short, []).append(phrase)
    return {word: tuple(phrases) for word, phrases in found.items()}


@cache
def _vocabulary() -> Mapping[str, tuple[Concept, ...]]:
    """Each phrase and what it may mean, the likeliest first."""
    text = files("engine.ingest.meaning").joinpath("vocabulary.toml").read_text(encoding="utf-8")
    phrases: dict[str, tuple[Concept, ...]] = {}
    for name, words in tomllib.loads(text).items():
        for phrase in " ".join(words.split()).split(", "):
            phrases[phrase] = (*phrases.get(phrase, ()), Concept(name))
    return phrases


@cache
def _joined() -> Mapping[str, tuple[Concept, ...]]:
    """The longer phrases without the spaces between their words: "termin datum" is what "Termindatum" is."""
    joined: dict[str, tuple[Concept, ...]] = {}
    for phrase, concepts in _vocabulary().items():
        if len(phrase) >= SHORTEST_JOINED:
            joined.setdefault(phrase.replace(" ", ""), concepts)
    return joined


@cache
def _longest_phrase() -> int:
    return max(len(phrase.split()) for phrase in _vocabulary())
