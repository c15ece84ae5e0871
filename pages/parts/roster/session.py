"""The roster in work: opened from the file or from where it was left, searched for as a job, kept after each change."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial

import streamlit as st

from engine.business.model import Business
from engine.jobs import Job
from engine.scheduling import Roster
from engine.scheduling.entities import day_name
from engine.workflows.roster import plan as work
from engine.workflows.roster.inputs import Draft
from engine.workflows.roster.sources import moved_on, start_from
from pages.parts.frame import background, cached, show, state
from pages.parts.frame.background import Calculation

SECONDS = (10, 30, 60, 120)
WEEKS = (1, 2, 3, 4)
UNDO_STEPS = 30
WEEKS_BACK, WEEKS_AHEAD = 4, 27
"""The first day can be moved so many weeks back and ahead in one step."""


@dataclass
class RosterSession:
    """One file's roster in one browser session.

    Attributes:
        subject: under which the book is kept.
        book: everything that is kept.
        notes: what the first draft took from the file and what it made up.
        version: grows with each change, so that editors start afresh.
        message: what the last change did, in one sentence.
        undo: the books before the latest changes.
        span: the first day and the weeks that the widgets were last set to.
    """

    subject: str
    book: work.Book
    notes: tuple[str, ...] = ()
    version: int = 0
    message: str = ""
    undo: list[work.Book] = field(default_factory=list)
    span: tuple[date, int] | None = None

    @property
    def draft(self) -> Draft:
        """What the next roster is made from."""
        return self.book.draft

    def roster(self) -> Roster | None:
        """The roster as it is now, checked anew; None before there is one."""
        return None if self.book.roster is None else work.roster_of(self.draft, self.book.roster)

    def change(self, book: work.Book, message: str = "") -> None:
        """Keep a changed book; the one before can be brought back."""
        self.undo = [*self.undo, self.book][-UNDO_STEPS:]
        self._keep(book, message)

    def take_back(self) -> None:
        """Bring the book before the latest change back."""
        if self.undo:
            self._keep(replace(self.undo.pop(), search="", searches=self.book.searches), "Taken back.")

    def redraft(self, draft: Draft, message: str = "") -> None:
        """Keep a changed draft; the roster stays as it is and is checked against it."""
        self.change(replace(self.book, draft=draft), message)

    def settle(self, book: work.Book) -> None:
        """Keep what a search brought, or that one was started."""
        self._keep(book, "")

    def _keep(self, book: work.Book, message: str) -> None:
        self.book, self.message = book, message
        self.version += 1
        state.remember(self.subject, book.as_json())


def open_roster(business: Business) -> RosterSession:
    """The roster of the open file, as it was left or from the file's own tables."""
    here = state.slot(RosterSession, business.key)
    if here is None:
        subject = f"roster-{business.key}"
        start = start_from(business)
        left = state.recall(subject)
        book = work.Book.from_json(left) if isinstance(left, dict) else work.Book(start.draft)
        here = RosterSession(subject, book, start.notes)
        state.put(here, business.key)
    return here


def question(here: RosterSession) -> None:
    """Which weeks, how long to search, and the search itself."""
    when, how_long, patience, go = st.columns([3, 3, 3, 3], vertical_alignment="bottom")
    draft = here.draft
    first_key, weeks_key = f"first-{here.subject}", f"weeks-{here.subject}"
    if here.span != (draft.first_day, draft.weeks):  # changed elsewhere: undo, the next weeks, a roster brought back
        state.put_on_screen({first_key: draft.first_day, weeks_key: draft.weeks})
        here.span = (draft.first_day, draft.weeks)
    first = when.selectbox("First day", _mondays(draft), format_func=day_name, key=first_key, persist_state="session")
    weeks = how_long.select_slider("Weeks", WEEKS, key=weeks_key, persist_state="session")
    if (first, weeks) != (draft.first_day, draft.weeks):
        here.span = (first, weeks)
        here.redraft(moved_on(draft, first, weeks))
        st.rerun()
    seconds = patience.select_slider(
        "Search for at most", SECONDS, value=30, format_func=_seconds, key="roster_seconds", persist_state="session"
    )
    job = _job(here)
    label = "Make it again" if here.book.roster else "Make the roster"
    busy = job is not None and not job.status().over
    if go.button(label, icon=":material/event_available:", key="make", width="stretch", disabled=busy):
        _start(here, seconds)
        st.rerun()
    if busy and job is not None:
        background.follow(job, key="stop-roster", end=partial(_stop, stop_sign(here.book.search)))


def answer(here: RosterSession) -> work.Answer | None:
    """Take what the last search found; returns it when it found that no roster is possible."""
    job = _job(here)
    if job is None:  # nothing was asked for, or the server was started anew since
        if here.book.search:
            here.settle(replace(here.book, search=""))
        return None
    if not job.status().over:
        return None
    stop_sign(here.book.search).lower()
    if job.status().state != "done":
        here.settle(replace(here.book, search=""))
        st.warning(show.plain(job.status().problem), icon=":material/warning:")
        return None
    result: work.Answer = job.result()
    if result.roster is None:
        return result if result.draft == here.draft else None
    here.settle(replace(here.book, roster=result.roster, search=""))
    st.rerun()
    return None


def stop_sign(search: str) -> work.StopSign:
    """The sign that ends a search early."""
    return work.StopSign(cached.services().settings.home / "stops" / search)


def _job(here: RosterSession) -> Job | None:
    return background.find(here.book.search) if here.book.search else None


def _start(here: RosterSession, seconds: int) -> None:
    work.checked_problem(here.draft)
    number = here.book.searches + 1
    # With the workspace in its name, nobody can stop the search of somebody who opened the same file.
    search = f"roster-{state.session().workspace[:12]}-{here.draft.key}-{number}"
    sign = stop_sign(search)
    sign.lower()
    Calculation((search,), work.make, (here.draft, here.book.roster, float(seconds), sign)).start()
    here.settle(replace(here.book, search=search, searches=number))


def _stop(sign: work.StopSign, job: Job, key: str) -> None:
    """End a search early, with the best roster so far; one that waits has none."""
    if sign.up():
        st.caption("Stopping; the best roster so far is kept.")
    elif st.button("Stop and keep the best", icon=":material/stop_circle:", key=key):
        if job.status().state == "waiting":
            job.cancel()
        sign.raise_()
        st.rerun()


def _mondays(draft: Draft) -> list[date]:
    """The days on which a plan may start: weekly limits count from Monday."""
    monday = draft.first_day - timedelta(days=draft.first_day.weekday())
    return [monday + timedelta(weeks=k) for k in range(-WEEKS_BACK, WEEKS_AHEAD)]


def _seconds(seconds: int) -> str:
    return f"{seconds} seconds"
