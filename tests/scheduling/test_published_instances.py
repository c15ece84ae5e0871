"""The readers of published instances, on small rosters written here in the same formats."""

import os
from pathlib import Path

import pytest

from benchmarks.rostering import read
from engine.proof import Status
from engine.scheduling import Assignment, check, solve

PUBLISHED = Path(os.environ.get("DYOCENSE_BENCH_DATA") or Path(__file__).parents[2] / "../shared/data") / "optimization"

WARD = """
SECTION_HORIZON
7

SECTION_SHIFTS
E,480,
N,600,E

SECTION_STAFF
A,E=7|N=1,2400,960,5,1,1,1
B,E=7|N=0,2400,0,5,1,1,1

SECTION_DAYS_OFF
B,2

SECTION_SHIFT_ON_REQUESTS
A,1,E,3

SECTION_SHIFT_OFF_REQUESTS
B,0,E,2

SECTION_COVER
0,E,1,100,1
0,N,0,100,1
2,E,1,100,1
"""

NURSES = """
SCHEDULING_PERIOD;
tiny, 2010-01-01, 2010-01-04;
SKILLS = 1;
Nurse;
SHIFT_TYPES = 2;
E, Early, 06:30:00, 14:30:00, 1, Nurse;
N, Night, 22:30:00, 06:30:00, 1, Nurse;
CONTRACTS = 1;
CONTRACT_LINE
PATTERNS = 1;
0, 3, 2 (N|Any) (E|Any);
EMPLOYEES 1;
0, 0, 0, 1, Nurse;
DAY_OF_WEEK_COVER = 2;
Friday, N, 1;
Saturday, E, 1;
DATE_SPECIFIC_COVER = 0;
DAY_OFF_REQUESTS = 1;
0, 2010-01-01, 9;
"""


NURSES = NURSES.replace(
    "CONTRACT_LINE",
    "0, fulltime, (1|1), (1|2|3), (1|1|1), (1|1|3), (1|4|2), (1|1|5), "
    "(0|0|0), (0|0|8), (0|0|2), (0|0|0), SaturdaySunday, (1|5), (1|1), (1|7), (0|0), (0|0), 1, 0;",
)


def written(folder, name, text):
    path = folder / f"{name}.txt"
    path.write_text(text)
    return path


def test_a_ward_of_two_is_read_and_solved(tmp_path):
    roster = solve(read(written(tmp_path, "ward", WARD)), seconds=30)
    # A covers days 0 and 2; the wish for day 1 is granted too, so nothing costs anything.
    assert (roster.cost, roster.bound, roster.proof.status) == (0.0, 0.0, Status.OPTIMAL)
    assert {a.day.weekday() for a in roster.assignments if a.employee == "A"} >= {0, 1, 2}


def test_the_penalties_of_a_hand_drawn_ward(tmp_path):
    problem = read(written(tmp_path, "ward", WARD))
    days = problem.calendar
    work = [Assignment(days[0], "B", "E"), Assignment(days[4], "A", "E"), Assignment(days[5], "A", "E")]
    # B works against the request (2), day 2 is not covered (100), and A's wish for day 1 is refused (3).
    assert check(problem, work).penalties == 105.0
    assert check(problem, work).violations == ()


def test_a_night_then_an_early_shift_is_forbidden_on_the_ward(tmp_path):
    problem = read(written(tmp_path, "ward", WARD))
    work = [Assignment(problem.calendar[0], "A", "N"), Assignment(problem.calendar[1], "A", "E")]
    assert [breach.rule for breach in check(problem, work).violations] == ["Succession"]


def test_every_term_of_a_nurse_contract_has_its_price(tmp_path):
    problem = read(written(tmp_path, "tiny", NURSES))
    friday, saturday = problem.calendar[:2]
    work = [Assignment(friday, "0", "N"), Assignment(saturday, "0", "E")]
    checked = check(problem, work)
    # The day off on Friday is refused (9), night then early (3), and half the weekend (5).
    assert sorted(breach.penalty for breach in checked.breaches) == [3.0, 5.0, 9.0]


def test_a_single_day_costs_four_and_a_night_before_a_free_weekend_nothing(tmp_path):
    problem = read(written(tmp_path, "tiny", NURSES))
    checked = check(problem, [Assignment(problem.calendar[0], "0", "N")])
    assert {breach.rule: breach.penalty for breach in checked.breaches if breach.penalty is not None} == {
        "WorkRun": 4.0,
        "Wishes": 9.0,
    }


HEAD_NURSES = """
////////////////////////////////////////////////////////////////////
SCHEDULING_PERIOD;
////////////////////////////////////////////////////////////////////
long, 2010-01-01, 2010-01-07;
SKILLS = 2;
Nurse;
HeadNurse;
SHIFT_TYPES = 3;
E, Early, 06:30:00, 14:30:00, 1, Nurse;
L, Late, 14:30:00, 22:30:00, 1, Nurse;
DH, Day shift of the head nurse, 08:30:00, 16:30:00, 1, HeadNurse;
CONTRACTS = 2;
0, fulltime, (1|1), (0|0|9), (0|0|1), (0|0|9), (0|0|1), (0|0|9), (0|0|1), (1|2|1), (0|0|1), (1|9|0), \
FridaySaturdaySunday, (1|5), (1|3), (1|9), (1|9), (1|7), 0,;
1, nobody, (1|1), (1|1|0), (0|0|1), (0|0|9), (0|0|1), (0|0|9), (0|0|1), (0|0|8), (0|0|2), (0|0|0), \
SaturdaySunday, (0|0), (0|0), (0|0), (0|0), (0|0), 0,;
PATTERNS = 0;
EMPLOYEES = 2;
0, Head, 0, 2, HeadNurse Nurse;
1, Nurse, 0, 1, Nurse;
DAY_OF_WEEK_COVER = 2;
Friday, DH, 1;
Saturday, E, 1;
DATE_SPECIFIC_COVER = 2;
2010-01-02, E, 0;
2010-01-03, L, 1;
DAY_OFF_REQUESTS = 0;
DAY_ON_REQUESTS = 1;
0, 2010-01-05, 11;
SHIFT_OFF_REQUESTS = 1;
1, 2010-01-06, E, 13;
SHIFT_ON_REQUESTS = 1;
1, 2010-01-07, L, 17;
""".replace("\\\n", "")


def nurses(problem, **rows):
    """Rosters by nurse: one letter a day, D for the head nurse's shift."""
    names = {"E": "E", "L": "L", "D": "DH"}
    return [
        Assignment(problem.calendar[place], who[1:], names[letter])
        for who, line in rows.items()
        for place, letter in enumerate(line)
        if letter != "-"
    ]


def test_numbers_for_a_date_replace_those_of_the_weekday(tmp_path):
    problem = read(written(tmp_path, "long", HEAD_NURSES))
    needed = [(need.day.day, need.shift, need.least, need.most) for need in problem.needs]
    assert needed == [(1, "DH", 1, 1), (2, "E", 0, 0), (3, "L", 1, 1)]


@pytest.mark.parametrize(
    ("head", "nurse", "penalty"),
    [
        ("----D--", "------L", 0.0),  # every request is granted
        ("----D-E", "----DEL", 7.0 + 13.0),  # the head nurse's shift without her skill, and a shift not wanted
        ("-------", "-------", 11.0 + 17.0),  # a day and a shift that were wanted are not given
        ("E-E-D--", "------L", 5.0 * 4),  # Friday and Sunday without Saturday
        ("EEL-D--", "------L", 3.0 * 3),  # one of three days differs from two, and two from one
        ("DD--D--", "------L", 5.0),  # Sunday is missing
    ],
)
def test_long_weekends_skills_and_requests_have_the_competitions_prices(tmp_path, head, nurse, penalty):
    problem = read(written(tmp_path, "long", HEAD_NURSES))
    checked = check(problem, nurses(problem, _0=head, _1=nurse))
    personal = [breach for breach in checked.breaches if breach.employee]
    assert sum(breach.penalty for breach in personal) == penalty


SPARSE = """
# Only what is needed.
SECTION_HORIZON
7
SECTION_SHIFTS
D,480
SECTION_STAFF
A,,2400,960,5,1,1,1
SECTION_COVER
0,D,1,100,1
"""


def test_sections_and_limits_that_are_left_out_ask_for_nothing(tmp_path):
    problem = read(written(tmp_path, "sparse", SPARSE))
    work = [Assignment(problem.calendar[day], "A", "D") for day in range(5)]
    assert (check(problem, work).cost, check(problem, work).violations) == (0.0, ())


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published instances are not here")
@pytest.mark.parametrize(("name", "best"), [("Instance1", 607), ("Instance2", 828), ("Instance3", 1001)])
def test_published_optima_are_proved(name, best):
    roster = solve(read(PUBLISHED / "curtois" / f"{name}.txt"), seconds=120)
    assert (roster.cost, roster.bound) == (best, best)
    assert roster.checked.violations == ()
