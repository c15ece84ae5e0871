"""The words by which the rewording check tells one meaning from another. English, like the sentences that it checks."""

import re

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
