"""The settings of one installation, read once by the entry points from the environment (`DYOCENSE_...`)."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What an installation may choose; each has a default that works on a laptop without network.

    Attributes:
        home: folder for the database and for compiled code.
        database_url: SQLAlchemy URL; SQLite in `home` when empty.
        workspace: when set, every browser works in this one workspace (a laptop with one user); when empty,
            each browser has a workspace of its own.
        max_upload_mb: largest file that is read, in MB.
        max_rows: most rows that are read from one sheet.
        job_seconds: a background job is stopped after so many seconds.
        jobs_at_once: how many background jobs run side by side; the others wait in line.
    """

    model_config = SettingsConfigDict(env_prefix="DYOCENSE_", env_file=None, frozen=True)

    home: Path = Field(default_factory=lambda: Path.home() / ".dyocense")
    database_url: str = ""
    workspace: str = ""
    max_upload_mb: int = Field(default=100, gt=0)
    max_rows: int = Field(default=2_000_000, gt=0)
    job_seconds: float = Field(default=300.0, gt=0)
    jobs_at_once: int = Field(default=1, gt=0)

    @property
    def database(self) -> str:
        """The SQLAlchemy URL of the database in use."""
        return self.database_url or f"sqlite:///{self.home / 'dyocense.db'}"
