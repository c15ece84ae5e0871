"""Hill-climbing by BIC: in numpy, and by pgmpy as a second opinion, where the columns' order in time is known.

When every arrow has one possible direction, the BIC of a graph is a sum over its columns, so climbing on each column's
parents climbs on the graph; nothing depends on the order of the columns or on hashing.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from engine.arrays import Floats

TINY = 1e-10
MANY = 0.5
"""How much dearer a parent is when there are many to choose from (the gamma of the extended BIC)."""


def best_parents(correlation: Floats, child: int, allowed: Sequence[int], rows: int) -> tuple[int, ...]:
    """The columns among `allowed` that best explain a child: add or remove one at a time while the BIC improves.

    The BIC is the extended one, which also pays for the number of columns that could have been chosen.

    Args:
        correlation: of all columns, shape (k, k).
        child: position of the column to explain.
        allowed: positions of the columns that may be its parents.
        rows: how many rows the correlations come from.

    Source: Chen & Chen (2008), Biometrika 95.
    """
    chosen: list[int] = []
    price = float(np.log(rows) + 2 * MANY * np.log(max(1, len(allowed))))
    while True:
        added = _best_addition(correlation, child, [k for k in allowed if k not in chosen], chosen, rows)
        if added is None or added[1] <= price:
            return tuple(sorted(chosen))
        chosen.append(added[0])
        chosen = _pruned(correlation, child, chosen, rows, price)


def score(correlation: Floats, child: int, parents: Sequence[int], rows: int) -> float:
    """Gaussian BIC of one column given its parents, up to a constant that all parent sets share.

    Args:
        correlation: of all columns, shape (k, k).
        child: the column, 0..k-1.
        parents: its parents' columns.
        rows: how many rows the correlation was taken from.
    """
    return -0.5 * rows * float(np.log(_left(correlation, child, parents))) - 0.5 * len(parents) * float(np.log(rows))


def _left(correlation: Floats, child: int, parents: Sequence[int]) -> float:
    """Share of the child's variance that its parents leave, > 0."""
    if not parents:
        return max(float(correlation[child, child]), TINY)
    block = correlation[np.ix_(list(parents), list(parents))] + TINY * np.eye(len(parents))
    side = correlation[list(parents), child]
    return max(float(correlation[child, child] - side @ np.linalg.solve(block, side)), TINY)


def _best_addition(
    correlation: Floats, child: int, free: Sequence[int], chosen: Sequence[int], rows: int
) -> tuple[int, float] | None:
    """The column that raises twice the log likelihood most, and by how much; the first of equals."""
    if not free:
        return None
    places = [child, *free]
    rest = correlation[np.ix_(places, places)]
    if chosen:
        block = correlation[np.ix_(list(chosen), list(chosen))] + TINY * np.eye(len(chosen))
        side = correlation[np.ix_(list(chosen), places)]
        rest = rest - side.T @ np.linalg.solve(block, side)
    own, others = max(float(rest[0, 0]), TINY), np.diag(rest)[1:]
    # a column that the chosen ones already say has nothing of its own left
    squared = np.where(others > 1e-8, rest[0, 1:] ** 2 / np.maximum(others, 1e-8) / own, 0.0)
    gains = -rows * np.log(np.maximum(1 - squared, TINY))
    best = int(np.argmax(np.round(gains, 9)))
    return free[best], float(gains[best])


def _pruned(correlation: Floats, child: int, chosen: list[int], rows: int, price: float) -> list[int]:
    """Drop parents that later ones made superfluous."""
    while len(chosen) > 1:
        whole = _left(correlation, child, chosen)
        losses = [rows * np.log(_left(correlation, child, [k for k in chosen if k != one]) / whole) for one in chosen]
        least = int(np.argmin(np.round(losses, 9)))
        if losses[least] >= price:
            return chosen
        chosen = [k for k in chosen if k != chosen[least]]
    return chosen


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


def _sideways(layers: Sequence[Sequence[str]]) -> set[tuple[str, str]]:
    return {(one, other) for layer in layers for one in layer for other in layer if one != other}
