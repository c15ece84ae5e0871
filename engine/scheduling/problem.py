"""What a roster must do: the people, the shifts, how many are needed when, and the rules."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property

from engine.scheduling.entities import Assignment, Employee, Lock, Need, ShiftType
from engine.scheduling.rules.base import SchedulingRule


@dataclass(frozen=True)
class RosterProblem:
    """All that a roster is made from.

    Attributes:
        first_day: the first day to plan.
        days: how many days.
        shifts: the shift types, by unique names.
        employees: the people, by unique names.
        needs: how many are needed when.
        rules: what must hold, and what should at a price.
        history: the end of the last roster; runs of work and days off, and rest, carry over from it.
        locks: cells that are already decided.
        currency: ISO code, or "" when costs are points.
    """

    first_day: date
    days: int
    shifts: tuple[ShiftType, ...]
    employees: tuple[Employee, ...]
    needs: tuple[Need, ...]
    rules: tuple[SchedulingRule, ...] = ()
    history: tuple[Assignment, ...] = ()
    locks: tuple[Lock, ...] = field(default=())
    currency: str = ""

    @cached_property
    def calendar(self) -> tuple[date, ...]:
        """The days to plan."""
        return tuple(self.first_day + timedelta(days=k) for k in range(self.days))

    @cached_property
    def shift_named(self) -> dict[str, ShiftType]:
        """The shift types by name."""
        return {shift.name: shift for shift in self.shifts}

    @cached_property
    def employee_named(self) -> dict[str, Employee]:
        """The people by name."""
        return {employee.name: employee for employee in self.employees}

    def locked(self, *locks: Lock) -> "RosterProblem":
        """The same problem with these cells decided; a later lock of the same cell counts."""
        cells = {(lock.day, lock.employee): lock for lock in (*self.locks, *locks)}
        return replace(self, locks=tuple(cells.values()))

    def changed(self, employee: Employee) -> "RosterProblem":
        """The same problem with one person's entry replaced, by name."""
        return replace(self, employees=tuple(employee if e.name == employee.name else e for e in self.employees))
