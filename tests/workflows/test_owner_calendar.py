"""A bakery tells us what it plans, and its file tells us what it did."""

from datetime import date

from engine.business.calendar import Period
from engine.business.history import metrics
from engine.business.model import Business
from engine.forecast.drivers.choices import Holidays
from engine.forecast.drivers.effects import DriverKind
from engine.ingest import read_dataset
from engine.workflows.forecast.sales_drivers import OwnerCalendar, Plan, PlanKind, drivers_for
from tests.conftest import LATER

ROWS = [
    f"2026-03-{day:02d},{item},10,{price},{int(day in (6, 7))}"
    for day in range(1, 29)
    for item, price in (("Bread", 4), ("Rolls", 1))
]
SALES = "\n".join(["Date,Item,Sold,Price,Promotion", *ROWS]).encode()
FAIR = Plan("Street fair", PlanKind.EVENT, date(2026, 4, 3), date(2026, 4, 9), -30.0)


def drivers(told: OwnerCalendar, item: str = "Bread"):
    dataset = Business(read_dataset(SALES, "sales.csv"), LATER)
    return drivers_for(dataset, metrics(dataset)[0], item, told)


def tracked(made, kind: DriverKind):
    return next(each for each in made.tracked if each.kind is kind)


def test_what_was_told_comes_back_from_json() -> None:
    told = OwnerCalendar(
        "DE", "BY", (FAIR, Plan("Easter offer", PlanKind.PROMOTION, date(2026, 4, 1), date(2026, 4, 2)))
    )
    assert OwnerCalendar.from_json(told.as_json()) == told
    assert OwnerCalendar.from_json(None) == OwnerCalendar()


def test_holidays_count_only_where_a_country_is_chosen() -> None:
    assert drivers(OwnerCalendar()).holidays is None
    assert drivers(OwnerCalendar("DE", "BY")).holidays == Holidays("DE", "BY")


def test_the_file_says_when_promotions_ran_and_the_owner_when_the_next_one_will() -> None:
    planned = Plan("Easter offer", PlanKind.PROMOTION, date(2026, 4, 1), date(2026, 4, 1))
    ran = tracked(drivers(OwnerCalendar(plans=(planned,))), DriverKind.PROMOTION).values
    assert ran[date(2026, 3, 6)] == 1
    assert ran[date(2026, 3, 8)] == 0
    assert ran[date(2026, 4, 1)] == 1
    assert drivers(OwnerCalendar(plans=(planned,))).events == ()


def test_a_planned_price_is_above_the_latest_one() -> None:
    dearer = Plan("Flour is dear", PlanKind.PRICE, date(2026, 4, 1), date(2026, 4, 30), 5.0)
    assert tracked(drivers(OwnerCalendar(plans=(dearer,))), DriverKind.PRICE).values[date(2026, 4, 15)] == 4 * 1.05


def test_all_items_together_have_no_price_of_their_own() -> None:
    assert [each.kind for each in drivers(OwnerCalendar(), item="").tracked] == [DriverKind.PROMOTION]


def test_an_event_that_happens_again_is_one_event() -> None:
    last_year = Plan("Street fair", PlanKind.EVENT, date(2026, 3, 3), date(2026, 3, 4))
    (fair,) = drivers(OwnerCalendar(plans=(FAIR, last_year))).events
    assert fair.spans == (Period(FAIR.first, FAIR.last), Period(date(2026, 3, 3), date(2026, 3, 4)))
    assert fair.percent == -30


def test_a_promotion_is_an_event_where_the_file_has_no_column_for_it() -> None:
    dataset = Business(
        read_dataset(b"Date,Sold\n" + b"".join(b"2026-03-%02d,10\n" % d for d in range(1, 29)), "s.csv"), LATER
    )
    planned = Plan("Easter offer", PlanKind.PROMOTION, date(2026, 4, 1), date(2026, 4, 1))
    made = drivers_for(dataset, metrics(dataset)[0], "", OwnerCalendar(plans=(planned,)))
    assert [event.name for event in made.events] == ["Easter offer"]


def test_two_price_plans_both_start_from_the_files_price_and_end_on_their_last_day() -> None:
    april = Plan("Flour is dear", PlanKind.PRICE, date(2026, 4, 1), date(2026, 4, 7), 50.0)
    may = Plan("Spring offer", PlanKind.PRICE, date(2026, 4, 10), date(2026, 4, 12), -25.0)
    price = tracked(drivers(OwnerCalendar(plans=(april, may))), DriverKind.PRICE).values
    assert (price[date(2026, 4, 7)], price[date(2026, 4, 8)]) == (6, 4)
    assert (price[date(2026, 4, 12)], price[date(2026, 4, 13)]) == (3, 4)


def test_two_effects_of_one_name_are_two_events() -> None:
    sale = Plan("Sale", PlanKind.EVENT, date(2026, 4, 1), date(2026, 4, 2), 50.0)
    slump = Plan("Sale", PlanKind.EVENT, date(2026, 4, 8), date(2026, 4, 9), -20.0)
    effects = [event.percent for event in drivers(OwnerCalendar(plans=(sale, slump))).events]
    assert sorted(effects) == [-20.0, 50.0]
