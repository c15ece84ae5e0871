"""Long calculations in the background: offered, followed with their progress, cancelled, and their results."""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

import streamlit as st

from engine.jobs import Job
from pages.parts.frame import cached, show, state

T = TypeVar("T")


@dataclass(frozen=True)
class Calculation(Generic[T]):
    """Work in a process of its own, whose result is kept by its key.

    Attributes:
        key: what the result depends on.
        work: a function of the engine that is given `report`, see `engine.jobs.Report`.
        arguments: the others that it is given.
    """

    key: tuple[Hashable, ...]
    work: Callable[..., T]
    arguments: tuple[object, ...]

    @property
    def job(self) -> Job | None:
        """Where it is worked on, if it was started."""
        return find(*self.key)

    def start(self) -> Job:
        """Put it in line, unless it is there or done."""
        return cached.services().jobs.submit(_whole(self.key), self.work, *self.arguments)

    def result(self) -> T | None:
        """Its result, if it is ready."""
        job = self.job
        return self.outcome() if job is not None and job.status().state == "done" else None

    def outcome(self) -> T:
        """Its result, waited for.

        Raises:
            DyocenseError: the problem that the work raised.
            JobFailed: it crashed, took too long, or was cancelled.
        """
        result: T = (self.job or self.start()).result()
        return result


@dataclass(frozen=True)
class JobOffer:
    """How a calculation is offered.

    Attributes:
        key: of its button; that of the button to cancel is "cancel-" and this.
        label: of its button.
        icon: of its button.
        again: the label after it failed or was cancelled; "" for the same.
        intro: what it is, above the button.
        hint: what to expect, beside the button.
        cancelled: what holds when it was cancelled.
        one_at_a_time: True when an earlier such calculation of this browser has to end before another is offered.
    """

    key: str
    label: str
    icon: str
    again: str = ""
    intro: str = ""
    hint: str = ""
    cancelled: str = ""
    one_at_a_time: bool = False


def find(*key: Hashable) -> Job | None:
    """The job of this workspace with this key, if there is one."""
    return cached.services().jobs.get(_whole(key))


def panel(calculation: Calculation[T], offer: JobOffer) -> T | None:
    """Offer a calculation, show how far it is with a way to cancel it, or what went wrong; returns its result."""
    job = calculation.job
    status = job.status() if job is not None else None
    if status is not None and status.state == "done":
        return calculation.outcome()
    running = _unfinished(job, state.session().job if offer.one_at_a_time else None)
    if running is not None:
        follow(running, key=offer.key, about="" if running is job else "For what you asked before: ")
        return None
    if status is not None and status.state == "failed":
        with show.problems():
            calculation.outcome()
    if status is not None and status.state == "cancelled" and offer.cancelled:
        st.info(offer.cancelled, icon=":material/cancel:")
    if offer.intro:
        st.markdown(offer.intro)
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button((status and offer.again) or offer.label, icon=offer.icon, key=offer.key):
            job = calculation.start()
            if offer.one_at_a_time:
                state.session().job = job
            st.rerun()
        if offer.hint:
            st.caption(offer.hint)
    return None


def _cancel(job: Job, key: str) -> None:
    if st.button("Cancel", key=f"cancel-{key}"):
        job.cancel()
        st.rerun()


@st.fragment(run_every=0.5)
def follow(job: Job, *, key: str, about: str = "", end: Callable[[Job, str], None] = _cancel) -> None:
    """How far a job is, with a way to end it; the page runs again when it is over.

    Args:
        job: what runs.
        key: of the calculation, for its button.
        about: said before the step that it is at.
        end: draws what ends the job early, for the job and the key; usually a button that cancels it.
    """
    status = job.status()
    if status.over:
        st.rerun()
    step = f"waiting in line, place {status.place_in_line}" if status.state == "waiting" else status.note or "starting"
    text = f"{about}{show.plain(step)} ..."
    st.progress(status.progress, text=text[:1].upper() + text[1:])
    end(job, key)


def wait(calculation: Calculation[T], note: str) -> T:
    """The result of a calculation, waited for with its progress on the screen.

    Raises:
        JobFailed: it failed, or was cancelled.
    """
    job = calculation.job or calculation.start()
    bar = st.progress(0.0, text=f"{note} ...")
    while not (status := job.status()).over:
        bar.progress(status.progress, text=f"{note}: {status.note or status.state} ...")
        time.sleep(0.2)
    bar.empty()
    return calculation.outcome()


def _unfinished(*jobs: Job | None) -> Job | None:
    """The first that still runs: a question's own, which a refreshed session has forgotten, before the session's."""
    return next((job for job in jobs if job is not None and not job.status().over), None)


def _whole(key: tuple[Hashable, ...]) -> tuple[Hashable, ...]:
    # With the workspace in it, nobody can cancel the job of somebody who opened the same file.
    return state.session().workspace, *key
