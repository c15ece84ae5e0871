"""The roster as a grid, and everything that can be done with one cell of it."""

from dataclasses import replace
from datetime import date
from typing import Any

import streamlit as st

from engine.scheduling import Lock, Roster
from engine.scheduling.entities import day_name
from engine.scheduling.reasons import Swap, swaps
from engine.workflows.roster import plan as work
from engine.workflows.roster import tables
from pages.parts.frame import background, show, state
from pages.parts.frame.background import Calculation, JobOffer
from pages.parts.roster.session import RosterSession

SHADES = {
    "free": "",
    "early": "background-color: rgba(86, 180, 233, 0.30)",
    "middle": "background-color: rgba(0, 158, 115, 0.28)",
    "late": "background-color: rgba(230, 159, 0, 0.30)",
    "night": "background-color: rgba(204, 121, 167, 0.34)",
}
"""Okabe and Ito's colours, thin enough that words stay readable on light and on dark; the words say the same."""
MOST_SWAPS = 6
_DAY_OFF = JobOffer("day-off", "What would this day off cost?", ":material/help:")
DAY_WIDTH = 112
"""Pixels: a usual week fits a laptop, and on a telephone the days scroll beside the names."""


def grid(here: RosterSession, roster: Roster) -> None:
    """People down, days across, the shift's word in each cell; a click picks the cell."""
    import pandas as pd

    cells = tables.grid(roster)
    frame = cells.table.to_pandas().set_index("Who")
    shades = pd.DataFrame([[SHADES[kind] for kind in line] for line in cells.kinds], frame.index, frame.columns)
    key = f"grid-{here.version}"
    st.dataframe(
        frame.style.apply(lambda _: shades, axis=None),
        key=key,
        height=38 + 35 * len(frame),
        column_config=dict.fromkeys(frame.columns, st.column_config.TextColumn(width=DAY_WIDTH)),
        on_select=lambda: _pick(key, roster),
        selection_mode="single-cell",
        alt=f"Who works when: {len(roster.problem.employees)} people, {len(roster.problem.calendar)} days. "
        "A free day is a dash.",
    )
    st.caption(
        f"{tables.FREE} free · {tables.MARK_LOCKED} locked · {tables.MARK_ASKED} a request is refused · "
        f"{tables.MARK_BROKEN} a rule that must hold is broken. Click a cell, or choose it here:"
    )


def cell(here: RosterSession, roster: Roster) -> None:
    """One cell: what it is, another shift, the lock, the price of a day off, who could take it over."""
    people = [employee.name for employee in roster.problem.employees]
    state.drop_unless("roster_who", people)
    state.drop_unless("roster_day", roster.problem.calendar)
    place = st.columns([3, 3, 4, 2], vertical_alignment="bottom")
    who = place[0].selectbox("Who", people, key="roster_who", persist_state="session")
    day = place[1].selectbox(
        "Day", roster.problem.calendar, format_func=day_name, key="roster_day", persist_state="session"
    )
    _shift(place[2], here, roster, who, day)
    _lock(place[3], here, roster, who, day)
    _about(here, roster, who, day)
    if roster.cell(who, day) is not None:
        off, over = st.columns(2)
        with off:
            _day_off(here, who, day)
        with over:
            _handing_over(here, roster, who, day)


def changes(here: RosterSession) -> None:
    """Undo, open all locks, put aside, go on to the next weeks."""
    with st.container(horizontal=True):
        if st.button("Undo", icon=":material/undo:", key="roster-undo", disabled=not here.undo, type="tertiary"):
            here.take_back()
            st.rerun()
        locked = bool(here.draft.locks)
        if st.button(
            "Open all locks", icon=":material/lock_open:", key="open-locks", disabled=not locked, type="tertiary"
        ):
            here.redraft(here.draft.without_locks(), "All cells are open again.")
            st.rerun()
        current = here.book.roster
        if current and st.button(
            "Plan the next weeks", icon=":material/event_repeat:", key="carry-on", type="tertiary"
        ):
            first = here.draft.first_day
            name = f"From {day_name(first)}"
            aside = (*here.book.named, work.NamedRoster(name, here.draft, current))
            following = work.carried_on(here.draft, current)
            sentence = f"{name} is put aside under Compare, and its end counts as history."
            here.change(replace(here.book, draft=following, roster=None, named=aside), sentence)
            st.rerun()
    if here.message:
        st.caption(f":material/check: {show.plain(here.message)}")


def _pick(key: str, roster: Roster) -> None:
    chosen = state.on_screen(key)
    cells = chosen.selection.cells if chosen else []
    if cells:
        line, column = cells[0]
        names = tables.grid(roster).table.columns[1:]
        if column in names:
            day = roster.problem.calendar[names.index(column)]
            state.put_on_screen({"roster_who": roster.problem.employees[line].name, "roster_day": day})


def _shift(place: Any, here: RosterSession, roster: Roster, who: str, day: date) -> None:
    employee, now = roster.problem.employee_named[who], roster.cell(who, day)
    choices = list(tables.options(here.draft, employee.roles))
    current = (now.shift, now.role) if now else ("", "")
    if current not in choices:
        choices.append(current)
    chosen = place.selectbox(
        "Works",
        choices,
        index=choices.index(current),
        format_func=lambda pair: _words(here, pair),
        key=f"shift-{here.version}-{who}-{day}",
    )
    if chosen != current:
        _change(here, roster, Lock(day, who, *chosen))


def _words(here: RosterSession, pair: tuple[str, str]) -> str:
    shift = next((each for each in here.draft.shifts if each.name == pair[0]), None)
    if shift is None:
        return pair[0] or "free"
    times = "" if shift.name == shift.times else f", {shift.times}"
    return f"{shift.name}{times}{f' ({pair[1]})' if pair[1] else ''}"


def _change(here: RosterSession, roster: Roster, cell: Lock) -> None:
    """Draw a cell by hand; the checker says at once what it does."""
    assert here.book.roster is not None
    changed = work.edited(here.book.roster, cell)
    draft = here.draft
    if any((lock.employee, lock.day) == (cell.employee, cell.day) for lock in draft.locks):
        draft = work.locked(draft, cell)
    after = work.roster_of(draft, changed)
    more = after.checked.cost - roster.checked.cost
    price = "costs as much as before" if abs(more) < 0.005 else f"costs {abs(more):,.2f} {after.problem.currency} "
    if abs(more) >= 0.005:
        price += "more" if more > 0 else "less"
    before = {breach.sentence for breach in roster.checked.violations}
    broken = [breach.sentence for breach in after.checked.violations if breach.sentence not in before]
    sentence = f"The roster {price}." + (
        f" Broken now: {'; '.join(broken)}." if broken else " No further rule is broken."
    )
    here.change(replace(here.book, draft=draft, roster=changed), sentence)
    st.rerun()


def _lock(place: Any, here: RosterSession, roster: Roster, who: str, day: date) -> None:
    locked = any((lock.employee, lock.day) == (who, day) for lock in here.draft.locks)
    shut = place.toggle("Locked", locked, key=f"lock-{here.version}-{who}-{day}", help="A search leaves it as it is.")
    if shut and not locked:
        now = roster.cell(who, day)
        lock = Lock(day, who, now.shift if now else "", now.role if now else "")
        here.redraft(work.locked(here.draft, lock), "Locked. Make it again to fit the rest around it.")
        st.rerun()
    if locked and not shut:
        here.redraft(work.unlocked(here.draft, who, day), "Open again.")
        st.rerun()


def _about(here: RosterSession, roster: Roster, who: str, day: date) -> None:
    """What the checker finds in this cell, and what the person asked for."""
    for breach in roster.checked.breaches:
        if breach.employee == who and day in breach.days and breach.rule != "FairShare":
            price = "must not be" if breach.penalty is None else f"{breach.penalty:,.2f} {roster.problem.currency}"
            st.markdown(f"- {show.plain(breach.sentence)} ({show.plain(price)})")


def _day_off(here: RosterSession, who: str, day: date) -> None:
    assert here.book.roster is not None
    name = f"favour-{here.draft.key}-{here.book.searches}-{here.book.roster.edited}-{who}-{day}"
    price = background.panel(Calculation((name,), work.favour, (here.draft, here.book.roster, who, day)), _DAY_OFF)
    if price is None:
        return
    st.markdown(f"**{show.plain(price.sentence)}**")
    if price.roster is not None and st.button("Give the day off", icon=":material/beach_access:", key="give-day-off"):
        here.change(replace(here.book, draft=price.draft, roster=price.roster), price.sentence)
        st.rerun()


def _handing_over(here: RosterSession, roster: Roster, who: str, day: date) -> None:
    panel = st.expander("Who could take this shift over?", icon=":material/swap_horiz:", key="swaps", on_change="rerun")
    if not panel.open:
        return
    with panel:
        offers = swaps(roster, who, day, most=MOST_SWAPS)
        if not offers:
            st.markdown("Nobody can without breaking a rule.")
        for number, offer in enumerate(offers):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"{show.plain(offer.sentence)} {_extra(offer, roster)}", width="stretch")
                if st.button("Swap", key=f"swap-{number}"):
                    assert here.book.roster is not None
                    swapped = replace(
                        here.book.roster, assignments=offer.assignments, edited=here.book.roster.edited + 1
                    )
                    here.change(replace(here.book, roster=swapped), offer.sentence)
                    st.rerun()


def _extra(offer: Swap, roster: Roster) -> str:
    if abs(offer.extra) < 0.005:
        return "(same cost)"
    return f"({abs(offer.extra):,.2f} {roster.problem.currency} {'more' if offer.extra > 0 else 'less'})"
