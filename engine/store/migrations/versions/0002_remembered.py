"""What the owner tells us about the business."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "remembered",
        sa.Column("workspace_id", sa.String(64), primary_key=True),
        sa.Column("subject", sa.String(), primary_key=True),
        sa.Column("told", sa.JSON(), nullable=False),
    )
