"""A budget spread over the coming periods: money that goes on working makes it matter when it is spent."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import polars as pl

from engine.arrays import Floats
from engine.budget.check import TOLERANCE, outcome_by_formula
from engine.budget.curves import Carryover, Power
from engine.budget.limits import AllocationLimits, check_limits, clashing
from engine.budget.mix import Mix
from engine.budget.piecewise_mip import PieceSearch, bends_up
from engine.budget.relaxation import SharedLimits, SpendVariable
from engine.budget.search import GAP, SearchResult, search
from engine.errors import DataProblem
from engine.proof import Infeasibility, Proof, Recheck, Status

SOLVER = "branch and bound on concave envelopes, linear relaxations by HiGHS"
PIECES_SOLVER = "mixed-integer program in pieces with concave envelopes, by HiGHS"
MOST_NODES = 100
PIECES_SECONDS = 60.0
"""Boxes that are searched on curves that bend down, and the time for others: what is then open is in the proof."""
NOTHING = Power(0.0, 1.0)


@dataclass(frozen=True, eq=False)
class Flight:
    """A spend per channel and coming period.

    Attributes:
        mix: the channels; their curves hold for adstocked spend.
        carryovers: per channel, how its money goes on working.
        spend: per channel, money per period, shape (periods,).
        outcome: per channel, what is brought per period, shape (periods + after,): the last ones come after the plan,
            when its money still works beside today's spend.
        outcome_even: what the same total brings when every period gets the same and is split as today.
        proof: the certificate.
    """

    mix: Mix
    carryovers: Mapping[str, Carryover]
    spend: Mapping[str, Floats]
    outcome: Mapping[str, Floats]
    outcome_even: float
    proof: Proof

    @property
    def total_outcome(self) -> float:
        """What all channels bring together, periods after the plan included."""
        return float(sum(values.sum() for values in self.outcome.values()))

    def frame(self) -> pl.DataFrame:
        """One row per period of the plan: `period` from 1, and the spend per channel."""
        count = len(next(iter(self.spend.values())))
        return pl.DataFrame({"period": np.arange(1, count + 1), **self.spend})


def plan_periods(
    mix: Mix,
    carryovers: Mapping[str, Carryover],
    total: float,
    *,
    periods: int,
    limits: AllocationLimits | None = None,
    most_per_period: float = float("inf"),
) -> Flight | Infeasibility[str]:
    """The best timing of a total over the coming periods, proved as far as the search went; or why there is none.

    Before and after the plan, today's spend is taken to go on; what the plan's money brings after it counts too.

    Args:
        mix: channels with their curves and today's spend.
        carryovers: per channel; a channel that is not named works in its own period only.
        total: money over all periods together.
        periods: how many, >= 1.
        limits: minimum and maximum per channel and period; other limits are for the steady state.
        most_per_period: money in any one period.

    Raises:
        DataProblem: a limit makes no sense here.
    """
    limits = limits or AllocationLimits()
    check_limits(mix, total, limits)
    _only_ranges(limits)
    if periods < 1:
        raise ValueError("a plan needs at least one period")
    task = _Task(mix, {name: _weights(carryovers.get(name)) for name in mix.names}, total, periods, limits)
    started = time.perf_counter()
    rows = task.rows(most_per_period)
    even = task.even(most_per_period)
    variables = task.variables(most_per_period)
    pieces = any(bends_up(each) for each in variables[task.spends :])
    if pieces:
        result = task.in_pieces(variables, rows, task.with_adstock(even), most_per_period)
    else:
        result = search(variables, rows, start=(task.with_adstock(even),), most_nodes=MOST_NODES)
    if result is None:
        return clashing([f"at most {total:,.6g} over {periods} periods", "the channels' own limits"])
    seconds = time.perf_counter() - started
    spend = dict(zip(mix.names, result.spend[: task.spends].reshape(len(mix.names), periods), strict=True))
    outcome = {name: task.outcome(name, values) for name, values in spend.items()}
    checked = task.recheck(spend, most_per_period, result.objective)
    status = Status.OPTIMAL if result.gap <= GAP and checked.agrees else Status.FEASIBLE
    solver = PIECES_SOLVER if pieces else SOLVER
    proof = Proof(status, result.objective, result.bound, mix.unit, solver, seconds, (), checked)
    by_even = sum(float(task.outcome(name, values).sum()) for name, values in even.items())
    return Flight(mix, dict(carryovers), spend, outcome, by_even, proof)


@dataclass(frozen=True, eq=False)
class _Task:
    mix: Mix
    weights: Mapping[str, Floats]
    total: float
    periods: int
    limits: AllocationLimits

    @property
    def spends(self) -> int:
        return len(self.mix.names) * self.periods

    @property
    def after(self) -> int:
        return max(len(each) for each in self.weights.values()) - 1

    def in_pieces(
        self, variables: Sequence[SpendVariable], rows: SharedLimits, even: Floats, most_per_period: float
    ) -> SearchResult | None:
        """The search for curves that start slowly."""
        pieces = PieceSearch(variables, rows, self.spends, lambda spend: self.repaired(spend, most_per_period))
        return pieces.run(self.repaired(even[: self.spends], most_per_period), seconds=PIECES_SECONDS)

    def repaired(self, spend: Floats, most_per_period: float) -> Floats:
        """Spends as a whole plan, with what the solver's rounding put beyond a limit taken back."""
        periods = spend.reshape(len(self.mix.names), self.periods)
        own = [self.limits.of(name) for name in self.mix.names]
        low, high = (np.array([getattr(each, end) for each in own])[:, None] for end in ("minimum", "maximum"))
        periods = np.clip(periods, low, high)
        above = periods - low
        room = np.minimum(1.0, (most_per_period - low.sum()) / np.maximum(above.sum(axis=0), 1e-300))
        above = above * np.maximum(room, 0.0)
        left = (self.total - self.periods * low.sum()) / max(float(above.sum()), 1e-300)
        periods = low + above * max(0.0, min(1.0, left))
        return self.with_adstock(dict(zip(self.mix.names, periods, strict=True)))

    def variables(self, most_per_period: float) -> list[SpendVariable]:
        """The spends, channel by channel, then the adstocked spends that they make."""
        most = min(self.total, most_per_period)
        columns = []
        for name in self.mix.names:
            own = self.limits.of(name)
            columns += [SpendVariable(NOTHING, own.minimum, min(own.maximum, most))] * self.periods
        for channel in self.mix.channels:
            high = max(min(self.limits.of(channel.name).maximum, most), channel.today)
            columns += [SpendVariable(channel.curve, 0.0, high)] * (self.periods + self.after)
        return columns

    def rows(self, most_per_period: float) -> SharedLimits:
        """The total, each period's total, and that no adstock exceeds what the spends make."""
        count, length = len(self.mix.names), self.periods + self.after
        width = self.spends + count * length
        parts, most = [np.append(np.ones(self.spends), np.zeros(count * length))], [self.total]
        if np.isfinite(most_per_period):
            for period in range(self.periods):
                row = np.zeros(width)
                row[period : self.spends : self.periods] = 1.0
                parts.append(row)
                most.append(most_per_period)
        for place, name in enumerate(self.mix.names):
            for period in range(length):
                row = np.zeros(width)
                row[self.spends + place * length + period] = 1.0
                for lag, weight in enumerate(self.weights[name]):
                    if 0 <= period - lag < self.periods:
                        row[place * self.periods + period - lag] = -weight
                parts.append(row)
                lags = period - np.arange(len(self.weights[name]))
                outside = (lags < 0) | (lags >= self.periods)
                most.append(float(self.weights[name][outside].sum()) * self.mix[name].today)
        return SharedLimits(np.array(parts), np.zeros((len(parts), width)), np.array(most))

    def even(self, most_per_period: float) -> dict[str, Floats]:
        """The same in every period, split as today."""
        now = sum(channel.today for channel in self.mix.channels)
        each = min(self.total / self.periods, most_per_period)
        shares = {c.name: c.today / now if now > 0 else 1 / len(self.mix.names) for c in self.mix.channels}
        return {name: np.full(self.periods, share * each) for name, share in shares.items()}

    def adstock(self, name: str, spend: Floats) -> Floats:
        """Adstocked spend in the plan and after it."""
        weights = self.weights[name]
        lags, today = len(weights) - 1, self.mix[name].today
        whole = np.concatenate([np.full(lags, today), spend, np.full(self.after, today)])
        return np.asarray(np.convolve(whole, weights)[lags : lags + self.periods + self.after])

    def with_adstock(self, spend: Mapping[str, Floats]) -> Floats:
        """A plan as values of all variables."""
        return np.concatenate([*spend.values(), *(self.adstock(name, each) for name, each in spend.items())])

    def outcome(self, name: str, spend: Floats) -> Floats:
        """What a channel brings per period of the plan and after it."""
        return self.mix[name].curve.value(self.adstock(name, spend))

    def recheck(self, spend: Mapping[str, Floats], most_per_period: float, promised: float) -> Recheck:
        """The plan looked at again, term by term, from the spends alone."""
        worth = 0.0
        for channel, period in product(self.mix.channels, range(self.periods + self.after)):
            working = 0.0
            for lag, weight in enumerate(self.weights[channel.name]):
                at = period - lag
                paid = float(spend[channel.name][at]) if 0 <= at < self.periods else channel.today
                working += float(weight) * paid
            worth += outcome_by_formula(channel.curve, working)
        violations = tuple(self._violations(spend, most_per_period))
        return Recheck(violations, worth, not violations and worth >= promised * (1 - TOLERANCE))

    def _violations(self, spend: Mapping[str, Floats], most_per_period: float) -> Iterator[str]:
        slack = TOLERANCE * max(self.total, 1e-9)
        paid = sum(float(each.sum()) for each in spend.values())
        if paid > self.total + slack:
            yield f"{paid:,.6g} are spent of {self.total:,.6g}"
        for period in range(self.periods):
            if sum(float(each[period]) for each in spend.values()) > most_per_period + slack:
                yield f"period {period + 1} gets more than {most_per_period:,.6g}"
        for name, each in spend.items():
            own = self.limits.of(name)
            if min(each) < own.minimum - slack or max(each) > own.maximum + slack:
                yield f"{name} leaves its range of {own.minimum:,.6g} to {own.maximum:,.6g}"


def _weights(carryover: Carryover | None) -> Floats:
    return np.array(carryover.weights if carryover is not None else (1.0,))


def _only_ranges(limits: AllocationLimits) -> None:
    plain = all(own.if_used == 0 and own.fee == 0 for own in limits.channels.values())
    if limits.groups or limits.most_channels is not None or limits.step or limits.spend_all or not plain:
        raise DataProblem(
            "A plan period by period knows minima and maxima per channel only",
            remedy="Take groups, steps, fees and the number of channels into account in the steady split.",
        )
