"""Router: which tool a question wants, how hard it is, and what sending the hard ones to a strong model brings."""

import argparse
import hashlib
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.json_lines import read_json_lines
from engine.arrays import Floats, Floats32
from engine.coach.understand import intents as features
from engine.coach.understand.classifier import Reading, classifier, estimate_query_complexity
from engine.llm.embed import minilm
from engine.llm.router import LOCAL_BELOW

Places = NDArray[np.int64]

FOLDS = 5
FEW = 50
"""Among fewer rows every word counts, else only those of two rows."""
CLOUD_SHARE = 0.3
SPEED_QUERIES = 100


@dataclass(frozen=True)
class Rows:
    """Questions with what is known of them.

    Attributes:
        queries: the questions, with the hints that belong to them.
        groups: rows of one group are never split over learning and testing.
        sources: where each comes from, shape (n,).
        rows: the rows as read.
    """

    queries: list[str]
    groups: NDArray[np.str_]
    sources: NDArray[np.str_]
    rows: list[dict[str, object]]

    def values(self, name: str) -> Floats:
        """One column as numbers."""
        return np.array([float(str(row[name])) for row in self.rows])


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this area."""
    parser.add_argument(
        "--data", type=Path, required=True, help="coach_queries.jsonl, outcomes.jsonl, difficulty.jsonl"
    )
    parser.add_argument(
        "--kept", dest="cache", type=Path, default=None, help="a folder in which vectors are kept between runs"
    )
    parser.add_argument("--sample", type=int, help="only so many rows of outcomes and of difficulty")
    parser.add_argument("--seed", type=int, default=1)


def run(options: argparse.Namespace) -> tuple[str, dict[str, object]]:
    """The table and the figures; a file that the folder does not have is left out."""
    figures: dict[str, object] = {}
    parts: dict[str, Callable[[Rows, argparse.Namespace], dict[str, object]]] = {
        "coach_queries": _coach,
        "outcomes": _outcomes,
        "difficulty": _difficulty,
    }
    for name, measure in parts.items():
        file = options.data / f"{name}.jsonl"
        if file.is_file():
            sample = None if name == "coach_queries" else options.sample
            figures |= measure(_rows(file, sample, options.seed), options)
    return "\n".join(f"{name:42} {value}" for name, value in figures.items()), figures


def _rows(file: Path, sample: int | None, seed: int) -> Rows:
    rows = read_json_lines(file)
    if sample is not None and sample < len(rows):
        rows = random.Random(seed).sample(rows, sample)
    queries = [" ".join(str(row[key]) for key in ("query", "constraints", "evidence") if row.get(key)) for row in rows]
    groups = np.array([str(row.get("group", row.get("id", place))) for place, row in enumerate(rows)])
    return Rows(queries, groups, np.array([str(row.get("source", "")) for row in rows]), rows)


def _coach(rows: Rows, options: argparse.Namespace) -> dict[str, object]:
    """Learnt from the project's own questions alone, tested on the folder's."""
    readings = classifier().read_all(rows.queries)
    tools = np.array([str(row["tool"]) for row in rows.rows])
    hard = rows.values("complex") > 0
    right = np.array([reading.tool.value for reading in readings]) == tools
    sure = np.array([reading.confidence for reading in readings])
    complexity = np.array([reading.complexity for reading in readings])
    surest = np.argsort(-sure)[: round(0.8 * len(sure))]
    in_scope = ~hard & (tools != "other")
    return {
        "tool_top1": right.mean(),
        "tool_top1_simple_questions": right[~hard].mean(),
        "tool_at_80_coverage": right[surest].mean(),
        "tool_among_two_offered": _among_two(readings, tools).mean(),
        "tool_top1_in_scope": right[in_scope].mean(),
        "tool_random": 1 / len(set(tools)),
        "tool_words_only": _own_lessons_tfidf(rows.queries, tools),
        "complexity_auroc": _auroc(hard, complexity),
        "complexity_auroc_length": _auroc(hard, _lengths(rows.queries)),
        "share_local": (complexity < LOCAL_BELOW).mean(),
        "complex_sent_on": (complexity[hard] >= LOCAL_BELOW).mean(),
        "decision_ms_p50": _decision(rows.queries, 0.5),
        "decision_ms_p95": _decision(rows.queries, 0.95),
    }


def _outcomes(rows: Rows, options: argparse.Namespace) -> dict[str, object]:
    """The strong model's advantage, learnt from four fifths of the rows and tested on the rest."""
    weak, strong = rows.values("weak"), rows.values("strong")
    scores = _predictions(rows, strong - weak, options, by_group=False)
    rng = np.random.default_rng(options.seed)
    ways = {
        "": scores["blend"],
        "_length": _lengths(rows.queries),
        "_tfidf": scores["tfidf"],
        "_random": rng.random(len(weak)),
        "_coach_complexity": _own_complexity(rows, options),
    }
    figures: dict[str, object] = {}
    for name, score in ways.items():
        figures |= {f"outcomes_apgr{name}": _apgr(score, weak, strong)}
        figures |= {f"outcomes_pgr_at_30{name}": _recovery(score, weak, strong, CLOUD_SHARE)}
    return figures


def _difficulty(rows: Rows, options: argparse.Namespace) -> dict[str, object]:
    """Simple against the rest, cross-validated by group: rows about one table never stand on both sides."""
    figures: dict[str, object] = {}
    hard = rows.values("difficulty") > 0
    for source in sorted(set(rows.sources)):
        mine = rows.sources == source
        part = Rows([q for q, m in zip(rows.queries, mine, strict=True) if m], rows.groups[mine], rows.sources[mine],
                    [r for r, m in zip(rows.rows, mine, strict=True) if m])  # fmt: skip
        scores = _predictions(part, hard[mine].astype(float), options, by_group=True)
        figures |= {
            f"{source}_auroc": _auroc(hard[mine], scores["blend"]),
            f"{source}_auroc_tfidf": _auroc(hard[mine], scores["tfidf"]),
            f"{source}_auroc_length": _auroc(hard[mine], _lengths(part.queries)),
            f"{source}_auroc_coach_complexity": _auroc(hard[mine], _own_complexity(part, options)),
        }
    return figures


def _predictions(rows: Rows, target: Floats, options: argparse.Namespace, *, by_group: bool) -> dict[str, Floats]:
    """What is said of rows that were not seen: by the words alone, and by a blend of words, surface and meaning.

    How much each of the three counts is learnt from the learning rows, as they judge rows that they have not seen
    (Wolpert 1992, stacked generalisation; no share is negative: Breiman 1996). All are told against the mean of the
    learning rows, so that the folds can be put side by side.
    """
    from sklearn.linear_model import LinearRegression

    surface = np.hstack([features.surface(rows.queries), _lengths(rows.queries)[:, None], _marks(rows.queries)])
    inputs = _Inputs(rows.queries, surface, _vectors(rows.queries, options.cache).astype(float), target)
    groups = rows.groups if by_group else None
    predictions = {"blend": np.zeros(len(target)), "tfidf": np.zeros(len(target))}
    for learn, test in _folds(np.arange(len(target)), groups, options.seed):
        opinions = inputs.opinions(learn, test)
        own = np.zeros((len(learn), opinions.shape[1]))
        places = {row: place for place, row in enumerate(learn)}
        for inner, holdout in _folds(learn, groups, options.seed):
            own[[places[row] for row in holdout]] = inputs.opinions(inner, holdout)
        shares = LinearRegression(positive=True).fit(own, target[learn]).coef_
        predictions["tfidf"][test] = opinions[:, 0]
        predictions["blend"][test] = opinions @ (shares if shares.any() else np.ones(len(shares)))
    return predictions


def _folds(rows: Places, groups: NDArray[np.str_] | None, seed: int) -> Iterator[tuple[Places, Places]]:
    """Rows to learn from and rows to test on; rows of one group stay together where there are two groups or more."""
    from sklearn.model_selection import GroupKFold, KFold

    kinds = 1 if groups is None else len(set(groups[rows]))
    if groups is not None and kinds > 1:
        splits = GroupKFold(min(FOLDS, kinds)).split(rows, groups=groups[rows])
    else:
        splits = KFold(min(FOLDS, len(rows)), shuffle=True, random_state=seed).split(rows)
    yield from ((rows[learn], rows[test]) for learn, test in splits)


@dataclass(frozen=True, eq=False)
class _Inputs:
    """What is known of all rows.

    Attributes:
        queries: their words.
        surface: what the words show, shape (n, features).
        vectors: their meaning, shape (n, 384).
        target: what is to be said of them, shape (n,).
    """

    queries: list[str]
    surface: Floats
    vectors: Floats
    target: Floats

    def opinions(self, learn: Places, test: Places) -> Floats:
        """What ridge regressions on words, surface and meaning say, less the mean they learnt from, shape (n, 3)."""
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import Ridge
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        target = self.target[learn]
        texts, questions = ([self.queries[k] for k in places] for places in (learn, test))
        rare = 2 if len(learn) >= FEW else 1
        by_words = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), min_df=rare, sublinear_tf=True), Ridge(3.0))
        by_surface = make_pipeline(StandardScaler(), Ridge(30.0)).fit(self.surface[learn], target)
        by_meaning = Ridge(3.0).fit(self.vectors[learn], target)
        estimates = (
            by_words.fit(texts, target).predict(questions),
            by_surface.predict(self.surface[test]),
            by_meaning.predict(self.vectors[test]),
        )
        return np.asarray(np.stack(estimates, axis=1) - target.mean())


def _vectors(queries: Sequence[str], cache: Path | None) -> Floats32:
    if cache is None:
        return _embed(tuple(queries))
    file = cache / f"{hashlib.sha256(json.dumps(queries).encode()).hexdigest()[:16]}.npy"
    if not file.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        np.save(file, minilm().embed(queries))
    return np.asarray(np.load(file))


@lru_cache(maxsize=4)
def _embed(queries: tuple[str, ...]) -> Floats32:
    return minilm().embed(queries)


def _own_complexity(rows: Rows, options: argparse.Namespace) -> Floats:
    """The router's complexity as it is, learnt from owners' questions."""
    weights = classifier().weights
    vectors = _vectors(rows.queries, options.cache).astype(float)
    chances = weights.chances(features.for_tools(rows.queries, vectors))
    return weights.complexities(features.for_complexity(rows.queries, vectors, chances))


def _own_lessons_tfidf(queries: Sequence[str], tools: NDArray[np.str_]) -> float:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    from engine.coach.understand.recalibrate import OWN_QUESTIONS, read_lessons

    lessons = read_lessons(OWN_QUESTIONS)
    model = make_pipeline(TfidfVectorizer(sublinear_tf=True), LogisticRegression(C=10.0, max_iter=1000))
    model.fit([each.query for each in lessons], [each.tools[0].value for each in lessons])
    return float((model.predict(list(queries)) == tools).mean())


def _among_two(readings: Sequence[Reading], tools: NDArray[np.str_]) -> NDArray[np.bool_]:
    choices = [[tool.value for tool in reading.choices] for reading in readings]
    return np.array([tool in names for tool, names in zip(tools, choices, strict=True)])


def _lengths(queries: Sequence[str]) -> Floats:
    return np.array([np.log1p(len(query)) for query in queries])


def _marks(queries: Sequence[str]) -> Floats:
    """Digits, commas and line breaks, as counts."""
    return np.array([[np.log1p(sum(c.isdigit() for c in q)), np.log1p(q.count(",")), np.log1p(q.count("\n"))]
                     for q in queries])  # fmt: skip


def _auroc(positive: NDArray[np.bool_], score: Floats) -> float:
    """The chance that a positive row scores above a negative one, ties counted half (Mann and Whitney 1947)."""
    from scipy.stats import rankdata

    ranks = rankdata(score)
    ones = int(positive.sum())
    return float((ranks[positive].sum() - ones * (ones + 1) / 2) / max(1, ones * (len(positive) - ones)))


def _recovery(score: Floats, weak: Floats, strong: Floats, share: float) -> float:
    """The share of the gap between the models that is recovered when this share of rows goes to the strong one."""
    hardest = np.argsort(-score, kind="stable")[: round(share * len(score))]
    quality = weak.copy()
    quality[hardest] = strong[hardest]
    return float((quality.mean() - weak.mean()) / (strong.mean() - weak.mean()))


def _apgr(score: Floats, weak: Floats, strong: Floats) -> float:
    """The mean of `_recovered` over all shares (Ong et al. 2024, RouteLLM)."""
    return float(np.mean([_recovery(score, weak, strong, share) for share in np.linspace(0, 1, 101)]))


def _decision(queries: Sequence[str], share: float) -> float:
    """CPU milliseconds of a whole decision."""
    some = random.Random(0).choices(list(queries), k=SPEED_QUERIES)
    estimate_query_complexity(some[0])
    times = []
    for query in some:
        start = time.process_time()
        estimate_query_complexity(query)
        times.append(1000 * (time.process_time() - start))
    return float(np.quantile(times, share))
