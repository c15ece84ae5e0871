"""DoWhy: which columns must be held fixed, and whether the calculation holds together.

Its three refuters test the calculation and never the assumption behind it: an estimate that is wrong because a cause is
missing passes all of them. So they are reported as what they are, and no grade rests on them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.arrays import Floats
from engine.causal.graph import CausalGraph

REFUTERS: dict[str, tuple[str, dict[str, Any]]] = {
    "placebo_treatment_refuter": ("With the driver's values shuffled, the effect goes", {"placebo_type": "permute"}),
    "random_common_cause": ("With a made-up common cause, the effect stays", {}),
    "data_subset_refuter": ("On random parts of the rows, the effect stays", {"subset_fraction": 0.8}),
}
SEED = 1
ROOM = 0.25
"""An effect that should stay may move by a quarter of itself; one that should go may keep as much."""


@dataclass(frozen=True)
class Refutation:
    """Whether the calculation holds together under one change.

    Attributes:
        name: DoWhy's name of the change.
        sentence: what should happen, in words.
        effect: the effect after the change, mean over the simulations.
        holds: whether that happened.
    """

    name: str
    sentence: str
    effect: float
    holds: bool


@dataclass(frozen=True)
class Identified:
    """What DoWhy makes of one arrow.

    Attributes:
        adjusted_for: columns that must be held fixed, sorted.
        identifiable: whether the effect can be had from these columns at all, if the graph is right.
        value: the effect by regression on the rows as given.
        interval: its 95 % interval by least squares.
        refutations: whether the calculation holds together.
    """

    adjusted_for: tuple[str, ...]
    identifiable: bool
    value: float
    interval: tuple[float, float]
    refutations: tuple[Refutation, ...] = ()


def identify_and_estimate(
    columns: Floats,
    names: Sequence[str],
    arrows: Sequence[tuple[str, str]],
    arrow: tuple[str, str],
    *,
    simulations: int = 40,
    report: Callable[[float, str], None] = lambda share, note: None,
) -> Identified:
    """Identify, estimate and refute the total effect of one column on another.

    Args:
        columns: the rows to estimate from, shape (n, k).
        names: one per column.
        arrows: the causal graph, acyclic.
        arrow: (treatment, outcome).
        simulations: draws per refuter; 0 to skip them.
        report: told how far the work has come.
    """
    import logging
    import warnings

    import networkx
    import pandas
    from dowhy import CausalModel

    logging.getLogger("dowhy").setLevel(logging.ERROR)
    safe = [f"v{k}" for k in range(len(names))]
    short = dict(zip(names, safe, strict=True))
    graph = networkx.DiGraph()
    graph.add_nodes_from(safe)
    graph.add_edges_from((short[cause], short[effect]) for cause, effect in arrows)
    frame = pandas.DataFrame(columns, columns=safe)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = CausalModel(frame, treatment=short[arrow[0]], outcome=short[arrow[1]], graph=graph)
        # one check of the largest set; the default tries every subset, which takes minutes from fifteen columns on
        estimand = model.identify_effect(method_name="maximal-adjustment", proceed_when_unidentifiable=True)
        estimate = model.estimate_effect(
            estimand,
            method_name="backdoor.linear_regression",
            confidence_intervals=True,
            test_significance=True,
            effect_modifiers=[],  # otherwise DoWhy turns other causes into modifiers and bootstraps for minutes
        )
        refutations = []
        for done, name in enumerate(REFUTERS if simulations else ()):
            report(done / len(REFUTERS), "Checking that the calculation holds together")
            refutations.append(_refute(model, estimand, estimate, name, simulations))
    by_short = {short_name: name for name, short_name in short.items()}
    held = tuple(sorted(by_short[column] for column in estimand.get_backdoor_variables() or ()))
    lower, upper = np.asarray(estimate.get_confidence_intervals(), dtype=float).ravel()[:2]
    return Identified(
        held,
        bool(estimand.estimands.get("backdoor")),
        float(estimate.value),
        (float(lower), float(upper)),
        tuple(refutations),
    )


def with_calendar(graph: CausalGraph, calendar: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The solid arrows of a graph, and one from each calendar column to everything else, without any ring.

    An arrow inside a layer rests on the past alone, and two of them may form a ring; only the owner's are kept there.
    """
    place = {name: layer for layer, names in enumerate(graph.layers) for name in names}
    solid = {
        (arrow.cause, arrow.effect)
        for arrow in graph.arrows
        if arrow.solid and (arrow.drawn_by_owner or place[arrow.cause] < place[arrow.effect])
    }
    return (*sorted(solid), *((term, name) for term in calendar for name in graph.names))


def _refute(model: Any, estimand: Any, estimate: Any, name: str, simulations: int) -> Refutation:
    sentence, options = REFUTERS[name]
    refutation = model.refute_estimate(
        estimand, estimate, method_name=name, num_simulations=simulations, random_seed=SEED, n_jobs=1, **options
    )
    after, before = float(np.mean(refutation.new_effect)), float(estimate.value)
    goal = 0.0 if name == "placebo_treatment_refuter" else before
    return Refutation(name, sentence, after, abs(after - goal) <= ROOM * abs(before))
