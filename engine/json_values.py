"""Values of our own types as JSON for the store, and back."""

from functools import lru_cache
from typing import Any, TypeVar

T = TypeVar("T")


def dump(value: object, kind: Any) -> Any:
    """The value as dicts, lists, strings and numbers.

    Args:
        value: a dataclass, or a tuple of them.
        kind: its type, such as `Draft` or `tuple[Override, ...]`.
    """
    return _adapter(kind).dump_python(value, mode="json")


def load(saved: object, kind: type[T]) -> T:
    """What `dump` was given, from what the store gave back.

    Args:
        saved: dicts, lists, strings and numbers.
        kind: the type of the value.

    Raises:
        ValueError: this is no such value.
    """
    plain_kind: Any = kind
    value: T = _adapter(plain_kind).validate_python(saved)
    return value


@lru_cache(maxsize=64)
def _adapter(kind: Any) -> Any:
    from pydantic import TypeAdapter  # takes a while to load

    return TypeAdapter(kind)
