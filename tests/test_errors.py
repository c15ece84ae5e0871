"""Errors speak to owners and survive the way between processes."""

import pickle

import pytest

from engine.errors import DataProblem, MissingColumn, ModelFailed, TooLittleHistory, UnreadableFile


def test_a_missing_column_names_the_choices():
    problem = MissingColumn("date", available=["Day", "Product", "Sold"])
    assert str(problem) == "No column looks like the date. Choose one of: Day, Product, Sold."


def test_too_little_history_says_how_much_there_is():
    problem = TooLittleHistory(2, 8, period="week")
    assert str(problem).startswith("The file covers 2 weeks, and a forecast needs at least 8.")


@pytest.mark.parametrize(
    "problem",
    [
        DataProblem("The price is not a number", where="row 42", remedy="Correct the cell."),
        UnreadableFile("This is a picture"),
        MissingColumn("date", available=["Day"]),
        TooLittleHistory(1, 8, period="day"),
        ModelFailed("Theta", "it needs more history"),
    ],
)
def test_an_error_arrives_whole_from_another_process(problem):
    arrived = pickle.loads(pickle.dumps(problem))
    assert type(arrived) is type(problem)
    assert str(arrived) == str(problem)
    assert arrived.__dict__ == problem.__dict__
