"""Which model should answer, and what may leave this machine: how hard it is, what is allowed, whom it names."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

Where = Literal["local", "cloud", "template"]

LOCAL_BELOW = 0.3
PER_TURN, MOST_FROM_TURNS = 0.02, 0.1

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
class QueryContext:
    """What surrounds a question.

    Attributes:
        turns: questions asked before in the same talk; a long one needs more memory than a small model has.
        tables: tables that the owner's file has.
    """

    turns: int = 0
    tables: int = 1


@dataclass(frozen=True)
class Route:
    """Who answers, and why, in words that the page shows."""

    model: Where
    reason: str


@dataclass(frozen=True)
class Policy:
    """What the owner allows, and what works at the moment.

    Attributes:
        cloud_allowed: the owner turned cloud models on and saw what would leave the machine; off by default.
        private: this question holds something that must not leave, even then.
        budget_left: today's money is not used up.
        local_works: a local model is there and its breaker is closed.
        cloud_works: a cloud model is there and its breaker is closed.
    """

    cloud_allowed: bool = False
    private: bool = False
    budget_left: bool = True
    local_works: bool = True
    cloud_works: bool = True


def in_context(complexity: float, context: QueryContext) -> float:
    """The complexity of the question alone, raised by what surrounds it, 0..1."""
    around = min(MOST_FROM_TURNS, PER_TURN * context.turns) + PER_TURN * (context.tables > 3)
    return min(1.0, complexity + around)


@dataclass(frozen=True)
class _Rule:
    applies: Callable[[float, Policy], bool]
    route: Route


RULES = (
    _Rule(
        lambda _, policy: not policy.local_works and not (policy.cloud_allowed and policy.cloud_works),
        Route("template", "no language model is in use"),
    ),
    _Rule(lambda _, policy: not policy.cloud_allowed and policy.local_works, Route("local", "your data stays here")),
    _Rule(
        lambda _, policy: policy.private and policy.local_works,
        Route("local", "this question holds personal data, which stays here"),
    ),
    _Rule(
        lambda _, policy: policy.private,
        Route("template", "this question holds personal data, and no model runs on this machine"),
    ),
    _Rule(
        lambda _, policy: not policy.budget_left and policy.local_works,
        Route("local", "today's budget for cloud models is used up"),
    ),
    _Rule(
        lambda _, policy: not policy.budget_left,
        Route("template", "today's budget for cloud models is used up, and no model runs on this machine"),
    ),
    _Rule(lambda _, policy: not policy.cloud_works, Route("local", "the cloud model does not answer at the moment")),
    _Rule(lambda _, policy: not policy.local_works, Route("cloud", "no model runs on this machine")),
    _Rule(lambda complexity, _: complexity < LOCAL_BELOW, Route("local", "a simple question")),
)
"""What is not decided by any of these goes to the cloud."""


def route(complexity: float, policy: Policy) -> Route:
    """Who answers a question of this complexity (0..1): local below `LOCAL_BELOW`, unless the policy says otherwise."""
    for rule in RULES:
        if rule.applies(complexity, policy):
            return rule.route
    return Route("cloud", "a question of several steps")


@dataclass(frozen=True)
class RedactedText:
    """A text without personal data.

    Attributes:
        text: what may leave.
        tokens: what stands behind each token; it stays on this machine.
    """

    text: str
    tokens: dict[str, str] = field(default_factory=dict, repr=False)

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
