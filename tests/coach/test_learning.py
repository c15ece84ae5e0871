"""What owners found right is learnt by one command."""

from datetime import UTC, datetime

import numpy as np
import pytest

from engine.cli import main
from engine.llm.classifier import PACKAGED, classifier
from engine.llm.recalibrate import OWN_QUESTIONS
from engine.settings import Settings
from engine.store import Turn, open_store
from engine.workflows.words import open_language


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
    assert open_language(Settings(), {}).weights == PACKAGED
    before = dict(classifier().read(question).ranking)

    assert main(["learn", "--questions", str(some)]) == 0

    assert "12 of them from owners" in capsys.readouterr().out
    language = open_language(Settings(), {})
    assert language.weights == tmp_path / "questions.npz"
    after = dict(language.reader.read(question).ranking)
    assert language.reader.read(question).tool == "schedule"
    assert np.isclose(sum(after.values()), 1)
    assert after["schedule"] > before["schedule"]
