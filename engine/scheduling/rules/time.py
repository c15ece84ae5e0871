"""Rules about hours, rest and how often."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.errors import DataProblem
from engine.scheduling.constraints import Constraint, DayCost, RangeConstraint, Tier, WeekendConstraint
from engine.scheduling.entities import DAY_MINUTES, ShiftType, day_name
from engine.scheduling.rules.base import Breach, FormulationContext, SchedulingRule, Work, hours, plural

Period = Literal["day", "week", "plan"]


def windows(work: Work, period: Period) -> list[tuple[int, ...]]:
    """The days of each period: single days, weeks from Monday (which reach into the history), or the whole plan."""
    if period == "day":
        return [(day,) for day in work.days]
    return work.weeks() if period == "week" else [tuple(work.days)]


def is_whole(work: Work, days: Sequence[int], period: Period) -> bool:
    """True when a lower limit can be asked of these days: all of the period is planned or known."""
    return period != "week" or (len(days) == 7 and (days[0] >= 0 or work.past_known))


@dataclass(frozen=True)
class WorkingTime(SchedulingRule):
    """Paid time per day, week or plan; each minute beyond a limit counts, and the weight is per hour.

    Attributes:
        period: over which the time is added up.
        most: minutes, at most; None for the contract's (per week) or no limit.
        least: minutes, at least; None for the contract's (per week) or no limit.
    """

    period: Period = "week"
    most: int | None = None
    least: int | None = None

    @property
    def sentence(self) -> str:
        """The rule as people say it."""
        if self.most is None and self.least is None:
            return "Everybody works the weekly hours of their contract."
        named = {"day": "a day", "week": "a week", "plan": "in the whole plan"}[self.period]
        parts = [] if self.least is None else [f"at least {hours(self.least)}"]
        parts += [] if self.most is None else [f"at most {hours(self.most)}"]
        return f"Everybody works {' and '.join(parts)} {named}."

    def limits(self, work: Work) -> tuple[int, int | None]:
        """Minutes at least and at most for this person."""
        contract = self.period == "week" and self.most is None and self.least is None
        if contract:
            return work.employee.least_minutes, work.employee.most_minutes
        return self.least or 0, self.most

    def breaches(self, work: Work) -> Iterator[Breach]:
        """One breach for each period that is too long or too short."""
        least, most = self.limits(work)
        for days in windows(work, self.period):
            total = sum(work.minutes(day) for day in days)
            planned = [day for day in days if day >= 0]
            where = {"day": f"on {day_name(work.date(planned[0]))}", "plan": "in the whole plan"}.get(
                self.period, f"in the week of {day_name(work.date(days[0]))}"
            )
            if most is not None and total > most:
                yield self._timed_breach(
                    work, f"works {hours(total)} {where}, {hours(total - most)} too many", planned, total - most
                )
            if total < least and (self.period != "day" or total) and is_whole(work, days, self.period):
                yield self._timed_breach(
                    work, f"works {hours(total)} {where}, {hours(least - total)} too few", planned, least - total
                )

    @property
    def ends(self) -> tuple[int | None, int | None]:
        """What must be reached and not exceeded."""
        return self.least, self.most

    def constraints(self, at: FormulationContext) -> Iterator[Constraint | DayCost]:
        """What the rule asks of this person, in forms."""
        least, most = self.limits(at.past)
        penalty = self.weight_per_minute
        if self.period == "day":
            yield from self._each_day(at, least, most)
            return
        for days in windows(at.past, self.period):
            lower = least if is_whole(at.past, days, self.period) else 0
            yield at.sum_in_range(days, at.minutes, (lower, penalty), () if most is None else ((most, penalty),))

    def _each_day(self, at: FormulationContext, least: int, most: int | None) -> Iterator[DayCost]:
        penalty = self.weight_per_minute
        for minutes in {*at.minutes}:
            wrong = max(minutes - most if most is not None else 0, least - minutes, 0)
            if wrong:
                mask = np.append(at.minutes == minutes, False)
                cost = None if penalty is None else penalty * wrong
                yield from (DayCost(day, mask, cost, at.statement) for day in range(at.days))


@dataclass(frozen=True)
class Overtime(SchedulingRule):
    """Hours beyond a weekly threshold are paid at the overtime rate: the difference is the price.

    Attributes:
        after: minutes a week that are paid at the plain rate.
    """

    after: int = 40 * 60

    @property
    def sentence(self) -> str:
        """The rule as people say it."""
        return f"Beyond {hours(self.after)} a week the overtime rate is paid."

    def premium(self, work: Work) -> float:
        """What an hour of overtime costs beyond the plain rate, currency."""
        rate = work.employee.overtime_rate
        return 0.0 if rate is None else max(0.0, rate - work.employee.rate)

    def breaches(self, work: Work) -> Iterator[Breach]:
        """One breach for each week with overtime."""
        for days in work.weeks():
            extra = sum(work.minutes(day) for day in days) - self.after
            if extra > 0:
                planned = tuple(work.date(day) for day in days if day >= 0)
                text = (
                    f"{work.employee.name} works {hours(extra)} overtime in the week of {day_name(work.date(days[0]))}"
                )
                yield Breach(self.key, text, work.employee.name, planned, extra, self.premium(work) * extra / 60)

    def constraints(self, at: FormulationContext) -> Iterator[Constraint | DayCost]:
        """What the rule asks of this person, in forms."""
        premium = self.premium(at.past) / 60
        if premium > 0:
            for days in windows(at.past, "week"):
                yield at.sum_in_range(days, at.minutes, (0, None), ((self.after, premium),))


@dataclass(frozen=True)
class Rest(SchedulingRule):
    """Time between the end of one day's work and the start of the next.

    Attributes:
        minutes: at least.
    """

    minutes: int = 11 * 60

    @property
    def sentence(self) -> str:
        """The rule as people say it."""
        return f"At least {hours(self.minutes)} lie between two shifts."

    def missing(self, first: ShiftType, then: ShiftType, days_between: int = 1) -> int:
        """Minutes of rest that are missing when `then` is worked so many days after `first`."""
        return max(0, self.minutes - (days_between * DAY_MINUTES + then.start - first.end))

    def breaches(self, work: Work) -> Iterator[Breach]:
        """One breach for each night that is too short; the amount is the minutes that are missing."""
        for day in range(-1, work.problem.days - 1):
            for first in work.shifts(day):
                for then in work.shifts(day + 1):
                    missing = self.missing(first, then)
                    if missing:
                        text = f"has {hours(self.minutes - missing)} of rest before {day_name(work.date(day + 1))}"
                        yield self._timed_breach(work, f"{text}, {hours(missing)} too little", [day, day + 1], missing)

    def constraints(self, at: FormulationContext) -> Iterator[Constraint | DayCost]:
        """What the rule asks of this person, in forms."""
        missing = {(a.name, b.name): self.missing(a, b) for a in at.shifts for b in at.shifts}
        yield from at.forbidden_pairs(missing, self.weight_per_minute)


@dataclass(frozen=True)
class Succession(SchedulingRule):
    """Shifts that do not follow others on the next day.

    Attributes:
        first: the earlier shifts.
        then: the later ones.
    """

    first: tuple[str, ...] = ()
    then: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The rule as people say it."""
        return f"{', '.join(self.first)} is not followed by {', '.join(self.then)}."

    def breaches(self, work: Work) -> Iterator[Breach]:
        """One breach for each forbidden pair."""
        for day in range(-1, work.problem.days - 1):
            for first in work.names(day):
                for then in work.names(day + 1):
                    if first in self.first and then in self.then:
                        text = f"works {then} on {day_name(work.date(day + 1))} after {first}"
                        yield self._breach(work, text, [day, day + 1], 1)

    def constraints(self, at: FormulationContext) -> Iterator[Constraint | DayCost]:
        """What the rule asks of this person, in forms."""
        yield from at.forbidden_pairs({(a, b): 1 for a in self.first for b in self.then}, self.weight)


@dataclass(frozen=True)
class ShiftCount(SchedulingRule):
    """How often somebody works, or works certain shifts.

    Attributes:
        shifts: the shifts that count; empty for all.
        period: over which they are counted.
        least: shifts, at least.
        most: shifts, at most; None for no limit.
    """

    shifts: tuple[str, ...] = ()
    period: Literal["week", "plan"] = "plan"
    least: int = 0
    most: int | None = None

    @property
    def sentence(self) -> str:
        """The rule as people say it."""
        named = {"week": "a week", "plan": "in the whole plan"}[self.period]
        parts = [f"at least {self.least}"] * (self.least > 0) + [f"at most {self.most}"] * (self.most is not None)
        last = self.least if self.most is None else self.most
        noun = f"{' or '.join(self.shifts)} {'shift' if last == 1 else 'shifts'}".strip()
        return f"Everybody works {' and '.join(parts)} {noun} {named}."

    def counts(self, name: str) -> bool:
        """True when this shift is one of those that count."""
        return not self.shifts or name in self.shifts

    def breaches(self, work: Work) -> Iterator[Breach]:
        """One breach for each period with too many or too few."""
        for days in windows(work, self.period):
            count = sum(self.counts(name) for day in days for name in work.names(day))
            planned = [day for day in days if day >= 0]
            what = f"{count} {' or '.join(self.shifts) or 'shifts'} from {day_name(work.date(planned[0]))}"
            if self.most is not None and count > self.most:
                yield self._breach(work, f"has {what}, {count - self.most} too many", planned, count - self.most)
            if count < self.least and is_whole(work, days, self.period):
                yield self._breach(work, f"has {what}, {self.least - count} too few", planned, self.least - count)

    @property
    def ends(self) -> tuple[int | None, int | None]:
        """What must be reached and not exceeded."""
        return self.least, self.most

    def constraints(self, at: FormulationContext) -> Iterator[Constraint | DayCost]:
        """What the rule asks of this person, in forms."""
        gain = at.per_shift({shift.name: int(self.counts(shift.name)) for shift in at.shifts})
        for days in windows(at.past, self.period):
            least = self.least if is_whole(at.past, days, self.period) else 0
            tiers: tuple[Tier, ...] = () if self.most is None else ((self.most, self.weight),)
            yield at.sum_in_range(days, gain, (least, self.weight), tiers)


@dataclass(frozen=True)
class SteadyStart(SchedulingRule):
    """Working days that follow each other start at about the same time.

    Attributes:
        within: minutes by which two starts may differ.
    """

    within: int = 120

    @property
    def sentence(self) -> str:
        """The rule as people say it."""
        return f"Consecutive working days start within {plural(self.within / 60, 'hour')} of each other."

    def breaches(self, work: Work) -> Iterator[Breach]:
        """One breach for each jump of the starting time."""
        for day in range(-1, work.problem.days - 1):
            for first in work.shifts(day):
                for then in work.shifts(day + 1):
                    if abs(first.start - then.start) > self.within:
                        text = f"starts at another time on {day_name(work.date(day + 1))} than the day before"
                        yield self._breach(work, text, [day, day + 1], 1)

    def constraints(self, at: FormulationContext) -> Iterator[Constraint | DayCost]:
        """What the rule asks of this person, in forms."""
        jumps = {(a.name, b.name): int(abs(a.start - b.start) > self.within) for a in at.shifts for b in at.shifts}
        yield from at.forbidden_pairs(jumps, self.weight)


@dataclass(frozen=True)
class FairShare(SchedulingRule):
    """Unpopular shifts, or weekends, are shared out: the n-th one of a person weighs 2n - 1, so equal is cheapest.

    Attributes:
        shifts: the shifts to share out; empty for worked weekends.
    """

    weight: float | None = 1.0
    shifts: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The rule as people say it."""
        return f"{', '.join(self.shifts) or 'Weekends'} are shared out fairly."

    def count(self, work: Work) -> int:
        """How many of them the person has."""
        if self.shifts:
            return sum(name in self.shifts for day in work.days for name in work.names(day))
        return sum(any(work.works(day) for day in pair) for pair in work.weekends())

    def breaches(self, work: Work) -> Iterator[Breach]:
        """One breach for each person who has any; the amount is the square of their number."""
        count = self.count(work)
        if count:
            text = f"has {plural(count, 'weekend')}" if not self.shifts else f"has {count} of {', '.join(self.shifts)}"
            yield self._breach(work, text, [], count**2)

    def check(self) -> None:
        """Return quietly when the rule makes sense by itself.

        Raises:
            DataProblem: it has no weight, or none that makes sense.
        """
        super().check()
        if self.weight is None:
            raise DataProblem(
                "Fairness needs a weight", where=f"rule: {self.sentence}", remedy="Say how much it matters."
            )

    def constraints(self, at: FormulationContext) -> Iterator[Constraint | DayCost]:
        """What the rule asks of this person, in forms."""
        weight = self.weight or 0.0
        if self.shifts:
            gain = at.mask(*self.shifts)[:-1].astype(np.int64)
            tiers = tuple((k, weight if k == 0 else 2 * weight) for k in range(at.days))
            yield RangeConstraint(range(at.days), gain, 0, None, tiers, 0, at.statement)
        else:
            weekends = at.past.weekends()
            tiers = tuple((k, weight if k == 0 else 2 * weight) for k in range(len(weekends)))
            yield WeekendConstraint(tuple(weekends), tiers, 1, None, None, None, at.statement)
