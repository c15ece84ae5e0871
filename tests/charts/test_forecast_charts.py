"""The figures of a forecast: joined to the past, honest about gaps and ranges, readable without eyes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from engine.business.history import Metric, SalesHistory
from engine.charts.forecast import fan, fan_alt, models, models_alt
from engine.dataset import Frequency
from engine.forecast import Forecast, ForecastProof
from engine.forecast.drivers import DriverTable, estimate
from engine.forecast.fan import Fan, ValueRange
from engine.forecast.series import Series

MEDIAN = np.array([100.0, 120.0, 160.0])
HALF_WIDTHS = {50: 10.0, 80: 20.0, 95: 35.0}
SHAPE = (-50.0, -35.0, -20.0, -10.0, 0.0, 10.0, 20.0, 35.0, 50.0)
"""The same half-widths, at the probabilities at which a fan is drawn."""
TAKINGS = Metric("revenue", "Revenue", "EUR")


@pytest.fixture
def flower_stall(sales_of) -> Callable[..., Forecast]:
    """A stall's forecast for the three periods after its past; in hundreds, unless a scale makes it other."""

    def make(past=(90.0, 110.0, 95.0, 105.0), scale: float = 1.0, frequency: Frequency = Frequency.DAILY) -> Forecast:
        history: SalesHistory = sales_of([value if value is None else value * scale for value in past], frequency)
        median = MEDIAN * scale
        periods = history.calendar.ahead(history.periods[-1], 3)
        known = DriverTable((*history.periods, *periods), ())
        observed = Series(history.values, tuple(history.periods), frequency, 1)
        return Forecast(
            history=history,
            horizon=3,
            season_length=1,
            periods=periods,
            fan=Fan(median, np.full(3, scale), np.tile(SHAPE, (3, 1)), np.eye(3), ValueRange(-np.inf)),
            levels=tuple(HALF_WIDTHS),
            members={"Theta": median - 5 * scale, "Exponential smoothing": median + 5 * scale},
            proof=ForecastProof(0, 0, (), {}),
            effects=estimate(observed, periods, known),
            plain=median,
        )

    return make


def named(figure, name):
    """The one trace of this name."""
    [trace] = [trace for trace in figure.data if trace.name == name]
    return trace


def bands_of(figure):
    return [trace for trace in figure.data if trace.fill == "toself"]


def test_the_forecast_and_its_bands_start_at_the_last_actual(flower_stall):
    figure = fan(flower_stall(), level=95)
    assert (named(figure, "Actual").x[-1], named(figure, "Actual").y[-1]) == (date(2024, 1, 4), 105)
    for name in ("Forecast", "50% likely", "80% likely", "95% likely"):
        assert (named(figure, name).x[0], named(figure, name).y[0]) == (date(2024, 1, 4), 105)


def test_after_closed_days_the_forecast_starts_at_the_last_day_with_sales(flower_stall):
    figure = fan(flower_stall(past=(90.0, 110.0, 105.0, None, None)))
    assert list(named(figure, "Forecast").x) == [date(2024, 1, day) for day in (3, 6, 7, 8)]
    assert list(named(figure, "Forecast").y) == [105, 100, 120, 160]


def test_each_band_goes_out_along_its_upper_bound_and_back_along_its_lower_one(flower_stall):
    band = named(fan(flower_stall()), "80% likely")
    out = [date(2024, 1, 4) + timedelta(days=k) for k in range(4)]
    assert list(band.x) == [*out, *reversed(out)]
    assert list(band.y) == [105, 120, 140, 180, 140, 100, 80, 105]


def test_each_band_is_closed_and_has_an_upper_and_a_lower_bound_on_each_day(flower_stall):
    for band in bands_of(fan(flower_stall(), level=95)):
        assert (band.x[0], band.y[0]) == (band.x[-1], band.y[-1])
        assert list(band.x) == list(reversed(band.x))
        assert all(upper >= lower for upper, lower in zip(band.y[:4], reversed(band.y[4:]), strict=True))


def test_the_widest_band_lies_below_the_narrower_ones_and_the_lines_on_top(flower_stall):
    names = [trace.name for trace in fan(flower_stall(), level=95).data]
    assert names == ["95% likely", "80% likely", "50% likely", "Actual", "Forecast"]


@pytest.mark.parametrize(("level", "shown"), [(50, [50]), (80, [80, 50]), (95, [95, 80, 50])])
def test_the_level_hides_wider_bands(flower_stall, level, shown):
    assert [band.name for band in bands_of(fan(flower_stall(), level=level))] == [f"{each}% likely" for each in shown]


def test_closed_days_leave_gaps_and_no_zeros(flower_stall):
    actual = named(fan(flower_stall(past=(90.0, None, 0.0, 105.0))), "Actual")
    assert list(actual.y) == [90, None, 0, 105]
    assert actual.connectgaps is False


@pytest.mark.parametrize(("frequency", "shown"), [(Frequency.DAILY, 120), (Frequency.MONTHLY, 36)])
def test_a_long_past_is_cut_to_what_the_eye_can_read(flower_stall, frequency, shown):
    figure = fan(flower_stall(past=(100.0,) * 400, frequency=frequency))
    assert len(named(figure, "Actual").x) == shown


@pytest.mark.parametrize(
    ("frequency", "title"), [(Frequency.DAILY, "Revenue per day, EUR"), (Frequency.WEEKLY, "Revenue per week, EUR")]
)
def test_the_axis_names_the_metric_the_period_and_the_unit(flower_stall, frequency, title):
    made = flower_stall(frequency=frequency)
    takings = replace(made, history=replace(made.history, metric=TAKINGS))
    assert fan(takings).layout.yaxis.title.text == title
    assert models(takings).layout.yaxis.title.text == title


def test_the_axis_does_not_say_units_twice(flower_stall):
    assert fan(flower_stall()).layout.yaxis.title.text == "Units sold per day"


@pytest.mark.parametrize(("scale", "tickformat"), [(0.001, ",.2~f"), (1.0, ",.2~f"), (100.0, "~s")])
def test_only_large_values_get_si_ticks(flower_stall, scale, tickformat):
    # With d3's "s" a twentieth of a unit would read "50m".
    assert fan(flower_stall(scale=scale)).layout.yaxis.tickformat == tickformat


def test_the_axis_starts_at_zero(flower_stall):
    assert fan(flower_stall()).layout.yaxis.rangemode == "tozero"


def test_zoom_survives_another_band_but_not_another_item(flower_stall):
    made = flower_stall()
    roses = replace(made, history=replace(made.history, item="Roses"))
    assert fan(made, level=50).layout.uirevision == fan(made, level=95).layout.uirevision
    assert fan(made).layout.uirevision != fan(roses).layout.uirevision


def test_each_voting_model_has_one_line_beside_the_forecast(flower_stall):
    figure = models(flower_stall())
    assert [trace.name for trace in figure.data] == ["Theta", "Exponential smoothing", "Forecast"]
    ahead = [date(2024, 1, day) for day in (5, 6, 7)]
    for name, said in (("Theta", [95, 115, 155]), ("Exponential smoothing", [105, 125, 165])):
        assert (list(named(figure, name).x[-3:]), list(named(figure, name).y[-3:])) == (ahead, said)
    assert list(named(figure, "Forecast").y[-3:]) == [100, 120, 160]


def test_no_two_lines_of_six_models_look_alike(flower_stall):
    made = flower_stall()
    six = replace(made, members={f"Model {number}": made.point + number for number in range(6)})
    colours = [trace.line.color for trace in models(six).data]
    assert len(set(colours)) == 7


def test_the_fan_can_be_read_aloud(flower_stall):
    assert fan_alt(flower_stall()) == (
        "Line chart of units sold: the past until 4 January 2024, then a forecast for 3 open periods "
        "between 100 and 160 units, with a 80% band from 80 to 180."
    )


def test_the_spoken_band_is_the_one_that_is_drawn(flower_stall):
    assert "a 95% band from 65 to 195" in fan_alt(flower_stall(), level=95)


def test_large_numbers_are_read_aloud_as_people_say_them(flower_stall):
    said = fan_alt(flower_stall(scale=123.0))
    assert "e+" not in said
    assert "between 12,300 and 19,680 units" in said


def test_the_models_can_be_read_aloud(flower_stall):
    # 100 + 120 + 160 = 380 together; one model says 5 less each day, the other 5 more.
    assert models_alt(flower_stall()) == (
        "Line chart of each model's forecast; totals over the horizon: Theta 365, Exponential smoothing 395; "
        "together 380."
    )


def test_drawing_changes_nothing_in_the_forecast(flower_stall):
    made = flower_stall()
    before = made.frame()
    fan(made, level=95)
    models(made)
    assert made.frame().equals(before)
    assert made.history.frame["value"].equals(pl.Series("value", [90.0, 110.0, 95.0, 105.0]))
