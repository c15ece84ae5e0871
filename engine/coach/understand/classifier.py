"""Which calculation a question wants, and how much it asks: two small regressions on the features of the question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Floats
from engine.coach.understand import intents as features
from engine.coach.understand.intents import Intent
from engine.errors import DyocenseError
from engine.llm.embed import Embedder, NoEmbedder, minilm
from engine.llm.router import QueryContext, in_context

PACKAGED = Path(__file__).parent / "trained" / "weights.npz"
ALONE = QueryContext()
CONFIDENT = 0.6
"""From this chance on the most likely tool is used; below, the owner chooses between the first two."""

UNNAMED_INTENTS = ("forecast", "inventory", "schedule", "budget", "why", "compare", "explain", "kpi", "other")
"""The rows of weights that were written before rows had names."""
UNNAMED_TOOL_FEATURES = (
    *(f"meaning {place}" for place in range(384)),
    *(f"letters {bucket}" for bucket in range(2048)),
    *(f"cue {intent}" for intent in UNNAMED_INTENTS),
)
UNNAMED_COMPLEXITY_FEATURES = (
    *(f"meaning {place}" for place in range(384)),
    *(
        f"surface {name}"
        for name in ("words", "clauses", "joined", "tools", "asked", "open ended", "supposes", "numbers")
    ),
    "margin",
)


class StaleWeights(DyocenseError):
    """Weights were learnt by another version, which told other things apart.

    Args:
        file: where they are kept.
        lack: what they do not have.
    """

    def __init__(self, file: Path, lack: str) -> None:
        super().__init__(file, lack)
        self.file, self.lack = file, lack

    def __str__(self) -> str:
        return f"The weights in {self.file} do not have {self.lack}. Learn them anew with: dyocense learn"


@dataclass(frozen=True)
class Reading:
    """What a question seems to want.

    Attributes:
        ranking: the tools, the most likely first, each with its chance, 0..1.
        complexity: 0..1; from 0.3 on a large model should plan.
        vector: the question as MiniLM sees it, shape (384,); zeros without that model.
    """

    ranking: tuple[tuple[Intent, float], ...]
    complexity: float
    vector: NDArray[np.float32]

    @property
    def tool(self) -> Intent:
        """The most likely tool."""
        return self.ranking[0][0]

    @property
    def confidence(self) -> float:
        """Its chance, 0..1."""
        return self.ranking[0][1]

    @property
    def choices(self) -> tuple[Intent, ...]:
        """What to offer: one tool when it is clear, else two to choose from."""
        count = 1 if self.confidence >= CONFIDENT else 2
        return tuple(tool for tool, _ in self.ranking[:count])


@dataclass(frozen=True, eq=False)
class IntentWeights:
    """What was learnt from questions; see `engine.coach.understand.recalibrate`.

    Attributes:
        intents: what each row of `tools` stands for.
        tools: shape (intents, features + 1), columns as `features.TOOL_FEATURES`, the last one is the constant.
        complexity: shape (features + 1,), as `features.COMPLEXITY_FEATURES` and the constant.
    """

    intents: tuple[Intent, ...]
    tools: Floats
    complexity: Floats

    @classmethod
    def read(cls, file: Path, *, with_meaning: bool) -> "IntentWeights":
        """What `write_weights` has written: those learnt with MiniLM's vectors, or those learnt without.

        Rows and columns are found by their names; a file without names has those of the versions that wrote none.

        Args:
            file: the weights, an npz.
            with_meaning: True for those that were learnt with MiniLM's vectors.

        Raises:
            StaleWeights: an intent or a feature of this version is not in the file.
        """
        name = "meaning" if with_meaning else "words"
        with np.load(file, allow_pickle=False) as arrays:
            rows = _names(arrays, "intents", UNNAMED_INTENTS)
            columns = _names(arrays, "tool_features", UNNAMED_TOOL_FEATURES)
            aspects = _names(arrays, "complexity_features", UNNAMED_COMPLEXITY_FEATURES)
            tools, complexity = arrays[f"{name}_tools"], arrays[f"{name}_complexity"]
        if tools.shape != (len(rows), len(columns) + 1) or complexity.shape != (len(aspects) + 1,):
            raise StaleWeights(file, "as many weights as names")
        tools = tools[_places(tuple(Intent), rows, file)][:, [*_places(features.TOOL_FEATURES, columns, file), -1]]
        complexity = complexity[[*_places(features.COMPLEXITY_FEATURES, aspects, file), -1]]
        return cls(tuple(Intent), tools.astype(np.float64), complexity.astype(np.float64))

    def chances(self, inputs: Floats) -> Floats:
        """The chance of each tool, shape (n, tools)."""
        scores = inputs @ self.tools[:, :-1].T + self.tools[:, -1]
        grown = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(grown / grown.sum(axis=1, keepdims=True))

    def complexities(self, inputs: Floats) -> Floats:
        """The complexity of each question, 0..1, shape (n,)."""
        return np.asarray(1 / (1 + np.exp(-(inputs @ self.complexity[:-1] + self.complexity[-1]))))


@dataclass(frozen=True)
class Classifier:
    """Reads questions.

    Attributes:
        weights: what was learnt.
        embedder: MiniLM, or None to do without: the choice is then worse, and still right more often than not.
    """

    weights: IntentWeights
    embedder: Embedder | None

    def read(self, query: str) -> Reading:
        """What this question wants."""
        return self.read_all([query])[0]

    def read_all(self, queries: Sequence[str]) -> list[Reading]:
        """What each question wants."""
        vectors = features.meaning(queries, self.embedder)
        chances = self.weights.chances(features.for_tools(queries, vectors))
        complexities = self.weights.complexities(features.for_complexity(queries, vectors, chances))
        intents = self.weights.intents
        return [
            Reading(
                tuple((intents[k], float(row[k])) for k in np.argsort(-row)), float(share), vector.astype(np.float32)
            )
            for row, share, vector in zip(chances, complexities, vectors, strict=True)
        ]


@lru_cache(maxsize=4)
def classifier(weights: Path = PACKAGED) -> Classifier:
    """The classifier with these weights; without MiniLM where that is not installed."""
    try:
        embedder = minilm()
    except NoEmbedder:
        embedder = None
    return Classifier(IntentWeights.read(weights, with_meaning=embedder is not None), embedder)


def estimate_query_complexity(query: str, context: QueryContext = ALONE) -> float:
    """How much a question asks, 0..1: several calculations, open advice or a long talk make it more.

    A regression on length, clauses, kind of question, tools that its words name, the margin of the tool classifier and
    MiniLM's vector; see `engine.coach.understand.recalibrate`.
    """
    return in_context(classifier().read(query).complexity, context)


def write_weights(file: Path, *, meaning: IntentWeights, words: IntentWeights) -> None:
    """Keep what was learnt, with the seven digits that matter, and the names of its rows and columns.

    Args:
        file: an npz, overwritten.
        meaning: learnt with MiniLM's vectors.
        words: learnt without, with the same intents.

    Raises:
        ValueError: the two speak of different intents.
    """
    if meaning.intents != words.intents:
        raise ValueError("weights with and without MiniLM need the same intents in the same order")
    np.savez_compressed(
        file,
        intents=np.array([intent.value for intent in meaning.intents]),
        tool_features=np.array(features.TOOL_FEATURES),
        complexity_features=np.array(features.COMPLEXITY_FEATURES),
        meaning_tools=meaning.tools.astype(np.float32),
        meaning_complexity=meaning.complexity.astype(np.float32),
        words_tools=words.tools.astype(np.float32),
        words_complexity=words.complexity.astype(np.float32),
    )


def _names(arrays: Mapping[str, NDArray[np.str_]], name: str, unnamed: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(each) for each in arrays[name]) if name in arrays else unnamed


def _places(names: Sequence[str], stored: Sequence[str], file: Path) -> list[int]:
    """Where each name stands among the stored ones."""
    place_of = {name: place for place, name in enumerate(stored)}
    lacking = [str(name) for name in names if name not in place_of]
    if lacking:
        raise StaleWeights(file, f'"{lacking[0]}"')
    return [place_of[name] for name in names]
