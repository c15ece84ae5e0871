"""What the database's own errors mean to the person in front of it."""

from sqlalchemy import URL
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from engine.errors import StoreProblem

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
