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
        dask_scheduler: address of a Dask scheduler that forecasts large files; empty for processes on this machine.
        redis_url: where several servers share their cache of wordings; empty for this machine's disk.
        ollama_url: where an Ollama daemon listens.
        ollama_model: which of its models words the results; its first one when empty.
        local_url: a server on this machine that speaks OpenAI's protocol (`make local-llm`); empty for none.
        local_model: the model that it runs.
        cloud_model: "openai:<model>" or "anthropic:<model>"; asked only after the owner allows it. Keys come from
            OPENAI_API_KEY and ANTHROPIC_API_KEY.
        cloud_url: another address for the cloud model's protocol; empty for the provider's own.
        cloud_daily_usd: most that cloud models may cost per workspace and day, US dollars.
    """

    model_config = SettingsConfigDict(env_prefix="DYOCENSE_", env_file=None, frozen=True)

    home: Path = Field(default_factory=lambda: Path.home() / ".dyocense")
    database_url: str = ""
    workspace: str = ""
    max_upload_mb: int = Field(default=100, gt=0)
    max_rows: int = Field(default=2_000_000, gt=0)
    job_seconds: float = Field(default=300.0, gt=0)
    jobs_at_once: int = Field(default=1, gt=0)
    dask_scheduler: str = ""
    redis_url: str = Field(default="", repr=False)
    ollama_url: str = "http://127.0.0.1:11434"
    ollama_model: str = ""
    local_url: str = ""
    local_model: str = ""
    cloud_model: str = ""
    cloud_url: str = ""
    cloud_daily_usd: float = Field(default=1.0, ge=0)

    @property
    def folder(self) -> Path:
        """Where this installation keeps small files: beside its SQLite database, else in `home`."""
        kind, _, file = self.database_url.partition(":///")
        return Path(file).parent if kind == "sqlite" and file else self.home

    @property
    def database(self) -> str:
        """The SQLAlchemy URL of the database in use."""
        return self.database_url or f"sqlite:///{self.home / 'dyocense.db'}"
