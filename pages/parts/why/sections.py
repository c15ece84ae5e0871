"""The parts of the page "Why did it change?": the question, the three layers that are never mixed, a second look."""

import json
from datetime import date

import polars as pl
import streamlit as st

from engine.business.calendar import Period
from engine.business.history import SalesHistory
from engine.business.model import Business
from engine.causal import Answers, Cause, ChangeExplanation, ChangeQuestion, Grade, Split
from engine.charts import causal as charts
from engine.charts.basics import in_figures
from engine.dataset import in_words
from engine.exports.reports import change_table, check_table, lead_table, split_table, why_workbook
from engine.narrate import Narration, spoken
from engine.store import JSON
from engine.workflows.why import causal_knowledge, explain
from pages.parts.frame import background, cached, show, state, widgets
from pages.parts.frame.background import Calculation, JobOffer
from pages.parts.why import inputs

OWN = "own"
_SHORT = {
    "before_total": "Before",
    "after_total": "After",
    "change": "Change",
    "by_calendar": "Calendar alone",
}

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


def question(business: Business) -> ChangeQuestion:
    """Ask which figure, and which two stretches of time.

    Raises:
        DataProblem: the file has nothing to compare.
    """
    what, when = st.columns([2, 5], vertical_alignment="bottom")
    figures = explain.figures(business)
    state.drop_unless("figure", figures)
    figure = what.selectbox("Figure", list(figures), format_func=figures.__getitem__, **widgets.bound("figure"))
    history = cached.history(business, business.key, figure, "")
    offered = {pair.key: pair for pair in explain.pairs(history)}
    state.drop_unless("compare", {*offered, OWN})
    chosen = when.selectbox(
        "Compare",
        [*offered, OWN],
        format_func=lambda key: (
            _first_letter_large(offered[key].label) if key in offered else "Two stretches of your own"
        ),
        **widgets.bound("compare"),
    )
    usual = next(iter(offered.values()))
    pair = offered.get(chosen, usual)
    if chosen == OWN:
        before, after = _own_spans(business.key, history, usual)
        return ChangeQuestion(figure, before, after)
    return ChangeQuestion(figure, pair.before, pair.after)


def settings(business: Business, question: ChangeQuestion) -> dict[str, JSON]:
    """The widgets' keys and values, for a scenario."""
    before, after = (f"{name}-{business.key[:8]}" for name in ("before", "after"))
    dates = {
        key: [f"{span.first}", f"{span.last}"] for key, span in ((before, question.before), (after, question.after))
    }
    return {"figure": question.metric, "compare": OWN, **dates}


def frame(answer: ChangeExplanation, words: Narration) -> None:
    """What changed, and whether that is more than usual."""
    opening, *others = words.sentences
    st.markdown(f"#### {show.plain(opening.text)}")
    if others and "usual_from" in others[0].facts:
        st.markdown(show.plain(others[0].text))
    facts = answer.facts()
    with st.container(horizontal=True):
        for name, label in _SHORT.items():
            fact = facts[name]
            st.metric(label, spoken(fact), help=f"{fact.label}. {fact.basis}", border=True, width=170)
    with st.expander("Are the two stretches alike? Days, weekends, holidays"):
        show.table(change_table(answer), alt="The two stretches side by side")
        for caution in answer.frame.cautions:
            st.caption(f":material/info: {show.plain(caution)}")


def arithmetic(answer: ChangeExplanation) -> None:
    """The first layer: parts that add up."""
    st.subheader("1. Where it changed: parts that add up")
    if not answer.splits:
        st.markdown("Your file has no items, stores or visits for this figure, so there is nothing to take apart.")
        return
    splits = {split.title: split for split in answer.splits}
    state.drop_unless("split", splits)
    title = st.segmented_control(
        "Taken apart by",
        list(splits),
        default=next(iter(splits)),
        key="split",
        label_visibility="collapsed",
        persist_state="session",
    )
    _split(splits.get(title or "") or answer.splits[0])


def standing(answer: ChangeExplanation) -> None:
    """What the second layer is, and the period that it cannot account for."""
    st.caption("Statistics, not arithmetic: each driver has a grade, and a hidden cause could change all of it.")
    odd = explain.odd_period(answer)
    if odd is not None:
        st.info(show.plain(explain.odd_in_words(odd)), icon=":material/help:")


def drivers(answer: ChangeExplanation) -> None:
    """The graded drivers, what they may have contributed, and the evidence for one of them."""
    assert answer.evidence is not None
    rows = [_row(answer, cause) for cause in answer.causes]
    show.table(pl.DataFrame(rows), alt="Each driver with its grade and effect")
    st.caption(
        "A: strong evidence, not proof. B: suggestive. C: a pattern, no more. D: not enough data, so no number is "
        "shown. No better grade than A exists without an experiment."
    )
    split = answer.evidence.split
    if split is not None:
        noun = split.period
        st.markdown(f"**What each may have contributed to this change, per {noun}**")
        show.figure(charts.waterfall(split), key="driver-waterfall", alt=charts.waterfall_alt(split))
        st.caption(
            f"Estimates from the whole {noun}s inside the two stretches, so the change can differ from that of all "
            "days. What no driver accounts for is a bar of its own; the bars add up."
        )
    names = [cause.name for cause in answer.causes]
    state.drop_unless("driver", names)
    name = st.selectbox("Look behind one driver", names, key="driver", persist_state="session")
    _behind(answer, answer.evidence.cause(name))


def over_time(answer: ChangeExplanation) -> None:
    """What each driver contributed in every period."""
    assert answer.evidence is not None
    timeline = answer.evidence.timeline
    show.figure(charts.over_time(timeline), key="over-time", alt=charts.over_time_alt(timeline))
    st.caption(
        "Each bar is what the driver adds to or takes from an average period, if its effect is right; striped is what "
        "nothing in your file accounts for. The bars add up to the line."
    )


def what_moves_what(answer: ChangeExplanation, business: Business, answers: Answers) -> None:
    """The picture of causes, which the owner can correct, and what runs ahead of what."""
    assert answer.evidence is not None
    inputs.graph(business, answers, answer.evidence.graph)
    leads(answer)


def leads(answer: ChangeExplanation) -> None:
    """What runs ahead of what, and how small a lead would have been seen."""
    assert answer.evidence is not None
    ahead = [lead for lead in answer.evidence.leads if lead.is_significant]
    with st.expander("What runs ahead of what"):
        if ahead:
            lines = (
                f"- The past of **{show.plain(a.cause)}** helps to foresee **{show.plain(a.effect)}**." for a in ahead
            )
            st.markdown("\n".join(lines))
        else:
            st.markdown("No column's past helps to foresee another, beyond season and calendar.")
        show.table(lead_table(answer.evidence), alt="Every ordered pair of columns that was tested", digits=3)
        st.caption("Running ahead is not the same as causing: the rooster runs ahead of the sunrise.")


@st.fragment
def what_if(answer: ChangeExplanation) -> None:
    """Another budget in the stretch in question, all else as it was."""
    offered = {each.driver: each for each in explain.spendings(answer)}
    if not offered:
        st.markdown(
            "There is no budget in your file whose effect can be measured over these dates, so no such question can be "
            "answered."
        )
        return
    which, how_much = st.columns([2, 2], vertical_alignment="bottom")
    state.drop_unless("spending", offered)
    spending = offered[which.selectbox("If we had spent on", list(offered), key="spending", persist_state="session")]
    label = f"this much in all, {spending.unit}".rstrip(", ")
    step = float(max(1, round(spending.most / 60)))
    # The key names file and stretch, so that another question starts from what was really spent.
    key = f"instead-{spending.driver}-{spending.first}-{spending.last}-{spending.spent:.0f}"
    instead = how_much.number_input(label, min_value=0.0, value=spending.spent, step=step, format="%.0f", key=key)
    outcome = explain.what_if_spent(answer, spending, instead)
    assert answer.evidence is not None
    grade = answer.evidence.cause(spending.driver).grade
    days = f"{in_words(spending.first)} to {in_words(spending.last)}"
    st.caption(f"From {days} it was {in_figures(spending.spent)} {show.plain(spending.unit)} in all.")
    st.markdown(show.plain(explain.what_if_in_words(outcome, grade)))
    for caution in outcome.cautions:
        st.warning(show.plain(caution), icon=":material/warning:")
    points = cached.what_if_line(answer, _identity(answer), spending)
    show.figure(charts.what_if_line(points, outcome), key="what-if", alt=charts.what_if_alt(points, outcome))


def events(answer: ChangeExplanation, named: tuple[str, ...]) -> None:
    """What each event changed, against what would have happened without it."""
    if not named:
        st.markdown(
            'Name something that happened once, such as a street closure or a fault, under "What only you know", and '
            "you see here what it changed."
        )
        return
    impacts = {event.name: event for event in answer.events}
    for name in named:
        if name not in impacts:
            st.markdown(f"**{show.plain(name)}**: there are too few periods in your file before or during it to tell.")
    for event in answer.events:
        st.markdown(f"**{show.plain(event.name)}** {show.plain(explain.event_in_words(event))}")
        show.figure(charts.impact(event), key=f"event-{event.name}", alt=charts.impact_alt(event))
        controls = ", ".join(show.plain(name) for name in event.controls)
        if controls:
            st.caption(f"What would have happened is foreseen from its own past and from {controls}.")
        show.cautions(event.cautions)


def unknown(answer: ChangeExplanation) -> None:
    """The third layer: what the data cannot tell."""
    st.subheader("3. What your data cannot tell")
    st.markdown("\n".join(f"- {show.plain(line)}" for line in answer.unknown))
    show.cautions([line for line in answer.cautions if line not in answer.frame.cautions])


def download(answer: ChangeExplanation) -> None:
    """The whole answer as a workbook."""
    widgets.download("Download as Excel", lambda: why_workbook(answer), "why.xlsx")


def second_look(business: Business, question: ChangeQuestion, answers: str) -> ChangeExplanation | None:
    """The answer with its second look, if it is ready; `answers` are the owner's, as JSON."""
    return _calculation(business, question, answers).result()


def second_look_panel(answer: ChangeExplanation, business: Business, question: ChangeQuestion, answers: str) -> None:
    """Offer the second look, show how far it is, or what came of it."""
    calculation = _calculation(business, question, answers)
    if calculation.job is None:
        cached.services().jobs.make_ready(explain.explain_deeply, *LIBRARIES)
    if background.panel(calculation, _OFFER) is not None:
        _what_came_of_it(answer)


def _own_spans(sha256: str, history: SalesHistory, usual: explain.Pair) -> tuple[Period, Period]:
    first, last = explain.ends(history)
    spans = []
    places = st.columns(2)
    for place, name, label, span in (
        (places[0], "before", "Compare these days, the first and the last", usual.before),
        (places[1], "after", "with these, the first and the last", usual.after),
    ):
        key = f"{name}-{sha256[:8]}"
        state.days_on_screen(key, first, last)
        chosen = place.date_input(
            label,
            (span.first, span.last),
            min_value=first,
            max_value=last,
            format="YYYY-MM-DD",
            key=key,
            persist_state="session",
        )
        spans.append(_span(chosen, span))
    return spans[0], spans[1]


def _span(chosen: object, usual: Period) -> Period:
    """The days chosen; while the last one is not chosen yet, the usual ones."""
    days = [day for day in chosen if isinstance(day, date)] if isinstance(chosen, tuple) else []
    return Period(days[0], days[1]) if len(days) == 2 else usual


def _first_letter_large(label: str) -> str:
    return label[:1].upper() + label[1:]


def _split(split: Split) -> None:
    show.figure(charts.waterfall(split), key=f"split-{split.title}", alt=charts.waterfall_alt(split))
    st.caption(
        "Arithmetic: the bars add up to the change exactly; what is written on them is rounded so that it does too. "
        "They say where it changed, not why."
    )
    show.cautions(split.cautions)
    with st.expander("The same as a table"):
        show.table(split_table(split), alt=f"{split.title}, part by part")


def _row(answer: ChangeExplanation, cause: Cause) -> dict[str, str]:
    effect, likely, unit = explain.effect_in_words(answer, cause)
    split = answer.evidence.split if answer.evidence else None
    part = (
        {f"Part of this change, {split.unit} per {split.period}": explain.part_in_words(answer, cause)} if split else {}
    )
    return {
        "Driver": cause.name,
        "Grade": cause.grade.value,
        "Which means": cause.grade.label,
        "Effect": effect,
        "Likely between": likely,
        "Counted in": unit,
        **part,
    }


def _behind(answer: ChangeExplanation, cause: Cause) -> None:
    proof = cause.proof
    verdict, attempts = st.columns(2)
    with verdict:
        st.markdown(f"**Grade {cause.grade.value}: {cause.grade.label}**")
        if proof.reasons:
            st.markdown("Why not better:\n" + "\n".join(f"- {show.plain(line)}" for line in proof.reasons))
        if proof.overturned_by:
            st.markdown(
                "What could overturn it:\n" + "\n".join(f"- {show.plain(line)}" for line in proof.overturned_by)
            )
    with attempts:
        if proof.settled_by is not None:
            st.markdown(f"**The test that would settle it**  \n{show.plain(proof.settled_by.plan)}")
        elif cause.grade is not Grade.D:
            st.markdown("**The test that would settle it**  \nNone that you could run: this is not yours to switch.")
        if proof.tested:
            st.markdown("**What was tried to overturn it**")
            show.table(check_table(cause), alt=f"What was tried to overturn the effect of {cause.name}")


def _identity(answer: ChangeExplanation) -> str:
    """What the line of "what if" depends on beside the spending: the effects."""
    return "|".join(f"{cause.name}={cause.effect.value!r}" for cause in answer.causes)


def _calculation(business: Business, question: ChangeQuestion, answers: str) -> Calculation[ChangeExplanation]:
    arguments = (business, question, causal_knowledge.from_json(json.loads(answers)))
    return Calculation((business.key, question, answers), explain.explain_deeply, arguments)


def _what_came_of_it(answer: ChangeExplanation) -> None:
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
