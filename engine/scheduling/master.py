"""The linear program over whole rosters of single people: which mixture covers the needs at the least cost."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats, Ints, Ints16, Ints32
from engine.scheduling.constraints import RosterModel
from engine.solvers.highs import INFINITY, GrowingProgram


class Cover:
    """Which cells count towards which lines."""

    def __init__(self, model: RosterModel) -> None:
        self.model, self.duties = model, model.off
        self.size = model.days * model.off
        self.lines = len(model.lines)
        pairs = [(cell, row) for row, line in enumerate(model.lines) for cell in line.cells]
        self.cell = np.array([cell for cell, _ in pairs], np.int64)
        self.line = np.array([row for _, row in pairs], np.int64)
        order = np.argsort(self.cell, kind="stable")
        self._sorted = self.line[order]
        self._first = np.searchsorted(self.cell[order], np.arange(self.size + 1))
        self.least = np.array([line.least for line in model.lines], float)
        self.most = np.array([INFINITY if line.most is None else line.most for line in model.lines], float)
        self.must = np.array([line.under is None for line in model.lines], dtype=bool)
        excluded = [() if line.people is None else tuple(np.flatnonzero(~line.people)) for line in model.lines]
        self._excluded: list[list[int]] = [[] for _ in model.people]
        for row, people in enumerate(excluded):
            for person in people:
                self._excluded[person].append(row)

    def under(self, big: float) -> Floats:
        """The price of a missing person per line."""
        return np.array([big if line.under is None else line.under for line in self.model.lines])

    def over(self, big: float) -> Floats:
        """The price of a person too many per line."""
        lines = self.model.lines
        return np.array([0.0 if line.most is None else big if line.over is None else line.over for line in lines])

    def counts(self, person: int, duties: Ints16) -> Floats:
        """How often one person's roster counts towards each line, shape (lines,)."""
        days = np.flatnonzero(duties < self.duties)
        people_on_lines = np.zeros(self.lines)
        for cell in days * self.duties + duties[days]:
            people_on_lines[self._sorted[self._first[cell] : self._first[cell + 1]]] += 1
        people_on_lines[self._excluded[person]] = 0
        return people_on_lines

    def prices(self, person: int, duals: Floats) -> Floats:
        """What each cell earns one person under these prices of the lines, shape (days, K)."""
        if self._excluded[person]:
            duals = duals.copy()
            duals[self._excluded[person]] = 0.0
        total = np.bincount(self.cell, weights=duals[self.line], minlength=self.size)
        return np.asarray(total.reshape(self.model.days, self.duties), float)

    def shared_prices(self, duals: Floats) -> list[Floats]:
        """`prices` of everybody; people whom the same lines count share an array."""
        prices_of: dict[tuple[int, ...], Floats] = {}
        for person, excluded in enumerate(self._excluded):
            key = tuple(excluded)
            if key not in prices_of:
                prices_of[key] = self.prices(person, duals)
        return [prices_of[tuple(excluded)] for excluded in self._excluded]


@dataclass(frozen=True, eq=False)
class RosterColumn:
    """One possible roster of one person.

    Attributes:
        person: whose.
        duties: shape (days,).
        cost: wages and penalties of the person's own rules.
        counts: shape (lines,).
        wages: what counts towards budgets.
    """

    person: int
    duties: Ints16
    cost: float
    counts: Floats
    wages: float

    @property
    def key(self) -> tuple[int, bytes]:
        """Equal for equal rosters."""
        return self.person, self.duties.tobytes()


@dataclass(frozen=True, eq=False)
class Prices:
    """Prices of the lines, the people and the budgets in the linear program.

    Attributes:
        lines: shape (lines,), what one more person is worth.
        people: shape (people,), what a person's roster is worth at least.
        money: shape (budgets,), <= 0.
        groups: shape (groups,), of limits on missing or extra people of several lines together.
    """

    lines: Floats
    people: Floats
    money: Floats
    groups: Floats

    def reduced(self, column: RosterColumn) -> float:
        """What a roster costs beyond what these prices pay for it."""
        paid = column.counts @ self.lines + self.people[column.person] + self.money.sum() * column.wages
        return float(column.cost - paid)

    def mixed(self, other: "Prices", share: float) -> "Prices":
        """`share` of these prices and the rest of the others."""
        return Prices(
            share * self.lines + (1 - share) * other.lines,
            share * self.people + (1 - share) * other.people,
            share * self.money + (1 - share) * other.money,
            share * self.groups + (1 - share) * other.groups,
        )


@dataclass(frozen=True, eq=False)
class CoverageGroup:
    """Missing people (or extra ones) of several lines, added up.

    Attributes:
        lines: which.
        extra: True for extra people.
    """

    lines: Ints
    extra: bool

    def total(self, relaxed: "MasterSolution") -> float:
        """The sum in a solution."""
        return float((relaxed.extra if self.extra else relaxed.under)[self.lines].sum())


@dataclass(frozen=True, eq=False)
class MasterSolution:
    """The optimum of the linear program.

    Attributes:
        objective: its value.
        weights: how much of each column it takes.
        prices: its dual solution.
        under: missing people per active line.
        extra: people too many per active line.
        impossible: True when somebody has no roster, or a need that must be met is not.
    """

    objective: float
    weights: Floats
    prices: Prices
    under: Floats
    extra: Floats
    impossible: bool


@dataclass(frozen=True, eq=False)
class OpenPart:
    """The part of a roster that is open; the rest stays as it is.

    Attributes:
        people: whose rosters are open.
        counts: shape (lines,), what the others contribute.
        spent: wages of the others.
        active: lines that can change.
        idle: what the other lines cost.
    """

    people: tuple[int, ...]
    counts: Floats
    spent: float
    active: Ints
    idle: float = 0.0

    @classmethod
    def all_of(cls, model: RosterModel) -> "OpenPart":
        """Everything is open."""
        lines = len(model.lines)
        return cls(tuple(range(len(model.people))), np.zeros(lines), 0.0, np.arange(lines))


class Master:
    """The linear program over the rosters of the open people, growing by columns.

    Args:
        model: the problem.
        cover: its cells and lines.
        big: the price of what must not happen.
        part: what is open.
    """

    def __init__(self, model: RosterModel, cover: Cover, big: float, part: OpenPart) -> None:
        self.model, self.cover, self.big, self.people, self.active = model, cover, big, part.people, part.active
        self._place = {person: place for place, person in enumerate(part.people)}
        counts = part.counts[part.active]
        least, most = cover.least[part.active], cover.most[part.active]
        self.least, self.most = np.maximum(0.0, least - counts), np.maximum(0.0, most - counts)
        self.under, self.over = cover.under(big)[part.active], cover.over(big)[part.active]
        self._must = cover.must[part.active]
        self.offset = part.idle + float((self.over * np.maximum(0.0, counts - np.minimum(most, 1e9))).sum())
        self.money = np.array([budget.amount - part.spent for budget in model.budgets])
        self.groups: list[CoverageGroup] = []
        self._limits: list[tuple[float, float]] = []
        self.columns: list[RosterColumn] = []
        self._keys: set[tuple[int, bytes]] = set()
        self._program = self._empty()
        self._numbers: list[int] = []

    def _empty(self) -> GrowingProgram:
        lines, people, budget_prices = len(self.active), len(self.people), self.model.budget_prices(self.big)
        lower = [*self.least, *[1.0] * people, *[-INFINITY] * len(budget_prices)]
        upper = [*np.where(self.over > 0, self.most, INFINITY), *[1.0] * people, *self.money]
        program = GrowingProgram(lower, upper)
        one = np.array([1.0])
        for row in range(lines):
            program.add(self.under[row], np.array([row], np.int32), one)
        for row in range(lines):
            program.add(self.over[row], np.array([row], np.int32), -one, upper=INFINITY if self.over[row] > 0 else 0.0)
        for place in range(people):
            program.add(10 * self.big, np.array([lines + place], np.int32), one)
        for place, price in enumerate(budget_prices.tolist()):
            program.add(price, np.array([lines + people + place], np.int32), -one)
        return program

    def add(self, column: RosterColumn) -> bool:
        """Add a column; False when it is there already."""
        if column.key in self._keys:
            return False
        self._keys.add(column.key)
        rows, values = self.entries(column)
        self._numbers.append(self._program.add(column.cost, rows, values))
        self.columns.append(column)
        return True

    def add_group(self, group: CoverageGroup) -> int:
        """Watch a sum of missing or extra people, so far without limits; returns its number."""
        first = len(self.active) + len(self.people) + len(self.money)
        columns = group.lines + (len(self.active) if group.extra else 0)
        self._program.add_row(-INFINITY, INFINITY, columns.astype(np.int32), np.ones(len(columns)))
        row = np.array([first + len(self.groups)], np.int32)
        self._program.add(self.big, row, np.array([1.0]))
        self._program.add(self.big, row, np.array([-1.0]))
        self.groups.append(group)
        self._limits.append((-INFINITY, INFINITY))
        return len(self.groups) - 1

    def limit(self, limits: dict[int, tuple[float, float]]) -> None:
        """Limit these groups, and no others."""
        first = len(self.active) + len(self.people) + len(self.money)
        for place in range(len(self.groups)):
            self._limits[place] = limits.get(place, (-INFINITY, INFINITY))
            self._program.bound_row(first + place, *self._limits[place])

    def entries(self, column: RosterColumn) -> tuple[Ints32, Floats]:
        """The rows of a column and its entries there."""
        counts = column.counts[self.active]
        counted = np.flatnonzero(counts)
        lines, people = len(self.active), len(self.people)
        budgets = np.arange(lines + people, lines + people + len(self.money))
        rows = np.concatenate([counted, [lines + self._place[column.person]], budgets]).astype(np.int32)
        return rows, np.concatenate([counts[counted], [1.0], [column.wages] * len(budgets)])

    def solve(self) -> MasterSolution:
        """The optimum over the columns there are; there always is one, if at a high price."""
        solution = self._program.solve()
        assert solution.is_finished and solution.values is not None, "slack makes every such program feasible"
        lines, people = len(self.active), len(self.people)
        duals, by_line, by_person = solution.duals, np.zeros(self.cover.lines), np.zeros(len(self.model.people))
        by_line[self.active] = duals[:lines]
        by_person[list(self.people)] = duals[lines : lines + people]
        money, groups = np.split(duals[lines + people :], [len(self.money)])
        prices = Prices(by_line, by_person, money, groups)
        weights = solution.values[self._numbers]
        impossible = solution.values[2 * lines : 2 * lines + people].sum() > 1e-6
        impossible = bool(impossible or solution.values[:lines][self._must].sum() > 1e-6)
        objective = solution.objective + self.offset
        return MasterSolution(
            objective, weights, prices, solution.values[:lines], solution.values[lines : 2 * lines], impossible
        )

    def allow(self, allowed: Sequence[bool]) -> None:
        """Let only these columns be used."""
        upper = np.where(np.asarray(allowed, dtype=bool), INFINITY, 0.0)
        self._program.bound_columns(self._numbers, np.zeros(len(upper)), upper)

    def clipped(self, prices: Prices) -> Prices:
        """The nearest prices under which the bound holds."""
        money = np.clip(prices.money, -self.model.budget_prices(self.big), 0.0)
        groups = np.zeros(len(self.groups))
        low, high = -self.over.copy(), self.under.copy()
        for place, (group, (least, most)) in enumerate(zip(self.groups, self._limits, strict=True)):
            floor, ceiling = -self.big if most < INFINITY else 0.0, self.big if least > -INFINITY else 0.0
            groups[place] = np.clip(prices.groups[place], floor, ceiling)
            if group.extra:
                low[group.lines] += groups[place]
            else:
                high[group.lines] -= groups[place]
        lines = np.zeros(self.cover.lines)
        lines[self.active] = np.minimum(np.maximum(prices.lines[self.active], low), high)
        return Prices(lines, prices.people, money, groups)

    def constant(self, prices: Prices) -> float:
        """The part of the bound that does not depend on anybody's roster."""
        lines = prices.lines[self.active]
        covered = np.where(lines > 0, lines * self.least, lines * np.minimum(self.most, 1e9)).sum()
        limits = sum(
            price * (least if price > 0 else most)
            for price, (least, most) in zip(prices.groups, self._limits, strict=True)
            if price
        )
        return float(covered + prices.money @ self.money + limits + self.offset)
