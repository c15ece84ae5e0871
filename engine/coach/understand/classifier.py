"""Which calculation a question wants, and how much it asks: two small regressions on the features of the question."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.coach.understand import features
from engine.coach.understand.intents import Tool
from engine.llm.embed import Embedder, NoEmbedder, minilm
from engine.llm.router import QueryContext, in_context

Values = NDArray[np.float64]

PACKAGED = Path(__file__).parent / "trained" / "weights.npz"
ALONE = QueryContext()
CONFIDENT = 0.6
"""From this chance on the most likely tool is used; below, the owner chooses between the first two."""


@dataclass(frozen=True)
class Reading:
    """What a question seems to want.

    Attributes:
        ranking: the tools, the most likely first, each with its chance, 0..1.
        complexity: 0..1; from 0.3 on a large model should plan.
        vector: the question as MiniLM sees it, shape (384,); zeros without that model.
    """

    ranking: tuple[tuple[Tool, float], ...]
    complexity: float
    vector: NDArray[np.float32]

    @property
    def tool(self) -> Tool:
        """The most likely tool."""
        return self.ranking[0][0]

    @property
    def confidence(self) -> float:
        """Its chance, 0..1."""
        return self.ranking[0][1]

    @property
    def choices(self) -> tuple[Tool, ...]:
        """What to offer: one tool when it is clear, else two to choose from."""
        count = 1 if self.confidence >= CONFIDENT else 2
        return tuple(tool for tool, _ in self.ranking[:count])


@dataclass(frozen=True, eq=False)
class Weights:
    """What was learnt from questions; see `engine.coach.understand.recalibrate`.

    Attributes:
        tools: shape (tools, features + 1), the last column is the constant; in the order of `Tool`.
        complexity: shape (features + 1,).
    """

    tools: Values
    complexity: Values

    @classmethod
    def read(cls, file: Path, *, with_meaning: bool) -> "Weights":
        """What `write_weights` has written: those learnt with MiniLM's vectors, or those learnt without."""
        name = "meaning" if with_meaning else "words"
        with np.load(file, allow_pickle=False) as arrays:
            return cls(arrays[f"{name}_tools"].astype(np.float64), arrays[f"{name}_complexity"].astype(np.float64))

    def chances(self, inputs: Values) -> Values:
        """The chance of each tool, shape (n, tools)."""
        scores = inputs @ self.tools[:, :-1].T + self.tools[:, -1]
        grown = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(grown / grown.sum(axis=1, keepdims=True))

    def asked(self, inputs: Values) -> Values:
        """The complexity of each question, 0..1, shape (n,)."""
        return np.asarray(1 / (1 + np.exp(-(inputs @ self.complexity[:-1] + self.complexity[-1]))))


@dataclass(frozen=True)
class Classifier:
    """Reads questions.

    Attributes:
        weights: what was learnt.
        embedder: MiniLM, or None to do without: the choice is then worse, and still right more often than not.
    """

    weights: Weights
    embedder: Embedder | None

    def read(self, query: str) -> Reading:
        """What this question wants."""
        return self.read_all([query])[0]

    def read_all(self, queries: Sequence[str]) -> list[Reading]:
        """What each question wants."""
        vectors = features.meaning(queries, self.embedder)
        chances = self.weights.chances(features.for_tools(queries, vectors))
        complexities = self.weights.asked(features.for_complexity(queries, vectors, chances))
        tools = self._tools
        return [
            Reading(tuple((tools[k], float(row[k])) for k in np.argsort(-row)), float(share), vector.astype(np.float32))
            for row, share, vector in zip(chances, complexities, vectors, strict=True)
        ]

    @cached_property
    def _tools(self) -> tuple[Tool, ...]:
        return tuple(Tool)


@lru_cache(maxsize=4)
def classifier(weights: Path = PACKAGED) -> Classifier:
    """The classifier with these weights; without MiniLM where that is not installed."""
    try:
        embedder = minilm()
    except NoEmbedder:
        embedder = None
    return Classifier(Weights.read(weights, with_meaning=embedder is not None), embedder)


def estimate_query_complexity(query: str, context: QueryContext = ALONE) -> float:
    """How much a question asks, 0..1: several calculations, open advice or a long talk make it more.

    A regression on length, clauses, kind of question, tools that its words name, the margin of the tool classifier and
    MiniLM's vector; see `engine.coach.understand.recalibrate`.
    """
    return in_context(classifier().read(query).complexity, context)


def write_weights(file: Path, *, meaning: Weights, words: Weights) -> None:
    """Keep what was learnt with MiniLM's vectors and without, with the seven digits that matter."""
    np.savez_compressed(
        file,
        meaning_tools=meaning.tools.astype(np.float32),
        meaning_complexity=meaning.complexity.astype(np.float32),
        words_tools=words.tools.astype(np.float32),
        words_complexity=words.complexity.astype(np.float32),
    )
