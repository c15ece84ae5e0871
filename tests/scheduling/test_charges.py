"""Sums that are charged for instead of counted: the hours of a year, kept in their range."""

from dataclasses import replace

import numpy as np
import pytest

from engine.scheduling import Employee
from engine.scheduling.formulate import formulate
from engine.scheduling.pricing import GraphBook, Pricer
from engine.scheduling.rules import FreeRun, ShiftCount, WorkingTime, WorkRun
from tests.scheduling.rota import cafe

DAYS = 56
LEAST, MOST = 200 * 60, 212 * 60


def barista(*rules):
    """One barista's rules over eight weeks, counted and charged for."""
    problem = replace(cafe(*rules, staff=[Employee("Barista 1", rate=0.0)], days=DAYS), currency="")
    (person,) = formulate(problem).people
    counted = Pricer(person, DAYS, GraphBook(DAYS, 1))
    return person, counted, Pricer(person, DAYS, GraphBook(DAYS, 1, room=100))


def minutes(person, duties):
    tally = next(form for form in person.forms if getattr(form, "least", 0) == LEAST)
    return int(np.append(tally.gain, 0)[duties].sum())


RULES = (WorkingTime(period="plan", least=LEAST, most=MOST), WorkRun(least=2, most=5), FreeRun(least=2))


@pytest.mark.parametrize("wanted", [-30.0, 0.0, 30.0], ids=["work is dear", "all the same", "work pays"])
def test_a_roster_keeps_the_range_and_the_bound_is_below_the_best(wanted):
    person, counted, charged = barista(*RULES)
    rng = np.random.default_rng(5)
    for _ in range(5):
        costs = rng.uniform(0, 10, counted.cells.shape)
        costs[:, :-1] -= wanted
        best, found = counted.cheapest(costs), charged.cheapest(costs)
        assert LEAST <= minutes(person, found.duties) <= MOST
        assert found.bound <= best.value + 1e-6 <= found.value + 2e-6
        assert found.value == pytest.approx(costs[np.arange(DAYS), found.duties].sum())
        assert found.value - found.bound <= 0.05 * max(abs(best.value), 100.0)


def test_a_range_that_every_roster_jumps_over_at_one_charge_is_reached_by_splitting_the_days():
    person, _, charged = barista(*RULES)
    found = charged.cheapest(np.zeros_like(charged.cells))
    assert LEAST <= minutes(person, found.duties) <= MOST


def test_limits_on_shifts_are_kept_beside_the_range():
    person, _, charged = barista(*RULES, *(ShiftCount(shifts=(name,), most=9) for name in ("Early", "Late", "Night")))
    costs = np.zeros_like(charged.cells)
    costs[:, :-1] = 5.0
    found = charged.cheapest(costs)
    assert LEAST <= minutes(person, found.duties) <= MOST
    assert max(np.bincount(found.duties, minlength=5)[:3]) <= 9


def test_nobody_can_be_told_to_work_more_than_every_day():
    _, _, charged = barista(WorkingTime(period="plan", least=DAYS * 9 * 60))
    assert charged.cheapest(np.zeros_like(charged.cells)).duties is None
