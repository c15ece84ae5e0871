"""Splits that add up: the textbooks' cases, new and dropped items, rates that turn around."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.textbook_splits import old_price_split, quantity_and_mix, rate_split
from engine.causal.decompose import (
    Sold,
    factor_effects,
    price_volume_mix,
    product_split,
    segment_split,
)

MONEY = st.floats(-1e6, 1e6, allow_nan=False)
FACTOR = st.one_of(st.just(0.0), st.floats(-1e4, 1e4, allow_nan=False), st.floats(1e-3, 1e4))
SHARED = Path(os.environ.get("DYOCENSE_BENCH_DATA", Path(__file__).parents[3] / "shared" / "data"))


def named(split, name):
    [piece] = [piece for piece in split.pieces if piece.name == name]
    return piece.amount


@pytest.fixture
def three_products():
    """A management accounting textbook's company: A, B and C, last year and this."""
    prices = {"A": (10, 11), "B": (15, 15), "C": (20, 23)}
    units = {"A": (1000, 1000), "B": (800, 700), "C": (500, 800)}
    return tuple({name: Sold(units[name][k], units[name][k] * prices[name][k]) for name in prices} for k in (0, 1))


def test_the_textbook_company_earned_7900_more_in_three_steps(three_products):
    split = old_price_split(*three_products, "USD")
    assert (split.before, split.after, split.change) == (32_000, 39_900, 7_900)
    assert [piece.amount for piece in split.pieces] == [2_500, 4_500, 900]


def test_shared_evenly_prices_brought_2950_and_volume_with_mix_4950(three_products):
    split = price_volume_mix(*three_products, "USD")
    assert named(split, "Prices") == pytest.approx(2_950)
    assert named(split, "Volume") + named(split, "Mix") == pytest.approx(4_950)
    assert split.exact


def test_the_exam_question_has_a_mix_variance_of_3300_and_a_volume_variance_of_17250():
    split = quantity_and_mix({"E": 5500, "F": 4500}, {"E": 6000, "F": 6000}, {"E": 4.5, "F": 10.0})
    assert named(split, "Mix") == pytest.approx(3_300)
    assert split.change == pytest.approx(17_250)


def test_a_new_cake_is_new_and_not_a_cake_whose_price_was_zero():
    split = price_volume_mix({"bun": Sold(10, 20)}, {"bun": Sold(10, 20), "cake": Sold(2, 30)}, "EUR")
    assert named(split, "New items") == 30
    assert named(split, "Prices") == named(split, "Volume") == named(split, "Mix") == 0


def test_a_dropped_cake_is_dropped():
    split = price_volume_mix({"bun": Sold(10, 20), "cake": Sold(2, 30)}, {"bun": Sold(10, 20)}, "EUR")
    assert named(split, "Dropped items") == -30
    assert split.exact


def test_a_month_of_returns_alone_is_no_price():
    split = price_volume_mix({"boots": Sold(5, 500)}, {"boots": Sold(-1, -100)}, "EUR")
    assert named(split, "Returns and corrections") == -600


def test_double_visits_at_the_same_conversion_and_basket_are_all_visits():
    split = product_split("funnel", "USD", [("visits", 100, 200), ("conversion", 0.1, 0.1), ("basket", 50, 50)])
    assert [piece.amount for piece in split.pieces] == pytest.approx([500, 0, 0])


def test_the_logarithmic_mean_of_two_factors_is_angs():
    # 10 x 10 to 20 x 40: L = 700 / ln 8, shares L ln 2 and L ln 4
    assert factor_effects([10, 10], [20, 40]) == pytest.approx([700 / 3, 1400 / 3])


@given(st.lists(st.tuples(FACTOR, FACTOR), min_size=1, max_size=4))
def test_factor_effects_always_add_up(pairs):
    before, after = [old for old, _ in pairs], [new for _, new in pairs]
    scale = max(1.0, *(float(np.prod(np.maximum(np.abs(before), np.abs(after)))) for _ in (0,)))
    assert abs(sum(factor_effects(before, after)) - (np.prod(after) - np.prod(before))) <= 1e-6 * scale


@given(
    st.dictionaries(st.sampled_from("abcdefgh"), st.tuples(MONEY, MONEY)),
    st.dictionaries(st.sampled_from("abcdefgh"), st.tuples(MONEY, MONEY)),
)
def test_price_volume_and_mix_always_add_up(before, after):
    split = price_volume_mix(*({name: Sold(*pair) for name, pair in part.items()} for part in (before, after)), "EUR")
    assert split.exact


def test_twenty_segments_show_the_largest_twelve_and_the_rest_as_one():
    split = segment_split("By item", "EUR", {f"item {k}": 0 for k in range(20)}, {f"item {k}": k for k in range(20)})
    assert len(split.pieces) == 13
    assert split.pieces[0].name == "item 19"
    assert split.exact


def test_a_clinic_treats_each_group_better_and_looks_worse_overall():
    # Kidney stones (Charig et al. 1986): open surgery is better for small and for large stones, and worse for all.
    keyhole = {"small": (234, 270), "large": (55, 80)}
    open_surgery = {"small": (81, 87), "large": (192, 263)}
    split = rate_split("Success", keyhole, open_surgery)
    assert split.change == pytest.approx(0.78 - 0.8257, abs=1e-3)
    assert named(split, "Within the segments") > 0
    assert split.exact
    assert "in 2 of 2 segments it goes the other way" in split.cautions[0]


def test_a_rate_that_rises_everywhere_needs_no_warning():
    split = rate_split("Success", {"a": (10, 100), "b": (20, 100)}, {"a": (20, 100), "b": (30, 100)})
    assert named(split, "Within the segments") == pytest.approx(0.1)
    assert split.cautions == ()


def test_a_segment_without_tries_has_no_rate():
    with pytest.raises(ValueError, match="every segment"):
        rate_split("Success", {"a": (0, 0)}, {"a": (1, 2)})


@pytest.mark.skipif(not (SHARED / "causal" / "simpson").is_dir(), reason="the shared cases are not here")
def test_berkeley_admits_more_men_overall_and_more_women_in_most_departments():
    rows = json.loads((SHARED / "causal" / "simpson" / "berkeley.json").read_text())["rows"]
    women, men = ({row["dept"]: (row["admitted"], row["applied"]) for row in rows if row["sex"] == s} for s in "FM")
    split = rate_split("Admission", women, men)
    assert split.change == pytest.approx(0.1416, abs=1e-4)
    assert named(split, "Within the segments") < 0
    assert "in 4 of 6 segments" in split.cautions[0]
