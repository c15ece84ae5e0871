"""What a question's words show without a model: what its owner wants, how much of it, and that as numbers."""

import math
import re
import zlib
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

import numpy as np

from engine.arrays import Floats
from engine.llm.embed import DIMENSIONS, Embedder


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


BUCKETS = 2048
GRAMS = (2, 3, 4)
LETTERS_WEIGHT = 1.0
CUES_WEIGHT = 0.3
SURFACE = ("words", "clauses", "joined", "tools", "asked", "open ended", "supposes", "numbers")
MEANING_NAMES = tuple(f"meaning {place}" for place in range(DIMENSIONS))
TOOL_FEATURES = (
    *MEANING_NAMES,
    *(f"letters {bucket}" for bucket in range(BUCKETS)),
    *(f"cue {intent}" for intent in CUES),
)
"""The names of the columns of `for_tools`: weights are kept under them, so that none depends on an order."""
COMPLEXITY_FEATURES = (*MEANING_NAMES, *(f"surface {name}" for name in SURFACE), "margin")
"""The names of the columns of `for_complexity`."""


def meaning(queries: Sequence[str], embedder: Embedder | None) -> Floats:
    """MiniLM's vectors, shape (n, 384); zeros where there is no model."""
    if embedder is None:
        return np.zeros((len(queries), DIMENSIONS))
    return np.asarray(embedder.embed(queries), np.float64)


def letters(queries: Sequence[str]) -> Floats:
    """Runs of two to four letters within words, counted in hashed buckets, unit length, shape (n, `BUCKETS`)."""
    counts = np.zeros((len(queries), BUCKETS))
    for row, query in enumerate(queries):
        for gram, count in Counter(_grams(query)).items():
            counts[row, zlib.crc32(gram.encode()) % BUCKETS] += 1 + math.log(count)
    return np.asarray(counts / np.maximum(1e-9, np.linalg.norm(counts, axis=1, keepdims=True)))


def cues(queries: Sequence[str]) -> Floats:
    """Which tools the words point to, 0 or 1, shape (n, tools)."""
    return np.array([[bool(cue.search(query)) for cue in CUES.values()] for query in queries], np.float64)


def surface(queries: Sequence[str]) -> Floats:
    """What the words show of how much is asked, each about 0..2, shape (n, len(`SURFACE`))."""
    return np.array([_surface(query) for query in queries], np.float64)


def for_tools(queries: Sequence[str], vectors: Floats) -> Floats:
    """What the choice of a tool is made from; `vectors` as `meaning` gives them."""
    return np.hstack([vectors, LETTERS_WEIGHT * letters(queries), CUES_WEIGHT * cues(queries)])


def for_complexity(queries: Sequence[str], vectors: Floats, chances: Floats) -> Floats:
    """What the complexity is estimated from; `chances` of each tool, shape (n, tools).

    Args:
        queries: the questions.
        vectors: as `meaning` gives them, shape (n, 384).
        chances: of each intent, 0..1, shape (n, intents).
    """
    ranked = np.sort(chances, axis=1)
    margin = ranked[:, -1:] - ranked[:, -2:-1]
    return np.hstack([vectors, surface(queries), margin])


def _grams(query: str) -> list[str]:
    words = [f" {word} " for word in re.findall(r"[^\W_]+|%", query.casefold())]
    return [word[k : k + size] for word in words for size in GRAMS for k in range(len(word) - size + 1)] + words


def _surface(query: str) -> tuple[float, ...]:
    words = len(query.split())
    return (
        math.log1p(words) - 1,
        min(2.0, len(CLAUSE.findall(query)) / 2),
        float(bool(JOINED.search(query))),
        min(2.0, len(tools_named(query)) / 2),
        min(2.0, len(ASKING.findall(query)) / 2),
        float(bool(OPEN_ENDED.search(query))),
        float(supposes(query)),
        min(2.0, len(re.findall(r"\d+", query)) / 2),
    )
