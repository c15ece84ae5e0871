"""What a narrator says."""

import re
from dataclasses import dataclass

TAG = re.compile(r"\[([A-Z])\]")


@dataclass(frozen=True)
class Sentence:
    """One sentence, with the names of the facts that it rests on."""

    text: str
    facts: tuple[str, ...]


@dataclass(frozen=True)
class MaskedSentence:
    """One sentence whose values, names and days are tags: what a language model may see of it.

    Attributes:
        text: "We expect [A] over the next [B]."
        values: what stands behind each tag, in the order of the tags.
        facts: the names of the facts that it rests on.
    """

    text: str
    values: tuple[str, ...]
    facts: tuple[str, ...]

    def fill(self, text: str = "") -> str:
        """The sentence, or another wording of it, with its values.

        Raises:
            IndexError: the wording has a tag that the sentence does not have.
        """
        return TAG.sub(lambda match: self.values[ord(match[1]) - ord("A")], text or self.text)


@dataclass(frozen=True)
class Narration:
    """A result in words.

    Attributes:
        sentences: what is said, in order.
        written_by: "template", or the name of the language model.
        checked: True when every number in the text is one of the engine's facts.
        page: the page whose sentences these are; "" where no model may reword them.
    """

    sentences: tuple[Sentence, ...]
    written_by: str
    checked: bool
    page: str = ""

    @property
    def text(self) -> str:
        """All sentences as one paragraph."""
        return " ".join(sentence.text for sentence in self.sentences)


def tag(place: int) -> str:
    """The tag of the value in this place: "[A]" for 0.

    Raises:
        ValueError: a sentence has more than 26 values.
    """
    if place >= 26:
        raise ValueError("a sentence cannot hold so many values")
    return f"[{chr(ord('A') + place)}]"
