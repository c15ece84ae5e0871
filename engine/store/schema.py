"""Brings a database to the shape that this version of Dyocense works with."""

import threading
import time

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from engine.store import problems
from engine.store.connection import for_writing

PAUSES = (0.1, 0.3, 1.0)
"""Seconds to wait while another program makes the same tables."""

# Alembic keeps the migration under way in a global.
_one_at_a_time = threading.Lock()


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
        raise problems.newer_version(engine.url, revision)
    return revision == steps.get_current_head()


def _upgrade(engine: Engine) -> None:
    with for_writing(engine).begin() as connection:
        command.upgrade(_config(connection), "head")


def _config(connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "engine.store:migrations")
    config.set_main_option("path_separator", "os")
    return config
