"""DoWhy and pgmpy as second opinions: what to hold fixed, does the calculation hold together, which arrows are there.

DoWhy's three refuters test the calculation and never the assumption behind it: an estimate that is wrong because a
cause is missing passes all of them. So they are reported as what they are, and no grade rests on them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from engine.arrays import Floats
from engine.causal.drivers import CALENDAR
from engine.causal.frame import Answers
from engine.causal.grade import Grade
from engine.causal.graph import CausalGraph, prewhitened
from engine.causal.panel import Panel, Part
from engine.causal.result import Evidence, Identified, Refutation
from engine.process import Report

REFUTERS: dict[str, tuple[str, dict[str, Any]]] = {
    "placebo_treatment_refuter": ("With the driver's values shuffled, the effect goes", {"placebo_type": "permute"}),
    "random_common_cause": ("With a made-up common cause, the effect stays", {}),
    "data_subset_refuter": ("On random parts of the rows, the effect stays", {"subset_fraction": 0.8}),
}
SEED = 1
ROOM = 0.25
"""An effect that should stay may move by a quarter of itself; one that should go may keep as much."""

EARLIER = ", a period earlier"


def identify_and_estimate(
    columns: Floats,
    names: Sequence[str],
    arrows: Sequence[tuple[str, str]],
    arrow: tuple[str, str],
    *,
    simulations: int = 40,
) -> Identified:
    """Identify, estimate and refute the total effect of one column on another.

    Args:
        columns: the rows to estimate from, shape (n, k).
        names: one per column.
        arrows: the causal graph, acyclic.
        arrow: (treatment, outcome).
        simulations: draws per refuter; 0 to skip them.
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
        refuters = REFUTERS if simulations else ()
        refutations = tuple(_refute(model, estimand, estimate, name, simulations) for name in refuters)
    by_short = {short_name: name for name, short_name in short.items()}
    held = tuple(sorted(by_short[column] for column in estimand.get_backdoor_variables() or ()))
    lower, upper = np.asarray(estimate.get_confidence_intervals(), dtype=float).ravel()[:2]
    return Identified(
        held,
        bool(estimand.estimands.get("backdoor")),
        float(estimate.value),
        (float(lower), float(upper)),
        refutations,
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


def climb(
    columns: Floats,
    names: Sequence[str],
    layers: Sequence[Sequence[str]],
    never: Iterable[tuple[str, str]] = (),
    *,
    categories: bool = False,
) -> frozenset[tuple[str, str]]:
    """The arrows that pgmpy's hill-climb finds in the whole history, by BIC: Gaussian, or of categories.

    Args:
        columns: freed from calendar and own past, shape (rows, k); or one code per category.
        names: one per column.
        layers: the names in groups, the earliest first; no arrow points backward.
        never: arrows that cannot be.
        categories: whether the columns hold codes, of which none is more than another.

    Returns:
        Arrows (cause, effect) between layers; within a layer the search cannot know a direction, and they are left out.
    """
    import logging

    import pandas
    from pgmpy.causal_discovery import ExpertKnowledge, HillClimbSearch

    logging.getLogger("pgmpy").setLevel(logging.ERROR)
    place = {name: k for k, layer in enumerate(layers) for name in layer}
    # pgmpy puts the names into formulas, and an owner's headers are no formulas
    short = {name: f"v{k:04d}" for k, name in enumerate(sorted(names))}
    frame = pandas.DataFrame({short[name]: columns[:, list(names).index(name)] for name in sorted(names)})
    forbidden = sorted((short[cause], short[effect]) for cause, effect in {*never, *_sideways(layers)})
    order = [sorted(short[name] for name in layer) for layer in layers]
    knowledge = ExpertKnowledge(temporal_order=order, forbidden_edges=forbidden)
    search = HillClimbSearch(
        scoring_method="bic-d" if categories else "bic-g",
        expert_knowledge=knowledge,
        return_type="dag",
        show_progress=False,
    )
    edges = search.fit(frame.astype("category") if categories else frame).causal_graph_.edges()
    long = {code: name for name, code in short.items()}
    arrows = ((long[cause], long[effect]) for cause, effect in edges)
    return frozenset((cause, effect) for cause, effect in arrows if place[cause] < place[effect])


def second_look(evidence: Evidence, answers: Answers, report: Report = lambda share, note: None) -> Evidence:
    """Let DoWhy identify, estimate and refute each spend's effect, and pgmpy search the arrows again.

    Costs about ten seconds the first time in a process, for the two libraries.

    Args:
        evidence: of the first look.
        answers: what the owner said; its forbidden arrows hold here too.
        report: told how far the work has come.
    """
    panel, graph, model = evidence.model.panel, evidence.graph, evidence.model
    terms = model.terms[model.first :, 1:]
    calendar = [f"calendar term {k}" for k in range(1, terms.shape[1] + 1)]
    columns = {variable.name: variable.values[model.first :] for variable in panel.variables}
    columns |= {driver.name: model.stock(driver)[model.first :] for driver in panel.drivers}
    table, names = np.column_stack([terms, *columns.values()]), [*calendar, *columns]
    causes = []
    for done, cause in enumerate(evidence.causes):
        report(0.7 + 0.2 * done / len(evidence.causes), f"A second look at {cause.name}")
        if cause.grade is Grade.D or panel.named(cause.name).part is not Part.TREATMENT:
            causes.append(cause)
            continue
        arrow = (cause.name, panel.outcome.name)
        beside = {*with_calendar(graph, calendar), *_drivers_act(panel, cause.name), arrow}
        identified = identify_and_estimate(table, names, sorted(beside), arrow)
        held = [name for name in identified.adjusted_for if name not in calendar]
        if len(held) < len(identified.adjusted_for):
            held = [CALENDAR, *held]
        identified = replace(identified, adjusted_for=tuple(held))
        causes.append(replace(cause, proof=replace(cause.proof, calculation=identified)))
    return replace(evidence, causes=tuple(causes), agreed=_agreed(panel, graph, answers))


def _refute(model: Any, estimand: Any, estimate: Any, name: str, simulations: int) -> Refutation:
    sentence, options = REFUTERS[name]
    refutation = model.refute_estimate(
        estimand, estimate, method_name=name, num_simulations=simulations, random_seed=SEED, n_jobs=1, **options
    )
    after, before = float(np.mean(refutation.new_effect)), float(estimate.value)
    goal = 0.0 if name == "placebo_treatment_refuter" else before
    return Refutation(name, sentence, after, abs(after - goal) <= ROOM * abs(before))


def _sideways(layers: Sequence[Sequence[str]]) -> set[tuple[str, str]]:
    return {(one, other) for layer in layers for one in layer for other in layer if one != other}


def _drivers_act(panel: Panel, spend: str) -> set[tuple[str, str]]:
    """Arrows that are drawn whether or not they came back often enough.

    What happens anyway may move every spend and the outcome; the spend in question may move every step on the way, so
    that no step is held fixed, which would take away what it does through that step.
    """
    targets = [*(driver.name for driver in panel.treatments), panel.outcome.name]
    anyway = {(control.name, name) for control in panel.controls for name in targets}
    return anyway | {(spend, step.name) for step in panel.steps}


def _agreed(panel: Panel, graph: CausalGraph, answers: Answers) -> float | None:
    """Share of the learnt solid arrows that pgmpy's hill-climb finds too; None when there is none."""
    learnt = {(arrow.cause, arrow.effect) for arrow in graph.arrows if arrow.solid and not arrow.drawn_by_owner}
    if not learnt:
        return None
    names = list(graph.names)
    white = prewhitened(np.column_stack([panel.named(name).values for name in names]), panel.calendar())
    earlier = [name + EARLIER for name in names]
    both, layers = np.hstack([white[1:], white[:-1]]), [tuple(earlier), *graph.layers]
    edges = climb(both, [*names, *earlier], layers, answers.never)
    plain = {(cause.removesuffix(EARLIER), effect) for cause, effect in edges}
    return len(learnt & plain) / len(learnt)
