"""The figures of a change: bars that add up on the screen, arrows that hold still, an event with its band."""

import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from engine.causal import CALENDAR, UNEXPLAINED, Arrow, CausalGraph, DriverSplit, EventImpact, Piece, Split, Timeline
from engine.causal.drivers import DriverContribution
from engine.charts.arrows import arrows, arrows_alt, places
from engine.charts.causal import impact, impact_alt, over_time, over_time_alt, shown_amounts, waterfall, waterfall_alt

BAKERY = Split("Price, volume and mix", "EUR", 30_000.4, 34_300.2, (Piece("Prices", 1_433.3), Piece("Volume", 2_866.5)))
WEEKS = tuple(date(2026, 1, 5) + timedelta(weeks=k) for k in range(4))
FUNNEL = CausalGraph(
    layers=(("adverts", "flyers"), ("visits",), ("revenue",)),
    arrows=(
        Arrow("adverts", "visits", 1.0, 0, True),
        Arrow("flyers", "visits", 0.6, 0, True),
        Arrow("adverts", "flyers", 0.7, 0, False),
    ),
)


def as_number(text):
    return float(text.replace(",", ""))


def test_the_bars_lead_from_before_to_after():
    [bars] = waterfall(BAKERY).data
    assert list(bars.x) == ["Before", "Prices", "Volume", "After"]
    assert list(bars.measure) == ["absolute", "relative", "relative", "total"]
    assert sum(bars.y[:3]) == pytest.approx(bars.y[3])


def test_what_is_written_on_the_bars_adds_up_too():
    [bars] = waterfall(BAKERY).data
    before, *parts, after = map(as_number, bars.text)
    assert before + sum(parts) == after


def test_rounding_never_breaks_the_written_sum():
    rng = np.random.default_rng(1)
    for _ in range(200):
        amounts = list(rng.normal(size=6) * 10 ** rng.uniform(-2, 5))
        before = float(rng.normal() * 1e4)
        after = before + sum(amounts)
        shown = shown_amounts(amounts, before, after)
        place = 0 if max(abs(before), abs(after), *map(abs, amounts)) >= 1000 else 6
        assert round(before, 0) + sum(shown) == pytest.approx(round(after, 0), abs=1e-6 if place == 0 else 1.1)


def test_what_is_unexplained_is_a_bar_of_its_own():
    split = DriverSplit(
        "takings",
        "EUR",
        "week",
        100.0,
        130.0,
        (DriverContribution(CALENDAR, 5, 0, 9), DriverContribution("flyers", 15, 9, 20)),
    )
    [bars] = waterfall(split).data
    assert list(bars.x) == ["Before", "Season, trend<br>and holidays", "flyers", UNEXPLAINED, "After"]
    assert bars.y[3] == 10


def test_an_exact_split_shows_no_bar_for_a_rest_that_is_rounding():
    [bars] = waterfall(replace(BAKERY, after=34_300.2 + 1e-9)).data
    assert UNEXPLAINED not in bars.x


def test_an_axis_that_does_not_start_at_zero_says_so():
    close, far = waterfall(BAKERY), waterfall(replace(BAKERY, before=0.0, after=4_299.8))
    assert close.layout.yaxis.range[0] > 20_000
    assert close.layout.annotations[0].text == "the axis does not start at zero"
    assert far.layout.yaxis.range[0] <= 0
    assert not far.layout.annotations


def test_a_seventh_driver_shares_a_colour_and_gets_a_pattern():
    parts = {f"driver {k}": np.ones(4) for k in range(7)}
    bars = over_time(Timeline("takings", "EUR", WEEKS, 100.0, parts, np.zeros(4))).data[:7]
    assert bars[6].marker.color == bars[0].marker.color
    assert (bars[6].marker.pattern.shape, bars[0].marker.pattern.shape) == ("x", "")


def test_the_waterfall_can_be_heard():
    assert waterfall_alt(BAKERY) == "Waterfall from 30,000 to 34,300 EUR: Prices +1,433, Volume +2,867."


def test_every_weeks_bars_add_up_to_its_line():
    parts = {CALENDAR: np.array([1.0, -1, 2, -2]), "flyers": np.array([3.0, 0, -3, 0])}
    line = Timeline("takings", "EUR", WEEKS, 100.0, parts, np.array([0.5, -0.5, 0.0, 0.0]))
    *bars, total = over_time(line).data
    assert np.sum([bar.y for bar in bars], axis=0) == pytest.approx(np.array(total.y))
    assert bars[-1].marker.pattern.shape == "/"
    assert "flyers over a range of 6" in over_time_alt(line)


def test_layers_go_from_left_to_right():
    spots = places(FUNNEL)
    assert spots["adverts"][0] == spots["flyers"][0] < spots["visits"][0] < spots["revenue"][0]


def test_columns_hold_still_when_arrows_come_and_go():
    assert places(FUNNEL) == places(replace(FUNNEL, arrows=()))


def test_what_is_not_settled_is_dashed_and_only_known_directions_have_heads():
    figure = arrows(FUNNEL)
    assert [line.line.dash for line in figure.data[:-1]] == ["solid", "6px,4px", "6px,4px"]
    assert len(figure.layout.annotations) == 2
    assert arrows_alt(FUNNEL).endswith(
        "solid arrows: adverts to visits; dashed, not settled: flyers and visits, adverts and flyers."
    )


@pytest.fixture
def opening():
    return EventImpact(
        name="second shop",
        unit="EUR",
        periods=WEEKS,
        actual=np.array([10.0, 11, 20, 21]),
        expected=np.array([np.nan, 11, 11, 11]),
        lower=np.array([np.nan, 9, 9, 9]),
        upper=np.array([np.nan, 13, 13, 13]),
        start=2,
        average=9.5,
        interval=(7.0, 12.0),
        p=0.001,
        controls=("other town",),
    )


def test_the_band_leaves_out_weeks_that_nobody_could_expect(opening):
    band, expected, actual = impact(opening).data
    assert len(band.x) == 6
    assert expected.y[0] is None
    assert list(actual.y) == [10, 11, 20, 21]


def test_a_line_stands_where_the_event_began(opening):
    layout = impact(opening).layout
    assert layout.shapes[0].x0 == WEEKS[2]
    assert layout.annotations[0].text == "second shop"


def test_the_event_can_be_heard(opening):
    assert impact_alt(opening) == (
        "Line chart: from 19 January 2026 on, second shop goes with a difference of +9.5 EUR per period, "
        "95% interval +7 to +12."
    )


def test_many_parts_lie_below_each_other_where_their_names_have_room():
    split = Split("By item", "EUR", 100.0, 110.0, tuple(Piece(f"item {k}", 1.0) for k in range(10)))
    figure = waterfall(split)
    [bars] = figure.data
    assert bars.orientation == "h"
    assert list(bars.y) == ["Before", *(f"item {k}" for k in range(10)), "After"]
    assert sum(bars.x[:-1]) == pytest.approx(bars.x[-1])
    assert figure.layout.yaxis.autorange == "reversed"
    assert figure.layout.xaxis.title.text == "EUR"


def test_an_arrow_over_other_columns_bends_around_them():
    chain = CausalGraph((("a",), ("b",), ("c",)), (Arrow("a", "b", 1, 0, True), Arrow("a", "c", 1, 0, True)))
    near, far = arrows(chain).data[:2]
    assert len(set(near.y)) == 1
    assert max(far.y) > near.y[0]


def test_an_arrow_never_runs_through_the_column_that_it_skips():
    layers = (("promotion",), ("ads", "flyers", "radio"), ("visits",))
    shown = CausalGraph(layers, (Arrow("promotion", "visits", 1, 0, True),))
    spots, [line, _] = places(shown), arrows(shown).data
    gaps = [np.hypot(np.array(line.x) - x, np.array(line.y) - y).min() for x, y in (spots[name] for name in layers[1])]
    assert min(gaps) > 0.1


def test_a_name_stands_where_its_arrows_do_not():
    layers = (("low",), ("high", "middle"))
    shown = CausalGraph(layers, (Arrow("low", "high", 1, 0, True),))
    nodes = arrows(shown).data[-1]
    sides = dict(zip(nodes.customdata, nodes.textposition, strict=True))
    rises = places(shown)["high"][1] > places(shown)["low"][1]
    assert sides["low"] == ("bottom center" if rises else "top center")
    assert sides["high"] == ("top center" if rises else "bottom center")


def test_neighbours_do_not_stand_level_so_that_long_names_do_not_meet():
    layers = (("checkout fault", "promotion"), ("newsletter spend", "paid search spend"), ("visits",))
    spots = places(CausalGraph(layers, ()))
    apart = [abs(spots[one][1] - spots[other][1]) for one in layers[0] for other in layers[1]]
    assert min(apart) > 0.1
    assert "newsletter<br>spend" in arrows(CausalGraph(layers, ())).data[-1].text


PLACES = """
from tests.charts.test_causal_charts import FUNNEL
from engine.charts.arrows import places
print(sorted(places(FUNNEL).items()))
"""


@pytest.mark.slow
def test_columns_stand_at_the_same_place_in_every_process():
    seen = set()
    for seed in ("1", "2", "3"):
        environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2])}
        made = subprocess.run(
            [sys.executable, "-c", PLACES], env=environment, capture_output=True, text=True, check=True
        )
        seen.add(made.stdout)
    assert len(seen) == 1
