"""The cheapest roster of one person under given prices, by dynamic programming over the days: exact."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.arrays import Floats, Ints, Ints16
from engine.scheduling.automaton import Graph, TooManyStates, build, own_cost
from engine.scheduling.constraints import (
    Constraint,
    ForbiddenSequence,
    PersonConstraints,
    RangeConstraint,
    RunLengthConstraint,
    WeekendConstraint,
)
from engine.scheduling.formulate import in_units, presolve
from engine.scheduling.sums import KEPT, ROUNDS, Charge, Counters, Net, Track, counters, first_step, outside, tracks

MOST_CELLS, ALL_CELLS = 300_000, 40_000_000
"""States times counter values a day: for one person, and for all people and days together, beyond which only what must
be counted is counted. One search of a person takes about a nanosecond per cell, day and way to go on."""
PENALTY_ROUNDS = 2
RELUCTANCE = 1e6
"""What it costs to work a shift beyond its limit while a roster is being mended."""


@dataclass(frozen=True, eq=False)
class Path:
    """One person's roster.

    Attributes:
        duties: shape (days,), the duty of each day; K for a free day. None when only a bound was found.
        value: what it costs under the given prices; infinite when only a bound was found.
        bound: no roster of this person costs less under them.
    """

    duties: Ints16 | None
    value: float
    bound: float


class Pricer:
    """Finds one person's cheapest roster, again and again under new prices.

    Limits on how often certain shifts are worked are left out of the search until a roster breaks them. Where rules
    are so many that the search would take too long, the least important are left out of it: they still count in what
    a roster costs, and the bound stays true, but it is then no longer the best roster's cost. A sum that must keep to
    a range and has too many values to be counted, such as the hours of a whole year, is charged for instead: more or
    less an hour, until the best roster is in the range (a Lagrangian relaxation, so that the bound stays true).

    Args:
        person: whose rules.
        days: of the plan.
        graphs: graphs that are already built, shared by people with the same rules.
    """

    def __init__(self, person: PersonConstraints, days: int, graphs: "GraphBook") -> None:
        self.person, self.days, self._cells_a_day = person, days, graphs.cells_a_day
        self._room = graphs.room
        self.work = 0
        self.forms = presolve(person.forms)
        tallies = [in_units(form) for form in self.forms if isinstance(form, RangeConstraint)]
        self._lazy = [tally for tally in tallies if _can_wait(tally, days)]
        self._graph, self._steps = graphs.of([f for f in self.forms if not isinstance(f, RangeConstraint)], person)
        self._active, left = self._countable([tally for tally in tallies if not _can_wait(tally, days)])
        self._ranged = [form for form in left if isinstance(form, RangeConstraint) and form.must]
        self._left = [form for form in left if form not in self._ranged]
        self._rates = np.zeros(len(self._lazy))
        self._last_charges = [0.0] * len(self._ranged)

    def cost(self, duties: Ints16) -> float:
        """What a given roster costs this person's rules; infinite when one forbids it."""
        own = sum(own_cost(form, duties, self.person.fit.size) for form in self.person.forms)
        return float(self.cells[np.arange(self.days), duties].sum() + own)

    @property
    def complete(self) -> bool:
        """True when the search knows all rules, so that its bound is the cost of its roster."""
        return not (self._left or self._lazy or self._ranged)

    def _countable(self, tallies: Sequence[RangeConstraint]) -> tuple[list[RangeConstraint], list[Constraint]]:
        """Tallies that the counters have room for, the most important first; and all forms that are left out."""
        countable: list[RangeConstraint] = []
        rows: dict[tuple[object, ...], list[RangeConstraint]] = {}
        for tally in tallies:
            rows.setdefault((tally.gain.tobytes(), tally.tiers, tally.under, len(tally.days) == self.days), []).append(
                tally
            )
        weekends = [form for form in self._steps if isinstance(form, WeekendConstraint)]
        left: list[Constraint] = [f for f in self.forms if not isinstance(f, RangeConstraint) and f not in self._steps]
        for row in sorted(rows.values(), key=lambda row: -_importance(row[0])):
            size = np.prod([float(track.levels) for track in tracks([*countable, *row], weekends)])
            if size * self._graph.states <= self._room:
                countable += row
            else:
                left += row
        return countable, left

    @cached_property
    def cells(self) -> Floats:
        """What each duty costs this person on each day before any price, shape (days, K + 1)."""
        costs = self.person.cell_costs(self.days)
        for tally in self.person.forms:
            if isinstance(tally, RangeConstraint) and tally.hard_most is not None:
                never = np.append(tally.gain > tally.hard_most - tally.start, False)
                costs[tally.days.start : tally.days.stop, never] = np.inf
        return costs

    def cheapest(self, costs: Floats) -> Path | None:
        """The cheapest roster when each duty costs so much on each day; None when no roster is allowed.

        Args:
            costs: shape (days, K + 1), infinite where a duty cannot be.
        """
        path = self._counted(costs)
        if path is None or path.duties is None or not any(outside(tally, path.duties) for tally in self._ranged):
            return path
        return self._balanced(costs, path)

    def _balanced(self, costs: Floats, free: Path) -> Path:
        """Charge for the sums that are not counted until a roster keeps them all in their ranges.

        Args:
            costs: shape (days, K + 1).
            free: the best roster without any charge, which does not keep them.
        """
        charges = [Charge(tally, first_step(costs, tally)) for tally in self._ranged]
        bound, path = free.bound, free
        for round_ in range(ROUNDS):
            assert path.duties is not None
            for charge in charges:
                charge.move(outside(charge.tally, path.duties))
            if round_ == 0:
                for charge, last in zip(charges, self._last_charges, strict=True):
                    charge.level = last if last * charge.level > 0 else charge.level
            candidate = self._charged(costs, charges)
            if candidate is None or candidate.duties is None:
                break
            path, duties = candidate, candidate.duties
            if all(charge.even for charge in charges):
                bound = max(bound, path.bound - sum(charge.most_paid() for charge in charges))
            if not any(outside(tally, duties) for tally in self._ranged):
                self._last_charges = [KEPT * charge.level for charge in charges]
                value = path.value - sum(charge.paid(duties) for charge in charges)
                return Path(duties, value, min(bound, value))
        return Path(None, np.inf, bound)

    def _charged(self, costs: Floats, charges: Sequence[Charge]) -> Path | None:
        charged = costs.copy()
        for charge in charges:
            charge.on(charged)
        return self._counted(charged)

    def _counted(self, costs: Floats) -> Path | None:
        """The cheapest roster under all rules but the sums that are charged for."""
        best = self._search(costs)
        while best is not None and (broken := self._broken(best[0])):
            if not self._activate(broken):
                return self._with_rates(costs)
            best = self._search(costs)
        return None if best is None else self._path(best[0], best[1], best[1])

    def _path(self, duties: Ints16 | None, value: float, bound: float) -> Path:
        """A roster with what it costs under the rules that the search left out."""
        if duties is None or not self._left:
            return Path(duties, value, bound)
        more = sum(own_cost(form, duties, self.person.fit.size) for form in self._left)
        return Path(duties, value + more, bound) if np.isfinite(more) else Path(None, np.inf, bound)

    def _broken(self, duties: Ints16) -> list[int]:
        return [place for place, tally in enumerate(self._lazy) if tally.total(duties) > (tally.hard_most or 0)]

    def _activate(self, broken: Sequence[int]) -> bool:
        """Count the limit with the smallest range from now on; False when the counters would have too many values."""
        place = min(broken, key=lambda p: self._lazy[p].hard_most or 0)
        size = int(np.prod([track.levels for track in self._tracks]))
        if size * ((self._lazy[place].hard_most or 0) + 1) * self._graph.states > self._cells_a_day:
            return False
        self._active.append(self._lazy.pop(place))
        self._rates = np.delete(self._rates, place)
        for name in ("_tracks", "_counters", "_net"):
            self.__dict__.pop(name, None)
        return True

    @cached_property
    def _tracks(self) -> tuple[Track, ...]:
        return tracks(self._active, [form for form in self._steps if isinstance(form, WeekendConstraint)])

    @cached_property
    def _counters(self) -> Counters:
        return counters(self._graph, self._tracks, self.days)

    def _search(self, costs: Floats) -> tuple[Ints16, float] | None:
        """The cheapest roster and its cost, as far as the limits that are counted go."""
        from engine.scheduling.shortest_path import shortest

        self.work += self._graph.states * self._counters.size * self.days
        kinds = np.zeros(self.days, np.int32)
        members = self._members
        by_kind = np.stack([costs[:, duties].min(axis=1) for duties in members], axis=1)
        value = shortest(self._net, by_kind, kinds)
        if np.isinf(value):
            return None
        chosen = [members[kind][costs[day, members[kind]].argmin()] for day, kind in enumerate(kinds)]
        return np.array(chosen, np.int16), float(value)

    @cached_property
    def _net(self) -> Net:
        graph, beside = self._graph, self._counters
        return Net(
            graph.first,
            graph.target,
            graph.kind,
            graph.cost,
            graph.finish,
            beside.moves,
            beside.target,
            beside.excess,
            beside.closing,
            beside.close_to,
            beside.close_cost,
            beside.start,
        )

    @cached_property
    def _members(self) -> list[Ints]:
        graph = self._graph
        return [np.flatnonzero(graph.classes == kind) for kind in range(len(graph.representative))]

    def _with_rates(self, costs: Floats) -> Path | None:
        """Charge for the limits that are not counted, and mend the best rosters by hand: a true bound, and a roster."""
        limits = np.array([tally.hard_most or 0 for tally in self._lazy])
        bound, best, value = -np.inf, None, np.inf
        for round_ in range(PENALTY_ROUNDS):
            charged = costs.copy()
            for rate, tally in zip(self._rates, self._lazy, strict=True):
                charged[:, :-1] += rate * tally.gain
            cheapest_path = self._search(charged)
            if cheapest_path is None:
                return None
            used = np.array([tally.total(cheapest_path[0]) for tally in self._lazy])
            bound = max(bound, cheapest_path[1] - float(self._rates @ (limits - [tally.start for tally in self._lazy])))
            mended = self._mended(costs, cheapest_path[0])
            if mended is not None and mended[1] < value:
                best, value = mended
            if np.all((used <= limits) & ((used == limits) | (self._rates == 0))):
                break
            scale = max(1.0, abs(cheapest_path[1])) * 0.05 / (1 + round_)
            self._rates = np.maximum(0.0, self._rates + scale * np.sign(used - limits))
        return self._path(best, value, min(bound, value))

    def _mended(self, costs: Floats, duties: Ints16) -> tuple[Ints16, float] | None:
        """Search again, reluctant to use a limited shift except on its cheapest days of this roster.

        What is avoided can make another limit break, so this is done until none does.
        """
        reluctant, at = costs.copy(), np.arange(self.days)
        for _ in range(len(self._lazy) + 1):
            for place in self._broken(duties):
                tally = self._lazy[place]
                counted = np.flatnonzero(tally.gain)
                limit = max(0, (tally.hard_most or 0) - tally.start)
                used = np.flatnonzero(np.isin(duties, counted))
                keep = used[np.argsort(costs[used, duties[used]], kind="stable")[:limit]]
                reluctant[np.ix_(np.setdiff1d(at, keep), counted)] += RELUCTANCE
            best = self._search(reluctant)
            if best is None:
                return None
            if not self._broken(best[0]):
                return best[0], float(costs[at, best[0]].sum()) + self._own(best, reluctant)
            duties = best[0]
        return None

    def _own(self, best: tuple[Ints16, float], costs: Floats) -> float:
        """What a roster costs beside its cells."""
        return best[1] - float(costs[np.arange(self.days), best[0]].sum())


class GraphBook:
    """Graphs by what they are made of, and how large the search for one person may be.

    Args:
        days: of the plan.
        people: in the plan.
        room: states times counter values a day up to which every sum is counted; from the sizes when left out.
    """

    def __init__(self, days: int, people: int, room: int | None = None) -> None:
        self.days = days
        self.cells_a_day = min(MOST_CELLS, ALL_CELLS // (days * people))
        self.room = max(self.cells_a_day, MOST_CELLS // 3) if room is None else room
        self._graphs: dict[tuple[object, ...], tuple[Graph, int]] = {}

    def of(self, forms: Sequence[Constraint], person: PersonConstraints) -> tuple[Graph, list[Constraint]]:
        """The graph of these rules, built once, and the rules that are in it: all, or the most important ones."""
        gains = {form.gain.tobytes(): form.gain for form in person.forms if isinstance(form, RangeConstraint)}
        ranked = sorted(forms, key=lambda form: -_importance(form))
        key = (tuple(sorted(gains)), *map(_signature, ranked))
        if key not in self._graphs:
            self._graphs[key] = self._largest(ranked, [gains[name] for name in sorted(gains)], person.fit.size)
        graph, count = self._graphs[key]
        return graph, ranked[:count]

    def _largest(self, ranked: Sequence[Constraint], gains: Sequence[Ints], duties: int) -> tuple[Graph, int]:
        for count in range(len(ranked), -1, -1):
            try:
                return build(ranked[:count], gains, self.days, duties), count
            except TooManyStates:
                continue
        raise AssertionError("a graph without rules has one state a day")


def _importance(form: Constraint) -> float:
    """What breaking a form once costs at most; forms that must hold come first."""
    if isinstance(form, RangeConstraint):
        prices = [price for _, price in form.tiers] + ([form.under] if form.least > form.start else [])
    elif isinstance(form, ForbiddenSequence):
        prices = [form.penalty]
    else:
        prices = [form.under] * (form.least > 1) + [form.over] * (form.most is not None)
        prices += [price for _, price in form.tiers] if isinstance(form, WeekendConstraint) else []
    return max((np.inf if price is None else float(price) for price in prices), default=0.0)


def _signature(form: Constraint) -> tuple[object, ...]:
    if isinstance(form, RunLengthConstraint):
        limits = (form.least, form.most, form.under, form.over, form.before, form.free_start, form.free_end)
        return ("streak", form.inside.tobytes(), *limits)
    if isinstance(form, ForbiddenSequence):
        return ("ban", tuple(sorted(form.starts)), tuple(mask.tobytes() for mask in form.steps), form.penalty)
    assert isinstance(form, WeekendConstraint)
    return ("blocks", form.blocks, bool(form.tiers), form.least, form.most, form.under, form.over)


def _can_wait(tally: RangeConstraint, days: int) -> bool:
    """True for a hard upper limit on a count over the whole plan, which rosters often keep by themselves."""
    hard_only = bool(tally.tiers) and all(penalty is None for _, penalty in tally.tiers)
    return hard_only and tally.least <= tally.start and len(tally.days) == days and int(tally.gain.max(initial=0)) == 1
