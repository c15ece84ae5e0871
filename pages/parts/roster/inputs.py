"""What a roster is made from, in tables that the owner edits."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import polars as pl
import streamlit as st

from engine.dataset import Dataset
from engine.scheduling.entities import clock, day_name
from engine.scheduling.templates import TEMPLATES
from engine.workflows.roster import needs as ahead
from engine.workflows.roster import tables
from engine.workflows.roster.inputs import PREFERENCES, USUAL_PRICE, Leave
from engine.workflows.roster.rules import with_template
from pages.parts.frame import cached, show, state
from pages.parts.roster.session import Desk

_STAFF_HELP = (
    "The first role is their own; more are separated by commas. Hours on a weekday: 06:30-19:30, any, or off. "
    "Add or delete people at the end and the edge of the table."
)


def tabs(desk: Desk, dataset: Dataset) -> None:
    """The tables, one at a time."""
    st.subheader("What the roster is made from")
    parts = {
        "People needed": lambda: needs(desk, dataset),
        "Staff": lambda: staff(desk),
        "Shifts": lambda: shifts(desk),
        "Time off": lambda: time_off(desk),
        "Rules": lambda: rules(desk),
    }
    for tab, edit in zip(st.tabs(list(parts), key="roster-parts", on_change="rerun"), parts.values(), strict=True):
        if tab.open:
            with tab, show.problems():
                edit()


def staff(desk: Desk) -> None:
    """Who there is, what they can do, what they cost, when they can."""
    unit = f"{desk.draft.currency} an hour" if desk.draft.currency else "an hour"
    config = {
        "Name": st.column_config.TextColumn(required=True, pinned=True),
        "Rate": st.column_config.NumberColumn(f"Rate, {unit}", min_value=0.0, format="%.2f"),
        "Overtime rate": st.column_config.NumberColumn(f"Overtime, {unit}", min_value=0.0, format="%.2f"),
        "Hours, least": st.column_config.NumberColumn("Least hours a week", min_value=0.0, max_value=168.0),
        "Hours, most": st.column_config.NumberColumn("Most hours a week", min_value=0.0, max_value=168.0),
        "Prefers": st.column_config.SelectboxColumn(options=_preferences(desk)),
    }
    edited = _table(desk, "staff", tables.staff_table(desk.draft), config, "The staff")
    st.caption(_STAFF_HELP)
    if edited is not None:
        desk.redraft(replace(desk.draft, staff=tables.staff_of(edited)), "The staff is changed.")
        st.rerun()


def shifts(desk: Desk) -> None:
    """The ways to work a day."""
    config = {"Unpaid break, minutes": st.column_config.NumberColumn(min_value=0, max_value=600, step=5)}
    edited = _table(desk, "shifts", tables.shifts_table(desk.draft), config, "The shifts")
    st.caption("Times as 07:00. A shift that ends before it starts ends on the next day.")
    if edited is not None:
        desk.redraft(replace(desk.draft, shifts=tables.shifts_of(edited)), "The shifts are changed.")
        st.rerun()


def time_off(desk: Desk) -> None:
    """Holidays, which are kept, and requests, which have a price."""
    config = {
        "Who": st.column_config.SelectboxColumn(options=[each.name for each in desk.draft.staff], required=True),
        "First day": st.column_config.DateColumn(required=True, format="ddd D MMM YYYY"),
        "Last day": st.column_config.DateColumn(format="ddd D MMM YYYY"),
        "What": st.column_config.SelectboxColumn(options=[each.value for each in Leave], required=True),
    }
    edited = _table(desk, "time off", tables.time_off_table(desk.draft), config, "Time off and requests")
    st.caption("A holiday is always kept; a request is granted unless refusing it saves more than it is worth.")
    if edited is not None:
        desk.redraft(replace(desk.draft, time_off=tables.time_off_of(edited)), "Time off is changed.")
        st.rerun()


def rules(desk: Desk) -> None:
    """What must hold and what may be broken at a price; lists that laws suggest; exceptions made."""
    unit = desk.draft.currency or "points"
    config = {
        "Rule": st.column_config.TextColumn(disabled=True, pinned=True, width="large"),
        "Unit": st.column_config.TextColumn(disabled=True),
        "How": st.column_config.SelectboxColumn(options=[tables.MUST, tables.PRICED], required=True),
        "Price of one": st.column_config.NumberColumn(f"Price of one, {unit}", min_value=0.0),
    }
    edited = _table(desk, "rules", tables.rules_table(desk.draft), config, "The rules", grows=False)
    if edited is not None:
        desk.redraft(replace(desk.draft, rules=tables.rules_from(desk.draft, edited)), "The rules are changed.")
        st.rerun()
    _exceptions(desk)
    st.markdown("**Lists that laws suggest.** A start for your own list, no legal advice.")
    for template, place in zip(TEMPLATES, st.columns(len(TEMPLATES)), strict=True):
        with place.expander(template.name, icon=":material/gavel:"):
            st.markdown("\n".join(f"- {show.plain(source)}" for source in template.sources))
            st.caption(show.plain(template.notes))
            if st.button("Put these on", key=f"template-{template.key}"):
                draft = replace(desk.draft, rules=with_template(desk.draft.rules, template))
                desk.redraft(draft, f"Put on: {template.name}.")
                st.rerun()


def needs(desk: Desk, dataset: Dataset) -> None:
    """How many people are needed when: typed in, or from the forecast; and what a missing one costs."""
    _missing_price(desk)
    roles = list(dict.fromkeys(need.role for need in desk.draft.needs)) or list(desk.draft.roles)
    state.drop_unless("need_role", roles)
    role = st.segmented_control(
        "Role", roles, default=roles[0], format_func=lambda name: name or "anybody", key="need_role"
    )
    role = roles[0] if role is None else role
    days = _dated_week(desk, role)
    named = f"needs {role} {days[0] if days else ''}"
    table = tables.needs_table(desk.draft, role, days)
    edited = _table(desk, named, table, {}, f"People needed as {role}")
    if edited is not None:
        found = tables.needs_of(desk.draft, role, edited, days)
        desk.redraft(replace(desk.draft, needs=found), "The people needed are changed.")
        st.rerun()
    _forecast(desk, dataset)


def _missing_price(desk: Desk) -> None:
    may, price = st.columns(2, vertical_alignment="bottom")
    now = desk.draft.missing_price
    allowed = may.toggle(
        "People may be missing, at a price",
        now is not None,
        key=f"may-miss-{desk.version}",
        help="When nobody may be missing and no such roster exists, you are told which rules clash.",
    )
    wanted: float | None = None
    if allowed:
        unit = f", {desk.draft.currency}" if desk.draft.currency else ""
        wanted = price.number_input(
            f"A missing person costs an hour{unit}",
            min_value=1.0,
            value=now or USUAL_PRICE,
            step=10.0,
            key=f"miss-price-{desk.version}",
        )
    if wanted != now:
        desk.redraft(replace(desk.draft, missing_price=wanted), "What a missing person means is changed.")
        st.rerun()


def _dated_week(desk: Desk, role: str) -> Sequence[date]:
    """The week of dates to show, where the forecast says how many are needed; empty for the usual week."""
    dated = any(need.day and need.role == role for need in desk.draft.needs)
    if not dated:
        return ()
    starts = desk.draft.days[::7]
    first = starts[0]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(starts) > 1:
            state.drop_unless("need_week", starts)
            first = st.selectbox("Week from", starts, format_func=day_name, key="need_week")
        st.caption("From the forecast, day by day. Your usual week is kept beside it.")
        if st.button("Back to the usual week", icon=":material/undo:", key="usual-week"):
            desk.redraft(ahead.usual_week(desk.draft), "The usual week counts again.")
            st.rerun()
    return tuple(day for day in desk.draft.days if 0 <= (day - first).days < 7)


def _forecast(desk: Desk, dataset: Dataset) -> None:
    panel = st.expander(
        "Take it from the forecast", icon=":material/trending_up:", key="from-forecast", on_change="rerun"
    )
    if not panel.open:
        return
    with panel, show.problems():
        demand = cached.demand_ahead(dataset, dataset.sha256, desk.draft.days[-1])
        sure = st.slider(
            "Enough people on so many days out of 100", 50, 99, 80, key="enough_on", persist_state="session"
        )
        paces = ahead.paces_from(desk.draft, demand, enough_on=sure / 100)
        st.caption(
            "One person serves so many units an hour. The numbers shown are the pace at which your usual week of "
            "people just fits the forecast; change them to what you know."
        )
        pace, hours = st.columns(2)
        with pace:
            served = _paces(desk, paces)
        with hours:
            shares = _slots(desk)
        if st.button("Work out the people needed", icon=":material/calculate:", key="use-forecast"):
            draft = ahead.from_forecast(desk.draft, demand, served, shares, enough_on=sure / 100)
            desk.redraft(draft, "The people needed follow the forecast now, day by day.")
            st.rerun()


def _paces(desk: Desk, paces: Sequence[ahead.Pace]) -> list[ahead.Pace]:
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
    edited = st.data_editor(
        pl.DataFrame(columns), key=f"paces-{desk.version}", column_config=config, hide_index=True, alt="Units an hour"
    )
    return [ahead.Pace(role, pace, least) for role, pace, least in edited.iter_rows()]


def _slots(desk: Desk) -> list[ahead.Slot]:
    slots = ahead.slots_from(desk.draft)
    frame = pl.DataFrame(
        {"Hour": [f"{clock(s.start)}-{clock(s.end)}" for s in slots], "Share": [s.share for s in slots]}
    )
    config = {
        "Hour": st.column_config.TextColumn(disabled=True),
        "Share": st.column_config.NumberColumn("Share of the day, %", min_value=0.0, required=True),
    }
    edited = st.data_editor(
        frame, key=f"slots-{desk.version}", column_config=config, hide_index=True, alt="Share of each hour"
    )
    return [replace(slot, share=share) for slot, share in zip(slots, edited["Share"], strict=True)]


def _exceptions(desk: Desk) -> None:
    for number, made in enumerate(desk.draft.concessions):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"Exception: {show.plain(made.sentence)}", width="stretch")
            if st.button("Take back", key=f"exception-{number}", type="tertiary"):
                kept = tuple(each for each in desk.draft.concessions if each is not made)
                desk.redraft(replace(desk.draft, concessions=kept), "The exception is taken back.")
                st.rerun()


def _table(
    desk: Desk, name: str, frame: pl.DataFrame, config: dict[str, object], alt: str, *, grows: bool = True
) -> pl.DataFrame | None:
    """An editable table in a form; the edited table when its button was pressed."""
    with st.form(f"form-{name}-{desk.version}", border=False):
        edited = st.data_editor(
            frame,
            key=f"{name}-{desk.version}",
            column_config=config,
            hide_index=True,
            num_rows="dynamic" if grows else "fixed",
            alt=alt,
        )
        wanted = st.form_submit_button("Use this table", icon=":material/check:")
    return edited if wanted else None


def _preferences(desk: Desk) -> list[str]:
    own = [person.prefers for person in desk.draft.staff]
    return list(dict.fromkeys([*PREFERENCES, *own]))
