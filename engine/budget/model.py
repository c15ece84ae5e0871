"""Response curves with their uncertainty, and what may be said of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from engine.arrays import Floats
from engine.budget.curves import Carryover, Curve, Hill, TabulatedCurve
from engine.budget.media import MediaCalendar, MediaHistory
from engine.budget.mix import Channel, Mix
from engine.budget.sampler import ChannelCandidates, Draws
from engine.facts import Fact, Facts

LEVEL, DRAWN = 90, 95
"""The interval that is shown, percent, and how much of the draws it spans: on simulated businesses, whose curves and
noise are not exactly among those that the fit knows, the middle 90 % of the draws holds the truth of too few channels;
`python -m benchmarks response` measures what the shown interval holds."""

REACH = 3.0
KNOTS = 200
"""Curves are tabulated up to `REACH` times the largest spend seen, at `KNOTS` spends evenly and as many more finely."""

TODAY_WEEKS = 13
"""Today's spend is the mean of the periods in so many last weeks."""

PLAUSIBLE = 0.05
MOVES = 2.0
"""Carry-overs with at least this chance are shown; a return that they move by more than this factor is called open."""

NOT_SETTLED = 1.1


@dataclass(frozen=True)
class LiftTest:
    """What an experiment found.

    Attributes:
        channel: its name.
        roas: outcome per unit of money, averaged over the channel's spend.
        error: its standard error, > 0.

    Raises:
        ValueError: the error is not positive.
    """

    channel: str
    roas: float
    error: float

    def __post_init__(self) -> None:
        if not self.error > 0:
            raise ValueError("a lift test needs a positive standard error")


@dataclass(frozen=True)
class Aside:
    """A channel whose effect the history cannot tell, and why."""

    channel: str
    reason: str


@dataclass(frozen=True)
class Estimate:
    """A number and how sure it is.

    Attributes:
        value: the mean of the draws.
        lower, upper: the ends of the interval that holds it with the chance of `LEVEL` percent.
    """

    value: float
    lower: float
    upper: float


@dataclass(frozen=True)
class CarryoverShare:
    """One plausible carry-over of a channel, and what the channel's return would be if it were the true one.

    Attributes:
        name: in words.
        chance: 0..1, by the history.
        roas: mean return with it, outcome per unit of money.
    """

    name: str
    chance: float
    roas: float


@dataclass(frozen=True, eq=False)
class FittedCurve:
    """One channel's curve with its interval, on a grid of steady spends.

    Attributes:
        channel: its name.
        spends: rising from 0, shape (n,).
        mean, lower, upper: outcome per period, shape (n,).
        seen: the largest spend per period in the history; beyond it the curve is a guess.
    """

    channel: str
    spends: Floats
    mean: Floats
    lower: Floats
    upper: Floats
    seen: float


@dataclass(frozen=True, eq=False)
class ResponseModel:
    """What the history says of every channel.

    Attributes:
        history: what it was learnt from.
        calendar: what explains the outcome without marketing.
        channels: those whose effect could be told.
        aside: those whose effect could not, with the reason.
        together: pairs that moved together, whose effects only their sum is sure of.
        candidates: per channel, the shapes that were considered.
        draws: equally likely explanations.
        agreement: the worst split R-hat of the contributions; 1 is agreement of the chains.
    """

    history: MediaHistory
    calendar: MediaCalendar
    channels: tuple[str, ...]
    aside: tuple[Aside, ...]
    together: tuple[tuple[str, str], ...]
    candidates: tuple[ChannelCandidates, ...]
    draws: Draws
    agreement: float

    def contribution(self, channel: str) -> Estimate:
        """What a channel brought over the whole history, against no spend on it at all."""
        return estimated(self._contributions(channel))

    def roas(self, channel: str) -> Estimate:
        """What a unit of money brought on average over the history."""
        return estimated(self._contributions(channel) / float(self.history.spend[channel].sum()))

    def marginal_roas(self, channel: str) -> Estimate:
        """What one more unit of money a period would bring at today's spend."""
        today = self.today[channel]
        step = 0.01 * max(today, 0.01 * self.seen(channel))
        more = self._steady(channel, np.array([today, today + step]))
        return estimated((more[:, 1] - more[:, 0]) / step)

    def chance_of_effect(self, channel: str) -> float:
        """The chance, 0..1, that the channel does anything at all."""
        return float(np.mean(self.draws.candidate[:, self._place(channel)] >= 0))

    def carryovers(self, channel: str) -> tuple[CarryoverShare, ...]:
        """The plausible carry-overs, the shortest first, and the return under each of them."""
        place = self._place(channel)
        candidates, chosen = self.candidates[place], self.draws.candidate[:, place]
        returns = self._contributions(channel) / float(self.history.spend[channel].sum())
        of = np.where(chosen >= 0, candidates.carryover_of[chosen], -1)
        active = max(1, int(np.sum(of >= 0)))
        shares = []
        for number, carryover in enumerate(candidates.carryovers):
            mine = of == number
            if np.sum(mine) >= PLAUSIBLE * active:
                chance = float(np.sum(mine)) / active
                shares.append(CarryoverShare(carryover.name, chance, float(returns[mine].mean())))
        return tuple(shares)

    def typical_carryover(self, channel: str) -> Carryover:
        """The likeliest carry-over, for plans period by period; the others are in `carryovers`."""
        place = self._place(channel)
        candidates, chosen = self.candidates[place], self.draws.candidate[:, place]
        counted = np.bincount(candidates.carryover_of[chosen[chosen >= 0]], minlength=len(candidates.carryovers))
        return candidates.carryovers[int(np.argmax(counted))]

    def curve(self, channel: str) -> FittedCurve:
        """The channel's response to a steady spend, with its interval."""
        spends = self._grid(channel)
        draws = self._steady(channel, spends)
        lower, upper = np.quantile(draws, _ends(), axis=0)
        return FittedCurve(channel, spends, draws.mean(axis=0), lower, upper, self.seen(channel))

    def seen(self, channel: str) -> float:
        """The largest spend in one period."""
        return float(self.history.spend[channel].max())

    @cached_property
    def today(self) -> Mapping[str, float]:
        """Mean spend per period of the last 13 weeks, per channel whose effect could be told."""
        last = self.history.periods[-1]
        recent = np.array([(last - day).days < 7 * TODAY_WEEKS for day in self.history.periods])
        return {name: float(self.history.spend[name][recent].mean()) for name in self.channels}

    def mix(self, *, quantile: float = 0.5, caution: float = 0.0) -> Mix:
        """The channels as a question of how to split a budget.

        Args:
            quantile: which of the fitted curves is the cautious one, such as 0.2: at each spend a channel brings more
                than this with the remaining chance.
            caution: 0 for expected curves (the mean of the draws at each spend), 1 for cautious ones, in between for
                the weighted mean of both.

        Raises:
            ValueError: the quantile is not between 0 and 1, or the caution not from 0 to 1.
        """
        if not 0 < quantile < 1 or not 0 <= caution <= 1:
            raise ValueError("a quantile lies between 0 and 1, and caution from 0 to 1")
        channels = tuple(
            Channel(name, self._table(name, quantile, caution), self.today[name], self.seen(name))
            for name in self.channels
        )
        return Mix(channels, self.history.unit, self.history.currency, self.history.frequency.period)

    def outcomes(self, spend: Mapping[str, float]) -> Floats:
        """What a split may bring per period, one number per draw, shape (draws,).

        Args:
            spend: money per period and channel; a channel that is not named gets nothing.
        """
        parts = [self._steady(name, np.array([spend.get(name, 0.0)]))[:, 0] for name in self.channels]
        return np.asarray(np.sum(parts, axis=0))

    def expected(self, spend: Mapping[str, float]) -> Estimate:
        """What a split brings per period, with its interval."""
        return estimated(self.outcomes(spend))

    def chance_better(self, spend: Mapping[str, float], than: Mapping[str, float]) -> float:
        """The chance, 0..1, that one split brings more than another."""
        return float(np.mean(self.outcomes(spend) > self.outcomes(than)))

    def contributions(self) -> pl.DataFrame:
        """One row per period: `period`, `base` (level, trend, season, controls), one column per channel, `unexplained`.

        The columns add up to the outcome.
        """
        parts = {name: self._over_time(name) for name in self.channels}
        rest = self.history.outcome - sum(parts.values(), start=np.zeros(len(self.history)))
        base = self.calendar.columns @ (self.calendar.columns.T @ rest)
        return pl.DataFrame({"period": self.history.periods, "base": base, **parts, "unexplained": rest - base})

    @property
    def explained(self) -> float:
        """The share of the outcome's variance, 0..1, that base and channels explain."""
        left = self.contributions()["unexplained"].to_numpy()
        return 1 - float(left @ left) / float(np.sum((self.history.outcome - self.history.outcome.mean()) ** 2))

    def table(self) -> pl.DataFrame:
        """One row per channel: spend, contribution, return and marginal return with their intervals."""
        rows = []
        for name in self.channels:
            roas, more, brought = self.roas(name), self.marginal_roas(name), self.contribution(name)
            row: dict[str, object] = {"channel": name, "spend": float(self.history.spend[name].sum())}
            for label, each in (("contribution", brought), ("roas", roas), ("marginal_roas", more)):
                row |= {label: each.value, f"{label}_lower": each.lower, f"{label}_upper": each.upper}
            rows.append(row | {"chance_of_effect": self.chance_of_effect(name)})
        return pl.DataFrame(rows)

    @cached_property
    def cautions(self) -> tuple[str, ...]:
        """What the owner should know before believing a curve."""
        sentences = [*self.history.cautions]
        sentences += [f"{each.channel} {each.reason}: its effect is not shown." for each in self.aside]
        sentences += [
            f"{one} and {two} were raised and cut together: only what they bring in sum can be trusted."
            for one, two in self.together
        ]
        if self.calendar.waves == 0:
            sentences.append("The history is shorter than a year: a season may hide in the effects.")
        for name in self.channels:
            returns = [each.roas for each in self.carryovers(name)]
            if len(returns) > 1 and max(returns) > MOVES * min(returns):
                between = f"from {min(returns):.2g} to {max(returns):.2g} per unit of money"
                sentences.append(
                    f"What {name} brings depends on how long it works, {between}: an experiment would settle it."
                )
        if self.agreement > NOT_SETTLED:
            sentences.append("The calculation did not settle: take the intervals as too narrow.")
        sentences.append(
            "Past spend is not an experiment: if budgets followed sales, or something else moved both, effects look "
            "larger than they are."
        )
        return tuple(sentences)

    def facts(self) -> Facts:
        """All that a narrator may say of the channels."""
        unit, basis = self.history.unit, f"mean of {len(self.draws.size)} fits to {len(self.history)} {self._periods}"
        facts = [
            Fact("periods", "History used", len(self.history), self._periods, "rows with spend and outcome"),
            Fact("explained", "Of the ups and downs explained", 100 * self.explained, "%", "base and channels"),
        ]
        for number, name in enumerate(self.channels, 1):
            brought, back, more = self.contribution(name), self.roas(name), self.marginal_roas(name)
            facts += [
                Fact(f"channel_{number}", f"Channel {number}", name, "", "your column"),
                Fact(f"contribution_{number}", f"{name} brought in all", brought.value, unit, basis),
                Fact(f"return_{number}", f"{name}: {unit} per unit of money".strip(), back.value, unit, basis),
                Fact(
                    f"return_{number}_lower", f"{name}: low end of the return", back.lower, unit, f"{LEVEL}% interval"
                ),
                Fact(
                    f"return_{number}_upper", f"{name}: high end of the return", back.upper, unit, f"{LEVEL}% interval"
                ),
                Fact(f"marginal_{number}", f"{name}: what one more unit of money brings", more.value, unit, basis),
            ]
        return Facts(tuple(facts), self.cautions)

    @property
    def _periods(self) -> str:
        return f"{self.history.frequency.period}s"

    def _place(self, channel: str) -> int:
        return self.channels.index(channel)

    def _contributions(self, channel: str) -> Floats:
        place = self._place(channel)
        total = np.append(self.candidates[place].features.sum(axis=1), 0.0)
        return np.asarray(self.draws.size[:, place] * total[self.draws.candidate[:, place]])

    def _over_time(self, channel: str) -> Floats:
        place = self._place(channel)
        features = self.candidates[place].features
        chosen = self.draws.candidate[:, place]
        active = chosen >= 0
        weight = np.bincount(chosen[active], self.draws.size[active, place], len(features)) / len(chosen)
        return np.asarray(weight @ features)

    def _steady(self, channel: str, spends: Floats) -> Floats:
        """Outcome of steady spends per draw, shape (draws, spends)."""
        place = self._place(channel)
        candidates = self.candidates[place]
        units = np.array([candidates.steady(shape, spends) for shape in range(len(candidates.shapes))])
        shape = candidates.shape_of[self.draws.candidate[:, place]]  # of no effect: any shape, times a size of 0
        return np.asarray(self.draws.size[:, [place]] * units[shape])

    def _grid(self, channel: str) -> Floats:
        reach = REACH * self.seen(channel)
        fine = reach * 2.0 ** np.linspace(-14, 0, KNOTS)
        return np.concatenate([[0.0], np.union1d(np.linspace(0, reach, KNOTS)[1:], fine)])

    def _table(self, channel: str, quantile: float, caution: float) -> Curve:
        spends = self._grid(channel)
        draws = self._steady(channel, spends)
        outcome = (1 - caution) * draws.mean(axis=0)
        if caution > 0:
            outcome += caution * np.quantile(draws, quantile, axis=0)
        if float(outcome[-1]) <= 0:
            return Hill(0.0, 1.0)
        return TabulatedCurve(spends, np.maximum.accumulate(outcome))


def estimated(values: Floats) -> Estimate:
    """The mean of the draws of one quantity, with its interval of `LEVEL` percent."""
    lower, upper = np.quantile(values, _ends())
    return Estimate(float(values.mean()), float(lower), float(upper))


def _ends() -> tuple[float, float]:
    return (1 - DRAWN / 100) / 2, (1 + DRAWN / 100) / 2
