"""What the app's figures are made of, on numbers small enough to check by hand; no browser and no clock."""

import math
from itertools import count

import pytest

from benchmarks.__main__ import main
from benchmarks.app import Findings
from benchmarks.server import NoServer, cpu_seconds, parent, peak_megabytes
from benchmarks.timings import Timing, per_call, ratio, table

STAT = "4242 (till (front) 2) S 17 4242 4242 0 -1 4194304 9000 0 3 0 150 50 7 9 20 0 8 0 123456 800000000 70000"
STATUS = "Name:\tstreamlit\nVmPeak:\t  900000 kB\nVmHWM:\t  250000 kB\nVmRSS:\t  240000 kB\n"


def seconds(*values: float, goal: float | None = None) -> Timing:
    return Timing("queue at the bakery", "s", values, goal)


def test_of_twenty_customers_the_nineteenth_wait_is_the_p95():
    assert seconds(*range(20, 0, -1)).p95 == 19
    assert seconds(*range(1, 22)).p95 == 20


def test_of_fewer_than_twenty_customers_the_longest_wait_is_the_p95():
    assert seconds(3.0, 9.0, 1.0).p95 == 9.0
    assert seconds(4.0).p95 == 4.0


def test_the_median_of_an_even_number_lies_between_the_two_in_the_middle():
    assert seconds(1.0, 10.0, 2.0, 4.0).median == 3.0


def test_an_answer_that_never_came_spoils_the_p95_and_not_the_median():
    waits = seconds(0.2, 0.3, math.inf)
    assert waits.median == 0.3
    assert waits.p95 == math.inf


def test_a_wait_as_long_as_the_goal_is_within_it():
    assert seconds(0.4, 0.5, 0.6, math.inf, goal=0.5).within == 0.5
    assert math.isnan(seconds(0.4).within)


def test_the_table_has_one_line_per_measure_with_its_goal():
    lines = table(
        {"queue": seconds(0.25, 0.75, goal=0.5), "memory": Timing("most memory", "MB", (256.4,))}
    ).splitlines()
    assert lines[2].split() == ["queue", "at", "the", "bakery", "s", "2", "0.50", "0.75", "0.75", "<=", "0.5", "50%"]
    assert lines[3].split() == ["most", "memory", "MB", "1", "256", "256", "256"]


def test_the_ratio_is_one_of_medians_and_unknown_without_both():
    timings = {"slow": seconds(6.0, 8.0, 100.0), "fast": seconds(2.0), "idle": seconds(0.0)}
    assert ratio(timings, "slow", "fast") == 4.0
    assert math.isnan(ratio(timings, "slow", "missing"))
    assert math.isnan(ratio(timings, "slow", "idle"))


def test_a_counter_that_rises_by_three_over_two_calls_rises_by_one_and_a_half_per_call():
    counter = count(start=10, step=3)
    assert per_call(lambda: next(counter), [lambda: None, lambda: None]) == 1.5


def test_cpu_seconds_are_user_and_system_ticks_even_when_the_command_holds_parentheses():
    assert cpu_seconds(STAT, 100) == 2.0  # 150 + 50 ticks of 10 ms; its children's 7 and 9 do not count
    assert parent(STAT) == 17


def test_peak_memory_is_the_high_water_mark_of_what_was_resident():
    assert peak_megabytes(STATUS) == 256.0  # 250,000 KiB


def test_a_process_that_is_gone_has_no_figures_and_stops_nothing():
    assert math.isnan(cpu_seconds("", 100))
    assert math.isnan(peak_megabytes(""))
    assert parent("") == 0


def test_a_measurement_that_fails_is_named_with_its_reason_and_keeps_the_others():
    def fails():
        raise NoServer("the bakery's server did not answer\nand here is its log")
        yield

    findings = Findings()
    findings.add("queue", lambda: iter([("queue", seconds(1.0))]))
    findings.add("server", fails)
    assert findings.timings == {"queue": seconds(1.0)}
    assert findings.missing == {"server": "the bakery's server did not answer"}


def test_the_app_needs_no_data_and_takes_none(capsys):
    with pytest.raises(SystemExit):
        main(["app", "--data", "."])
    assert "unrecognized arguments: --data" in capsys.readouterr().err


def test_other_areas_still_ask_for_their_data(capsys):
    with pytest.raises(SystemExit):
        main(["forecast"])
    assert "--data" in capsys.readouterr().err
