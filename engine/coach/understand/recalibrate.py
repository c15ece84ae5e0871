"""Learns the classifier from the project's own questions and from what owners corrected.

    python -m engine.coach.understand.recalibrate [--feedback answered.tsv] [--out weights.npz]

Each line of a file: the tools that the question needs, joined by "+", a tab, the question. A question that needs
several tools counts as complex.
"""

import argparse
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.coach.understand import intents as features
from engine.coach.understand.classifier import (
    PACKAGED,
    Classifier,
    IntentWeights,
    StaleWeights,
    classifier,
    write_weights,
)
from engine.coach.understand.intents import Intent
from engine.llm.embed import Embedder, minilm
from engine.settings import Settings

logger = logging.getLogger(__name__)

OWN_QUESTIONS = Path(__file__).parent / "trained" / "questions.tsv"
PENALTY = 3.0
COMPLEX_PENALTY = 1.0
TOLERANCE = 1e-3
LOCAL_SHARE, THRESHOLD = 0.67, 0.3
COMPLEX_SHARE = 0.12
"""How many of an owner's questions are thought to be complex. The lessons are harder than those: many were written to
be mistaken for others. So a little more than `LOCAL_SHARE` of an owner's questions stay on this machine."""
FOLDS = 5
LEARNT = "questions.npz"
"""Weights that this installation learnt from its owners, in the settings' folder."""


@dataclass(frozen=True)
class Lesson:
    """One question with the tools that it needs, the first one first."""

    query: str
    tools: tuple[Intent, ...]

    @property
    def is_complex(self) -> bool:
        """True when it needs several tools."""
        return len(self.tools) > 1


def read_lessons(file: Path) -> list[Lesson]:
    """The lessons of a file.

    Raises:
        ValueError: a line has no tab, or names an unknown tool.
    """
    lines = [line for line in file.read_text(encoding="utf-8").split("\n") if line.strip()]
    pairs = [line.split("\t", 1) for line in lines]
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError(f"{file}: each line needs tools, a tab and a question")
    return [Lesson(query, tuple(Intent(tool) for tool in tools.split("+"))) for tools, query in pairs]


def learn(lessons: Sequence[Lesson], embedder: Embedder | None) -> IntentWeights:
    """Weights that fit these lessons.

    The complexity is shifted so that `LOCAL_SHARE` of unseen questions lie below `THRESHOLD` when `COMPLEX_SHARE` of
    them are complex: how many stay on this machine is what an owner cares about.

    Args:
        lessons: at least `FOLDS` of each tool, some complex.
        embedder: MiniLM, or None to learn without.
    """
    queries = [lesson.query for lesson in lessons]
    vectors = features.meaning(queries, embedder)
    tools = np.array([lesson.tools[0].value for lesson in lessons])
    complexity = np.array([lesson.is_complex for lesson in lessons])
    inputs = features.for_tools(queries, vectors)
    # The margin of a lesson must come from weights that have not seen it, as that of a new question will.
    chances = _predict_unseen(_tools_model(), inputs, tools, "predict_proba")
    complexity_inputs = features.for_complexity(queries, vectors, chances)
    weights = _fit_complexity(complexity_inputs, complexity)
    weights[-1] += _shift(
        _predict_unseen(_complexity_model(), complexity_inputs, complexity, "decision_function"), complexity
    )
    choice = _tools_model().fit(inputs, tools)
    intents = tuple(Intent(name) for name in choice.classes_)
    return IntentWeights(intents, np.hstack([choice.coef_, choice.intercept_[:, None]]), weights)


def _fit_complexity(inputs: NDArray[np.float64], complexity: NDArray[np.bool_]) -> NDArray[np.float64]:
    fitted = _complexity_model().fit(inputs, complexity)
    return np.append(fitted.coef_[0], fitted.intercept_)


def _predict_unseen(model: Any, inputs: NDArray[np.float64], targets: NDArray[Any], method: str) -> NDArray[np.float64]:
    """What the model says of each lesson when it is learnt from the others."""
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    return np.asarray(cross_val_predict(model, inputs, targets, cv=folds, method=method))


def _tools_model() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=PENALTY, max_iter=1000, tol=TOLERANCE)


def _complexity_model() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=COMPLEX_PENALTY, max_iter=1000, tol=TOLERANCE, class_weight="balanced")


def _shift(scores: NDArray[np.float64], complexity: NDArray[np.bool_]) -> float:
    """What to add to the scores (log odds) so that the wanted share of questions comes to lie below the threshold."""
    order = np.argsort(scores)
    each = np.where(complexity, COMPLEX_SHARE / complexity.sum(), (1 - COMPLEX_SHARE) / (~complexity).sum())
    edge = scores[order][np.searchsorted(np.cumsum(each[order]), LOCAL_SHARE)]
    return float(np.log(THRESHOLD / (1 - THRESHOLD)) - edge)


def recalibrate(more: Sequence[Lesson], out: Path, questions: Path = OWN_QUESTIONS) -> int:
    """Learn from a file of questions and these, and write the weights; returns how many there were.

    Args:
        more: lessons beside those of the file.
        out: where to write the weights, an npz.
        questions: the file of questions, see `read_lessons`.
    """
    lessons = [*read_lessons(questions), *more]
    out.parent.mkdir(parents=True, exist_ok=True)
    write_weights(out, meaning=learn(lessons, minilm()), words=learn(lessons, None))
    return len(lessons)


def question_reader(settings: Settings) -> Classifier:
    """The classifier of questions, with what this installation learnt where it did.

    What another version learnt, which told other things apart, is left alone with a line in the log.
    """
    own = settings.folder / LEARNT
    if not own.is_file():
        return classifier(PACKAGED)
    try:
        return classifier(own)
    except StaleWeights as stale:
        logger.warning("%s", stale)
        return classifier(PACKAGED)


def learn_from_owners(settings: Settings, questions: Path = OWN_QUESTIONS) -> tuple[int, int]:
    """Learn the classifier anew from these questions and from what owners confirmed or chose.

    Returns how many questions came from owners, and how many there were in all; the app uses what was learnt when it
    is started again.
    """
    from engine.store.store import open_store  # SQLAlchemy takes a while to load, and reading questions needs none

    store = open_store(settings.database)
    try:
        lessons = [Lesson(question, (Intent(tool),)) for tool, question in store.talks.lessons()]
    finally:
        store.close()
    return len(lessons), recalibrate(lessons, settings.folder / LEARNT, questions)


def main(arguments: list[str] | None = None) -> int:
    """Learn and write the weights; 0 when that worked."""
    parser = argparse.ArgumentParser(
        prog="python -m engine.coach.understand.recalibrate", description="Learn the classifier anew."
    )
    parser.add_argument("--feedback", type=Path, help="more questions, as owners corrected them")
    parser.add_argument("--out", type=Path, default=PACKAGED, help="where to write the weights")
    options = parser.parse_args(arguments)
    count = recalibrate(read_lessons(options.feedback) if options.feedback else [], options.out)
    print(f"Learnt from {count} questions: {options.out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
