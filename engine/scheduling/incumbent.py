"""The best roster so far, as one column for each person."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine.arrays import Floats
from engine.scheduling.entities import Assignment
from engine.scheduling.master import RosterColumn
from engine.scheduling.pricing_context import NoRoster, PricingContext
from engine.scheduling.problem import RosterProblem

SHAKES = 6
"""How often somebody's roster is looked for again with other costs; the disturbance doubles each time."""


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
