"""Hostile files are the same for the same seed, and what reading them costs is counted as by hand."""

import math
import os

import pytest

from benchmarks.hostile import Cost
from benchmarks.hostile_files import KINDS, variants
from benchmarks.hostile_server import Outcome
from benchmarks.server import use

REFUSED = Outcome("The file is damaged. Save it again.", helps=True, next_works=True)
STAT = "4242 (reader) S 17 4242 4242 0 -1 4194304 9000 0 3 0 150 50 100 0 20 0 8 0 123456 800000000 70000"
STATUS = "Name:\treader\nVmHWM:\t  250000 kB\nVmRSS:\t  240000 kB\n"


def test_the_same_seed_makes_the_same_file_and_another_seed_another():
    (one,), (again,), (other,) = (list(variants(seed, 1, ["rows"])) for seed in (1, 1, 2))
    assert one == again
    assert one.content != other.content


def test_every_kind_makes_files_whose_ending_is_that_of_their_content():
    kinds = [kind for kind in KINDS if kind not in ("parts", "sheets", "sizes")]
    for file in variants(3, 1, kinds):
        assert file.name.endswith((".xlsx", ".ods")) == file.content.startswith(b"PK"), file.name


@pytest.mark.parametrize(
    ("cost", "within"),
    [
        (Cost("a.xlsx", 9.0, 900.0, REFUSED), True),
        (Cost("a.xlsx", 11.0, 900.0, REFUSED), False),
        (Cost("a.xlsx", 9.0, 1_100.0, REFUSED), False),
        (Cost("a.xlsx", 9.0, 900.0, Outcome("Sorry.", helps=False, next_works=True)), False),
        (Cost("a.xlsx", 9.0, 900.0, Outcome("Save it again.", helps=True, next_works=False)), False),
    ],
)
def test_a_file_is_within_when_it_is_cheap_and_said_and_the_next_is_read(cost, within):
    assert cost.within == within


def test_the_seconds_of_a_process_hold_those_of_its_children_that_ended():
    reader = use(STAT, STATUS)
    assert reader.cpu == 300 / os.sysconf("SC_CLK_TCK")
    assert reader.megabytes == pytest.approx(245.76)
    assert reader.peak_megabytes == 256
    assert math.isnan(use("", "").cpu)
