"""The search for the cheapest roster: first a roster, then a bound, then both closer together until time is up."""

import time
from collections.abc import Callable, Sequence

import numpy as np

from engine.arrays import Floats, Ints16
from engine.process import Report
from engine.scheduling.branch import Branching
from engine.scheduling.column_generation import (
    Generation,
    Incumbent,
    NoRoster,
    PricingContext,
    Root,
    greedy,
    incumbent_from,
    only_more_locks,
    pricing_context,
    rounded_up,
)
from engine.scheduling.entities import Assignment
from engine.scheduling.formulate import formulate, weekly, window
from engine.scheduling.master import Master, OpenPart, RosterColumn
from engine.scheduling.mip import Compact, statements_of
from engine.scheduling.primal_heuristics import DiveLimits, Neighbourhoods, dive, reopened, useful, whole
from engine.scheduling.problem import RosterProblem, check_problem
from engine.scheduling.roster import Roster, finished, impossible
from engine.solvers import highs

CLOSE_ENOUGH = 5e-5
"""A roster so close to the bound, as a share of its cost, counts as the best."""
ROOT_SHARE, DIVE_SHARE, ROUND_OFF_SHARE, WEEKS_SHARE = 0.45, 0.35, 0.05, 0.8
DIVES = 5
HOPEFUL = 0.9
SHORT, SMALL = 10, 20_000
"""A plan of so few days and so many binaries is also given to a general solver as a whole."""
BRANCH_TURNS = 5
"""One turn in so many opens a part of the roster; the others push the bound, which takes a tenth of the time."""
QUICK = 60_000_000
"""An opening that takes less search than this (cells) was small enough."""
AGAIN_ROUNDS = 30
"""How often a given roster is opened around its changes before the search starts from the beginning."""
SOLVER = "column generation with exact pricing, branch and bound (HiGHS)"


def quiet(share: float, note: str) -> None:
    """Say nothing."""


def never() -> bool:
    """Do not stop."""
    return False


def solve(
    problem: RosterProblem,
    *,
    seconds: float = 60.0,
    seed: int = 0,
    report: Report = quiet,
    stop: Callable[[], bool] = never,
    previous: Roster | None = None,
) -> Roster:
    """The cheapest roster that can be found in the time, with a bound that no roster can beat.

    The search takes its steps in an order that the seed decides; two runs that both come to their end give the same
    roster, and a run that time cuts short gives an earlier step of it.

    Args:
        problem: the question.
        seconds: wall-clock time for the search.
        seed: of all chance in it.
        report: is told the best cost and the bound.
        stop: asked often; when it says True, the best roster so far is returned.
        previous: a roster to begin with, such as the one before a cell was locked; its bound is taken over when the
            problem only has more locks than it had.

    Raises:
        DataProblem: something in the problem makes no sense; said before the search starts.
    """
    check_problem(problem)
    return RosterSearch(problem, seconds, seed, report, stop).run(previous)


class RosterSearch:
    """One search.

    Args:
        problem: the question.
        seconds: wall-clock time.
        seed: of all chance.
        report: is told how far it is.
        stop: asked whether to stop early.
    """

    def __init__(
        self, problem: RosterProblem, seconds: float, seed: int, report: Report, stop: Callable[[], bool]
    ) -> None:
        self.problem, self.seconds, self.seed, self._report, self._stop = problem, seconds, seed, report, stop
        self.began = time.monotonic()
        self.model = formulate(problem)
        self.context: PricingContext = pricing_context(self.model)
        self.rng = np.random.default_rng(seed)
        self.incumbent: Incumbent | None = None
        self.bound = 0.0
        self._impossible = False

    @property
    def elapsed(self) -> float:
        """Seconds since the search began."""
        return time.monotonic() - self.began

    def over(self, share: float = 1.0) -> bool:
        """True when so much of the time is used up, or somebody asked to stop."""
        return self.elapsed >= share * self.seconds or self._stop()

    def done(self) -> bool:
        """True when the roster is as good as the bound."""
        if self._impossible:
            return True
        cost = np.inf if self.incumbent is None else self.incumbent.cost
        return bool(cost - self.bound <= CLOSE_ENOUGH * max(1.0, abs(cost)) if np.isfinite(cost) else False)

    def run(self, previous: Roster | None) -> Roster:
        """Search to the end of the time or of the question."""
        try:
            if previous is not None:
                self._again(previous)
            if not self.done():
                self._first()
                self._search()
        except NoRoster:
            self._impossible = True
        if self._impossible or self.incumbent is None:
            return impossible(self.problem, SOLVER, self.elapsed)
        assignments = _assignments(self.problem, self.model.duties, self.incumbent)
        roster = finished(self.problem, assignments, self.bound, SOLVER, self.elapsed)
        self._report(1.0, self._note())
        return roster

    def _search(self) -> None:
        weeks = weekly(self.model)
        pool = None
        if weeks:
            self._weeks(weeks)
        else:
            pool = self._whole_plan()
        if not self.done() and self.model.days <= SHORT and self._binaries() <= SMALL:
            self._compact(None, share=1.0)
        if not self.done() and pool is not None:
            self._improve(Branching(self.context, pool))
        elif not self.done():
            self._improve(None)

    def _again(self, previous: Roster) -> None:
        """Begin with a roster that fits but for a few cells, and mend it around these."""
        self.incumbent = incumbent_from(self.context, self.problem, previous.assignments)
        if self.incumbent is None:
            return
        if only_more_locks(previous.problem, self.problem):
            self._raise_bound(previous.bound)
        was = {(each.employee, each.day): each for each in previous.assignments}
        now = {(e.employee, e.day): e for e in _assignments(self.problem, self.model.duties, self.incumbent)}
        changed = {name for (name, day) in was.keys() | now.keys() if was.get((name, day)) != now.get((name, day))}
        focus = [place for place, person in enumerate(self.model.people) if person.name in changed]
        near = Neighbourhoods(self.context, self.rng)
        for _ in range(AGAIN_ROUNDS):
            if self.over(0.6) or self.done():
                return
            self._offer(reopened(self.incumbent, near.around(self.incumbent, focus), lambda: self.over(0.6)))

    def _first(self) -> None:
        """A roster that people choose one after the other, each the best for all; or the one there is."""
        people = len(self.model.people)
        if self.incumbent is None:
            self.incumbent = greedy(self.context, self.rng.permutation(people).tolist())
        for _ in range(3):
            before = self.incumbent.cost
            for person in self.rng.permutation(people):
                if self.over(0.3):
                    break
                self._take(self.incumbent.best_response(int(person)))
            if self.incumbent.cost >= before - 1e-9:
                break
        self._say()

    def _take(self, column: RosterColumn | None) -> None:
        if column is not None and self.incumbent is not None:
            trial = self.incumbent.copy()
            trial.replace(column)
            if trial.cost < self.incumbent.cost - 1e-9:
                self.incumbent = trial

    def _whole_plan(self) -> Master | None:
        """Column generation over the whole plan: a bound, and rosters near its optimum."""
        master = self._master(self.context, self.incumbent)
        halfway, end = self._from_now(ROOT_SHARE / 2), self._from_now(ROOT_SHARE)
        root = self._generate(self.context, master, halfway, self._raise_bound)
        if not root.finished and (root.bound > 0.5 * root.relaxed.objective or self._hopeful(root)):
            root = self._generate(self.context, master, end, self._raise_bound)
        if root.finished and root.relaxed.impossible:
            self._settle_impossible()
        if not self.done() and not self.over():
            self._round_off(master, root)
        return self._promising(master, root) if root.finished else None

    def _hopeful(self, root: Root) -> bool:
        """True when the linear program, though it has no bound yet, mixes rosters much cheaper than the one known."""
        return self.incumbent is not None and root.relaxed.objective < HOPEFUL * self.incumbent.cost

    def _promising(self, master: Master, root: Root) -> Master:
        """The linear program without the columns that no cheaper roster can hold: fewer, so it is solved sooner."""
        assert self.incumbent is not None
        smaller = self._master(self.context, self.incumbent)
        for column in useful(master, root, self.incumbent.cost):
            smaller.add(column)
        return smaller

    def _round_off(self, master: Master, root: Root) -> None:
        assert self.incumbent is not None
        if self.model.days <= SHORT:
            everything = range(self.model.days)
            share = self._from_now(0.75)
            self._compact(self._around(_used_cells(master, root), everything), share=share, nodes=300)
        elif root.finished or self._hopeful(root):
            self._dives(master, DIVE_SHARE / 2 if root.finished else 0.0)
        if not self.done() and not self.over(0.9):
            limits = highs.WorkLimits(ROUND_OFF_SHARE * self.seconds, gap=0.0, nodes=20)
            self._offer(Incumbent(self.context, whole(master, self._add_incumbent(master), limits)))

    def _dives(self, master: Master, careful: float) -> None:
        """Whole rosters near the optimum of the linear program: the straight way down, then blurred ones."""
        assert self.incumbent is not None
        haste, end = self._from_now(careful), self._from_now(DIVE_SHARE)
        for attempt in range(DIVES):
            if self.done() or self.over(haste if attempt else end):
                return
            limits = DiveLimits(
                self.incumbent.cost, self._stop, lambda: self.elapsed, haste * self.seconds, end * self.seconds
            )
            self._offer(dive(self.context, master, limits, self.rng if attempt else None))

    def _add_incumbent(self, master: Master) -> list[RosterColumn]:
        assert self.incumbent is not None
        for column in self.incumbent.columns:
            master.add(column)
        return list(self.incumbent.columns)

    def _weeks(self, weeks: Sequence[range]) -> None:
        """A long plan whose sums are weekly: the weeks' bounds added up, and a roster put together week by week."""
        total = 0.0
        shares = [self._from_now(WEEKS_SHARE * (place + 1) / len(weeks)) for place in range(len(weeks))]
        for share, days in zip(shares, weeks, strict=True):
            part = pricing_context(window(self.model, days))
            master = self._master(part, None)
            root = self._generate(part, master, share, lambda bound: None)
            total += max(0.0, root.bound)
            if root.finished and root.relaxed.impossible:
                self._settle_impossible()
            if not self.done() and not self.over(share):
                self._compact(self._around(_used_cells(master, root), days), share=share, nodes=100)
        self._raise_bound(total)

    def _around(self, used: Sequence[Floats], days: range) -> list[Floats]:
        """Bars all but the roster as it is, and these cells of some days."""
        assert self.incumbent is not None
        barred = []
        for column, cells in zip(self.incumbent.columns, used, strict=True):
            closed = np.full((self.model.days, self.model.off + 1), np.inf)
            closed[days.start : days.stop] = cells
            closed[np.arange(self.model.days), column.duties] = 0.0
            barred.append(closed)
        return barred

    def _master(self, context: PricingContext, incumbent: Incumbent | None) -> Master:
        master = Master(context.model, context.cover, context.big, OpenPart.all_of(context.model))
        for column in incumbent.columns if incumbent is not None else ():
            master.add(column)
        return master

    def _generate(
        self, context: PricingContext, master: Master, share: float, on_bound: Callable[[float], None]
    ) -> Root:
        open_cells: list[None] = [None] * len(context.model.people)
        enough = np.inf if context is not self.context or self.incumbent is None else self.incumbent.cost
        return Generation(context, master, open_cells, lambda: self.over(share), enough=enough, on_bound=on_bound).run()

    def _settle_impossible(self) -> None:
        """A need that must be met was missed even by a mixture of rosters: ask whether it can be met at any price."""
        statements = statements_of(self.model)
        if statements.clash(statements.all, seconds=self._left(0.9)):
            self._impossible = True

    def _compact(self, barred: list[Floats] | None, *, share: float, nodes: int | None = None) -> None:
        """A general solver on the whole problem, or on the cells that are left."""
        assert self.incumbent is not None
        compact = Compact(self.model, barred)
        if barred is not None and compact.binaries > SMALL:
            return

        def watch(cost: float, bound: float, read: Callable[[], Floats] | None) -> bool:
            if read is not None:
                self._offer(self._read(compact.duties(read())))
            if barred is None and np.isfinite(bound):
                self._raise_bound(bound)
            return self.over(share) or self.done()

        start = compact.start([column.duties for column in self.incumbent.columns])
        limits = highs.WorkLimits(self._left(share), gap=CLOSE_ENOUGH / 2, nodes=nodes, seed=self.seed)
        solution = highs.solve(compact.program(), limits, start=start, watch=watch)
        if solution.values is not None:
            self._offer(self._read(compact.duties(solution.values)))
        if barred is None:
            if solution.is_finished and solution.values is None:
                self._impossible = True
            elif solution.values is not None:
                self._raise_bound(solution.bound)

    def _binaries(self) -> int:
        return sum(int(np.isfinite(pricer.cells[:, :-1]).sum()) for pricer in self.context.pricers)

    def _from_now(self, share: float) -> float:
        """The share of all time at which this share of what is left of it will be over.

        A step gets its part however long the steps before it took: on a busy computer they can take long.
        """
        passed = min(1.0, self.elapsed / self.seconds)
        return passed + share * (1.0 - passed)

    def _left(self, share: float) -> float:
        return max(0.05, share * self.seconds - self.elapsed)

    def _read(self, duties: Sequence[Ints16]) -> Incumbent | None:
        columns = [self.context.column_of(person, roster) for person, roster in enumerate(duties)]
        whole_incumbent = [column for column in columns if column is not None]
        return Incumbent(self.context, whole_incumbent) if len(whole_incumbent) == len(columns) else None

    def _offer(self, incumbent: Incumbent | None) -> None:
        """Keep a roster when it is the cheapest so far."""
        if incumbent is not None and (self.incumbent is None or incumbent.cost < self.incumbent.cost - 1e-7):
            self.incumbent = incumbent
            self._say()

    def _raise_bound(self, bound: float) -> None:
        bound = rounded_up(bound, self.model)
        if bound > self.bound:
            self.bound = bound
            self._say()

    def _say(self) -> None:
        self._report(min(0.99, self.elapsed / self.seconds), self._note())

    def _note(self) -> str:
        cost = np.inf if self.incumbent is None else self.incumbent.cost
        unit = self.problem.currency
        lowest = f"; no roster can cost less than {self.bound:,.2f}" if 0 < self.bound < np.inf else ""
        return f"Best roster so far costs {cost:,.2f} {unit}".rstrip() + lowest

    def _improve(self, branching: Branching | None) -> None:
        """Open and close parts of the roster, and push the bound, in turn."""
        assert self.incumbent is not None
        near = Neighbourhoods(self.context, self.rng)
        turn = 0
        while not self.over() and not self.done():
            turn += 1
            if branching is not None and branching.open and turn % BRANCH_TURNS:
                self._raise_bound(branching.step(self.incumbent.cost, self.over))
                self._offer(branching.incumbent)
                continue
            opening, before = near.next(self.incumbent), self.context.work
            better = reopened(self.incumbent, opening, self.over)
            near.learn(opening, is_better=better is not None, quick=self.context.work - before < QUICK)
            self._offer(better)


def _used_cells(master: Master, root: Root) -> list[Floats]:
    """Bars every cell that the linear program's optimum leaves empty."""
    shape = (master.model.days, master.model.off + 1)
    barred = [np.full(shape, np.inf) for _ in master.model.people]
    for cells in barred:
        cells[:, -1] = 0.0
    rows = np.arange(shape[0])
    for weight, column in zip(root.relaxed.weights, master.columns, strict=False):
        if weight > 1e-9:
            barred[column.person][rows, column.duties] = 0.0
    return barred


def _assignments(problem: RosterProblem, duties: Sequence[tuple[str, str]], incumbent: Incumbent) -> list[Assignment]:
    assignments = []
    for employee, column in zip(problem.employees, incumbent.columns, strict=True):
        for day in np.flatnonzero(column.duties < len(duties)):
            shift, role = duties[column.duties[day]]
            assignments.append(Assignment(problem.calendar[day], employee.name, shift, role))
    return assignments
