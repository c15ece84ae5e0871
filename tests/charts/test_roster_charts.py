"""Figures of a roster: words before colours, need against plan, equal shares."""

from dataclasses import replace

from engine.charts.roster import (
    coverage_alt,
    coverage_chart,
    fairness_alt,
    fairness_bars,
    roster_grid,
    roster_grid_alt,
)
from engine.scheduling import Employee, Lock, Need, Wish
from engine.scheduling.roster import finished
from engine.scheduling.rules import WorkRun
from tests.scheduling.rota import MONDAY, cafe, day, row


def drawn():
    staff = [Employee("Barista 1", rate=20.0, wishes=(Wish(day(1), "", False, 5.0),)), Employee("Barista 2", rate=18.0)]
    needs = [Need(MONDAY, "", 8 * 60, 12 * 60, 2, under=10.0), Need(MONDAY, "", 14 * 60, 16 * 60, 1, under=10.0)]
    problem = cafe(WorkRun(most=2), staff=staff, needs=needs).locked(Lock(day(3), "Barista 2", "Late"))
    work = (*row("EEE---L"), *row("---L---", "Barista 2"))
    return finished(problem, work, 0.0, "drawn by hand", 0.0)


def test_the_grid_says_each_shift_in_words_and_marks_what_is_refused_broken_or_locked():
    (trace,) = roster_grid(drawn()).data
    assert list(trace.y) == ["Barista 1", "Barista 2"]
    words = [list(line) for line in trace.text]
    assert words[0] == ["Early ⚠", "Early ♡⚠", "Early ⚠", "", "", "", "Late"]
    assert words[1] == ["", "", "", "Late 🔒", "", "", ""]


def test_hovering_tells_the_times():
    (trace,) = roster_grid(drawn()).data
    assert trace.customdata[0][0] == "Barista 1, Monday 2 November: Early, 07:00-15:00"
    assert trace.customdata[1][0] == "Barista 2, Monday 2 November: free"


def test_the_grid_grows_with_the_team():
    few, many = drawn(), drawn()
    many = replace(many, problem=cafe(staff=[Employee(f"Barista {k}") for k in range(30)]))
    assert roster_grid(many).layout.height > roster_grid(few).layout.height


def test_the_coverage_chart_shows_one_of_two_people_in_the_morning():
    planned, needed = coverage_chart(drawn()).data
    assert (planned.name, needed.name) == ("Planned", "Needed")
    assert (needed.y[0], planned.y[0]) == (2.0, 1.0)
    assert needed.line.dash and not planned.line.dash


def test_the_sentences_for_people_who_do_not_see_the_figures():
    roster = drawn()
    assert roster_grid_alt(roster) == (
        "Roster of 2 people from Monday 2 November to Sunday 8 November with 5 shifts; 1 rule is broken."
    )
    assert "are short, the most on Monday 2 November with 1 of 2." in coverage_alt(roster)
    assert fairness_alt(roster) == (
        "Bars per person: paid hours from 7.5 to 30, worked weekends from 0 to 1, late shifts from 1 to 1."
    )


def test_the_bars_carry_patterns_beside_colours():
    bars = fairness_bars(drawn()).data
    assert [bar.name for bar in bars] == ["Paid hours", "Weekends", "Late shifts"]
    assert len({bar.marker.pattern.shape for bar in bars}) == 3
    assert list(bars[0].x) == [30.0, 7.5]
