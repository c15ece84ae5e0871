"""Facts -> words: templates that always work, and the check that no number is invented."""

from engine.narrate.narrator import narrate, unsupported_numbers
from engine.narrate.sentences import Narration, Sentence, for_markdown
from engine.narrate.values import spoken

__all__ = ["Narration", "Sentence", "for_markdown", "narrate", "spoken", "unsupported_numbers"]
