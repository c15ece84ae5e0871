"""What outlives a browser tab: saved files, the owner's choices about them, and saved scenarios, per workspace.

store = open_store(url)      # from engine.store.store, which loads SQLAlchemy; the values here load nothing
"""

from engine.store.saved import JSON, SavedDataset, SavedScenario, SavedTurn, ScenarioRecord, Turn

__all__ = ["JSON", "SavedDataset", "SavedScenario", "SavedTurn", "ScenarioRecord", "Turn"]
