"""What a narrator says."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sentence:
    """One sentence, with the names of the facts that it rests on."""

    text: str
    facts: tuple[str, ...]


@dataclass(frozen=True)
class Narration:
    """A result in words.

    Attributes:
        sentences: what is said, in order.
        written_by: "template", or the name of the language model.
        checked: True when every number in the text is one of the engine's facts.
    """

    sentences: tuple[Sentence, ...]
    written_by: str
    checked: bool

    @property
    def text(self) -> str:
        """All sentences as one paragraph."""
        return " ".join(sentence.text for sentence in self.sentences)
