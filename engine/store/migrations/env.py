"""Alembic's way in: the steps run on the connection that `engine.store.connection` hands over."""

from alembic import context
from sqlmodel import SQLModel

import engine.store.tables

assert engine.store.tables, "importing the tables fills the metadata"

context.configure(connection=context.config.attributes["connection"], target_metadata=SQLModel.metadata)
with context.begin_transaction():
    context.run_migrations()
