"""One event: found when it did something, not found when it did not, close to what R's CausalImpact says."""

import os
from pathlib import Path

import numpy as np
import pytest

from benchmarks.causal_cases import events
from benchmarks.causal_worlds import draws, event_series, weeks
from engine.causal.event import Story, event_impact

SHARED = Path(os.environ.get("DYOCENSE_BENCH_DATA", Path(__file__).parents[3] / "shared" / "data"))
R_NOISE = """
2.37  0.44  1.36  1.63  1.40  0.89  2.51  0.91  3.02  0.94  2.30  3.29 -0.39  0.72  0.87  1.64  0.72 -1.66 -1.44  2.32
0.69 -0.78  0.83  2.21  2.90  0.57  0.74 -0.76  1.46  0.36  1.46  1.70  2.04  0.39  1.50 -0.72  0.22  0.15 -1.41  1.04
1.21  0.64  1.76  0.27 -0.37  1.43  0.19  2.44  0.57  1.66  1.32  0.22  2.58  1.64  1.09  1.28  1.68  1.09 -1.99  1.28
0.63  1.19  1.58  2.40  0.27  2.30  1.34  2.04  1.92  1.72 -0.04  0.91  1.62  0.05  0.46  1.58  1.77  1.46  0.11 -0.10
2.51  1.26  1.09  0.88 -0.19  1.61  0.78  0.82  1.93  1.82  2.39  0.52  1.65  2.39 -0.11  0.14 -0.13 -0.46  1.08  1.65
"""
"""What R draws with set.seed(42); 1 + rnorm(100), to two places."""

OPENING = Story("second shop opens", "EUR", weeks(104), 92, ("shop in the next town", "shop abroad"))


def test_a_second_shop_that_adds_six_is_seen_to_add_six():
    outcome, others = event_series(np.random.default_rng(1), 104, 92, 3.0)
    impact = event_impact(OPENING, outcome, others)
    assert impact.interval[0] <= 6 <= impact.interval[1]
    assert impact.is_significant
    assert impact.total == pytest.approx(12 * impact.average)


def test_an_opening_that_changed_nothing_is_rarely_said_to_have():
    found = [event_impact(OPENING, *event_series(rng, 104, 92, 0.0)).is_significant for rng in draws(7, 0, 40)]
    assert sum(found) <= 6


def test_noise_without_an_event_comes_out_as_in_r():
    impact = event_impact(Story("nothing", "", weeks(100), 70), np.array(R_NOISE.split(), float), np.zeros((100, 0)))
    assert impact.average == pytest.approx(-0.098, abs=0.01)  # R's CausalImpact says -0.098, from -0.604 to 0.394
    assert impact.interval == pytest.approx((-0.604, 0.394), abs=0.02)


def test_among_fifteen_controls_those_that_matter_are_found():
    outcome, others = event_series(np.random.default_rng(1), 104, 92, 3.0)
    noise = np.random.default_rng(2).normal(size=(104, 13))
    beside = event_impact(OPENING, outcome, np.column_stack([noise, others]))
    assert beside.average == pytest.approx(event_impact(OPENING, outcome, others).average, abs=0.7)


def test_a_shop_that_never_changed_before_gives_no_yardstick():
    outcome = np.where(np.arange(60) < 50, 100.0, 120.0)
    with pytest.raises(ValueError, match="never changed before the event"):
        event_impact(Story("opening", "", weeks(60), 50), outcome, np.zeros((60, 0)))


def test_without_controls_the_doubt_is_said():
    outcome, _ = event_series(np.random.default_rng(1), 104, 92, 3.0)
    impact = event_impact(Story("opening", "", weeks(104), 92), outcome, np.zeros((104, 0)))
    assert "anything else that changed" in impact.cautions[0]
    assert np.isfinite(impact.average)


def test_seven_weeks_before_an_event_are_too_few():
    with pytest.raises(ValueError, match="7 periods before"):
        event_impact(Story("opening", "", weeks(20), 7), np.arange(20.0), np.zeros((20, 0)))


def test_a_control_that_never_moved_before_is_left_alone():
    outcome, others = event_series(np.random.default_rng(1), 104, 92, 3.0)
    with_flat = event_impact(OPENING, outcome, np.column_stack([others, np.ones(104)]))
    assert with_flat.average == pytest.approx(event_impact(OPENING, outcome, others).average)


@pytest.mark.skipif(not (SHARED / "causal" / "its_causalimpact").is_dir(), reason="the shared cases are not here")
def test_the_published_cases_come_out_as_in_r():
    for case in events(SHARED / "causal").values():
        assert case["off"] <= 0.15
        assert case["same_verdict"]
