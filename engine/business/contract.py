"""What a frame of the business holds, checked at the door."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

DType = type[pl.DataType]


@dataclass(frozen=True)
class Field:
    """One column of a frame.

    Attributes:
        dtype: the type of its values.
        meaning: unit or sense, in a few words.
        required: no value may be missing.
    """

    dtype: DType
    meaning: str
    required: bool = False


class BrokenContract(ValueError):
    """A frame is not what its reader was promised; the message says which column, what is wrong, and the fix."""


@dataclass(frozen=True)
class Contract:
    """The columns of a frame, in their order."""

    name: str
    fields: Mapping[str, Field]

    def check(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame itself.

        Raises:
            BrokenContract: a column is missing, of another type, or has a gap where none may be.
        """
        for column, field in self.fields.items():
            if column not in frame.columns:
                raise BrokenContract(f"{self.name} has no column {column!r} ({field.meaning}); add it, null if unknown")
            if frame.schema[column] != field.dtype:
                dtype = frame.schema[column]
                raise BrokenContract(f"{self.name}.{column} is {dtype}; cast it to {field.dtype.__name__}")
            if field.required and (gaps := frame[column].null_count()):
                raise BrokenContract(f"{self.name}.{column} has {gaps} gaps; leave those rows out, and say so")
        return frame.select(*self.fields)

    def completed(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with every column of the contract, null where it has none, in the types of the contract."""
        return frame.select(
            (pl.col(name) if name in frame.columns else pl.lit(None)).cast(field.dtype).alias(name)
            for name, field in self.fields.items()
        )

    def empty(self) -> pl.DataFrame:
        """A frame without rows that keeps the contract."""
        return pl.DataFrame(schema={name: field.dtype for name, field in self.fields.items()})
