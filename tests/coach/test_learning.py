"""What owners found right is learnt by one command."""

from datetime import UTC, datetime

import numpy as np
import pytest

from engine.coach.understand.classifier import PACKAGED, classifier
from engine.coach.understand.recalibrate import OWN_QUESTIONS, question_reader
from engine.faces.cli import main
from engine.settings import Settings
from engine.store import Turn
from engine.store.store import open_store


@pytest.mark.slow
def test_thumbs_teach_the_classifier_and_the_app_uses_what_was_learnt(tmp_path, monkeypatch, capsys):
    database = f"sqlite:///{tmp_path / 'shop.db'}"
    monkeypatch.setenv("DYOCENSE_DATABASE_URL", database)
    question = "gizmo wizmo this fortnight"
    some = tmp_path / "some.tsv"
    some.write_text("".join(OWN_QUESTIONS.read_text(encoding="utf-8").splitlines(keepends=True)[::8]))
    store = open_store(database)
    for _ in range(12):
        kept = store.talks.add("shop", Turn("t", "f", question, "schedule", {}), asked_at=datetime.now(UTC))
        store.talks.rate("shop", kept.id, 1)
    store.close()
    assert question_reader(Settings()) is classifier(PACKAGED)
    before = dict(classifier().read(question).ranking)

    assert main(["learn", "--questions", str(some)]) == 0

    assert "12 of them from owners" in capsys.readouterr().out
    reader = question_reader(Settings())
    assert reader is classifier(tmp_path / "questions.npz")
    after = dict(reader.read(question).ranking)
    assert reader.read(question).tool == "schedule"
    assert np.isclose(sum(after.values()), 1)
    assert after["schedule"] > before["schedule"]
