"""The second look of DoWhy and pgmpy: a job with progress, that can be cancelled."""

import json

import polars as pl
import streamlit as st

from engine.causal import ChangeExplanation, ChangeQuestion
from engine.charts.style import in_figures
from engine.dataset import Dataset
from engine.jobs import Job
from engine.workflows.why import causal_knowledge, explain
from pages.parts.frame import cached, show, state, widgets

LIBRARIES = ("dowhy", "pgmpy.causal_discovery")


def deepened(dataset: Dataset, asked: ChangeQuestion, told: str) -> ChangeExplanation | None:
    """The answer with its second look, if it is ready."""
    job = _job(dataset, asked, told)
    if job is None or job.status().state != "done":
        return None
    made: ChangeExplanation = job.result()
    return made


def panel(answer: ChangeExplanation, dataset: Dataset, asked: ChangeQuestion, told: str) -> None:
    """Offer the second look, show how far it is, or what it found."""
    job = _job(dataset, asked, told)
    status = job.status() if job else None
    if status and status.state == "done":
        _found(answer)
        return
    if running := widgets.unfinished(job):
        widgets.progress(running, key="cancel-deepen", about="" if running is job else "For what you asked before: ")
        return
    if status and status.state == "failed":
        st.error(show.plain(status.problem), icon=":material/error:")
    if status and status.state == "cancelled":
        st.info("Cancelled. The answer above stands.", icon=":material/cancel:")
    st.markdown(
        "Two further programs, DoWhy and pgmpy, work the effects and the arrows out again by themselves and try to "
        "shake them. This tells whether the calculation holds together; it cannot tell whether a cause is missing."
    )
    cached.services().jobs.make_ready(explain.explain_deeply, *LIBRARIES)
    if st.button("Try again" if status else "Take a second look", icon=":material/search_insights:", key="deepen"):
        submit = cached.services().jobs.submit
        answers = causal_knowledge.from_json(json.loads(told))
        state.session().job = submit(_key(dataset, asked, told), explain.explain_deeply, dataset, asked, answers)
        st.rerun()
    st.caption("It takes about half a minute, and you can go on meanwhile.")


def _found(answer: ChangeExplanation) -> None:
    assert answer.evidence is not None
    agreed = answer.evidence.agreed
    if agreed is not None:
        st.markdown(f"A search of its own finds **{100 * agreed:.0f}%** of the solid arrows too.")
    st.markdown(
        "**Does the calculation hold together?** Passing says nothing about a cause that your file does not show."
    )
    for cause in answer.causes:
        seen = cause.proof.calculation
        if seen is None:
            continue
        low, high = seen.interval
        unit = f"{cause.effect.unit} {answer.measure(cause).words}"
        scale = answer.measure(cause).scale
        with st.container(border=True):
            st.markdown(
                f"**{show.plain(cause.name)}**: {in_figures(seen.value * scale)} {show.plain(unit)}, likely between "
                f"{in_figures(low * scale)} and {in_figures(high * scale)}"
            )
            held = ", ".join(show.plain(name) for name in seen.adjusted_for) or "nothing"
            st.caption(f"Held fixed: {held}.")
            rows = [
                {
                    "What was changed": each.sentence,
                    "Effect then": each.effect * scale,
                    "Holds together": "yes" if each.holds else "no",
                }
                for each in seen.refutations
            ]
            show.table(pl.DataFrame(rows), alt=f"Does the effect of {cause.name} hold together", digits=2)


def _key(dataset: Dataset, asked: ChangeQuestion, told: str) -> tuple[object, ...]:
    # With the workspace in it, nobody can cancel the job of somebody who opened the same file.
    return state.session().workspace, dataset.sha256, asked, told


def _job(dataset: Dataset, asked: ChangeQuestion, told: str) -> Job | None:
    return cached.services().jobs.get(_key(dataset, asked, told))
