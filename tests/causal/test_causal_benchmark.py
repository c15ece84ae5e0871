"""The benchmark of causes runs from the command line and ends with one JSON line."""

import json

import pytest

from benchmarks.__main__ import main
from benchmarks.causal_goals import goals


@pytest.mark.slow
def test_a_short_run_ends_with_one_json_line(capsys, tmp_path):
    assert main(["causal", "--data", str(tmp_path), "--sample", "2", "--only", "granger", "speed"]) == 0
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert len(figures["granger"]["false"]) == 10
    assert set(figures["speed"]) == {"104x6", "1000x20"}


def test_goals_are_judged_only_for_what_ran():
    assert goals({"speed": {"104x6": 0.1, "1000x20": 9.0}}) == {
        "104 x 6 in <= 2 CPU s": True,
        "1,000 x 20 in <= 8 CPU s": False,
    }
