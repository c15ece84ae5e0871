"""The game of orders, played by hand."""

import json

import numpy as np
import pytest

from benchmarks.__main__ import main
from benchmarks.inventorybench import Games, Product, View, base_stock, play, read_games


def kiosk(lead_times, *, setting="lead_time_stochastic", profit=2.0):
    numbers = (np.array([profit]), np.array([1.0]), np.array([[3.0] * 5]), np.array([[4.0, 1.0, 3.0]]))
    return Games("real_trajectory", setting, ("kiosk",), *numbers, np.array([lead_times], dtype=float))


def test_the_reward_is_that_of_the_hand():
    """Orders of 5: the first comes a period later, the second never, the third at once.

    Period 1 sells nothing; period 2 has 5, sells 1, keeps 4; period 3 has 9, sells 3, keeps 6: 2 * 4 - 10 < 0.
    """
    seen = []

    def player(view: View):
        seen.append((view.demand.shape[1], view.on_hand[0], view.in_transit[0], view.arrived[0]))
        return np.array([5.9])

    assert play(kiosk([1, np.inf, 0]), player) == pytest.approx([0.0])
    assert seen == [(5, 0, 0, 0), (6, 0, 5, 0), (7, 4, 0, 5)]
    assert play(kiosk([1, np.inf, 0], profit=10.0), player) == pytest.approx([(10 * 4 - 10) / 80])


def test_silent_losses_stay_on_their_way():
    transit = []

    def player(view: View):
        transit.append(view.in_transit[0])
        return np.array([5.0])

    play(kiosk([np.inf, np.inf, 0]), player, silent_losses=True)
    assert transit == [0, 5, 10]


def test_a_player_that_knows_the_future_is_the_measure():
    demand = iter((4.0, 1.0, 3.0))
    assert play(kiosk([0, 0, 0], setting="lead_time_0"), lambda view: np.array([next(demand)])) == pytest.approx([1.0])


def test_the_run_reads_the_file_and_gives_a_mean_of_each_part(tmp_path, capsys):
    def instance(family, setting, lead_time):
        known = {"id": f"{family}/{setting}", "family": family, "setting": setting, "profit": 4.0, "holding_cost": 1.0}
        demand = [20.0, 24.0, 22.0, 19.0, 23.0, 21.0, 20.0, 22.0] * 3
        return known | {"train": [20.0] * 5, "demand": demand, "lead_times": [lead_time] * 24}

    settings = {"lead_time_0": "0", "lead_time_4": "4", "lead_time_stochastic": "1"}
    rows = [instance("real_trajectory", setting, lead) for setting, lead in settings.items()]
    (tmp_path / "instances.json").write_text(json.dumps({"instances": rows}))
    assert main(["inventorybench", "--data", str(tmp_path)]) == 0
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["instances"] == 3
    assert figures["by_setting"].keys() == settings.keys()
    assert figures["mean"] == pytest.approx(np.mean(list(figures["by_setting"].values())), abs=1e-5)
    assert figures["by_setting"]["lead_time_0"] > 0.9
    (few,) = read_games(tmp_path / "instances.json", sample=1)
    assert few.ids == ("real_trajectory/lead_time_0",)
    assert play(few, Product(1)) > 0.9 and play(few, base_stock) > 0.8
