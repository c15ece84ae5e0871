"""A question as numbers: what its words show, its letters hashed, and its meaning as MiniLM sees it."""

import math
import re
import zlib
from collections import Counter
from collections.abc import Sequence

import numpy as np

from engine.arrays import Floats
from engine.coach.understand.intents import ASKING, CLAUSE, CUES, JOINED, OPEN_ENDED, supposes, tools_named
from engine.llm.embed import DIMENSIONS, Embedder

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
