"""A mail-order shop's items in parts: computed anywhere, kept at once, never twice."""

import os
import signal
from pathlib import Path

import polars as pl
import pytest

from engine.compute import Chunk, map_chunks, processes, runner_for, serial
from engine.compute.chunks import on_dask
from engine.errors import DataProblem, JobFailed, TooLittleHistory
from tests.compute import chunk_work

CHUNKS = [Chunk(f"part-{k}", (k,)) for k in range(6)]


def total(files: tuple[Path, ...]) -> list[int]:
    return pl.read_parquet(list(files))["square"].to_list()


@pytest.mark.parametrize("runner", [serial, processes(2)], ids=["here", "two processes"])
def test_every_part_is_kept_in_its_own_file_in_order(runner, tmp_path):
    files = map_chunks(chunk_work.square, CHUNKS, folder=tmp_path, run="a", runner=runner)
    assert [file.name for file in files] == [f"part-{k}.parquet" for k in range(6)]
    assert total(files) == [0, 1, 4, 9, 16, 25]


def test_a_part_that_is_there_is_not_computed_again(tmp_path):
    told: list[str] = []
    map_chunks(chunk_work.square, CHUNKS[:4], folder=tmp_path, run="a", runner=serial)
    os.utime(tmp_path / "part-0.parquet", (1, 1))
    files = map_chunks(
        chunk_work.square, CHUNKS, folder=tmp_path, run="a", runner=serial, report=lambda share, note: told.append(note)
    )
    assert (tmp_path / "part-0.parquet").stat().st_mtime == 1
    assert told == ["4 of 6 parts were there already", "5 of 6 parts", "6 of 6 parts"]
    assert total(files) == [0, 1, 4, 9, 16, 25]


def test_what_was_done_before_a_part_failed_stays(tmp_path):
    with pytest.raises(TooLittleHistory):
        map_chunks(chunk_work.fails_at_three, CHUNKS, folder=tmp_path, run="a", runner=serial)
    assert sorted(file.stem for file in tmp_path.glob("*.parquet")) == ["part-0", "part-1", "part-2"]


def test_an_error_made_on_purpose_comes_back_from_a_process_as_it_was(tmp_path):
    with pytest.raises(TooLittleHistory, match="2 days"):
        map_chunks(chunk_work.fails_at_three, CHUNKS[3:4], folder=tmp_path, run="a", runner=processes(1))


def test_a_process_that_is_killed_in_the_middle_loses_nothing(tmp_path):
    chunks = [Chunk(f"part-{k}", (k, str(tmp_path / "killed"))) for k in range(4)]
    files = map_chunks(chunk_work.killed_once, chunks, folder=tmp_path / "out", run="a", runner=processes(2))
    assert (tmp_path / "killed").exists()
    assert total(files) == [0, 1, 4, 9]


def test_a_part_that_kills_every_process_is_given_up(tmp_path):
    with pytest.raises(JobFailed, match=r"ended early|signal"):
        map_chunks(chunk_work.always_killed, CHUNKS[:1], folder=tmp_path, run="a", runner=processes(1))


@pytest.mark.parametrize("first", ["other run", "other files"])
def test_a_folder_with_something_else_in_it_is_left_alone(first, tmp_path):
    if first == "other run":
        map_chunks(chunk_work.square, CHUNKS[:1], folder=tmp_path, run="a", runner=serial)
    else:
        pl.DataFrame({"mine": [1]}).write_parquet(tmp_path / "mine.parquet")
    with pytest.raises(DataProblem, match="folder"):
        map_chunks(chunk_work.square, CHUNKS, folder=tmp_path, run="b", runner=serial)


def test_half_a_file_of_a_run_that_was_cut_off_is_no_finished_part(tmp_path):
    map_chunks(chunk_work.square, [], folder=tmp_path, run="a", runner=serial)
    (tmp_path / "part-1.part").write_bytes(b"PAR1 half")
    assert total(map_chunks(chunk_work.square, CHUNKS, folder=tmp_path, run="a", runner=serial))[1] == 1


def test_one_worker_works_here(tmp_path):
    assert runner_for("", 1) is serial


def test_a_scheduler_that_is_not_there_is_named(tmp_path):
    nobody = on_dask("tcp://127.0.0.1:9", connect_seconds=1)
    with pytest.raises(JobFailed, match=r"127\.0\.0\.1:9"):
        map_chunks(chunk_work.square, CHUNKS, folder=tmp_path, run="a", runner=nobody)


@pytest.fixture
def cluster():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=50
    ) as two_workers:
        yield two_workers


@pytest.mark.slow
def test_dask_gives_the_same_and_a_worker_that_is_killed_loses_nothing(cluster, tmp_path):
    here = map_chunks(chunk_work.slow_square, CHUNKS, folder=tmp_path / "here", run="a", runner=serial)
    killed: list[int] = []

    def kill_one(share: float, note: str) -> None:
        if not killed and share > 0:
            killed.append(cluster.workers[0].pid)
            os.kill(killed[0], signal.SIGKILL)

    there = map_chunks(
        chunk_work.slow_square,
        CHUNKS,
        folder=tmp_path / "there",
        run="a",
        runner=runner_for(cluster.scheduler_address, 1),
        report=kill_one,
    )
    assert killed
    assert total(there) == total(here)


@pytest.mark.slow
def test_an_error_on_a_dask_worker_is_told_as_it_was(cluster, tmp_path):
    with pytest.raises(TooLittleHistory, match="2 days"):
        map_chunks(
            chunk_work.fails_at_three,
            CHUNKS[3:4],
            folder=tmp_path,
            run="a",
            runner=runner_for(cluster.scheduler_address, 1),
        )
