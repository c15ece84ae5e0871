"""Branch and bound over the linear program of whole rosters: raises the bound where fractions hide.

The first questions are how many people are missing (or too many) on several lines together: a whole number in every
real roster, and often the one number that the linear program gets wrong. They leave the search for single rosters as
it is. Only then it is asked who works when.
"""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from engine.arrays import Floats
from engine.scheduling.column_generation import Generation, Incumbent, NoRoster, PricingContext, Root, rounded_up
from engine.scheduling.master import CoverageGroup, Master, MasterSolution

WHOLE = 1e-5
ROUNDS = 60

GroupLimits = dict[int, tuple[float, float]]


@dataclass(frozen=True)
class BranchDecision:
    """Somebody works one of some duties on a day, or none of them.

    Attributes:
        person: who.
        day: when.
        duties: which; K stands for a free day.
        is_worked: True when it is one of them.
    """

    person: int
    day: int
    duties: tuple[int, ...]
    is_worked: bool

    def allows(self, duty: int) -> bool:
        """True when this duty agrees with the decision."""
        return (duty in self.duties) == self.is_worked


@dataclass(order=True)
class Node:
    """An open question of the search.

    Attributes:
        bound: nothing below it costs less.
        number: the newest has the lowest, so that of nodes with the same bound the deepest comes first.
        limits: on groups, by their number.
        decisions: about people.
    """

    bound: float
    number: int
    limits: GroupLimits = field(compare=False)
    decisions: tuple[BranchDecision, ...] = field(compare=False)


class Branching:
    """The search tree.

    Args:
        context: makes columns.
        master: the linear program with all columns of its root, to which the search adds.
    """

    def __init__(self, context: PricingContext, master: Master) -> None:
        self.context, self.master = context, master
        self._open: list[Node] = [Node(-np.inf, 0, {}, ())]
        self._count = 0
        self._floor = np.inf
        self.incumbent: Incumbent | None = None
        for group in _groups(master):
            master.add_group(group)

    @property
    def open(self) -> bool:
        """True while there is something to look at."""
        return bool(self._open)

    def step(self, cost: float, stop: Callable[[], bool]) -> float:
        """Look at the most promising node; returns the tree's bound, which is `cost` when nothing is left below."""
        self.incumbent = None
        node = heapq.heappop(self._open)
        try:
            root = self._solve(node, cost, stop)
        except NoRoster:
            return self._bound(cost)
        bound = max(node.bound, rounded_up(root.bound, self.context.model))
        if not root.finished:
            heapq.heappush(self._open, Node(bound, node.number, node.limits, node.decisions))
        elif bound < cost - 1e-6:
            self._branch(node, bound, root.relaxed)
        return self._bound(cost)

    def _bound(self, cost: float) -> float:
        return min([cost, self._floor, *(node.bound for node in self._open)])

    def _solve(self, node: Node, cost: float, stop: Callable[[], bool]) -> Root:
        self.master.limit(node.limits)
        self.master.allow([self._agrees(node, place) for place in range(len(self.master.columns))])
        barred = self._barred(node)
        return Generation(self.context, self.master, barred, stop, enough=cost - 1e-6).run(rounds=ROUNDS)

    def _agrees(self, node: Node, place: int) -> bool:
        column = self.master.columns[place]
        return all(d.person != column.person or d.allows(int(column.duties[d.day])) for d in node.decisions)

    def _barred(self, node: Node) -> "list[Floats | None]":
        model = self.context.model
        barred: list[Floats | None] = [None] * len(model.people)
        for decision in node.decisions:
            cells = barred[decision.person]
            if cells is None:
                cells = barred[decision.person] = np.zeros((model.days, model.off + 1))
            wrong = [duty for duty in range(model.off + 1) if not decision.allows(duty)]
            cells[decision.day, wrong] = np.inf
        return barred

    def _branch(self, node: Node, bound: float, relaxed: MasterSolution) -> None:
        for place, group in enumerate(self.master.groups):
            total = group.total(relaxed)
            if abs(total - round(total)) > 1e-4:
                low, high = node.limits.get(place, (-np.inf, np.inf))
                self._push(bound, {**node.limits, place: (low, float(np.floor(total)))}, node.decisions)
                self._push(bound, {**node.limits, place: (float(np.ceil(total)), high)}, node.decisions)
                return
        question = self._open_cell(relaxed)
        if question is None:
            self.incumbent = self._whole(relaxed)
            if not all(pricer.complete for pricer in self.context.pricers):
                # The bound may lie below this roster for good: what was left out of the search has no branches.
                self._floor = min(self._floor, bound)
            return
        for is_worked in (True, False):
            decision = BranchDecision(question[0], question[1], question[2], is_worked)
            self._push(bound, node.limits, (*node.decisions, decision))

    def _push(self, bound: float, limits: GroupLimits, decisions: tuple[BranchDecision, ...]) -> None:
        self._count -= 1
        heapq.heappush(self._open, Node(bound, self._count, limits, decisions))

    def _open_cell(self, relaxed: MasterSolution) -> tuple[int, int, tuple[int, ...]] | None:
        """The person and day about which the mixture is least decided: to work at all, or else on which duty."""
        model = self.context.model
        share = np.zeros((len(model.people), model.days, model.off + 1))
        rows = np.arange(model.days)
        for weight, column in zip(relaxed.weights, self.master.columns, strict=False):
            if weight > 1e-9:
                share[column.person, rows, column.duties] += weight
        free = np.abs(share[:, :, -1] - 0.5)
        if free.min() < 0.5 - WHOLE:
            person, day = np.unravel_index(free.argmin(), free.shape)
            return int(person), int(day), (model.off,)
        duty = np.abs(share - 0.5)
        if duty.min() < 0.5 - WHOLE:
            person, day, k = np.unravel_index(duty.argmin(), duty.shape)
            return int(person), int(day), (int(k),)
        return None

    def _whole(self, relaxed: MasterSolution) -> Incumbent:
        best = {c.person: c for w, c in zip(relaxed.weights, self.master.columns, strict=False) if w > 0.5}
        return Incumbent(self.context, [best[person] for person in range(len(self.context.model.people))])


def _groups(master: Master) -> Iterator[CoverageGroup]:
    """Sums of missing and of extra people: of all lines, of all lines of one kind of duty, of a day, of one line."""
    cover = master.cover
    priced = {False: np.flatnonzero((master.under > 0) & (master.least > 0)), True: np.flatnonzero(master.over > 0)}
    day = np.zeros(cover.lines, np.int64)
    day[cover.line] = cover.cell // cover.duties
    kinds: dict[int, tuple[int, ...]] = {}
    for line, cell in zip(cover.line.tolist(), cover.cell.tolist(), strict=True):
        kinds[line] = (*kinds.get(line, ()), cell % cover.duties)
    for extra, lines in priced.items():
        if len(lines):
            yield CoverageGroup(lines, extra)
    for extra, lines in priced.items():
        for kind in dict.fromkeys(kinds.get(int(line), ()) for line in lines):
            yield CoverageGroup(np.array([line for line in lines if kinds.get(int(line), ()) == kind]), extra)
        for when in np.unique(day[lines]):
            yield CoverageGroup(lines[day[lines] == when], extra)
    for extra, lines in priced.items():
        for line in lines:
            yield CoverageGroup(np.array([line]), extra)
