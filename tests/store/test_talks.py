"""What a bakery and a clinic asked the Coach."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from engine.store import Turn
from engine.store.store import open_store

MONDAY = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


@pytest.fixture
def talks(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'dyocense.db'}")
    yield store.talks
    store.close()


def turn(question: str, *, talk: str = "one", file: str = "sales") -> Turn:
    return Turn(talk, file, question, "forecast", {"sentences": [[question, []]]})


def toward(degrees: float) -> np.ndarray:
    """A vector of length 1 that lies so many degrees from the first axis."""
    made = np.zeros(384, np.float32)
    made[:2] = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return made


def test_a_conversation_comes_back_in_the_order_in_which_it_was_held(talks):
    for minute, question in enumerate(("How many rolls?", "And bread?")):
        talks.add("bakery", turn(question), asked_at=MONDAY + timedelta(minutes=minute))

    assert [kept.question for kept in talks.of("bakery", "sales")] == ["How many rolls?", "And bread?"]


def test_only_the_latest_conversation_about_the_open_file_is_shown(talks):
    talks.add("bakery", turn("Old talk", talk="old"), asked_at=MONDAY)
    talks.add("bakery", turn("New talk", talk="new"), asked_at=MONDAY + timedelta(hours=1))
    talks.add("bakery", turn("Other file", file="stock"), asked_at=MONDAY + timedelta(hours=2))

    assert [kept.question for kept in talks.of("bakery", "sales")] == ["New talk"]


def test_the_clinic_sees_nothing_of_the_bakery(talks):
    talks.add("bakery", turn("Our secret"), asked_at=MONDAY, embedding=toward(0))

    assert talks.of("clinic", "sales") == ()
    assert talks.similar("clinic", toward(0)) == ()


def test_the_closest_questions_come_first_with_their_cosines(talks):
    for degrees in (60, 0, 30):
        talks.add("bakery", turn(f"{degrees}"), asked_at=MONDAY, embedding=toward(degrees))
    talks.add("bakery", turn("no vector"), asked_at=MONDAY)

    found = talks.similar("bakery", toward(0), most=2)

    assert [kept.question for kept in found] == ["0", "30"]
    assert [kept.closeness for kept in found] == pytest.approx([1.0, 3**0.5 / 2], abs=1e-6)


def test_a_thumb_is_kept_and_can_be_taken_back(talks):
    kept = talks.add("bakery", turn("Why?"), asked_at=MONDAY)
    talks.rate("bakery", kept.id, -1)
    talks.rate("clinic", kept.id, 1)  # not theirs

    assert [(each.question, each.rating) for each in talks.of("bakery", "sales")] == [("Why?", -1)]

    talks.rate("bakery", kept.id, 0)
    assert [each.rating for each in talks.of("bakery", "sales")] == [0]


def test_lessons_are_what_owners_found_right_or_chose_themselves(talks):
    right = talks.add("bakery", turn("Right"), asked_at=MONDAY)
    talks.rate("bakery", right.id, 1)
    wrong = talks.add("bakery", turn("Wrong"), asked_at=MONDAY)
    talks.rate("bakery", wrong.id, -1)
    talks.add("bakery", turn("Nothing said"), asked_at=MONDAY)
    talks.add("clinic", Turn("two", "sales", "Chosen", "kpi", {"chosen": True}), asked_at=MONDAY + timedelta(hours=1))

    assert talks.lessons() == (("forecast", "Right"), ("kpi", "Chosen"))


def test_an_owner_can_have_it_all_forgotten(talks):
    talks.add("bakery", turn("Why?"), asked_at=MONDAY)
    talks.add("clinic", turn("When?"), asked_at=MONDAY)
    talks.forget("bakery")

    assert talks.of("bakery", "sales") == ()
    assert len(talks.of("clinic", "sales")) == 1
