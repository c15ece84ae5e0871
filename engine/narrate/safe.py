"""Text that a screen may interpret: nothing in it may become a link, an image, a formula or HTML."""

import re

IMAGE_OR_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)?")
ADDRESS = re.compile(r"(?:https?|ftp|javascript|data|file|mailto):\S*|www\.\S+", re.IGNORECASE)
TAG_OF_HTML = re.compile(r"</?[A-Za-z!][^>]*>?")
SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|$~!])")


def for_markdown(text: str) -> str:
    r"""The text as Markdown shows it letter by letter: links, images and HTML are taken out, the rest is escaped.

    >>> for_markdown("$1,250 for [prizes](http://a.example) <b>now</b>")
    '\\$1,250 for prizes now'
    """
    bare = TAG_OF_HTML.sub("", ADDRESS.sub("", IMAGE_OR_LINK.sub(r"\1", text)))
    return SPECIAL.sub(r"\\\1", " ".join(bare.split()))
