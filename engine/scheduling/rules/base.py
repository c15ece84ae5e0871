"""What all rules share: whom they bind, what breaking them costs, and what they ask in forms."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from engine.errors import DataProblem
from engine.scheduling.constraints import Constraint, DayCost, Statement, WageLimit
from engine.scheduling.entities import Employee
from engine.scheduling.rules.context import FormulationContext
from engine.scheduling.rules.work import Work


@dataclass(frozen=True)
class Breach:
    """One place where a roster goes against a rule.

    Attributes:
        rule: the rule's key: "Rest".
        sentence: what happens, with names, days and amounts.
        employee: who; "" when it is about coverage or money.
        days: when.
        amount: by how much, in the rule's unit (minutes, days, people, ...).
        penalty: what it costs; None for a rule that must not be broken.
    """

    rule: str
    sentence: str
    employee: str
    days: tuple[date, ...]
    amount: float
    penalty: float | None


REGISTRY: list[type["SchedulingRule"]] = []
"""Every class of rules, in the order in which they were defined."""


@dataclass(frozen=True)
class SchedulingRule(ABC):
    """Something that must hold for each person, or should at a price.

    A rule is one class: its sentence, where a roster goes against it (for the checker, which knows no solver), and what
    it asks in forms (for the solver).

    Attributes:
        weight: what one unit of breaking it costs; None when it must hold.
        people: whom it binds, by name; empty for everybody.
    """

    weight: float | None = None
    people: tuple[str, ...] = ()

    def __init_subclass__(cls, **options: object) -> None:
        super().__init_subclass__(**options)
        REGISTRY.append(cls)

    @property
    def key(self) -> str:
        """The rule's name in the code."""
        return type(self).__name__

    @property
    @abstractmethod
    def sentence(self) -> str:
        """The rule as people say it."""

    def binds(self, employee: Employee) -> bool:
        """True when the rule is about this person."""
        return not self.people or employee.name in self.people

    @property
    def weight_per_minute(self) -> float | None:
        """The weight of a rule whose unit is the hour, for one minute."""
        return None if self.weight is None else self.weight / 60

    @property
    def ends(self) -> tuple[int | None, int | None]:
        """What the rule counts must be at least and at most; None for no limit."""
        return None, None

    def check(self) -> None:
        """Return quietly when the rule makes sense by itself.

        Raises:
            DataProblem: it does not.
        """
        where = f"rule: {self.sentence}"
        if self.weight is not None and not 0 <= self.weight < float("inf"):
            raise DataProblem(
                "The weight of a rule is not a positive number", where=where, remedy="Correct the weight."
            )
        least, most = self.ends
        if least is not None and most is not None and least > most:
            raise DataProblem("A rule asks for more than it allows", where=where, remedy="Correct its limits.")

    @abstractmethod
    def breaches(self, work: Work) -> Iterator[Breach]:
        """Each place where this person's work goes against the rule."""

    @abstractmethod
    def constraints(self, at: FormulationContext) -> Iterator[Constraint | DayCost]:
        """What the rule asks of this person, in forms."""

    def breaches_by_all(self, wages: float) -> Iterator[Breach]:
        """Where a roster with these wages goes against a rule about all people together."""
        return iter(())

    def budget(self, statement: Statement) -> WageLimit | None:
        """The limit that the rule puts on all wages together, if any."""
        return None

    def _breach(self, work: Work, text: str, days: Sequence[int], amount: float) -> Breach:
        penalty = None if self.weight is None else self.weight * amount
        dates = tuple(work.date(d) for d in days)
        return Breach(self.key, f"{work.employee.name} {text}", work.employee.name, dates, amount, penalty)

    def _timed_breach(self, work: Work, text: str, days: Sequence[int], minutes: int) -> Breach:
        """A breach that is counted in minutes and weighed by the hour."""
        penalty = None if self.weight is None else self.weight * minutes / 60
        return replace(self._breach(work, text, days, minutes), penalty=penalty)
