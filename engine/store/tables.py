"""The tables; a change here needs a new file in `migrations/versions/`, and a test compares the two."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column, DateTime, Dialect, ForeignKeyConstraint, Index, LargeBinary, TypeDecorator
from sqlmodel import Field, SQLModel

from engine.store.vectors import Embedding


class Moment(TypeDecorator[datetime]):
    """A moment with its time zone, kept in UTC also where the database forgets zones, as SQLite does."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn into UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class DatasetRow(SQLModel, table=True):
    """One file of one workspace."""

    __tablename__: ClassVar[str] = "dataset"

    workspace_id: str = Field(primary_key=True, max_length=64)
    sha256: str = Field(primary_key=True, max_length=64)
    name: str
    size: int
    saved_at: datetime = Field(sa_type=Moment)
    # Last, because SQLite reads a row from its start: a list of files never touches their bytes.
    content: bytes = Field(sa_type=LargeBinary)


class RoleRow(SQLModel, table=True):
    """The role that the owner gave to one column, for all files with the same headers."""

    __tablename__: ClassVar[str] = "column_role"

    workspace_id: str = Field(primary_key=True, max_length=64)
    fingerprint: str = Field(primary_key=True, max_length=64)
    column_name: str = Field(primary_key=True)
    role: str


class AnswerRow(SQLModel, table=True):
    """The owner's answer to one question about files."""

    __tablename__: ClassVar[str] = "answer"

    workspace_id: str = Field(primary_key=True, max_length=64)
    question: str = Field(primary_key=True)
    chosen: str


class ScenarioRow(SQLModel, table=True):
    """One saved scenario; it goes when its file goes."""

    __tablename__: ClassVar[str] = "scenario"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        ForeignKeyConstraint(
            ["workspace_id", "dataset_sha256"], ["dataset.workspace_id", "dataset.sha256"], ondelete="CASCADE"
        ),
        Index("ix_scenario_dataset", "workspace_id", "dataset_sha256"),
    )

    id: str = Field(primary_key=True, max_length=64)
    workspace_id: str = Field(max_length=64)
    name: str
    page: str
    dataset_sha256: str = Field(max_length=64)
    parameters: dict[str, Any] = Field(sa_type=JSON)
    headline: str
    saved_at: datetime = Field(sa_type=Moment)


class RememberedRow(SQLModel, table=True):
    """What the owner told us about one subject of the business."""

    __tablename__: ClassVar[str] = "remembered"

    workspace_id: str = Field(primary_key=True, max_length=64)
    subject: str = Field(primary_key=True)
    value: Any = Field(sa_column=Column("told", JSON, nullable=False))


class CoachingRow(SQLModel, table=True):
    """One question to the Coach and its answer."""

    __tablename__: ClassVar[str] = "coaching_sessions"
    __table_args__: ClassVar[tuple[Any, ...]] = (Index("ix_coaching_talk", "workspace_id", "talk"),)

    id: str = Field(primary_key=True, max_length=64)
    workspace_id: str = Field(max_length=64)
    talk: str = Field(max_length=64)
    dataset_sha256: str = Field(max_length=64)
    asked_at: datetime = Field(sa_type=Moment)
    question: str
    tool: str = Field(max_length=32)
    rating: int
    answer: Any = Field(sa_type=JSON, nullable=False)
    query_embedding: Any = Field(sa_type=Embedding, nullable=True)
