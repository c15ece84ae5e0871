"""Clashing rules: a planted clash is found, and nothing that is not part of it."""

from dataclasses import replace

import numpy as np
import pytest

from engine.scheduling import Employee, Lock, Need, day_off, find_clash, offers, solve
from engine.scheduling.formulate import formulate
from engine.scheduling.mip import statements_of
from engine.scheduling.rules import FreeRun, Rest, ShiftCount, WorkingTime, WorkRun
from tests.scheduling.rota import cafe, day

RULES = (WorkingTime(), Rest(), WorkRun(most=5))


def team(people, off=()):
    return [
        Employee(f"Barista {k + 1}", ("Barista",), rate=15.0 + k, days_off=frozenset(off if k < 3 else ()))
        for k in range(people)
    ]


def mornings(least, *, special=None, more=0):
    days = [day(d) for d in range(7)]
    return [Need(d, "Barista", 8 * 60, 12 * 60, more if d == special else least) for d in days]


def test_saturday_needs_four_people_and_three_of_the_six_are_off():
    saturday = day(5)
    found = find_clash(cafe(*RULES, staff=team(6, [saturday]), needs=mornings(2, special=saturday, more=4)), seconds=60)
    assert found is not None and found.is_minimal
    assert found.sentence == (
        "Saturday 7 November 08:00-12:00 needs 4 people as Barista; 3 of the 6 who can do it are not there."
    )
    assert list(found.words[1:]) == [f"Barista {k} is off on Saturday 7 November." for k in (1, 2, 3)]


def test_a_possible_roster_has_no_clash():
    assert find_clash(cafe(*RULES, staff=team(6), needs=mornings(2)), seconds=60) is None


def test_each_offer_makes_the_roster_possible_and_the_cheapest_comes_first():
    saturday = day(5)
    problem = cafe(*RULES, staff=team(6, [saturday]), needs=mornings(2, special=saturday, more=4))
    possible = offers(problem, find_clash(problem, seconds=60), seconds=60)
    assert "Make do with 3 instead of 4 people as Barista on Saturday 7 November 08:00-12:00." in [
        o.sentence for o in possible
    ]
    assert "Ask Barista 1 to come on Saturday 7 November." in [o.sentence for o in possible]
    assert all(offer.roster.checked.violations == () for offer in possible)
    assert [offer.roster.cost for offer in possible] == sorted(offer.roster.cost for offer in possible)


def test_hours_can_clash_with_needs_without_anybody_being_away():
    short = [replace(each, most_minutes=15 * 60) for each in team(2)]
    found = find_clash(cafe(WorkingTime(), staff=short, needs=mornings(1)), seconds=60)
    assert found is not None and found.is_minimal
    kinds = {claim.kind for claim in found.keys}
    assert kinds == {"need", "rule"}
    assert sum(claim.kind == "rule" for claim in found.keys) == 2


def two_shifts_each(people, least):
    staff = [replace(each, most_minutes=20 * 60) for each in team(people)]
    return cafe(WorkingTime(), Rest(), WorkRun(most=5), FreeRun(least=2), staff=staff, needs=mornings(least))


def test_six_people_with_two_shifts_each_cannot_fill_five_mornings_of_three():
    found = find_clash(two_shifts_each(6, 3), seconds=60)
    assert found is not None and found.is_minimal
    # Twelve shifts are enough for four mornings, and with anybody's hours dropped for five.
    assert sum(claim.kind == "need" for claim in found.keys) == 5
    assert sum(claim.kind == "rule" for claim in found.keys) == 6


def test_that_there_are_not_hours_enough_is_seen_for_a_large_team_too():
    statements = statements_of(formulate(two_shifts_each(25, 11)))
    assert statements.clash(statements.all, seconds=60)


def test_a_shift_for_which_there_is_no_room_is_no_absence():
    closed = Need(day(0), "Barista", 7 * 60, 15 * 60, 0, most=0, over=None)
    problem = cafe(staff=team(2), needs=[closed]).locked(Lock(day(0), "Barista 1", "Early", "Barista"))
    found = find_clash(problem, seconds=60)
    assert found.sentence == (
        "These cannot all hold: Monday 2 November 07:00-15:00 has room for 0 people as Barista. "
        "Barista 1 is locked to Early on Monday 2 November."
    )


def test_a_day_off_has_a_price():
    staff = [Employee("Barista 1", ("Barista",), rate=10.0), Employee("Barista 2", ("Barista",), rate=14.0)]
    roster = solve(cafe(staff=staff, needs=mornings(1), days=7), seconds=60)
    favour = day_off(roster, "Barista 1", day(2), seconds=60)
    assert favour.extra == pytest.approx(7.5 * 4.0)
    assert favour.sentence == "Giving Barista 1 Wednesday 4 November off costs 30.00 EUR more."


def test_a_day_off_that_nobody_can_cover_is_said_to_be_impossible():
    roster = solve(cafe(staff=team(1), needs=mornings(1)[:3], days=3), seconds=60)
    assert day_off(roster, "Barista 1", day(1), seconds=20).extra == float("inf")


def planted(rng):
    """A week that is possible, and the same with a clash planted in it: the problem and what must be named."""
    people = int(rng.integers(4, 8))
    staff = [
        Employee(f"Barista {k + 1}", ("Barista",), rate=15.0, days_off=frozenset({day(int(rng.integers(7)))}))
        for k in range(people)
    ]
    staff = [replace(each, days_off=frozenset()) if rng.random() < 0.5 else each for each in staff]
    which, when = int(rng.integers(3)), day(int(rng.integers(7)))
    if which == 0:  # more people than are there on one day
        there = [each for each in staff if when not in each.days_off]
        needs = mornings(1, special=when, more=len(there) + 1)  # so that each absence is one too many
        if len(there) == people:
            staff[0] = replace(staff[0], days_off=frozenset({when}))
            needs = mornings(1, special=when, more=people)
        wanted = {("need", ""), *(("day off", each.name) for each in staff if when in each.days_off)}
        return cafe(*RULES, staff=staff, needs=needs), wanted
    who = staff[int(rng.integers(people))].name
    staff = [replace(each, days_off=frozenset()) for each in staff]
    if which == 1:  # a lock on a shift that a rule forbids
        problem = cafe(*RULES, ShiftCount(people=(who,), shifts=("Late",), most=0), staff=staff, needs=mornings(1))
        return problem.locked(Lock(when, who, "Late", "Barista")), {("lock", who), ("rule", who)}
    first, later = int(rng.integers(6)), "Early"
    problem = cafe(*RULES, staff=staff, needs=mornings(1))
    locks = (Lock(day(first), who, "Late", "Barista"), Lock(day(first + 1), who, later, "Barista"))
    return problem.locked(*locks), {("lock", who), ("rule", who)}


def assert_minimal(problem, found):
    """Without any one of its limits the clash is gone."""
    statements = statements_of(formulate(problem))
    claims = list(found.keys)
    assert statements.clash(claims, seconds=20)
    for left_out in claims:
        assert statements.clash([claim for claim in statements.all if claim != left_out], seconds=20) == ()


@pytest.mark.parametrize("seed", range(15))
def test_a_planted_clash_is_found_and_nothing_else(seed):
    problem, wanted = planted(np.random.default_rng(seed))
    found = find_clash(problem, seconds=60)
    assert found is not None and found.is_minimal
    assert {(claim.kind, claim.employee) for claim in found.keys} == wanted
    assert_minimal(problem, found)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1300))
def test_three_hundred_planted_clashes(seed):
    problem, wanted = planted(np.random.default_rng(seed))
    found = find_clash(problem, seconds=60)
    assert found is not None and found.is_minimal
    assert {(claim.kind, claim.employee) for claim in found.keys} == wanted
    assert_minimal(problem, found)
