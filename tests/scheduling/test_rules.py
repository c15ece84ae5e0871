"""Each rule states what it costs to break it, to the cent."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.errors import DataProblem
from engine.scheduling import Assignment, Employee, Hours, Lock, Need, Wish, check
from engine.scheduling.rules import (
    Breaks,
    FairShare,
    FreeRun,
    LabourBudget,
    Minors,
    Overtime,
    Pattern,
    Rest,
    SameShiftAtWeekend,
    ShiftCount,
    ShiftRun,
    SteadyStart,
    Succession,
    WeekendRun,
    WeekendsWorked,
    WholeWeekends,
    WorkingTime,
    WorkRun,
)
from tests.scheduling.rota import MONDAY, broken, cafe, day, row


def total(rule, line, **more):
    return sum(breach.penalty for breach in broken(rule, line, **more))


def violations(problem, assignments):
    return [(b.rule, b.amount) for b in check(problem, assignments).violations]


def test_an_evening_then_a_morning_breaks_the_rest_rule_by_two_hours():
    (breach,) = broken(Rest(minutes=11 * 60), "LE")
    assert (breach.amount, breach.penalty) == (120, None)
    assert "9 h of rest before Tuesday 3 November, 2 h too little" in breach.sentence


def test_two_hours_too_little_rest_cost_twice_the_price_of_an_hour():
    assert total(Rest(minutes=11 * 60, weight=7.0), "LE") == 14.0


def test_the_last_shift_of_the_old_roster_counts_for_the_rest_before_the_first_day():
    assert total(Rest(weight=1.0), "E", past="L") == 2.0


def test_a_night_may_be_followed_by_a_night_but_not_by_an_early_shift():
    rule = Succession(weight=5.0, first=("Night",), then=("Early", "Short"))
    assert total(rule, "NNE") == 5.0


def test_six_days_of_seven_and_a_half_hours_are_five_hours_beyond_forty():
    (breach,) = broken(WorkingTime(most=40 * 60), "EEEEEE-")
    assert breach.amount == 5 * 60
    assert total(WorkingTime(most=40 * 60, weight=3.0), "EEEEEE-") == 15.0


def test_without_limits_of_its_own_the_rule_asks_for_the_contract():
    problem = cafe(WorkingTime(), staff=[Employee("Barista 1", least_minutes=16 * 60, most_minutes=20 * 60)])
    assert violations(problem, row("EE-----")) == [("WorkingTime", 60)]
    assert violations(problem, row("EEE----")) == [("WorkingTime", 150)]


def test_hours_of_the_same_week_before_the_plan_count():
    problem = replace(cafe(WorkingTime(most=20 * 60), days=4), first_day=day(3), history=row("EE-"))
    assert violations(problem, row("E", first=3)) == [("WorkingTime", 150)]


def test_half_a_week_is_never_too_short():
    assert broken(WorkingTime(least=20 * 60), "E--") == []


def test_a_day_of_more_than_four_hours_is_too_long_for_a_helper():
    assert total(WorkingTime(period="day", most=4 * 60, weight=2.0), "ES") == 7.0


def test_overtime_costs_the_difference_of_the_rates():
    problem = cafe(Overtime(after=40 * 60))
    checked = check(problem, row("EEEEEE-"))
    assert checked.wages == 45 * 20.0
    assert checked.penalties == 5 * 10.0


def test_five_shifts_where_four_are_allowed_cost_one_weight():
    assert total(ShiftCount(most=4, weight=9.0), "EEEEE") == 9.0


def test_two_late_shifts_are_asked_for_and_one_is_missing():
    assert total(ShiftCount(shifts=("Late",), least=2, weight=4.0), "LEE") == 4.0


def test_nights_are_counted_week_by_week():
    assert total(ShiftCount(shifts=("Night",), period="week", most=1, weight=1.0), "NN-----N------") == 1.0


def test_seven_days_in_a_row_are_two_more_than_five():
    assert total(WorkRun(most=5, weight=10.0), "EEEEEEE") == 20.0


def test_a_run_that_began_in_the_old_roster_goes_on():
    assert total(WorkRun(most=5, weight=1.0), "EE-", past="EEEE") == 1.0


def test_one_working_day_between_free_days_is_one_too_few():
    assert total(WorkRun(least=2, weight=6.0), "-E-EE-") == 6.0


def test_a_short_run_at_the_edge_of_the_plan_may_go_on_beyond_it():
    assert broken(WorkRun(least=2), "E--E") == []
    assert total(WorkRun(least=2, weight=1.0, edges_count=True), "E--E") == 2.0


def test_a_single_day_off_is_too_short_when_two_are_asked_for():
    assert total(FreeRun(least=2, weight=3.0), "EE-EE") == 3.0


def test_four_nights_in_a_row_are_one_too_many():
    assert total(ShiftRun(shifts=("Night",), most=3, weight=8.0), "NNNN-") == 8.0


def test_working_on_three_weekends_is_one_too_many():
    assert total(WeekendsWorked(most=2, weight=11.0), ("-" * 5 + "E-") * 3) == 11.0


def test_a_saturday_without_its_sunday_is_half_a_weekend():
    assert total(WholeWeekends(weight=5.0), "-----E-") == 5.0
    assert total(WholeWeekends(weight=5.0), "-----EE") == 0.0


def test_two_worked_weekends_in_a_row_where_one_is_allowed():
    assert total(WeekendRun(most=1, weight=2.0), ("-" * 5 + "E-") * 2) == 2.0
    assert total(WeekendRun(least=2, weight=2.0), "-----E-" + "-" * 7) == 2.0


def test_a_weekend_with_two_different_shifts():
    assert total(SameShiftAtWeekend(weight=4.0), "-----EL") == 4.0
    assert total(SameShiftAtWeekend(weight=4.0), "-----LL") == 0.0


# What the evaluator of the nurse rostering competition of 2010 counts for a weekend of three days.
@pytest.mark.parametrize(
    ("line", "days"),
    [("EEE", 0), ("EE-", 1), ("-EE", 1), ("E--", 2), ("-E-", 2), ("--E", 2), ("E-E", 4), ("---", 0)],
)
def test_a_part_of_a_long_weekend_from_friday_to_sunday(line, days):
    assert total(WholeWeekends(weight=5.0, weekend=(4, 5, 6)), "----" + line) == 5.0 * days


def test_a_long_weekend_with_two_or_three_different_shifts():
    rule = SameShiftAtWeekend(weight=4.0, weekend=(4, 5, 6))
    assert [total(rule, "----" + line) for line in ("LLL", "LEL", "ELS", "EL-")] == [0.0, 4.0, 8.0, 0.0]


def test_a_weekend_that_lasts_until_monday_is_one_weekend():
    rule = WeekendsWorked(most=0, weight=1.0, weekend=(5, 6, 0))
    # The plan's first Monday ends the weekend before it.
    assert total(rule, "E----EEE------") == 2.0


def test_an_unwanted_pattern_is_found_where_it_starts_on_its_weekday():
    rule = Pattern(weight=6.0, steps=("off", "work", "work"), weekday=4)
    assert total(rule, "E----EE") == 6.0
    assert total(replace(rule, weekday=0), "E----EE") == 0.0


def test_a_pattern_of_shifts_occurs_twice():
    assert total(Pattern(weight=1.0, steps=(("Late",), ("Early", "Short"))), "LESLS") == 2.0


def test_a_pattern_needs_a_day():
    with pytest.raises(DataProblem, match="has no days"):
        Pattern(weight=1.0)


def test_starts_that_jump_by_seven_hours_are_not_steady():
    assert total(SteadyStart(within=120, weight=3.0), "EL") == 3.0
    assert total(SteadyStart(within=180, weight=3.0), "ES") == 0.0


def test_three_late_shifts_weigh_nine_times_one():
    rule = FairShare(weight=2.0, shifts=("Late",))
    assert total(rule, "LLL") == 18.0
    assert total(rule, "LE-") == 2.0


def test_fair_weekends_cost_less_when_two_people_share_them():
    alone, shared = total(FairShare(weight=1.0), ("-" * 5 + "E-") * 2), 2 * total(FairShare(weight=1.0), "-----E-")
    assert (alone, shared) == (4.0, 2.0)


def test_somebody_under_age_works_neither_late_nor_long():
    young = Employee("Helper 1", minor=True)
    problem = cafe(Minors(latest=20 * 60), staff=[young])
    assert violations(problem, row("ELS----", "Helper 1")) == [("Minors", 1)]


def test_eight_hours_without_a_break_are_forbidden():
    problem = cafe(Breaks(worked=6 * 60, pause=30))
    assert violations(problem, row("EN")) == [("Breaks", 1)]


def test_wages_above_the_budget_cost_their_excess():
    checked = check(cafe(LabourBudget(amount=400.0, weight=0.5)), row("EEE"))
    assert checked.penalties == pytest.approx(25.0)


def test_two_shifts_on_one_day_are_one_too_many():
    split = (Assignment(MONDAY, "Barista 1", "Short"), Assignment(MONDAY, "Barista 1", "Late"))
    assert violations(cafe(), split) == [("OneShiftADay", 1)]


def test_only_people_with_the_role_may_work_in_it():
    problem = cafe(staff=[Employee("Barista 1", ("Barista",))])
    assert violations(problem, [Assignment(MONDAY, "Barista 1", "Early", "Cook")]) == [("Skills", 1)]


def test_a_shift_must_lie_within_the_hours_of_the_weekday():
    student = Employee("Student 1", availability={0: Hours(14 * 60, 22 * 60)})
    problem = cafe(staff=[student])
    assert violations(problem, row("L", "Student 1")) == []
    assert violations(problem, row("EL", "Student 1")) == [("Available", 1), ("Available", 1)]


def test_a_holiday_stays_free():
    problem = cafe(staff=[Employee("Barista 1", days_off=frozenset({day(1)}))])
    assert violations(problem, row("EE")) == [("DaysOff", 1)]


def test_refused_wishes_cost_their_own_weight():
    wishes = (Wish(day(0), "Early", True, 3.0), Wish(day(1), "", False, 5.0), Wish(day(2), "Late", False, 7.0))
    problem = cafe(staff=[Employee("Barista 1", wishes=wishes)])
    assert check(problem, row("LEL")).penalties == 15.0
    assert check(problem, row("E--")).penalties == 0.0


def test_a_locked_cell_that_was_changed_is_a_violation():
    problem = cafe().locked(Lock(MONDAY, "Barista 1", "Early"), Lock(day(1), "Barista 1", ""))
    assert violations(problem, row("LE")) == [("Locks", 1), ("Locks", 1)]


def test_two_people_missing_for_an_hour_of_four_cost_half_of_one_for_the_whole_time():
    need = Need(MONDAY, "", 13 * 60, 17 * 60, least=2, under=40.0)
    # Early covers 13-15, Late 14-17: cut at 14 and 15, one person is missing at 13-14 and one at 15-17.
    assert check(cafe(needs=[need]), [*row("E"), Assignment(MONDAY, "Barista 1", "Late")]).penalties == 10.0 + 20.0


def test_one_person_too_many_costs_the_price_of_one():
    need = Need(MONDAY, "", 0, 0, least=0, most=0, over=6.0, shift="Early")
    assert check(cafe(needs=[need]), row("E")).penalties == 6.0


def test_a_night_shift_covers_the_morning_after():
    need = Need(day(1), "", 0, 6 * 60, least=1)
    assert violations(cafe(needs=[need]), row("N")) == []


def test_only_experienced_people_count_where_experience_is_asked_for():
    need = Need(MONDAY, "", 8 * 60, 12 * 60, least=1, seniority=3)
    problem = cafe(staff=[Employee("Barista 1", seniority=2)], needs=[need])
    assert violations(problem, row("E")) == [("CoverAtLeast", 1), ("CoverAtLeast", 1)]


def test_the_checker_says_when_a_name_is_unknown():
    with pytest.raises(Exception, match=r"Nobody is called Cook 9 \(Cook 9, 2026-11-02\)"):
        check(cafe(), [Assignment(MONDAY, "Cook 9", "Early")])


def test_the_checker_says_when_a_day_lies_outside_the_plan():
    with pytest.raises(Exception, match="outside the plan"):
        check(cafe(), [Assignment(MONDAY - timedelta(days=1), "Barista 1", "Early")])
