"""What the language models did and cost, page by page and day by day."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import astuple, dataclass, fields
from datetime import date, datetime
from pathlib import Path

from engine.llm.chat import Ask, Completion, ModelProxy

BUSY_SECONDS = 1.0
SCHEMA = (
    "CREATE TABLE IF NOT EXISTS language_calls (at TEXT, workspace TEXT, page TEXT, model TEXT, provider TEXT, "
    "local INTEGER, reason TEXT, tokens_in INTEGER, tokens_out INTEGER, cost REAL, seconds REAL, cached INTEGER, "
    "offered INTEGER, accepted INTEGER)"
)

REFERENCE = "gpt-4o"
"""The cloud model that "what all-cloud would have cost" is computed with."""


@dataclass(frozen=True)
class Entry:
    """One thing that was worded.

    Attributes:
        at: when.
        workspace: whose budget it counts for.
        page: where it was shown.
        model: who worded it; "template" for the engine's own sentences.
        provider: who ran it; "" for the engine.
        local: True when nothing left this machine.
        reason: why this model, as the page showed it.
        tokens_in: tokens of all questions.
        tokens_out: tokens of all answers.
        cost: US dollars.
        seconds: how long it took.
        cached: True when the wording was kept from before; its tokens are those that it took then, its cost is 0.
        offered: rewordings that the model made.
        accepted: how many of them passed the check.
    """

    at: datetime
    workspace: str
    page: str
    model: str
    provider: str
    local: bool
    reason: str
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    seconds: float = 0.0
    cached: bool = False
    offered: int = 0
    accepted: int = 0


@dataclass(frozen=True)
class CallTotals:
    """What a number of entries come to.

    Attributes:
        calls: how many there are.
        cost: US dollars.
        all_cloud: what the same tokens would have cost with `REFERENCE` and without a cache, US dollars.
        local_share: share of calls of which nothing left the machine, 0..1; 1 when there is none.
        cached_share: share of calls that were answered from before, 0..1.
        accepted_share: share of rewordings that passed the check, 0..1; 1 when there was none.
        seconds: mean time per call.
    """

    calls: int
    cost: float
    all_cloud: float
    local_share: float
    cached_share: float
    accepted_share: float
    seconds: float


class Ledger:
    """Keeps entries in a small SQLite file; in memory while that file cannot be used.

    A broken disk costs the record, never the narration.

    Args:
        file: where to keep them; None for memory alone.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._unwritten: list[Entry] = []
        self._lock = threading.Lock()

    def record(self, entry: Entry) -> None:
        """Keep one entry, and those that could not be written before."""
        with self._lock:
            self._unwritten.append(entry)
            if self._file is None:
                return
            try:
                self._write(self._unwritten)
            except (sqlite3.Error, OSError):
                return
            self._unwritten.clear()

    def entries(self, *, workspace: str = "", day: date | None = None, page: str = "") -> tuple[Entry, ...]:
        """The entries in the order in which they were made, of all workspaces, days and pages that are not named.

        Args:
            workspace: only its entries; "" for all.
            day: only this day's, UTC; None for all.
            page: only this page's; "" for all.
        """
        named = {"workspace": workspace, "page": page, "substr(at, 1, 10)": day.isoformat() if day else ""}
        conditions = {column: value for column, value in named.items() if value}
        with self._lock:
            on_file = self._read(conditions)
            fresh = list(self._unwritten)
        fresh = [each for each in fresh if not workspace or each.workspace == workspace]
        fresh = [each for each in fresh if (not page or each.page == page) and (not day or each.at.date() == day)]
        return (*on_file, *fresh)

    def spent(self, *, workspace: str = "", day: date | None = None, page: str = "") -> CallTotals:
        """What these entries come to.

        Args:
            workspace: only its entries; "" for all.
            day: only this day's, UTC; None for all.
            page: only this page's; "" for all.
        """
        return total(self.entries(workspace=workspace, day=day, page=page))

    def _write(self, entries: Iterable[Entry]) -> None:
        assert self._file is not None
        self._file.parent.mkdir(parents=True, exist_ok=True)
        rows = [(each.at.isoformat(), *astuple(each)[1:]) for each in entries]
        marks = ", ".join("?" * len(fields(Entry)))
        with closing(sqlite3.connect(self._file, timeout=BUSY_SECONDS)) as database, database:
            database.execute(SCHEMA)
            database.executemany(f"INSERT INTO language_calls VALUES ({marks})", rows)  # noqa: S608  only "?" marks

    def _read(self, conditions: Mapping[str, str]) -> list[Entry]:
        if self._file is None or not self._file.is_file():
            return []
        columns = ", ".join(each.name for each in fields(Entry))
        only = " AND ".join(f"{column} = ?" for column in conditions) or "1"
        query = f"SELECT {columns} FROM language_calls WHERE {only} ORDER BY rowid"  # noqa: S608  our column names
        try:
            with closing(sqlite3.connect(self._file, timeout=BUSY_SECONDS)) as database:
                rows = database.execute(query, tuple(conditions.values())).fetchall()
        except sqlite3.Error:
            return []
        return [_entry(row) for row in rows]


@dataclass(frozen=True)
class CloudAllowance:
    """How much may be spent on cloud models.

    Attributes:
        daily: US dollars per workspace and day; 0 spends nothing.
    """

    daily: float = 0.0

    def allows(self, ledger: Ledger, workspace: str, day: date) -> bool:
        """True while the day's money is not used up; at most one call can go over it.

        Args:
            ledger: what was spent.
            workspace: who wants to ask.
            day: on which day, UTC.
        """
        return ledger.spent(workspace=workspace, day=day).cost < self.daily


def total(entries: Iterable[Entry]) -> CallTotals:
    """What the entries come to."""
    all_entries = list(entries)
    calls = max(1, len(all_entries))
    offered = sum(each.offered for each in all_entries)
    return CallTotals(
        calls=len(all_entries),
        cost=sum(each.cost for each in all_entries),
        all_cloud=sum(
            price(REFERENCE, each.tokens_in, each.tokens_out, each.at) for each in all_entries if each.tokens_in
        ),
        local_share=sum(each.local for each in all_entries) / calls if all_entries else 1.0,
        cached_share=sum(each.cached for each in all_entries) / calls,
        accepted_share=sum(each.accepted for each in all_entries) / offered if offered else 1.0,
        seconds=sum(each.seconds for each in all_entries) / calls,
    )


def _entry(row: tuple[object, ...]) -> Entry:
    values = dict(zip((each.name for each in fields(Entry)), row, strict=True))
    values["at"] = datetime.fromisoformat(str(values["at"]))
    values["local"], values["cached"] = bool(values["local"]), bool(values["cached"])
    return Entry(**values)  # type: ignore[arg-type]


def cost_of(answer: Completion, at: datetime) -> float:
    """What this answer cost, US dollars: 0 on this machine; a model without a known price counts as `REFERENCE`."""
    if answer.local:
        return 0.0
    try:
        return price(answer.model, answer.tokens_in, answer.tokens_out, at)
    except KeyError:
        return price(REFERENCE, answer.tokens_in, answer.tokens_out, at)


def price(model: str, tokens_in: int, tokens_out: int, at: datetime) -> float:
    """The price of so many tokens on that day, US dollars.

    Args:
        model: its name, as its provider spells it.
        tokens_in: tokens of the question, >= 0.
        tokens_out: tokens of the answer, >= 0.
        at: when it was asked.

    Raises:
        KeyError: the table does not know the model.
    """
    from genai_prices import Usage, calc_price

    usage = Usage(input_tokens=tokens_in, output_tokens=tokens_out)
    try:
        return float(calc_price(usage, model_ref=model, genai_request_timestamp=at).total_price)
    except LookupError:
        raise KeyError(model) from None


@dataclass(frozen=True)
class MeteredModel(ModelProxy):
    """A model each of whose answers is written into the ledger.

    Attributes:
        model: who is asked.
        ledger: where it is written.
        workspace: whose question it is.
        page: where it is asked.
        reason: why a model is asked.
        now: what the clock says.
    """

    ledger: Ledger
    workspace: str
    page: str
    reason: str
    now: Callable[[], datetime]

    def ask(self, ask: Ask) -> Completion:
        """The model's answer.

        Raises:
            ModelUnavailable: there is none; then nothing is written.
        """
        began = time.monotonic()
        answer = self.model.ask(ask)
        now = self.now()
        self.ledger.record(
            Entry(
                at=now,
                workspace=self.workspace,
                page=self.page,
                model=answer.model,
                provider=answer.provider,
                local=answer.local,
                reason=self.reason,
                tokens_in=answer.tokens_in,
                tokens_out=answer.tokens_out,
                cost=cost_of(answer, now),
                seconds=time.monotonic() - began,
            )
        )
        return answer
