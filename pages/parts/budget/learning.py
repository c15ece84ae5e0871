"""Learning the curves and timing a plan: jobs with progress, that can be cancelled."""

import json
from collections.abc import Sequence

import streamlit as st

from engine.budget import Flight, LiftTest, MediaHistory, Outlook, ResponseModel
from engine.dataset import Dataset
from engine.solvers.infeasibility import Infeasibility
from engine.workflows.budget import plan
from engine.workflows.forecast.known_ahead import NOTHING_TOLD, Told
from pages.parts.budget import inputs
from pages.parts.forecast import calendar
from pages.parts.frame import cached, show, state, widgets


@st.cache_resource(show_spinner=False, max_entries=64)
def history(_dataset: Dataset, sha256: str, told: Told) -> MediaHistory:
    """Spend and outcome of a file, side by side."""
    return plan.history_of(_dataset, told)


def outlook(dataset: Dataset) -> Outlook:
    """What each channel is believed to bring; the page ends here while that is being learnt, or cannot be known."""
    found = model = None
    with show.problems(way_out="Home.py"):
        found = history(dataset, dataset.sha256, _known(dataset))
    if found is not None:
        lifts = plan.lifts_from_json(inputs.told("lifts") or [], found.channels)
        with show.problems(way_out="Home.py"):
            model = _learnt(found, lifts, dataset)
    typed = plan.curves_from_json(inputs.told("curves") or [])
    unit = found.unit if found is not None else dataset.currency
    if model is None and not typed:
        st.markdown("You can also start from what you know of your channels, without any history.")
        inputs.curves({}, "week", dataset.currency, unit)
        st.stop()
    return Outlook(model, typed, unit, dataset.currency, found.frequency.period if found is not None else "week")


def version(dataset: Dataset) -> str:
    """What the outlook on a file depends on, as a key for caches."""
    told = [*(inputs.told(part) for part in ("lifts", "curves")), _known(dataset).as_json()]
    return dataset.sha256 + json.dumps(told, sort_keys=True)


def _known(dataset: Dataset) -> Told:
    """What the owner said on the Forecast page about holidays and events, for any sheet of the file."""
    said = (calendar.told(table.fingerprint) for table in dataset.tables)
    return next((each for each in said if each != NOTHING_TOLD), NOTHING_TOLD)


def flight(looks: Outlook, asked: plan.BudgetQuestion, periods: int, about: str) -> Flight | Infeasibility[str] | None:
    """The plan period by period, once it was asked for and is ready."""
    key = (state.session().workspace, about, "flight", periods)
    job = cached.services().jobs.get(key)
    if job is None or job.status().state == "cancelled":
        if not st.button(f"Plan the next {periods} {looks.mix().period}s", icon=":material/calendar_month:"):
            return None
        cached.services().jobs.submit(key, plan.by_period, looks, asked, periods)
        st.rerun()
    if not job.status().over:
        widgets.progress(job, key="cancel-flight")
        return None
    made: Flight | Infeasibility[str] = job.result()
    return made


def _learnt(found: MediaHistory, lifts: Sequence[LiftTest], dataset: Dataset) -> ResponseModel:
    """The model of a history, or the end of the page while it is being made."""
    jobs, said = cached.services().jobs, [(each.channel, each.roas, each.error) for each in lifts]
    # With the workspace in it, nobody can cancel the job of somebody who opened the same file.
    key = (state.session().workspace, dataset.sha256, "response", tuple(said), _known(dataset))
    job = jobs.get(key)
    if job is None:
        job = jobs.submit(key, plan.learn, found, tuple(lifts))
    status = job.status()
    if status.state == "cancelled":
        st.info("Cancelled. Nothing is known of the channels yet.", icon=":material/cancel:")
        if st.button("Learn what each channel brings", icon=":material/model_training:"):
            jobs.submit(key, plan.learn, found, tuple(lifts))
            st.rerun()
        st.stop()
    if not status.over:
        count = len(found.channels)
        st.markdown(
            f"Learning from {len(found)} {found.frequency.period}s what {count} channel{'s' * (count > 1)} "
            f"bring{'s' * (count == 1)}. This takes some seconds."
        )
        widgets.progress(job, key="cancel-response")
        st.stop()
    made: ResponseModel = job.result()
    return made
