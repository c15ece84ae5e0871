"""The best plan and its proof: branch and bound over concave envelopes, which are sharpened where the plan lies.

Maximises the sum over channels of a curve's worth under limits that channels share. The curves may be S-shaped: a node
of the search is a box of ranges, its bound comes from the curves' concave envelopes there (Udell and Boyd, Maximizing
a Sum of Sigmoids, 2013), and boxes are split at the spend where envelope and curve differ most.
"""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

import numpy as np

from engine.arrays import Floats
from engine.budget.relaxation import (
    Box,
    Envelope,
    EnvelopeOptimum,
    SharedLimits,
    SpendVariable,
    envelope,
    first_samples,
    multiples,
    relax,
)

GAP = 1e-6
"""A plan counts as optimal when no plan can be better by more than this share."""

AIM = 2e-8
"""Nodes whose bound is within this share of the best plan are closed: well below `GAP`, as their rest adds to it."""

ROUNDS = 40
NEARER = 1e-3
EDGE = 0.02
"""Envelopes are sharpened at most `ROUNDS` times per node, at an upright start by the factor `NEARER`; splits keep the
share `EDGE` away from a range's ends."""

TIGHT = 1e-9
"""Limits hold to this share."""


@dataclass(frozen=True, eq=False)
class SearchResult:
    """The outcome of a search.

    Attributes:
        spend: the best plan, per channel.
        on: per channel, 1.0 when it is on.
        objective: its worth by the curves themselves.
        bound: no plan is worth more.
        prices: per shared limit, what one more unit of it would be worth near this plan.
        nodes: boxes that were looked at.
    """

    spend: Floats
    on: Floats
    objective: float
    bound: float
    prices: Floats
    nodes: int

    @property
    def gap(self) -> float:
        """How far the bound is above the plan, as a share of the bound."""
        return max(0.0, self.bound - self.objective) / max(1e-300, abs(self.bound))


def search(
    variables: Sequence[SpendVariable], rows: SharedLimits, *, start: Sequence[Floats] = (), most_nodes: int = 4000
) -> SearchResult | None:
    """The plan of greatest worth, or None when no plan keeps the limits.

    Args:
        variables: one per channel.
        rows: the limits that they share.
        start: plans to beat; those that break a limit are left aside.
        most_nodes: where to stop without a full proof; the bound then says how far off the plan can be.

    Raises:
        SolverFailed: the linear solver failed.
    """
    return _BranchAndBound(variables, rows).run(start, most_nodes)


@dataclass(eq=False)
class _BranchAndBound:
    variables: Sequence[SpendVariable]
    rows: SharedLimits
    best: tuple[float, Floats, Floats] | None = None
    closed: float = -np.inf
    """The largest bound of a box that was put aside because it was good enough."""
    samples: list[Floats] = field(default_factory=list)
    envelopes: dict[tuple[int, Box], Envelope] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.samples = [first_samples(variable) for variable in self.variables]

    def run(self, start: Sequence[Floats], most_nodes: int) -> SearchResult | None:
        for plan in start:
            self._offer(plan)
        root = tuple(_whole(variable) for variable in self.variables)
        waiting: list[tuple[float, int, tuple[Box, ...]]] = [(-np.inf, 0, root)]
        number, nodes = count(1), 0
        while waiting and nodes < most_nodes:
            hope, _, boxes = heapq.heappop(waiting)
            if self._good_enough(-hope):
                continue
            nodes += 1
            relaxed = self._relaxed(boxes)
            if relaxed is None:
                continue
            self._improve(boxes, relaxed)
            if self._good_enough(relaxed.bound):
                continue
            for children in self._split(boxes, relaxed):
                heapq.heappush(waiting, (-min(relaxed.bound, -hope), next(number), children))
        return self._result(max([self.closed, *(-hope for hope, _, _ in waiting)]), nodes)

    def _good_enough(self, bound: float) -> bool:
        if self.best is None or bound > self.best[0] + AIM * abs(self.best[0]):
            return False
        self.closed = max(self.closed, bound)
        return True

    def _relaxed(self, boxes: Sequence[Box]) -> EnvelopeOptimum | None:
        """The relaxation of a node, with envelopes as sharp as they need to be at its optimum."""
        for _ in range(ROUNDS):
            envelopes = [self._envelope(place, box) for place, box in enumerate(boxes)]
            relaxed = relax(envelopes, self.rows)
            if relaxed is None or not self._sharpen(envelopes, relaxed):
                return relaxed
            if self.best is not None and relaxed.bound <= self.best[0]:
                return relaxed
        return relaxed

    def _sharpen(self, envelopes: Sequence[Envelope], relaxed: EnvelopeOptimum) -> bool:
        """Look at the curves where the relaxed optimum trusts a tangent; True when that may change the optimum."""
        tolerance = 0.1 * AIM * max(1e-300, float(np.sum(np.abs(relaxed.worth)))) / len(envelopes)
        looked = False
        for place, (each, corners) in enumerate(zip(envelopes, relaxed.corners, strict=True)):
            loose = [at for at in corners if not each.exact[at]]
            at = each.spend[loose]
            error = each.worth[loose] - self.variables[place].worth(at)
            new = np.setdiff1d(_inside(at[error > tolerance], self.samples[place]), self.samples[place])
            if len(new):
                self.samples[place] = np.union1d(self.samples[place], new)
                self.envelopes = {key: value for key, value in self.envelopes.items() if key[0] != place}
                looked = True
        return looked

    def _envelope(self, place: int, box: Box) -> Envelope:
        key = (place, box)
        if key not in self.envelopes:
            joined = self.rows.is_one_total
            self.envelopes[key] = envelope(self.variables[place], box, self.samples[place], joined=joined)
        return self.envelopes[key]

    def _improve(self, boxes: Sequence[Box], relaxed: EnvelopeOptimum) -> None:
        """Plans near the relaxed one: itself, and the best ones with each channel on its curve's next concave part."""
        self._offer(relaxed.spend)
        places = [self._ends(place, box, relaxed) for place, box in enumerate(boxes)]
        for side in (0, 1):
            near = tuple(self._near(place, boxes[place], ends[side]) for place, ends in enumerate(places))
            better = self._relaxed(near)
            if better is not None:
                self._offer(better.spend)

    def _ends(self, place: int, box: Box, relaxed: EnvelopeOptimum) -> tuple[float, float]:
        """The corners of the envelope between which the relaxed plan lies."""
        each, corners = self._envelope(place, box), relaxed.corners[place]
        return float(each.spend[corners[0]]), float(each.spend[corners[-1]])

    def _near(self, place: int, box: Box, spend: float) -> Box:
        if box.off and (spend == 0 or not box.on):
            return replace(box, on=False)
        low, high = self.variables[place].curve.concave_around(spend)
        return replace(box.within(low, high), off=False) if low < high else Box(spend, spend)

    def _offer(self, plan: Floats) -> None:
        """Keep a plan when it is allowed and better than the best so far."""
        spend = np.array([_allowed(variable, value) for variable, value in zip(self.variables, plan, strict=True)])
        if np.any(np.isnan(spend)):
            return
        on = np.array([_is_on(variable, value) for variable, value in zip(self.variables, spend, strict=True)])
        if not self.rows.hold(spend, on, TIGHT):
            return
        worth = self._worth(spend, on)
        if self.best is None or worth > self.best[0]:
            self.best = (worth, spend, on)

    def _worth(self, spend: Floats, on: Floats) -> float:
        return sum(_worth(*each) for each in zip(self.variables, spend, on, strict=True))

    def _split(self, boxes: tuple[Box, ...], relaxed: EnvelopeOptimum) -> Iterator[tuple[Box, ...]]:
        """The two halves of a node, split in the channel whose envelope promises most beyond its curve."""
        excess = np.array(
            [
                relaxed.worth[place] - self._at(place, relaxed.spend[place], relaxed.on[place])
                for place in range(len(boxes))
            ]
        )
        excess[[not _can_split(variable, box) for variable, box in zip(self.variables, boxes, strict=True)]] = -np.inf
        place = int(np.argmax(excess))
        if not np.isfinite(excess[place]) and excess[place] < 0:
            self.closed = max(self.closed, relaxed.bound)
            return
        for half in _halves(self.variables[place], boxes[place], float(relaxed.spend[place])):
            yield (*boxes[:place], half, *boxes[place + 1 :])

    def _at(self, place: int, spend: float, on: float) -> float:
        """The worth of a relaxed spend on the curve; minus infinity when no plan may have it."""
        variable = self.variables[place]
        allowed = _allowed(variable, spend)
        if np.isnan(allowed) or (1e-9 < on < 1 - 1e-9):
            return -np.inf
        return _worth(variable, allowed, _is_on(variable, allowed))

    def _result(self, bound: float, nodes: int) -> SearchResult | None:
        if self.best is None:
            return None
        worth, spend, on = self.best
        near = tuple(self._near(place, _whole(variable), spend[place]) for place, variable in enumerate(self.variables))
        settled = tuple(replace(box, off=False) if on[place] else box for place, box in enumerate(near))
        local = self._relaxed(settled)
        prices = local.prices if local is not None else np.zeros(len(self.rows.most))
        return SearchResult(spend, on, worth, max(bound, worth), prices, nodes)


def _inside(spend: Floats, samples: Floats) -> Floats:
    """Spends to look at next: themselves, or just beyond where an upright start has been looked at already."""
    after = np.searchsorted(samples, spend, side="right")
    beyond = samples[np.minimum(after, len(samples) - 1)]
    return np.asarray(np.where(np.isin(spend, samples), spend + NEARER * (beyond - spend), spend))


def _whole(variable: SpendVariable) -> Box:
    return Box(variable.low, variable.high, variable.optional, on=variable.low <= variable.high)


def _worth(variable: SpendVariable, spend: float, on: float) -> float:
    return float(variable.worth(np.array([spend]))[0]) if on else variable.off_worth


def _is_on(variable: SpendVariable, spend: float) -> float:
    return 0.0 if variable.optional and spend == 0 else 1.0


def _allowed(variable: SpendVariable, spend: float) -> float:
    """The spend, moved by rounding errors at most, or NaN when the variable may not have it."""
    slack = TIGHT * max(1.0e-12, abs(variable.high))
    if variable.optional and abs(spend) <= slack:
        return 0.0
    if not variable.low - slack <= spend <= variable.high + slack:
        return float("nan")
    if variable.step:
        nearest = round(spend / variable.step) * variable.step
        return nearest if abs(nearest - spend) <= slack else float("nan")
    return min(max(spend, variable.low), variable.high)


def _can_split(variable: SpendVariable, box: Box) -> bool:
    if box.off and box.on:
        return True
    return box.on and box.high - box.low > max(0.0, 1e-10 * abs(variable.high), 0.5 * variable.step)


def _halves(variable: SpendVariable, box: Box, spend: float) -> tuple[Box, Box]:
    low, high = box.low, box.high
    if box.off and (spend < low or high <= low or not low < high):
        return replace(box, on=False), replace(box, off=False)
    if variable.step:
        steps = multiples(low, high, variable.step)
        at = min(max(int(np.searchsorted(steps, spend, side="right")) - 1, 0), len(steps) - 2)
        return replace(box, high=float(steps[at])), replace(box, low=float(steps[at + 1]), off=False)
    middle = min(max(spend, low + EDGE * (high - low)), high - EDGE * (high - low))
    return replace(box, high=middle), replace(box, low=middle, off=False)
