"""The order list of a small shop: the cheapest within its limits, with a proof that a second look confirms."""

from dataclasses import replace
from datetime import date
from itertools import product

import numpy as np
import pytest

from engine.inventory import Arrival, Defaults, OrderLimits, Planner, PriceBreak, SearchEffort
from engine.inventory.check import order_violations
from engine.inventory.infeasibility import possible
from engine.proof import Status

SUNDAY = date(2026, 5, 3)


def plan(items, limits=None, defaults=None):
    limits = limits or OrderLimits()
    planner = Planner(items, limits, defaults or Defaults(), np.random.default_rng(1))
    return planner.plan(limits, today=SUNDAY, currency="EUR")


def quantities(found):
    return {line.name: line.quantity for line in found.lines}


def test_without_limits_each_item_gets_its_own_best(item):
    found = plan([item("bread"), item("cake", stockout_cost=9.0)])
    assert quantities(found) == {"bread": 8, "cake": 9}
    assert (found.proof.status, found.proof.gap) == (Status.OPTIMAL, 0)


def test_what_is_there_or_on_its_way_is_not_ordered_again(item):
    found = plan([item("bread", on_hand=3.0, on_order=(Arrival(0, 2.0),)), item("cake", on_hand=30.0)])
    assert quantities(found) == {"bread": 3, "cake": 0}
    assert found.line("cake").why.startswith("Stock and orders on their way")


def test_orders_are_whole_cases_above_the_minimum(item):
    found = plan([item("bread", pack=6.0), item("cake", minimum_order=9.0), item("tea", pack=4.0, minimum_order=9.0)])
    assert quantities(found) == {"bread": 6, "cake": 9, "tea": 12}
    assert [line.packs for line in found.lines] == [1, 9, 3]


def test_a_shelf_that_is_full_makes_the_dearest_lack_go_first(item):
    found = plan([item("bread"), item("cake", stockout_cost=9.0)], OrderLimits(capacity=12))
    assert found.volume == 12
    assert quantities(found)["cake"] > quantities(found)["bread"]
    [limit] = found.proof.binding
    assert (limit.name, limit.limit) == ("warehouse space", 12)


def test_the_price_of_space_is_what_a_little_more_saves(item):
    """Thirty items; the average saving of the next cubic metres."""
    rng = np.random.default_rng(4)
    shop = [item(f"i{k}", stockout_cost=rng.uniform(2, 9), volume=rng.uniform(0.2, 2)) for k in range(30)]
    free = plan(shop).volume
    tight, wider = (plan(shop, OrderLimits(capacity=0.7 * free + extra)) for extra in (0.0, 5.0))
    price = tight.proof.binding[0].shadow_price
    assert (tight.proof.objective - wider.proof.objective) / 5 == pytest.approx(price, rel=0.1)


def test_money_is_kept_to_the_cent(item):
    found = plan([item("bread"), item("cake", unit_cost=3.0)], OrderLimits(budget=25.0))
    assert found.spend <= 25
    assert found.proof.binding[0].name == "budget"


def test_stock_that_is_there_takes_space_too(item):
    found = plan([item("bread", on_hand=6.0), item("cake")], OrderLimits(capacity=10.0))
    assert quantities(found)["bread"] + quantities(found)["cake"] <= 4


def test_a_supplier_gets_enough_or_nothing(item):
    mill = [item("bread", supplier="mill"), item("cake", supplier="mill")]
    enough = plan(mill, OrderLimits(supplier_minimums={"mill": 36.0}))
    assert enough.spend >= 36
    nothing = plan(mill, OrderLimits(supplier_minimums={"mill": 500.0}))
    assert nothing.spend == 0


def test_a_delivery_that_costs_more_than_it_saves_is_not_ordered(item):
    mill = [item("bread", supplier="mill"), item("cake", supplier="mill")]
    assert plan(mill, OrderLimits(delivery_costs={"mill": 1.0})).spend > 0
    assert plan(mill, OrderLimits(delivery_costs={"mill": 100.0})).spend == 0


def test_a_good_discount_is_taken_and_said(item):
    bread = item("bread", days=10, prices=(PriceBreak(12, 1.0),), holding_cost=0.1)
    [line] = plan([bread]).lines
    assert line.quantity >= 12
    assert "discount" in line.why


def test_fresh_goods_are_ordered_less(item):
    found = plan([item("keeps"), item("spoils", shelf_life=1)])
    assert quantities(found)["spoils"] < quantities(found)["keeps"]


def test_what_is_not_ordered_of_a_one_day_good_is_not_made_up_for_tomorrow(item):
    [line] = plan([item(shelf_life=1)], OrderLimits(budget=0.0)).lines
    assert line.quantity == 0
    assert [order.quantity for order in line.following] == pytest.approx([5.5, 5.5, 5.5])


def test_two_kinds_of_service_are_kept_apart(item):
    never_out = plan([item()], OrderLimits(cycle_service_level=0.95)).lines[0]
    well_served = plan([item()], OrderLimits(fill_rate=0.94)).lines[0]
    assert (never_out.quantity, well_served.quantity) == (10, 8)
    assert well_served.rehearsal.fill_rate >= 0.94 > well_served.rehearsal.no_stockout


def test_limits_that_clash_are_named_with_a_way_out_that_works(item):
    shop, limits = [item("bread"), item("cake")], OrderLimits(capacity=15, budget=1000, cycle_service_level=0.9)
    found = plan(shop, limits)
    assert (found.proof.status, found.lines) == (Status.INFEASIBLE, ())
    assert set(found.infeasibility.words) == {"warehouse space", "service level"}
    needed = {way.limit: way.needed for way in found.infeasibility.relaxations}
    assert needed["warehouse space"] == 18
    planner = Planner(shop, limits, Defaults(), np.random.default_rng(1))
    assert possible(replace(limits, capacity=18.0), planner.problem)
    assert not possible(replace(limits, capacity=17.9), planner.problem)
    assert possible(replace(limits, cycle_service_level=needed["service level"] / 100), planner.problem)


def test_more_than_usual_is_ordered_to_reach_a_minimum(item):
    """Eight loaves at 2 would be best; the mill takes orders from 36, and eighteen loaves are sold in a few days."""
    found = plan([item(supplier="mill", stockout_cost=30.0)], OrderLimits(supplier_minimums={"mill": 36.0}))
    assert found.lines[0].quantity == 18
    assert found.proof.status is Status.OPTIMAL


def test_a_minimum_that_is_too_dear_is_told_how_low_it_must_be(item):
    """Nine loaves at 2 are needed and 30 can be spent; the mill takes orders from 40."""
    mill = OrderLimits(budget=30, cycle_service_level=0.9, supplier_minimums={"mill": 40.0})
    found = plan([item(supplier="mill")], mill)
    assert set(found.infeasibility.words) == {"budget", "service level", "minimum order of mill"}
    needed = {way.limit: way.needed for way in found.infeasibility.relaxations}
    assert needed["budget"] == 40
    assert 29.9 < needed["minimum order of mill"] <= 30


def test_the_minimum_that_is_offered_is_low_enough_when_it_is_typed_in(item):
    """Sixteen loaves at 1.23, or 19.68, are the most that 20 can buy: an offer of 19.70 would not be enough."""
    shop, mill = [item(supplier="mill", unit_cost=1.23)], OrderLimits(budget=20, supplier_minimums={"mill": 40.0})
    planner = Planner(shop, mill, Defaults(), np.random.default_rng(1))
    clash = planner.plan(replace(mill, cycle_service_level=0.9), today=SUNDAY).infeasibility
    [way] = [way for way in clash.relaxations if way.limit == "minimum order of mill"]
    offered = replace(mill, cycle_service_level=0.9, supplier_minimums={"mill": way.rounded})
    assert possible(offered, planner.problem)
    assert way.sentence == "Change minimum order of mill from 40 to 19.6."


def test_an_owners_own_quantity_is_priced_and_checked_against_all_limits(item):
    shop, limits = [item("bread", pack=4.0), item("cake")], OrderLimits(budget=40.0)
    planner = Planner(shop, limits, Defaults(), np.random.default_rng(1))
    made = planner.plan(limits, today=SUNDAY, currency="EUR")
    own = planner.with_own(made, {"bread": 18.0, "pie": 3.0})
    assert quantities(own) == {"bread": 18, "cake": made.line("cake").quantity}
    assert own.proof.objective - made.proof.objective == pytest.approx(
        float(made.cost_of("bread", np.array([18.0]))[0]) - made.line("bread").cost
    )
    said = " ".join(own.proof.recheck.violations)
    assert "whole cases" in said and "budget" in said
    assert own.line("bread").why.startswith("Your own quantity")
    assert own.proof.bound == made.proof.bound < own.proof.objective


def test_stock_beyond_the_space_is_set_aside_and_named_and_the_rest_is_planned(item):
    found = plan([item("flour", on_hand=50.0), item("bread"), item("cake", on_hand=1.0)], OrderLimits(capacity=10.0))
    [problem] = found.problems
    assert "flour is set aside" in problem.what and "50 of the 10" in problem.what
    assert set(quantities(found)) == {"bread", "cake"}
    assert quantities(found)["bread"] + quantities(found)["cake"] == 9
    assert found.proof.recheck.agrees and found.proof.status is Status.OPTIMAL


def test_an_item_set_aside_alone_leaves_nothing_that_could_be_called_best_or_met(item):
    found = plan([item(on_hand=50.0)], OrderLimits(capacity=10.0))
    assert found.lines == ()
    assert [fact.name for fact in found.facts()] == []


def test_where_no_item_has_a_cost_nothing_is_called_best_and_no_demand_met(item):
    found = plan([item("bread", unit_cost=None), item("cake", unit_cost=None)])
    assert found.proof.status is not Status.OPTIMAL
    assert [fact.name for fact in found.facts()] == []
    assert len(found.problems) == 2


def test_missing_costs_are_assumed_aloud(item):
    found = plan([item(holding_cost=None, stockout_cost=None, price=None)])
    said = " ".join(found.facts().cautions)
    assert "25%" in said and "50%" in said
    [line] = found.lines
    assert line.curve.ready.holding_cost == pytest.approx(2.0 * 0.25 / 365.25)
    assert line.curve.ready.stockout_cost == 1.0


@pytest.mark.parametrize(
    ("known", "complaint"),
    [
        ({"unit_cost": 0.0}, "no cost"),
        ({"unit_cost": None}, "no cost"),
        ({"lead_time": None}, "no lead time"),
        ({"demand": None}, "no sales history"),
        ({"volume": None}, "no volume"),
        ({"volume_unit": "litres"}, "litres"),
        ({"price": 1.0, "stockout_cost": None}, "at or below its cost"),
        ({"on_hand": float("nan")}, "not a number"),
        ({"pack": 0.0}, "below one"),
        ({"lead_time": -1.0}, "negative"),
        ({"price": float("nan")}, "price that is not a number"),
        ({"minimum_order": float("inf")}, "minimum that is not a number"),
        ({"on_order": (Arrival(1, -2.0),)}, "negative"),
        ({"prices": (PriceBreak(10, 0.0),)}, "discount"),
        ({"shelf_life": 2, "salvage": 3.0}, "spoils"),
    ],
)
def test_an_item_that_cannot_be_planned_is_named_and_the_rest_is_planned(item, known, complaint):
    found = plan([item("odd", **known), item("bread")], OrderLimits(capacity=50))
    [problem] = found.problems
    assert "odd" in problem.what and complaint in problem.what
    assert problem.remedy
    assert quantities(found) == {"bread": 8}


def test_a_stock_below_zero_counts_as_empty_and_is_said(item):
    found = plan([item(on_hand=-4.0)])
    assert quantities(found) == {"bread": 8}
    assert "below zero" in found.cautions[0]


def test_an_item_without_history_borrows_from_its_category(item):
    found = plan([item("bread", category="bakery"), item("new", demand=None, category="bakery")])
    assert quantities(found) == {"bread": 8, "new": 8}
    assert any("borrowed from the category bakery" in said for said in found.cautions)


def test_a_missing_lead_time_is_the_suppliers_usual_one(item):
    found = plan([item("bread", supplier="mill"), item("cake", supplier="mill", lead_time=None)])
    assert quantities(found)["cake"] == 8
    assert any("same supplier" in said for said in found.assumptions)


def test_an_edit_shows_what_it_costs(item):
    found = plan([item()])
    best, fewer = found.cost_of("bread", np.array([8.0, 4.0]))
    assert best == pytest.approx(found.proof.objective)
    # Four loaves: 3 + 2 + 1 left in three futures of ten, 1 to 6 short in six.
    assert fewer == pytest.approx((3 + 2 + 1) / 10 + 3 * 21 / 10)


def test_every_fact_carries_its_basis(item):
    facts = plan([item("bread"), item("cake")], OrderLimits(capacity=12, budget=20)).facts()
    assert {"items_to_order", "spend", "cost", "bound", "gap", "status"} <= {fact.name for fact in facts}
    assert all(fact.basis for fact in facts)
    assert facts["status"].value == "proved best"


def test_the_plan_foresees_the_orders_after_it(item):
    [line] = plan([item(sells=(2,), days=5)]).lines
    assert line.quantity == 2
    assert [(order.day.day, order.quantity) for order in line.following] == [(5, 2), (6, 2), (7, 2)]


def test_no_item_is_no_trouble():
    found = plan([])
    assert (found.lines, found.proof.objective) == ((), 0)


def test_a_wrong_list_is_found_out(item):
    """The check reads quantities alone: a plan made wrong by hand is refused in words."""
    from engine.inventory.check import CheckedLine

    limits = OrderLimits(capacity=12, budget=20, supplier_minimums={"mill": 100.0})
    found = plan([item(pack=6.0, minimum_order=12.0, supplier="mill")])
    line = found.lines[0]
    wrong = CheckedLine(line.curve.ready, 11.0, 3.0, 0.0, line.rehearsal)
    said = " ".join(order_violations([wrong], limits))
    for complaint in ("whole cases", "below its minimum", "budget is 20.00", "takes 14.00", "orders from 100.00"):
        assert complaint in said


@pytest.mark.parametrize("seed", range(12))
def test_no_list_is_cheaper_than_the_proved_one(item, seed):
    """Counted out: every combination of three items' quantities, with all kinds of limits at once."""
    rng = np.random.default_rng(seed)
    shop = [
        item(
            f"i{k}", sells=rng.integers(0, 12, 6), days=3, stockout_cost=rng.uniform(1, 6), unit_cost=rng.uniform(1, 3),
            volume=rng.uniform(0.5, 2), pack=float(rng.choice([1, 2, 3])), minimum_order=float(rng.choice([0, 4])),
            order_cost=float(rng.choice([0, 2])), supplier=("mill", "dairy")[k % 2], holding_cost=rng.uniform(0.2, 1),
            prices=(PriceBreak(8, 0.9),) if k == 0 else (),
        )
        for k in range(3)
    ]  # fmt: skip
    limits = OrderLimits(
        capacity=rng.uniform(10, 25), budget=rng.uniform(15, 40),
        supplier_minimums={"mill": rng.uniform(5, 20)}, delivery_costs={"dairy": rng.uniform(0, 6)},
    )  # fmt: skip
    planner = Planner(shop, limits, Defaults(), np.random.default_rng(1))
    found = planner.plan(limits, today=SUNDAY, search=SearchEffort(20.0, 1e-7))
    least = _counted_out(planner.problem(limits))
    assert found.proof.bound <= least + 1e-7
    assert found.proof.objective == pytest.approx(least, rel=1e-6)
    assert found.proof.recheck.agrees and found.proof.status is Status.OPTIMAL


def _counted_out(problem):
    least = np.inf
    for choice in product(*[np.flatnonzero(problem.item == k) for k in range(problem.items)]):
        chosen = np.array(choice)
        if np.any(problem.uses[:, chosen].sum(axis=1) > problem.limits + 1e-9):
            continue
        cost, allowed = problem.cost[chosen].sum(), True
        for supplier, (minimum, fee) in enumerate(zip(problem.minimums, problem.fees, strict=True)):
            mine = chosen[problem.supplier == supplier]
            if np.any(problem.quantity[mine] > 0):
                allowed &= problem.spend[mine].sum() >= minimum - 1e-9
                cost += fee
        least = min(least, cost) if allowed else least
    return least


@pytest.mark.slow
def test_three_hundred_items_under_two_limits_are_proved_in_a_moment(item):
    rng = np.random.default_rng(9)
    shop = [
        item(f"i{k}", sells=rng.integers(0, 30, 40), unit_cost=rng.uniform(1, 9), stockout_cost=rng.uniform(1, 9),
             volume=rng.uniform(0.1, 2), pack=float(rng.choice([1, 6])), minimum_order=float(rng.choice([0, 12])))
        for k in range(300)
    ]  # fmt: skip
    planner = Planner(shop, OrderLimits(capacity=1.0), Defaults(), np.random.default_rng(1))
    free = planner.plan(OrderLimits(), today=SUNDAY)
    found = planner.plan(OrderLimits(capacity=0.8 * free.volume, budget=0.7 * free.spend), today=SUNDAY)
    assert found.proof.gap <= 1e-3
    assert found.proof.recheck.agrees


def test_a_planner_at_other_costs_shares_the_futures_and_plans_the_same(item):
    shop, limits = [item("bread", stockout_cost=None), item("cake", days=3, lead_time=1.0)], OrderLimits(budget=30.0)
    usual = Planner(shop, limits, Defaults(), np.random.default_rng(1))
    dearer = Defaults(stockout_factor=4.0)
    shared, alone = (Planner(shop, limits, dearer, np.random.default_rng(1), like=like) for like in (usual, None))
    assert shared.curves[0].protected is usual.curves[0].protected
    plans = [each.plan(limits, today=SUNDAY) for each in (shared, alone)]
    assert quantities(plans[0]) == quantities(plans[1]) != quantities(usual.plan(limits, today=SUNDAY))
    assert plans[0].proof.objective == plans[1].proof.objective
