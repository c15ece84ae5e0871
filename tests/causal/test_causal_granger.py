"""What runs ahead of what: real leads are found, shared seasons and trends are not taken for them."""

import numpy as np
import pytest

from benchmarks.causal_worlds import NULL_PAIRS, VAR_EDGES, draws, leading_pair, published_var, weeks
from engine.causal.granger import holm, lead_table
from engine.causal.panel import calendar_terms
from engine.dataset import Frequency

TERMS = calendar_terms(weeks(104), Frequency.WEEKLY)


def lead(columns, terms=TERMS):
    return next(each for each in lead_table(np.column_stack(columns), ["x", "y"], terms) if each.cause == "x")


def test_flyers_that_move_next_weeks_sales_run_ahead_of_them():
    found = lead(leading_pair(np.random.default_rng(1), 104, 0.8))
    assert found.is_significant
    assert found.strength > 0


def test_sales_do_not_run_ahead_of_the_flyers_that_moved_them():
    table = lead_table(np.column_stack(leading_pair(np.random.default_rng(1), 104, 0.8)), ["x", "y"], TERMS)
    assert not next(each for each in table if each.cause == "y").is_significant


@pytest.mark.parametrize("world", NULL_PAIRS)
def test_unrelated_series_rarely_seem_to_lead(world):
    # 60 draws at a true rate of 5 % give more than 10 hits once in a few thousand times; naive tests give 60
    pairs = (NULL_PAIRS[world](rng, 104) for rng in draws(3, list(NULL_PAIRS).index(world), 60))
    assert sum(lead(pair).p < 0.05 for pair in pairs) <= 10


def test_the_published_process_shows_its_four_edges_and_no_other():
    names = ["v1", "v2", "v3", "v4"]
    table = lead_table(published_var(np.random.default_rng(2), 500), names, np.ones((500, 1)), lags=3)
    assert {(each.cause, each.effect) for each in table if each.is_significant} == VAR_EDGES


def test_holm_corrects_as_in_his_paper():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_with_half_a_year_only_a_large_lead_could_be_seen():
    columns = np.random.default_rng(1).normal(size=(40, 2))
    short = lead_table(columns, ["x", "y"], calendar_terms(weeks(40), Frequency.WEEKLY))[0]
    long = lead((np.random.default_rng(1).normal(size=104), np.random.default_rng(2).normal(size=104)))
    assert short.detectable > 0.45 > 0.35 > long.detectable


def test_a_column_that_never_changes_leads_nothing():
    assert lead((np.ones(104), np.random.default_rng(1).normal(size=104))).p == 1.0


def test_a_column_and_its_double_can_still_be_tested_one_by_one():
    cause, effect = leading_pair(np.random.default_rng(1), 104, 0.8)
    table = lead_table(np.column_stack([cause, 2 * cause, effect]), ["x", "twin", "y"], TERMS)
    assert next(each for each in table if (each.cause, each.effect) == ("x", "y")).is_significant


def test_statsmodels_agrees_where_both_ask_the_same():
    from statsmodels.tsa.api import VAR

    rng = np.random.default_rng(5)
    columns = np.column_stack(leading_pair(rng, 3000, 0.05))
    ours = lead_table(columns, ["x", "y"], np.ones((3000, 1)))
    theirs = VAR(columns).fit(2).test_causality(1, 0, kind="f").pvalue
    mine = next(each for each in ours if each.cause == "x").p
    assert np.log10(mine) == pytest.approx(np.log10(theirs), abs=0.3)
