"""Files of one JSON object per line, with the characters that other splitters take for line ends."""

import argparse
import json

import pytest

from benchmarks import router
from benchmarks.json_lines import read_json_lines
from engine.coach.understand.recalibrate import read_lessons

LINE_ENDS = ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e"]
"""All that `str.splitlines` splits at, beside carriage return and line feed."""


@pytest.mark.parametrize("end", LINE_ENDS, ids=ascii)
def test_a_line_end_inside_a_question_ends_no_line(tmp_path, end):
    question = f"What sold best?{end}And what worst?"
    rows = [{"id": 1, "query": question}, {"id": 2, "query": "Why?"}]
    file = tmp_path / "questions.jsonl"
    file.write_text("\n\n".join(json.dumps(row, ensure_ascii=ord(end) < 32) for row in rows) + "\n", encoding="utf-8")
    assert read_json_lines(file) == rows


def test_windows_line_ends_are_line_ends(tmp_path):
    file = tmp_path / "questions.jsonl"
    file.write_bytes(b'{"id": 1}\r\n{"id": 2}\r\n')
    assert read_json_lines(file) == [{"id": 1}, {"id": 2}]


def test_lessons_may_hold_them_too(tmp_path):
    file = tmp_path / "lessons.tsv"
    file.write_text("forecast\tHow many loaves?\u2028Next week, I mean.\nwhy\tWhy fewer?\n", encoding="utf-8")
    assert [lesson.query for lesson in read_lessons(file)] == ["How many loaves?\u2028Next week, I mean.", "Why fewer?"]


@pytest.mark.slow
def test_the_router_is_measured_on_questions_that_hold_a_line_separator(tmp_path):
    """Twelve questions, the long ones hard; each holds U+2028."""
    rows = [
        {"id": k, "query": f"What sold\u2028in week {k}?" + " And why, compared with May?" * (k % 2),
         "difficulty": k % 2, "source": "shop", "group": str(k % 4)}
        for k in range(12)
    ]  # fmt: skip
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (tmp_path / "difficulty.jsonl").write_text(text, encoding="utf-8")
    _, figures = router.run(argparse.Namespace(data=tmp_path, cache=None, sample=None, seed=1))
    assert figures["shop_auroc_length"] == 1.0
