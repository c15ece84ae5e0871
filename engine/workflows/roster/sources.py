"""Where a roster's draft comes from: the file's own lists, and the forecast of how many people each day takes."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from engine.business.calendar import DAY_MINUTES, weekday_of
from engine.business.history import metric_named, sales_history
from engine.business.model import Business
from engine.business.people import DAYS
from engine.dataset import Frequency
from engine.demand import DemandDistribution
from engine.errors import DataProblem
from engine.forecast.bulk import item_matrix
from engine.forecast.items import forecast_items
from engine.scheduling import ShiftType
from engine.scheduling.entities import DemandDriver, clock, needs
from engine.workflows.roster.inputs import Demand, Draft, Leave, Person, TimeOff, hours_of, hours_text, understood

OPENS, CLOSES = 9 * 60, 18 * 60
"""Opening hours until somebody says otherwise."""
LAST_START = 23 * 60
"""The latest start of a made-up shift, minutes after midnight."""
LENGTHS = (4, 6, 8)
"""Hours of the shifts that are made up when the file has none."""
LONG = 6 * 60
"""A made-up shift that is at least so long has half an hour of unpaid break, minutes."""
TEAM, STARTING_TEAM, STARTING_RATE = "Team", 5, 15.0
USUAL_HOURS = 40.0
"""Most hours a week of somebody of whom the file says nothing."""

Row = Mapping[str, object]


@dataclass(frozen=True)
class Start:
    """A first draft, and what the owner should know about it.

    Attributes:
        draft: from the file, completed where the file says nothing.
        notes: what was taken from where, what was made up, and what could not be read.
    """

    draft: Draft
    notes: tuple[str, ...]


def start_from(business: Business) -> Start:
    """The roster's draft for the first week after the last day of sales, or after today without sales."""
    notes: list[str] = []
    staff = _staff(business, notes)
    needs = _needs(business, staff, notes)
    shifts = _shifts(business, needs, notes)
    names = {person.name for person in staff}
    draft = Draft(
        first_day=business.last_day + timedelta(days=7 - business.last_day.weekday()),
        weeks=1,
        staff=staff,
        shifts=shifts,
        needs=needs,
        time_off=tuple(_time_off(business, names)),
        currency=business.currency,
    )
    return Start(draft, tuple(notes))


def _staff(business: Business, notes: list[str]) -> tuple[Person, ...]:
    people = tuple(_listed_staff(business, notes))
    if people:
        return people
    notes.append(
        f"Your file has no list of staff, so this starts with {STARTING_TEAM} made-up people. "
        "Put in your own under Staff."
    )
    return tuple(Person(f"Person {k + 1}", (TEAM,), STARTING_RATE) for k in range(STARTING_TEAM))


def _listed_staff(business: Business, notes: list[str]) -> Iterator[Person]:
    names = set()
    for row in business.people.staff.iter_rows(named=True):
        name = row["name"]
        if name and name not in names:
            names.add(name)
            yield _person(row, notes, has_hours=business.people.has_hours)
        elif name:
            notes.append(f"{name} is in the staff list twice; the first line counts.")


def _person(row: Row, notes: list[str], *, has_hours: bool) -> Person:
    def number(column: str) -> float | None:
        value = row[column]
        return float(value) if isinstance(value, int | float) else None

    def text(column: str) -> str:
        return str(row[column] or "")

    name, prefers = text("name"), text("prefers")
    also = [part.strip() for part in re.split("[,;/]", text("also"))]
    if not understood(prefers):
        notes.append(f'{name} prefers "{prefers}", which I cannot keep in mind; choose a preference under Staff.')
        prefers = ""
    most, rate = number("most_hours"), number("rate")
    if rate is None or rate < 0:
        notes.append(f"{name} has no usable rate in your file; I use {STARTING_RATE:g} an hour.")
        rate = STARTING_RATE
    most = USUAL_HOURS if most is None else most
    return Person(
        name=name,
        roles=tuple(dict.fromkeys(part for part in (text("role"), *also) if part)) or (TEAM,),
        rate=rate,
        overtime_rate=number("overtime_rate"),
        least_hours=min(number("least_hours") or 0.0, most),
        most_hours=most,
        hours=_hours(name, row, notes) if has_hours else ("any",) * 7,
        prefers=prefers,
        minor=text("minor").casefold() in ("1", "1.0", "yes", "x", "true"),
    )


def _hours(name: str, row: Row, notes: list[str]) -> tuple[str, ...]:
    texts: dict[int | None, object] = {weekday: row[day] for weekday, day in enumerate(DAYS)}
    if row["availability"] is not None:
        texts = dict(_listed(str(row["availability"])))
    hours = []
    for weekday in range(7):
        try:
            hours.append(hours_text(hours_of(str(texts.get(weekday) or "off"))))
        except DataProblem as problem:
            notes.append(f"{name}: {problem.what}; I take it as any time.")
            hours.append("any")
    return tuple(hours)


def _listed(text: str) -> Iterator[tuple[int | None, str]]:
    """Days and their times from one text: "Mon 09:00-18:00; Tue 09:00-18:00"."""
    for part in re.split(r"[;,\n]", text):
        day, _, rest = part.strip().partition(" ")
        if day:
            yield weekday_of(day.rstrip(":.")), rest.strip() or "any"


def _needs(business: Business, staff: Sequence[Person], notes: list[str]) -> tuple[Demand, ...]:
    needs = _listed_needs(business, staff, notes)
    if needs:
        return needs
    notes.append(
        "Your file does not say how many people are needed when, so this starts with one person a role from "
        f"{clock(OPENS)} to {clock(CLOSES)}. Change it, or take it from the forecast, under People needed."
    )
    roles = dict.fromkeys(person.roles[0] for person in staff)
    return tuple(Demand(day, OPENS, CLOSES, role, 1) for day in _open_weekdays(business) for role in roles)


def _listed_needs(business: Business, staff: Sequence[Person], notes: list[str]) -> tuple[Demand, ...]:
    """The lines of a table of needs that can be used; a later line for the same time and role counts."""
    rows = business.people.needs
    names_roles = rows["role"].null_count() < rows.height
    able = {role: None for person in staff for role in person.roles}
    needs: dict[tuple[int, int, int, str], Demand] = {}
    dropped = 0
    for weekday, start, end, role, people in rows.iter_rows():
        name = (role or "") if names_roles else next(iter(able), "")
        if None in (weekday, people, start) or people < 0 or name not in able:
            dropped += 1
        elif people > 0:
            needs[weekday, start, end, name] = Demand(weekday, start, end, name, round(people))
    if dropped:
        lines = "1 line" if dropped == 1 else f"{dropped} lines"
        why = "no day, no time, no number of people, or a role that nobody has"
        notes.append(f"I leave out {lines} of {business.people.needs_table}: {why}.")
    return tuple(needs.values())


def _shifts(business: Business, needs: Sequence[Demand], notes: list[str]) -> tuple[ShiftType, ...]:
    shifts = tuple(_listed_shifts(business, notes))
    if shifts:
        return shifts
    opens, closes = min(need.start for need in needs), max(need.end for need in needs)
    notes.append("Your file has no list of shifts, so I made some up from the hours in which people are needed.")
    return tuple(made_up_shifts(opens, closes))


def made_up_shifts(opens: int, closes: int) -> Iterator[ShiftType]:
    """Shifts of 4, 6 and 8 hours that together cover the hours from opening to closing.

    What would start after midnight starts an hour before it instead, because a shift belongs to the day on which it
    starts.

    Args:
        opens: minutes after midnight.
        closes: minutes after midnight; beyond 1440 when it is open over midnight.
    """
    spans = set()
    for hours in LENGTHS:
        length = min(hours * 60, closes - opens)
        starts = [*range(opens, closes - length, 120), closes - length]
        for start in starts:
            span = (start if start < DAY_MINUTES else LAST_START, start + length)
            if span not in spans:
                spans.add(span)
                yield ShiftType(f"{clock(start)}-{clock(span[1])}", *span, 30 if span[1] - span[0] >= LONG else 0)


def _listed_shifts(business: Business, notes: list[str]) -> Iterator[ShiftType]:
    labels = set()
    for name, start, end, pause in business.people.shifts.drop_nulls(["start", "end"]).iter_rows():
        label = name or f"{clock(start)}-{clock(end)}"
        if label not in labels:
            labels.add(label)
            yield ShiftType(label, start, end, round(pause or 0))
        else:
            notes.append(f"The shift {label} is in {business.people.shifts_table} twice; the first line counts.")


def _time_off(business: Business, names: set[str]) -> Iterator[TimeOff]:
    for name, first, last, kind, weight in business.people.leave.iter_rows():
        if name in names:
            yield TimeOff(name, first, last, _leave(kind or "", weight or ""))


def _leave(kind: str, weight: str) -> Leave:
    if not re.search("request|wish|wunsch|asks", kind.casefold()):
        return Leave.HOLIDAY
    word = weight.casefold()
    if re.search("high|much|strong", word):
        return Leave.MATTERS_MUCH
    return Leave.WOULD_BE_NICE if re.search("low|nice|little", word) else Leave.MATTERS


def _open_weekdays(business: Business) -> Sequence[int]:
    opens = business.calendar
    return opens.open_weekdays if business.span and opens.frequency is Frequency.DAILY else range(7)


def moved_on(draft: Draft, first_day: date, weeks: int) -> Draft:
    """The same draft for other days; locks and dated needs of days that are not planned any more are dropped."""
    days = {first_day + timedelta(days=k) for k in range(7 * weeks)}
    return replace(
        draft,
        first_day=first_day,
        weeks=weeks,
        locks=tuple(lock for lock in draft.locks if lock.day in days),
        needs=tuple(need for need in draft.needs if need.day is None or need.day in days),
        history=tuple(each for each in draft.history if each.day < first_day),
        concessions=tuple(each for each in draft.concessions if each.day is None or each.day in days),
    )


DRAWS = 500
"""Futures of each day."""
HOUR = 60
LOOK_AHEAD = 120
"""A plan may end at most so many days after the last day of sales."""
USUAL_PER_HOUR = 25.0


@dataclass(frozen=True)
class Pace:
    """How much one person of a role does.

    Attributes:
        role: the role.
        per_hour: units sold that one person serves in an hour.
        least: people who are there whenever the business is open.
    """

    role: str
    per_hour: float = USUAL_PER_HOUR
    least: int = 1


@dataclass(frozen=True)
class Slot:
    """One hour of an open day (minutes after midnight) and its share of the day's units, percent."""

    start: int
    end: int
    share: float


def demand_ahead(business: Business, last: date) -> DemandDistribution:
    """All units of each day from the end of the sales to a day, as joint paths.

    Raises:
        MissingColumn: the sales have no quantity.
        DataProblem: they are not daily, too short, or end too long before that day.
    """
    history = sales_history(business, metric_named(business, "quantity"))
    if history.calendar.frequency is not Frequency.DAILY:
        raise DataProblem("Your sales are not by day", remedy="Type in how many people are needed instead.")
    rows = history.frame.select("item", "value", day="period").drop_nulls("value")
    latest = history.periods[-1]
    if not 0 < (last - latest).days <= LOOK_AHEAD:
        text = f"The plan ends on {last:%d.%m.%Y}, and your sales end on {latest:%d.%m.%Y}"
        raise DataProblem(text, remedy=f"Plan at most {LOOK_AHEAD} days after your last day of sales.")
    matrix = item_matrix(rows, (last - latest).days, history.calendar)
    season = matrix.calendar.season_length
    forecasts = forecast_items(
        matrix.values, horizon=len(matrix.ahead), season_length=season, covariates=matrix.covariates
    )
    paths = forecasts.paths(0, draws=DRAWS, rng=np.random.default_rng(0))
    return DemandDistribution("", "units", Frequency.DAILY, matrix.ahead, paths)


def from_forecast(
    draft: Draft, demand: DemandDistribution, paces: Iterable[Pace], slots: Sequence[Slot], *, enough_on: float
) -> Draft:
    """The draft with the people that the forecast asks for on each of its days; a closed day needs nobody.

    Args:
        draft: whose days are planned; what it says about roles without a pace stays.
        demand: units of each day ahead.
        paces: how much one person does.
        slots: how a day's units spread over its hours; the shares are made to add up to 100.
        enough_on: share (0..1) of all days that could come on which the people are enough.

    Raises:
        DataProblem: a pace is not above zero, or there is no share.
    """
    total = sum(slot.share for slot in slots)
    if total <= 0 or any(slot.share < 0 for slot in slots):
        text = "The shares of the day say nothing"
        raise DataProblem(text, remedy="Give each hour its share of the day, in percent.")
    shares = tuple(slot.share / total for slot in slots)
    planned = {*draft.days}
    dated: list[Demand] = []
    for pace in paces:
        if not pace.per_hour > 0:
            text = f"How much one person serves in an hour is missing for {pace.role or 'the team'}"
            raise DataProblem(text, remedy="Give a number above zero.")
        driver = DemandDriver(pace.role, pace.per_hour, slots[0].start, HOUR, shares, pace.least)
        dated += [
            Demand(need.day.weekday(), need.start, need.end, need.role, need.least, need.day)
            for need in needs(demand, driver, enough_on=enough_on)
            if need.day in planned
        ]
    rated = {need.role for need in dated}
    others = (need for need in draft.needs if need.day is None or need.role not in rated)
    return replace(draft, needs=(*others, *dated, *_closed(draft, demand, rated)))


def _closed(draft: Draft, demand: DemandDistribution, roles: Iterable[str]) -> Iterator[Demand]:
    """A need of nobody on days that are not open, which overrules the usual weekday."""
    open_days = {*demand.periods}
    for day in draft.days:
        if day not in open_days:
            yield from (Demand(day.weekday(), 0, 24 * 60, role, 0, day) for role in roles)


def usual_week(draft: Draft) -> Draft:
    """The draft with the typed-in week again, instead of the forecast's days."""
    return replace(draft, needs=tuple(need for need in draft.needs if need.day is None))


def paces_from(draft: Draft, demand: DemandDistribution, *, enough_on: float) -> tuple[Pace, ...]:
    """The pace at which the forecast asks for as many hours in the first week as are typed in for a usual week."""
    slots = slots_from(draft)
    shares = np.array([slot.share for slot in slots]) / 100
    week = {*draft.days[:7]}
    days = [each for day, each in zip(demand.periods, demand.quantile(enough_on), strict=True) if day in week]
    busy = np.outer(days, shares)
    paces = []
    for role in dict.fromkeys(need.role for need in draft.needs if need.day is None):
        hours = sum(n.people * (n.end - n.start) / HOUR for n in draft.needs if n.role == role and n.day is None)
        paces.append(Pace(role, _pace(busy, hours) if busy.sum() > 0 and hours > 0 else USUAL_PER_HOUR))
    return tuple(paces)


def _pace(busy: NDArray[np.float64], hours: float) -> float:
    """Units per person and hour at which these hours of work are asked for, to one decimal."""
    slow, fast = 0.1, float(busy.max()) + 1.0
    for _ in range(40):
        middle = (slow + fast) / 2
        worked = np.maximum(1, np.ceil(busy / middle)).sum()
        slow, fast = (middle, fast) if worked > hours else (slow, middle)
    return max(0.1, round(fast, 1))


def slots_from(draft: Draft) -> tuple[Slot, ...]:
    """How a day spreads over its hours, by the people that are typed in for a usual week."""
    usual = [need for need in draft.needs if need.day is None and need.people > 0]
    opens, closes = min((n.start for n in usual), default=9 * HOUR), max((n.end for n in usual), default=18 * HOUR)
    starts = range(opens // HOUR * HOUR, closes, HOUR)
    there = [sum(n.people * max(0, min(n.end, s + HOUR) - max(n.start, s)) for n in usual) for s in starts]
    total = sum(there) or 1
    return tuple(Slot(s, s + HOUR, round(100 * each / total, 1)) for s, each in zip(starts, there, strict=True))
