"""A bakery's files are read in a process of their own: what goes wrong there harms nobody."""

import os
import signal
import sys
import threading
import time
from datetime import date
from pathlib import Path

import pytest

from engine.errors import DataProblem, UnreadableFile
from engine.process import Allowance
from engine.settings import Settings
from engine.workflows import files
from engine.workflows.files import FileReader, allowance_for, shared_reader
from tests.workflows.reading_accidents import by_its_content

SALES = b"date,quantity\n" + b"".join(b"2025-01-%02d,%d\n" % (day, day) for day in range(1, 29))
TODAY = date(2026, 1, 1)

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a process")


@pytest.fixture(scope="module")
def reader():
    reader = FileReader(by_its_content, allowance=lambda size: Allowance(200, 1), readers=1)
    yield reader
    reader.close()


def sold(reader: FileReader) -> float:
    return float(reader.open_file(SALES, "sales.csv", Settings()).tables[0].frame["quantity"].sum())


def test_a_sample_is_the_same_dataset_as_when_it_is_read_here():
    content = files.sample("bakery").path.read_bytes()
    there = shared_reader().open_file(content, "bakery.xlsx", Settings(), today=TODAY)
    here = files.open_file(content, "bakery.xlsx", Settings(), today=TODAY)
    assert there.sha256 == here.sha256
    assert there.report == here.report
    assert [table.columns for table in there.tables] == [table.columns for table in here.tables]
    assert all(one.frame.equals(other.frame) for one, other in zip(there.tables, here.tables, strict=True))


def test_what_is_wrong_with_a_file_is_said_in_the_same_words(reader):
    with pytest.raises(
        UnreadableFile, match=r"The file is a PDF document, not a table. Choose the spreadsheet itself."
    ):
        reader.open_file(b"%PDF-1.7 menu", "menu.pdf", Settings())


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"memory", r"takes more than 200 MB of memory \(menu.xlsx\). Remove sheets", marks=linux),
        pytest.param(b"abort", r"takes more than 200 MB of memory \(menu.xlsx\). Remove sheets", marks=linux),
        pytest.param(b"circles", r"takes more than 1 seconds \(menu.xlsx\). Remove sheets", marks=linux),
        (b"death", r"broke off \(menu.xlsx\). Choose it again"),
        (b"mistake", r"broke off \(menu.xlsx\). Choose it again"),
    ],
)
def test_a_file_that_ends_its_process_is_refused_in_words_and_the_next_is_read(reader, content, says):
    with pytest.raises(UnreadableFile, match=says):
        reader.open_file(content, "menu.xlsx", Settings())
    assert sold(reader) == 406


def test_a_file_that_takes_too_long_is_refused_in_words_and_the_next_is_read():
    reader = FileReader(by_its_content, seconds=1.0, readers=1)
    assert sold(reader) == 406
    with pytest.raises(UnreadableFile, match=r"longer than 1 seconds \(menu.xlsx\). Remove sheets"):
        reader.open_file(b"sleep", "menu.xlsx", Settings())
    assert sold(reader) == 406
    reader.close()


@linux
def test_a_process_that_died_between_two_files_is_not_noticed(reader):
    pid = int(reader.open_file(b"who", "", Settings()).name)
    os.kill(pid, signal.SIGTERM)
    while Path(f"/proc/{pid}/cmdline").read_bytes():
        time.sleep(0.01)
    assert sold(reader) == 406


def test_the_same_process_reads_one_small_file_after_the_other(reader):
    assert reader.open_file(b"who", "", Settings()).name == reader.open_file(b"who", "", Settings()).name


def test_a_slow_file_of_one_visitor_does_not_keep_another_waiting():
    reader = FileReader(by_its_content, readers=2)
    assert sold(reader) == 406
    slow_ended = threading.Event()

    def wait_for_slow() -> None:
        with pytest.raises(DataProblem):
            reader.open_file(b"sleep", "slow.xlsx", Settings())
        slow_ended.set()

    slow = threading.Thread(target=wait_for_slow)
    slow.start()
    time.sleep(0.1)
    assert sold(reader) == 406
    assert not slow_ended.is_set()
    reader.close()
    slow.join(10)
    assert slow_ended.is_set()


def test_a_large_file_may_take_more_than_a_small_one_but_never_without_end():
    small, large = allowance_for(2_000), allowance_for(100_000_000)
    assert small == Allowance(900, 9)
    assert large == Allowance(2_000, 30)
