"""What may be put into words: no cause is spoken of that the evidence does not carry."""

import pytest

from engine.causal.explain import explain_change
from engine.causal.grade import Grade
from engine.causal.result import CausalClaim, ClaimKind, claims, overclaims
from tests.causal.files import kiosk
from tests.causal.test_causal_explain import QUESTION

KNOWN = (
    CausalClaim(ClaimKind.ARITHMETIC, "Prices", "", ()),
    CausalClaim(ClaimKind.EVIDENCE, "radio", "", (), Grade.A),
    CausalClaim(ClaimKind.EVIDENCE, "flyers", "", (), Grade.B),
    CausalClaim(ClaimKind.EVIDENCE, "posters", "", (), Grade.C),
)


@pytest.mark.parametrize(
    "sentence",
    [
        "Revenue fell because of Prices.",
        "Radio drove the rise.",
        "Flyers may have caused part of it.",
        "Posters and revenue moved together.",
        "It is not known whether posters caused it.",
        "This does not prove that flyers caused it.",
        "Sales were 4,300 lower than in May.",
    ],
)
def test_what_the_evidence_carries_may_be_said(sentence):
    assert overclaims(sentence, KNOWN) == ()


@pytest.mark.parametrize(
    "sentence",
    [
        "Flyers caused the rise.",
        "The rise is due to posters.",
        "Posters may have caused it.",
        "Radio and posters drove the rise.",
        "The weather caused it.",
        "The fall was driven by flyers.",
        "Thanks to posters, sales rose.",
    ],
)
def test_what_it_does_not_carry_is_returned(sentence):
    assert overclaims(f"All went well. {sentence}", KNOWN) == (sentence,)


def test_the_answers_own_sentences_never_claim_too_much():
    allowed = claims(explain_change(kiosk(), QUESTION))
    assert overclaims(" ".join(claim.sentence for claim in allowed), allowed) == ()
    assert {claim.kind for claim in allowed} >= {ClaimKind.EVIDENCE, ClaimKind.UNKNOWN}


def test_every_claim_points_to_facts_that_exist():
    answer = explain_change(kiosk(), QUESTION)
    facts = answer.facts()
    assert all(name in facts for claim in claims(answer) for name in claim.facts)
