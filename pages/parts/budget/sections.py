"""The parts of the budget page: the question, the best split, and what stands behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl
import streamlit as st

from engine.budget import Allocation, Outlook, OwnSplit, TradeOff, coin
from engine.business.model import Business
from engine.charts import budget as charts
from engine.errors import DataProblem
from engine.narrate import Narration
from engine.proof import Infeasibility
from engine.workflows.budget import plan as budget
from engine.workflows.budget import report
from engine.workflows.budget.report import SharedSplits
from pages.parts.budget import inputs
from pages.parts.budget import own_split as split_editor
from pages.parts.budget.own_split import SUBJECT, SplitEditor
from pages.parts.frame import show, state, widgets

REACHES: dict[str, float | None] = {
    "a quarter more or less": 1.25,
    "half as much again": 1.5,
    "up to double": 2.0,
    "up to triple": 3.0,
    "anywhere": None,
}
CARE = {"As expected": 0.0, "Half-way": 0.5, "Cautious": 1.0}
PERIODS = (4, 6, 8, 10, budget.MOST_PERIODS)
HEADLINE = ("outcome", "gain", "chance", "next_money")


def question(outlook: Outlook, business: Business) -> budget.BudgetQuestion:
    """Ask how much to spend, what for, how careful to be, and which limits hold.

    Raises:
        DataProblem: the budget is 0.
    """
    mix = outlook.mix()
    now = sum(mix.today.values())
    much, aim, care, far = st.columns([3, 4, 4, 4], vertical_alignment="bottom")
    total = much.number_input(
        f"Budget per {mix.period}{_in(mix.currency)}",
        min_value=0.0,
        value=round(now, 2),
        step=coin(now),
        format="%.0f" if now >= 20 else "%.2f",
        **widgets.persistent(f"budget-{business.key[:8]}"),
    )
    most = "revenue" if mix.unit == mix.currency else mix.unit or "outcome"
    goal = aim.segmented_control(
        "What counts",
        ["outcome", "profit"],
        default="outcome",
        format_func={"outcome": f"Most {most}", "profit": "Most profit"}.__getitem__,
        **widgets.persistent("budget-goal"),
    )
    sure = care.select_slider("How careful", list(CARE), **widgets.persistent("budget-care"))
    reach = far.selectbox("How far from today", list(REACHES), index=2, help=_FAR, **widgets.persistent("budget-reach"))
    result = budget.BudgetQuestion(total, REACHES[reach], goal == "profit", 1.0, CARE[sure], inputs.limits(mix))
    if result.profit:
        result = replace(result, margin=_margin(mix.unit, mix.currency))
    if not total > 0:
        raise DataProblem("The budget is 0", remedy="Type what may be spent.")
    return result


_FAR = (
    "How much more or less than today each channel may get. Far from what was tried, the curves are guesses. A limit "
    "of your own on a channel goes before this."
)


def _margin(unit: str, currency: str) -> float:
    if unit == currency:
        share = st.number_input(
            "Of each unit of revenue you keep, before marketing, %",
            1.0,
            100.0,
            40.0,
            5.0,
            **widgets.persistent("budget-margin"),
        )
        return share / 100
    label = f"You earn per {unit or 'unit'}, before marketing{_in(currency)}"
    return st.number_input(label, 0.01, None, 10.0, **widgets.persistent("budget-worth"))


@st.cache_resource(show_spinner=False, max_entries=64)
def best(_outlook: Outlook, _question: budget.BudgetQuestion, about: str) -> Allocation | Infeasibility[str]:
    """The proved split; `about` names outlook and question."""
    return budget.suggest(_outlook, _question)


@st.cache_resource(show_spinner=False, max_entries=64)
def _budgets(_outlook: Outlook, _question: budget.BudgetQuestion, about: str) -> tuple[Allocation, ...]:
    return budget.budgets(_outlook, _question)


@st.cache_resource(show_spinner=False, max_entries=64)
def _bold_to_cautious(
    _outlook: Outlook, _question: budget.BudgetQuestion, about: str
) -> tuple[TradeOff, ...] | Infeasibility[str]:
    return budget.bold_to_cautious(_outlook, _question)


def infeasible(result: Infeasibility[str], question: budget.BudgetQuestion) -> None:
    """Why no split keeps the limits, in words, and what to change."""
    st.error(f"**{show.plain(result.sentence)}** {show.plain(result.remedy)}", icon=":material/block:")
    if question.reach is not None:
        st.caption(
            "Where a channel has no limit of your own, the range comes from *How far from today*: choose a wider one, "
            "or change your limits above."
        )


def headline(outlook: Outlook, plan: Allocation, question: budget.BudgetQuestion, narration: Narration) -> None:
    """The answer in one sentence, its numbers, how far to follow it, and the split itself."""
    facts = budget.facts_of(outlook, plan)
    st.markdown(f"#### {show.plain(narration.sentences[0].text)}")
    show.headline(facts, HEADLINE, width=200)
    advice = budget.advice_of(outlook, plan)
    if advice is not None:
        icon = ":material/check_circle:" if advice.step == 1 else ":material/science:"
        st.info(show.plain(report.advice(outlook, plan, advice)), icon=icon)
    if question.caution:
        st.caption(
            "All of these are cautious figures: each channel brings what it exceeds in four cases of five"
            + (", half-way to what is expected." if question.caution < 1 else ".")
        )
    show.table(report.split_table(plan), alt="The best split: each channel's spend today and then, and what it brings")
    st.caption(f":material/verified: {show.plain(report.certificate(plan)[0])}")
    history = outlook.model.history.cautions if outlook.model is not None else ()
    show.cautions((*plan.cautions, *history))


def curves(outlook: Outlook, plan: Allocation) -> None:
    """Each channel's response, and what the next money would bring."""
    mix = outlook.mix()
    places = st.columns(2, gap="large")
    for number, name in enumerate(mix.names):
        with places[number % 2]:
            st.markdown(f"**{show.plain(name)}**")
            curve, spend = outlook.fitted_curve(name), plan.spend[name]
            alt = charts.response_alt(curve, mix, suggested=spend)
            show.figure(charts.response(curve, mix, suggested=spend), key=f"curve-{name}", alt=alt)
            st.caption(show.plain(f"{report.marginal(outlook, plan, name)} {report.seen(outlook, name)}"))


def more_or_less(outlook: Outlook, question: budget.BudgetQuestion, plan: Allocation, about: str) -> None:
    """What other budgets would bring, and the least spend for a goal."""
    mix = outlook.mix()
    now = budget.own_split(outlook, "Today", mix.today)
    allocations = _budgets(outlook, question, about)
    frontier, target = st.columns([3, 2], gap="large")
    with frontier:
        if allocations:
            show.figure(
                charts.budget_frontier(allocations, now=now),
                key="frontier",
                alt=charts.budget_frontier_alt(allocations, now=now),
            )
        for sentence in report.holding_back(plan):
            st.caption(f":material/vertical_align_top: {show.plain(sentence)}")
    with target:
        _target(outlook, question, plan)


def _target(outlook: Outlook, question: budget.BudgetQuestion, plan: Allocation) -> None:
    mix = outlook.mix()
    st.markdown("**The least spend for a goal**")
    goal = st.number_input(
        f"Marketing should bring, per {mix.period}{_in(mix.unit)}",
        min_value=0.0,
        value=float(round(plan.outcome)),
        step=coin(plan.outcome),
        format="%.0f",
        **widgets.persistent(f"budget-target-{mix.unit}"),
    )
    with show.problems():
        least = budget.least_for(outlook, question, goal)
        if isinstance(least, Infeasibility):
            show.infeasible(least)
            return
        needed, bound = report.amount(least.total, mix.currency), f"{least.proof.bound:,.2f} {mix.currency}".rstrip()
        st.markdown(f"Spend **{show.plain(needed)}** per {mix.period}.")
        status = f"{str(least.proof.status).capitalize()}: less than {bound} cannot bring it"
        st.caption(show.plain(f"{status} within your limits and what was ever tried."))
        rows = {"Channel": list(least.spend), f"Spend per {mix.period}{_in(mix.currency)}": list(least.spend.values())}
        show.table(pl.DataFrame(rows), alt="The cheapest split that reaches the goal")


def how_sure(outlook: Outlook, question: budget.BudgetQuestion, plan: Allocation, about: str) -> None:
    """The certificate, the choice between bold and careful, and what to be careful about."""
    proof, choice = st.columns(2, gap="large")
    with proof:
        st.markdown("**Why no other split is better**")
        for sentence in report.certificate(plan):
            st.markdown(show.plain(sentence))
        st.caption("The certificate is about the curves. How far to believe the curves is said beside and below.")
    with choice, show.problems():
        if outlook.learnt:
            _bold_or_careful(_bold_to_cautious(outlook, question, about))
    show.cautions(outlook.cautions)
    lasting = report.carryover_table(outlook)
    if len(lasting):
        st.markdown("**How long the money of each channel works**")
        show.table(lasting, alt="Each channel's plausible carry-overs with their chance and return", digits=1)


def _bold_or_careful(points: tuple[TradeOff, ...] | Infeasibility[str]) -> None:
    if isinstance(points, Infeasibility):
        show.infeasible(points)
        return
    st.markdown("**Bold or careful**")
    if report.all_alike(points):
        st.markdown("Here it makes no difference: the boldest split is nearly the most cautious one too.")
        return
    show.figure(charts.trade_off(points), key="trade-off", alt=charts.trade_off_alt(points))
    st.caption(
        "Caution 0% brings most on average; caution 100% brings most when things go badly, as in one case of five."
    )


def over_time(outlook: Outlook) -> None:
    """What marketing brought in the past, beside all else."""
    model = outlook.model
    if model is None:
        st.markdown("There is no past to look at: all curves are typed.")
        return
    show.figure(charts.contributions(model), key="contributions", alt=charts.contributions_alt(model))
    explained = f"{100 * model.explained:.0f}% of the ups and downs are explained by the base and the channels."
    st.caption(show.plain(f"{report.base(model)} {explained}"))
    show.table(
        report.past_table(model), alt="What each channel brought in all and per unit of money, with 90% intervals"
    )


def by_period(outlook: Outlook, question: budget.BudgetQuestion, about: str) -> None:
    """When to spend: the budget over the coming periods."""
    mix = outlook.mix()
    ahead = st.select_slider(
        f"{mix.period.capitalize()}s ahead", PERIODS, value=8, **widgets.persistent("budget-periods")
    )
    st.caption(
        f"The same {show.plain(report.amount(question.total, mix.currency))} per {mix.period} on average, but with "
        f"money that goes on working in later {mix.period}s. Before and after the plan, today's spend is taken to go "
        "on."
    )
    with show.problems():
        plan = inputs.flight(outlook, question, ahead, about)
        if isinstance(plan, Infeasibility):
            show.infeasible(plan)
        elif plan is not None:
            for sentence in report.timing(plan, ranges_only=budget.only_steady(question.limits)):
                st.markdown(show.plain(sentence))
            show.figure(charts.flight(plan), key="flight", alt=charts.flight_alt(plan))
            frame = plan.frame().rename({"period": mix.period.capitalize()})
            show.table(frame, alt="The plan: what each channel gets in each period")


def known_better(outlook: Outlook) -> None:
    """Tests and curves of the owner's own."""
    mix = outlook.mix()
    if outlook.model is not None:
        inputs.tests(outlook.model.channels, mix.unit, mix.currency)
        st.divider()
    inputs.curves(mix.today, mix.period, mix.currency, mix.unit)


def own_split(
    outlook: Outlook, question: budget.BudgetQuestion, plan: Allocation, business: Business, about: str
) -> None:
    """The sliders."""
    split_editor.panel(SplitEditor(outlook, question, plan, business, about))


def about(business: Business, question: budget.BudgetQuestion) -> str:
    """What a split depends on, as a key for caches."""
    return f"{inputs.version(business)} {question}"


def _in(unit: str) -> str:
    return f", {unit}" if unit else ""


def shared_splits(token: str) -> None:
    """The splits behind a link, or that there is nothing behind it."""
    content = state.behind_link(SUBJECT, token)
    if not isinstance(content, Mapping):
        st.markdown("There is nothing behind this link any more: it was withdrawn, or it is not complete.")
        st.page_link("pages/budget.py", label="**Go to your own budget**", icon=":material/payments:", query_params={})
        return
    shared = report.from_shared(content)
    mix, splits = shared.mix, shared.scenarios
    st.caption(
        f"Splits that somebody shared with you, from {show.plain(shared.title)}. You see no other data of theirs."
    )
    top = max(splits, key=lambda each: each.outcome)
    brings = report.amount(top.outcome, mix.unit)
    st.markdown(f"#### {show.plain(f'{top.name} brings most: {brings} a {mix.period}.')}")
    _brings(shared, splits)
    show.figure(
        charts.compare(splits, currency=mix.currency, period=mix.period), key="compare", alt=charts.compare_alt(splits)
    )
    money = f", {mix.currency}" if mix.currency else ""
    rows = {"Channel": list(mix.names)} | {
        f"{each.name}{money}": [each.spend[name] for name in mix.names] for each in splits
    }
    show.table(pl.DataFrame(rows), alt="What each channel gets in each split")
    _curves(shared, top)
    show.cautions(shared.sentences)


def _brings(shared: SharedSplits, splits: Sequence[OwnSplit]) -> None:
    """What each split brings, with its range where one is known."""
    mix = shared.mix
    with st.container(horizontal=True):
        for each in splits:
            low_high = shared.ranges.get(each.name)
            sure = ""
            if low_high is not None:
                low, high = (report.amount(end, mix.unit) for end in low_high)
                sure = f"90% likely between {low} and {high}"
            st.metric(
                show.plain(f"{each.name}, for {report.amount(each.total, mix.currency)}"),
                report.amount(each.outcome, mix.unit),
                help=show.plain(sure) or None,
                border=True,
            )


def _curves(shared: SharedSplits, top: OwnSplit) -> None:
    """Each channel's curve, with the best of the splits marked."""
    places = st.columns(2, gap="large")
    for number, curve in enumerate(shared.curves):
        with places[number % 2]:
            st.markdown(f"**{show.plain(curve.channel)}**")
            spend = top.spend[curve.channel]
            figure = charts.response(curve, shared.mix, suggested=spend)
            alt = charts.response_alt(curve, shared.mix, suggested=spend)
            show.figure(figure, key=f"curve-{curve.channel}", alt=alt)
