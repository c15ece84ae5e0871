"""What the owner knows about the time ahead: public holidays, events, promotions, prices."""

from dataclasses import replace
from datetime import date, timedelta

import streamlit as st
from babel import Locale

from engine.dataset import in_words
from engine.forecast.drivers.holiday import countries
from engine.workflows.forecast.known_ahead import Plan, PlanKind, Told
from pages.parts.frame import show, state

_WHOLE_COUNTRY = "the whole country"
_NO_COUNTRY = "no public holidays"


def told(subject: str) -> Told:
    """What the owner has told us about the business with this subject."""
    return Told.from_json(state.remembered(subject))


def panel(subject: str, now: Told, *, after: date) -> None:
    """Let the owner see and change what is known; it is kept for the next file with the same columns.

    Args:
        subject: under which it is kept.
        now: what is known so far.
        after: the last day of the file; plans are offered from the day after it.
    """
    label = "What you know about the time ahead"
    known = st.expander(label, icon=":material/event:", key="calendar", on_change="rerun")
    if not known.open:
        return
    with known:
        _holidays(subject, now)
        for number, plan in enumerate(now.plans):
            _row(subject, now, number, plan)
        _add(subject, now, after)


def _holidays(subject: str, now: Told) -> None:
    names, known = Locale("en").territories, countries()
    codes = ["", *sorted(known, key=lambda code: names.get(code, code))]
    where, part = st.columns(2)
    country = where.selectbox(
        "Public holidays of",
        codes,
        index=codes.index(now.country) if now.country in codes else 0,
        format_func=lambda code: names.get(code, code) if code else _NO_COUNTRY,
        key=f"country-{subject}",
    )
    regions = ["", *known.get(country, ())]
    region = part.selectbox(
        "State or province",
        regions,
        index=regions.index(now.region) if country == now.country and now.region in regions else 0,
        format_func=lambda code: code or _WHOLE_COUNTRY,
        disabled=len(regions) == 1,
        key=f"region-{subject}-{country}",
    )
    if (country, region) != (now.country, now.region):
        _keep(subject, replace(now, country=country, region=region))
        st.rerun()


def _row(subject: str, now: Told, number: int, plan: Plan) -> None:
    effect = f", {plan.percent:+g}%" if plan.percent is not None else ""
    days = in_words(plan.first) + (f" to {in_words(plan.last)}" if plan.last != plan.first else "")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{show.plain(plan.name)}** ({plan.kind}{effect})  \n{days}", width="stretch")
        rest = replace(now, plans=(*now.plans[:number], *now.plans[number + 1 :]))
        st.button("Remove", key=f"plan-{number}", type="tertiary", on_click=_keep, args=(subject, rest))


def _add(subject: str, now: Told, after: date) -> None:
    tomorrow = after + timedelta(days=1)
    with st.form(f"add-plan-{subject}", clear_on_submit=True, border=False):
        what, kind = st.columns([3, 2])
        name = what.text_input("What happens", placeholder="Street closed", max_chars=60)
        kinds = list(PlanKind)
        sort = kind.selectbox("It is", kinds, format_func=lambda one: f"{one}".capitalize())
        when, effect = st.columns([3, 2])
        days = when.date_input("Days, the first and the last", (tomorrow, tomorrow), format="YYYY-MM-DD")
        percent = effect.number_input(
            "Effect or price change, %",
            min_value=-100.0,
            max_value=900.0,
            value=None,
            placeholder="learn it from the past",
            help="Of an event or promotion: what it does to sales; leave it blank when it happened before. "
            "Of a price change: how much dearer (+) or cheaper (-).",
        )
        if st.form_submit_button("Add to the calendar", icon=":material/add:"):
            if days:
                _added(subject, now, Plan(name.strip() or f"{sort}".capitalize(), sort, days[0], days[-1], percent))
            else:
                st.error("Choose the days first.", icon=":material/error:")


def _added(subject: str, now: Told, plan: Plan) -> None:
    if plan.kind is PlanKind.PRICE and plan.percent in (None, -100.0):
        st.error("Say by how many percent the price changes; it cannot fall by all of it.", icon=":material/error:")
        return
    _keep(subject, replace(now, plans=(*now.plans, plan)))
    st.rerun()


def _keep(subject: str, told_now: Told) -> None:
    state.remember(subject, told_now.as_json())
