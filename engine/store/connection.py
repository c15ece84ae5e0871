"""The way to the database: one address, connections that behave the same wherever it leads, tables up to date.

What goes wrong is told to the person in front of it.
"""

import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError, SQLAlchemyError

from engine.errors import StoreProblem

BUSY_SECONDS = 15.0
"""A second program waits so long for the first one's transaction."""

WRITES = "dyocense_writes"
"""The execution option of connections that mean to write."""

PAUSES = (0.1, 0.3, 1.0)
"""Seconds to wait while another program makes the same tables."""

# Alembic keeps the migration under way in a global.
_one_at_a_time = threading.Lock()

SQLITE_PROBLEMS = {
    "SQLITE_CANTOPEN": "cannot be opened. Check that its folder exists and that you may write there.",
    "SQLITE_READONLY": "cannot be written. Check the permissions of the file and of its folder.",
    "SQLITE_PERM": "cannot be written. Check the permissions of the file and of its folder.",
    "SQLITE_FULL": "has no room left: the disk is full. Free some space and try again.",
    "SQLITE_IOERR": "could not be read or written. Check that its disk is connected and has room.",
    "SQLITE_BUSY": "is locked by another program. Close other copies of Dyocense and try again.",
    "SQLITE_LOCKED": "is locked by another program. Close other copies of Dyocense and try again.",
    "SQLITE_NOTADB": "is not a database. Move that file away, and a new database is made in its place.",
    "SQLITE_CORRUPT": "is damaged. Bring it back from a backup, or move it away to begin anew.",
}
"""SQLite's result codes, as https://www.sqlite.org/rescode.html names them, and the rest of a sentence for each."""

ANOTHER = "or choose another database with DYOCENSE_DATABASE_URL"


def parse(url: str) -> URL:
    """The address of a database, checked.

    Raises:
        StoreProblem: it is none.
    """
    try:
        return make_url(url)
    except ArgumentError:
        raise no_such_address("it cannot be read") from None


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
        raise no_such_address(f"{url.drivername} is unknown") from None
    except ModuleNotFoundError as missing:
        raise no_driver(url, missing.name or "of its driver") from missing
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
        raise folder_refused(url, refused.strerror or "no reason given") from refused


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


def bring_up_to_date(engine: Engine) -> None:
    """Run the steps that the database lacks; safe when several programs open a new database together.

    Raises:
        StoreProblem: a newer version of Dyocense made the database; it is left as it is.
        SQLAlchemyError: the database cannot be reached or changed.
    """
    pauses = list(PAUSES)
    with _one_at_a_time:
        while not _is_current(engine):
            try:
                _upgrade(engine)
            except DBAPIError:
                if not pauses:
                    raise
                # Perhaps another program is first: look again before giving up.
                time.sleep(pauses.pop(0))


def _is_current(engine: Engine) -> bool:
    """Raises StoreProblem when the database is ahead of us."""
    steps = ScriptDirectory.from_config(_config())
    revisions = {step.revision for step in steps.walk_revisions()}
    with engine.connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
    if revision is not None and revision not in revisions:
        raise newer_version(engine.url, revision)
    return revision == steps.get_current_head()


def _upgrade(engine: Engine) -> None:
    with for_writing(engine).begin() as connection:
        command.upgrade(_config(connection), "head")


def _config(connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "engine.store:migrations")
    config.set_main_option("path_separator", "os")
    return config


def explain(error: SQLAlchemyError, url: URL) -> StoreProblem:
    """What an owner can do about this error."""
    origin = getattr(error, "orig", None)
    name: str = getattr(origin, "sqlite_errorname", "")
    for code, meaning in SQLITE_PROBLEMS.items():
        if name.startswith(code):
            return StoreProblem(f"{place(url)} {meaning}")
    if isinstance(error, OperationalError) and url.get_backend_name() != "sqlite":
        return StoreProblem(
            f"{place(url)} does not answer. Check that the server runs, {ANOTHER}. ({_first_line(origin)})"
        )
    return StoreProblem(f"{place(url)} could not be used: {_first_line(origin or error)}.")


def no_such_address(text: str) -> StoreProblem:
    """The address is none; it is not repeated, since it may hold a password."""
    return StoreProblem(f"DYOCENSE_DATABASE_URL is not the address of a database ({text}). Try sqlite:///dyocense.db.")


def no_driver(url: URL, missing: str) -> StoreProblem:
    """The database needs a Python package that is not installed."""
    return StoreProblem(f"{place(url)} needs the Python package {missing}. Install it, {ANOTHER}.")


def folder_refused(url: URL, reason: str) -> StoreProblem:
    """The folder of the database file cannot be made."""
    return StoreProblem(
        f"The folder of {place(url, start=False)} cannot be made ({reason}). Make it yourself, {ANOTHER}."
    )


def newer_version(url: URL, revision: str) -> StoreProblem:
    """A later version of Dyocense made this database."""
    return StoreProblem(
        f"{place(url)} was made by a newer version of Dyocense (step {revision}). Update Dyocense, {ANOTHER}."
    )


def place(url: URL, *, start: bool = True) -> str:
    """The database as a person would point at it, without its password."""
    where = url.database if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)
    return f"{'The' if start else 'the'} database {where or 'in memory'}"


def _first_line(error: BaseException | None) -> str:
    lines = str(error or "").strip().splitlines()
    return lines[0].rstrip(".") if lines else "no reason given"
