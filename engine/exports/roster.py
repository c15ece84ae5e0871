"""A roster to take along: calendar files per person, a workbook, a page to print."""

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from engine.errors import DataProblem
from engine.exports.tables import Sheet, workbook
from engine.scheduling.entities import Assignment, clock
from engine.scheduling.roster import Roster

DAYS_A_PAGE = 7
FREE = "–"


def roster_calendar(roster: Roster, employee: str, *, zone: str, stamp: datetime, business: str = "") -> bytes:
    """One person's shifts as an iCalendar file (RFC 5545).

    Shifts keep their clock times: a night over the change to winter time lasts an hour longer. Each event keeps its
    identity when the roster is published again, so a calendar updates it instead of showing it twice.

    Args:
        roster: the roster.
        employee: whose shifts.
        zone: where the business is, an IANA name: "Europe/Berlin".
        stamp: the moment of publishing, with a time zone.
        business: shown as the place.

    Raises:
        DataProblem: there is no such time zone.
        KeyError: nobody has this name.
    """
    from icalendar import Calendar

    _ = roster.problem.employee_named[employee]
    here = _zone(zone)
    calendar = Calendar()
    for name, value in (("prodid", "-//Dyocense//Roster//EN"), ("version", "2.0"), ("method", "PUBLISH")):
        calendar.add(name, value)
    calendar.add("x-wr-calname", f"Shifts of {employee}")
    for each in roster.of(employee):
        calendar.add_component(_event(roster, each, here, stamp, business))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def roster_calendars(roster: Roster, *, zone: str, stamp: datetime, business: str = "") -> bytes:
    """The calendars of all people with shifts, as a .zip file; see `roster_calendar`."""
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as bundle:
        for number, employee in enumerate(roster.problem.employees, 1):
            if roster.of(employee.name):
                name = re.sub(r"[^\w .-]", "_", employee.name)
                data = roster_calendar(roster, employee.name, zone=zone, stamp=stamp, business=business)
                bundle.writestr(f"{number:02d} {name}.ics", data)
    return target.getvalue()


def _event(roster: Roster, each: Assignment, here: ZoneInfo, stamp: datetime, business: str) -> Any:
    from icalendar import Event

    shift = roster.problem.shift_named[each.shift]
    event = Event()
    name = f"{each.employee}|{each.day.isoformat()}|{roster.problem.first_day.isoformat()}"
    event.add("uid", f"{hashlib.sha256(name.encode()).hexdigest()[:24]}@dyocense")
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("dtstart", _at(each.day, shift.start, here))
    event.add("dtend", _at(each.day, shift.end, here))
    event.add("summary", f"{each.shift} ({each.role})" if each.role else each.shift)
    if shift.unpaid_break:
        event.add("description", f"Unpaid break of {shift.unpaid_break} minutes")
    if business:
        event.add("location", business)
    return event


def _at(day: date, minute: int, here: ZoneInfo) -> datetime:
    """The clock time; one that the change to summer time leaves out is moved to where it would be."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    return wall.replace(tzinfo=here).astimezone(UTC).astimezone(here)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as unknown:
        text = f"There is no time zone {name!r}"
        raise DataProblem(text, remedy='Choose one such as "Europe/Berlin" or "America/Toronto".') from unknown


def roster_workbook(roster: Roster) -> bytes:
    """The roster as an .xlsx file: the grid, each shift, hours per person, need against plan, what is not met."""
    return workbook(
        [
            Sheet("Roster", _grid(roster), tuple(roster.cautions)),
            Sheet("Shifts", _shifts(roster)),
            Sheet("People", _people(roster)),
            Sheet("Coverage", _coverage(roster)),
            Sheet("Not met", _unmet(roster)),
        ]
    )


def _grid(roster: Roster) -> pl.DataFrame:
    cells = {(each.employee, each.day): each for each in roster.assignments}
    columns: dict[str, list[str]] = {"Employee": [employee.name for employee in roster.problem.employees]}
    for day in roster.problem.calendar:
        assignments = [cells.get((employee.name, day)) for employee in roster.problem.employees]
        columns[f"{day:%a} {day.isoformat()}"] = [FREE if each is None else each.shift for each in assignments]
    return pl.DataFrame(columns)


def _shifts(roster: Roster) -> pl.DataFrame:
    types = roster.problem.shift_named
    rows = [
        (each.day, each.employee, each.shift, each.role, clock(types[each.shift].start), clock(types[each.shift].end))
        for each in roster.assignments
    ]
    schema = {"Day": pl.Date, "Employee": pl.String, "Shift": pl.String, "Role": pl.String}
    return pl.DataFrame(rows, schema=schema | {"From": pl.String, "To": pl.String}, orient="row")


def _people(roster: Roster) -> pl.DataFrame:
    rows = [(s.employee, s.minutes / 60, s.shifts, s.weekends, s.late, s.cost) for s in roster.shares()]
    schema = {"Employee": pl.String, "Paid hours": pl.Float64, "Shifts": pl.Int64, "Weekends": pl.Int64}
    pay = f"Pay ({roster.problem.currency})" if roster.problem.currency else "Pay"
    return pl.DataFrame(rows, schema=schema | {"Late shifts": pl.Int64, pay: pl.Float64}, orient="row")


def _coverage(roster: Roster) -> pl.DataFrame:
    rows = [
        (c.day, c.shift or clock(c.start), "" if c.shift else clock(c.end), c.role, c.needed, c.planned)
        for c in roster.coverage()
    ]
    schema = {"Day": pl.Date, "From": pl.String, "To": pl.String, "Role": pl.String}
    return pl.DataFrame(rows, schema=schema | {"Needed": pl.Int64, "Planned": pl.Int64}, orient="row")


def _unmet(roster: Roster) -> pl.DataFrame:
    rows = [(breach.sentence, breach.penalty) for breach in roster.checked.breaches]
    return pl.DataFrame(rows, schema={"What": pl.String, "Price": pl.Float64}, orient="row")


def roster_pdf(roster: Roster, *, title: str = "Roster") -> bytes:
    """The roster for the wall: A4 across, a table for each week, people down and days across."""
    from reportlab.lib.pagesizes import A4, landscape
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.lib.units import mm
    from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer

    styles, target = getSampleStyleSheet(), BytesIO()
    margins = {f"{side}Margin": 12 * mm for side in ("left", "right", "top", "bottom")}
    paper = SimpleDocTemplate(target, pagesize=landscape(A4), title=title, author="Dyocense", invariant=1, **margins)
    story: list[Any] = []
    calendar = roster.problem.calendar
    for first in range(0, len(calendar), DAYS_A_PAGE):
        days = calendar[first : first + DAYS_A_PAGE]
        story += [PageBreak()] if first else []
        story += [Paragraph(escape(f"{title}, {days[0]:%d.%m.%Y} to {days[-1]:%d.%m.%Y}"), styles["Heading2"])]
        story += [Spacer(1, 3 * mm), _page_table(roster, days, styles["BodyText"])]
    story += [Paragraph(escape(caution), styles["BodyText"]) for caution in roster.cautions]
    paper.build(story)
    return target.getvalue()


def _page_table(roster: Roster, days: Sequence[date], style: Any) -> Any:
    from reportlab.lib import colors
    from reportlab.platypus import Paragraph, Table, TableStyle

    cells = {(each.employee, each.day): each for each in roster.assignments}
    rows: list[list[Any]] = [["", *(f"{day:%a %d.%m.}" for day in days)]]
    for employee in roster.problem.employees:
        assignments = [cells.get((employee.name, day)) for day in days]
        words = [FREE if each is None else _words(roster, each) for each in assignments]
        rows.append([Paragraph(escape(employee.name), style), *(Paragraph(word, style) for word in words)])
    table = Table(rows, repeatRows=1)
    lines = [("GRID", (0, 0), (-1, -1), 0.4, colors.grey), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
    table.setStyle(TableStyle([*lines, ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke)]))
    return table


def _words(roster: Roster, each: Assignment) -> str:
    shift = roster.problem.shift_named[each.shift]
    role = f" {escape(each.role)}" if each.role else ""
    return f"{escape(each.shift)}{role}<br/>{shift.times}"
