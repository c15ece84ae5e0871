"""Where a trouble began in a chain of parts: a bakery whose oven is late makes everybody late."""

import numpy as np

from benchmarks.root_cause import suspects

DEPENDS = {"shop": ["van", "till"], "van": ["oven"], "till": []}


def quiet(seed, level):
    return level + np.random.default_rng(seed).normal(size=60)


USUAL = {"shop": quiet(1, 30), "van": quiet(2, 20), "oven": quiet(3, 10), "till": quiet(4, 5)}


def test_late_bread_is_traced_to_the_oven_through_the_van():
    during = {
        "shop": np.array([30, 30, 45, 50.0]),
        "van": np.array([20, 20, 35, 40.0]),
        "oven": np.array([10, 10, 25, 30.0]),
        "till": np.array([5, 5.5, 4.5, 5]),
    }
    first, *others = suspects(DEPENDS, USUAL, during, "shop")
    assert first.name == "oven"
    assert first.origin
    assert first.path == ("shop", "van", "oven")
    assert [other.name for other in others] == ["van", "shop"]


def test_a_stretch_that_begins_after_the_oven_broke_still_leads_to_the_oven():
    during = {
        "shop": np.array([45, 50.0, 46]),
        "van": np.array([35, 40.0, 36]),
        "oven": np.array([27, 27.0, 27]),
        "till": np.array([5.5, 4.5, 5]),
    }
    assert suspects(DEPENDS, USUAL, during, "shop")[0].name == "oven"


def test_when_the_oven_is_on_time_it_was_the_van():
    during = {
        "shop": np.array([30, 30, 45, 50.0]),
        "van": np.array([20, 20, 35, 40.0]),
        "oven": np.array([10, 11, 9, 10.0]),
    }
    assert suspects(DEPENDS, USUAL, during, "shop")[0].name == "van"


def test_an_oven_that_nobody_measures_lets_the_trouble_through():
    during = {"shop": np.array([30, 30, 45, 50.0]), "van": np.array([20, 20, 35, 40.0])}
    assert suspects(DEPENDS, USUAL, during, "shop")[0].name == "van"


def test_a_quiet_week_has_no_suspects():
    during = {name: values[:5] for name, values in USUAL.items()}
    assert suspects(DEPENDS, USUAL, during, "shop") == ()


def test_a_till_that_was_fast_while_all_were_late_is_no_suspect():
    during = {"shop": np.array([30, 30, 45, 50.0]), "till": np.array([5, 5, -15, -20.0])}
    assert [suspect.name for suspect in suspects(DEPENDS, USUAL, during, "shop")] == ["shop"]


def test_a_shop_that_nobody_measured_has_no_suspects():
    assert suspects(DEPENDS, USUAL, {"van": np.array([20.0, 40, 40])}, "shop") == ()
