"""What the owner and the calendar know beforehand, as numbers per period."""

from datetime import date, timedelta

import numpy as np
import pytest

from engine.business.calendar import Calendar, Period
from engine.dataset import Frequency
from engine.errors import DataProblem
from engine.forecast.drivers import (
    DriverKind,
    Drivers,
    Holidays,
    SpecialEvent,
    Tracked,
    countries,
    holiday_days,
    promotion,
)

MAY = [date(2025, 5, 1) + timedelta(days=k) for k in range(31)]


def values_of(drivers, name, calendar, past, future):
    table = drivers.table(calendar, past, future)
    return next(driver for driver in table.drivers if driver.name == name).values


def test_bavaria_rests_on_corpus_christi_and_berlin_does_not():
    june = date(2025, 6, 1), date(2025, 6, 30)
    bavaria = {day for days in holiday_days(Holidays("DE", "BY", 0, 0), *june).values() for day in days}
    berlin = {day for days in holiday_days(Holidays("DE", "BE", 0, 0), *june).values() for day in days}
    assert bavaria - berlin == {date(2025, 6, 19)}


def test_days_around_a_holiday_carry_its_name_and_a_holiday_beside_it_stays_itself():
    found = holiday_days(Holidays("GB", "ENG", before=1, after=2), date(2025, 12, 20), date(2025, 12, 31))
    assert found["day before Christmas Day"] == (date(2025, 12, 24),)
    assert "day after Christmas Day" not in found
    assert found["day after Boxing Day"] == (date(2025, 12, 27),)
    assert found["2 days after Boxing Day"] == (date(2025, 12, 28),)


def test_a_business_in_the_united_states_hears_of_mothers_day():
    assert date(2025, 5, 11) in holiday_days(Holidays("US"), MAY[0], MAY[-1])["Mother's Day"]
    assert "Mother's Day" not in holiday_days(Holidays("US", customs=False), MAY[0], MAY[-1])


def test_every_country_that_is_offered_can_be_chosen():
    assert len(countries()) > 100
    assert "BY" in countries()["DE"]


@pytest.mark.parametrize(("country", "region"), [("XX", ""), ("DE", "ZZ")])
def test_an_unknown_place_is_refused_with_what_to_do(country, region):
    with pytest.raises(DataProblem, match=r"Use a code|Choose one of"):
        holiday_days(Holidays(country, region), MAY[0], MAY[-1])


def test_an_event_covers_its_days_and_no_other():
    street = Drivers(events=(SpecialEvent("street closed", (Period(date(2025, 5, 3), date(2025, 5, 9)),)),))
    marked = values_of(street, "street closed", Calendar(Frequency.DAILY), MAY[:20], MAY[20:])
    assert [day.day for day, value in zip(MAY, marked, strict=True) if value] == [3, 4, 5, 6, 7, 8, 9]


def test_of_a_week_with_three_days_of_promotion_three_sevenths_are_promoted():
    mondays = [date(2025, 5, 5), date(2025, 5, 12), date(2025, 5, 19)]
    flyer = Drivers(tracked=(promotion("flyer", Period(date(2025, 5, 14), date(2025, 5, 16))),))
    assert values_of(flyer, "flyer", Calendar(Frequency.WEEKLY), mondays[:2], mondays[2:]).tolist() == [0, 3 / 7, 0]


def test_a_price_without_a_future_stays_as_it_is_and_says_so():
    price = Tracked("Price", DriverKind.PRICE, {MAY[0]: 2.0, MAY[10]: 2.5})
    table = Drivers(tracked=(price,), paydays=False).table(Calendar(Frequency.DAILY), MAY[:20], MAY[20:])
    (driver,) = table.drivers
    assert np.exp(driver.values[-1] - driver.values[0]) == pytest.approx(2.5 / 2.0)
    assert driver.remark == "No price is planned after 20 May 2025: 2.5 is kept."


def test_a_regressor_without_a_future_is_left_out_by_name():
    sun = Tracked("Hours of sun", DriverKind.OTHER, {day: 5.0 + day.day % 3 for day in MAY[:20]})
    table = Drivers(tracked=(sun,), paydays=False).table(Calendar(Frequency.DAILY), MAY[:20], MAY[20:])
    assert table.drivers == ()
    assert table.missing == ("Hours of sun has no values for the periods ahead, so it is left out.",)


def test_a_month_with_fewer_open_days_is_known_beforehand():
    months = [date(2025, month, 1) for month in range(1, 13)]
    weekdays = Calendar(Frequency.MONTHLY, open_weekdays=(0, 1, 2, 3, 4))
    days = values_of(Drivers(), "number of open days", weekdays, months[:10], months[10:])
    assert np.exp(days[1] - days[0]) == pytest.approx(20 / 23)  # February and January 2025
