"""The roster in work: opened from the file or from where it was left, searched for as a job, kept after each change."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import streamlit as st

from engine.dataset import Dataset
from engine.jobs import Job
from engine.scheduling import Roster
from engine.scheduling.entities import day_name
from engine.workflows.roster import plan as work
from engine.workflows.roster.from_file import moved_on, start_from
from engine.workflows.roster.inputs import Draft
from pages.parts.frame import cached, show, state

SECONDS = (10, 30, 60, 120)
WEEKS = (1, 2, 3, 4)
UNDO_STEPS = 30
WEEKS_BACK, WEEKS_AHEAD = 4, 27
"""The first day can be moved so many weeks back and ahead in one step."""


@dataclass
class Desk:
    """One file's roster in one browser session.

    Attributes:
        subject: under which the book is kept.
        book: everything that is kept.
        notes: what the first draft took from the file and what it made up.
        version: grows with each change, so that editors start afresh.
        said: what the last change did, in one sentence.
        undo: the books before the latest changes.
        shown: the first day and the weeks that the widgets were last set to.
    """

    subject: str
    book: work.Book
    notes: tuple[str, ...] = ()
    version: int = 0
    said: str = ""
    undo: list[work.Book] = field(default_factory=list)
    shown: tuple[date, int] | None = None

    @property
    def draft(self) -> Draft:
        """What the next roster is made from."""
        return self.book.draft

    def roster(self) -> Roster | None:
        """The roster as it is now, checked anew; None before there is one."""
        return None if self.book.drawn is None else work.roster_of(self.draft, self.book.drawn)

    def change(self, book: work.Book, said: str = "") -> None:
        """Keep a changed book; the one before can be brought back."""
        self.undo = [*self.undo, self.book][-UNDO_STEPS:]
        self._keep(book, said)

    def take_back(self) -> None:
        """Bring the book before the latest change back."""
        if self.undo:
            self._keep(replace(self.undo.pop(), wanted="", searches=self.book.searches), "Taken back.")

    def redraft(self, draft: Draft, said: str = "") -> None:
        """Keep a changed draft; the roster stays as it is and is checked against it."""
        self.change(replace(self.book, draft=draft), said)

    def settle(self, book: work.Book) -> None:
        """Keep what a search brought, or that one was started."""
        self._keep(book, "")

    def _keep(self, book: work.Book, said: str) -> None:
        self.book, self.said = book, said
        self.version += 1
        state.remember(self.subject, book.as_json())


def opened(dataset: Dataset) -> Desk:
    """The roster of the open file, as it was left or from the file's own tables."""
    desks = state.session().desks
    if dataset.sha256 not in desks:
        subject = f"roster-{dataset.sha256}"
        start = start_from(dataset, today=date.today())
        left = state.remembered(subject)
        book = work.Book.from_json(left) if isinstance(left, dict) else work.Book(start.draft)
        desks[dataset.sha256] = Desk(subject, book, start.notes)
    return desks[dataset.sha256]


def question(desk: Desk) -> None:
    """Which weeks, how long to search, and the search itself."""
    when, how_long, patience, go = st.columns([3, 3, 3, 3], vertical_alignment="bottom")
    draft = desk.draft
    first_key, weeks_key = f"first-{desk.subject}", f"weeks-{desk.subject}"
    if desk.shown != (draft.first_day, draft.weeks):  # changed elsewhere: undo, the next weeks, a roster brought back
        state.put_on_screen({first_key: draft.first_day, weeks_key: draft.weeks})
        desk.shown = (draft.first_day, draft.weeks)
    first = when.selectbox("First day", _mondays(draft), format_func=day_name, key=first_key, persist_state="session")
    weeks = how_long.select_slider("Weeks", WEEKS, key=weeks_key, persist_state="session")
    if (first, weeks) != (draft.first_day, draft.weeks):
        desk.shown = (first, weeks)
        desk.redraft(moved_on(draft, first, weeks))
        st.rerun()
    seconds = patience.select_slider(
        "Search for at most", SECONDS, value=30, format_func=_seconds, key="roster_seconds", persist_state="session"
    )
    job = _job(desk)
    label = "Make it again" if desk.book.drawn else "Make the roster"
    busy = job is not None and not job.status().over
    if go.button(label, icon=":material/event_available:", key="make", width="stretch", disabled=busy):
        _start(desk, seconds)
        st.rerun()
    if busy and job is not None:
        _progress(job, stop_sign(desk.book.wanted))


def answer(desk: Desk) -> work.Answer | None:
    """Take what the last search found; returns it when it found that no roster is possible."""
    job = _job(desk)
    if job is None:  # nothing was asked for, or the server was started anew since
        if desk.book.wanted:
            desk.settle(replace(desk.book, wanted=""))
        return None
    if not job.status().over:
        return None
    stop_sign(desk.book.wanted).lower()
    if job.status().state != "done":
        desk.settle(replace(desk.book, wanted=""))
        st.warning(show.plain(job.status().problem), icon=":material/warning:")
        return None
    found: work.Answer = job.result()
    if found.drawn is None:
        return found if found.draft == desk.draft else None
    desk.settle(replace(desk.book, drawn=found.drawn, wanted=""))
    st.rerun()
    return None


def stop_sign(search: str) -> work.StopSign:
    """The sign that ends a search early."""
    return work.StopSign(cached.services().settings.home / "stops" / search)


def background(name: str, function: Callable[..., object], *args: object) -> Job:
    """A short calculation in another process; the same name and arguments give the same job."""
    return cached.services().jobs.submit((state.session().workspace, name), function, *args)


def known(name: str) -> Job | None:
    """The short calculation with this name, if it was asked for."""
    return cached.services().jobs.get((state.session().workspace, name))


def _key(search: str) -> tuple[str, str]:
    return state.session().workspace, search


def _job(desk: Desk) -> Job | None:
    return cached.services().jobs.get(_key(desk.book.wanted)) if desk.book.wanted else None


def _start(desk: Desk, seconds: int) -> None:
    work.checked_problem(desk.draft)
    number = desk.book.searches + 1
    # With the workspace in it, nobody can stop the search of somebody who opened the same file.
    search = f"roster-{state.session().workspace[:12]}-{desk.draft.key}-{number}"
    sign = stop_sign(search)
    sign.lower()
    cached.services().jobs.submit(_key(search), work.make, desk.draft, desk.book.drawn, float(seconds), sign)
    desk.settle(replace(desk.book, wanted=search, searches=number))


@st.fragment(run_every=0.5)
def _progress(job: Job, sign: work.StopSign) -> None:
    status = job.status()
    if status.over:
        st.rerun()
    waiting = f"Waiting in line, place {status.place_in_line}"
    now = waiting if status.state == "waiting" else status.note or "Starting"
    st.progress(status.progress, text=f"{show.plain(now)} ...")
    if sign.up():
        st.caption("Stopping; the best roster so far is kept.")
    elif st.button("Stop and keep the best", icon=":material/stop_circle:", key="stop-roster"):
        if status.state == "waiting":
            job.cancel()
        sign.raise_()
        st.rerun()


def _mondays(draft: Draft) -> list[date]:
    """The days on which a plan may start: weekly limits count from Monday."""
    monday = draft.first_day - timedelta(days=draft.first_day.weekday())
    return [monday + timedelta(weeks=k) for k in range(-WEEKS_BACK, WEEKS_AHEAD)]


def _seconds(seconds: int) -> str:
    return f"{seconds} seconds"
