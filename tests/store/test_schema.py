"""A database is made once, brought forward step by step, and never taken back."""

import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable
from sqlmodel import SQLModel

from engine.errors import StoreProblem
from engine.store.store import open_store

ROOT = Path(__file__).parents[2]
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "dyocense.db"


def ask(file, question):
    connection = sqlite3.connect(file)
    try:
        with connection:
            return connection.execute(question).fetchall()
    finally:
        connection.close()


def test_a_new_database_is_made_with_its_folder(tmp_path):
    open_store(f"sqlite:///{tmp_path}/shop/data/dyocense.db").close()

    assert (tmp_path / "shop" / "data" / "dyocense.db").exists()


def test_readers_and_writers_do_not_block_each_other(file):
    open_store(f"sqlite:///{file}").close()

    assert ask(file, "PRAGMA journal_mode") == [("wal",)]


def test_the_numbered_steps_lead_to_the_tables_of_the_code(file):
    open_store(f"sqlite:///{file}").close()
    engine = create_engine(f"sqlite:///{file}")

    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)

    engine.dispose()
    assert differences == []


def test_the_tables_can_be_written_in_the_language_of_postgresql():
    statements = [
        str(CreateTable(table).compile(dialect=postgresql.dialect())) for table in SQLModel.metadata.sorted_tables
    ]

    together = "\n".join(statements)
    assert "content BYTEA NOT NULL" in together
    assert together.count("saved_at TIMESTAMP WITH TIME ZONE NOT NULL") == 2
    assert "ON DELETE CASCADE" in together


def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(file):
    store = open_store(f"sqlite:///{file}")
    saved = store.save_dataset("bakery", "sales.csv", b"sales", saved_at=MONDAY)
    store.close()
    ask(file, "UPDATE alembic_version SET version_num = '9041'")

    with pytest.raises(StoreProblem, match=r"newer version of Dyocense.*9041.*Update Dyocense"):
        open_store(f"sqlite:///{file}")

    assert ask(file, "SELECT version_num FROM alembic_version") == [("9041",)]
    assert ask(file, "SELECT sha256 FROM dataset") == [(saved.sha256,)]


OPENER = """
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from engine.store.store import open_store
import engine.store.store
name, *folders = sys.argv[1:]
for folder in map(Path, folders):
    (folder / ("ready " + name)).touch()
    while not (folder / "gate").exists():
        pass
    store = open_store(f"sqlite:///{folder}/dyocense.db")
    store.save_dataset("bakery", name, name.encode(), saved_at=datetime.now(UTC))
    store.save_dataset("bakery", name, b"the same file", saved_at=datetime.now(UTC))
    store.close()
"""


def test_two_programs_that_open_a_new_database_together_both_succeed(tmp_path):
    folders = [tmp_path / str(attempt) for attempt in range(6)]
    for folder in folders:
        folder.mkdir()
    programs = [
        subprocess.Popen([sys.executable, "-c", OPENER, name, *folders], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for name in ("left", "right")
    ]
    for folder in folders:
        while not ((folder / "ready left").exists() and (folder / "ready right").exists()):
            if any(program.poll() for program in programs):
                break
            time.sleep(0.005)
        (folder / "gate").touch()

    assert [program.communicate(timeout=30)[1] for program in programs] == ["", ""]
    for folder in folders:
        assert ask(folder / "dyocense.db", "SELECT count(*) FROM dataset") == [(3,)]


def test_eight_threads_that_open_and_write_together_all_succeed(file):
    def open_and_save(number):
        store = open_store(f"sqlite:///{file}")
        store.save_dataset("bakery", f"{number}.csv", bytes([number]), saved_at=MONDAY)
        store.save_dataset("bakery", "shared.csv", b"shared", saved_at=MONDAY)
        store.close()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(open_and_save, range(8)))

    store = open_store(f"sqlite:///{file}")
    assert len(store.datasets("bakery")) == 9
    store.close()


def test_importing_the_store_loads_no_database_library():
    heavy = "{'sqlmodel', 'sqlalchemy', 'alembic'}"
    script = f"import sys, engine.store; print(sorted({heavy} & set(sys.modules)))"

    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)

    assert ran.stdout == "[]\n"


def test_a_new_database_that_another_program_is_just_making_is_waited_for(file):
    # SQLite itself refuses the switch to its write-ahead log at once while another program writes the old way.
    maker = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    maker.execute("CREATE TABLE notice (words TEXT)")
    maker.execute("BEGIN IMMEDIATE")
    leaving = threading.Timer(0.3, maker.close)
    leaving.start()

    open_store(f"sqlite:///{file}").close()

    leaving.join()
    assert ask(file, "PRAGMA journal_mode") == [("wal",)]
