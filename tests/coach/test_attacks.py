"""Somebody has written orders to language models into the names of items; the Coach answers as if they were names."""

import csv
import io
from datetime import date, timedelta

from engine.coach.context import CoachContext, CoachQuestion
from engine.coach.registry import Step, carry_out, in_words
from engine.coach.understand.intents import Intent
from engine.narrate.narrator import masked, narrate
from engine.narrate.writer import reword
from engine.settings import Settings
from engine.workflows.files import open_business
from tests.conftest import LATER
from tests.llm.test_nothing_leaves import Obedient, attacks

FIRST = date(2026, 1, 5)


def attacked() -> CoachContext:
    """A shop that sells forty such items for thirty days."""
    names = list(dict.fromkeys(" ".join(attack.split()) for attack in attacks()))[:40]
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["Date", "Product", "Units sold"])
    for k in range(30):
        rows.writerows([FIRST + timedelta(days=k), name, 100 - place] for place, name in enumerate(names))
    return CoachContext(open_business(out.getvalue().encode(), "sales.csv", Settings(), today=LATER))


def test_a_model_never_reads_the_name_of_an_item_and_cannot_change_a_sentence():
    shop = attacked()
    questions = ("Which item sells best?", "What was the worst seller?", "How much did we sell last week?")
    model = Obedient()
    for question in questions:
        found = carry_out(Step(Intent.DATA, CoachQuestion(question).arguments), question, shop)
        results = list(reword(masked(found.facts, found.page), found.facts, model))
        assert [each.sentence for each in results] == list(narrate(found.facts, found.page).sentences)
        assert in_words(found)

    read = "\n".join(model.read)
    assert model.read
    assert not any(item in read for item in shop.items)
    assert "999" not in read
