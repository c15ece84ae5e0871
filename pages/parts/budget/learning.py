"""Learning the curves and timing a plan: jobs with progress, that can be cancelled."""

import json

import streamlit as st

from engine.budget import Flight, LiftTest, MediaHistory, Outlook, ResponseModel
from engine.business.model import Business
from engine.solvers.infeasibility import Infeasibility
from engine.workflows.budget import plan
from engine.workflows.forecast.sales_drivers import EMPTY_CALENDAR, OwnerCalendar
from pages.parts.budget import inputs
from pages.parts.frame import background, knowledge, show
from pages.parts.frame.background import Calculation, Offer

_OFFER = Offer(
    key="response",
    label="Learn what each channel brings",
    icon=":material/model_training:",
    cancelled="Cancelled. Nothing is known of the channels yet.",
)


@st.cache_resource(show_spinner=False, max_entries=64)
def history(_business: Business, key: str, owner_calendar: OwnerCalendar) -> MediaHistory:
    """Spend and outcome of a file, side by side."""
    return plan.history_of(_business, owner_calendar)


def outlook(business: Business) -> Outlook:
    """What each channel is believed to bring; the page ends here while that is being learnt, or cannot be known."""
    media = model = None
    with show.problems(way_out="Home.py"):
        media = history(business, business.key, _owner_calendar(business))
    if media is not None:
        lifts = plan.lifts_from_json(inputs.recall("lifts") or [], media.channels)
        with show.problems(way_out="Home.py"):
            model = _response_model(media, tuple(lifts), business)
    typed = plan.curves_from_json(inputs.recall("curves") or [])
    unit = media.unit if media is not None else business.currency
    if model is None and not typed:
        st.markdown("You can also start from what you know of your channels, without any history.")
        inputs.curves({}, "week", business.currency, unit)
        st.stop()
    return Outlook(model, typed, unit, business.currency, media.frequency.period if media is not None else "week")


def version(business: Business) -> str:
    """What the outlook on a file depends on, as a key for caches."""
    beliefs = [*(inputs.recall(part) for part in ("lifts", "curves")), _owner_calendar(business).as_json()]
    return business.key + json.dumps(beliefs, sort_keys=True)


def _owner_calendar(business: Business) -> OwnerCalendar:
    """What the owner said on the Forecast page about holidays and events, for any sheet of the file."""
    calendars = (knowledge.owner_calendar(table.fingerprint) for table in business.dataset.tables)
    return next((each for each in calendars if each != EMPTY_CALENDAR), EMPTY_CALENDAR)


def flight(
    outlook: Outlook, question: plan.BudgetQuestion, periods: int, about: str
) -> Flight | Infeasibility[str] | None:
    """The plan period by period, once the owner wants it and it is ready; `about` names outlook and question."""
    offer = Offer("flight", f"Plan the next {periods} {outlook.mix().period}s", ":material/calendar_month:")
    return background.panel(
        Calculation((about, "flight", periods), plan.by_period, (outlook, question, periods)), offer
    )


def _response_model(media: MediaHistory, lifts: tuple[LiftTest, ...], business: Business) -> ResponseModel:
    """The model of a history, or the end of the page while it is being made.

    Raises:
        DyocenseError: nothing can be learnt from it.
    """
    tests = tuple((each.channel, each.roas, each.error) for each in lifts)
    key = (business.key, "response", tests, _owner_calendar(business))
    learning = Calculation(key, plan.learn, (media, lifts))
    job = learning.job or learning.start()
    if job.status().state in ("done", "failed"):
        return learning.outcome()
    if not job.status().over:
        count = len(media.channels)
        st.markdown(
            f"Learning from {len(media)} {media.frequency.period}s what {count} channel{'s' * (count > 1)} "
            f"bring{'s' * (count == 1)}. This takes some seconds."
        )
    model = background.panel(learning, _OFFER)
    if model is None:
        st.stop()
    return model
