"""Why somebody is missing, and why a request is refused."""

from dataclasses import replace

from engine.scheduling import Employee, Lock, Need, Wish
from engine.scheduling.reasons import short_stretches, why_missing, why_refused
from engine.scheduling.roster import finished
from engine.scheduling.rules import Rest, WorkRun
from tests.scheduling.rota import MONDAY, cafe, row


def team():
    return (
        Employee("Barista 1", ("Barista",), rate=20.0),
        Employee("Barista 2", ("Barista",), rate=18.0, days_off=frozenset({MONDAY})),
        Employee("Barista 3", ("Barista",), rate=16.0, wishes=(Wish(MONDAY, "", False, 12.0),)),
        Employee("Cook 1", ("Cook",), rate=22.0),
    )


def as_baristas(line):
    """One barista's line, worked in the role of a barista."""
    return [replace(each, role="Barista") for each in row(line)]


def short_monday():
    """Two baristas are needed on Monday from eight to ten, one stretch after the other, and one is there."""
    needs = [Need(MONDAY, "Barista", hour * 60, (hour + 1) * 60, 2, under=50.0) for hour in (8, 9)]
    return finished(cafe(Rest(), staff=team(), needs=needs), as_baristas("E------"), 0.0, "", 0.0)


def test_neighbouring_stretches_that_are_equally_short_are_one():
    (short,) = short_stretches(short_monday())
    assert (short.start, short.end, short.needed, short.planned) == (8 * 60, 10 * 60, 2, 1)


def test_each_colleague_has_a_reason_the_cheapest_first():
    roster = short_monday()
    (short,) = short_stretches(roster)
    found = why_missing(roster, short)
    assert [reason.employee for reason in found] == ["Barista 3", "Barista 2"]
    # Early is 7.5 paid hours at 16 an hour; the wish of 12 is refused; two missing hours of 50 are saved.
    assert found[0].extra == 7.5 * 16 + 12 - 100
    assert "Barista 3 asked for a free day on Monday 2 November" in found[0].sentence
    assert found[1].sentence == "Barista 2 works on a fixed day off, Monday 2 November."


def test_who_is_busy_elsewhere_is_said():
    needs = [Need(MONDAY, "Barista", 8 * 60, 10 * 60, 1, under=50.0)]
    roster = finished(cafe(staff=team()[:1], needs=needs), as_baristas("L------"), 0.0, "", 0.0)
    (reason,) = why_missing(roster, short_stretches(roster)[0])
    assert reason.sentence == "Barista 1 works Late (14:00-22:00) as Barista on that day."


def refused(rate=14.0, **changes):
    staff = (
        Employee("Barista 1", rate=10.0, wishes=(Wish(MONDAY, "", False, 12.0),)),
        Employee("Barista 2", rate=rate, **changes),
    )
    problem = cafe(WorkRun(most=6), staff=staff, needs=[Need(MONDAY, "", 8 * 60, 12 * 60, 1, under=200.0)])
    roster = finished(problem, row("E------"), 0.0, "", 0.0)
    (breach,) = [b for b in roster.checked.breaches if b.rule == "Wishes"]
    return roster, breach


def test_a_request_is_refused_when_the_cheapest_colleague_costs_more_than_it_weighs():
    sentence = why_refused(*refused())
    # 7.5 hours cost 4 an hour more, and the wish of 12 is granted.
    assert sentence.startswith("Barista 2 takes Early on Monday 2 November.")
    assert "18.00 EUR more than the 12.00 EUR" in sentence


def test_a_request_that_costs_as_much_as_it_weighs_is_said_to():
    # 7.5 hours cost 1.60 an hour more, and the wish of 12 is granted.
    assert "just as much as to refuse it, 12.00 EUR" in why_refused(*refused(rate=11.6))


def test_a_request_is_refused_when_nobody_may_take_the_shift():
    assert why_refused(*refused(days_off=frozenset({MONDAY}))) == (
        "Nobody can take this shift over without breaking a rule."
    )


def test_a_locked_colleague_is_no_way_out():
    roster, breach = refused()
    problem = roster.problem.locked(Lock(MONDAY, "Barista 2", ""))
    again = finished(problem, roster.assignments, 0.0, "", 0.0)
    assert "Nobody can" in why_refused(again, breach)
