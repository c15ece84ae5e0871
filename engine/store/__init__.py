"""What outlives a browser tab: saved files, the owner's choices about them, and saved scenarios, per workspace.

store = open_store(url)      # from engine.store.store, which loads SQLAlchemy; the values here load nothing
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Union

__all__ = ["JSON", "SavedDataset", "SavedScenario", "SavedTurn", "ScenarioRecord", "Turn"]

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
class ScenarioRecord:
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
class SavedScenario(ScenarioRecord):
    """A scenario in the store.

    Attributes:
        id: random and safe in an address, so that a link can carry it.
        saved_at: when it was saved, UTC.
    """

    id: str
    saved_at: datetime


@dataclass(frozen=True)
class Turn:
    """A question to the Coach and what it answered.

    Attributes:
        talk: the conversation that it belongs to.
        dataset_sha256: the `SavedDataset` that was open.
        question: as the owner typed it.
        tool: the calculation that answered, or "" for none.
        answer: what was shown, as plain values.
        rating: 1 when the owner found it right, -1 when wrong, 0 when nothing was said.
    """

    talk: str
    dataset_sha256: str
    question: str
    tool: str
    answer: JSON
    rating: int = 0


@dataclass(frozen=True)
class SavedTurn(Turn):
    """A question in the store.

    Attributes:
        id: random.
        asked_at: when it was asked, UTC.
        closeness: cosine between its embedding and what was searched for, -1..1; 0 where nothing was searched for.
    """

    id: str = ""
    asked_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    closeness: float = 0.0
