"""Rules about the roster as a whole: labour cost."""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.scheduling.constraints import Constraint, DayCost, Statement, WageLimit
from engine.scheduling.rules.base import Breach, SchedulingRule
from engine.scheduling.rules.context import FormulationContext
from engine.scheduling.rules.work import Work


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
