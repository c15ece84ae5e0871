"""Personal data is replaced by tokens before a text leaves this machine, and put back into what comes home."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

PATTERNS = {
    "EMAIL": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "IBAN": re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b"),
    "CARD": re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)"),
    "ADDRESS": re.compile(
        r"\b\d{1,5}[a-z]?,? (?:[A-Z][\w.'’]+ ){1,3}(?:St|Street|Ave|Avenue|Rd|Road|Ln|Lane|Dr|Drive|Blvd|Way"
        r"|Court|Ct|Sq|Square|Close|Terrace|Place|Pl)\b\.?"
        r"|\b[A-ZÄÖÜ][\wäöüß-]*(?:straße|strasse|str\.|weg|platz|gasse|allee) \d{1,4}[a-z]?\b"
        r"|\b(?:Rue|Avenue|Boulevard|Via|Calle|Plaza|Piazza) (?:[\w'’]+ ){0,3}[\w'’]+,? \d{1,4}\b"
    ),
    "PHONE": re.compile(
        r"(?<![\w.,$€£])(?:\+\d{1,3}[ .-]?|00\d{1,3}[ .-]?|0)?(?:\(\d{1,5}\)[ .-]?)?"
        r"\d{2,8}(?:[ .-]\d{2,8}){1,5}(?![\w%])"
    ),
}
DAY = re.compile(r"\d{4}[-.]\d{1,2}[-.]\d{1,2}|\d{1,2}[-. ]\d{1,2}[-. ]\d{4}")
FEWEST_PHONE_DIGITS = 7


@dataclass(frozen=True)
class RedactedText:
    """A text without personal data.

    Attributes:
        text: what may leave.
        tokens: what stands behind each token; it stays on this machine.
    """

    text: str
    tokens: dict[str, str] = field(default_factory=dict, repr=False)

    def restore(self, answer: str) -> str:
        """The answer with the personal data back in its place; unknown tokens stay as they are."""
        for token, value in self.tokens.items():
            answer = answer.replace(token, value)
        return answer

    @property
    def is_private(self) -> bool:
        """True when something was replaced."""
        return bool(self.tokens)


def redact(text: str, names: Iterable[str] = ()) -> RedactedText:
    """The text with e-mails, phones, cards, accounts, addresses and known names replaced.

    Args:
        text: what would leave.
        names: values of the columns that hold people: employees, customers.
    """
    tokens: dict[str, str] = {}
    for kind, pattern in PATTERNS.items():
        text = pattern.sub(lambda hit, kind=kind: _token(kind, hit.group(), tokens), text)  # type: ignore[misc]
    for name in sorted({name.strip() for name in names if len(name.strip()) > 1}, key=len, reverse=True):
        pattern = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
        text = pattern.sub(lambda hit: _token("NAME", hit.group(), tokens), text)
    return RedactedText(text, tokens)


def _token(kind: str, value: str, tokens: dict[str, str]) -> str:
    """The token of this value, the same for each of its places; the value itself where it is no personal data."""
    digits = re.sub(r"\D", "", value)
    if kind == "CARD" and not _passes_luhn(digits):
        return value
    if kind == "PHONE" and (len(digits) < FEWEST_PHONE_DIGITS or DAY.fullmatch(value.strip())):
        return value
    for token, original in tokens.items():
        if original == value:
            return token
    token = f"<{kind}_{sum(original.startswith(f'<{kind}_') for original in tokens) + 1}>"
    tokens[token] = value
    return token


def _passes_luhn(digits: str) -> bool:
    """The check digit of payment cards (ISO/IEC 7812)."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(number - 9 * (number > 9) for number in doubled) % 10 == 0
