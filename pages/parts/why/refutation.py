"""The second look of DoWhy and pgmpy: calculated in the background when the owner asks for it."""

import json

import polars as pl
import streamlit as st

from engine.business.model import Business
from engine.causal import ChangeExplanation, ChangeQuestion
from engine.charts.style import in_figures
from engine.workflows.why import causal_knowledge, explain
from pages.parts.frame import background, cached, show
from pages.parts.frame.background import Calculation, JobOffer

LIBRARIES = ("dowhy", "pgmpy.causal_discovery")


_OFFER = JobOffer(
    key="deepen",
    label="Take a second look",
    icon=":material/search_insights:",
    again="Try again",
    intro="Two further programs, DoWhy and pgmpy, work the effects and the arrows out again by themselves and try to "
    "shake them. This tells whether the calculation holds together; it cannot tell whether a cause is missing.",
    hint="It takes about half a minute, and you can go on meanwhile.",
    cancelled="Cancelled. The answer above stands.",
    one_at_a_time=True,
)


def result(business: Business, question: ChangeQuestion, answers: str) -> ChangeExplanation | None:
    """The answer with its second look, if it is ready; `answers` are the owner's, as JSON."""
    return _calculation(business, question, answers).result()


def panel(answer: ChangeExplanation, business: Business, question: ChangeQuestion, answers: str) -> None:
    """Offer the second look, show how far it is, or what came of it."""
    calculation = _calculation(business, question, answers)
    if calculation.job is None:
        cached.services().jobs.make_ready(explain.explain_deeply, *LIBRARIES)
    if background.panel(calculation, _OFFER) is not None:
        _second_look(answer)


def _calculation(business: Business, question: ChangeQuestion, answers: str) -> Calculation[ChangeExplanation]:
    arguments = (business, question, causal_knowledge.from_json(json.loads(answers)))
    return Calculation((business.key, question, answers), explain.explain_deeply, arguments)


def _second_look(answer: ChangeExplanation) -> None:
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
