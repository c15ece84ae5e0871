"""What a narrator says, and how a screen may show it."""

import re
from dataclasses import dataclass

TAG = re.compile(r"\[([A-Z])\]")
IMAGE_OR_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)?")
ADDRESS = re.compile(r"(?:https?|ftp|javascript|data|file|mailto):\S*|www\.\S+", re.IGNORECASE)
TAG_OF_HTML = re.compile(r"</?[A-Za-z!][^>]*>?")
SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|$~!])")


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


def for_markdown(text: str) -> str:
    r"""The text as Markdown shows it letter by letter: links, images and HTML are taken out, the rest is escaped.

    So nothing in it becomes a link, an image, a formula or HTML.

    >>> for_markdown("$1,250 for [prizes](http://a.example) <b>now</b>")
    '\\$1,250 for prizes now'
    """
    bare = TAG_OF_HTML.sub("", ADDRESS.sub("", IMAGE_OR_LINK.sub(r"\1", text)))
    return SPECIAL.sub(r"\\\1", " ".join(bare.split()))
