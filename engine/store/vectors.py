"""Sentence vectors in a column: pgvector's type on PostgreSQL, plain bytes on SQLite."""

from typing import Any, cast

import numpy as np
from sqlalchemy import Dialect, LargeBinary, TypeDecorator
from sqlalchemy.types import TypeEngine, UserDefinedType

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
