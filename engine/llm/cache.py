"""Wordings kept for a day, found again only for exactly the same question on exactly the same data.

Never by the likeness of texts: "orders for May" and "orders for June" are more alike to an embedding than two ways of
asking for the same thing.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

DAY_SECONDS = 24 * 3600
REDIS_SECONDS = 0.5


@dataclass(frozen=True)
class Key:
    """Everything that a wording depends on.

    Attributes:
        workspace: whose it is; nobody sees another's.
        tool: which calculation.
        arguments: its arguments; their order does not matter.
        data: fingerprint of the facts.
        prompt: version of the prompt.
        model: who words it.
        tone: how.
        locale: in which locale.
    """

    workspace: str
    tool: str
    data: str
    prompt: str
    model: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    tone: str = "plain"
    locale: str = "en"

    @property
    def digest(self) -> str:
        """sha256 of all parts, hexadecimal."""
        canonical = json.dumps(asdict(self), sort_keys=True, ensure_ascii=True, default=str, allow_nan=False)
        return hashlib.sha256(canonical.encode()).hexdigest()


class Cache(Protocol):
    """Keeps a text for a day; a cache that cannot be reached is empty, never an error."""

    def get(self, key: Key) -> str | None:
        """The text, or None."""

    def put(self, key: Key, text: str) -> None:
        """Keep the text for `DAY_SECONDS`."""

    def close(self) -> None:
        """Let connections and files go."""


class DiskCache:
    """Keeps texts in a folder on this machine.

    Args:
        folder: made when it is first used.
        seconds: how long a text is kept.
    """

    def __init__(self, folder: Path, seconds: float = DAY_SECONDS) -> None:
        self._folder, self._seconds = folder, seconds
        self._opened: Any = None

    def get(self, key: Key) -> str | None:
        """The text, or None."""
        import sqlite3

        from diskcache import Timeout

        try:
            value = self._cache().get(key.digest)
        except (sqlite3.Error, OSError, Timeout):
            return None
        return value if isinstance(value, str) else None

    def put(self, key: Key, text: str) -> None:
        """Keep the text for a day."""
        import sqlite3

        from diskcache import Timeout

        try:
            self._cache().set(key.digest, text, expire=self._seconds)
        except (sqlite3.Error, OSError, Timeout):
            return

    def close(self) -> None:
        """Let the folder go."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _cache(self) -> Any:
        if self._opened is None:
            import diskcache

            # JSON, because pickled values would run code that somebody else wrote into the folder.
            self._opened = diskcache.Cache(str(self._folder), disk=diskcache.JSONDisk)
        return self._opened


class RedisCache:
    """Keeps texts in Redis, for several servers side by side.

    Args:
        url: `redis://...`; it may hold a password and is never shown.
        seconds: how long a text is kept.
    """

    def __init__(self, url: str, seconds: int = DAY_SECONDS) -> None:
        self._url, self._seconds = url, seconds
        self._opened: Any = None

    def get(self, key: Key) -> str | None:
        """The text, or None."""
        import redis

        try:
            value = self._redis().get(f"dyocense:wording:{key.digest}")
        except (redis.RedisError, UnicodeDecodeError, ValueError):
            return None
        return str(value) if value is not None else None

    def put(self, key: Key, text: str) -> None:
        """Keep the text for a day."""
        import redis

        try:
            self._redis().set(f"dyocense:wording:{key.digest}", text, ex=self._seconds)
        except (redis.RedisError, ValueError):
            return

    def close(self) -> None:
        """Let the connections go."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _redis(self) -> Any:
        if self._opened is None:
            import redis
            from redis.backoff import NoBackoff
            from redis.retry import Retry

            patience = {"socket_timeout": REDIS_SECONDS, "socket_connect_timeout": REDIS_SECONDS}
            self._opened = redis.Redis.from_url(
                self._url, decode_responses=True, retry=Retry(NoBackoff(), 0), **patience
            )
        return self._opened


def open_cache(redis_url: str, folder: Path) -> Cache:
    """Redis where an address is given, this machine's disk otherwise; nothing is opened before the first use."""
    return RedisCache(redis_url) if redis_url else DiskCache(folder)
