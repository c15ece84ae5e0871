"""The only numbers that a narrator may speak."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

FactValue = float | int | date | str


@dataclass(frozen=True)
class Fact:
    """One thing that the engine computed.

    Attributes:
        name: stable key, snake case: "total_ahead".
        label: what it is, in the owner's words: "Units expected over the next 28 days".
        value: the number (percentages as 0..100), day or name.
        unit: "units", "%", an ISO currency code, "days", or "" for a bare number or a name.
        basis: how we got it, one sentence.
    """

    name: str
    label: str
    value: FactValue
    unit: str
    basis: str


@dataclass(frozen=True)
class Facts:
    """What one result can be quoted for, and what must be said with it.

    Raises:
        ValueError: two facts share a name.
    """

    items: tuple[Fact, ...]
    cautions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = [fact.name for fact in self.items]
        if len(names) != len(set(names)):
            raise ValueError(f"two facts share a name: {sorted(names)}")

    def __iter__(self) -> Iterator[Fact]:
        return iter(self.items)

    def __contains__(self, name: object) -> bool:
        return any(fact.name == name for fact in self.items)

    def __getitem__(self, name: str) -> Fact:
        for fact in self.items:
            if fact.name == name:
                return fact
        raise KeyError(name)
