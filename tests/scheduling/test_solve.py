"""The search: cheapest rosters with their proof, progress, cancelling, locks, and plain words for bad input."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.errors import DataProblem
from engine.narrate import narrate
from engine.proof import Status
from engine.scheduling import Assignment, Employee, Hours, Lock, Need, ShiftType, Wish, check, solve
from engine.scheduling.formulate import formulate, weekly
from engine.scheduling.reasons import swaps
from engine.scheduling.roster import finished
from engine.scheduling.rules import FairShare, Rest, SchedulingRule, ShiftCount, WeekendsWorked, WorkingTime, WorkRun
from tests.scheduling.rota import MONDAY, cafe, day, row

TEAM = (
    Employee("Barista 1", ("Barista", "Cook"), rate=20.0, most_minutes=40 * 60),
    Employee("Barista 2", ("Barista",), rate=16.0, most_minutes=30 * 60),
    Employee("Cook 1", ("Cook",), rate=22.0, most_minutes=40 * 60),
    Employee(
        "Cook 2", ("Cook",), rate=18.0, most_minutes=20 * 60, availability={k: Hours(0, 15 * 60) for k in range(7)}
    ),
)


def week(*more: SchedulingRule, staff=TEAM, days=7, **changes):
    needs = [
        Need(day(d), role, start * 60, end * 60, least=1, under=300.0)
        for d in range(days)
        for role in ("Barista", "Cook")
        for start, end in ((8, 12), (12, 16), (16, 20))
    ]
    rules = (WorkingTime(), Rest(), WorkRun(most=5), *more)
    return replace(cafe(*rules, staff=staff, needs=needs, days=days), **changes)


def test_a_week_of_four_people_is_proved_to_be_the_cheapest():
    roster = solve(week(), seconds=60)
    assert roster.proof.status is Status.OPTIMAL
    assert roster.proof.recheck is not None and roster.proof.recheck.agrees
    assert roster.gap <= 1e-4
    assert roster.checked.violations == ()
    assert roster.cost == pytest.approx(check(roster.problem, roster.assignments).cost)


def test_the_cheaper_of_two_people_gets_the_shift():
    two = (Employee("Barista 1", rate=20.0), Employee("Barista 2", rate=15.0))
    roster = solve(cafe(staff=two, needs=[Need(MONDAY, "", 8 * 60, 12 * 60, 1, under=500.0)], days=1), seconds=30)
    assert [(a.employee, a.shift) for a in roster.assignments] == [("Barista 2", "Early")]
    assert (roster.cost, roster.bound) == (7.5 * 15.0, 7.5 * 15.0)


def test_a_wish_is_refused_when_granting_it_costs_more():
    asks = Employee("Barista 1", rate=10.0, wishes=(Wish(MONDAY, "", False, 5.0),))
    need = [Need(MONDAY, "", 8 * 60, 12 * 60, 1, under=100.0)]
    roster = solve(cafe(staff=[asks], needs=need, days=1), seconds=30)
    assert roster.cost == 75.0 + 5.0
    assert [breach.rule for breach in roster.checked.breaches] == ["Wishes"]


def test_the_same_seed_gives_the_same_roster():
    one, other = (solve(week(), seconds=60, seed=3) for _ in range(2))
    assert one.assignments == other.assignments


def test_progress_tells_the_cost_and_the_bound():
    said = []
    solve(week(), seconds=60, report=lambda share, note: said.append((share, note)))
    assert said[-1][0] == 1.0
    assert "no roster can cost less than" in said[-1][1]
    assert [share for share, _ in said] == sorted(share for share, _ in said)


def test_who_cancels_keeps_the_best_roster_so_far():
    roster = solve(week(days=7), seconds=60, stop=lambda: True)
    assert len(roster.assignments) > 0
    assert roster.proof.bound <= roster.cost


def test_a_locked_cell_stays_and_the_rest_is_made_around_it():
    first = solve(week(), seconds=60)
    worked = next(a for a in first.assignments if a.employee == "Barista 2")
    problem = first.problem.locked(Lock(worked.day, "Barista 2", ""))
    again = solve(problem, seconds=60, previous=first)
    assert again.cell("Barista 2", worked.day) is None
    assert again.checked.violations == ()
    assert again.cost >= first.bound - 1e-6


def test_equal_people_share_four_weekends_equally():
    staff = [Employee(f"Barista {k}", rate=15.0) for k in (1, 2)]
    needs = [Need(day(d), "", 8 * 60, 12 * 60, 1, under=900.0) for d in range(28) if day(d).weekday() >= 5]
    problem = cafe(FairShare(weight=3.0), staff=staff, needs=needs, days=28)
    roster = solve(problem, seconds=60)
    assert sorted(share.weekends for share in roster.shares()) == [2, 2]
    assert roster.cost == pytest.approx(8 * 7.5 * 15.0 + 2 * 3.0 * 4)


@pytest.mark.slow
def test_a_long_plan_is_bounded_by_its_weeks():
    rules = (WeekendsWorked(most=2), ShiftCount(period="week", most=5))
    roster = solve(week(*rules, days=28), seconds=8)
    assert roster.checked.violations == ()
    assert 0 < roster.bound <= roster.cost
    assert roster.gap < 0.2


def test_impossible_needs_give_an_answer_and_no_roster():
    alone = [Employee("Barista 1")]
    roster = solve(cafe(staff=alone, needs=[Need(MONDAY, "", 8 * 60, 12 * 60, 2)], days=1), seconds=20)
    assert roster.proof.status is Status.INFEASIBLE
    assert roster.assignments == ()
    assert roster.facts()["roster_possible"].value == "no"


def test_facts_carry_the_cost_the_bound_and_the_hours():
    roster = solve(week(), seconds=60)
    facts = roster.facts()
    assert facts["roster_cost"].value == round(roster.cost, 2)
    assert facts["roster_cost"].unit == "EUR"
    assert facts["rules_broken"].value == 0
    assert facts["hours_planned"].value == pytest.approx(sum(s.minutes for s in roster.shares()) / 60)


@pytest.mark.parametrize(
    ("wishes", "told"), [((), False), ((Wish(MONDAY, "", False, 5.0),), True)], ids=["nobody asks", "one asks"]
)
def test_requests_are_spoken_of_where_there_are_some(wishes, told):
    staff = [Employee("Barista 1", rate=10.0, wishes=wishes), Employee("Barista 2", rate=10.0)]
    facts = solve(cafe(staff=staff, needs=[Need(MONDAY, "", 8 * 60, 12 * 60, 1)], days=1), seconds=20).facts()
    assert ("All requests are met." in narrate(facts, "roster").text) == ("wishes_refused" in facts) == told


def test_a_shift_is_offered_to_colleagues_who_keep_all_rules_the_cheapest_first():
    staff = [
        Employee(f"Barista {k}", rate=20.0 - k, days_off=frozenset({day(0)} if k == 4 else ())) for k in (1, 2, 3, 4)
    ]
    needs = [Need(day(d), "", 8 * 60, 12 * 60, 1, under=900.0) for d in range(2)]
    problem = cafe(Rest(), WorkRun(most=1), staff=staff, needs=needs, days=2)
    drawn = (*row("E-", "Barista 1"), *row("-E", "Barista 2"))
    offers = swaps(finished(problem, drawn, 0.0, "drawn by hand", 0.0), "Barista 1", MONDAY)
    # Barista 2 would work two days in a row unless the two exchange, and Barista 4 is off.
    assert [(offer.sentence, offer.extra) for offer in offers] == [
        ("Barista 3 takes Early on Monday 2 November.", -15.0),
        ("Barista 2 takes Early on Monday 2 November, Barista 1 Early on Tuesday 3 November.", 0.0),
    ]
    assert all(check(problem, offer.assignments).violations == () for offer in offers)


def test_nobody_can_be_freed_from_a_shift_that_they_do_not_have():
    drawn = finished(cafe(), row("E------"), 0.0, "drawn by hand", 0.0)
    with pytest.raises(KeyError, match="does not work"):
        swaps(drawn, "Barista 1", day(3))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"employees": ()}, "There is nobody to put on the roster. Add the staff first."),
        ({"employees": (TEAM[0], TEAM[0])}, "The employee Barista 1 is listed twice"),
        ({"employees": (replace(TEAM[0], rate=-1.0),)}, r"The rate is not a positive amount \(Barista 1\)"),
        ({"employees": (replace(TEAM[0], availability={}),)}, r"This person is never available \(Barista 1\)"),
        ({"employees": TEAM[:2][1:]}, "Nobody can work as Cook"),
        ({"shifts": ()}, "There is no shift to work"),
        ({"shifts": (ShiftType("Odd", 600, 500),)}, "A shift must end after it starts"),
        ({"shifts": (ShiftType("Odd", 600, 700, 100),)}, "The break does not fit into the shift"),
        ({"needs": (Need(MONDAY, "Barista", 600, 700, 2, most=1),)}, "The number of people needed is not possible"),
        ({"needs": (Need(MONDAY, "Cook", 600, 700, 1, seniority=9),)}, "Nobody who works as Cook has a seniority of 9"),
        ({"needs": (Need(MONDAY, "Barista", 700, 700, 1),)}, "The time in which people are needed is empty"),
        ({"needs": (Need(MONDAY, "Barista", 370, 410, 1),)}, "No shift covers Monday 2 November"),
        ({"needs": (Need(MONDAY - timedelta(days=1), "Barista", 600, 700, 1),)}, "on a day outside the plan"),
        ({"rules": (WorkRun(least=4, most=3),)}, "A rule asks for more than it allows"),
        ({"rules": (Rest(weight=-1.0),)}, "The weight of a rule is not a positive number"),
        ({"rules": (Rest(people=("Cook 9",)),)}, "A rule is about Cook 9, who is not on the staff"),
        ({"locks": (Lock(MONDAY, "Cook 9", ""),)}, "Cook 9 is not on the staff"),
        ({"history": (Assignment(MONDAY, "Cook 1", "Early"),)}, "The last roster reaches into the plan"),
    ],
)
def test_bad_input_is_said_before_anything_is_solved(change, words):
    with pytest.raises(DataProblem, match=words):
        solve(week(**change), seconds=1)


def test_two_needs_for_the_same_time_are_said_plainly():
    needs = (Need(MONDAY, "Cook", 480, 720, 1, under=1.0), Need(MONDAY, "Cook", 660, 780, 1, under=1.0))
    with pytest.raises(
        DataProblem, match="Two needs overlap: Monday 2 November 08:00-12:00 and Monday 2 November 11:00-13:00"
    ):
        solve(week(needs=needs), seconds=1)


def test_a_week_from_last_roster_respects_the_night_before():
    needs = [Need(MONDAY, "", 8 * 60, 12 * 60, 1, under=100.0)]
    past = row("N", first=-1)
    roster = solve(cafe(Rest(), needs=needs, days=1, history=past), seconds=20)
    assert [a.shift for a in roster.assignments] != ["Early"]


def test_a_price_on_the_whole_plan_does_not_keep_it_from_falling_into_weeks():
    weeks = (ShiftCount(period="week", most=5),)
    soft = formulate(week(*weeks, FairShare(weight=1.0, shifts=("Late",)), days=28))
    hard = formulate(week(*weeks, ShiftCount(shifts=("Late",), most=9), days=28))
    assert weekly(soft) == [range(0, 7), range(7, 14), range(14, 21), range(21, 28)]
    assert weekly(hard) == []
