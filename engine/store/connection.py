"""The way to the database: one address, and connections that behave the same wherever it leads."""

import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from engine.store import problems

BUSY_SECONDS = 15.0
"""A second program waits so long for the first one's transaction."""

WRITES = "dyocense_writes"
"""The execution option of connections that mean to write."""


def parse(url: str) -> URL:
    """The address of a database, checked.

    Raises:
        StoreProblem: it is none.
    """
    try:
        return make_url(url)
    except ArgumentError:
        raise problems.no_such_address("it cannot be read") from None


def connect(url: URL) -> Engine:
    """An engine for this address; nothing is opened yet.

    Raises:
        StoreProblem: the kind of database is unknown, its driver is missing, or its folder cannot be made.
    """
    if url.get_backend_name() == "sqlite":
        _make_folder(url)
        url = url.update_query_dict({"timeout": url.query.get("timeout", str(BUSY_SECONDS))})
    try:
        engine = create_engine(url, pool_pre_ping=True)
    except NoSuchModuleError:
        raise problems.no_such_address(f"{url.drivername} is unknown") from None
    except ModuleNotFoundError as missing:
        raise problems.no_driver(url, missing.name or "of its driver") from missing
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def for_writing(engine: Engine) -> Engine:
    """The same connections, told that they will write."""
    return engine.execution_options(**{WRITES: True})


def _make_folder(url: URL) -> None:
    if not url.database or url.database.startswith((":", "file:")):
        return
    try:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    except OSError as refused:
        raise problems.folder_refused(url, refused.strerror or "no reason given") from refused


def _set_up_sqlite(connection: Any, _record: object) -> None:
    # With None, Python's driver opens no transaction of its own and leaves that to `_begin_sqlite`.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    _switch_to_wal(cursor)
    cursor.close()


def _switch_to_wal(cursor: sqlite3.Cursor) -> None:
    # While another program makes the database, SQLite refuses this switch at once instead of waiting its usual time.
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as refused:
            if refused.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and then wants to write is refused when another has written meanwhile; one that
    # asks for the right to write at its start waits for its turn.
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
