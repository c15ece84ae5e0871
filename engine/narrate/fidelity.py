"""The rewording check: a reworded sentence must say what the engine's sentence says, no more and no less.

Both are masked, so no value is involved: what can go wrong is which tag stands where, and the words around it. Each
rule compares one aspect of the two; the first that differs refuses the rewording. A refusal costs nothing but charm.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from engine.narrate.sentences import TAG

Groups = tuple[re.Pattern[str], ...]


def _any(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{words})\b", re.IGNORECASE)


UP = _any(
    r"up(?! to)|increas\w*|ris(?:es?|ing|en)|rose|grew|grows?|growing|grown|growth|higher|more(?! or less)|above|extra"
    r"|gain(?:s|ed|ing)?|climb\w*|exceed\w*|larger|bigger|raise[sd]?|raising|beyond|over and above|adds?|better"
    r"|surpass\w*"
    r"|improv\w*|upward\w*|surge\w*|boost\w*|on top"
)
DOWN = _any(
    r"down|decreas\w*|fall(?:s|ing|en)?(?! short)|fell|drop\w*|declin\w*|lower\w*|less(?! than perfect)|fewer|los[ts]"
    r"|lose[s]?|losing"
    r"|reduc\w*|sav(?:es?|ed|ing|ings)|smaller|below|shr[aiu]nk\w*|dip(?:s|ped)?|slip\w*|worse|cut(?:s|ting)?"
    r"|under(?! way)"
    r"|beneath|downward\w*|short of|narrower|behind"
)
LEVEL = _any(
    r"level|about the same|unchanged|steady|flat|no change|stable|the same (?:as|level)|much the same"
    r"|roughly equal|similar"
    r"|in line with|little changed|on a par|matches|holds steady"
)
NEGATIONS = re.compile(
    r"\b(?:not|no|never|none|nothing|neither|nor|cannot|without|hardly|unproven|fails? to|failed to|nobody"
    r"|unable)\b|n['’]t\b"
    r"|\b(?:unlikely|isnt|dont|doesnt)\b",
    re.IGNORECASE,
)
EXPECTATIONS = _any(
    r"expect\w*|should|forecast\w*|predict\w*|likely|probabl\w*|anticipat\w*|estimat\w*|look(?:s|ing)? (?:set"
    r"|to|like|at)"
    r"|project(?:s|ed|ion|ions)|foresee\w*|suggests?|would|outlook|on track|reckon\w*|in all likelihood"
)
DOUBTS = _any(r"may|might|could|possib\w*|perhaps|maybe|appears? to|seems? to|if all goes well|hopefully")
CERTAIN = _any(
    r"will|guarantee\w*|certain(?:ly)?|definite(?:ly)?|sure(?:ly)?|always|exact(?:ly)?|precise(?:ly)?|proven"
    r"|proves?|proved"
    r"|undoubtedly|clearly|must|without (?:a )?doubt|absolutely|promise\w*|never|best|perfect\w*|cannot"
)
LEAST = re.compile(
    r"(?<!\bat )\b(?:least|fewest|smallest|lowest|weakest|slowest|quietest|worst|poorest)\b", re.IGNORECASE
)
COMPARED = _any(r"against|than|compared|versus|relative to|instead of")
COMPARED_STILL = re.compile(
    rf"{COMPARED.pattern}|\b(?:on|over|from|above|below|beyond|beside|before|ahead of|up on|down on|rather)\b",
    re.IGNORECASE,
)
"""Other ways to say with what something is compared; each has other uses too."""
CAUSES = _any(
    r"because|due to|caus(?:e|es|ed|ing)|thanks to|owing to|driv(?:en|es?|ing)|drove|led to|leads? to|leading to"
    r"|as a result|result(?:s|ed|ing)? (?:in|from)|therefore|hence|so that|since (?:the|your|you|we|it|they|customers)"
    r"|on account of|reasons?|explain\w*|brought about|responsible|following the|after the|owe[sd]?|triggered|stems?"
)
ADVICE = _any(
    r"great|good|bad|excellent|amazing|wonderful|fantastic|terrible|congratulations|sorry|unfortunately|luckily|happy"
    r"|worr\w*|warning|recommend\w*|advis\w*|consider|need to|have to|ought|try|remember|don['’]t forget"
    r"|make sure|impressive"
    r"|healthy|strong|weak|poor|success\w*|excit\w*|perfect|prepare|ready|please|click|visit|call|contact|transfer|pay"
    r"|plan (?:with|for|to|ahead)|careful|care|hire|sell off|invest|expand|enjoy"
)
NUMBERS = _any(
    r"zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|twenty|thirty|forty|fifty|hundreds?"
    r"|thousands?|millions?|billions?|half|halves|third|quarter of|double[sd]?|doubling|twice|triple[sd]?"
    r"|tripling|thrice"
    r"|couple|percent|per cent|several|majority|most of|minority|first|second|once"
)

SUBJECTS: Groups = tuple(
    _any(words)
    for words in (
        r"revenue|turnover|takings|income",
        r"profits?|margins?|earnings",
        r"customers?|guests?|clients?|patients?|shoppers?|buyers?|visitors?",
        r"staff|employees?|people|team|workers?|persons?|colleagues",
        r"wages?|pay(?:roll)?|salar(?:y|ies)|labou?r",
        r"rosters?|rota|schedules?",
        r"shifts?",
        r"rules?",
        r"requests?|wishes|wish",
        r"suppliers?|vendors?",
        r"items?|products?|articles?",
        r"stock|shelf|shelves|inventory",
        r"deliver\w*",
        r"demand",
        r"advertis\w*|marketing|ads?|promotion\w*",
        r"channels?",
        r"budgets?",
        r"weather|rain|sun\w*|season\w*|holidays?|competitors?|econom\w*|inflation|market",
        r"prices?|pric(?:ed|ing)",
        r"tax(?:es)?|loans?|debts?|interest|refunds?|discounts?",
        r"band|range|interval",
        r"errors?|off by|miss(?:ed|es)?|wrong|deviat\w*|differ(?:s|ed)?|out by|mistakes?",
        r"grade[sd]?",
        r"calendar",
        r"waste[sd]?",
        r"cost(?:s|ing)?|expens\w*",
    )
)

TIMES: Groups = tuple(
    _any(words)
    for words in (
        r"days?|daily",
        r"weeks?|weekly",
        r"months?|monthly",
        r"quarters?|quarterly",
        r"years?|yearly|annual\w*",
        r"hours?|hourly",
        r"weekdays?",
        r"next|coming|ahead|upcoming|following|future|forthcoming",
        r"last|past|before|earlier|previous\w*|ago|prior|preceding|historical\w*|held back|tested",
        r"tomorrow|today|yesterday|now|currently|tonight",
    )
)

MEASURES: Groups = tuple(
    _any(words)
    for words in (
        r"average|on average|typical\w*|usual\w*|mean|normally|generally",
        r"busiest|peak|highest|most busy|top",
        r"quietest|lowest|slowest|least busy",
        r"at most|no more than|up to|maximum|at the most|not more than",
        r"at least|minimum|no less than|no fewer than",
        r"share|proportion|percentage|portion",
        r"units?|pieces?|boxes|cartons?|cases?|kilos?|kg|grams?|lit(?:er|re)s?|tons?|pounds?|lbs?",
        r"dollars?|euros?|cents?|pence|bucks?|usd|eur|gbp|francs?|yen",
        r"points?|times|fold",
    )
)

_FREE = """
    a about above according across actual additional against ago ahead all almost along also altogether amount
    amounting amounts an and another anticipate anticipated anticipating any approach approximately are area
    around arrive arrives arriving as at average averaged averaging back based be bear beat beating beats been
    before begin beginning begins being below better between beyond both bring bringing brings busiest
    business buy by can change changed changes check checked checks combined come comes coming compare
    compared comparison contain contained contains cost costed costing costs count counts cover covered covers
    currently date dates day day-to-day decline declined declines decrease decreased decreases decreasing
    delivers difference differs do does down drop dropped dropping drops during each earlier either end ending
    ends entire equal equals estimate estimated estimates even exceed exceeds expect expectation expectations
    expected expecting extra fact fall falls far feasible fell fewer figure figures find flat for forecast
    forecasts frankly from full further gain gained get gets give given gives go goes grew grow had half has
    have held here higher hold holding holds honestly how i in increase increased increases increasing inside
    interval into is it it's item items its itself just keep keeps know knows land landed lands last least
    left less level lie lies like likely look looking looks lower made make makes mark may mean measured
    method might mind model money more most move moved moves nearly need needs next now number of of-the offer
    offers on once only or order ordering orders other our out outlook outperform outperforms over overall
    overview past peak per perform performs period periods place placed placing plan planned point possible
    predict predicted prediction predictions predicts previous prior probably produces projected put range
    ranges ranging reach reached reaches reaching reading reads relative reliability reliable remain remained
    remains result results right rise risen rises rising rose roughly rule run running runs sale sales same
    say says see seen set shall shift should should'd show showed showing shown shows similar simple simpler
    simply sit sits so sold some span spans spend spending stand standing stands start starting starts stay
    stayed stays steady still stretch stretches suggest suggested suggests sum sure take takes test tested
    testing tests than that that's the their them then there there's these they think this those through
    throughout time times to today together total totalling totals towards trust truth turned turns typical
    typically unchanged under until up upper upto us usually versus was we we'd we'll we're well went were
    what when where which while who whole will with within work worked working works worse worth would yet
    yield yields you you'll you're your yours
    """

FREE_WORDS = frozenset(_FREE.split())
"""Words that carry no matter of their own, or whose matter another rule watches."""


def stem(word: str) -> str:
    """The word in small letters, without the plural and the commonest endings."""
    low = word.casefold().replace("’", "'")
    return low if low in FREE_WORDS else re.sub(r"(?:ing|ed|es|s|ly)$", "", low) if len(low) > 4 else low


LONGEST_RATIO, LONGEST_MORE = 1.8, 20
NEW_WORDS, NEW_WORDS_SHARE = 3, 0.34
SENTENCE_END = re.compile(r"[.!?](?=\s|$)")
MARKUP = re.compile(r"https?:|www\.|\]\(|!\[|<[^>]*>|[`|{}\\#]|\*\*|__|\n")
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
CAPITAL = re.compile(r"(?<=[^\s.!?:\[] )(?!I\b)[^\W\d_a-z]\w+")
WORD_OR_TAG = re.compile(r"\[[A-Z]\]|[^\W\d_]+(?:['’][^\W\d_]+)?|[;.:]")
REACH = 5
SIZE_LINKS = frozenset({"by", "of", "about", "around", "nearly", "almost", "roughly", "some", "a", "another"})
DETERMINED = re.compile(
    r"\b(?:an?|the|your|our|their|its|another|each|every|this|that|those|these|some) \[[A-Z]\]", re.I
)
ENGINE_WORDS = re.compile(r"\b(?:sentence|reword\w*|tags?|as an ai|language model|instruction\w*|assistant)\b", re.I)


@dataclass(frozen=True)
class FidelityRule:
    """One aspect that must not change.

    Attributes:
        name: what the log calls a refusal.
        holds: gets the engine's masked sentence and the rewording.
    """

    name: str
    holds: Callable[[str, str], bool]


def refusal(source: str, text: str) -> str | None:
    """The name of the first rule that the rewording breaks; None when it may be shown.

    Args:
        source: the engine's sentence, masked.
        text: the rewording, masked.
    """
    return next((rule.name for rule in RULES if not rule.holds(source, text)), None)


def _same_tags(source: str, text: str) -> bool:
    brackets = len(re.findall(r"[\[\]]", text)) == 2 * len(TAG.findall(text))
    return brackets and TAG.findall(source) == TAG.findall(text)


def _no_number(source: str, text: str) -> bool:
    return not re.search(r"\d", text) and set(_matches(NUMBERS, text)) <= set(_matches(NUMBERS, source))


def _plain_text(_: str, text: str) -> bool:
    return not MARKUP.search(text) and not ENGINE_WORDS.search(text)


def _right_length(source: str, text: str) -> bool:
    ends = max(1, len(SENTENCE_END.findall(source)))
    short_enough = len(text) <= LONGEST_RATIO * len(source) + LONGEST_MORE
    return short_enough and len(text) >= 0.4 * len(source) and len(SENTENCE_END.findall(text)) <= ends


def _same_direction(source: str, text: str) -> bool:
    return _directions(source) == _directions(text)


def _directions(text: str) -> list[str]:
    """The directions in the order of the text; the same one twice in a row counts once."""
    hits = sorted(
        (hit.start(), name)
        for name, words in (("up", UP), ("down", DOWN), ("level", LEVEL))
        for hit in words.finditer(text)
    )
    names = [name for _, name in hits]
    return [name for place, name in enumerate(names) if place == 0 or names[place - 1] != name]


def _same_negation(source: str, text: str) -> bool:
    return len(NEGATIONS.findall(source)) % 2 == len(NEGATIONS.findall(text)) % 2


def _same_hedge(source: str, text: str) -> bool:
    """An expectation stays one, a possibility does not become a certainty, and no doubt is added."""
    if bool(EXPECTATIONS.search(source)) != bool(EXPECTATIONS.search(text)):
        return False
    if bool(DOUBTS.search(source)) != bool(DOUBTS.search(text)):
        return False
    return set(_matches(CERTAIN, text)) <= set(_matches(CERTAIN, source))


def _same_end(source: str, text: str) -> bool:
    """The most does not become the least, nor the other way round."""
    return bool(LEAST.search(source)) == bool(LEAST.search(text))


def _still_compared(source: str, text: str) -> bool:
    """What something is compared with is not lost: "up [A] on last year" is not "up [A] last year"."""
    return not COMPARED.search(source) or bool(COMPARED_STILL.search(text))


def _no_new_cause(source: str, text: str) -> bool:
    return bool(CAUSES.search(source)) == bool(CAUSES.search(text))


def _no_advice(source: str, text: str) -> bool:
    return set(_matches(ADVICE, text)) <= set(_matches(ADVICE, source))


def _same_groups(groups: Groups) -> Callable[[str, str], bool]:
    """Each group of words that mean the same is in both texts or in neither."""

    def holds(source: str, text: str) -> bool:
        return all(bool(words.search(source)) == bool(words.search(text)) for words in groups)

    return holds


def _no_new_name(source: str, text: str) -> bool:
    source_words = {word.casefold() for word in WORD.findall(source)}
    return all(word.casefold() in source_words for word in CAPITAL.findall(text))


def _bound_direction(source: str, text: str) -> bool:
    """A value that measures a change still does: "up [A]", "a rise of [A]", "[A] more", never "up against [A]"."""
    return all(_bound(text, tag) >= _bound(source, tag) for tag in TAG.findall(source))


def _bound(text: str, letter: str) -> frozenset[str]:
    """How the value is tied to a word of direction: as the size of a change, or as what something is compared with."""
    before, _, after = text.partition(f"[{letter}]")
    words = [word.casefold() for word in WORD_OR_TAG.findall(before)][-REACH:]
    ties = set()
    while words and words[-1] in SIZE_LINKS:
        words.pop()
    if words and _is_direction(words[-1]):
        ties.add("size")
    if words[-1:] == ["than"] and len(words) > 1 and _is_direction(words[-2]):
        ties.add("size" if words[-3:-2] == ["by"] else "limit")
    following = WORD_OR_TAG.findall(after)[:1]
    if following and _is_direction(following[0]):
        ties.add("size")
    return frozenset(ties)


def _is_direction(word: str) -> bool:
    return bool(UP.fullmatch(word) or DOWN.fullmatch(word))


def _no_new_determiner(source: str, text: str) -> bool:
    """ "The [A]" or "each [A]" makes a name of a value."""
    return len(DETERMINED.findall(text)) <= len(DETERMINED.findall(source))


def _few_new_words(source: str, text: str) -> bool:
    """Words that are neither the source's nor among those that carry no matter of their own."""
    source_stems = {stem(word) for word in WORD.findall(TAG.sub(" ", source))}
    words = [stem(word) for word in WORD.findall(TAG.sub(" ", text))]
    new = [word for word in words if word not in source_stems and word not in FREE_WORDS]
    return len(new) <= max(NEW_WORDS, 0) and len(new) <= max(1, NEW_WORDS_SHARE * len(words))


def _matches(words: re.Pattern[str], text: str) -> list[str]:
    return [hit.group().casefold() for hit in words.finditer(text)]


RULES = (
    FidelityRule("tags or their order", _same_tags),
    FidelityRule("markup", _plain_text),
    FidelityRule("a number", _no_number),
    FidelityRule("length", _right_length),
    FidelityRule("direction", _same_direction),
    FidelityRule("direction of a value", _bound_direction),
    FidelityRule("negation", _same_negation),
    FidelityRule("a value as a name", _no_new_determiner),
    FidelityRule("hedge", _same_hedge),
    FidelityRule("comparison", _still_compared),
    FidelityRule("most or least", _same_end),
    FidelityRule("cause", _no_new_cause),
    FidelityRule("advice", _no_advice),
    FidelityRule("subject", _same_groups(SUBJECTS)),
    FidelityRule("time", _same_groups(TIMES)),
    FidelityRule("measure", _same_groups(MEASURES)),
    FidelityRule("a name", _no_new_name),
    FidelityRule("new matter", _few_new_words),
)
