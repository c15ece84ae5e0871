"""The benchmark of words on a machine without the small local model."""

import argparse
import sys

import pytest

from benchmarks import narration


@pytest.mark.slow
def test_without_the_local_model_all_else_is_measured_and_its_row_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    options = argparse.Namespace(narrations=5, real=1, texts=None, seed=1)
    _, figures = narration.run(options)
    assert figures["narrations"] == 5
    assert figures["real"] == "The small local model is not installed. Run `make local-llm`."
