"""Work for child processes: small functions that behave well, badly, or not at all."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from engine.errors import DataProblem, MissingColumn


class Unportable(Exception):
    def __init__(self, one, two):
        super().__init__("cannot be rebuilt from this")


def bake(loaves, *, report):
    for loaf in range(loaves):
        report(loaf / loaves, f"Baking loaf {loaf + 1} of {loaves}")
    return loaves * 2


def wait_for(gate, *, report):
    report(0.25, "Waiting for the oven")
    while not Path(gate).exists():
        time.sleep(0.02)
    return "baked"


def large(megabytes, *, report):
    return b"x" * (megabytes * 1_000_000)


def chatter(*, report):
    print("a library says hello")
    os.write(1, b"and so does its compiled half\n")
    subprocess.run([sys.executable, "-c", "print('and the program that it calls')"], check=True)
    return input_is_closed()


def input_is_closed():
    return sys.stdin.read() == ""


def bad_file(*, report):
    raise DataProblem("Row 7 has no date", where="sheet Sales", remedy="Fill it in or delete the row.")


def no_date_column(*, report):
    raise MissingColumn("date", available=["Day", "Sold"])


def divide_by_zero(*, report):
    return 1 / 0


def raise_unportable(*, report):
    raise Unportable(1, 2)


def return_a_lock(*, report):
    import threading

    return threading.Lock()


def die_by_signal(*, report):
    os.kill(os.getpid(), signal.SIGKILL)


def die_once(marker, *, report):
    if not Path(marker).exists():
        Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "the second time"


def leave(code, *, report):
    os._exit(code)


def say_goodbye(*, report):
    sys.exit("bye")


def ignore_polite_requests(beats, *, report):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    report(0.5, "Holding on")
    beat(beats)


def start_a_helper(beats, *, report):
    with subprocess.Popen([sys.executable, __file__, beats]):
        report(0.5, "Helped")


def environment(name, *, report):
    return os.environ.get(name)


def beat(beats):
    """Write the time into a file until somebody ends us."""
    while True:
        Path(beats).write_text(str(time.monotonic()))
        time.sleep(0.02)


if __name__ == "__main__":
    beat(sys.argv[1])


def loaded(*modules, report):
    """Which of these modules this process has imported already."""
    return [name for name in modules if name in sys.modules]


def own_process(*, report):
    return os.getpid()
