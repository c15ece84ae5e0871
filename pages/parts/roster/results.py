"""What a roster means: cover, hours, what is not met and why, its proof, others beside it, and taking it along."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import available_timezones

import streamlit as st

from engine.charts import roster as charts
from engine.exports.roster import roster_calendar, roster_calendars, roster_pdf, roster_workbook
from engine.scheduling import Roster
from engine.scheduling.entities import clock, day_name
from engine.scheduling.reasons import short_stretches, why_missing, why_refused
from engine.scheduling.roster import Coverage
from engine.workflows.roster import plan as work
from engine.workflows.roster import tables
from pages.parts.frame import show, state, widgets
from pages.parts.roster.session import RosterSession

_ALL = "All roles"
MOST_REASONS = 8


def tabs(here: RosterSession, roster: Roster, business: str) -> None:
    """Everything about the roster, one part at a time; only the open one is drawn."""
    parts = {
        "Cover": lambda: cover(roster),
        "People": lambda: people(roster),
        "Not met": lambda: not_met(roster),
        "How sure is it?": lambda: proof(roster),
        "Compare": lambda: compare(here, roster),
        "Publish": lambda: publish(roster, business),
    }
    widgets.tabs(parts, key="roster-tabs")


def clash(here: RosterSession, answer: work.Answer) -> None:
    """Why no roster is possible, and what would help, each one click away."""
    assert answer.infeasibility is not None
    st.error(f"**No roster keeps all rules.** {show.plain(answer.infeasibility.sentence)}", icon=":material/block:")
    with st.expander("The rules that clash", icon=":material/rule:"):
        st.markdown("\n".join(f"- {show.plain(rule)}" for rule in answer.infeasibility.words))
        is_minimal = answer.infeasibility.is_minimal
        proved = "Without any one of these, the others can be kept." if is_minimal else "There may be fewer."
        st.caption(f"{proved} Found by trying all rules, and proved by a search that is exact.")
    st.markdown("**What would help**")
    for number, way in enumerate(answer.ways):
        with st.container(horizontal=True, vertical_alignment="center"):
            price = "" if way.cost is None else f" The roster costs {way.cost:,.2f} {answer.draft.currency} then."
            st.markdown(f"{show.plain(way.sentence)}{price}", width="stretch")
            if st.button("Do this", key=f"way-{number}"):
                here.redraft(way.draft, f"{way.sentence} Make the roster again now.")
                st.rerun()


def cover(roster: Roster) -> None:
    """Need against plan over time, and why somebody is missing."""
    roles = [_ALL, *dict.fromkeys(need.role for need in roster.problem.needs if need.role)]
    role = st.segmented_control("Role", roles, default=_ALL, key="cover_role") if len(roles) > 2 else _ALL
    only = "" if role in (None, _ALL) else str(role)
    chart = charts.coverage_chart(roster, role=only)
    show.figure(chart, key="coverage", alt=charts.coverage_alt(roster, role=only))
    short = [each for each in short_stretches(roster) if not only or each.role == only]
    if not short:
        st.markdown("Every stretch has the people that it needs.")
        return
    chosen = st.selectbox("Why is somebody missing?", short, format_func=_stretch, key="short_stretch")
    reasons = why_missing(roster, chosen)
    if not reasons:
        st.markdown("Nobody else has this role and a shift for that time.")
    st.markdown("\n".join(f"- {show.plain(reason.sentence)}" for reason in reasons[:MOST_REASONS]))


def people(roster: Roster) -> None:
    """Hours and pay of each person, and how evenly weekends and late shifts are shared."""
    show.table(tables.people_table(roster), alt="Hours, shifts, weekends and pay of each person", digits=2)
    show.figure(charts.fairness_bars(roster), key="fairness", alt=charts.fairness_alt(roster))


def not_met(roster: Roster) -> None:
    """Each rule and request that is not kept, with its price, and why a request is refused."""
    table = tables.unmet(roster)
    if table.is_empty():
        st.markdown("Everything that you asked for is met.")
    else:
        show.table(table, alt="What the roster does not meet, and what each costs")
    st.caption(show.plain(tables.in_the_cost(roster)))
    refusals = [b for b in roster.checked.breaches if b.rule == "Wishes" and roster.cell(b.employee, b.days[0])]
    if refusals:
        chosen = st.selectbox("Why is a request refused?", refusals, format_func=lambda b: b.sentence, key="refused")
        st.markdown(show.plain(why_refused(roster, chosen)))


def proof(roster: Roster) -> None:
    """How good the roster is, and the independent second look."""
    claim, seen = roster.proof, roster.proof.recheck
    if roster.gap >= 1:
        st.markdown("**Drawn by hand, or made for other rules.** How far from the best it is, a new search tells.")
    else:
        st.markdown(
            f"**{str(claim.status).capitalize()}.** It costs {claim.objective:,.2f} {claim.unit}, and no roster that "
            f"keeps the rules can cost less than {claim.bound:,.2f} {claim.unit} (gap {claim.gap:.3%}). "
            f"Found in {claim.seconds:.1f} seconds by {show.plain(claim.solver)}."
        )
    if seen is not None:
        words = (
            "finds the same cost and no broken rule" if seen.agrees else f"finds {len(seen.violations)} broken rules"
        )
        st.markdown(f"A second look at the roster alone, by code that knows nothing of the search, {words}:")
        st.markdown("\n".join(f"- {show.plain(line)}" for line in _rule_by_rule(roster)))


def compare(here: RosterSession, roster: Roster) -> None:
    """Put rosters aside under a name, see them side by side, and bring one back."""
    with (
        st.form("keep-roster", clear_on_submit=True, border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        name = st.text_input("Name", placeholder="First try", max_chars=60)
        confirm = st.form_submit_button("Put this roster aside", icon=":material/bookmark_add:")
    if confirm and here.book.roster:
        aside = work.NamedRoster(name.strip() or f"Roster {len(here.book.named) + 1}", here.draft, here.book.roster)
        here.change(replace(here.book, named=(*here.book.named, aside)), f"{aside.name} is put aside.")
        st.rerun()
    if not here.book.named:
        st.caption("Put the roster aside, change something, make it again: here they stand side by side.")
        return
    others = [(aside.name, work.roster_of(aside.draft, aside.roster)) for aside in here.book.named]
    show.table(tables.comparison([("This roster", roster), *_named_apart(others)]), alt="Rosters side by side")
    for number, aside in enumerate(here.book.named):
        with st.expander(f"{show.plain(aside.name)}: what is different"):
            show.table(tables.differences(roster, others[number][1]), alt=f"Cells that differ in {aside.name}")
            if st.button("Bring it back", key=f"back-{number}", icon=":material/restore:"):
                here.change(replace(here.book, draft=aside.draft, roster=aside.roster), f"{aside.name} is back.")
                st.rerun()
            if st.button("Delete", key=f"drop-{number}", type="tertiary"):
                rest = tuple(each for place, each in enumerate(here.book.named) if place != number)
                here.change(replace(here.book, named=rest), f"{aside.name} is deleted.")
                st.rerun()


def publish(roster: Roster, business: str) -> None:
    """Calendar files per person, a workbook, a page for the wall, a picture."""
    who, where = st.columns(2)
    zones = sorted(available_timezones())
    here = st.context.timezone if st.context.timezone in zones else "UTC"
    zone = where.selectbox(
        "Time zone of the business", zones, index=zones.index(here), key="zone", persist_state="session"
    )
    names = [employee.name for employee in roster.problem.employees]
    state.drop_unless("publish_who", names)
    name = who.selectbox("Whose calendar", names, key="publish_who")
    stamp = datetime.now(UTC)
    with st.container(horizontal=True):
        st.download_button(
            f"Calendar of {name}",
            lambda: roster_calendar(roster, name, zone=zone, stamp=stamp, business=business),
            f"{name}.ics",
            "text/calendar",
            icon=":material/event:",
            key="ics",
            on_click="ignore",
        )
        st.download_button(
            "All calendars",
            lambda: roster_calendars(roster, zone=zone, stamp=stamp, business=business),
            "calendars.zip",
            "application/zip",
            icon=":material/folder_zip:",
            key="zip",
            on_click="ignore",
        )
        widgets.download("Excel", lambda: roster_workbook(roster), "roster.xlsx")
        st.download_button(
            "PDF to print",
            lambda: roster_pdf(roster, title=f"Roster of {business}"),
            "roster.pdf",
            "application/pdf",
            icon=":material/print:",
            key="pdf",
            on_click="ignore",
        )
    st.caption("Shifts keep their clock times across a change of the clock. Publishing again updates the same entries.")
    picture = st.expander("The roster as a picture", icon=":material/image:", key="picture", on_change="rerun")
    if picture.open:
        with picture:
            show.figure(charts.roster_grid(roster), key="roster-picture", alt=charts.roster_grid_alt(roster))


def _stretch(short: Coverage) -> str:
    role = f" as {short.role}" if short.role else ""
    when = short.shift or f"{clock(short.start)}-{clock(short.end)}"
    return f"{day_name(short.day)} {when}: {short.planned} of {short.needed}{role}"


def _rule_by_rule(roster: Roster) -> list[str]:
    """Each rule with how often it is broken."""
    from engine.scheduling.rules import ALWAYS

    count: dict[str, int] = {}
    for breach in roster.checked.breaches:
        count[breach.rule] = count.get(breach.rule, 0) + 1
    lines = []
    for rule in (*ALWAYS, *roster.problem.rules):
        times = 0 if rule.key in tables.BY_NATURE else count.get(rule.key, 0)
        often = "Kept" if not times else "Not kept once" if times == 1 else f"Not kept {times} times"
        lines.append(f"{rule.sentence} {often}.")
    return lines


def _named_apart(rosters: list[tuple[str, Roster]]) -> list[tuple[str, Roster]]:
    """The same, with a number behind a name that was there before."""
    seen: dict[str, int] = {"This roster": 1}
    named = []
    for name, roster in rosters:
        seen[name] = seen.get(name, 0) + 1
        named.append((name if seen[name] == 1 else f"{name} ({seen[name]})", roster))
    return named
