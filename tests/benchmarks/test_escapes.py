"""What escapes is kept with its trace, and refusals reach the caller."""

import pytest

from benchmarks.escapes import escapes
from engine.errors import DataProblem, MissingColumn


def test_what_escapes_is_kept():
    with escapes() as escape:
        raise KeyError("sales")
    assert escape.last_line == "KeyError: 'sales'"
    assert "Traceback" in escape.trace


def test_refusals_pass():
    with pytest.raises(DataProblem), escapes(DataProblem):
        raise MissingColumn("item", available=())


def test_nothing_escapes_where_all_is_well():
    with escapes() as escape:
        pass
    assert escape.trace == ""
