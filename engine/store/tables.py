"""The tables; a change here needs a new file in `migrations/versions/`, and a test compares the two."""

from datetime import UTC, datetime
from typing import Any, ClassVar, cast

import numpy as np
from sqlalchemy import JSON, Column, DateTime, Dialect, ForeignKeyConstraint, Index, Integer, LargeBinary, TypeDecorator
from sqlalchemy.types import TypeEngine, UserDefinedType
from sqlmodel import Field, SQLModel

from engine.arrays import Floats32

DIMENSIONS = 384
CLOSENESS = "<=>"
"""pgvector's cosine distance: 0 for the same direction."""


class PgVector(UserDefinedType[str]):
    """The column type of the pgvector extension, written as text: "[0.1,0.2]"."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """The type's name in SQL."""
        return f"vector({DIMENSIONS})"


class Embedding(TypeDecorator[Floats32]):
    """A vector of `DIMENSIONS` numbers, or none."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """pgvector's type where there is one."""
        chosen = PgVector() if dialect.name == "postgresql" else LargeBinary()
        return dialect.type_descriptor(cast("TypeEngine[Any]", chosen))

    def process_bind_param(self, value: Floats32 | None, dialect: Dialect) -> str | bytes | None:
        """The vector as this database writes it."""
        if value is None:
            return None
        return as_text(value) if dialect.name == "postgresql" else np.asarray(value, np.float32).tobytes()

    def process_result_value(self, value: Any, dialect: Dialect) -> Floats32 | None:
        """The vector again."""
        if value is None:
            return None
        if dialect.name == "postgresql":
            return np.array([float(part) for part in str(value).strip("[]").split(",")], np.float32)
        return np.frombuffer(value, np.float32)


def as_text(vector: Floats32) -> str:
    """The vector as pgvector reads it."""
    return "[" + ",".join(f"{float(part):.7g}" for part in vector) + "]"


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


class PurchaseOrderRow(SQLModel, table=True):
    """One approved purchase order of one business."""

    __tablename__: ClassVar[str] = "purchase_order"

    workspace_id: str = Field(primary_key=True, max_length=64)
    business: str = Field(primary_key=True, max_length=64)
    number: int = Field(primary_key=True, sa_type=Integer, sa_column_kwargs={"autoincrement": False})
    document: dict[str, Any] = Field(sa_type=JSON)


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
