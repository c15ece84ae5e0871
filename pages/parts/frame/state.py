"""What one browser session knows: the only user of `st.session_state`."""

import secrets
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, TypeVar

import streamlit as st

from engine.arrays import Floats32
from engine.business.model import Business
from engine.causal import Answers
from engine.dataset import Choices, Dataset
from engine.errors import DataProblem
from engine.jobs import Job
from engine.store import JSON, SavedDataset, SavedScenario, SavedTurn, ScenarioRecord, Turn
from engine.store.store import Store
from engine.workflows.files import SAMPLES, as_one, is_useful, sample, shared_reader
from engine.workflows.forecast.sales_drivers import OwnerCalendar
from engine.workflows.why import causal_knowledge
from pages.parts.frame import cached, widgets

COOKIE = "dyocense_workspace"
TOKEN_LENGTH = 32
"""Characters of the secret by which a browser is known: 24 random bytes."""

UNDO_STEPS = 50

_KEY = "dyocense"

T = TypeVar("T")


@dataclass
class Session:
    """One browser's work.

    Attributes:
        token: the secret by which this browser is known; "" where all browsers share one workspace.
        workspace: where its files and scenarios are kept; a hash of the token, so the database never holds the secret.
        file: sha256 of the open file's bytes, or "".
        dataset: what was read from that file.
        unsaved: the content of the open file while no page can use it; such a file is not kept.
        uploads: how many files were opened; gives the uploader a new key, so that it is empty again.
        job: the background job that was started last.
        problem: why a file could not be opened, or "".
        undo: what was decided about files before each of the latest decisions.
        redo: the decisions that were taken back.
        leaving: what a cloud model would have been sent for the latest words, whether or not one was asked.
        previewing: the owner is looking at what would leave.
        slots: what the features hold for this browser, by its type and a key; see `slot`.
    """

    token: str
    workspace: str
    file: str = ""
    dataset: Dataset | None = None
    unsaved: bytes = b""
    uploads: int = 0
    job: Job | None = None
    problem: str = ""
    undo: list[Choices] = field(default_factory=list)
    redo: list[Choices] = field(default_factory=list)
    leaving: tuple[str, ...] = ()
    previewing: bool = False
    slots: dict[tuple[type, str], object] = field(default_factory=dict)


def session() -> Session:
    """This browser's session; made on first use, with the sample in the link or the latest saved file open."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = _new_session()
    current: Session = st.session_state[_KEY]
    return current


def slot(kind: type[T], key: str = "") -> T | None:
    """What a feature holds for this browser: the value of this type under this key, which it has `put` there."""
    value = session().slots.get((kind, key))
    return value if isinstance(value, kind) else None


def put(value: object, key: str = "") -> None:
    """Hold a value for this browser, in the place of the one of its type and key."""
    session().slots[type(value), key] = value


def drop(kind: type, key: str = "") -> None:
    """Let go of a value, if it is there."""
    session().slots.pop((kind, key), None)


def open_files(files: Iterable[tuple[str, bytes]]) -> None:
    """Read files by name and content as one dataset, and keep them when a page can use them.

    What is wrong with those that cannot be read is in `Session.problem`; the file that was open stays open when none
    can be read.
    """
    here = session()
    offered = _told_apart(files)
    try:
        _open(here, offered)
        here.problem = ""
    except DataProblem as problem:
        here.problem = f"{next(iter(offered))}: {problem}" if len(offered) == 1 else _open_readable(here, offered)
    here.uploads += 1


def open_saved(file: str) -> None:
    """Open a file that was kept before.

    Raises:
        StoreProblem: it is not kept any more.
        DataProblem: it cannot be read with the choices made since.
    """
    _reopen(session(), file)


def forget_file() -> None:
    """Delete the open file and its scenarios, and open the latest of those that remain."""
    here = session()
    _store().delete_dataset(here.workspace, here.file)
    here.file, here.dataset, here.unsaved = "", None, b""
    _open_latest(here)


def saved_files() -> tuple[SavedDataset, ...]:
    """The files of this workspace, the latest first."""
    return _store().datasets(session().workspace)


def decide(choices: Choices) -> None:
    """Remember what the owner says about a file, and read the open file again.

    Raises:
        DataProblem: it cannot be read that way; nothing is remembered.
    """
    _decide(_choices().updated(choices))


def answer(key: str, option: str) -> None:
    """Remember the answer to a question about the file, and read it again."""
    decide(Choices(answers={key: option}))


def start_over() -> None:
    """Forget all that was decided about tables with these columns, and read the file again."""
    here = session()
    _decide(_choices().without([table.fingerprint for table in here.dataset.tables] if here.dataset else []))


def undo() -> None:
    """Take the latest decision about a file back."""
    here = session()
    now, before = _choices(), here.undo.pop()
    _read_with(before)
    here.redo.append(now)


def redo() -> None:
    """Make the decision again that was taken back."""
    here = session()
    now, after = _choices(), here.redo.pop()
    _read_with(after)
    here.undo.append(now)


def save_scenario(name: str, page: str, parameters: Mapping[str, JSON], headline: str) -> None:
    """Keep the settings of a page and its headline under a name."""
    here = session()
    scenario = ScenarioRecord(name, page, here.file, parameters, headline)
    _store().save_scenario(here.workspace, scenario, saved_at=datetime.now(UTC))


def scenarios(page: str) -> tuple[SavedScenario, ...]:
    """The scenarios saved for the open file on this page, the latest first."""
    here = session()
    return tuple(
        scenario for scenario in _store().scenarios(here.workspace, page) if scenario.dataset_sha256 == here.file
    )


def delete_scenario(scenario_id: str) -> None:
    """Delete a saved scenario."""
    _store().delete_scenario(session().workspace, scenario_id)


def remember(subject: str, content: JSON) -> None:
    """Keep what the owner tells us about a subject of the business; None forgets it."""
    _store().remember(session().workspace, subject, content)


def recall(subject: str) -> JSON:
    """What the owner told us about a subject, or None."""
    return _store().remembered(session().workspace, subject)


def owner_calendar(subject: str) -> OwnerCalendar:
    """Holidays, events, promotions and prices ahead, of the business with this subject."""
    return OwnerCalendar.from_json(recall(subject))


def causal_answers(business: Business) -> Answers:
    """What no file can show about causes, told in this file or an earlier one with the same columns."""
    return causal_knowledge.from_json(recall(causal_knowledge.subject(business)))


def keep_turn(turn: Turn, embedding: Floats32 | None) -> SavedTurn:
    """Keep a question to the Coach with its answer."""
    return _store().talks.add(session().workspace, turn, asked_at=datetime.now(UTC), embedding=embedding)


def saved_turns() -> tuple[SavedTurn, ...]:
    """The latest conversation with the Coach about the open file."""
    here = session()
    return _store().talks.of(here.workspace, here.file)


def similar_turns(embedding: Floats32) -> tuple[SavedTurn, ...]:
    """Questions that were asked before, the most alike first."""
    return _store().talks.similar(session().workspace, embedding, most=5)


def rate_turn(turn_id: str, rating: int) -> None:
    """Keep what the owner thinks of an answer: 1 right, -1 wrong, 0 nothing."""
    _store().talks.rate(session().workspace, turn_id, rating)


def forget_talks() -> None:
    """Delete all questions to the Coach."""
    _store().talks.forget(session().workspace)


def put_on_screen(parameters: Mapping[str, Any]) -> None:
    """Set widgets by their keys; call it before they are drawn, or from a callback."""
    for key, value in parameters.items():
        st.session_state[key] = value


def on_screen(key: str, default: Any = None) -> Any:
    """A widget's value by its key; the default while it was never drawn."""
    return st.session_state.get(key, default)


def hand_out(subject: str, content: JSON) -> str:
    """Keep something for everybody who has the link, and return the secret that goes into the link.

    It lies in a workspace of its own, whose name is the secret's hash, and holds nothing of the owner's file.
    """
    token = secrets.token_urlsafe(16)
    _store().remember(_behind(token), subject, content)
    return token


def behind_link(subject: str, token: str) -> JSON:
    """What somebody handed out under this secret, or None when it was withdrawn or never there."""
    return _store().remembered(_behind(token), subject)


def withdraw(subject: str, token: str) -> None:
    """Make a link lead nowhere."""
    _store().remember(_behind(token), subject, None)


def _behind(token: str) -> str:
    return sha256(f"link {token}".encode()).hexdigest()[:32]


def days_on_screen(key: str, first: date, last: date) -> None:
    """Make a widget's range of days, which a saved scenario keeps as text, days again; drop one outside the file's."""
    value = st.session_state.get(key)
    if not isinstance(value, list | tuple):
        return
    days = tuple(day if isinstance(day, date) else date.fromisoformat(day) for day in value)
    if all(first <= day <= last for day in days):
        st.session_state[key] = days
    else:
        del st.session_state[key]


def drop_unless(key: str, options: Container[Any]) -> None:
    """Forget a widget's value that is not among its options any more."""
    if key in st.session_state and st.session_state[key] not in options:
        del st.session_state[key]


def keep_among(key: str, options: Container[Any]) -> None:
    """Drop what is chosen in a widget of several values but is not among its options any more."""
    if key in st.session_state:
        st.session_state[key] = [each for each in st.session_state[key] if each in options]


def _new_session() -> Session:
    fixed = cached.services().settings.workspace
    brought = st.context.cookies.get(COOKIE, "")
    token = fixed or (brought if len(brought) >= TOKEN_LENGTH else secrets.token_urlsafe(24))
    new = Session("" if fixed else token, sha256(token.encode()).hexdigest()[:32])
    demo = widgets.sample_in_address()
    if demo in {each.key for each in SAMPLES}:
        path = sample(demo).path
        _open(new, {path.name: path.read_bytes()})
    else:
        _open_latest(new)
    return new


def _open_latest(here: Session) -> None:
    here.problem = ""
    try:
        for saved in _store().datasets(here.workspace)[:1]:
            _reopen(here, saved.sha256)
    except DataProblem as problem:
        here.problem = str(problem)  # a file that cannot be read must not lock its owner out


def _told_apart(files: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
    """The files by name; the same content counts once, and of two files with one name the second is numbered."""
    named: dict[str, bytes] = {}
    for name, content in files:
        if content not in named.values():
            named[name if name not in named else f"{len(named) + 1} {name}"] = content
    return named


def _open_readable(here: Session, files: Mapping[str, bytes]) -> str:
    """Open those files that can be read; returns what is wrong with the others."""
    readable, problems = {}, []
    for name, content in files.items():
        try:
            _read(content, name, _store().choices(here.workspace))
            readable[name] = content
        except DataProblem as problem:
            problems.append(f"{name}: {problem}")
    if readable:
        _open(here, readable)
    return " ".join(problems)


def _open(here: Session, files: Mapping[str, bytes]) -> None:
    content, name = as_one(files)
    here.dataset = _read(content, name, _store().choices(here.workspace))
    here.file, here.unsaved = sha256(content).hexdigest(), content
    _keep_if_useful(here)


def _keep_if_useful(here: Session) -> None:
    if here.unsaved and here.dataset and is_useful(here.dataset):
        _store().save_dataset(here.workspace, here.dataset.name, here.unsaved, saved_at=datetime.now(UTC))
        here.unsaved = b""


def _reopen(here: Session, file: str) -> None:
    content = _store().content(here.workspace, file)
    name = next(saved.name for saved in _store().datasets(here.workspace) if saved.sha256 == file)
    here.dataset = _read(content, name, _store().choices(here.workspace))
    here.file, here.unsaved = file, b""


def _choices() -> Choices:
    return _store().choices(session().workspace)


def _decide(choices: Choices) -> None:
    here, before = session(), _choices()
    _read_with(choices)
    here.undo = [*here.undo, before][-UNDO_STEPS:]
    here.redo.clear()


def _read_with(choices: Choices) -> None:
    """Read the open file with these choices; only when that works are they remembered."""
    here = session()
    assert here.dataset is not None
    content = here.unsaved or _store().content(here.workspace, here.file)
    here.dataset = _read(content, here.dataset.name, choices)
    _keep_if_useful(here)
    _store().save_choices(here.workspace, choices)


def _read(content: bytes, name: str, choices: Choices) -> Dataset:
    return shared_reader().open_file(content, name, cached.services().settings, choices, today=date.today())


def _store() -> Store:
    return cached.services().store
