"""What outlives a browser tab: saved files, the owner's choices about them, and saved scenarios, per workspace."""

from typing import TYPE_CHECKING

from engine.store.saved import JSON, SavedDataset, SavedScenario, SavedTurn, Scenario, Turn

if TYPE_CHECKING:
    from engine.store.store import Store as Store

__all__ = ["JSON", "SavedDataset", "SavedScenario", "SavedTurn", "Scenario", "Turn", "open_store"]


def open_store(url: str) -> "Store":
    """Open the database at this SQLAlchemy URL, made or brought up to date where needed.

    Raises:
        StoreProblem: it cannot be opened, or a newer version of Dyocense made it.
    """
    from engine.store.store import Store  # SQLAlchemy takes a while to load, and not every program needs it

    return Store(url)
