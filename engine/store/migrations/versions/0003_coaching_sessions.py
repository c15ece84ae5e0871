"""Questions to the Coach and their answers; PostgreSQL needs the extension pgvector for their embeddings."""

import sqlalchemy as sa
from alembic import op

from engine.store.tables import Embedding

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS vector")
    op.create_table(
        "coaching_sessions",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("workspace_id", sa.String(64), nullable=False),
        sa.Column("talk", sa.String(64), nullable=False),
        sa.Column("dataset_sha256", sa.String(64), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("tool", sa.String(32), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("query_embedding", Embedding(), nullable=True),
    )
    op.create_index("ix_coaching_talk", "coaching_sessions", ["workspace_id", "talk"])
