"""Rosters as calendar files, workbooks and pages to print."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from zipfile import ZipFile

import polars as pl
import pytest
from icalendar import Calendar

from engine.errors import DataProblem
from engine.exports.roster import roster_calendar, roster_calendars, roster_pdf, roster_workbook
from engine.scheduling import Assignment, Employee, Need, RosterProblem, ShiftType
from engine.scheduling.roster import finished

SATURDAY = date(2026, 10, 24)  # summer time ends in Europe in the night to the 25th
STAMP = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)


def bar(first=SATURDAY, days=3):
    shifts = (ShiftType("Night", 22 * 60, 30 * 60, 30), ShiftType("Small hours", 150, 450))
    staff = (Employee("Barkeeper 1", ("Bar",), rate=18.0), Employee("=Barkeeper 2", ("Bar",), rate=16.0))
    needs = (Need(first, "Bar", 22 * 60, 24 * 60, 2, under=50.0),)
    problem = RosterProblem(first, days, shifts, staff, needs, currency="EUR")
    work = [
        Assignment(first, "Barkeeper 1", "Night", "Bar"),
        Assignment(first + timedelta(days=1), "Barkeeper 1", "Night", "Bar"),
        Assignment(first + timedelta(days=1), "=Barkeeper 2", "Small hours", "Bar"),
    ]
    return finished(problem, work, 0.0, "drawn by hand", 0.0)


def events(roster, employee="Barkeeper 1", **changes):
    data = roster_calendar(roster, employee, **({"zone": "Europe/Berlin", "stamp": STAMP} | changes))
    return Calendar.from_ical(data).walk("VEVENT")


def length(event):
    return (event.decoded("dtend").astimezone(UTC) - event.decoded("dtstart").astimezone(UTC)) / timedelta(hours=1)


def test_the_night_of_the_change_to_winter_time_lasts_an_hour_longer():
    first, second = events(bar())
    assert first.decoded("dtstart").isoformat() == "2026-10-24T22:00:00+02:00"
    assert first.decoded("dtend").isoformat() == "2026-10-25T06:00:00+01:00"
    assert (length(first), length(second)) == (9, 8)


def test_the_night_of_the_change_to_summer_time_lasts_an_hour_less():
    assert length(events(bar(date(2027, 3, 27)))[0]) == 7


def test_a_time_that_the_clock_skips_is_moved_to_where_it_would_be():
    (event,) = events(bar(date(2027, 3, 27)), "=Barkeeper 2")
    assert event.decoded("dtstart").isoformat() == "2027-03-28T03:30:00+02:00"


def test_calendars_get_the_zone_the_summary_and_the_break():
    data = roster_calendar(bar(), "Barkeeper 1", zone="Europe/Berlin", stamp=STAMP, business="Corner bar")
    calendar = Calendar.from_ical(data)
    assert [str(zone["tzid"]) for zone in calendar.walk("VTIMEZONE")] == ["Europe/Berlin"]
    event = calendar.walk("VEVENT")[0]
    assert (str(event["summary"]), str(event["location"])) == ("Night (Bar)", "Corner bar")
    assert str(event["description"]) == "Unpaid break of 30 minutes"
    assert b"\r\n" in data and all(len(line) <= 75 for line in data.split(b"\r\n"))


def test_publishing_again_keeps_the_identity_of_each_event():
    later = STAMP + timedelta(days=2)
    assert [e["uid"] for e in events(bar())] == [e["uid"] for e in events(bar(), stamp=later)]
    assert len({e["uid"] for e in events(bar())}) == 2


def test_an_unknown_time_zone_is_said():
    with pytest.raises(DataProblem, match="There is no time zone 'Mars/Olympus'"):
        events(bar(), zone="Mars/Olympus")


def test_all_calendars_come_in_one_file():
    bundle = ZipFile(BytesIO(roster_calendars(bar(), zone="Europe/Berlin", stamp=STAMP)))
    assert bundle.namelist() == ["01 Barkeeper 1.ics", "02 _Barkeeper 2.ics"]
    assert len(Calendar.from_ical(bundle.read("01 Barkeeper 1.ics")).walk("VEVENT")) == 2


def test_the_workbook_has_the_grid_and_what_is_not_met():
    data = BytesIO(roster_workbook(bar()))
    grid = pl.read_excel(data, sheet_name="Roster")
    assert grid["Employee"].to_list()[:2] == ["Barkeeper 1", "=Barkeeper 2"]
    assert grid["Sat 2026-10-24"].to_list()[:2] == ["Night", "–"]
    people = pl.read_excel(data, sheet_name="People")
    assert people["Paid hours"].to_list() == [15.0, 5.0]
    assert pl.read_excel(data, sheet_name="Coverage").select("Needed", "Planned").row(0) == (2, 1)
    assert "has 1 of 2 people as Bar" in pl.read_excel(data, sheet_name="Not met")["What"][0]


def test_the_page_to_print_is_a_pdf_that_is_the_same_every_time():
    one = roster_pdf(bar(), title="Bar & grill <autumn>")
    assert one.startswith(b"%PDF-") and one.rstrip().endswith(b"%%EOF")
    assert one == roster_pdf(bar(), title="Bar & grill <autumn>")


def test_a_month_is_printed_week_by_week():
    pages = roster_pdf(bar(days=28)).count(b"/Type /Page\n") or roster_pdf(bar(days=28)).count(b"/Type /Page ")
    assert pages == 4
