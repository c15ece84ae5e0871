"""Which column moves which: arrows that come back in resampled histories, and how sure their direction is.

Parents are chosen by hill-climbing on the BIC. When every arrow has one possible direction, the BIC of a graph is a sum
over its columns, so climbing on each column's parents climbs on the graph; nothing depends on the order of the columns
or on hashing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.arrays import Floats, Ints
from engine.causal.frame import Answers
from engine.causal.panel import Panel, Part

RESAMPLES = 40
BLOCK = 8
STABLE = 0.85
HINTED = 0.5
"""Histories are resampled in blocks of 8 periods. An arrow is drawn when it comes back in half of them, and solid when
it does in 85 % and its direction is known from the order of things."""

OWN_LAGS = 2
SEED = 20260101

TINY = 1e-10
MANY = 0.5
"""How much dearer a parent is when there are many to choose from (the gamma of the extended BIC)."""


@dataclass(frozen=True)
class Arrow:
    """One line between two columns.

    Attributes:
        cause: where it starts; for an undirected line, the first of the two names.
        effect: where it ends.
        share: share of the resampled histories in which it comes back, 0..1.
        lag: 0 in the same period, 1 one period later.
        directed: whether order in time or the owner's answer settles the direction.
        drawn_by_owner: True when the owner put it there.
    """

    cause: str
    effect: str
    share: float
    lag: int
    directed: bool
    drawn_by_owner: bool = False

    @property
    def solid(self) -> bool:
        """Whether it is drawn without dashes."""
        return self.drawn_by_owner or (self.directed and self.share >= STABLE)


@dataclass(frozen=True)
class CausalGraph:
    """What the data and the owner say about which column moves which.

    Attributes:
        layers: the columns in groups from left to right; an arrow never points to the left.
        arrows: lines between columns, by name.
        cautions: what must be said with it.
    """

    layers: tuple[tuple[str, ...], ...]
    arrows: tuple[Arrow, ...]
    cautions: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every column, from left to right."""
        return tuple(name for layer in self.layers for name in layer)

    @property
    def solid(self) -> frozenset[tuple[str, str]]:
        """The arrows that are believed, as (cause, effect)."""
        return frozenset((arrow.cause, arrow.effect) for arrow in self.arrows if arrow.solid)

    def stability(self, cause: str, effects: Iterable[str]) -> float:
        """The largest share with which an arrow leads from a column to one of others; 0 for none."""
        targets = set(effects)
        return max(
            (arrow.share for arrow in self.arrows if arrow.cause == cause and arrow.effect in targets), default=0
        )

    def with_arrows(self, add: Iterable[tuple[str, str]]) -> "CausalGraph":
        """The graph with arrows that the owner draws in.

        Raises:
            ValueError: an arrow would point from a later to an earlier column, or names none.
        """
        place = {name: k for k, layer in enumerate(self.layers) for name in layer}
        for cause, effect in add:
            if cause not in place or effect not in place or place[cause] > place[effect] or cause == effect:
                raise ValueError(f"an arrow from {cause} to {effect} does not follow the order of the columns")
        remaining = [arrow for arrow in self.arrows if (arrow.cause, arrow.effect) not in {*add}]
        by_owner = [Arrow(cause, effect, 1.0, 0, directed=True, drawn_by_owner=True) for cause, effect in add]
        return replace(self, arrows=_sorted([*remaining, *by_owner]))


def layers_of(panel: Panel, answers: Answers) -> tuple[tuple[str, ...], ...]:
    """The columns in the order in which they can move each other: the owner's, or the usual one.

    Usually what happens anyway comes first, then what the owner turns, then each step on the way, then the outcome.
    Columns that the owner did not place keep their usual place at the ends.
    """
    usual: list[tuple[str, ...]] = [
        tuple(variable.name for variable in panel.controls),
        tuple(variable.name for variable in panel.treatments),
        *((variable.name,) for variable in panel.steps),
        (panel.outcome.name,),
    ]
    names = {variable.name for variable in panel.variables}
    by_owner = [tuple(name for name in group if name in names) for group in answers.order]
    placed = {name for group in by_owner for name in group}
    if not placed:
        return tuple(layer for layer in usual if layer)
    rest = tuple(name for layer in usual[:-1] for name in layer if name not in placed)
    last = () if panel.outcome.name in placed else (panel.outcome.name,)
    return tuple(layer for layer in (rest, *by_owner, last) if layer)


def learn_graph(panel: Panel, answers: Answers | None = None) -> CausalGraph:
    """Learn which columns move which from a panel and the owner's answers.

    Each column is freed from the calendar and from its own past; then, in many histories resampled by blocks of
    periods, hill-climbing by BIC chooses its parents among the columns of the same and the period before. Two columns
    of one layer get a line without direction. What the owner forbids is never drawn, and spends of different channels
    do not move each other.

    Args:
        panel: as `screen` leaves it.
        answers: what the owner said; everything open when None.
    """
    knowledge = answers or Answers()
    layers = layers_of(panel, knowledge)
    names = [name for layer in layers for name in layer]
    columns = np.column_stack([panel.named(name).values for name in names])
    place = {name: k for k, layer in enumerate(layers) for name in layer}
    parts = {variable.name: variable.part for variable in panel.variables}

    def allowed(cause: str, effect: str) -> bool:
        idle = parts[cause] is parts[effect] and parts[cause] in (Part.TREATMENT, Part.CONTROL)
        return place[cause] <= place[effect] and not idle and (cause, effect) not in knowledge.never

    present = np.ones(len(panel), bool)
    for apart in (panel.gaps, panel.odd):
        present[np.flatnonzero(apart)] = False
    shares = arrow_shares(prewhitened(columns, panel.calendar()), names, present, allowed)
    arrows = _arrows(shares, place)
    surely = [(cause, effect) for cause, effect in sorted(knowledge.surely) if cause in place and effect in place]
    backward = [(cause, effect) for cause, effect in surely if place[cause] > place[effect]]
    cautions = (
        *_cautions(layers),
        *(f"Your arrow from {cause} to {effect} points backward." for cause, effect in backward),
    )
    graph = CausalGraph(layers, _sorted(arrows), cautions)
    return graph.with_arrows([arrow for arrow in surely if arrow not in backward])


def prewhitened(columns: Floats, calendar: Floats) -> Floats:
    """Each column without what the calendar and its own last two periods explain; the first two rows are lost."""
    rests = []
    for k in range(columns.shape[1]):
        own = [columns[OWN_LAGS - lag : len(columns) - lag, k] for lag in range(1, OWN_LAGS + 1)]
        design = np.column_stack([calendar[OWN_LAGS:], *own])
        target = columns[OWN_LAGS:, k]
        rest = target - design @ np.linalg.lstsq(design, target, rcond=None)[0]
        size = float(np.sqrt(np.mean(rest**2)))
        silent = size <= 1e-9 * max(1.0, float(np.abs(target).max()))
        rests.append(np.zeros_like(rest) if silent else rest / size)
    return np.column_stack(rests)


def arrow_shares(
    columns: Floats,
    names: Sequence[str],
    present: Floats,
    allowed: Callable[[str, str], bool],
) -> Mapping[tuple[str, str, int], float]:
    """Share of resampled histories in which each (cause, effect, lag) comes back.

    Args:
        columns: prewhitened, shape (rows, k).
        names: one per column.
        present: per period of the panel, whether it may be drawn.
        allowed: whether one column may move another.
    """
    both = np.hstack([columns[1:], columns[:-1]])
    usable = np.flatnonzero(present[len(present) - len(both) :])
    both = both[usable]
    rng, counts = np.random.default_rng(SEED), dict[tuple[str, str, int], int]()
    width, rows = len(names), len(both)
    choices = {
        effect: [
            cause + lag * width
            for lag in (0, 1)
            for cause in range(width)
            if cause != effect and allowed(names[cause], names[effect])
        ]
        for effect in range(width)
    }
    for _ in range(RESAMPLES):
        correlation = _correlation(both[_blocks(rng, rows)])
        for effect, options in choices.items():
            for parent in best_parents(correlation, effect, options, rows):
                lag, cause = divmod(parent, width)
                key = (names[cause], names[effect], lag)
                counts[key] = counts.get(key, 0) + 1
    return {key: count / RESAMPLES for key, count in sorted(counts.items())}


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


def _blocks(rng: np.random.Generator, rows: int) -> Ints:
    starts = rng.integers(0, max(1, rows - BLOCK + 1), size=-(-rows // BLOCK))
    return (starts[:, None] + np.arange(min(BLOCK, rows))).ravel()[:rows]


def _correlation(columns: Floats) -> Floats:
    centred = columns - columns.mean(axis=0)
    sizes = np.sqrt((centred**2).mean(axis=0))
    scaled = centred / np.where(sizes > 1e-9, sizes, np.inf)
    return np.asarray(scaled.T @ scaled / len(scaled))


def _arrows(shares: Mapping[tuple[str, str, int], float], place: Mapping[str, int]) -> list[Arrow]:
    """One line per pair: the stronger of both lags, without direction inside a layer."""
    lines: dict[tuple[str, str], Arrow] = {}
    for (cause, effect, lag), share in shares.items():
        inside = place[cause] == place[effect]
        directed = not inside or lag > 0
        if inside and lag == 0:
            share = min(share, shares.get((effect, cause, 0), 0.0))
            cause, effect = min(cause, effect), max(cause, effect)
        old = lines.get((cause, effect))
        if share >= HINTED and (old is None or share > old.share):
            lines[cause, effect] = Arrow(cause, effect, share, lag, directed)
    return list(lines.values())


def _sorted(arrows: Iterable[Arrow]) -> tuple[Arrow, ...]:
    return tuple(sorted(arrows, key=lambda arrow: (arrow.cause, arrow.effect)))


def _cautions(layers: Sequence[Sequence[str]]) -> tuple[str, ...]:
    if len(layers) > 1:
        return ()
    return ("What comes before what is not known, so lines in the same period have no direction.",)


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
