"""What a roster is made from, in tables that the owner edits."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from engine.business.model import Business
from engine.scheduling.entities import clock, day_name
from engine.workflows.roster import sources as ahead
from engine.workflows.roster import tables
from engine.workflows.roster.inputs import PREFERENCES, USUAL_PRICE, Leave
from engine.workflows.roster.rules import TEMPLATES, with_template
from pages.parts.frame import cached, show, state, widgets
from pages.parts.roster.session import RosterSession

_STAFF_HELP = (
    "The first role is their own; more are separated by commas. Hours on a weekday: 06:30-19:30, any, or off. "
    "Add or delete people at the end and the edge of the table."
)


def tabs(here: RosterSession, business: Business) -> None:
    """The tables, one at a time."""
    st.subheader("What the roster is made from")
    parts = {
        "People needed": lambda: needs(here, business),
        "Staff": lambda: staff(here),
        "Shifts": lambda: shifts(here),
        "Time off": lambda: time_off(here),
        "Rules": lambda: rules(here),
    }
    widgets.tabs(parts, key="roster-parts")


def staff(here: RosterSession) -> None:
    """Who there is, what they can do, what they cost, when they can."""
    unit = f"{here.draft.currency} an hour" if here.draft.currency else "an hour"
    config = {
        "Name": st.column_config.TextColumn(required=True, pinned=True),
        "Rate": st.column_config.NumberColumn(f"Rate, {unit}", min_value=0.0, format="%.2f"),
        "Overtime rate": st.column_config.NumberColumn(f"Overtime, {unit}", min_value=0.0, format="%.2f"),
        "Hours, least": st.column_config.NumberColumn("Least hours a week", min_value=0.0, max_value=168.0),
        "Hours, most": st.column_config.NumberColumn("Most hours a week", min_value=0.0, max_value=168.0),
        "Prefers": st.column_config.SelectboxColumn(options=_preferences(here)),
    }
    edited = _table(here, "staff", tables.staff_table(here.draft), config, "The staff")
    st.caption(_STAFF_HELP)
    if edited is not None:
        here.redraft(replace(here.draft, staff=tables.staff_of(edited)), "The staff is changed.")
        st.rerun()


def shifts(here: RosterSession) -> None:
    """The ways to work a day."""
    config = {"Unpaid break, minutes": st.column_config.NumberColumn(min_value=0, max_value=600, step=5)}
    edited = _table(here, "shifts", tables.shifts_table(here.draft), config, "The shifts")
    st.caption("Times as 07:00. A shift that ends before it starts ends on the next day.")
    if edited is not None:
        here.redraft(replace(here.draft, shifts=tables.shifts_of(edited)), "The shifts are changed.")
        st.rerun()


def time_off(here: RosterSession) -> None:
    """Holidays, which are kept, and requests, which have a price."""
    config = {
        "Who": st.column_config.SelectboxColumn(options=[each.name for each in here.draft.staff], required=True),
        "First day": st.column_config.DateColumn(required=True, format="ddd D MMM YYYY"),
        "Last day": st.column_config.DateColumn(format="ddd D MMM YYYY"),
        "What": st.column_config.SelectboxColumn(options=[each.value for each in Leave], required=True),
    }
    edited = _table(here, "time off", tables.time_off_table(here.draft), config, "Time off and requests")
    st.caption("A holiday is always kept; a request is granted unless refusing it saves more than it is worth.")
    if edited is not None:
        here.redraft(replace(here.draft, time_off=tables.time_off_of(edited)), "Time off is changed.")
        st.rerun()


def rules(here: RosterSession) -> None:
    """What must hold and what may be broken at a price; lists that laws suggest; exceptions made."""
    unit = here.draft.currency or "points"
    config = {
        "Rule": st.column_config.TextColumn(disabled=True, pinned=True, width="large"),
        "Unit": st.column_config.TextColumn(disabled=True),
        "How": st.column_config.SelectboxColumn(options=[tables.MUST, tables.PRICED], required=True),
        "Price of one": st.column_config.NumberColumn(f"Price of one, {unit}", min_value=0.0),
    }
    edited = _table(here, "rules", tables.rules_table(here.draft), config, "The rules", grows=False)
    if edited is not None:
        here.redraft(replace(here.draft, rules=tables.rules_from(here.draft, edited)), "The rules are changed.")
        st.rerun()
    _exceptions(here)
    st.markdown("**Lists that laws suggest.** A start for your own list, no legal advice.")
    for template, place in zip(TEMPLATES, st.columns(len(TEMPLATES)), strict=True):
        with place.expander(template.name, icon=":material/gavel:"):
            st.markdown("\n".join(f"- {show.plain(source)}" for source in template.sources))
            st.caption(show.plain(template.notes))
            if st.button("Put these on", key=f"template-{template.key}"):
                draft = replace(here.draft, rules=with_template(here.draft.rules, template))
                here.redraft(draft, f"Put on: {template.name}.")
                st.rerun()


def needs(here: RosterSession, business: Business) -> None:
    """How many people are needed when: typed in, or from the forecast; and what a missing one costs."""
    _missing_price(here)
    roles = list(dict.fromkeys(need.role for need in here.draft.needs)) or list(here.draft.roles)
    state.drop_unless("need_role", roles)
    role = st.segmented_control(
        "Role", roles, default=roles[0], format_func=lambda name: name or "anybody", key="need_role"
    )
    role = roles[0] if role is None else role
    days = _dated_week(here, role)
    named = f"needs {role} {days[0] if days else ''}"
    table = tables.needs_table(here.draft, role, days)
    edited = _table(here, named, table, {}, f"People needed as {role}")
    if edited is not None:
        numbers = tables.needs_of(here.draft, role, edited, days)
        here.redraft(replace(here.draft, needs=numbers), "The people needed are changed.")
        st.rerun()
    _forecast(here, business)


def _missing_price(here: RosterSession) -> None:
    may, price = st.columns(2, vertical_alignment="bottom")
    now = here.draft.missing_price
    allowed = may.toggle(
        "People may be missing, at a price",
        now is not None,
        key=f"may-miss-{here.version}",
        help="When nobody may be missing and no such roster exists, you are told which rules clash.",
    )
    new: float | None = None
    if allowed:
        unit = f", {here.draft.currency}" if here.draft.currency else ""
        new = price.number_input(
            f"A missing person costs an hour{unit}",
            min_value=1.0,
            value=now or USUAL_PRICE,
            step=10.0,
            key=f"miss-price-{here.version}",
        )
    if new != now:
        here.redraft(replace(here.draft, missing_price=new), "What a missing person means is changed.")
        st.rerun()


def _dated_week(here: RosterSession, role: str) -> Sequence[date]:
    """The week of dates to show, where the forecast says how many are needed; empty for the usual week."""
    dated = any(need.day and need.role == role for need in here.draft.needs)
    if not dated:
        return ()
    starts = here.draft.days[::7]
    first = starts[0]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(starts) > 1:
            state.drop_unless("need_week", starts)
            first = st.selectbox("Week from", starts, format_func=day_name, key="need_week")
        st.caption("From the forecast, day by day. Your usual week is kept beside it.")
        if st.button("Back to the usual week", icon=":material/undo:", key="usual-week"):
            here.redraft(ahead.usual_week(here.draft), "The usual week counts again.")
            st.rerun()
    return tuple(day for day in here.draft.days if 0 <= (day - first).days < 7)


def _forecast(here: RosterSession, business: Business) -> None:
    panel = st.expander(
        "Take it from the forecast", icon=":material/trending_up:", key="from-forecast", on_change="rerun"
    )
    if not panel.open:
        return
    with panel, show.problems():
        demand = cached.demand_ahead(business, business.key, here.draft.days[-1])
        sure = st.slider(
            "Enough people on so many days out of 100", 50, 99, 80, key="enough_on", persist_state="session"
        )
        paces = ahead.paces_from(here.draft, demand, enough_on=sure / 100)
        st.caption(
            "One person serves so many units an hour. The numbers shown are the pace at which your usual week of "
            "people just fits the forecast; change them to what you know."
        )
        pace, hours = st.columns(2)
        with pace:
            served = _paces(here, paces)
        with hours:
            shares = _slots(here)
        if st.button("Work out the people needed", icon=":material/calculate:", key="use-forecast"):
            draft = ahead.from_forecast(here.draft, demand, served, shares, enough_on=sure / 100)
            here.redraft(draft, "The people needed follow the forecast now, day by day.")
            st.rerun()


def _paces(here: RosterSession, paces: Sequence[ahead.Pace]) -> list[ahead.Pace]:
    columns = {
        "Role": [each.role for each in paces],
        "Units an hour": [each.per_hour for each in paces],
        "At least": [each.least for each in paces],
    }
    config = {
        "Role": st.column_config.TextColumn(disabled=True),
        "Units an hour": st.column_config.NumberColumn(min_value=0.1, required=True),
        "At least": st.column_config.NumberColumn("People, at least", min_value=0, step=1, required=True),
    }
    edited = widgets.editor(
        pl.DataFrame(columns), key=f"paces-{here.version}", column_config=config, alt="Units an hour"
    )
    return [ahead.Pace(role, pace, least) for role, pace, least in edited.iter_rows()]


def _slots(here: RosterSession) -> list[ahead.Slot]:
    slots = ahead.slots_from(here.draft)
    frame = pl.DataFrame(
        {"Hour": [f"{clock(s.start)}-{clock(s.end)}" for s in slots], "Share": [s.share for s in slots]}
    )
    config = {
        "Hour": st.column_config.TextColumn(disabled=True),
        "Share": st.column_config.NumberColumn("Share of the day, %", min_value=0.0, required=True),
    }
    edited = widgets.editor(frame, key=f"slots-{here.version}", column_config=config, alt="Share of each hour")
    return [replace(slot, share=share) for slot, share in zip(slots, edited["Share"], strict=True)]


def _exceptions(here: RosterSession) -> None:
    for number, concession in enumerate(here.draft.concessions):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"Exception: {show.plain(concession.sentence)}", width="stretch")
            if st.button("Take back", key=f"exception-{number}", type="tertiary"):
                others = tuple(each for each in here.draft.concessions if each is not concession)
                here.redraft(replace(here.draft, concessions=others), "The exception is taken back.")
                st.rerun()


def _table(
    here: RosterSession, name: str, frame: pl.DataFrame, config: dict[str, Any], alt: str, *, grows: bool = True
) -> pl.DataFrame | None:
    """An editable table in a form; the edited table when its button was pressed."""
    with st.form(f"form-{name}-{here.version}", border=False):
        edited = widgets.editor(
            frame,
            key=f"{name}-{here.version}",
            column_config=config,
            num_rows="dynamic" if grows else "fixed",
            alt=alt,
        )
        confirm = st.form_submit_button("Use this table", icon=":material/check:")
    return edited if confirm else None


def _preferences(here: RosterSession) -> list[str]:
    own = [person.prefers for person in here.draft.staff]
    return list(dict.fromkeys([*PREFERENCES, *own]))
