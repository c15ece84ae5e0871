"""What may be put into words: a typed list, and the check that no text claims more."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from engine.causal.grade import Grade
from engine.causal.result import Cause, ChangeExplanation


class ClaimKind(StrEnum):
    """The layer that a claim belongs to."""

    ARITHMETIC = "arithmetic"
    EVIDENCE = "evidence"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class CausalClaim:
    """One thing that may be said.

    Attributes:
        kind: its layer.
        subject: what it is about, as a text would name it.
        sentence: a sentence that says it, numbers left to the facts.
        facts: names of the facts that carry its numbers.
        grade: of a cause; None for arithmetic and for what is not known.
    """

    kind: ClaimKind
    subject: str
    sentence: str
    facts: tuple[str, ...]
    grade: Grade | None = None

    @property
    def may_say_cause(self) -> bool:
        """Whether "caused", "because of" and the like may be used: for arithmetic and the best grade alone."""
        return self.kind is ClaimKind.ARITHMETIC or self.grade is Grade.A

    @property
    def may_hint(self) -> bool:
        """Whether "may have caused" may be used."""
        return self.may_say_cause or self.grade is Grade.B


CAUSAL = re.compile(
    r"\b(?:caus(?:e|ed|es|ing)|because(?: of)?|due to|led to|leads? to|leading to|drove|drives?|driven by|driving|"
    r"thanks to|owing to|results? in|resulted in|as a result|results? from|resulted from|responsible for|"
    r"explain(?:s|ed)? (?:why|by)|made\b.{0,40}\b(?:rise|fall|drop|grow)|push(?:ed|es)|pull(?:ed|s) (?:up|down)|"
    r"boost(?:ed|s)?|brings?|brought|generat(?:e|es|ed)|produc(?:e|es|ed)|triggered|proves?|proved|proven)\b",
    re.IGNORECASE,
)
HEDGED = re.compile(r"\b(?:may|might|could|perhaps|possibly|suggests?|appears? to|seems? to)\b", re.IGNORECASE)
DENIED = re.compile(
    r"\b(?:not|no|never|cannot|can't|neither|nothing|unknown|unclear|whether|if)\b|n't\b", re.IGNORECASE
)
SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


def claims(answer: ChangeExplanation) -> tuple[CausalClaim, ...]:
    """Everything that may be said about an answer, by layer."""
    allowed = []
    for number, split in enumerate(answer.splits, 1):
        for place, piece in enumerate(sorted(split.pieces, key=lambda each: -abs(each.amount))[:4], 1):
            way = "raised" if piece.amount > 0 else "lowered"
            sentence = f"{piece.name} {way} the figure ({split.title.lower()})."
            names = (f"split_{number}_part_{place}", f"split_{number}_change")
            allowed.append(CausalClaim(ClaimKind.ARITHMETIC, piece.name, sentence, names))
    allowed += [_claim_of(cause, number) for number, cause in enumerate(answer.causes, 1)]
    allowed += [CausalClaim(ClaimKind.UNKNOWN, "", sentence, ()) for sentence in answer.unknown]
    return tuple(allowed)


def overclaims(text: str, allowed: Iterable[CausalClaim]) -> tuple[str, ...]:
    """The sentences of a text that speak of cause and effect where the evidence does not allow it.

    A sentence with causal words must name a subject that allows them, and none that does not; with "may" and the like
    grade B is enough. A sentence that denies or asks is let through when it names no subject of a better grade's verb.
    """
    with_subject = [claim for claim in allowed if claim.subject]
    return tuple(
        sentence.strip()
        for sentence in SENTENCE.split(text)
        if sentence.strip() and not _is_fair(sentence, with_subject)
    )


def _is_fair(sentence: str, allowed: list[CausalClaim]) -> bool:
    bare = sentence
    for claim in allowed:
        bare = re.sub(re.escape(claim.subject), " ", bare, flags=re.IGNORECASE)
    if not CAUSAL.search(bare) or DENIED.search(bare):
        return True
    named = [claim for claim in allowed if _names(sentence, claim.subject)]
    hedged = bool(HEDGED.search(bare))
    strict = {claim.subject.casefold(): False for claim in named}
    for claim in named:
        strict[claim.subject.casefold()] |= claim.may_hint if hedged else claim.may_say_cause
    return bool(strict) and all(strict.values())


def _names(sentence: str, subject: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(subject)}(?!\w)", sentence, re.IGNORECASE) is not None


def _claim_of(cause: Cause, number: int) -> CausalClaim:
    name = cause.name
    if cause.grade is Grade.D:
        sentence = f"Whether {name} had any part in it cannot be told from this file."
        return CausalClaim(ClaimKind.EVIDENCE, name, sentence, (f"cause_{number}_grade",), cause.grade)
    facts = tuple(f"cause_{number}_{part}" for part in ("grade", "effect", "from", "to"))
    words = {
        Grade.A: f"{name} moves the figure: strong evidence, not proof.",
        Grade.B: f"{name} may move the figure: suggestive.",
        Grade.C: f"{name} goes along with the figure: a pattern, no more.",
    }
    return CausalClaim(ClaimKind.EVIDENCE, name, words[cause.grade], facts, cause.grade)
