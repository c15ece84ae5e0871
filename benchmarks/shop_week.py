"""A shop's week and month: how long until the roster is proved to be the cheapest."""

import argparse
import time
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from benchmarks.table import aligned, number
from engine.scheduling import Lock, Roster, solve
from engine.scheduling.entities import Employee, Hours, Need, ShiftType, Wish
from engine.scheduling.problem import RosterProblem
from engine.scheduling.rules import Breaks, FairShare, Overtime, Rest, SchedulingRule, ShiftCount, WorkingTime, WorkRun

MONDAY = date(2026, 11, 2)
ROLES = ("Till", "Floor", "Stock", "Advice")
OPENS, CLOSES = 8, 22
UNCOVERED_HOUR = 200.0
AGAIN_SECONDS = 2.7
"""A roster of which one cell was locked is made again in so much time."""
RATES = {"Till": 16.0, "Floor": 15.0, "Stock": 15.5, "Advice": 19.0}
CONTRACTS = ((40, 24), (32, 16), (24, 8), (16, 0))
"""Hours a week, at most and at least."""


def shop(people: int, *, days: int = 7, seed: int = 1) -> RosterProblem:
    """A shop with so many people: half-hourly needs in three or four roles, shifts of 4 to 9 hours."""
    rng = np.random.default_rng(seed)
    roles = ROLES[: 3 if people < 20 else 4]
    staff = tuple(_employee(k, roles, days, rng) for k in range(people))
    needs = tuple(need for day in range(days) for need in _needs(day, people, roles, rng))
    rules: tuple[SchedulingRule, ...] = (
        WorkingTime(),
        Overtime(after=38 * 60),
        WorkingTime(period="day", most=9 * 60),
        Rest(),
        WorkRun(least=1, most=5 if days == 7 else 6),
        ShiftCount(period="week", most=5),
        Breaks(),
    )
    rules += (FairShare(weight=4.0),) if days > 7 else ()
    return RosterProblem(MONDAY, days, _shifts(), staff, needs, rules, currency="EUR")


def _shifts() -> tuple[ShiftType, ...]:
    found = []
    for length in (4, 5, 6, 8, 9):
        for start in range(OPENS, CLOSES - length + 1, 1 if length in (4, 8) else 2):
            pause = 0 if length <= 5 else 30 if length <= 8 else 60
            found.append(ShiftType(f"{start:02d}-{start + length:02d}", start * 60, (start + length) * 60, pause))
    return tuple(found)


def _employee(k: int, roles: tuple[str, ...], days: int, rng: np.random.Generator) -> Employee:
    own = roles[k % len(roles)]
    second = (roles[(k + 1) % len(roles)],) if rng.random() < 0.4 else ()
    most, least = CONTRACTS[int(rng.choice(4, p=[0.45, 0.25, 0.2, 0.1]))]
    rate = RATES[own] + round(float(rng.uniform(0, 4)) * 4) / 4
    off = int(rng.integers(7))
    hours = {day: _hours(rng) for day in range(7) if day != off or rng.random() < 0.4}
    wishes = tuple(
        Wish(MONDAY + timedelta(days=int(day)), "", False, float(rng.integers(5, 40)))
        for day in rng.choice(days, size=max(1, days // 5), replace=False)
    )
    return Employee(f"Assistant {k + 1}", (own, *second), rate, rate * 1.5, least * 60, most * 60, hours, wishes=wishes)


def _hours(rng: np.random.Generator) -> Hours:
    kind = rng.random()
    if kind < 0.6:
        return Hours(OPENS * 60, CLOSES * 60)
    return Hours(OPENS * 60, 16 * 60) if kind < 0.8 else Hours(14 * 60, CLOSES * 60)


def _needs(day: int, people: int, roles: tuple[str, ...], rng: np.random.Generator) -> list[Need]:
    weekday = (MONDAY + timedelta(days=day)).weekday()
    busy = (0.85, 0.8, 0.85, 0.95, 1.1, 1.3, 0.9)[weekday] * float(rng.uniform(0.93, 1.07))
    level = people / len(roles) * 0.24
    found = []
    for role in roles:
        for half in range(2 * OPENS, 2 * CLOSES):
            hour = half / 2
            shape = 0.7 + 0.7 * np.exp(-(((hour - 12.5) / 1.6) ** 2)) + 0.8 * np.exp(-(((hour - 17.5) / 1.7) ** 2))
            needed = max(1, round(level * busy * shape))
            when = MONDAY + timedelta(days=day)
            found.append(Need(when, role, half * 30, half * 30 + 30, needed, under=UNCOVERED_HOUR / 2))
    return found


COLUMNS = ("case", "cost", "bound", "gap %", "status", "rules broken", "CPU s", "wall s")


@dataclass(frozen=True)
class Outcome:
    """One solved case."""

    name: str
    roster: Roster
    cpu: float
    wall: float

    def row(self) -> list[str]:
        """The table's row."""
        proof, broken = self.roster.proof, len(self.roster.checked.violations)
        cells = [self.name, f"{self.roster.cost:,.2f}", f"{self.roster.bound:,.2f}", number(100 * self.roster.gap, 4)]
        return [*cells, proof.status.value, str(broken), number(self.cpu, 1), number(self.wall, 1)]

    def figures(self) -> dict[str, object]:
        """What goes into the JSON line."""
        return {
            "cost": self.roster.cost,
            "bound": self.roster.bound,
            "gap": self.roster.gap,
            "feasible": not self.roster.checked.violations,
            "cpu_seconds": self.cpu,
            "wall_seconds": self.wall,
        }


def add_options(parser: argparse.ArgumentParser) -> None:
    """What can be chosen on the command line."""
    parser.add_argument("--people", type=int, nargs="*", default=[12, 25, 50], help="sizes of the shop for a week")
    parser.add_argument("--month", type=int, default=40, help="people of the month; 0 to leave it out")
    parser.add_argument("--seconds", type=float, default=60.0, help="wall-clock time for each search")
    parser.add_argument("--seed", type=int, default=1, help="of the shops")


def run(options: argparse.Namespace) -> tuple[str, dict[str, object]]:
    """Solve a week for each size, again with one cell locked, and a month."""
    outcomes = []
    for people in options.people:
        week = _timed(f"week of {people}", shop(people, seed=options.seed), options.seconds)
        outcomes += [week, _locked(week, options.seconds)]
    if options.month:
        problem = shop(options.month, days=28, seed=options.seed)
        outcomes.append(_timed(f"month of {options.month}", problem, options.seconds))
    return aligned(COLUMNS, [each.row() for each in outcomes]), {each.name: each.figures() for each in outcomes}


def _timed(name: str, problem: RosterProblem, seconds: float, previous: Roster | None = None) -> Outcome:
    before, began = time.process_time(), time.monotonic()
    roster = solve(problem, seconds=seconds, previous=previous)
    return Outcome(name, roster, time.process_time() - before, time.monotonic() - began)


def _locked(week: Outcome, seconds: float) -> Outcome:
    """The same week when the first person who works on Saturday gets that day off."""
    saturday = MONDAY + timedelta(days=5)
    who = next(each.employee for each in week.roster.assignments if each.day == saturday)
    problem = week.roster.problem.locked(Lock(saturday, who, ""))
    return _timed(f"{week.name}, one cell locked", problem, min(seconds, AGAIN_SECONDS), week.roster)
