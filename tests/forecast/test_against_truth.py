"""The five sample businesses: the next 28 days as forecast from their workbooks, against what is true of them.

`truth.json` knows each day's true mean beyond the end of the file, with the promotions that come back every year with a
feast. A forecast from sales alone cannot know which public holidays will close the business, so the truth is taken on
the days on which the business opens.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from engine.arrays import Floats
from engine.forecast import Forecast
from engine.forecast.models import SeasonalNaive
from engine.forecast.series import Series, fill_closed
from engine.settings import Settings
from engine.workflows import files
from engine.workflows.forecast import forecasts
from sample_data.businesses import BUSINESSES
from sample_data.process import draw, simulate
from tests.conftest import LATER

TRUTH = Path(__file__).parents[2] / "sample_data" / "truth.json"
FUTURES = 400
KEYS = [sample.key for sample in files.SAMPLES]

pytestmark = pytest.mark.slow
every_business = pytest.mark.parametrize("key", KEYS)


@dataclass(frozen=True, eq=False)
class Known:
    """One business's forecast beside the truth.

    Attributes:
        forecast: of the units of all items, 28 days ahead.
        opens: per forecast day, whether the business will open.
        mean: true mean of the units, per day on which it opens.
        futures: units in made-up futures, shape (FUTURES, days on which it opens).
    """

    forecast: Forecast
    opens: np.ndarray
    mean: Floats
    futures: Floats

    @property
    def median(self) -> Floats:
        """The forecast of the days on which the business opens."""
        return self.forecast.point[self.opens]

    @property
    def noise(self) -> float:
        """Standard deviation of the total as a share of its mean: what chance alone does to four weeks."""
        return float(self.futures.sum(axis=1).std() / self.mean.sum())

    def naive(self) -> Floats:
        """What the simple rule says about the days on which the business opens."""
        history = self.forecast.history
        filled = fill_closed(history.values, history.season_length)
        past = Series(filled, tuple(history.periods), history.calendar.frequency, history.season_length)
        return SeasonalNaive().predict(past, self.forecast.periods).mean[self.opens]

    def held(self, level: int) -> np.ndarray:
        """Per future and day, whether the band held what was sold."""
        band = self.forecast.band(level)
        return (band.lower[self.opens] <= self.futures) & (self.futures <= band.upper[self.opens])


@cache
def known(key: str) -> Known:
    path = files.sample(key).path
    dataset = files.open_business(path.read_bytes(), path.name, Settings(), today=LATER)
    made = forecasts.run_forecast(forecasts.history_for(dataset, "quantity"), 28, "quick")
    told = json.loads(TRUTH.read_text(encoding="utf-8"))[key]["expected"]
    rows = [told["date"].index(str(day)) for day in made.periods]
    opens = np.array(told["open"])[rows] == 1
    mean = np.array(told["units"])[rows][opens]
    return Known(made, opens, mean, futures(key, np.array(made.periods)[opens]))


def futures(key: str, days: np.ndarray) -> Floats:
    """Draws of the units of all items on these days."""
    business = next(each for each in BUSINESSES if each.key == key)
    expected = simulate(business).expected
    rows = [expected.grid.days.index(day) for day in days]
    chance = np.random.default_rng([business.seed, 28])
    drawn = (draw(business, expected, chance).units[rows].sum(axis=1) for _ in range(FUTURES))
    return np.array(list(drawn), dtype=np.float64)


def two_standard_errors(level: int, points: int) -> float:
    return 2 * float(np.sqrt(level / 100 * (1 - level / 100) / points))


@every_business
def test_the_made_up_futures_have_the_true_mean(key):
    truth = known(key)
    assert truth.futures.sum(axis=1).mean() == pytest.approx(truth.mean.sum(), rel=3 * truth.noise / FUTURES**0.5)


@every_business
def test_the_total_is_as_near_to_the_truth_as_chance_allows(key):
    # The level is read off a past that chance moves as much as it moves the four weeks ahead. Five are judged
    # at once, each at 99 %: 2.6 standard deviations.
    truth = known(key)
    assert truth.median.sum() == pytest.approx(truth.mean.sum(), rel=2.6 * truth.noise)
    assert 2 * truth.noise < 0.10


@every_business
def test_each_day_is_nearer_to_the_truth_than_the_simple_rule_gets(key):
    truth = known(key)
    ours, simple = (np.abs(said - truth.mean).mean() for said in (truth.median, truth.naive()))
    assert ours < simple


def test_over_all_businesses_the_days_are_twice_as_near_to_the_truth_as_the_simple_rule_gets():
    # The rule repeats one noisy value per weekday; a mean of at least four such weeks halves its chance error.
    ratios = [
        np.abs(truth.median - truth.mean).mean() / np.abs(truth.naive() - truth.mean).mean()
        for truth in map(known, KEYS)
    ]
    assert np.exp(np.mean(np.log(ratios))) < 0.5


@pytest.mark.parametrize("level", [50, 80, 95])
def test_the_bands_hold_what_they_promise_over_the_five_businesses(level):
    # As one future of all five would be judged: two standard errors of its days, 3.9 percentage points at 95 %.
    held = np.concatenate([known(key).held(level) for key in KEYS], axis=1)
    assert held.mean() == pytest.approx(level / 100, abs=two_standard_errors(level, held.shape[1]))


@every_business
@pytest.mark.parametrize("level", [80, 95])
def test_no_single_business_gets_bands_that_promise_too_much(key, level):
    # Too wide a band only costs; the bands know the rough days of the past, and the days ahead are drawn without any.
    held = known(key).held(level)
    assert held.mean() > level / 100 - two_standard_errors(level, held.shape[1])


def test_the_totals_lie_in_their_bands():
    held = 0
    for key in KEYS:
        facts, truth = known(key).forecast.facts(80), known(key)
        held += facts["total_lower"].value <= truth.mean.sum() <= facts["total_upper"].value
    assert held >= 4


def test_the_coverage_that_is_said_is_the_coverage_that_is_promised():
    said = [known(key).forecast.proof.coverage[80] for key in KEYS]
    assert sum(77 <= share <= 83 for share in said) >= 4


def test_what_is_sold_in_one_season_of_the_year_is_expected_when_it_comes_back():
    path = files.sample("bakery").path
    business = files.open_business(path.read_bytes(), path.name, Settings(), today=LATER)
    made = forecasts.run_forecast(forecasts.history_for(business, "quantity", "Fruit stollen"), 28, "quick")
    assert made.point.sum() == pytest.approx(388, rel=0.25)
