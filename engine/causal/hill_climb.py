"""A second opinion on the arrows: pgmpy's hill-climb with BIC, on the same columns and the same order."""

from collections.abc import Iterable, Sequence

from engine.arrays import Floats


def climbed(
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
    found = search.fit(frame.astype("category") if categories else frame).causal_graph_.edges()
    long = {code: name for name, code in short.items()}
    arrows = ((long[cause], long[effect]) for cause, effect in found)
    return frozenset((cause, effect) for cause, effect in arrows if place[cause] < place[effect])


def _sideways(layers: Sequence[Sequence[str]]) -> set[tuple[str, str]]:
    return {(one, other) for layer in layers for one in layer for other in layer if one != other}
