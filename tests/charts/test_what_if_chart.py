"""What if we had spent something else: where the line is solid, and where it is a guess."""

import pytest

from engine.causal import Counterfactual
from engine.charts.causal import what_if_alt, what_if_line


def spent(instead: float, *, inside: bool = True) -> Counterfactual:
    """Flyers of 400 in all that bring three for one."""
    moved = 3 * (instead - 400)
    return Counterfactual(
        "flyers", "EUR", 400, instead, 5000, 5000 + moved, 4900 + moved, 5100 + moved, (0, 200), 5000, inside, ()
    )


LINE = tuple(spent(100.0 * k, inside=k <= 8) for k in range(13))


def test_the_line_is_solid_where_money_was_spent_and_dotted_beyond():
    curves = [trace for trace in what_if_line(LINE, spent(400)).data if trace.mode == "lines" and trace.fill is None]
    assert [(curve.line.dash, curve.x[0], curve.x[-1]) for curve in curves] == [("solid", 0, 800), ("dot", 800, 1200)]


def test_what_happened_lies_on_the_line_at_no_difference():
    was = next(trace for trace in what_if_line(LINE, spent(400)).data if trace.name == "As it was")
    assert (list(was.x), list(was.y)) == ([400], [0])


def test_the_question_is_a_point_of_its_own():
    figure = what_if_line(LINE, spent(600))
    asked = next(trace for trace in figure.data if trace.name == "In your question")
    assert (asked.x[0], asked.y[0]) == (600, pytest.approx(600))
    assert figure.layout.yaxis.title.text == "Difference, EUR"


def test_the_line_can_be_heard():
    assert what_if_alt(LINE, spent(400)) == (
        "Line chart: with 0 instead of 400 for flyers the difference is -1,200 EUR, with 1,200 it is +2,400 EUR."
    )
