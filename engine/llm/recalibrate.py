"""Learns the classifier from the project's own questions and from what owners corrected.

    python -m engine.llm.recalibrate [--feedback answered.tsv] [--out weights.npz]

Each line of a file: the tools that the question needs, joined by "+", a tab, the question. A question that needs
several tools counts as complex.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.llm import features
from engine.llm.classifier import PACKAGED, Weights, write_weights
from engine.llm.cues import Tool
from engine.llm.embed import Embedder, minilm

OWN_QUESTIONS = Path(__file__).parent / "trained" / "questions.tsv"
PENALTY = 10.0
COMPLEX_PENALTY = 1.0
LOCAL_SHARE, THRESHOLD = 0.70, 0.3
FOLDS = 5


@dataclass(frozen=True)
class Lesson:
    """One question with the tools that it needs, the first one first."""

    query: str
    tools: tuple[Tool, ...]

    @property
    def is_complex(self) -> bool:
        """True when it needs several tools."""
        return len(self.tools) > 1


def read_lessons(file: Path) -> list[Lesson]:
    """The lessons of a file.

    Raises:
        ValueError: a line has no tab, or names an unknown tool.
    """
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    pairs = [line.split("\t", 1) for line in lines]
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError(f"{file}: each line needs tools, a tab and a question")
    return [Lesson(query, tuple(Tool(tool) for tool in tools.split("+"))) for tools, query in pairs]


def learn(lessons: Sequence[Lesson], embedder: Embedder | None) -> Weights:
    """Weights that fit these lessons.

    The complexity is shifted so that `LOCAL_SHARE` of the lessons lie below `THRESHOLD`: the mix of questions decides
    how many stay on this machine, and that share is what an owner cares about.

    Args:
        lessons: at least `FOLDS` of each tool, some complex.
        embedder: MiniLM, or None to learn without.
    """
    queries = [lesson.query for lesson in lessons]
    vectors = features.meaning(queries, embedder)
    tools = np.array([list(Tool).index(lesson.tools[0]) for lesson in lessons])
    complexity = np.array([lesson.is_complex for lesson in lessons])
    inputs = features.for_tools(queries, vectors)
    # The margin of a lesson must come from weights that have not seen it, as that of a new question will.
    chances = _unseen_chances(inputs, tools)
    asked = features.for_complexity(queries, vectors, chances)
    weights = Weights(_fit_tools(inputs, tools), _fit_complexity(asked, complexity))
    return Weights(weights.tools, _shifted(weights.complexity, asked))


def _fit_tools(inputs: NDArray[np.float64], tools: NDArray[np.int64]) -> NDArray[np.float64]:
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=PENALTY, max_iter=1000).fit(inputs, tools)
    return np.hstack([fitted.coef_, fitted.intercept_[:, None]])


def _unseen_chances(inputs: NDArray[np.float64], tools: NDArray[np.int64]) -> NDArray[np.float64]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    model = LogisticRegression(C=PENALTY, max_iter=1000)
    return np.asarray(cross_val_predict(model, inputs, tools, cv=folds, method="predict_proba"))


def _fit_complexity(inputs: NDArray[np.float64], complexity: NDArray[np.bool_]) -> NDArray[np.float64]:
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=COMPLEX_PENALTY, max_iter=1000, class_weight="balanced").fit(inputs, complexity)
    return np.append(fitted.coef_[0], fitted.intercept_)


def _shifted(weights: NDArray[np.float64], inputs: NDArray[np.float64]) -> NDArray[np.float64]:
    scores = inputs @ weights[:-1] + weights[-1]
    shift = np.log(THRESHOLD / (1 - THRESHOLD)) - np.quantile(scores, LOCAL_SHARE)
    return np.append(weights[:-1], weights[-1] + shift)


def recalibrate(more: Sequence[Lesson], out: Path) -> int:
    """Learn from the project's own questions and these, and write the weights; returns how many there were."""
    lessons = [*read_lessons(OWN_QUESTIONS), *more]
    out.parent.mkdir(parents=True, exist_ok=True)
    write_weights(out, meaning=learn(lessons, minilm()), words=learn(lessons, None))
    return len(lessons)


def main(arguments: list[str] | None = None) -> int:
    """Learn and write the weights; 0 when that worked."""
    parser = argparse.ArgumentParser(prog="python -m engine.llm.recalibrate", description="Learn the classifier anew.")
    parser.add_argument("--feedback", type=Path, help="more questions, as owners corrected them")
    parser.add_argument("--out", type=Path, default=PACKAGED, help="where to write the weights")
    options = parser.parse_args(arguments)
    count = recalibrate(read_lessons(options.feedback) if options.feedback else [], options.out)
    print(f"Learnt from {count} questions: {options.out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
