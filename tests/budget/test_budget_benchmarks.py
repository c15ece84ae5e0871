"""The measuring tools themselves: simulated truths that are true, and peers that do what they are said to do."""

import json
from argparse import Namespace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from benchmarks import budget
from benchmarks.media_files import media_files
from benchmarks.media_worlds import world
from engine.budget import Channel, Hill, Mix, Power


def case(*curves, total=10.0):
    mix = Mix(tuple(Channel(str(place), curve) for place, curve in enumerate(curves)))
    size = len(curves)
    return budget.Case("case", "test", mix, total, np.zeros(size), np.full(size, total), float("nan"))


def test_a_world_is_made_by_its_seed_alone():
    assert np.array_equal(world(3).history.outcome, world(3).history.outcome)
    assert not np.array_equal(world(3).history.outcome[:100], world(4).history.outcome[:100])


def test_what_channels_bring_is_fifteen_to_forty_percent_of_the_base():
    for seed in range(20):
        made = world(seed)
        share = sum(made.contributions.values()) / (10_000 * len(made.history))
        assert 0.149 < share < 0.401
        assert set(made.contributions) == set(made.history.channels) == set(made.truth.names)


def test_true_curves_hold_at_a_steady_spend():
    # What a channel brought can be no more than if its largest week had gone on for ever.
    made = world(5)
    for channel in made.truth.channels:
        assert made.contributions[channel.name] < len(made.history) * channel.outcome(channel.seen)


def test_the_hill_climb_finds_the_optimum_of_concave_curves():
    roots = case(Power(30, 0.5), Power(40, 0.5), total=100.0)
    assert budget._greedy(roots) == pytest.approx([36, 64], abs=0.11)


def test_the_hill_climb_stops_at_the_first_jump_that_does_not_fit():
    # The first jump takes A to 6; B's best jump of 8 does not fit into the 4 that are left, and all 4 stay unspent.
    steps = case(Hill(100, 5, 9), Hill(80, 7, 12))
    assert budget._greedy(steps).sum() < 9


def test_slsqp_from_the_equal_split_falls_for_two_equal_s_shapes():
    twins = case(Hill(100, 10, 3), Hill(100, 10, 3))
    assert twins.value(budget._slsqp(twins, budget._equal(twins))) < 25


def test_dynamic_programming_agrees_with_the_textbook():
    assert budget._by_programming(case(Power(30, 0.5), Power(40, 0.5), total=100.0)) == pytest.approx(500, rel=1e-4)


@pytest.mark.slow
def test_the_area_reports_gaps_bounds_and_what_peers_lost(tmp_path):
    one = {
        "id": "twins",
        "kind": "sshaped",
        "budget": 10.0,
        "lower": [0, 0],
        "upper": [10, 10],
        "channels": [{"beta": 100.0, "alpha": 3.0, "gamma": 10.0}] * 2,
        "optimum": 50.0,
    }
    bare = {"budget": 10.0, "channels": [{"beta": 100.0, "alpha": 1.0, "gamma": 10.0}]}
    impossible = {**one, "lower": [6, 6], "optimum": None}
    (tmp_path / "hill_instances.json").write_text(json.dumps([one, bare, impossible]))
    tanh = {"note": "maximise 500*tanh(4 x1)", "steady_state_optima": [{"budget": 0.1, "revenue": 500 * np.tanh(0.4)}]}
    (tmp_path / "two_channel_tanh.json").write_text(json.dumps(tanh))
    text, figures = budget.run(Namespace(data=tmp_path, sample=3, seed=1, jobs=1))
    assert (figures["instances"], figures["wrong_bounds"], figures["slsqp_lost_over_1pct"]) == (2, 0, 1)
    assert (figures["impossible"], figures["impossible_told"]) == (1, 1)
    assert max(figures["worst_gap"], figures["worst_shortfall"], figures["two_channel_tanh_error"]) <= 1e-6
    assert "Dyocense" in text


def test_media_tables_are_read_by_the_names_of_their_columns(tmp_path):
    days = [date(2024, 1, 1) + timedelta(weeks=k) for k in range(20)]
    paid = [float(k % 5) for k in range(20)]
    simulated, robyn = tmp_path / "simmm", tmp_path / "no_truth"
    simulated.mkdir()
    robyn.mkdir()
    table = {"week_start": map(str, days), "radio_spend": paid, "total_revenue": [100.0 + each for each in paid]}
    pl.DataFrame({name: list(values) for name, values in table.items()}).write_csv(simulated / "any.csv")
    known = {"true_total_revenue_per_dollar": {"radio": 1.0}}
    (simulated / "any_expected.json").write_text(json.dumps(known))
    table = {"DATE": [day.strftime("%m/%d/%Y") for day in days], "revenue": [*range(20)], "tv_S": paid, "tv_I": paid}
    pl.DataFrame({**table, "competitor_B": [*paid[1:], None]}).write_csv(robyn / "other.csv")
    first, second = media_files(tmp_path)
    assert (first.name, first.history.channels, first.returns) == ("simmm any", ("radio",), {"radio": 1.0})
    assert (second.history.channels, list(second.history.controls)) == (("tv_S",), ["competitor_B"])
    assert first.history.periods == second.history.periods == tuple(days)
