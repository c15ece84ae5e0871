"""Limits that cannot all be kept are a result that says which, and what would help."""

from engine.proof import ClashingLimit, Infeasibility, Relaxation


def bakery() -> Infeasibility[str]:
    limits = tuple(ClashingLimit(words, words) for words in ("warehouse space", "service level"))
    ways = (
        Relaxation.of_limit("warehouse space", 15, 18.04, "crates"),
        Relaxation.of_limit("service level", 95, 88.3, "%"),
    )
    return Infeasibility("No order list keeps these limits: warehouse space and service level.", limits, ways)


def test_a_change_is_offered_in_words_and_is_enough():
    assert [way.sentence for way in bakery().relaxations] == [
        "Change warehouse space from 15 to 18.1 crates.",
        "Change service level from 95 to 88.3 %.",
    ]


def test_a_limit_that_must_fall_is_rounded_down():
    assert Relaxation.of_limit("minimum order of mill", 40, 29.97, "").sentence.endswith("from 40 to 29.9.")
    assert Relaxation.of_limit("minimum order of mill", 40, 29.9, "").rounded == 29.9


def test_only_what_clashes_and_what_helps_may_be_quoted():
    facts = bakery().facts()
    assert [fact.value for fact in facts] == ["warehouse space", "service level", 18.1, 88.3]
    assert facts.cautions == ("No order list keeps these limits: warehouse space and service level.",)


def test_a_change_that_is_no_number_is_no_fact():
    offer = Relaxation("Ask Barista 1 to come on Saturday 7 November.")
    clash = Infeasibility("Nobody is there.", (ClashingLimit("Saturday needs 1 person", "need"),), (offer,))
    assert [fact.name for fact in clash.facts()] == ["clash_1"]
