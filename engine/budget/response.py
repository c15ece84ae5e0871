"""From spend and outcome to response curves: what each channel brought, how sure that is, and what more would bring."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

import numpy as np

from engine.arrays import Floats, Ints
from engine.budget.curves import WEEKS, Carryover, Curve, Hill, Power
from engine.budget.media import MediaCalendar, MediaHistory, calendar_of
from engine.budget.mix import Channel, Mix
from engine.budget.model import Aside, Estimate, FittedCurve, LiftTest, ResponseModel, estimated
from engine.budget.sampler import Draws, Effort, Lift, SamplingProblem, candidates, draw, structures
from engine.errors import DataProblem
from engine.process import Report

ROWS_PER_EFFECT = 10
STEADY = 0.05
SAID_BY_CALENDAR = 0.95
MOVE_TOGETHER = 0.9
"""Fewer rows per effect are refused. A channel is set aside when its spend varies by less than the share `STEADY` of
its mean, or when the calendar explains more than `SAID_BY_CALENDAR` of its variance; two channels move together when
what the calendar leaves of them correlates above `MOVE_TOGETHER`."""

NOT_SETTLED = 1.1
MORE_EFFORT = Effort(chains=4, warm_up=600, sweeps=2000, thin=5)
"""Chains that disagree (split R-hat above `NOT_SETTLED`) are run again, longer."""


class TooFewRows(DataProblem):
    """The history is too short for so many channels and controls.

    Args:
        have: periods in the file.
        need: periods that would be enough.
        effects: channels and controls that share them.
        period: the noun for one period.
    """

    def __init__(self, have: int, need: int, effects: int, period: str) -> None:
        super().__init__(
            f"The file has {have} {period}s for {effects} effects (channels, season, trend and other columns)",
            remedy=f"About {need} {period}s would do. Add earlier rows, or put small channels together.",
        )
        self.have, self.need, self.effects = have, need, effects


def fit_response(
    history: MediaHistory,
    *,
    rng: np.random.Generator,
    lifts: Sequence[LiftTest] = (),
    carry_over: bool = True,
    effort: Effort | None = None,
    report: Report = lambda share, note: None,
) -> ResponseModel:
    """Learn from a history what each channel brings.

    A Bayesian fit, because the size of an effect, its carry-over and its saturation are only known together: intervals
    average over decays 0 to 0.9 a week and some that peak later, over Hill, logistic and power shapes, and over noise
    with and without memory and drift. Effects are never negative. Channels are alike at first (each brings in about as
    much per unit of money), and the history moves them apart.

    Args:
        history: spend and outcome per period.
        rng: makes the draws; the same state gives the same model.
        lifts: what experiments say of some channels' average return; they weigh as their errors say.
        carry_over: False for money that works in its own period only.
        effort: how long to sample; longer by itself when the chains disagree.
        report: told how far the work has come.

    Raises:
        TooFewRows: fewer than about 10 rows per effect.
        DataProblem: no channel's spend varies, or a lift test names no channel.
    """
    calendar = calendar_of(history)
    aside = _set_aside(history, calendar)
    names = [name for name in history.channels if name not in aside]
    if not names:
        reasons = "; ".join(f"{name} {reason}" for name, reason in aside.items())
        remedy = "Change the spend for some weeks, one channel at a time, and come back with those rows."
        raise DataProblem(f"No channel's effect can be told: {reasons}", remedy=remedy)
    effects = len(names) + calendar.effects
    if len(history) < ROWS_PER_EFFECT * effects:
        raise TooFewRows(len(history), ROWS_PER_EFFECT * effects, effects, history.frequency.period)
    carryovers = [candidates(history.spend[name], history.frequency, carry_over=carry_over) for name in names]
    spent = np.array([float(history.spend[name].sum()) for name in names])
    noises = structures(calendar.columns, WEEKS[history.frequency])
    means = {name: float(history.spend[name].mean()) for name in names}
    problem = SamplingProblem(history.outcome, carryovers, spent / spent.sum(), noises, _lifts(lifts, means))
    draws, agreement = _settled(problem, rng, effort, report)
    return ResponseModel(
        history=history,
        calendar=calendar,
        channels=tuple(names),
        aside=tuple(Aside(name, reason) for name, reason in aside.items()),
        together=_together(history, calendar, names),
        candidates=tuple(carryovers),
        draws=draws,
        agreement=agreement,
    )


def split_r_hat(values: Floats, chain: Ints) -> float:
    """How far chains disagree; 1 is agreement, above 1.1 is not (Gelman and others, Bayesian Data Analysis, 3rd ed.).

    Args:
        values: one quantity, per draw.
        chain: which chain made each draw; each is halved.
    """
    halves = [half for each in np.unique(chain) for half in np.array_split(values[chain == each], 2)]
    length = min(map(len, halves))
    parts = np.array([half[:length] for half in halves])
    within = float(np.mean(np.var(parts, axis=1, ddof=1)))
    between = length * float(np.var(parts.mean(axis=1), ddof=1))
    if within <= 0:
        return 1.0 if between <= 0 else float("inf")
    return float(np.sqrt((length - 1) / length + between / length / within))


def _settled(
    problem: SamplingProblem, rng: np.random.Generator, effort: Effort | None, report: Report
) -> tuple[Draws, float]:
    draws = draw(problem, rng, effort or Effort(), report)
    agreement = _agreement(problem, draws)
    if effort is None and agreement > NOT_SETTLED:
        draws = draw(problem, rng, MORE_EFFORT, report)
        agreement = _agreement(problem, draws)
    return draws, agreement


def _agreement(problem: SamplingProblem, draws: Draws) -> float:
    """The worst split R-hat of the channels' contributions."""
    worst = 1.0
    for place, channel in enumerate(problem.channels):
        total = np.append(channel.features.sum(axis=1), 0.0)
        contribution = draws.size[:, place] * total[draws.candidate[:, place]]
        worst = max(worst, split_r_hat(contribution, draws.chain))
    return worst


def _set_aside(history: MediaHistory, calendar: MediaCalendar) -> dict[str, str]:
    """Channels whose effect no method can tell from the rest, with the reason."""
    aside = {}
    for name, spent in history.spend.items():
        swing = float(np.std(spent))
        left = spent - calendar.columns @ (calendar.columns.T @ spent)
        if not np.any(spent > 0):
            aside[name] = "was never spent on"
        elif swing < STEADY * float(np.mean(spent)):
            aside[name] = "was spent on evenly all the time"
        elif float(left @ left) < (1 - SAID_BY_CALENDAR) * len(spent) * swing**2:
            aside[name] = "follows the calendar so closely that season and spend cannot be told apart"
    return aside


def _together(history: MediaHistory, calendar: MediaCalendar, names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    rest = {}
    for name in names:
        left = history.spend[name] - calendar.columns @ (calendar.columns.T @ history.spend[name])
        rest[name] = left / max(1e-300, float(np.linalg.norm(left)))
    return tuple((one, two) for one, two in combinations(names, 2) if abs(rest[one] @ rest[two]) >= MOVE_TOGETHER)


def _lifts(tests: Sequence[LiftTest], means: Mapping[str, float]) -> dict[int, tuple[Lift, float]]:
    names = list(means)
    lifts_of = {}
    for test in tests:
        if test.channel not in means:
            remedy = f"Choose one of: {', '.join(names)}."
            raise DataProblem(
                f"The lift test is about {test.channel}, which is no channel with an effect", remedy=remedy
            )
        lifts_of[names.index(test.channel)] = (Lift(test.roas, test.error), means[test.channel])
    return lifts_of


STEEP = 3.0
"""The Hill steepness of a channel that starts slowly: twice the money brings less than 2 ** STEEP times as much."""

TOLD = 2.0
DRAWN = 4.0
POINTS = 121
"""A typed curve is known up to `TOLD` times its spend, and drawn up to `DRAWN` times it, at so many points."""


@dataclass(frozen=True)
class TypedCurve:
    """What an owner knows of a channel without any history.

    Attributes:
        channel: its name.
        spend: money per period, > 0.
        brings: outcome per period for that spend, > 0.
        doubled: outcome per period for twice that spend.
        starts_slowly: the channel does little until enough is spent (an S-shaped curve).

    Raises:
        DataProblem: no curve of that shape goes through the two points.
    """

    channel: str
    spend: float
    brings: float
    doubled: float
    starts_slowly: bool = False

    def __post_init__(self) -> None:
        where = self.channel or "the channel without a name"
        if not self.channel.strip():
            raise DataProblem("A channel has no name", remedy="Give it one.")
        if not (self.spend > 0 and self.brings > 0):
            raise DataProblem("Spend and outcome must be above 0", where=where, remedy="Type what one spend brought.")
        if not self.doubled > self.brings:
            remedy = "Type a little more for twice the money; leave a channel that does nothing out."
            raise DataProblem("Twice the money must bring more than the money itself", where=where, remedy=remedy)
        if self.doubled > 2 * self.brings and not self.starts_slowly:
            remedy = "Say that it starts slowly, or type at most twice as much."
            raise DataProblem("Twice the money brings more than twice as much", where=where, remedy=remedy)
        if self.doubled >= 2**STEEP * self.brings:
            remedy = f"Type less than {2**STEEP:g} times as much for twice the money."
            raise DataProblem("Twice the money brings far more than twice as much", where=where, remedy=remedy)

    @property
    def curve(self) -> Curve:
        """The Hill curve through both points; a straight line where twice the money brings twice as much."""
        steepness = STEEP if self.starts_slowly else 1.0
        ratio, most = self.doubled / self.brings, 2**steepness
        if ratio >= most:
            return Power(self.brings / self.spend, 1.0)
        lifted = most * (ratio - 1) / (most - ratio)  # (half / spend) ** steepness
        return Hill(self.brings * (1 + lifted), self.spend * lifted ** (1 / steepness), steepness)


@dataclass(frozen=True, eq=False)
class Outlook:
    """The channels as they are believed in now.

    Attributes:
        model: what the history says; None without one.
        typed: the owner's own curves; one with the name of a fitted channel takes its place.
        unit: of the outcome, for an outlook without a history.
        currency: of the spends, for an outlook without a history.
        period: the noun of one period, for an outlook without a history.

    Raises:
        ValueError: there is neither a model nor a typed curve.
    """

    model: ResponseModel | None
    typed: tuple[TypedCurve, ...] = ()
    unit: str = ""
    currency: str = ""
    period: str = "week"

    def __post_init__(self) -> None:
        if self.model is None and not self.typed:
            raise ValueError("an outlook needs a model or a typed curve")

    @property
    def learnt(self) -> tuple[str, ...]:
        """The channels whose curve comes from the history."""
        channels = self.model.channels if self.model is not None else ()
        return tuple(name for name in channels if name not in self._own)

    @cached_property
    def today(self) -> Mapping[str, float]:
        """Today's spend per channel and period; what was typed for channels that the history does not have."""
        return self.mix().today

    def mix(self, *, quantile: float = 0.5, caution: float = 0.0) -> Mix:
        """The channels as a question of how to split a budget; see `ResponseModel.mix`.

        A typed curve is the same for every caution.
        """
        return self._expected if caution == 0 else self._mix(quantile, caution)

    @cached_property
    def _expected(self) -> Mix:
        """Made once: sliders ask for it at every move."""
        return self._mix(0.5, 0.0)

    def _mix(self, quantile: float, caution: float) -> Mix:
        if self.model is None:
            return Mix(tuple(self._channel(each) for each in self.typed), self.unit, self.currency, self.period)
        mix = self.model.mix(quantile=quantile, caution=caution)
        for each in self.typed:
            if each.channel in mix.names:
                mix = mix.with_curve(each.channel, each.curve)
            else:
                mix = replace(mix, channels=(*mix.channels, self._channel(each)))
        return mix

    def fitted_curve(self, channel: str) -> FittedCurve:
        """The channel's curve with its interval; of a typed one the interval is the curve itself."""
        own = self._own.get(channel)
        if own is None:
            assert self.model is not None
            return self.model.curve(channel)
        reach = DRAWN * max(own.spend, self.today[channel])
        spends = np.linspace(0, reach, POINTS)
        value = own.curve.value(spends)
        return FittedCurve(channel, spends, value, value, value, TOLD * own.spend)

    def outcomes(self, spend: Mapping[str, float]) -> Floats:
        """What a split may bring per period, one number per equally likely explanation, shape (draws,)."""
        typed = sum(float(each.curve.value(np.array([spend.get(each.channel, 0.0)]))[0]) for each in self._own.values())
        if self.model is None:
            return np.array([typed])
        return self.model.outcomes({name: spend.get(name, 0.0) for name in self.learnt}) + typed

    def expected(self, spend: Mapping[str, float]) -> Estimate:
        """What a split brings per period, with the interval of `LEVEL` percent."""
        return estimated(self.outcomes(spend))

    def chance_better(self, spend: Mapping[str, float], than: Mapping[str, float]) -> float:
        """The chance, 0..1, that one split brings more than another."""
        return float(np.mean(self.outcomes(spend) > self.outcomes(than)))

    def carryovers(self) -> Mapping[str, Carryover]:
        """The likeliest carry-over of each channel that the history knows."""
        if self.model is None:
            return {}
        return {name: self.model.typical_carryover(name) for name in self.model.channels}

    @cached_property
    def cautions(self) -> tuple[str, ...]:
        """What the owner should know before believing a curve."""
        sentences = list(self.model.cautions) if self.model is not None else []
        if self._own:
            names = " and ".join(self._own)
            sentences.append(f"The curve of {names} is what you typed: no interval is known for it.")
        return tuple(sentences)

    @cached_property
    def _own(self) -> Mapping[str, TypedCurve]:
        return {each.channel: each for each in self.typed}

    @staticmethod
    def _channel(each: TypedCurve) -> Channel:
        return Channel(each.channel, each.curve, each.spend)
