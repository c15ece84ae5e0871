"""What was learnt from questions is kept under names, never in an order that a new version could change."""

import logging

import numpy as np
import pytest

from engine.coach.understand.classifier import (
    PACKAGED,
    Classifier,
    IntentWeights,
    StaleWeights,
    classifier,
    write_weights,
)
from engine.coach.understand.intents import COMPLEXITY_FEATURES, TOOL_FEATURES, Intent
from engine.coach.understand.recalibrate import LEARNT, question_reader
from engine.settings import Settings

NAMES = ("intents", "tool_features", "complexity_features")
QUESTIONS = ("How many muffins will we sell?", "Why did sales fall?", "Who works on Monday?", "What should I order?")


def arrays() -> dict[str, np.ndarray]:
    with np.load(PACKAGED) as packaged:
        return dict(packaged)


def rankings(file) -> list[list[str]]:
    weights = IntentWeights.read(file, with_meaning=False)
    return [
        [intent.value for intent, _ in reading.ranking] for reading in Classifier(weights, None).read_all(QUESTIONS)
    ]


def test_the_packaged_weights_carry_the_names_of_their_rows_and_columns():
    packaged = arrays()

    assert set(packaged["intents"].tolist()) == {intent.value for intent in Intent}
    assert packaged["tool_features"].tolist() == list(TOOL_FEATURES)
    assert packaged["complexity_features"].tolist() == list(COMPLEXITY_FEATURES)
    assert packaged["words_tools"].shape == (len(Intent), len(TOOL_FEATURES) + 1)


def test_a_file_in_another_order_reads_the_same_questions_the_same_way(tmp_path):
    mixed, rng = arrays(), np.random.default_rng(7)
    rows = rng.permutation(len(Intent))
    columns = rng.permutation(len(TOOL_FEATURES))
    aspects = rng.permutation(len(COMPLEXITY_FEATURES))
    mixed["intents"], mixed["tool_features"] = mixed["intents"][rows], mixed["tool_features"][columns]
    mixed["complexity_features"] = mixed["complexity_features"][aspects]
    for kind in ("meaning", "words"):
        mixed[f"{kind}_tools"] = mixed[f"{kind}_tools"][rows][:, [*columns, -1]]
        mixed[f"{kind}_complexity"] = mixed[f"{kind}_complexity"][[*aspects, -1]]
    np.savez_compressed(tmp_path / "mixed.npz", **mixed)

    read, packaged = (IntentWeights.read(file, with_meaning=True) for file in (tmp_path / "mixed.npz", PACKAGED))

    assert np.array_equal(read.tools, packaged.tools)
    assert np.array_equal(read.complexity, packaged.complexity)


def test_a_file_of_the_version_before_names_opens_as_it_did(tmp_path):
    unnamed = {name: values for name, values in arrays().items() if name not in NAMES}
    np.savez_compressed(tmp_path / "unnamed.npz", **unnamed)

    assert rankings(tmp_path / "unnamed.npz") == rankings(PACKAGED)


def test_written_weights_come_back_under_their_names(tmp_path):
    weights = IntentWeights.read(PACKAGED, with_meaning=False)
    order = (*reversed(weights.intents),)
    turned = IntentWeights(order, weights.tools[::-1], weights.complexity)
    write_weights(tmp_path / "turned.npz", meaning=turned, words=turned)

    assert rankings(tmp_path / "turned.npz") == rankings(PACKAGED)


@pytest.mark.parametrize(("name", "lack"), [("intents", "compare"), ("tool_features", "cue why")])
def test_a_file_that_lacks_an_intent_or_a_feature_is_refused_by_name(tmp_path, name, lack):
    foreign = arrays()
    foreign[name] = np.where(foreign[name] == lack, "foreign", foreign[name])
    np.savez_compressed(tmp_path / "foreign.npz", **foreign)

    with pytest.raises(StaleWeights, match=f'foreign.npz do not have "{lack}"'):
        IntentWeights.read(tmp_path / "foreign.npz", with_meaning=False)


def test_an_installation_whose_own_weights_are_stale_goes_on_with_the_packaged_ones(tmp_path, monkeypatch, caplog):
    foreign = arrays()
    foreign["intents"] = np.where(foreign["intents"] == "why", "foreign", foreign["intents"])
    np.savez_compressed(tmp_path / LEARNT, **foreign)
    monkeypatch.setenv("DYOCENSE_DATABASE_URL", f"sqlite:///{tmp_path / 'shop.db'}")

    with caplog.at_level(logging.WARNING):
        assert question_reader(Settings()) is classifier(PACKAGED)

    assert 'do not have "why"' in caplog.text
