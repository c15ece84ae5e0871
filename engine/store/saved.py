"""What the store takes and gives back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Union

JSON = Union[str, int, float, bool, None, Sequence["JSON"], Mapping[str, "JSON"]]  # noqa: UP007 - it names itself


@dataclass(frozen=True)
class SavedDataset:
    """An owner's file in the store.

    Attributes:
        sha256: hash of the file's bytes; unlike `Dataset.sha256`, the owner's choices take no part.
        name: the file's name when it was last saved.
        size: bytes.
        saved_at: when it was last saved, UTC.
    """

    sha256: str
    name: str
    size: int
    saved_at: datetime


@dataclass(frozen=True)
class Scenario:
    """A question with its settings, to be seen again.

    Attributes:
        name: what the owner calls it.
        page: the page that shows it: "forecast".
        dataset_sha256: the `SavedDataset` that it was asked about.
        parameters: the page's settings; sequences come back as lists.
        headline: its answer in one line, for the list of scenarios.
    """

    name: str
    page: str
    dataset_sha256: str
    parameters: Mapping[str, JSON]
    headline: str


@dataclass(frozen=True)
class SavedScenario(Scenario):
    """A scenario in the store.

    Attributes:
        id: random and safe in an address, so that a link can carry it.
        saved_at: when it was saved, UTC.
    """

    id: str
    saved_at: datetime
