"""Rules about who may and who would like to work, and about what all of them may cost."""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.scheduling.constraints import Constraint, DayCost, Statement, WageLimit
from engine.scheduling.entities import DAY_MINUTES, Lock, ShiftType, clock, day_name
from engine.scheduling.rules.base import Breach, FormulationContext, SchedulingRule, Work, hours


@dataclass(frozen=True)
class StandingRule(SchedulingRule):
    """A rule that holds for every roster: the problem's people, locks and duties already say what it asks."""

    def constraints(self, at: FormulationContext) -> Iterator[Constraint | DayCost]:
        """None of its own: `formulate` reads it from the people and the locks."""
        return iter(())


@dataclass(frozen=True)
class OneShiftADay(StandingRule):
    """At most one shift a day: no double shifts and no split shifts."""

    @property
    def sentence(self) -> str:
        """The rule as people say it."""
        return "Nobody works two shifts on one day."

    def breaches(self, work: Work) -> Iterator[Breach]:
        """One breach for each shift beyond the first of a day."""
        for day in work.days:
            extra = len(work.names(day)) - 1
            if extra > 0:
                yield self._breach(work, f"has {extra + 1} shifts on {day_name(work.date(day))}", [day], extra)


@dataclass(frozen=True)
class Skills(StandingRule):
    """People only work in roles that they have, on shifts that are made for the role."""

    @property
    def sentence(self) -> str:
        """The rule as people say it."""
        return "Everybody works only in roles that they can do."

    def breaches(self, work: Work) -> Iterator[Breach]:
        """One breach for each shift in a role that the person or the shift does not have."""
        for day in work.days:
            for each in work.on.get(day, []):
                made_for = work.problem.shift_named[each.shift].roles
                if each.role not in work.employee.roles or (made_for and each.role not in made_for):
                    text = f"cannot work {each.shift} as {each.role or 'anybody'} on {day_name(each.day)}"
                    yield self._breach(work, text, [day], 1)


@dataclass(frozen=True)
class Available(StandingRule):
    """People only work within the hours in which they can."""

    @property
    def sentence(self) -> str:
        """The rule as people say it."""
        return "Everybody works only when they are available."

    def breaches(self, work: Work) -> Iterator[Breach]:
        """One breach for each shift that reaches out of the person's hours."""
        for day in work.days:
            for shift in work.shifts(day):
                if not work.employee.can_work(work.date(day), shift):
                    text = f"is not available for {shift.name} ({shift.times}) on {day_name(work.date(day))}"
                    yield self._breach(work, text, [day], 1)


@dataclass(frozen=True)
class DaysOff(StandingRule):
    """Fixed days off and holidays stay free."""

    @property
    def sentence(self) -> str:
        """The rule as people say it."""
        return "Fixed days off stay free."

    def breaches(self, work: Work) -> Iterator[Breach]:
        """One breach for each shift on a day off."""
        for day in work.days:
            if work.works(day) and work.date(day) in work.employee.days_off:
                yield self._breach(work, f"works on a fixed day off, {day_name(work.date(day))}", [day], 1)


@dataclass(frozen=True)
class Locks(StandingRule):
    """Cells that are already decided stay as they are."""

    @property
    def sentence(self) -> str:
        """The rule as people say it."""
        return "Locked cells stay as they are."

    def breaches(self, work: Work) -> Iterator[Breach]:
        """One breach for each locked cell that was changed."""
        for lock in work.problem.locks:
            day = (lock.day - work.problem.first_day).days
            if lock.employee == work.employee.name and day in work.days and not self._is_unchanged(work, day, lock):
                yield self._breach(work, f"has another shift than the locked one on {day_name(lock.day)}", [day], 1)

    @staticmethod
    def _is_unchanged(work: Work, day: int, lock: Lock) -> bool:
        cells = [(each.shift, each.role) for each in work.on.get(day, [])]
        return cells == ([(lock.shift, lock.role)] if lock.shift else [])


@dataclass(frozen=True)
class Wishes(StandingRule):
    """Requests for and against shifts; each costs its own weight when it is refused."""

    @property
    def sentence(self) -> str:
        """The rule as people say it."""
        return "Requests are granted where they can be."

    def breaches(self, work: Work) -> Iterator[Breach]:
        """One breach for each refused request."""
        for wish in work.employee.wishes:
            day = (wish.day - work.problem.first_day).days
            granted = (wish.shift in work.names(day) if wish.shift else work.works(day)) == wish.to_work
            if day in work.days and not granted:
                what = wish.shift or ("to work" if wish.to_work else "a free day")
                text = f"asked {'for' if wish.to_work or not wish.shift else 'not to work'} {what}"
                who, sentence = work.employee.name, f"{work.employee.name} {text} on {day_name(wish.day)}"
                yield Breach(self.key, sentence, who, (wish.day,), 1, wish.weight)


@dataclass(frozen=True)
class Minors(SchedulingRule):
    """Young people work neither at night nor long.

    Attributes:
        earliest: minutes after midnight before which they do not work.
        latest: minutes after midnight after which they do not work.
        most_minutes: paid minutes a day, at most.
    """

    earliest: int = 6 * 60
    latest: int = 22 * 60
    most_minutes: int = 8 * 60

    @property
    def sentence(self) -> str:
        """The rule as people say it."""
        times = f"between {clock(self.earliest)} and {clock(self.latest)}"
        return f"People under age work only {times}, at most {hours(self.most_minutes)} a day."

    def forbids(self, shift: ShiftType) -> bool:
        """True when this shift is none for young people."""
        outside = shift.start < self.earliest or shift.end > min(self.latest, DAY_MINUTES)
        return outside or shift.paid > self.most_minutes

    def breaches(self, work: Work) -> Iterator[Breach]:
        """One breach for each forbidden shift."""
        for day in work.days if work.employee.minor else ():
            for shift in work.shifts(day):
                if self.forbids(shift):
                    text = f"is under age and works {shift.name} ({shift.times}) on {day_name(work.date(day))}"
                    yield self._breach(work, text, [day], 1)

    def constraints(self, at: FormulationContext) -> Iterator[Constraint | DayCost]:
        """What the rule asks of this person, in forms."""
        names = [shift.name for shift in at.shifts if self.forbids(shift)] if at.past.employee.minor else []
        yield from at.barred(names, self.weight)


@dataclass(frozen=True)
class Breaks(SchedulingRule):
    """Long shifts have a break.

    Attributes:
        worked: minutes from start to end, beyond which a break is due.
        pause: minutes of break that are due.
    """

    worked: int = 6 * 60
    pause: int = 30

    @property
    def sentence(self) -> str:
        """The rule as people say it."""
        return f"A shift of more than {hours(self.worked)} has a break of at least {self.pause} minutes."

    def forbids(self, shift: ShiftType) -> bool:
        """True when this shift has too short a break."""
        return shift.end - shift.start > self.worked and shift.unpaid_break < self.pause

    def breaches(self, work: Work) -> Iterator[Breach]:
        """One breach for each shift without the break that is due."""
        for day in work.days:
            for shift in work.shifts(day):
                if self.forbids(shift):
                    text = f"has too short a break in {shift.name} on {day_name(work.date(day))}"
                    yield self._breach(work, text, [day], 1)

    def constraints(self, at: FormulationContext) -> Iterator[Constraint | DayCost]:
        """What the rule asks of this person, in forms."""
        yield from at.barred([shift.name for shift in at.shifts if self.forbids(shift)], self.weight)


ALWAYS: tuple[SchedulingRule, ...] = (OneShiftADay(), Skills(), Available(), DaysOff(), Locks(), Wishes())
"""Rules that hold for every roster."""


@dataclass(frozen=True)
class LabourBudget(SchedulingRule):
    """Wages without overtime premiums stay within an amount; the weight is per unit of currency above it.

    Attributes:
        amount: currency, for the whole plan.
    """

    amount: float = 0.0

    @property
    def sentence(self) -> str:
        """The rule as people say it."""
        return f"Wages stay within {self.amount:,.2f}."

    def breaches(self, work: Work) -> Iterator[Breach]:
        """None: the budget is about all people together, see `breaches_by_all`."""
        return iter(())

    def breaches_by_all(self, wages: float) -> Iterator[Breach]:
        """The breach when these wages are more than the budget."""
        excess = wages - self.amount
        if excess > 1e-9:
            text = f"Wages of {wages:,.2f} are {excess:,.2f} above the budget of {self.amount:,.2f}"
            yield Breach(self.key, text, "", (), excess, None if self.weight is None else self.weight * excess)

    def constraints(self, at: FormulationContext) -> Iterator[Constraint | DayCost]:
        """None of one person."""
        return iter(())

    def budget(self, statement: Statement) -> WageLimit:
        """The limit on all wages together."""
        return WageLimit(self.amount, self.weight, statement)
