"""What only the owner knows about causes: how budgets are set, what happened once, what comes before what."""

from datetime import date

import streamlit as st
from babel import Locale

from engine.business.model import Business
from engine.causal import Answers, BudgetRule, CausalGraph, ChangeExplanation, Event
from engine.charts import arrows as charts
from engine.dataset import in_words
from engine.errors import DataProblem
from engine.forecast.drivers.choices import countries
from engine.workflows.why import causal_knowledge, explain
from engine.workflows.why.causal_knowledge import Ruling
from pages.parts.frame import show, state

_BY_CURRENCY = "as the currency suggests"


def panel(business: Business, now: Answers, answer: ChangeExplanation, days: tuple[date, date]) -> None:
    """Ask what no file can show; each answer is kept at once, and the grades follow.

    Args:
        business: the open file.
        now: what is known so far.
        answer: whose budgets are asked about.
        days: first and last day of the file.
    """
    count, budgets = causal_knowledge.told_count(now, answer)
    label = f"What only you know: {count} of {budgets} budgets answered" if budgets else "What only you know"
    opened = st.expander(label, icon=":material/person_raised_hand:", key="why-told", on_change="rerun")
    if not opened.open:
        return
    subject = causal_knowledge.subject(business)
    with opened:
        _budgets(subject, now, answer)
        _events(subject, now, days, explain.odd_period(answer))
        _more(subject, now, business)


def graph(business: Business, now: Answers, causes: CausalGraph) -> None:
    """Which column moves which, as a picture that the owner can correct."""
    show.figure(charts.arrows(causes), key="arrows", alt=charts.arrows_alt(causes))
    st.caption(
        "Solid: the arrow came back in at least 85% of resampled histories and its direction is known. Dashed: seen "
        "less often, or without a direction. Columns stand in the order in which one can move the next."
    )
    show.cautions(causes.cautions)
    subject = causal_knowledge.subject(business)
    with st.expander("Correct the picture"):
        _arrows(subject, now, causes)
        _order(subject, now, causes)


def _budgets(subject: str, now: Answers, answer: ChangeExplanation) -> None:
    spends = [each.name for each in answer.evidence.model.panel.treatments] if answer.evidence else []
    if not spends:
        return
    st.markdown("**How is each budget set?** No calculation can find this out, and it decides what may be believed.")
    places = st.columns(2)
    rules = list(BudgetRule)
    for number, spend in enumerate(spends):
        rule = now.rule(spend)
        # The key holds the kept answer, so that a second window never writes an older one back.
        chosen = places[number % 2].selectbox(
            show.plain(spend), rules, index=rules.index(rule), key=f"rule-{subject}-{spend}-{rule.name}"
        )
        if chosen is not rule:
            _keep(subject, causal_knowledge.with_rule(now, spend, chosen))
    tested = sorted(now.tested & set(spends))
    picked = st.multiselect(
        "Which of them were switched on and off as a test, by a plan made before?",
        spends,
        tested,
        placeholder="none",
        key=f"tested-{subject}-{tested}",
    )
    if set(picked) != set(tested):
        _keep(subject, causal_knowledge.with_tested(now, spends, picked))


def _events(subject: str, now: Answers, days: tuple[date, date], odd: explain.OddPeriod | None) -> None:
    st.markdown("**What happened once?** A fault, a street closure, a mention in the news.")
    for number, event in enumerate(now.events):
        with st.container(horizontal=True, vertical_alignment="center"):
            span = f"{in_words(event.first)} to {in_words(event.last)}"
            st.markdown(f"**{show.plain(event.name)}**  \n{span}", width="stretch")
            if st.button("Remove", key=f"event-{number}-{event.name}", type="tertiary"):
                _keep(subject, causal_knowledge.without_event(now, event.name))
    first, last = days
    likely = (max(first, odd.span.first), min(last, odd.span.last)) if odd else (last, last)
    with st.form(f"add-event-{subject}", clear_on_submit=True, border=False):
        what, when = st.columns(2)
        name = what.text_input("What happened", placeholder="Checkout fault", max_chars=60)
        chosen = when.date_input(
            "Days, the first and the last", likely, min_value=first, max_value=last, format="YYYY-MM-DD"
        )
        if st.form_submit_button("Add the event", icon=":material/add:"):
            with show.problems():
                happened = list(chosen)
                if not happened:
                    raise DataProblem("No day is chosen", remedy="Choose the first and the last day.")
                _keep(subject, causal_knowledge.with_event(now, Event(name.strip(), happened[0], happened[-1])))


def _more(subject: str, now: Answers, business: Business) -> None:
    offered = causal_knowledge.untouched(business)
    if offered:
        unaffected = [name for name in offered if name in now.unaffected]
        picked = st.multiselect(
            "Which of these can your advertising not move, such as another branch's sales?",
            offered,
            unaffected,
            placeholder="none",
            key=f"untouched-{subject}-{unaffected}",
        )
        if picked != unaffected:
            _keep(subject, causal_knowledge.with_unaffected(now, picked))
    names = Locale("en").territories
    codes = ["", *sorted(countries(), key=lambda code: names.get(code, code))]
    country = st.selectbox(
        "Public holidays of",
        codes,
        index=codes.index(now.country) if now.country in codes else 0,
        format_func=lambda code: names.get(code, code) if code else _BY_CURRENCY,
        key=f"why-country-{subject}-{now.country}",
    )
    if country != now.country:
        _keep(subject, causal_knowledge.with_country(now, country))


def _arrows(subject: str, now: Answers, causes: CausalGraph) -> None:
    st.markdown("**One arrow at a time**")
    start, end, verdict = st.columns([3, 3, 3], vertical_alignment="bottom")
    cause = start.selectbox("From", causes.names, key="arrow-from")
    effect = end.selectbox("To", causes.names, index=len(causes.names) - 1, key="arrow-to")
    rulings = list(Ruling)
    ruling = verdict.selectbox("An arrow here", rulings, index=1, key="arrow-ruling")
    if st.button("Apply", icon=":material/edit:", key="arrow-apply"):
        with show.problems():
            _keep(subject, causal_knowledge.with_arrow(now, causes, (cause, effect), ruling))
    for sign, arrows in (("surely", sorted(now.surely)), ("cannot be", sorted(now.never))):
        for cause, effect in arrows:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"{show.plain(cause)} → {show.plain(effect)}: {sign}", width="stretch")
                if st.button("Leave to the data", key=f"open-{sign}-{cause}-{effect}", type="tertiary"):
                    _keep(subject, causal_knowledge.with_arrow(now, causes, (cause, effect), Ruling.OPEN))


def _order(subject: str, now: Answers, causes: CausalGraph) -> None:
    st.markdown("**What comes before what?** A column can only move columns of a later place.")
    placed = {name: number for number, layer in enumerate(causes.layers, 1) for name in layer}
    with st.form(f"order-{subject}", border=False):
        columns = st.columns(2)
        chosen = {
            name: columns[number % 2].selectbox(
                show.plain(name),
                range(1, len(placed) + 1),
                index=place - 1,
                format_func=lambda place: f"place {place}",
                key=f"place-{subject}-{name}-{place}",
            )
            for number, (name, place) in enumerate(placed.items())
        }
        changed = st.form_submit_button("Use this order", icon=":material/reorder:")
    if changed and chosen != placed:
        with show.problems():
            _keep(subject, causal_knowledge.with_order(now, chosen))
    if now.order and st.button("Back to the usual order", key="order-usual", type="tertiary"):
        _keep(subject, causal_knowledge.with_order(now, {}))


def _keep(subject: str, answers: Answers) -> None:
    state.remember(subject, causal_knowledge.as_json(answers))
    st.rerun()
