"""A proved split of a budget, an owner's own split with its sliders, and what may be said of them."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from engine.budget.limits import AllocationLimits
from engine.budget.mix import Goal, Mix
from engine.facts import Fact, Facts, FactValue
from engine.proof import Proof, Status

COINS = 10.0
"""The shadow price is said for a round amount of money, between a hundredth of the total and a tenth (1 / `COINS`)."""

UNCHANGED = 0.005
"""A channel whose spend changes by less than this share of the total stays as it is, in words."""

ROUNDING = 1e-9
"""Amounts this much smaller than the total are rounding."""


def coin(total: float) -> float:
    """A round amount of money that is small beside a total: 100 for 4,472, 10 for 166, 1 at least.

    >>> coin(4472.0)
    100.0
    """
    return 10.0 ** max(0, math.floor(math.log10(max(total, 1.0) / COINS)))


@dataclass(frozen=True)
class ChannelPlan:
    """One channel in a split.

    Attributes:
        channel: its name.
        today: what it gets now, money per period.
        spend: what it gets in this split.
        outcome_today: what it brings now, per period.
        outcome: what it brings in this split.
        marginal: outcome that one more unit of money would bring.
        beyond_seen: the spend is larger than any in the history, so the outcome is an extrapolation.
    """

    channel: str
    today: float
    spend: float
    outcome_today: float
    outcome: float
    marginal: float
    beyond_seen: bool


class _Plans:
    """What every split can say of its channels."""

    plans: tuple[ChannelPlan, ...]

    @property
    def spend(self) -> Mapping[str, float]:
        """Money per channel and period."""
        return {plan.channel: plan.spend for plan in self.plans}

    @property
    def outcome(self) -> float:
        """What all channels bring, per period."""
        return sum(plan.outcome for plan in self.plans)


@dataclass(frozen=True)
class OwnSplit(_Plans):
    """A split of the owner's own.

    Attributes:
        name: what the owner calls it.
        plans: one per channel.
    """

    name: str
    plans: tuple[ChannelPlan, ...]

    @property
    def total(self) -> float:
        """Money per period."""
        return sum(plan.spend for plan in self.plans)


@dataclass(frozen=True, eq=False)
class Allocation(_Plans):
    """The best split of a total, and how we know that it is the best.

    Attributes:
        mix: the channels and curves it was made from.
        total: the budget per period.
        limits: what was asked.
        goal: what was maximised.
        plans: one per channel, in the order of the mix.
        price: what one more unit of total money would bring, in the objective's unit.
        proof: the certificate.
    """

    mix: Mix
    total: float
    limits: AllocationLimits
    goal: Goal
    plans: tuple[ChannelPlan, ...]
    price: float
    proof: Proof

    @property
    def spent(self) -> float:
        """Money per period over all channels, without fees."""
        return sum(plan.spend for plan in self.plans)

    @property
    def fees(self) -> float:
        """Fees per period of the channels that are used."""
        return sum(self.limits.of(plan.channel).fee for plan in self.plans if plan.spend > 0)

    @property
    def outcome_today(self) -> float:
        """What today's split brings by the same curves, per period."""
        return sum(plan.outcome_today for plan in self.plans)

    @property
    def left(self) -> float:
        """Money of the total that no channel can use to any good, per period."""
        return max(0.0, self.total - self.spent - self.fees)

    @cached_property
    def cautions(self) -> tuple[str, ...]:
        """What the owner should know."""
        cautions = []
        beyond = [plan.channel for plan in self.plans if plan.beyond_seen]
        if beyond:
            cautions.append(
                f"You have never spent this much on {' and '.join(beyond)}: what it would bring there is extrapolated."
            )
        if self.left > UNCHANGED * self.total:
            why = "more would cost more than it brings" if self.goal.kind == "profit" else "it would bring nothing more"
            amount = f"{self.left:,.0f} {self.mix.currency}".strip()
            cautions.append(f"{amount} of the total stays unspent: within the limits {why}.")
        if len(self.plans) == 1:
            cautions.append("With a single channel there is nothing to split; only how much to spend is a question.")
        if self.proof.status is not Status.OPTIMAL:
            worse = 100 * self.proof.gap
            cautions.append(f"The search ended early: another split could be up to {worse:.2g} % better.")
        return tuple(cautions)

    def frame(self) -> pl.DataFrame:
        """One row per channel: `channel`, `today`, `suggested`, `change`, `outcome_today`, `outcome`, `marginal`."""
        return pl.DataFrame(
            {
                "channel": [plan.channel for plan in self.plans],
                "today": [float(plan.today) for plan in self.plans],
                "suggested": [plan.spend for plan in self.plans],
                "change": [plan.spend - plan.today for plan in self.plans],
                "outcome_today": [plan.outcome_today for plan in self.plans],
                "outcome": [plan.outcome for plan in self.plans],
                "marginal": [plan.marginal for plan in self.plans],
                "beyond_seen": [plan.beyond_seen for plan in self.plans],
            }
        )

    def facts(self) -> Facts:
        """All that a narrator may say."""
        facts = [*self._totals(), *self._moves(), *self._next_money(), *self._how_sure()]
        return Facts(tuple(facts), self.cautions)

    @property
    def _money(self) -> str:
        return self.mix.currency

    def _totals(self) -> list[Fact]:
        period, curves = self.mix.period, "the response curves"
        today = sum(plan.today for plan in self.plans)
        facts = [
            Fact("period", "One period", period, "", "the rows of your file"),
            Fact("total", f"Budget per {period}", self.total, self._money, "chosen on the page"),
            Fact("spent", f"Suggested spend per {period}", self.spent, self._money, "sum over the channels"),
            Fact("spent_today", f"Today's spend per {period}", today, self._money, "the latest periods of your file"),
            Fact("outcome", f"Brings per {period}", self.outcome, self.mix.unit, curves),
            Fact("outcome_today", f"Today's split brings per {period}", self.outcome_today, self.mix.unit, curves),
        ]
        if self.outcome_today > 0:
            gain = 100 * (self.outcome / self.outcome_today - 1)
            facts.append(Fact("gain", "More than today", gain, "%", "suggested against today, same curves"))
        return facts

    def _moves(self) -> list[Fact]:
        """The channels that gain and lose most."""
        by_change = sorted(self.plans, key=lambda plan: plan.spend - plan.today)
        threshold = UNCHANGED * max(self.total, 1e-9)
        facts: list[Fact] = []
        for key, plan in (("cut", by_change[0]), ("raise", by_change[-1])):
            change = plan.spend - plan.today
            if (change if key == "raise" else -change) > threshold:
                verb = "Raise most" if key == "raise" else "Cut most"
                amount = Fact(
                    f"{key}_amount",
                    f"{verb}: change per {self.mix.period}",
                    change,
                    self._money,
                    "suggested less today",
                )
                facts += [Fact(f"{key}_channel", verb, plan.channel, "", "suggested less today"), amount]
        return facts

    def _next_money(self) -> list[Fact]:
        amount, unit = coin(self.total), self.proof.unit
        money = f"{amount:,.0f} {self._money}".strip()
        facts: list[Fact] = [
            Fact("next_money", f"Next {money} bring", amount * self.price, unit, "shadow price of the total")
        ]
        for number, limit in enumerate(self.proof.binding, 1):
            if limit.name != "the total":
                label = f"Limit that holds the plan back, {number}"
                facts.append(Fact(f"binding_{number}", label, limit.name, "", "the plan uses it up"))
        return facts

    def _how_sure(self) -> list[Fact]:
        words: dict[str, tuple[str, FactValue, str, str]] = {
            "status": ("How the search ended", self.proof.status.value, "", self.proof.solver),
            "gap": ("No other split is better by more than", 100 * self.proof.gap, "%", "bound from concave envelopes"),
        }
        return [Fact(name, label, value, unit, basis) for name, (label, value, unit, basis) in words.items()]


def keep_total(
    spend: Mapping[str, float],
    moved: str,
    total: float,
    *,
    most: Mapping[str, float],
    locked: Collection[str] = (),
) -> dict[str, float]:
    """The split after one slider moved: the others take up the difference in proportion to what they have.

    Where the others cannot (all locked, at zero or at their ends), the moved slider stops where the total is kept.

    Args:
        spend: money per channel, the moved one at its new place.
        moved: the channel whose slider was moved.
        total: what the sum is kept at, >= 0.
        most: the end of each slider.
        locked: channels that keep what they have.

    Returns:
        A split whose sum is the total, wherever locks and ends allow one; else as near as they allow.
    """
    fixed = sum(spend[name] for name in locked if name != moved)
    free = [name for name in spend if name != moved and name not in locked]
    left = max(0.0, total - fixed)
    least = max(0.0, left - sum(most[name] for name in free))
    value = min(max(spend[moved], least), left, most[moved])
    return {**spend, moved: value, **shared_out(left - value, {name: spend[name] for name in free}, most)}


def fit_total(
    spend: Mapping[str, float], total: float, *, most: Mapping[str, float], locked: Collection[str] = ()
) -> dict[str, float]:
    """The split scaled to a total; locked channels keep what they have."""
    free = {name: amount for name, amount in spend.items() if name not in locked}
    left = max(0.0, total - sum(amount for name, amount in spend.items() if name in locked))
    return {**spend, **shared_out(left, free, most)}


def shared_out(money: float, weights: Mapping[str, float], most: Mapping[str, float]) -> dict[str, float]:
    """Money shared in proportion to weights, none beyond its maximum; evenly among those that have nothing."""
    shares = dict.fromkeys(weights, 0.0)
    open_to = [name for name in weights if most[name] > 0]
    left = money
    while open_to and left > ROUNDING * money:
        parts = {name: weights[name] for name in open_to}
        whole = sum(parts.values())
        if whole <= ROUNDING * money:
            parts, whole = dict.fromkeys(open_to, 1.0), float(len(open_to))
        full = [name for name in open_to if shares[name] + left * parts[name] / whole >= most[name]]
        for name in full:
            shares[name] = most[name]
        if not full:
            return shares | {name: shares[name] + left * parts[name] / whole for name in open_to}
        open_to = [name for name in open_to if name not in full]
        left = money - sum(shares.values())
    return shares
