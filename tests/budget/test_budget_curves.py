"""Response curves have their textbook values, and no envelope ever cuts below one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.budget import Hill, Power, Saturating, TabulatedCurve
from engine.budget.check import outcome_by_formula
from engine.budget.relaxation import Box, SpendVariable, envelope, first_samples

STEEP = Hill(100, 50, 2)


def test_half_of_the_most_comes_at_the_half_way_spend():
    assert STEEP.value(np.array([0.0, 50.0, 5e6])) == pytest.approx([0, 50, 100])


def test_a_steep_curve_is_steepest_where_its_formula_says():
    # For steepness 2 the inflection is at half / sqrt(3).
    assert STEEP.inflection == pytest.approx(50 / np.sqrt(3))
    around = STEEP.slope(STEEP.inflection + np.array([-1.0, 0.0, 1.0]))
    assert around[1] > max(around[0], around[2])


def test_a_curve_like_a_step_has_its_half_and_its_ends():
    # (spend / half) ** 300 is more than any number can hold; the slope at the half is top * steepness / (4 * half).
    step = Hill(100, 50, 300)
    assert step.value(np.array([0.0, 1.0, 50.0, 5e6])) == pytest.approx([0, 0, 50, 100])
    assert step.slope(np.array([0.0, 50.0, 5e6])) == pytest.approx([0, 150, 0])
    assert outcome_by_formula(step, 5e6) == pytest.approx(100)


def test_a_channel_that_brings_nothing_has_no_slope_where_others_start_upright():
    assert Hill(0, 50, 0.5).slope(np.zeros(1)) == pytest.approx(0)
    assert Power(0, 0.5).slope(np.zeros(1)) == pytest.approx(0)


@pytest.mark.parametrize("curve", [STEEP, Hill(3, 2, 0.6), Saturating(2000, 2 / 3), Power(3, 0.5)], ids=str)
def test_the_slope_is_what_one_more_cent_brings(curve):
    spend = np.array([0.4, 1.0, 2.5])
    rise = (curve.value(spend + 1e-6) - curve.value(spend - 1e-6)) / 2e-6
    assert curve.slope(spend) == pytest.approx(rise, rel=1e-6)


def test_the_saturating_curve_is_the_hyperbolic_tangent():
    assert Saturating(3000, 0.5).value(np.array([0.1]))[0] == pytest.approx(3000 * np.tanh(0.2))


def test_a_table_is_straight_between_its_points_and_flat_beyond():
    table = TabulatedCurve(np.array([0.0, 10.0, 30.0]), np.array([0.0, 20.0, 30.0]))
    assert table.value(np.array([5.0, 20.0, 99.0])) == pytest.approx([10, 25, 30])
    assert table.slope(np.array([0.0, 10.0, 99.0])) == pytest.approx([2, 0.5, 0])


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Hill(-1, 1),
        lambda: Hill(1, 0),
        lambda: Power(1, 1.5),
        lambda: Saturating(1, -2),
        lambda: TabulatedCurve(np.array([1.0, 2.0]), np.array([0.0, 1.0])),
        lambda: TabulatedCurve(np.array([0.0, 2.0]), np.array([1.0, 0.0])),
    ],
)
def test_what_is_no_response_curve_is_refused(wrong):
    with pytest.raises(ValueError, match=r"curve|table|rise"):
        wrong()


curves = st.one_of(
    st.builds(Hill, st.floats(0.1, 1e5), st.floats(0.01, 1e3), st.floats(0.3, 5)),
    st.builds(Saturating, st.floats(0.1, 1e5), st.floats(0.01, 1e3)),
    st.builds(Power, st.floats(0.1, 1e5), st.floats(0.1, 1)),
)


@given(curves, st.floats(0, 300), st.floats(1, 700), st.booleans())
def test_no_envelope_lies_below_its_curve(curve, low, width, off):
    variable = SpendVariable(curve, low, low + width, optional=off)
    drawn = envelope(variable, Box(low, low + width, off), first_samples(variable), joined=True)
    spend = np.linspace(low, low + width, 997)
    above = np.interp(spend, drawn.spend, drawn.worth) - variable.worth(spend)
    assert above.min() >= -1e-9 * max(1.0, drawn.worth.max())


@given(curves, st.floats(0, 300), st.floats(1, 700))
def test_envelopes_bend_down(curve, low, width):
    variable = SpendVariable(curve, low, low + width)
    drawn = envelope(variable, Box(low, low + width), first_samples(variable), joined=True)
    slopes = np.diff(drawn.worth) / np.diff(drawn.spend)
    assert np.all(np.diff(slopes) <= 1e-7 * abs(slopes).max())
