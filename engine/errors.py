"""Everything that can go wrong, in words that an owner can act on.

    DyocenseError
    ├── DataProblem            something in the owner's file: what, where, what to do
    │   ├── UnreadableFile     no table that we can open: empty, a picture, locked, too large
    │   ├── MissingColumn      a role that the question needs has no column
    │   └── TooLittleHistory   fewer periods than the question needs
    ├── ModelFailed            one forecasting model could not be fitted; the others still speak
    ├── JobFailed              background work ended without a result
    └── StoreProblem           the database could not be opened, read or written
        └── NotKept            what was asked for is not (or no longer) in this workspace

Errors cross process borders, so each can be pickled with all that it says.
"""

from collections.abc import Sequence
from typing import Any


class DyocenseError(Exception):
    """The root of all errors that Dyocense raises on purpose."""


class DataProblem(DyocenseError):
    """Something in the owner's file that stops us.

    Args:
        what: what is wrong, one sentence.
        where: the sheet, column or row, as the owner would name it.
        remedy: what to do about it, one sentence.
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what, self.where, self.remedy = what, where, remedy

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        sentence = self.what.rstrip(".") + place + "."
        return f"{sentence} {self.remedy}".strip()

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.args, self.__dict__)


class UnreadableFile(DataProblem):
    """The file holds no table that we can open."""


class MissingColumn(DataProblem):
    """No column plays a role that the question needs.

    >>> str(MissingColumn("date", available=["Day", "Product", "Sold"]))
    'No column looks like the date. Choose one of: Day, Product, Sold.'
    """

    def __init__(self, role: str, *, available: Sequence[str], where: str = "") -> None:
        names = ", ".join(available)
        super().__init__(f"No column looks like the {role}", where=where, remedy=f"Choose one of: {names}.")
        self.role, self.available = role, tuple(available)


class TooLittleHistory(DataProblem):
    """The file covers fewer periods than the question needs."""

    def __init__(self, have: int, need: int, *, period: str) -> None:
        unit = period if have == 1 else f"{period}s"
        super().__init__(
            f"The file covers {have} {unit}, and a forecast needs at least {need}",
            remedy="Add earlier rows, or choose all items together.",
        )
        self.have, self.need = have, need


class ModelFailed(DyocenseError):
    """One forecasting model could not be fitted to this series.

    Args:
        model: the name of the model, as shown to the owner.
        reason: why, one clause.
    """

    def __init__(self, model: str, reason: str) -> None:
        super().__init__(model, reason)
        self.model, self.reason = model, reason

    def __str__(self) -> str:
        return f"{self.model} was left out: {self.reason}."


class JobFailed(DyocenseError):
    """Background work ended without a result."""


class StoreProblem(DyocenseError):
    """The database could not be opened, read or written."""


class NotKept(StoreProblem):
    """What was asked for is not in this workspace, or not any more."""

    def __init__(self, what: str) -> None:
        super().__init__(f"This {what} is no longer kept here. Open it again.")


def _rebuild(kind: type[DataProblem], args: tuple[Any, ...], state: dict[str, Any]) -> DataProblem:
    problem = kind.__new__(kind, *args)
    problem.args = args
    problem.__dict__.update(state)
    return problem
