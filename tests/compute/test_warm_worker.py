"""A clinic's quick forecasts come from a process that is warm before the first question."""

import os
import signal
import statistics
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from operator import truediv
from pathlib import Path

import pytest

from engine.compute import WarmWorker
from engine.errors import JobFailed, TooLittleHistory


@pytest.fixture
def worker():
    worker = WarmWorker(("statistics",))
    yield worker
    worker.close()


def test_the_average_of_four_visits_comes_from_another_process(worker):
    assert worker.run(statistics.mean, [2, 4, 6, 8], timeout=10) == 5
    assert worker.run(os.getpid, timeout=10) != os.getpid()


def test_start_returns_at_once_and_the_modules_are_there_for_the_first_call():
    worker = WarmWorker(("colorsys",))
    began = time.monotonic()
    worker.start()
    assert time.monotonic() - began < 0.1

    assert "colorsys" in worker.run(eval, "list(__import__('sys').modules)", timeout=10)
    worker.close()


def test_a_worker_is_idle_when_it_is_warm_and_has_nothing_to_do(worker):
    assert not worker.idle
    worker.run(abs, -1, timeout=10)
    assert worker.idle
    with ThreadPoolExecutor(1) as threads:
        busy = threads.submit(worker.run, time.sleep, 0.5, timeout=10)
        while not busy.done() and worker.idle:
            pass
        assert not busy.done()


def test_calls_share_one_process(worker):
    assert worker.run(os.getpid, timeout=10) == worker.run(os.getpid, timeout=10)


def test_many_threads_each_get_their_own_answer(worker):
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda number: worker.run(abs, -number, timeout=10), range(40)))

    assert answers == list(range(40))


def test_an_unexpected_error_is_told_in_words_logged_and_the_process_lives_on(worker, caplog):
    before = worker.run(os.getpid, timeout=10)

    with pytest.raises(JobFailed, match="unexpected error \\(ZeroDivisionError\\)"):
        worker.run(truediv, 1, 0, timeout=10)

    assert "Traceback" in caplog.text
    assert worker.run(os.getpid, timeout=10) == before


def test_a_problem_of_ours_arrives_whole(worker):
    with pytest.raises(TooLittleHistory) as met:
        worker.run(exec, "from engine.errors import *; raise TooLittleHistory(2, 14, period='day')", timeout=10)

    assert (met.value.have, met.value.need) == (2, 14)


def test_work_that_exits_python_ends_neither_the_server_nor_the_process(worker):
    with pytest.raises(JobFailed, match="SystemExit"):
        worker.run(sys.exit, 3, timeout=10)


def test_a_process_killed_between_calls_is_replaced_unseen(worker):
    first = worker.run(os.getpid, timeout=10)
    os.kill(first, signal.SIGKILL)

    assert worker.run(os.getpid, timeout=10) not in (first, os.getpid())


def test_a_process_killed_during_a_call_is_replaced_and_the_call_made_again(worker, tmp_path):
    marker = tmp_path / "marker"
    die_once = f"import os; os.path.exists({str(marker)!r}) or (open({str(marker)!r}, 'w').close(), os._exit(9))"

    assert worker.run(exec, die_once, timeout=10) is None
    assert marker.exists()


def test_a_call_that_kills_every_process_fails_and_the_next_call_works(worker):
    with pytest.raises(JobFailed, match="code 7"):
        worker.run(os._exit, 7, timeout=10)

    assert worker.run(abs, -1, timeout=10) == 1


def test_a_call_that_takes_too_long_is_stopped_and_the_next_call_works(worker):
    with pytest.raises(JobFailed, match=r"longer than 0\.3 seconds"):
        worker.run(time.sleep, 30, timeout=0.3)

    assert worker.run(abs, -1, timeout=10) == 1


def test_a_missing_module_is_logged_and_other_calls_work(caplog):
    worker = WarmWorker(("no_such_module_anywhere",))

    assert worker.run(abs, -1, timeout=10) == 1
    assert "no_such_module_anywhere" in caplog.text
    worker.close()


def test_the_environment_is_set_before_the_modules_are_imported():
    worker = WarmWorker((), environment={"NUMBA_CACHE_DIR": "/somewhere"})

    assert worker.run(os.getenv, "NUMBA_CACHE_DIR", timeout=10) == "/somewhere"
    worker.close()


def test_close_stops_the_call_under_way_and_takes_no_more(worker, tmp_path):
    begun = tmp_path / "begun"
    script = f"import time; open({str(begun)!r}, 'w').close(); time.sleep(30)"
    failures = []

    def ask():
        try:
            worker.run(exec, script, timeout=60)
        except JobFailed as failed:
            failures.append(str(failed))

    asking = threading.Thread(target=ask)
    asking.start()
    while not Path(begun).exists():
        time.sleep(0.02)
    worker.close()
    asking.join(2)

    assert failures == ["The program is closing and takes no new work."]
