"""Facts -> words: templates that always work, and the check that no number is invented."""

from engine.narrate.narrator import narrate, unsupported_numbers
from engine.narrate.sentences import Narration, Sentence, spoken

__all__ = ["Narration", "Sentence", "narrate", "spoken", "unsupported_numbers"]
