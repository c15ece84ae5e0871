"""From spend and outcome to response curves: what each channel brought, how sure that is, and what more would bring."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from engine.arrays import Floats, Ints
from engine.budget.candidates import candidates, structures
from engine.budget.curves import WEEKS
from engine.budget.media import MediaCalendar, MediaHistory, calendar_of
from engine.budget.model import Aside, LiftTest, ResponseModel
from engine.budget.sampler import Draws, Effort, Lift, SamplingProblem, draw
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
