"""Each model on series whose future is known."""

from datetime import date, timedelta
from importlib import import_module
from inspect import isabstract
from pkgutil import iter_modules

import numpy as np
import pytest
from statsforecast import models

from engine.dataset import Frequency
from engine.errors import ModelFailed
from engine.forecast import models as package
from engine.forecast.models import PANELS, USUAL_VOTES, panel_for, statistical
from engine.forecast.models.arima import OutOfTime, SearchedArima, cpu_limit
from engine.forecast.models.boosted import BoostedTrees, usable_lags
from engine.forecast.models.prophet import ProphetCurve
from engine.forecast.models.statistical import Arima, Decomposition, ExponentialSmoothing, SeasonalNaive, Theta
from engine.forecast.series import PanelModel, Series

WEEK = np.array([80.0, 90.0, 100.0, 110.0, 130.0, 170.0, 60.0])
MONDAY = date(2024, 1, 1)


def daily(values, season_length=7) -> Series:
    days = tuple(MONDAY + timedelta(days=k) for k in range(len(values)))
    return Series(np.asarray(values, float), days, Frequency.DAILY, season_length)


def days_after(series: Series, count: int) -> list[date]:
    return [series.periods[-1] + timedelta(days=k) for k in range(1, count + 1)]


def test_the_seasonal_naive_repeats_the_last_week_and_its_error_grows_by_the_week():
    noise = np.tile([3.0, -3.0], 28)[:56]
    series = daily(np.tile(WEEK, 8) + noise)
    said = SeasonalNaive().predict(series, days_after(series, 15))
    assert said.mean[:7].tolist() == series.values[-7:].tolist()
    assert said.mean[14] == said.mean[0]
    # FPP3 section 5.5: the standard deviation k steps ahead is s * sqrt(floor((k - 1) / m) + 1).
    assert np.allclose(said.spread[[0, 6, 7, 14]] / said.spread[0], np.sqrt([1, 1, 2, 3]))
    assert said.spread[0] == pytest.approx(6.0)  # week on week the noise turns from +3 to -3


def test_the_seasonal_naive_repeats_the_last_value_of_a_series_shorter_than_a_season():
    series = daily([5.0, 7.0, 9.0])
    assert SeasonalNaive().predict(series, days_after(series, 2)).mean.tolist() == [9.0, 9.0]


@pytest.mark.parametrize("model", dict.fromkeys([*PANELS["quick"], *PANELS["full"]]))
def test_every_model_learns_a_clear_weekly_pattern(model):
    rng = np.random.default_rng(3)
    series = daily(np.tile(WEEK, 20) + rng.normal(0, 2, 140))
    said = model().predict(series, days_after(series, 14))
    assert np.max(np.abs(said.mean - np.tile(WEEK, 2))) < 10


@pytest.mark.parametrize("model", dict.fromkeys([*PANELS["quick"], *PANELS["full"]]))
def test_every_model_keeps_the_contract_of_the_panels(model):
    series = daily(np.tile(WEEK, 112) + np.random.default_rng(4).normal(0, 4, 784))
    before = series.values.copy()
    assert model.suits(series)
    assert USUAL_VOTES[model.name] > 0
    prediction = model().predict(series, days_after(series, 9))
    assert prediction.mean.shape == (9,)
    assert np.all(np.isfinite(prediction.mean))
    assert prediction.spread is None or (prediction.spread.shape == (9,) and np.all(prediction.spread >= 0))
    assert series.values.tolist() == before.tolist()


def test_every_model_in_the_folder_votes_in_a_panel_and_has_a_name_of_its_own():
    modules = [import_module(f"engine.forecast.models.{each.name}") for each in iter_modules(package.__path__)]
    written = {
        each
        for module in modules
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, PanelModel) and not isabstract(each)
    }
    listed = {model for panel in PANELS.values() for model in panel}
    assert written == listed
    assert len({SeasonalNaive.name, *(model.name for model in listed)}) == len(listed) + 1


def test_boosted_trees_follow_a_growing_shop_beyond_what_they_have_seen():
    growing = np.tile(WEEK, 30) * np.linspace(1, 2, 210)
    series = daily(growing)
    said = BoostedTrees().predict(series, days_after(series, 28))
    assert said.mean.mean() > 0.95 * growing[-28:].mean()


def test_the_lags_are_the_classical_ones_where_the_history_allows():
    assert usable_lags(daily(np.ones(400))) == (1, 7, 14, 30)
    assert usable_lags(daily(np.ones(40))) == (1, 7, 14)


@pytest.mark.parametrize("model", [ProphetCurve, BoostedTrees])
def test_a_model_that_needs_more_history_says_so(model):
    series = daily(np.ones(9))
    with pytest.raises(ModelFailed, match=r"needs|too short"):
        model().predict(series, days_after(series, 3))


def test_a_full_search_keeps_the_orders_that_it_found_on_the_oldest_window():
    rng = np.random.default_rng(5)
    series, model = daily(np.tile(WEEK, 12) + rng.normal(0, 5, 84)), SearchedArima()
    model.predict(series.until(70), days_after(series.until(70), 7))
    orders = model._orders
    model.predict(series, days_after(series, 7))
    assert model._orders == orders


@pytest.mark.parametrize(
    ("model", "search"), [(Arima(), "_best_orders"), (ExponentialSmoothing(), "_best_form")], ids=["orders", "form"]
)
@pytest.mark.parametrize(
    ("lengths", "searches"), [((100, 140, 160), 2), ((30, 38, 50), 2), ((30, 41, 54), 3)], ids=["long", "near", "short"]
)
def test_what_fits_best_is_searched_anew_when_a_history_has_grown(monkeypatch, model, search, lengths, searches):
    told, known = [], getattr(statistical, search)
    monkeypatch.setattr(statistical, search, lambda values, *more: told.append(len(values)) or known(values, *more))
    rng = np.random.default_rng(5)
    series, fresh = daily(100 + np.tile(WEEK, 40) + rng.normal(0, 5, 280)), type(model)()
    for length in lengths:
        fresh.predict(series.until(length), days_after(series.until(length), 7))
    assert len(told) == searches


@pytest.mark.filterwarnings("ignore:Stepwise search was stopped")
@pytest.mark.parametrize("week", [WEEK, np.zeros(7)], ids=["a season", "no season"])
def test_a_search_for_orders_goes_on_where_a_season_was_found(monkeypatch, week):
    asked, known = [], models.AutoARIMA
    monkeypatch.setattr(models, "AutoARIMA", lambda **bounds: asked.append(bounds) or known(**bounds))
    rng = np.random.default_rng(5)
    values, found = 100 + np.tile(week, 12) + rng.normal(0, 5, 84), None
    for length in (56, 84):
        found = statistical._best_orders(values[:length], 7, found)
    first, second = (bounds["nmodels"] for bounds in asked)
    assert first == statistical.ARIMA_MODELS
    assert second == (statistical.ARIMA_MODELS_AGAIN if week.any() else statistical.ARIMA_MODELS)


def test_decomposition_votes_only_where_a_history_shows_several_seasons():
    one_year, three_years = daily(np.tile(WEEK, 52)), daily(np.tile(WEEK, 157))
    assert not any(isinstance(model, Decomposition) for model in panel_for("full", one_year))
    assert any(isinstance(model, Decomposition) for model in panel_for("full", three_years))


def test_prophet_is_asked_only_where_days_cover_a_year():
    short, long = daily(np.tile(WEEK, 52)), daily(np.tile(WEEK, 53))
    assert not any(isinstance(model, ProphetCurve) for model in panel_for("full", short))
    assert any(isinstance(model, ProphetCurve) for model in panel_for("full", long))


@pytest.mark.parametrize("model", [Theta, Decomposition])
def test_a_week_and_a_year_both_return(model):
    days = np.arange(3 * 365 + 28)
    summer = 1 + 0.5 * np.sin(2 * np.pi * days / 365.25)
    sold = np.resize(WEEK, len(days)) * summer * np.exp(np.random.default_rng(6).normal(0, 0.05, len(days)))
    series = daily(sold[:-28])
    said = model().predict(series, days_after(series, 28))
    assert np.mean(np.abs(said.mean / (np.resize(WEEK, len(days)) * summer)[-28:] - 1)) < 0.08


def test_a_search_that_takes_too_long_is_stopped():
    with pytest.raises(OutOfTime), cpu_limit(0.05):
        while True:
            sum(range(1000))
