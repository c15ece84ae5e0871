"""The worlds area: a kiosk that sells ten a day, whose truth can be had by drawing it."""

import csv
import json
from datetime import date, timedelta

import numpy as np
import pytest
from scipy import stats

from benchmarks.__main__ import main
from benchmarks.world_scores import Said, WorldScore, order_score, score
from benchmarks.world_truth import OrderTruth, Total, Truth, load, worlds_of
from benchmarks.worlds import figures, text

TODAY = date(2026, 11, 30)
DAYS = 14
COST = {0.0: 100.0, 10.0: 20.0, 20.0: 10.0, 30.0: 14.0}


def kiosk(rate: float = 10.0, size: float = np.inf, lead: int = 2, review: int = 5, on_hand: int = 25) -> Truth:
    variance = rate + rate**2 / size
    return Truth(
        item="Tea",
        future=np.full(DAYS, rate),
        realised=np.full(DAYS, 10.0),
        width80=np.full(DAYS, 8.0),
        totals={days: Total(days * rate, float(np.sqrt(days * variance))) for days in (7, 14)},
        order=OrderTruth(lead, review, on_hand, 20.0, 10.0, 0.9, COST),
        told={},
    )


@pytest.mark.parametrize("size", [np.inf, 3.0])
def test_sums_of_poisson_and_negative_binomial_days_are_exact(size):
    total = kiosk(size=size).totals[7]
    exact = stats.poisson(70) if np.isinf(size) else stats.nbinom(7 * size, size / (size + 10))
    values = np.arange(30, 130, dtype=float)
    assert total.at_most(values) == pytest.approx(exact.cdf(values), abs=1e-9)
    assert total.within(60, 80) == pytest.approx(exact.cdf(80) - exact.cdf(59))


def test_a_dead_item_sells_nothing_for_certain():
    assert Total(0.0, 0.0).within(0.0, 0.0) == 1.0
    assert Total(0.0, 0.0).within(1.0, 5.0) == 0.0


@pytest.mark.parametrize("size", [np.inf, 2.0])
def test_true_stockout_risk_is_that_of_the_game_played_through(size):
    seed = int(np.random.default_rng().integers(2**31))
    rng, draws = np.random.default_rng(seed), 200_000
    truth = kiosk(size=size)
    shape = (draws, 7)
    days = rng.poisson(10, shape) if np.isinf(size) else rng.negative_binomial(size, size / (size + 10), shape)
    left = np.maximum(0, 25 - days[:, :2].sum(axis=1)) + 52
    played = float(np.mean(days[:, 2:].sum(axis=1) > left))
    assert truth.stockout_risk(52) == pytest.approx(played, abs=0.006), f"seed {seed}"


def test_cost_lies_between_known_quantities_and_goes_on_beyond_them():
    order = kiosk().order
    assert order.cost_of(20) == 10
    assert order.cost_of(15) == 15
    assert order.cost_of(40) == pytest.approx(18)


def test_a_right_forecast_has_no_bias_and_the_true_spread():
    rng = np.random.default_rng(11)
    bounds = [np.full(DAYS, value) for value in stats.poisson(10).ppf((0.1, 0.9, 0.025, 0.975))]
    said = Said(np.full(DAYS, 10.0), *bounds, rng.poisson(10, (20_000, DAYS)).astype(float))
    found = score(said, kiosk())
    assert found.bias == pytest.approx({7: 0.0, 14: 0.0})
    assert found.sd_ratio == pytest.approx(1.0, abs=0.02)
    assert found.total80 == pytest.approx(0.80, abs=0.04)
    assert found.total95 == pytest.approx(0.95, abs=0.02)
    assert (found.period80, found.width80) == (1.0, 1.0)


def test_an_order_line_is_held_against_the_cheapest_one():
    found = order_score(kiosk(), 30, 0.25, np.full(100, 77.0))
    assert (found.cost, found.optimum_cost, found.optimum) == (14.0, 10.0, 20.0)
    assert found.demand_bias == pytest.approx(10.0)
    assert found.true_risk > 0.25


def test_a_failed_world_is_counted_and_named():
    scores = [
        WorldScore("seed1", "a1_orders", "a1", problems=("failed: no date",)),
        WorldScore("seed2", "a1_orders", "a1"),
    ]
    found = figures(scores)
    assert found["summary"]["failed"] == 2
    assert found["worlds"]["a1"]["reasons"] == ["failed: no date"]
    assert "seed1 a1_orders: failed: no date" in text(scores)


@pytest.fixture
def data(tmp_path):
    """One world that can be read, and one whose file is no table."""
    rng = np.random.default_rng(3)
    days = [TODAY - timedelta(days=k) for k in range(200, 0, -1)]
    rows = [(day, item, int(rng.poisson(10))) for day in days for item in ("Tea", "Cake")]
    total = {"7": {"mean": 70.0, "sd": 70**0.5}, "14": {"mean": 140.0, "sd": 140**0.5}}
    both = {key: {"mean": 2 * each["mean"], "sd": (2 * each["mean"]) ** 0.5} for key, each in total.items()}
    ten = [10.0] * DAYS
    item = {"future": ten, "realised": ten, "totals": total, "bands": {"0.1": [6.0] * DAYS, "0.9": [14.0] * DAYS}}
    ahead = [str(TODAY + timedelta(days=k)) for k in range(DAYS)]
    for name in ("x1_steady", "x2_broken"):
        truth = {"world": name, "kind": name, "today": str(TODAY), "files": ["sales.csv"], "periods": ahead}
        truth |= {"items": {"Tea": item, "Cake": item}, "total": both}
        (tmp_path / name).mkdir()
        (tmp_path / name / "truth.json").write_text(json.dumps(truth))
    with (tmp_path / "x1_steady" / "sales.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("date", "item", "quantity"), *rows])
    (tmp_path / "x2_broken" / "sales.csv").write_text("nothing\n")
    (tmp_path / "index.csv").write_text("world\nx1_steady\nx2_broken\n")
    return tmp_path


def test_worlds_are_found_and_chosen_by_their_kind(data):
    assert [world.code for world in worlds_of(data)] == ["x1", "x2"]
    assert [world.name for world in worlds_of(data, ["x2"])] == ["x2_broken"]
    assert load(data / "x1_steady").total.future == pytest.approx(20.0)


def test_area_goes_on_after_a_world_that_fails(data, capsys):
    assert main(["worlds", "--data", str(data)]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["summary"]["worlds"] == 2
    assert found["summary"]["failed"] == 1
    assert abs(found["worlds"]["x1"]["bias"]) < 15
    assert found["worlds"]["x2"]["reasons"]
