"""Column generation: the linear program over whole rosters, solved to its end with a bound at every step, and the best
roster so far, as one column for each person."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from engine.arrays import Floats, Ints16
from engine.scheduling.constraints import RosterModel
from engine.scheduling.entities import Assignment
from engine.scheduling.master import Cover, Master, MasterSolution, Prices, RosterColumn
from engine.scheduling.pricing import GraphBook, Pricer
from engine.scheduling.problem import RosterProblem

SMOOTHING = 0.5
"""Share of the best bound's prices in the prices that are tried next; keeps them from jumping about."""
BREACH = 1_000.0
"""Part of the price of what must not happen, beside ten times the highest price of what may."""

SHAKES = 6
"""How often somebody's roster is looked for again with other costs; the disturbance doubles each time."""


class NoRoster(Exception):
    """One person's own rules leave no roster at all."""

    def __init__(self, person: int) -> None:
        super().__init__(person)
        self.person = person


@dataclass(frozen=True, eq=False)
class PricingContext:
    """All that is needed to make single rosters.

    Attributes:
        model: the problem.
        cover: its cells and lines.
        pricers: one per person.
        big: the price of what must not happen.
    """

    model: RosterModel
    cover: Cover
    pricers: tuple[Pricer, ...]
    big: float

    @property
    def work(self) -> int:
        """How much has been searched so far, in cells: the same on every computer."""
        return sum(pricer.work for pricer in self.pricers)

    def column(self, person: int, duties: Ints16, cost: float) -> RosterColumn:
        """One person's roster as a column."""
        wage = np.append(self.model.people[person].wage, 0.0)
        return RosterColumn(person, duties, cost, self.cover.counts(person, duties), float(wage[duties].sum()))

    def costs(self, person: int, prices: Prices, earned: Floats, barred: "Floats | None" = None) -> Floats:
        """What each duty costs one person under these prices, shape (days, K + 1)."""
        costs = self.pricers[person].cells.copy()
        costs[:, :-1] -= earned
        if len(prices.money):
            costs[:, :-1] -= prices.money.sum() * self.model.people[person].wage
        return costs if barred is None else costs + barred

    def column_of(self, person: int, duties: Ints16) -> RosterColumn | None:
        """A given roster of one person as a column; None when the person's own rules forbid it."""
        cost = self.pricers[person].cost(duties)
        return self.column(person, duties, round(cost, 6)) if np.isfinite(cost) else None

    def nearest(self, person: int, duties: Ints16) -> RosterColumn | None:
        """The roster of one person that changes a given one on as few days as it can."""
        rows = np.arange(self.model.days)
        costs = self.pricers[person].cells + self.big
        costs[rows, duties] -= self.big
        return self.cheapest(person, costs)

    def cheapest(self, person: int, costs: Floats) -> RosterColumn | None:
        """One person's best roster under these costs; None when none was found."""
        path = self.pricers[person].cheapest(costs)
        return None if path is None or path.duties is None else self.priced(person, path.duties, path.value, costs)

    def priced(self, person: int, duties: Ints16, value: float, costs: Floats) -> RosterColumn:
        """The column of a roster that costs `value` under these costs."""
        rows = np.arange(self.model.days)
        own = self.pricers[person].cells[rows, duties]
        cost = value - float(costs[rows, duties].sum() - own.sum())
        return self.column(person, duties, round(cost, 6))


def pricing_context(model: RosterModel) -> PricingContext:
    """Set up the search for single rosters."""
    book = GraphBook(model.days, len(model.people))
    pricers = tuple(Pricer(person, model.days, book) for person in model.people)
    return PricingContext(model, Cover(model), pricers, _big(model))


@dataclass(frozen=True, eq=False)
class Root:
    """How column generation ended.

    Attributes:
        bound: no roster costs less.
        relaxed: the linear program's optimum over the columns there are.
        prices: the prices of the best bound.
        finished: True when no further column could improve it.
    """

    bound: float
    relaxed: MasterSolution
    prices: Prices
    finished: bool


def rounded_up(bound: float, model: RosterModel) -> float:
    """The bound, rounded up where every roster costs a whole number."""
    return float(ceil(bound - 1e-6)) if model.integral and np.isfinite(bound) else bound


@dataclass(frozen=True, eq=False)
class Generation:
    """A run of column generation.

    Attributes:
        context: makes the columns.
        master: holds them.
        barred: per person, an extra cost per cell (infinite where it is barred), or None.
        stop: tells when time is up.
        enough: the run ends when the bound has reached this.
        on_bound: called with each new bound.
    """

    context: PricingContext
    master: Master
    barred: Sequence["Floats | None"]
    stop: Callable[[], bool]
    enough: float = float("inf")
    on_bound: Callable[[float], None] = lambda bound: None

    def run(self, *, rounds: int = 10_000) -> Root:
        """Price and solve in turn until nothing improves, the bound is enough, or time is up.

        Raises:
            NoRoster: somebody's own rules leave no roster.
        """
        best, best_prices = -np.inf, None
        relaxed = self.master.solve()
        for _ in range(rounds):
            if self.stop():
                return Root(best, relaxed, best_prices or relaxed.prices, finished=False)
            bound, prices, added = self._round(relaxed, best_prices)
            if bound > best:
                best, best_prices = bound, prices
                self.on_bound(bound)
            if not added or self._near(best, relaxed.objective):
                return Root(best, relaxed, best_prices or prices, finished=True)
            relaxed = self.master.solve()
        return Root(best, relaxed, best_prices or relaxed.prices, finished=False)

    def _near(self, bound: float, objective: float) -> bool:
        """True when the bound is enough, or as high as the linear program can lift it."""
        if bound >= self.enough - 1e-9 or objective - bound < 1e-5 * max(1.0, abs(bound)):
            return True
        return rounded_up(bound, self.context.model) > objective - 1e-6

    def _round(self, relaxed: MasterSolution, best_prices: Prices | None) -> tuple[float, Prices, int]:
        smooth = relaxed.prices if best_prices is None else best_prices.mixed(relaxed.prices, SMOOTHING)
        bound, prices, added = self._price(self.master.clipped(smooth), relaxed)
        if not added and best_prices is not None:
            bound, prices, added = self._price(self.master.clipped(relaxed.prices), relaxed)
        return bound, prices, added

    def _price(self, prices: Prices, relaxed: MasterSolution) -> tuple[float, Prices, int]:
        earned = self.context.cover.shared_prices(prices.lines)
        bound, added, least = self.master.constant(prices), 0, np.zeros(len(self.context.pricers))
        for person in self.master.people:
            costs = self.context.costs(person, prices, earned[person], self.barred[person])
            path = self.context.pricers[person].cheapest(costs)
            if path is None:
                raise NoRoster(person)
            least[person] = path.bound
            if path.duties is None:
                continue
            column = self.context.priced(person, path.duties, path.value, costs)
            if relaxed.prices.reduced(column) < -1e-6:
                added += self.master.add(column)
        return bound + float(least.sum()), replace(prices, people=least), added


class Incumbent:
    """A roster of all people.

    Args:
        context: makes columns.
        columns: one per person, in order.
    """

    def __init__(self, context: PricingContext, columns: Sequence[RosterColumn]) -> None:
        self.context = context
        self.columns = list(columns)
        self.counts = np.sum([column.counts for column in columns], axis=0)
        self._under, self._over = context.cover.under(context.big), context.cover.over(context.big)

    @property
    def cost(self) -> float:
        """What the roster costs; what must not happen has a high price."""
        wages, budgets = sum(column.wages for column in self.columns), self.context.model.budgets
        excess = [max(0.0, wages - budget.amount) for budget in budgets]
        money = float(self.context.model.budget_prices(self.context.big) @ excess) if budgets else 0.0
        return float(self.line_costs().sum()) + sum(column.cost for column in self.columns) + money

    def copy(self) -> "Incumbent":
        """The same roster, to be changed apart."""
        return Incumbent(self.context, self.columns)

    def line_costs(self) -> Floats:
        """What each line costs now, shape (lines,)."""
        return self._line_costs(self.counts)

    def _line_costs(self, counts: Floats) -> Floats:
        cover = self.context.cover
        extra = np.maximum(0.0, counts - np.minimum(cover.most, 1e9))
        return np.asarray(self._under * np.maximum(0.0, cover.least - counts) + self._over * extra)

    def replace(self, column: RosterColumn) -> None:
        """Give one person another roster."""
        self.counts = self.counts - self.columns[column.person].counts + column.counts
        self.columns[column.person] = column

    def others(self, people: Sequence[int]) -> tuple[Floats, float]:
        """What everybody else contributes: counts on the lines, and wages."""
        away = [self.columns[person] for person in people]
        counts = self.counts - np.sum([column.counts for column in away], axis=0)
        inside = {*people}
        return counts, sum(column.wages for column in self.columns if column.person not in inside)

    def best_response(self, person: int, noise: Floats | None = None) -> RosterColumn | None:
        """One person's best roster while all others keep theirs; `noise` disturbs the costs, shape (days, K + 1)."""
        others, _ = self.others([person])
        gain = self._line_costs(others) - self._line_costs(others + 1)
        costs = self.context.pricers[person].cells.copy()
        costs[:, :-1] -= self.context.cover.prices(person, gain)
        if noise is not None:
            costs = costs + noise
        return self.context.cheapest(person, costs)


def greedy(context: PricingContext, order: Sequence[int]) -> Incumbent:
    """A first roster: one person after the other takes what helps most.

    Raises:
        NoRoster: somebody's own rules leave no roster.
    """
    empty = np.full(context.model.days, context.model.off, np.int16)
    incumbent = Incumbent(context, [context.column(person, empty, 0.0) for person in range(len(context.model.people))])
    for person in order:
        column = incumbent.best_response(person)
        if column is None and context.pricers[person].cheapest(context.pricers[person].cells) is None:
            raise NoRoster(person)
        incumbent.replace(column or _shaken(incumbent, person) or _nothing(context, person))
    return incumbent


def only_more_locks(old: RosterProblem, new: RosterProblem) -> bool:
    """True when a roster of the new problem is one of the old problem too."""
    return {*old.locks} <= {*new.locks} and replace(old, locks=()) == replace(new, locks=())


def incumbent_from(context: PricingContext, problem: RosterProblem, start: Sequence[Assignment]) -> Incumbent | None:
    """A given roster, with the locked cells of the problem put in; None when somebody's part is not allowed."""
    number = {duty: k for k, duty in enumerate(context.model.duties)}
    columns = []
    for person, employee in enumerate(problem.employees):
        duties = np.full(problem.days, context.model.off, np.int16)
        for each in start:
            day = (each.day - problem.first_day).days
            if each.employee == employee.name and 0 <= day < problem.days and (each.shift, each.role) in number:
                duties[day] = number[(each.shift, each.role)]
        column = context.column_of(person, duties) or context.nearest(person, duties)
        if column is None:
            return None
        columns.append(column)
    return Incumbent(context, columns)


def _big(model: RosterModel) -> float:
    costs = [penalty for line in model.lines for penalty in (line.under, line.over) if penalty]
    costs += [float(cell.penalty) for person in model.people for cell in person.cells if cell.penalty]
    costs += [float(person.wage.max(initial=0.0)) for person in model.people]
    return BREACH + 10.0 * max(costs, default=0.0)


def _nothing(context: PricingContext, person: int) -> RosterColumn:
    """A roster without work; where it breaks a rule, at so high a price that any other roster is better."""
    empty = np.full(context.model.days, context.model.off, np.int16)
    return context.column_of(person, empty) or context.column(person, empty, 10 * context.big)


def _shaken(incumbent: Incumbent, person: int) -> RosterColumn | None:
    """A roster of somebody for whom the search found none, under costs that are disturbed a little."""
    cells = incumbent.context.pricers[person].cells
    rng, size = np.random.default_rng(person), np.ptp(cells[np.isfinite(cells)]) + 1.0
    for attempt in range(SHAKES):
        column = incumbent.best_response(person, rng.uniform(0.0, size * 2.0**attempt / 10, cells.shape))
        if column is not None:
            return column
    return None
