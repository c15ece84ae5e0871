"""What an owner downloads of a budget, read back from the workbook."""

import io
from datetime import date, timedelta

import numpy as np
import openpyxl
import pytest

from engine.budget import (
    AllocationLimits,
    Channel,
    ChannelLimit,
    MediaHistory,
    Mix,
    Outlook,
    Power,
    allocate,
    fit_response,
    scenario,
)
from engine.budget.sampler import Effort
from engine.exports.reports import budget_workbook

FLORIST = Mix(
    (Channel("Search", Power(30.0, 0.5), 50.0), Channel("=Flyers", Power(40.0, 0.5), 50.0, 60.0)), "EUR", "EUR"
)


def opened(*args, **kwargs):
    return openpyxl.load_workbook(io.BytesIO(budget_workbook(*args, **kwargs)))


def rows(page):
    return [[cell.value for cell in row] for row in page.iter_rows()]


def test_the_plan_comes_first_with_a_sum_and_its_cautions():
    page = opened(allocate(FLORIST, 100))["Plan"]
    table = rows(page)
    assert table[0][:4] == ["Channel", "Today per week", "Suggested per week", "Change"]
    assert table[1][0:3] == ["Search", 50, pytest.approx(36, rel=1e-3)]
    assert table[3][0:3] == ["All channels", 100, pytest.approx(100)]
    assert table[3][5] == pytest.approx(500, rel=1e-6)
    assert any(row[0] and "never spent this much" in str(row[0]) for row in table[4:])


def test_a_channel_named_like_a_formula_stays_text():
    assert opened(allocate(FLORIST, 100))["Plan"]["A3"].data_type == "s"


def test_the_proof_names_bound_gap_second_look_and_what_holds_the_plan_back():
    table = dict(rows(opened(allocate(FLORIST, 100, AllocationLimits({"Search": ChannelLimit(40)})))["Proof"])[1:])
    assert table["How the search ended"] == "proved best"
    assert table["No plan is worth more than"].startswith("499.57")
    assert "no limit is broken" in table["Looked at again"]
    assert "Held back by Search, minimum" in table


def test_splits_are_compared_side_by_side_even_with_equal_names():
    own = scenario(FLORIST, "Suggested", {"Search": 100, "=Flyers": 25})
    table = rows(opened(allocate(FLORIST, 100), scenarios=[own, own])["Compare"])
    assert table[0] == ["Channel", "Suggested", "Suggested (2)", "Suggested (3)"]
    assert table[-1][2] == pytest.approx(500)


def test_fitted_curves_and_contributions_come_along():
    rng = np.random.default_rng(5)
    weeks = tuple(date(2022, 1, 3) + timedelta(weeks=k) for k in range(60))
    spend = {"Flyers": rng.uniform(20, 200, 60)}
    history = MediaHistory(weeks, 2000 + 2 * spend["Flyers"] + rng.normal(0, 40, 60), spend, currency="EUR")
    model = fit_response(history, rng=rng, effort=Effort(chains=1, warm_up=50, sweeps=100, thin=1))
    book = opened(allocate(model.mix(), 100), outlook=Outlook(model))
    assert book.sheetnames == ["Plan", "Proof", "Curves", "Channels", "Over time"]
    over_time = rows(book["Over time"])[1]
    assert sum(over_time[1:4]) == pytest.approx(history.outcome[0])
    assert any("not an experiment" in str(row[0]) for row in rows(book["Curves"]))
