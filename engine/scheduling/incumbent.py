"""A whole roster while it is being improved: one column per person, and what it costs."""

from collections.abc import Sequence

import numpy as np

from engine.arrays import Floats
from engine.scheduling.master import Column
from engine.scheduling.pricing_context import NoRoster, Workshop

SHAKES = 6
"""How often somebody's roster is looked for again with other costs; the disturbance doubles each time."""


class Board:
    """A roster of all people.

    Args:
        shop: makes columns.
        columns: one per person, in order.
    """

    def __init__(self, shop: Workshop, columns: Sequence[Column]) -> None:
        self.shop = shop
        self.columns = list(columns)
        self.counts = np.sum([column.counts for column in columns], axis=0)
        self._under, self._over = shop.cover.under(shop.big), shop.cover.over(shop.big)

    @property
    def cost(self) -> float:
        """What the roster costs; what must not happen has a high price."""
        wages = sum(column.wages for column in self.columns)
        return self.line_cost(self.counts) + sum(column.cost for column in self.columns) + self._money(wages)

    def copy(self) -> "Board":
        """The same roster, to be changed apart."""
        return Board(self.shop, self.columns)

    def line_cost(self, counts: Floats) -> float:
        """What these numbers of people on the lines cost."""
        return float(self._line_costs(counts).sum())

    def sore(self) -> Floats:
        """What each line costs now, shape (lines,)."""
        return self._line_costs(self.counts)

    def _line_costs(self, counts: Floats) -> Floats:
        cover = self.shop.cover
        extra = np.maximum(0.0, counts - np.minimum(cover.most, 1e9))
        return np.asarray(self._under * np.maximum(0.0, cover.least - counts) + self._over * extra)

    def _money(self, wages: float) -> float:
        total = 0.0
        for budget in self.shop.model.budgets:
            penalty = self.shop.big if budget.penalty is None else budget.penalty
            total += penalty * max(0.0, wages - budget.amount)
        return total

    def replace(self, column: Column) -> None:
        """Give one person another roster."""
        self.counts = self.counts - self.columns[column.person].counts + column.counts
        self.columns[column.person] = column

    def others(self, people: Sequence[int]) -> tuple[Floats, float]:
        """What everybody else contributes: counts on the lines, and wages."""
        away = [self.columns[person] for person in people]
        counts = self.counts - np.sum([column.counts for column in away], axis=0)
        inside = {*people}
        return counts, sum(column.wages for column in self.columns if column.person not in inside)

    def best_response(self, person: int, noise: Floats | None = None) -> Column | None:
        """One person's best roster while all others keep theirs; `noise` disturbs the costs, shape (days, K + 1)."""
        given, _ = self.others([person])
        gain = self._line_costs(given) - self._line_costs(given + 1)
        costs = self.shop.pricers[person].cells.copy()
        costs[:, :-1] -= self.shop.cover.prices(person, gain)
        if noise is not None:
            costs = costs + noise
        path = self.shop.pricers[person].cheapest(costs)
        return None if path is None or path.duties is None else self.shop.priced(person, path.duties, path.value, costs)


def greedy(shop: Workshop, order: Sequence[int]) -> Board:
    """A first roster: one person after the other takes what helps most.

    Raises:
        NoRoster: somebody's own rules leave no roster.
    """
    empty = np.full(shop.model.days, shop.model.off, np.int16)
    board = Board(shop, [shop.column(person, empty, 0.0) for person in range(len(shop.model.people))])
    for person in order:
        column = board.best_response(person)
        if column is None and shop.pricers[person].cheapest(shop.pricers[person].cells) is None:
            raise NoRoster(person)
        board.replace(column or _shaken(board, person) or _nothing(shop, person))
    return board


def _nothing(shop: Workshop, person: int) -> Column:
    """A roster without work; where it breaks a rule, at so high a price that any other roster is better."""
    empty = np.full(shop.model.days, shop.model.off, np.int16)
    return shop.told(person, empty) or shop.column(person, empty, 10 * shop.big)


def _shaken(board: Board, person: int) -> Column | None:
    """A roster of somebody for whom the search found none, under costs that are disturbed a little."""
    cells = board.shop.pricers[person].cells
    rng, size = np.random.default_rng(person), np.ptp(cells[np.isfinite(cells)]) + 1.0
    for attempt in range(SHAKES):
        column = board.best_response(person, rng.uniform(0.0, size * 2.0**attempt / 10, cells.shape))
        if column is not None:
            return column
    return None
