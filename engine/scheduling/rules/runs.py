"""Rules about consecutive days and weekends."""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.arrays import Bools
from engine.errors import DataProblem
from engine.scheduling.constraints import Constraint, DayCost, ForbiddenSequence, RunLengthConstraint, WeekendConstraint
from engine.scheduling.entities import WEEKDAYS, day_name
from engine.scheduling.rules.base import (
    SATURDAY_SUNDAY,
    Breach,
    FormulationContext,
    Run,
    SchedulingRule,
    Work,
    plural,
    runs,
)

LOOK_BACK = 42
"""A run is followed so many days into the history."""


@dataclass(frozen=True)
class RunLimit(SchedulingRule):
    """Limits on the length of runs.

    Attributes:
        least: days, at least.
        most: days, at most; None for no limit.
        edges_count: True when a run that touches the start or the end of the plan must also reach `least`; else it may
            go on beyond.
    """

    least: int = 1
    most: int | None = None
    edges_count: bool = False

    noun = "days"

    @abstractmethod
    def flag(self, work: Work, day: int) -> bool:
        """True when this day belongs to such a run."""

    @abstractmethod
    def inside(self, at: FormulationContext) -> Bools:
        """The duties that belong to such a run, shape (K + 1,)."""

    @property
    def sentence(self) -> str:
        """The rule as people say it."""
        parts = [f"at least {self.least}"] * (self.least > 1) + [f"at most {self.most}"] * (self.most is not None)
        return f"{' and '.join(parts).capitalize()} {self.noun} in a row."

    def breaches(self, work: Work) -> Iterator[Breach]:
        """One breach for each run that is too long or too short."""
        back = LOOK_BACK if work.past_known else 0
        flags = [self.flag(work, day) for day in range(-back, work.problem.days)]
        for run in runs(flags, first=-back, past_known=work.past_known):
            # A run that ended on the eve of the plan was ended by the plan's free (or working) first day.
            if run.first + run.length >= 0:
                yield from self._judge(work, run)

    def _judge(self, work: Work, run: Run) -> Iterator[Breach]:
        days = [day for day in range(run.first, run.first + run.length) if day >= 0]
        since = f"{run.length} {self.noun} in a row from {day_name(work.date(run.first))}"
        # What went wrong before the plan began cannot be mended in it.
        excess = 0 if self.most is None else min(run.length - self.most, len(days))
        if excess > 0:
            yield self._breach(work, f"has {since}, {excess} too many", days, excess)
        short = self.least - run.length
        if short > 0 and (self.edges_count or (run.begun and run.ended)):
            yield self._breach(work, f"has only {since}, {short} too few", days or [0], short)

    @property
    def ends(self) -> tuple[int | None, int | None]:
        """What must be reached and not exceeded."""
        return self.least, self.most

    def constraints(self, at: FormulationContext) -> Iterator[Constraint | DayCost]:
        """What the rule asks of this person, in forms."""
        before = 0
        while at.past.past_known and before < LOOK_BACK and self.flag(at.past, -before - 1):
            before += 1
        free_start, free_end = not self.edges_count and not at.past.past_known, not self.edges_count
        limits = self.least, self.most, self.weight, self.weight
        yield RunLengthConstraint(self.inside(at), *limits, before, free_start, free_end, at.statement)


@dataclass(frozen=True)
class WorkRun(RunLimit):
    """Consecutive working days."""

    noun = "working days"

    def flag(self, work: Work, day: int) -> bool:
        """True when this day belongs to such a run."""
        return work.works(day)

    def inside(self, at: FormulationContext) -> Bools:
        """The duties that belong to such a run, shape (K + 1,)."""
        return at.working


@dataclass(frozen=True)
class FreeRun(RunLimit):
    """Consecutive days off."""

    noun = "days off"

    def flag(self, work: Work, day: int) -> bool:
        """True when this day belongs to such a run."""
        return not work.works(day)

    def inside(self, at: FormulationContext) -> Bools:
        """The duties that belong to such a run, shape (K + 1,)."""
        return ~at.working


@dataclass(frozen=True)
class ShiftRun(RunLimit):
    """Consecutive days on certain shifts.

    Attributes:
        shifts: the shifts in question: the nights, for example.
    """

    shifts: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The rule as people say it."""
        return f"{', '.join(self.shifts)}: {super().sentence}"

    def flag(self, work: Work, day: int) -> bool:
        """True when this day belongs to such a run."""
        return any(name in self.shifts for name in work.names(day))

    def inside(self, at: FormulationContext) -> Bools:
        """The duties that belong to such a run, shape (K + 1,)."""
        return at.mask(*self.shifts)


@dataclass(frozen=True)
class WeekendRule(SchedulingRule):
    """A rule about weekends.

    Attributes:
        weekend: the weekdays of a weekend in order, Monday = 0.
    """

    weekend: tuple[int, ...] = SATURDAY_SUNDAY

    def whole(self, work: Work) -> list[tuple[int, ...]]:
        """The weekends that lie in the plan with all their days."""
        return [days for days in work.weekends(self.weekend) if len(days) == len(self.weekend)]


@dataclass(frozen=True)
class WeekendsWorked(WeekendRule):
    """Weekends with work on any of their days.

    Attributes:
        most: in the whole plan, at most.
    """

    most: int = 2

    @property
    def sentence(self) -> str:
        """The rule as people say it."""
        return f"Nobody works on more than {plural(self.most, 'weekend')}."

    def breaches(self, work: Work) -> Iterator[Breach]:
        """One breach when there are too many."""
        worked = [days for days in work.weekends(self.weekend) if any(work.works(day) for day in days)]
        excess = len(worked) - self.most
        if excess > 0:
            late = [day for days in worked[self.most :] for day in days]
            yield self._breach(work, f"works on {plural(len(worked), 'weekend')}, {excess} too many", late, excess)

    def constraints(self, at: FormulationContext) -> Iterator[Constraint | DayCost]:
        """What the rule asks of this person, in forms."""
        weekends = tuple(at.past.weekends(self.weekend))
        yield WeekendConstraint(weekends, ((self.most, self.weight),), 1, None, None, None, at.statement)


@dataclass(frozen=True)
class WeekendRun(WeekendRule):
    """Consecutive weekends with work; runs at the edges of the plan count as they stand.

    Attributes:
        least: weekends, at least.
        most: weekends, at most; None for no limit.
    """

    least: int = 1
    most: int | None = None

    @property
    def sentence(self) -> str:
        """The rule as people say it."""
        parts = [f"at least {self.least}"] * (self.least > 1) + [f"at most {self.most}"] * (self.most is not None)
        noun = "weekend" if self.most == 1 else "weekends"
        return f"{' and '.join(parts).capitalize()} worked {noun} in a row."

    def breaches(self, work: Work) -> Iterator[Breach]:
        """One breach for each run that is too long or too short."""
        weekends = work.weekends(self.weekend)
        worked = [any(work.works(day) for day in days) for days in weekends]
        for run in runs(worked, first=0, past_known=True):
            inside = [day for days in weekends[run.first : run.first + run.length] for day in days]
            since = f"{plural(run.length, 'worked weekend')} in a row from {day_name(work.date(inside[0]))}"
            if self.most is not None and run.length > self.most:
                yield self._breach(work, f"has {since}", inside, run.length - self.most)
            if run.length < self.least:
                yield self._breach(work, f"has only {since}", inside, self.least - run.length)

    @property
    def ends(self) -> tuple[int | None, int | None]:
        """What must be reached and not exceeded."""
        return self.least, self.most

    def constraints(self, at: FormulationContext) -> Iterator[Constraint | DayCost]:
        """What the rule asks of this person, in forms."""
        weekends = tuple(at.past.weekends(self.weekend))
        yield WeekendConstraint(weekends, (), self.least, self.most, self.weight, self.weight, at.statement)


@dataclass(frozen=True)
class WholeWeekends(WeekendRule):
    """A weekend is worked on all its days or on none; one that the plan cuts off is not judged.

    Each stretch of work counts the days of the weekend before it and after it: one for half a weekend of two days, four
    for a Friday and a Sunday without the Saturday between them.
    """

    @property
    def sentence(self) -> str:
        """The rule as people say it."""
        return f"Weekends are worked on {'both' if len(self.weekend) == 2 else 'all'} days or on none."

    def breaches(self, work: Work) -> Iterator[Breach]:
        """One breach for each part of a weekend."""
        for days in self.whole(work):
            worked = [work.works(day) for day in days]
            stretches = [] if all(worked) else list(runs(worked, first=0, past_known=True))
            missing = sum(run.first + len(days) - (run.first + run.length) for run in stretches)
            if missing:
                part = "half" if len(days) == 2 else "only a part of"
                yield self._breach(work, f"works {part} the weekend of {day_name(work.date(days[0]))}", days, missing)

    def constraints(self, at: FormulationContext) -> Iterator[Constraint | DayCost]:
        """What the rule asks of this person, in forms."""
        for place in range(1, len(self.weekend)):
            eves = frozenset(days[place - 1] for days in self.whole(at.past))
            before, after = place, len(self.weekend) - place
            for steps, missing in (((~at.working, at.working), before), ((at.working, ~at.working), after)):
                yield ForbiddenSequence(
                    eves, steps, None if self.weight is None else self.weight * missing, at.statement
                )


@dataclass(frozen=True)
class SameShiftAtWeekend(WeekendRule):
    """Who works on all days of a weekend has the same shift on all; one that the plan cuts off is not judged."""

    @property
    def sentence(self) -> str:
        """The rule as people say it."""
        return f"{'Both' if len(self.weekend) == 2 else 'All'} days of a weekend have the same shift."

    def breaches(self, work: Work) -> Iterator[Breach]:
        """One breach for each weekend with different shifts, for each shift beyond the first."""
        for days in self.whole(work):
            shifts = {name for day in days for name in work.names(day)}
            if len(shifts) > 1 and all(work.works(day) for day in days):
                text = f"has {len(shifts)} shifts on the weekend of {day_name(work.date(days[0]))}"
                yield self._breach(work, text, days, len(shifts) - 1)

    def constraints(self, at: FormulationContext) -> Iterator[Constraint | DayCost]:
        """What the rule asks of this person, in forms."""
        starts = frozenset(days[0] for days in self.whole(at.past))
        for shift in at.shifts:
            mine = at.mask(shift.name)
            for place in range(1, len(self.weekend)):
                others, rest = [at.working & ~mine] * place, [at.working] * (len(self.weekend) - place - 1)
                yield ForbiddenSequence(starts, (*others, mine, *rest), self.weight, at.statement)


Step = tuple[str, ...] | Literal["work", "off", "any"]
"""One day of a pattern: one of these shifts, any work, no work, or anything."""


@dataclass(frozen=True)
class Pattern(SchedulingRule):
    """A sequence of days that is not wanted.

    Attributes:
        steps: the days, in order; at least one.
        weekday: the weekday (Monday = 0) on which it starts; None for every day.

    Raises:
        DataProblem: it has no steps.
    """

    steps: tuple[Step, ...] = ()
    weekday: int | None = None

    def __post_init__(self) -> None:
        if not self.steps:
            raise DataProblem("A sequence that is not wanted has no days", remedy="Say what happens on each of them.")

    @property
    def sentence(self) -> str:
        """The rule as people say it."""
        named = ", then ".join(step if isinstance(step, str) else " or ".join(step) for step in self.steps)
        return f"Not wanted: {named}{'' if self.weekday is None else f', from {WEEKDAYS[self.weekday]}'}."

    def breaches(self, work: Work) -> Iterator[Breach]:
        """One breach for each time that it occurs."""
        for day in range(work.problem.days - len(self.steps) + 1):
            starts = self.weekday is None or work.date(day).weekday() == self.weekday
            if starts and all(self._matches(work, day + k, step) for k, step in enumerate(self.steps)):
                days = list(range(day, day + len(self.steps)))
                yield self._breach(work, f"has an unwanted sequence from {day_name(work.date(day))}", days, 1)

    @staticmethod
    def _matches(work: Work, day: int, step: Step) -> bool:
        if step == "any":
            return True
        if isinstance(step, str):
            return work.works(day) == (step == "work")
        return any(name in step for name in work.names(day))

    def constraints(self, at: FormulationContext) -> Iterator[Constraint | DayCost]:
        """What the rule asks of this person, in forms."""
        last = at.days - len(self.steps)
        starts = [day for day in range(last + 1) if self.weekday in (None, at.problem.calendar[day].weekday())]
        yield ForbiddenSequence(
            frozenset(starts), tuple(_mask(step, at) for step in self.steps), self.weight, at.statement
        )


def _mask(step: Step, at: FormulationContext) -> Bools:
    """The duties that a step of a pattern stands for, shape (K + 1,)."""
    if step == "any":
        return np.ones(len(at.duties) + 1, dtype=bool)
    if isinstance(step, str):
        return at.working if step == "work" else ~at.working
    return at.mask(*step)
