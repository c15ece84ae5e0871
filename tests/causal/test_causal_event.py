"""One event: found when it did something, not found when it did not, close to what R's CausalImpact says."""

import os
from pathlib import Path

import numpy as np
import pytest

from benchmarks.causal_cases import events
from benchmarks.causal_worlds import draws, event_series, weeks
from engine.causal.event import Story, event_impact

SHARED = Path(os.environ.get("DYOCENSE_BENCH_DATA", Path(__file__).parents[3] / "shared" / "data"))
OPENING = Story("second shop opens", "EUR", weeks(104), 92, ("shop in the next town", "shop abroad"))


def test_a_second_shop_that_adds_six_is_seen_to_add_six():
    outcome, others = event_series(np.random.default_rng(1), 104, 92, 3.0)
    impact = event_impact(OPENING, outcome, others)
    assert impact.interval[0] <= 6 <= impact.interval[1]
    assert impact.found
    assert impact.total == pytest.approx(12 * impact.average)


def test_an_opening_that_changed_nothing_is_rarely_said_to_have():
    found = [event_impact(OPENING, *event_series(rng, 104, 92, 0.0)).found for rng in draws(7, 0, 40)]
    assert sum(found) <= 6


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
