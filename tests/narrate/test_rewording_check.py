"""A rewording says what the engine's sentence says, no more and no less."""

import random
from collections import Counter

import pytest

from benchmarks.narration_texts import LIES, lie, paraphrases
from benchmarks.narration_worlds import some_facts
from engine.narrate import narrate, unsupported_numbers
from engine.narrate.fidelity import refusal
from engine.narrate.narrator import masked
from engine.narrate.sentences import PAGES, MaskedSentence, tag
from engine.narrate.writer import EXAMPLES, alike

UP = "Against the same time last year, it is up [A]."
EXPECTED = "We expect [A] over the next [B]."

ACCEPTED = [
    (UP, "Compared with the same time last year, it has risen by [A]."),
    (EXPECTED, "You can expect [A] in the next [B]."),
    ("Buying them costs [A].", "It costs [A] to buy them."),
    ("All rules are kept.", "All the rules are kept."),
    ("The total rose by [A], or [B].", "The total went up by [A], or [B]."),
]
REFUSED = [
    (UP, "It is up [A] last year.", "comparison"),
    ("[A] should give up most: [B] less.", "It is [A] that should give up least: [B] less.", "most or least"),
    (EXPECTED, "You can expect [B] over the next [A].", "tags or their order"),
    (EXPECTED, "You can expect [A] soon.", "tags or their order"),
    (EXPECTED, "We expect [A] over the next [B] [C].", "tags or their order"),
    (EXPECTED, "We expect 512 [A] over the next [B].", "a number"),
    (EXPECTED, "We expect twice [A] over the next [B].", "a number"),
    (EXPECTED, "You will sell [A] over the next [B].", "hedge"),
    (EXPECTED, "We expect [A] over the last [B].", "time"),
    (EXPECTED, "We expect [A] dollars over the next [B].", "measure"),
    (EXPECTED, "We expect [A] over the next [B] because of the weather.", "cause"),
    (EXPECTED, "We expect [A] over the next [B]. Well done.", "length"),
    (EXPECTED, "We expect [A] from Bordeaux over the next [B].", "a name"),
    (EXPECTED, "We expect [A](http://a.example) over the next [B].", "markup"),
    (EXPECTED, "We expect [A] customers over the next [B].", "subject"),
    (EXPECTED, "Great, we expect [A] over the next [B].", "advice"),
    (UP, "Against the same time last year, it is down [A].", "direction"),
    (UP, "It's up against [A] last year.", "direction of a value"),
    (UP, "Against the same time last year, it is not up [A].", "negation"),
    ("It spends [A] of the budget of [B].", "It spends the [A] of the budget of [B].", "a value as a name"),
    (
        "On these curves no other split is better by more than [A].",
        "On these curves, no other split is better than [A].",
        "direction of a value",
    ),
]


@pytest.mark.parametrize(("source", "text"), ACCEPTED)
def test_an_honest_rewording_is_accepted(source, text):
    assert refusal(source, text) is None


@pytest.mark.parametrize(("source", "text", "rule"), REFUSED, ids=[row[1] for row in REFUSED])
def test_what_says_something_else_is_refused_by_its_rule(source, text, rule):
    assert refusal(source, text) == rule


def test_each_sentence_of_the_engine_passes_its_own_check():
    rng = random.Random(2)
    texts = {each.text for _ in range(100) for each in masked(*reversed(some_facts(rng)))}

    assert len(texts) > 40
    assert [text for text in texts if refusal(text, text)] == []


def test_at_most_two_in_a_hundred_honest_rewordings_are_refused():
    pairs = paraphrases()
    refused = [pair for pair in pairs if refusal(*pair)]

    assert len(pairs) >= 300
    assert len(refused) <= 0.02 * len(pairs)


@pytest.mark.parametrize("kind", LIES)
def test_of_each_kind_of_lie_at_least_99_in_100_are_caught(kind):
    rng = random.Random(5)
    told, caught = Counter(), 0
    for source, text in paraphrases():
        changed = LIES[kind](text, rng)
        if changed is not None and changed != text and refusal(source, text) is None:
            told[kind] += 1
            caught += refusal(source, changed) is not None

    assert told[kind] > 20
    assert caught >= 0.99 * told[kind]


def test_a_lie_is_never_the_sentence_itself():
    rng = random.Random(1)

    assert all(lie(EXPECTED, rng)[1] != EXPECTED for _ in range(100))


@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_sentences_whose_numbers_are_the_engines(page):
    rng = random.Random(4)
    told = [narrate(some_facts(rng, page)[1], page) for _ in range(20)]

    assert [each.text for each in told if not each.checked] == []
    assert sum(bool(each.sentences) for each in told) >= 15, "one in twenty facts is missing"


@pytest.mark.parametrize("page", PAGES)
def test_the_words_of_every_page_bring_no_number(page):
    from engine.facts import Facts

    templates = [template for alternatives in PAGES[page] for template in alternatives]

    assert [template.words for template in templates if unsupported_numbers(template.words, Facts(()))] == []


def test_a_masked_sentence_takes_its_values_back_in_any_wording():
    sentence = MaskedSentence(
        "We expect [A] over the next [B].", ("4,500 units", "28 days"), ("total_ahead", "horizon")
    )

    assert sentence.fill() == "We expect 4,500 units over the next 28 days."
    assert sentence.fill("In the next [B], [A].") == "In the next 28 days, 4,500 units."


def test_the_27th_value_has_no_tag():
    with pytest.raises(ValueError, match="so many values"):
        tag(26)


@pytest.mark.parametrize(("before", "after"), EXAMPLES, ids=[before for before, _ in EXAMPLES])
def test_an_example_for_the_model_is_an_honest_rewording_without_digits(before, after):
    assert refusal(before, after) is None
    assert not any(character.isdigit() for character in before + after)


def test_the_example_most_like_the_sentence_stands_next_to_it():
    shown = alike("Per week, that is [A] less than in the [B] just before.")

    assert len(shown) == 3
    assert shown[-1][0] == "Per hour, that is [A] less than in the [B] before."
