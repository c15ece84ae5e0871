"""Where a trouble began, when it is known what depends on what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats

UNUSUAL = 3.0
"""A part is in trouble when one of its values in question lies so many spreads from its usual middle."""

TOGETHER = 0.5
"""Trouble that moves on shows at the same time: a part's path must go with the target's to this correlation."""

FEWEST_USUAL = 20
FLOOR = 0.001
"""A part that hardly ever changes is given a spread of a thousandth of its middle."""


@dataclass(frozen=True)
class Suspect:
    """A part that may have started the trouble.

    Attributes:
        name: the part.
        score: how far its values lie from its usual ones, in spreads.
        explains: how many of the troubled parts depend on it, itself included.
        origin: whether nothing that it depends on is in trouble too.
        path: from the target down to it.
    """

    name: str
    score: float
    explains: int
    origin: bool
    path: tuple[str, ...]


def suspects(
    depends_on: Mapping[str, Sequence[str]],
    usual: Mapping[str, Floats],
    during: Mapping[str, Floats],
    target: str,
) -> tuple[Suspect, ...]:
    """The parts that may have started a trouble in the target, the likeliest first; empty when nothing is unusual.

    A part is in trouble when its values are unusual to the same side as the target's and follow the target's over the
    stretch in question. Trouble moves up along dependencies, so it began in a part of which nothing below is troubled;
    among several such parts, in the one that explains most of the troubled ones, and then in the one whose path follows
    the target's most closely. Parts that are unusual without following the target come after, the target itself last.

    Args:
        depends_on: per part, the parts that it calls, buys from or waits for.
        usual: per part, its values in quiet times.
        during: per part, its values over the stretch in question, which should begin before the trouble; where it does
            not, a usual value is put before them. NaN and missing parts cannot be seen, and let trouble through.
        target: the part in which the trouble was noticed.
    """
    if _begins_late(usual.get(target), during.get(target)):
        during = {name: np.append(_middle(usual.get(name)), values) for name, values in during.items()}
    scores = _scores(usual, during, target)
    if scores.get(target, 0.0) < UNUSUAL:
        return ()
    unusual = {name for name, score in scores.items() if score >= UNUSUAL}
    together = {name for name in unusual if _together(during[name], during[target]) >= TOGETHER}
    below = {name: _reach(depends_on, name) for name in unusual}
    candidates = [
        Suspect(
            name,
            scores[name],
            1 + sum(name in below[other] for other in together if other != name),
            not any(other in together for other in below[name] if name not in below.get(other, ())),
            path,
        )
        for name, path in _ways_down(depends_on, scores, target).items()
        if name in unusual
    ]

    def likelihood(each: Suspect) -> tuple[bool, bool, bool, int, float, str]:
        alike = _together(during[each.name], during[target])
        return each.name == target, each.name not in together, not each.origin, -each.explains, -alike, each.name

    return tuple(sorted(candidates, key=likelihood))


def _scores(usual: Mapping[str, Floats], during: Mapping[str, Floats], target: str) -> dict[str, float]:
    """How unusual every part is to the target's side, for the parts of which that can be said."""
    side = _side(usual[target], during[target]) if target in during and target in usual else 1.0
    scores = {name: _score(usual.get(name), values, side) for name, values in sorted(during.items())}
    return {name: score for name, score in scores.items() if score is not None}


def _begins_late(usual: Floats | None, values: Floats | None) -> bool:
    """Whether every value in the stretch is unusual already, so that nothing in it shows how the trouble came."""
    numbers = values[np.isfinite(values)] if values is not None else np.zeros(0)
    scores = [max(_score(usual, np.array([value]), side) or 0.0 for side in (1.0, -1.0)) for value in numbers]
    return bool(scores) and min(scores) >= UNUSUAL


def _middle(usual: Floats | None) -> float:
    quiet = usual[np.isfinite(usual)] if usual is not None else np.zeros(0)
    return float(np.median(quiet)) if len(quiet) else np.nan


def _score(usual: Floats | None, values: Floats, side: float) -> float | None:
    """How far the values go to one side of the usual middle, in usual spreads; None when nobody can tell."""
    if usual is None:
        return None
    quiet, now = usual[np.isfinite(usual)], values[np.isfinite(values)]
    if len(quiet) < FEWEST_USUAL or len(now) == 0:
        return None
    middle = float(np.median(quiet))
    low, high = np.quantile(quiet, [0.05, 0.95])
    spread = max(float(high - low) / 3.29, FLOOR * max(abs(middle), 1.0))
    return float((side * (now - middle)).max() / spread)


def _side(usual: Floats, values: Floats) -> float:
    """1 when the values rise over the stretch, or lie high throughout; -1 when they fall or lie low."""
    now, quiet = values[np.isfinite(values)], usual[np.isfinite(usual)]
    if len(now) == 0 or len(quiet) == 0:
        return 1.0
    away = now - (now[0] if np.ptp(now) > 0 else float(np.median(quiet)))
    return 1.0 if away.max() >= -away.min() else -1.0


def _together(values: Floats, target: Floats) -> float:
    """Correlation of two paths over the periods in which both are known; 0 where one never moves."""
    both = np.isfinite(values) & np.isfinite(target)
    if both.sum() < 3 or np.ptp(values[both]) == 0 or np.ptp(target[both]) == 0:
        return 0.0
    return float(np.corrcoef(values[both], target[both])[0, 1])


def _ways_down(
    depends_on: Mapping[str, Sequence[str]], scores: Mapping[str, float], target: str
) -> dict[str, tuple[str, ...]]:
    """Every part that trouble could have come from, with a shortest way down to it."""
    paths: dict[str, tuple[str, ...]] = {target: (target,)}
    queue = [target]
    for name in queue:
        for other in sorted(depends_on.get(name, ())):
            if other not in paths and scores.get(other, UNUSUAL) >= UNUSUAL:
                paths[other] = (*paths[name], other)
                queue.append(other)
    return paths


def _reach(depends_on: Mapping[str, Sequence[str]], name: str) -> frozenset[str]:
    """All parts below one, however far."""
    reach: set[str] = set()
    queue = [name]
    for part in queue:
        for other in depends_on.get(part, ()):
            if other not in reach:
                reach.add(other)
                queue.append(other)
    return frozenset(reach)
