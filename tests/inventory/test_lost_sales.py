"""Orders of which some are late or lost, for demand that does not wait."""

import numpy as np
import pytest

from engine.inventory.lost_sales import NEVER, OrderFutures, SupplyRecord, order_futures, order_quantities


def futures(demand, *, on_hand=0.0, coming=None, arrival=0, following=1):
    """One shop's futures: rows are draws, columns periods."""
    demand = np.array([demand], dtype=float)
    coming = np.zeros(demand.shape) if coming is None else np.array([coming], dtype=float)
    draws = demand.shape[1]
    arrivals = np.broadcast_to(arrival, (1, draws)), np.broadcast_to(following, (1, draws))
    return OrderFutures(np.array([on_hand]), demand, coming, *arrivals)


def best(some, *, profit, holding_cost):
    return order_quantities(some, profit=np.array([profit]), holding_cost=np.array([holding_cost]))[0]


@pytest.mark.parametrize(("profit", "fractile"), [(1.0, 0.5), (4.0, 0.8), (19.0, 0.95)])
def test_without_lead_time_one_period_is_the_newsvendors(profit, fractile):
    demand = np.random.default_rng(1).poisson(40, (999, 1))
    critical = np.quantile(demand, fractile, method="inverted_cdf")
    assert best(futures(demand), profit=profit, holding_cost=1.0) == critical
    assert best(futures(demand, on_hand=15.0), profit=profit, holding_cost=1.0) == critical - 15


def brought(some, quantity, profit, holding_cost):
    """Mean of what an order brings, draw by draw and unit for unit, the oldest sold first."""
    total = 0.0
    for draw in range(some.demand.shape[1]):
        older, ours = some.on_hand[0], 0.0
        for period, demand in enumerate(some.demand[0, draw]):
            older += some.coming[0, draw, period]
            ours += quantity if some.arrival[0, draw] == period else 0.0
            sold = min(demand, older + ours)
            if period < some.following[0, draw]:
                total += profit * sold
            leaves = min(sold, older)
            older, ours = older - leaves, ours - (sold - leaves)
            total -= holding_cost * (older + ours)
    return total / some.demand.shape[1]


def test_no_quantity_brings_more_in_a_simulation():
    seed = int(np.random.SeedSequence().generate_state(1)[0])
    print(f"seed {seed}")
    rng = np.random.default_rng(seed)
    for _ in range(12):
        draws, periods = 15, 5
        some = OrderFutures(
            np.array([float(rng.integers(8))]),
            rng.poisson(rng.uniform(1, 6), (1, draws, periods)).astype(float) + rng.choice([0.0, 0.5]),
            rng.poisson(1, (1, draws, periods)).astype(float),
            np.where(rng.random((1, draws)) < 0.2, NEVER, rng.integers(3, size=(1, draws))),
            rng.integers(1, 7, size=(1, draws)),
        )
        profit = float(rng.choice([0.5, 1.0, 4.0, 19.0]))
        values = [brought(some, quantity, profit, 1.0) for quantity in range(60)]
        assert brought(some, best(some, profit=profit, holding_cost=1.0), profit, 1.0) == pytest.approx(max(values))


def test_what_would_not_sell_before_the_next_delivery_is_left_to_that():
    assert best(futures([[10.0, 10.0, 10.0]], following=2), profit=9.0, holding_cost=1.0) == 20
    assert best(futures([[10.0, 10.0, 10.0]], following=0), profit=9.0, holding_cost=1.0) == 0
    assert best(futures([[10.0, 10.0, 10.0]], arrival=NEVER), profit=9.0, holding_cost=1.0) == 0


def test_stock_that_would_lie_for_long_is_ordered_less():
    """A fad that is over in half of the futures: then a unit lies for three periods, not for one."""
    fad = [[10.0, 10.0, 10.0], [0.0, 0.0, 0.0]]
    assert best(futures([row[:1] for row in fad]), profit=2.0, holding_cost=1.0) == 10
    assert best(futures(fad), profit=2.0, holding_cost=1.0) == 0


def played(lead_times, *, promise, silent=False, quantity=lambda period: 10.0 + period):
    """A record after one order a period, with these lead times."""
    record, due = SupplyRecord(promise), dict[int, float]()
    lost = 0.0
    for period, lead_time in enumerate(lead_times):
        units = quantity(period)
        if lead_time is None:
            lost += units if silent else 0.0
        else:
            due[period + lead_time] = due.get(period + lead_time, 0.0) + units
        arrived = due.pop(period, 0.0)
        record = record.place(units).next_period(arrived=arrived, in_transit=sum(due.values()) + lost)
    return record


def test_a_promise_is_believed_until_deliveries_say_otherwise():
    assert SupplyRecord(4).lead_times.argmax() == 4
    assert SupplyRecord(4).lead_times.sum() == pytest.approx(1)
    late = played([3] * 12, promise=1)
    assert late.lead_times.argmax() == 3
    assert late.lead_times[3] > 0.8
    assert [order.period for order in late.open] == [9, 10, 11]


def test_orders_that_do_not_come_speak_against_short_lead_times_before_any_came():
    assert played([9] * 4, promise=2).lead_times[:2].sum() < SupplyRecord(2).lead_times[:2].sum() / 2


@pytest.mark.parametrize("silent", [False, True])
def test_the_share_that_never_comes_is_learnt(silent):
    rng = np.random.default_rng(7)
    lead_times = [None if rng.random() < 0.3 else int(rng.integers(1, 4)) for _ in range(60)]
    record = played(lead_times, promise=2, silent=silent, quantity=lambda period: 100.0 + (period * period) % 37)
    share = lead_times.count(None) / 60
    assert record.lead_times[-1] == pytest.approx(share, abs=0.05)
    assert record.lead_times[1:4] == pytest.approx([lead_times.count(k) / 60 for k in (1, 2, 3)], abs=0.07)
    assert record.losses_show is not silent


def test_a_delivery_is_told_by_its_units():
    record = SupplyRecord(2).place(30).next_period(arrived=0, in_transit=30).place(50)
    record = record.next_period(arrived=50, in_transit=30)
    assert [order.quantity for order in record.open] == [30]
    odd = record.next_period(arrived=35, in_transit=0)  # five more than were ordered
    assert odd.open == ()


def test_two_orders_of_one_period_are_one():
    assert SupplyRecord(1).place(10).place(5).place(0).open[0].quantity == 15


def test_open_orders_come_once_each_and_not_before_they_can():
    record = played([None, 2, 2], promise=2)
    coming = record.draw_coming(500, 12, np.random.default_rng(1))
    assert np.all(coming.sum(axis=1) <= 23)
    assert np.mean(coming[:, 0] == 11) > 0.5
    assert np.mean(coming[:, 1] == 12) > 0.5


def test_certain_demand_and_a_reliable_supplier_make_steady_orders():
    record, on_hand, rng, due = SupplyRecord(1), 0.0, np.random.default_rng(1), 0.0
    ordered = []
    for _ in range(30):
        ahead = order_futures(np.array([on_hand]), np.full((1, 60, 7), 8.0), [record], rng)
        quantity = best(ahead, profit=9.0, holding_cost=1.0)
        ordered.append(quantity)
        on_hand = max(0.0, on_hand + due - 8)
        record, due = record.place(quantity).next_period(arrived=due, in_transit=quantity), quantity
    assert ordered[-8:] == [8.0] * 8


def test_deliveries_that_are_matched_already_teach_the_same_as_those_that_came_period_by_period():
    lead_times = [3, 2, 4, 2, 3, 3, 5, 2]
    played_out = played(lead_times, promise=2)
    waiting = [played_out.period - order.period for order in played_out.open]
    took = [lead for start, lead in enumerate(lead_times) if start + lead < len(lead_times)]
    record = SupplyRecord.of_deliveries(2, took, waiting)
    assert record.lead_times == pytest.approx(played_out.lead_times)


def test_no_delivery_is_too_late_to_be_learnt():
    record = SupplyRecord.of_deliveries(1, [40] * 20, [90, 3])
    mean, sd = record.usual_lead_time
    assert record.lead_times.argmax() == 40
    assert record.lead_times[-1] > 1 / 23  # the order of 90 periods ago never comes
    assert 36 < mean < 40 and sd < 12
