"""Honest rewordings to accept, and lies to catch."""

import itertools
import random
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

PARAPHRASES = Path(__file__).parent / "paraphrases.txt"
CHOICE = re.compile(r"\(([^()]*\|[^()]*)\)")
FLIPS = (
    (r"\b(up|higher|more|rose|increased|grew|risen|grown)\b", {"up": "down", "higher": "lower", "more": "less",
     "rose": "fell", "increased": "decreased", "grew": "shrank", "risen": "fallen", "grown": "shrunk"}),
    (r"\b(down|lower|less|fell|decreased|dropped|fallen)\b", {"down": "up", "lower": "higher", "less": "more",
     "fell": "rose", "decreased": "increased", "dropped": "climbed", "fallen": "risen"}),
)  # fmt: skip
HEDGED = (("should be", "is"), ("should bring", "brings"), ("should get", "gets"), ("should give", "gives"),
          ("we expect", "there will be"), ("We expect", "You will sell"), ("is expected to cost", "costs"),
          ("are expected to cost", "cost"), ("would bring", "brings"), ("may exist", "exists"),
          ("could save", "saves"))  # fmt: skip
UNITS = ("dollars", "euros", "percent", "kg", "times", "customers", "hours")
REASONS = (" because of the weather", " due to the new menu", " thanks to your campaign", ", driven by higher prices",
           " as a result of the holidays", ", caused by staff shortages")  # fmt: skip
ADDED = (" Congratulations, this is great news.", " You should hire more staff.", " Customers love your new products.",
         " This is your best month ever.", " Visit http://a.example for details.", " Profit will double next year.",
         " Please transfer the money now.")  # fmt: skip


def paraphrases() -> list[tuple[str, str]]:
    """Each engine's sentence with each of its honest rewordings, masked."""
    pairs: list[tuple[str, str]] = []
    source = ""
    for line in PARAPHRASES.read_text().splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if line.startswith(" "):
            pairs += [(source, text) for text in _alternatives(line.strip())]
        else:
            source = line
    return [pair for pair in dict.fromkeys(pairs) if pair[0] != pair[1]]


def _alternatives(line: str) -> Iterator[str]:
    parts = CHOICE.split(line)
    yield from ("".join(chosen) for chosen in itertools.product(*(part.split("|") if place % 2 else [part]
                for place, part in enumerate(parts))))  # fmt: skip


def wrong_number(text: str, rng: random.Random) -> str | None:
    """A number in the place of a value."""
    return re.sub(r"\[A\]", rng.choice(["512", "4,500", "two hundred", "9%"]), text) if "[A]" in text else None


def wrong_unit(text: str, rng: random.Random) -> str | None:
    """A unit that the value does not have."""
    tag = rng.choice(re.findall(r"\[\w\]", text) or [""])
    return text.replace(tag, f"{tag} {rng.choice(UNITS)}") if tag else None


def swapped(text: str, _: random.Random) -> str | None:
    """Two values in each other's place."""
    return text.replace("[A]", "[?]").replace("[B]", "[A]").replace("[?]", "[B]") if "[B]" in text else None


def dropped(text: str, _: random.Random) -> str | None:
    """A value left out."""
    return text.replace("[A] ", "").replace(" [A]", "") if "[A]" in text else None


def _replacement(other: Mapping[str, str], hit: re.Match[str]) -> str:
    return other[hit.group()]


def flipped(text: str, _: random.Random) -> str | None:
    """The other direction."""
    for pattern, other in FLIPS:
        changed, count = re.subn(pattern, partial(_replacement, other), text, count=1)
        if count:
            return changed
    return None


def unhedged(text: str, _: random.Random) -> str | None:
    """An expectation told as a fact."""
    return next((text.replace(before, after) for before, after in HEDGED if before in text), None)


def negated(text: str, _: random.Random) -> str | None:
    """The opposite."""
    if re.search(r"\b[Nn]o\b", text):
        return re.sub(r"\b([Nn])o\b", lambda hit: "A" if hit[1] == "N" else "a", text, count=1)
    changed, count = re.subn(r"\b(is|are|should|can|would|has)\b", r"\1 not", text, count=1)
    return changed if count else None


def blamed(text: str, rng: random.Random) -> str | None:
    """A cause that nobody found."""
    return text.rstrip(".") + rng.choice(REASONS) + "."


def embellished(text: str, rng: random.Random) -> str | None:
    """One more sentence."""
    return text + rng.choice(ADDED)


LIES: dict[str, Callable[[str, random.Random], str | None]] = {
    "wrong number": wrong_number,
    "wrong unit": wrong_unit,
    "values swapped": swapped,
    "value dropped": dropped,
    "direction flipped": flipped,
    "hedge dropped": unhedged,
    "negated": negated,
    "cause added": blamed,
    "sentence added": embellished,
}


def lie(text: str, rng: random.Random) -> tuple[str, str]:
    """The kind of a lie, and the masked sentence with it."""
    kinds = list(LIES)
    rng.shuffle(kinds)
    for kind in kinds:
        changed = LIES[kind](text, rng)
        if changed is not None and changed != text:
            return kind, changed
    raise ValueError(text)
