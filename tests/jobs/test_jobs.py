"""A bakery's calculations run beside its screen: in a line, with progress, and never left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import work_samples as work

from engine.errors import DataProblem, JobFailed, MissingColumn
from engine.jobs import JobQueue
from engine.process import Child, ChildEnded, pack

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@pytest.fixture
def queue():
    queue = JobQueue(slots=1, seconds=20)
    yield queue
    queue.close()


def until(condition, seconds=5.0):
    """Wait for a condition; says whether it came true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def still(beats, seconds=0.4):
    """Whether nobody writes the heartbeat any more."""
    before = Path(beats).read_text()
    time.sleep(seconds)
    return Path(beats).read_text() == before


def test_ten_loaves_come_back_as_twenty_halves(queue):
    job = queue.submit("ten loaves", work.bake, 10)

    assert job.result() == 20
    assert (job.status().state, job.status().progress) == ("done", 1.0)


def test_a_running_job_says_how_far_it_is_and_what_it_does(queue, tmp_path):
    job = queue.submit("slow", work.wait_for, str(tmp_path / "gate"))

    assert until(lambda: job.status().note == "Waiting for the oven")
    assert job.status().state == "running"
    assert job.status().progress == 0.25

    (tmp_path / "gate").touch()
    assert job.result() == "baked"


def test_a_result_of_thirty_megabytes_arrives_though_nobody_asks_meanwhile(queue):
    job = queue.submit("large", work.large, 30)

    assert job.wait(10).state == "done"
    assert len(job.result()) == 30_000_000


def test_an_argument_of_thirty_megabytes_arrives(queue):
    assert queue.submit("large", work.environment, "x" * 30_000_000).result() is None


def test_the_same_question_is_computed_once(queue):
    first = queue.submit(("file", 28), work.bake, 3)
    first.result()

    assert queue.submit(("file", 28), work.bake, 3) is first
    assert queue.get(("file", 28)) is first
    assert queue.get(("file", 14)) is None


def test_the_second_job_waits_in_line_and_starts_when_the_first_ends(queue, tmp_path):
    first = queue.submit(1, work.wait_for, str(tmp_path / "gate"))
    second, third = queue.submit(2, work.bake, 1), queue.submit(3, work.bake, 2)

    assert [job.status().place_in_line for job in (first, second, third)] == [0, 1, 2]
    assert second.status().state == "waiting"

    (tmp_path / "gate").touch()
    assert (second.result(), third.result()) == (2, 4)


def test_two_slots_run_two_jobs_side_by_side(tmp_path):
    queue = JobQueue(slots=2, seconds=20)
    jobs = [queue.submit(k, work.wait_for, str(tmp_path / "gate")) for k in range(3)]

    assert [job.status().state for job in jobs] == ["running", "running", "waiting"]
    queue.close()
    assert [job.status().state for job in jobs] == ["cancelled"] * 3


def test_cancel_ends_even_a_stubborn_process_within_two_seconds(queue, tmp_path):
    beats = tmp_path / "beats"
    job = queue.submit("stubborn", work.ignore_polite_requests, str(beats))
    assert until(beats.exists)

    asked = time.monotonic()
    job.cancel()
    freed = queue.submit("next", work.bake, 1)

    assert job.status().state == "cancelled"
    assert freed.result() == 2
    assert time.monotonic() - asked < 2
    assert still(beats)
    with pytest.raises(JobFailed, match="cancelled"):
        job.result()


def test_cancel_ends_the_programs_that_the_work_has_started(queue, tmp_path):
    beats = tmp_path / "beats"
    job = queue.submit("helped", work.start_a_helper, str(beats))
    assert until(beats.exists)

    job.cancel()

    assert until(lambda: still(beats))


def test_a_waiting_job_that_is_cancelled_leaves_the_line(queue, tmp_path):
    queue.submit(1, work.wait_for, str(tmp_path / "gate"))
    second, third = queue.submit(2, work.bake, 1), queue.submit(3, work.bake, 2)

    second.cancel()

    assert second.status().state == "cancelled"
    assert third.status().place_in_line == 1


def test_a_finished_job_cannot_be_cancelled(queue):
    job = queue.submit("done", work.bake, 1)
    job.result()

    job.cancel()

    assert job.status().state == "done"
    assert job.result() == 2


def test_a_killed_process_says_so_and_the_work_can_run_again(queue, tmp_path):
    job = queue.submit("killed", work.die_once, str(tmp_path / "marker"))

    assert job.wait(10).state == "failed"
    assert "signal 9" in job.status().problem
    assert "memory" in job.status().problem
    with pytest.raises(JobFailed, match="Run it again"):
        job.result()

    again = queue.submit("killed", work.die_once, str(tmp_path / "marker"))
    assert again is not job
    assert again.result() == "the second time"


def test_a_process_that_leaves_early_says_with_which_code(queue):
    assert "code 3" in queue.submit("leaves", work.leave, 3).wait(10).problem


def test_work_that_exits_python_has_failed(queue):
    with pytest.raises(JobFailed, match="SystemExit"):
        queue.submit("exits", work.say_goodbye).result()


def test_work_that_takes_too_long_is_stopped(tmp_path):
    queue = JobQueue(slots=1, seconds=0.5)
    beats = tmp_path / "beats"

    job = queue.submit("endless", work.ignore_polite_requests, str(beats))

    with pytest.raises(JobFailed, match=r"longer than 0\.5 seconds"):
        job.result()
    assert still(beats)
    queue.close()


def test_a_problem_in_the_owners_file_arrives_whole(queue):
    with pytest.raises(DataProblem) as met:
        queue.submit("bad file", work.bad_file).result()
    with pytest.raises(MissingColumn) as missing:
        queue.submit("no date", work.no_date_column).result()

    assert (met.value.where, met.value.remedy) == ("sheet Sales", "Fill it in or delete the row.")
    assert queue.get("bad file").status().problem == str(met.value)
    assert missing.value.available == ("Day", "Sold")


def test_an_unexpected_error_is_named_and_its_traceback_goes_to_the_log(queue, caplog):
    job = queue.submit("zero", work.divide_by_zero)

    with pytest.raises(JobFailed, match="ZeroDivisionError"):
        job.result()
    assert "Traceback" not in job.status().problem
    assert "return 1 / 0" in caplog.text


@pytest.mark.parametrize("bad_work", [work.raise_unportable, work.return_a_lock])
def test_what_cannot_leave_its_process_fails_instead_of_hanging(queue, bad_work):
    assert queue.submit(bad_work.__name__, bad_work).wait(10).state == "failed"


def test_chatty_libraries_cannot_garble_the_answer(queue):
    assert queue.submit("chatty", work.chatter).result() is True


def test_work_from_the_main_script_is_refused_at_once(queue):
    script_function = type(lambda: None)(work.bake.__code__, {"__name__": "__main__"}, "bake")

    with pytest.raises(ValueError, match="importable module"):
        queue.submit("script", script_function)


def test_the_process_sees_its_environment_before_anything_else():
    queue = JobQueue(slots=1, seconds=20, environment={"NIXTLA_NUMBA_CACHE": "1"})

    assert queue.submit(1, work.environment, "NIXTLA_NUMBA_CACHE").result() == "1"
    assert queue.submit(2, work.environment, "OMP_NUM_THREADS").result() == "1"
    queue.close()


def test_only_the_latest_results_are_remembered():
    queue = JobQueue(slots=1, seconds=20, keep=2)
    for loaves in (1, 2):
        queue.submit(loaves, work.bake, loaves).result()
    queue.get(1)
    queue.submit(3, work.bake, 3).result()

    assert [queue.get(loaves) is not None for loaves in (1, 2, 3)] == [True, False, True]
    queue.close()


def test_a_closed_queue_takes_no_work():
    queue = JobQueue(slots=1, seconds=20)
    queue.close()

    with pytest.raises(JobFailed, match="closing"):
        queue.submit("late", work.bake, 1)


SCRIPT = """
import sys
sys.path[:0] = [{root!r}, {here!r}]
with open({marker!r}, "a") as marker:
    marker.write("ran ")
from engine.jobs import JobQueue
from engine.process import Child, ChildEnded, pack
import work_samples
queue = JobQueue(slots=1, seconds=20)
job = queue.submit("key", work_samples.{call}, {argument!r})
{ending}
"""


def write_script(folder, **parts):
    script = folder / "page.py"
    script.write_text(SCRIPT.format(root=str(ROOT), here=str(HERE), marker=str(folder / "marker"), **parts))
    return [sys.executable, str(script)]


def test_the_main_script_does_not_run_again_in_the_child(tmp_path):
    command = write_script(tmp_path, call="bake", argument=3, ending="print(job.result())")

    ran = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True, cwd=tmp_path)

    assert ran.stdout == "6\n"
    assert (tmp_path / "marker").read_text() == "ran "


def test_a_program_that_ends_takes_its_jobs_with_it(tmp_path):
    beats = tmp_path / "beats"
    ending = f"import os, time\nwhile not os.path.exists({str(beats)!r}): time.sleep(0.02)"
    command = write_script(tmp_path, call="ignore_polite_requests", argument=str(beats), ending=ending)

    subprocess.run(command, timeout=20, check=True)

    assert until(lambda: still(beats))


def test_a_killed_program_leaves_no_job_behind(tmp_path):
    beats = tmp_path / "beats"
    command = write_script(tmp_path, call="start_a_helper", argument=str(beats), ending="job.result()")

    with subprocess.Popen(command) as program:
        assert until(beats.exists)
        os.kill(program.pid, signal.SIGKILL)

    assert until(lambda: still(beats))


def test_a_process_made_ready_has_the_library_when_its_job_comes(queue):
    assert queue.submit("before", work.loaded, "xml.dom.minidom").result() == []
    queue.make_ready(work.loaded, "xml.dom.minidom")
    assert queue.submit("after", work.loaded, "xml.dom.minidom").result() == ["xml.dom.minidom"]


def test_a_process_made_ready_waits_for_its_own_work_only_and_is_made_once(queue):
    queue.make_ready(work.loaded, "xml.dom.minidom")
    queue.make_ready(work.loaded, "xml.dom.minidom")
    assert queue.submit("other", work.bake, 1).result() == 2
    assert queue.submit("own", work.loaded, "xml.dom.minidom").result() == ["xml.dom.minidom"]


def test_a_library_that_is_not_there_stops_no_job(queue):
    queue.make_ready(work.bake, "no_such_library")
    assert queue.submit("bread", work.bake, 3).result() == 6


@pytest.mark.parametrize("seconds", [0, 0.02, 0.1, 0.5])
def test_a_job_can_be_cancelled_while_its_process_still_loads(queue, seconds):
    queue.make_ready(work.bake, "slow_to_import")
    job = queue.submit("bread", work.bake, 3)
    assert until(lambda: job.status().state == "running")
    time.sleep(seconds)
    job.cancel()
    assert job.status().state == "cancelled"
    assert queue.submit("rolls", work.bake, 2).result() == 4


def test_a_closed_child_says_so_when_it_is_asked():
    child = Child({})
    child.close()
    with pytest.raises(ChildEnded, match="ended before it began"):
        child.ask(pack(work.bake, 1), seconds=5)


def test_a_process_made_ready_and_never_used_ends_with_the_queue():
    queue = JobQueue(slots=1, seconds=20)
    queue.make_ready(work.own_process)
    process = next(iter(queue._ready.values())).child._process
    queue.close()
    assert process.poll() is not None
    queue.make_ready(work.own_process)
    assert not queue._ready
