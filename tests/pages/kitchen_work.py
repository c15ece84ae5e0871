"""Work for the background panel's tests; a job's process imports it by name."""

import time

from engine.errors import DataProblem


def bake(loaves: int, report) -> int:
    report(0.5, "kneading")
    return loaves


def rest_the_dough(report) -> int:
    report(0.1, "waiting for the dough")
    time.sleep(600)
    return 0


def burn(report) -> int:
    raise DataProblem("The oven is too hot", remedy="Let it cool down.")
