"""A cafe asks who should work when: its staff, its opening hours and its holidays are enough."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from engine.dataset import Frequency
from engine.demand import DemandDistribution
from engine.errors import DataProblem
from engine.proof import Status
from engine.scheduling import Hours, Lock, ShiftType
from engine.scheduling.problem import check_problem
from engine.settings import Settings
from engine.workflows.files import as_one, open_business, sample
from engine.workflows.roster import plan as work
from engine.workflows.roster import sources as ahead
from engine.workflows.roster import tables
from engine.workflows.roster.inputs import Concession, Demand, Draft, Leave, Person, TimeOff, hours_of, problem_of
from engine.workflows.roster.rules import (
    EUROPEAN_UNION,
    KINDS,
    UNITED_STATES,
    USUAL_RULES,
    RuleRow,
    rules_of,
    with_template,
)
from engine.workflows.roster.sources import moved_on, start_from

MONDAY = date(2026, 11, 2)
TODAY = date(2026, 10, 30)
EARLY, LATE = ShiftType("Early", 7 * 60, 15 * 60, 30), ShiftType("Late", 12 * 60, 20 * 60, 30)

STAFF = """Employee,Role,Also works as,Hourly rate,Overtime rate,Max hours,Min hours,Prefers,Mon,Tue,Wed,Thu,Fri,Sat,Sun
Barista 1,Barista,Floor,20,30,40,10,mornings,yes,yes,yes,yes,yes,yes,no
Barista 2,Barista,,18,,32,0,no Sundays,07:00-15:00,off,any,any,any,any,any
Floor 1,Floor,,15,,40,0,blue walls,any,any,any,any,any,any,any
"""
NEEDED = """Weekday,From,To,Role,People needed
Mon,07:00,15:00,Barista,1
Mon,12:00,20:00,Floor,1
Tue,07:00,15:00,Barista,1
Tue,07:00,15:00,Juggler,1
"""
AWAY = """Employee,First day,Last day,Leave,Importance
Barista 1,2026-11-02,2026-11-02,holiday,fixed
Floor 1,2026-11-03,2026-11-04,request,high
"""
SHIFTS = """Shift,Start,End,Unpaid break (minutes)
Early,07:00,15:00,30
Late,12:00,20:00,30
"""
SOLD_ON = [date(2026, 8, 1) + timedelta(days=k) for k in range(90)]
SALES = "\n".join(["Date,Item,Sold", *(f"{day},Coffee,{90 + day.day}" for day in SOLD_ON)])


def opened(**files: str):
    content, name = as_one({f"{name}.csv": text.encode() for name, text in files.items()})
    return open_business(content, name, Settings(), today=TODAY)


def cafe_draft(**changes) -> Draft:
    """Two baristas and two people on the floor; one of each from seven to eight."""
    staff = (
        Person("Barista 1", ("Barista",), 20.0),
        Person("Barista 2", ("Barista",), 18.0),
        Person("Floor 1", ("Floor", "Barista"), 16.0),
        Person("Floor 2", ("Floor",), 15.0),
    )
    needs = tuple(
        Demand(day, start * 60, end * 60, role, 1)
        for day in range(7)
        for role in ("Barista", "Floor")
        for start, end in ((7, 12), (12, 15), (15, 20))
    )
    return replace(Draft(MONDAY, 1, staff, (EARLY, LATE), needs, currency="EUR"), **changes)


def made(draft: Draft, tmp_path: Path, previous=None, seconds: float = 20.0) -> work.Answer:
    return work.make(draft, previous, seconds, work.StopSign(tmp_path / "stop"))


# --- from the file ---


def test_the_files_own_tables_become_the_draft() -> None:
    start = start_from(opened(staff=STAFF, needed=NEEDED, away=AWAY, shifts=SHIFTS, sales=SALES))
    draft = start.draft
    assert draft.first_day == MONDAY  # the Monday after the last sale
    assert [person.name for person in draft.staff] == ["Barista 1", "Barista 2", "Floor 1"]
    first, second, _ = draft.staff
    assert (first.roles, first.rate, first.overtime_rate) == (("Barista", "Floor"), 20.0, 30.0)
    assert (first.least_hours, first.most_hours, first.prefers) == (10.0, 40.0, "mornings")
    assert second.hours == ("07:00-15:00", "off", "any", "any", "any", "any", "any")
    assert [shift.name for shift in draft.shifts] == ["Early", "Late"]
    assert [(off.employee, off.leave) for off in draft.time_off] == [
        ("Barista 1", Leave.HOLIDAY),
        ("Floor 1", Leave.MATTERS_MUCH),
    ]


def test_what_cannot_be_used_is_said() -> None:
    notes = " ".join(start_from(opened(staff=STAFF, needed=NEEDED, sales=SALES)).notes)
    assert 'Floor 1 prefers "blue walls"' in notes
    assert "1 lines of needed are left out" in notes or "role that nobody has" in notes
    assert "no list of shifts" in notes


def test_needs_that_cannot_be_used_give_a_draft_that_can_be_changed() -> None:
    needed = "Weekday,From,To,Role,People needed\nMon,07:00,15:00,Juggler,1\nTue,07:00,15:00,Barista,-1\n"
    start = start_from(opened(staff=STAFF, needed=needed, sales=SALES))
    assert any("leave out 2 lines of needed" in note for note in start.notes)
    assert any("does not say how many people are needed" in note for note in start.notes)
    assert {need.role for need in start.draft.needs} == {"Barista", "Floor"}


def test_a_bar_that_is_open_over_midnight_gets_shifts_that_cover_the_night() -> None:
    needed = "Weekday,From,To,Role,People needed\nMon,22:00,06:00,Barista,1\nTue,22:00,06:00,Barista,1\n"
    draft = start_from(opened(staff=STAFF, needed=needed, sales=SALES)).draft
    check_problem(problem_of(draft))
    spans = {(shift.start // 60, shift.end // 60) for shift in draft.shifts}
    assert {(22, 26), (22, 28), (22, 30)} <= spans
    assert all(start < 24 for start, _ in spans)


def test_a_shift_that_is_listed_twice_is_said() -> None:
    twice = SHIFTS + "Early,06:00,14:00,30\n"
    start = start_from(opened(staff=STAFF, needed=NEEDED, shifts=twice, sales=SALES))
    assert [shift.start for shift in start.draft.shifts] == [7 * 60, 12 * 60]
    assert any("The shift Early is in shifts twice" in note for note in start.notes)


def test_german_weekdays_and_words_are_understood_and_a_wrong_cell_is_said() -> None:
    staff = "Name;Funktion;Stundenlohn;Mo;Di;Mi;Do;Fr;Sa;So\nVerkauf 1;Verkauf;-1;09-18;frei;ja;?;nein;x;\n"
    start = start_from(opened(staff=staff))
    (person,) = start.draft.staff
    assert person.hours == ("09:00-18:00", "off", "any", "any", "off", "any", "off")
    assert any("'?' is no time of day; I take it as any time" in note for note in start.notes)
    assert any("Verkauf 1 has no usable rate" in note for note in start.notes)


def test_a_file_with_nothing_but_sales_starts_with_a_team_to_be_changed() -> None:
    start = start_from(opened(sales=SALES))
    assert "no list of staff" in start.notes[0]
    assert len(start.draft.staff) == 5
    assert start.draft.needs and start.draft.shifts
    problem = problem_of(start.draft)
    assert problem.calendar[0] == MONDAY


@pytest.mark.parametrize("key", ["bakery", "clothing_shop", "clinic", "cafe", "online_shop"])
def test_each_sample_business_gives_a_draft_that_makes_sense(key: str) -> None:
    path = sample(key).path
    start = start_from(open_business(path.read_bytes(), path.name, Settings(), today=TODAY))
    problem = work.checked_problem(start.draft)
    assert start.draft.first_day == MONDAY
    assert len(problem.employees) >= 7
    assert work.Book.from_json(work.Book(start.draft).as_json()) == work.Book(start.draft)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("06:30-19:30", Hours(390, 1170)),
        ("7 to 15", Hours(420, 900)),
        ("22:00-06:00", Hours(1320, 1800)),
        ("7:00 am - 3:30 pm", Hours(420, 930)),
        ("off", None),
        ("", None),
    ],
)
def test_hours_are_read_as_owners_write_them(text, hours) -> None:
    assert hours_of(text) == hours


def test_a_time_that_is_none_is_said() -> None:
    with pytest.raises(DataProblem, match="'early' is no time of day"):
        hours_of("early-late")


# --- from the draft to a problem ---


def test_a_holiday_takes_its_share_of_the_contract() -> None:
    person = Person("Barista 1", ("Barista",), least_hours=35.0)
    off = TimeOff("Barista 1", MONDAY, date(2026, 11, 3))
    problem = problem_of(cafe_draft(staff=(person,), time_off=(off,)))
    assert problem.employees[0].least_minutes == 35 * 60 * 5 / 7
    assert problem.employees[0].days_off == {MONDAY, date(2026, 11, 3)}


def test_a_preference_is_a_wish_on_each_day_that_it_is_about() -> None:
    likes = (Person("Barista 1", prefers="no Sundays"), Person("Barista 2", prefers="mornings"))
    one, other = problem_of(cafe_draft(staff=likes)).employees
    assert [(wish.day.weekday(), wish.to_work) for wish in one.wishes] == [(6, False)]
    assert {wish.shift for wish in other.wishes} == {"Late"}
    assert len(other.wishes) == 7


def test_a_dated_need_overrules_the_usual_weekday() -> None:
    busy = Demand(0, 7 * 60, 12 * 60, "Barista", 3, MONDAY)
    problem = problem_of(cafe_draft(needs=(*cafe_draft().needs, busy)))
    baristas = [need for need in problem.needs if need.day == MONDAY and need.role == "Barista"]
    assert [(need.start, need.least) for need in baristas] == [(420, 3)]


def test_a_missing_person_costs_by_the_hour() -> None:
    problem = problem_of(cafe_draft(missing_price=50.0))
    assert {need.under for need in problem.needs if need.start == 7 * 60} == {250.0}
    assert {need.under for need in problem_of(cafe_draft(missing_price=None)).needs} == {None}


def test_the_european_list_puts_its_limits_on() -> None:
    rows = {row.key: row for row in with_template(USUAL_RULES, EUROPEAN_UNION)}
    assert (rows["week"].on, rows["week"].limit) == (True, 48.0)
    assert rows["days"].limit == 6.0
    assert rows["whole"].on is False


def test_the_american_list_protects_the_youngest_until_seven_in_the_evening() -> None:
    rows = with_template(USUAL_RULES, UNITED_STATES)
    minors = next(rule for rule in rules_of(rows, (EARLY, LATE)) if rule.key == "Minors" and rule.latest == 19 * 60)
    assert minors.forbids(LATE) and not minors.forbids(EARLY)


def test_a_rule_without_its_limit_is_said() -> None:
    with pytest.raises(DataProblem, match="The rule has no limit: Rest between two shifts"):
        rules_of((RuleRow("rest", True, None),), (EARLY,))


# --- made, drawn by hand, locked, compared ---


def test_a_week_is_proved_to_be_the_cheapest_and_can_be_kept(tmp_path) -> None:
    answer = made(cafe_draft(), tmp_path)
    book = work.Book(cafe_draft(), answer.roster)
    again = work.Book.from_json(book.as_json())
    assert again == book
    roster = work.roster_of(again.draft, again.roster)
    assert roster.proof.status is Status.OPTIMAL
    assert roster.checked.violations == ()
    assert roster.cautions == ()


def test_a_book_has_the_shape_in_which_books_were_saved_before(tmp_path) -> None:
    roster = work.SavedRoster((), solver="HiGHS")
    book = work.Book(cafe_draft(), roster, (work.NamedRoster("First", cafe_draft(), roster),), "roster-1", 2)
    saved = book.as_json()
    assert list(saved) == ["draft", "drawn", "kept", "wanted", "searches"]
    assert list(saved["kept"][0]) == ["name", "draft", "drawn"]
    assert saved["drawn"]["solver"] == "HiGHS"
    assert work.Book.from_json(saved) == book


def test_an_edited_cell_is_checked_at_once(tmp_path) -> None:
    draft = cafe_draft()
    drawn = made(draft, tmp_path).roster
    changed = work.edited(drawn, Lock(MONDAY, "Floor 2", "Early", "Barista"))
    roster = work.roster_of(draft, changed)
    assert any("Floor 2 cannot work Early as Barista" in breach.sentence for breach in roster.checked.violations)
    assert roster.cautions[0].startswith("Rules that must hold and are broken")
    freed = work.edited(changed, Lock(MONDAY, "Floor 2", ""))
    assert work.roster_of(draft, freed).cell("Floor 2", MONDAY) is None


def test_a_locked_cell_is_kept_when_the_roster_is_made_again(tmp_path) -> None:
    draft = cafe_draft()
    first = made(draft, tmp_path).roster
    worked = next(each for each in first.assignments if each.employee == "Floor 2")
    locked = work.locked(draft, Lock(worked.day, "Floor 2", ""))
    again = work.roster_of(locked, made(locked, tmp_path, first).roster)
    assert again.cell("Floor 2", worked.day) is None
    assert again.checked.violations == ()
    assert again.cost >= first.bound - 1e-6
    assert work.unlocked(locked, "Floor 2", worked.day) == draft


def test_a_changed_draft_makes_the_bound_worthless_and_says_so(tmp_path) -> None:
    drawn = made(cafe_draft(), tmp_path).roster
    dearer = cafe_draft(missing_price=100.0)
    roster = work.roster_of(dearer, drawn)
    assert work.OUT_OF_DATE in roster.cautions
    assert "roster_gap" not in roster.facts()
    more_locks = work.locked(cafe_draft(), Lock(MONDAY, "Barista 1", ""))
    assert work.roster_of(more_locks, drawn).bound == pytest.approx(drawn.bound)


def test_somebody_who_left_is_dropped_from_the_roster(tmp_path) -> None:
    drawn = made(cafe_draft(), tmp_path).roster
    fewer = cafe_draft(staff=cafe_draft().staff[:3])
    assert "Floor 2" not in {each.employee for each in work.roster_of(fewer, drawn).assignments}


def test_a_raised_stop_sign_keeps_the_best_roster_so_far(tmp_path) -> None:
    sign = work.StopSign(tmp_path / "signs" / "stop")
    sign.raise_()
    answer = work.make(cafe_draft(weeks=4), None, 60.0, sign)
    assert answer.roster is not None and answer.roster.assignments
    assert answer.roster.seconds < 20
    sign.lower()
    assert not sign.up()


def test_a_day_off_has_a_price_and_can_be_given(tmp_path) -> None:
    draft = cafe_draft()
    drawn = made(draft, tmp_path).roster
    worked = next(each for each in drawn.assignments if each.employee == "Floor 2")
    price = work.favour(draft, drawn, "Floor 2", worked.day)
    assert price.sentence.startswith("Giving Floor 2 ")
    assert work.roster_of(price.draft, price.roster).cell("Floor 2", worked.day) is None


def test_the_next_weeks_know_how_the_last_one_ended(tmp_path) -> None:
    draft = cafe_draft()
    drawn = made(draft, tmp_path).roster
    following = work.carried_on(draft, drawn)
    assert following.first_day == date(2026, 11, 9)
    assert {each.day for each in following.history} <= set(draft.days)
    assert work.checked_problem(following).history == following.history


def test_other_days_drop_the_locks_that_are_not_planned_any_more() -> None:
    draft = work.locked(cafe_draft(), Lock(MONDAY, "Barista 1", ""))
    assert moved_on(draft, date(2026, 11, 9), 2).locks == ()
    assert moved_on(draft, MONDAY, 2).locks == draft.locks


# --- clashes ---


def short_saturday() -> Draft:
    """Nobody may be missing, and both people on the floor are on holiday on Saturday."""
    saturday = date(2026, 11, 7)
    away = (TimeOff("Floor 1", saturday, saturday), TimeOff("Floor 2", saturday, saturday))
    return cafe_draft(missing_price=None, time_off=away, needs=(Demand(5, 7 * 60, 12 * 60, "Floor", 1),))


def test_a_clash_names_the_need_and_the_holidays_and_each_way_out_works(tmp_path) -> None:
    answer = made(short_saturday(), tmp_path)
    assert answer.roster is None and answer.infeasibility.is_minimal
    need = "Saturday 7 November 07:00-12:00 needs 1 person as Floor"
    assert answer.infeasibility.sentence == f"{need}; 2 of the 2 who can do it are not there."
    assert len(answer.infeasibility.words) == 3
    asked = [way for way in answer.ways if way.cost is not None]
    assert {way.sentence for way in asked} >= {
        "Ask Floor 1 to come on Saturday 7 November.",
        "Ask Floor 2 to come on Saturday 7 November.",
    }
    for way in answer.ways:
        found = made(way.draft, tmp_path)
        assert found.roster is not None
        assert work.roster_of(way.draft, found.roster).checked.violations == ()


def test_a_shorter_rest_can_be_conceded_to_one_person() -> None:
    draft = cafe_draft()
    problem = problem_of(draft)
    rest = next(rule for rule in problem.rules if rule.key == "Rest")
    freed = problem_of(replace(draft, concessions=(Concession("", rule=rest.key + rest.sentence, employee="Floor 1"),)))
    (kept,) = [rule for rule in freed.rules if rule.key == "Rest"]
    assert [employee.name for employee in freed.employees if not kept.binds(employee)] == ["Floor 1"]


# --- the people needed, from the forecast ---


def test_twenty_five_units_an_hour_take_one_barista() -> None:
    demand = DemandDistribution("", "units", Frequency.DAILY, (MONDAY,), np.array([[200.0]]))
    slots = (ahead.Slot(480, 540, 50.0), ahead.Slot(540, 600, 30.0), ahead.Slot(600, 660, 20.0))
    draft = ahead.from_forecast(cafe_draft(), demand, (ahead.Pace("Barista", 25.0),), slots, enough_on=0.8)
    monday = [need for need in problem_of(draft).needs if need.role == "Barista" and need.day == MONDAY]
    assert [(need.start, need.least) for need in monday] == [(480, 4), (540, 3), (600, 2)]
    assert not [need for need in problem_of(draft).needs if need.role == "Barista" and need.day != MONDAY]  # closed
    assert ahead.usual_week(draft) == cafe_draft()


def test_the_usual_pace_asks_for_the_hours_that_are_typed_in() -> None:
    days = tuple(cafe_draft().days)
    demand = DemandDistribution("", "units", Frequency.DAILY, days, np.full((1, 7), 300.0))
    draft = cafe_draft(needs=tuple(replace(need, people=3) for need in cafe_draft().needs))
    paces = ahead.paces_from(draft, demand, enough_on=0.8)
    made_up = ahead.from_forecast(draft, demand, paces, ahead.slots_from(draft), enough_on=0.8)
    hours = sum(n.people * (n.end - n.start) / 60 for n in made_up.needs if n.day and n.role == "Barista")
    assert hours == pytest.approx(3 * 13 * 7, rel=0.1)


def test_shares_of_nothing_are_said() -> None:
    demand = DemandDistribution("", "units", Frequency.DAILY, (MONDAY,), np.array([[200.0]]))
    with pytest.raises(DataProblem, match="The shares of the day say nothing"):
        ahead.from_forecast(cafe_draft(), demand, (), (ahead.Slot(480, 540, 0.0),), enough_on=0.8)


def test_the_forecast_reaches_to_the_end_of_the_plan() -> None:
    days = [date(2026, 8, 1).toordinal() + k for k in range(92)]
    rows = "\n".join(f"{date.fromordinal(day)},Coffee,{100 + 20 * (day % 7 == 0)}" for day in days)
    demand = ahead.demand_ahead(opened(sales=f"Date,Item,Sold\n{rows}"), date(2026, 11, 8))
    assert demand.periods[-1] == date(2026, 11, 8)
    assert 80 < float(demand.mean.mean()) < 125


# --- tables ---


@pytest.mark.parametrize(
    ("table", "back"),
    [
        (tables.staff_table, lambda draft, frame: tables.staff_of(frame) == draft.staff),
        (tables.shifts_table, lambda draft, frame: tables.shifts_of(frame) == draft.shifts),
        (tables.time_off_table, lambda draft, frame: tables.time_off_of(frame) == draft.time_off),
        (tables.rules_table, lambda draft, frame: tables.rules_from(draft, frame) == draft.rules),
    ],
)
def test_a_table_that_was_not_edited_changes_nothing(table, back) -> None:
    draft = short_saturday()
    assert back(draft, table(draft))


def test_an_added_person_needs_no_more_than_a_name() -> None:
    empty = tables.staff_table(cafe_draft(staff=()))
    row = dict.fromkeys(empty.columns) | {"Name": "Helper 1"}
    (added,) = tables.staff_of(pl.DataFrame([row], schema=empty.schema))
    assert (added.name, added.roles, added.most_hours, added.hours) == ("Helper 1", ("",), 40.0, ("any",) * 7)


def test_needs_are_edited_role_by_role() -> None:
    draft = cafe_draft()
    table = tables.needs_table(draft, "Floor").with_columns(Mon=pl.lit(2, pl.Int64))
    changed = replace(draft, needs=tables.needs_of(draft, "Floor", table))
    assert {need.people for need in changed.needs if need.weekday == 0 and need.role == "Floor"} == {2}
    assert [n for n in changed.needs if n.role == "Barista"] == [n for n in draft.needs if n.role == "Barista"]


def test_a_time_that_cannot_be_read_is_said_with_its_line() -> None:
    table = tables.shifts_table(cafe_draft()).with_columns(From=pl.lit("soon"))
    with pytest.raises(DataProblem, match=r"'soon' is no time of day \(Early\)"):
        tables.shifts_of(table)


def test_the_grid_says_locks_and_broken_rules_in_the_cell(tmp_path) -> None:
    draft = work.locked(cafe_draft(), Lock(MONDAY, "Floor 1", "Early", "Barista"))
    drawn = work.edited(work.SavedRoster(()), Lock(MONDAY, "Floor 1", "Early", "Barista"))
    drawn = work.edited(drawn, Lock(MONDAY, "Floor 2", "Late", "Barista"))
    grid = tables.grid(work.roster_of(draft, drawn))
    assert grid.table.columns[:2] == ["Who", "Mon 2 Nov"]
    assert grid.table["Mon 2 Nov"].to_list() == ["–", "–", "Early (Barista) 🔒", "Late (Barista) ⚠"]
    assert [line[0] for line in grid.kinds] == ["free", "free", "early", "late"]


def test_two_rosters_stand_side_by_side(tmp_path) -> None:
    draft = cafe_draft()
    one = work.roster_of(draft, work.edited(work.SavedRoster(()), Lock(MONDAY, "Floor 1", "Early", "Floor")))
    other = work.roster_of(draft, work.edited(work.SavedRoster(()), Lock(MONDAY, "Floor 2", "Early", "Floor")))
    side = tables.comparison([("One", one), ("Other", other)])
    wages = side.filter(pl.col("") == "Wages").row(0)
    assert wages[1:] == ("120.00 EUR", "112.50 EUR")
    assert tables.differences(one, other)["Who"].to_list() == ["Floor 1", "Floor 2"]
    assert "wages 120.00" in tables.in_the_cost(one)


def test_every_kind_of_rule_has_a_row_that_the_owner_can_switch():
    assert {row.key for row in USUAL_RULES} == set(KINDS)
