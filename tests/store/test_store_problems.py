"""When the database will not do, the owner of the bakery reads what is wrong and what to do about it."""

import pickle
import sqlite3
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from engine.errors import StoreProblem
from engine.store.connection import explain
from engine.store.store import open_store

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "dyocense.db"


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "shop").write_text("a file where the folder should be")

    with pytest.raises(StoreProblem, match=r"folder of the database .* cannot be made .*Make it yourself"):
        open_store(f"sqlite:///{tmp_path}/shop/data/dyocense.db")


def test_a_path_that_is_a_folder(tmp_path):
    with pytest.raises(StoreProblem, match=r"cannot be opened. Check that its folder exists"):
        open_store(f"sqlite:///{tmp_path}")


def test_a_database_that_may_only_be_read(file):
    open_store(f"sqlite:///{file}").close()
    store = open_store(f"sqlite:///file:{file}?mode=ro&uri=true")

    with pytest.raises(StoreProblem, match=r"cannot be written. Check the permissions"):
        store.save_dataset("bakery", "sales.csv", b"sales", saved_at=MONDAY)
    store.close()


def test_a_database_that_another_program_holds(file):
    store = open_store(f"sqlite:///{file}?timeout=0.1")
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreProblem, match=r"locked by another program. Close other copies"):
        store.save_dataset("bakery", "sales.csv", b"sales", saved_at=MONDAY)
    assert store.datasets("bakery") == ()

    other.close()
    store.close()


def test_a_full_disk(file):
    # SQLite answers a database that may not grow any further just as it answers a full disk.
    address = f"sqlite:///{file}"
    engine = create_engine(address)
    with engine.connect() as connection:
        connection.execute(text("CREATE TABLE bread (loaf BLOB)"))
        connection.execute(text("PRAGMA max_page_count = 3"))
        with pytest.raises(OperationalError) as full:
            connection.execute(text("INSERT INTO bread VALUES (zeroblob(100000))"))
    engine.dispose()

    assert "the disk is full. Free some space" in str(explain(full.value, make_url(address)))


def test_a_file_that_is_no_database(file):
    file.write_bytes(b"Dear customers, we are closed on Monday. " * 100)

    with pytest.raises(StoreProblem, match=r"is not a database. Move that file away"):
        open_store(f"sqlite:///{file}")
    assert file.read_bytes().startswith(b"Dear customers")


@pytest.mark.parametrize("address", ["", "my shop", "nosuchdatabase://server/shop"])
def test_an_address_that_leads_nowhere(address):
    with pytest.raises(StoreProblem, match="DYOCENSE_DATABASE_URL is not the address of a database"):
        open_store(address)


def test_a_missing_driver_is_named_and_the_password_is_not(monkeypatch):
    # A module that is None in sys.modules cannot be imported, whether or not it is installed.
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)

    with pytest.raises(StoreProblem, match="needs the Python package psycopg") as problem:
        open_store("postgresql+psycopg://owner:secret@127.0.0.1/shop")
    assert "secret" not in str(problem.value)


def test_the_problem_can_cross_to_another_process():
    with pytest.raises(StoreProblem) as problem:
        open_store("my shop")

    assert str(pickle.loads(pickle.dumps(problem.value))) == str(problem.value)
