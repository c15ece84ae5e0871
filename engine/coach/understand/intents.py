"""Words that give away what an owner wants, and how much of it: what can be seen without a model."""

import re
from enum import StrEnum


class Intent(StrEnum):
    """What the engine can be asked for."""

    FORECAST = "forecast"
    ORDERS = "inventory"
    ROSTER = "schedule"
    BUDGET = "budget"
    WHY = "why"
    COMPARE = "compare"
    EXPLAIN = "explain"
    DATA = "kpi"
    OTHER = "other"


CUES: dict[Intent, re.Pattern[str]] = {
    tool: re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    for tool, words in {
        Intent.FORECAST: r"forecast\w*|predict\w*|project(?:ed|ion)s?|outlook|expect\w*|will\b.*\b(?:sell|sales"
        r"|bring|be|go|look"
        r"|come|reach)|(?:coming|next|upcoming) (?:\w+ )?(?:days?|weeks?|months?|quarters?|years?|season"
        r"|weekend)|anticipat\w*",
        Intent.ORDERS: r"(?:re)?order(?:ing|s)?(?! of)|stock(?:out|s|ing)?|overstock\w*|restock\w*|replenish\w*"
        r"|inventory|supplier\w*|run(?:ning)? out|purchas\w*|deliver\w*|warehouse|shelf|shelves|pallet\w*|on hand"
        r"|buy(?:ing)?",
        Intent.ROSTER: r"rosters?|rotas?|shifts?|staff\w*|understaffed|overstaffed|schedul\w*|employees?|overtime"
        r"|time off|days? off|off (?:on )?\w+day|work(?:s|ing)? (?:on|tomorrow|next)|who works|timetable"
        r"|labou?r|people do"
        r"|cover(?:age)?|workers?|cashiers?|baristas?|nurses?|waiters?|cooks?|team",
        Intent.BUDGET: r"ads?|advert\w*|marketing|campaigns?|channels?|google|facebook|instagram|tiktok|meta"
        r"|flyers?|radio|tv"
        r"|newsletter|roas|media (?:mix|budget|spend)|budget|spend(?:ing)? on|promotion (?:spend|budget)"
        r"|sponsor\w*|seo",
        Intent.WHY: r"why|causes?d?|causing|reasons?|because|due to|driv(?:es?|ers?|en|ing)|drove|behind"
        r"|explains?(?= the)"
        r"|what happened|went wrong|how come|responsible|blame|impact|effect of|led to|root",
        Intent.COMPARE: r"compar\w*|versus|vs|against|difference between|better or worse|(?:better|worse|higher"
        r"|lower|more|less"
        r"|faster|slower|bigger|busier) than|year[- ](?:on|over)[- ]year|month[- ](?:on|over)[- ]month|relative to"
        r"|side by side|ahead of|which of the",
        Intent.EXPLAIN: r"what does .* (?:mean|stand for)|mean(?:ing|t)|define|definition|explain what"
        r"|explain(?! the)|what(?:'s| is)"
        r" an? |how (?:is|are|was|were|do you|does) .*(?:calculat|comput|work|decide|measure)\w*|understand"
        r"|glossary|interpret",
        Intent.DATA: r"how (?:much|many) (?:\w+ ){0,3}did|total|average|mean|sum of|number of|count|top"
        r"|best[- ]sell\w*|worst"
        r"|highest|lowest|what (?:was|were)|share of|per (?:store|customer|day|category)|yesterday|so far|list|show me"
        r"|margins?|profit|last (?:week|month|quarter|year)",
        Intent.OTHER: r"joke|weather|poem|recipe|hello|hi|hey|thanks?(?: you)?|write|translate|e-?mail|president"
        r"|capital|music"
        r"|movie|film|song|tax(?:es)?|law\w*|legal|news|password|who are you|your (?:name|instructions|rules)"
        r"|logo|call",
    }.items()
}

CLAUSE = re.compile(
    r"[,;:.!?]\s+(?=\w)|\b(?:and then|and|then|but|so that|so|also|plus|or|while|because)\b", re.IGNORECASE
)
JOINED = re.compile(r"\b(?:and|then|also|plus|while|so that|after that|as well)\b", re.IGNORECASE)
OPEN_ENDED = re.compile(
    r"\b(?:plan|prepare|strategy|should (?:i|we)|how (?:can|could|do) (?:i|we)|improve|fix|save|increase|raise"
    r"|reduce|boost"
    r"|cut|grow|optimi[sz]e|review|ready|best way|trade-?off|afford|worth|what now|without)\b",
    re.IGNORECASE,
)
SUPPOSING = re.compile(r"\b(?:what if|if (?:i|we)|suppose|assuming|would\b.*\bif|what would)\b", re.IGNORECASE)
ASKING = re.compile(r"\b(?:why|how|what|which|when|who|where)\b", re.IGNORECASE)


def tools_named(query: str) -> tuple[Intent, ...]:
    """The tools that words of the query point to, in the order of `Intent`."""
    return tuple(tool for tool, cue in CUES.items() if cue.search(query))


def supposes(query: str) -> bool:
    """True for a what-if: the owner asks about a change that has not been made."""
    return bool(SUPPOSING.search(query))
