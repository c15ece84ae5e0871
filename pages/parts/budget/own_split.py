"""The owner's own split: a slider per channel that keep the total, the splits side by side, kept and handed on."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

from engine.budget import Allocation, Outlook, OwnSplit, coin, fit_total, keep_total
from engine.budget.check import violations_of
from engine.business.model import Business
from engine.charts import budget as charts
from engine.exports.reports import budget_workbook
from engine.proof import Infeasibility
from engine.workflows.budget import plan as budget
from engine.workflows.budget import report
from pages.parts.frame import show, state, widgets

TODAY, BEST, OWN = "Today", "Best", "Yours"
SUBJECT, LINKS = "budget splits", "budget links"
MOST_SIDE_BY_SIDE = 4
STEPS_PER_COIN = 10
SAME = 0.002
"""Two splits whose outcomes differ by less than this share bring the same, in words."""

ROOM = 1.5
"""A slider ends at so many times the largest spend that is seen, spent today, or suggested."""


@dataclass(frozen=True, eq=False)
class SplitEditor:
    """What the sliders work on.

    Attributes:
        outlook: the curves.
        question: the total, the goal and the limits.
        best: the proved split within them.
        business: whose file it is.
        beliefs: what the outlook depends on, for keys.
    """

    outlook: Outlook
    question: budget.BudgetQuestion
    best: Allocation
    business: Business
    beliefs: str

    @property
    def names(self) -> tuple[str, ...]:
        """The channels."""
        return self.best.mix.names

    def key(self, kind: str, name: str = "") -> str:
        """The key of a widget that belongs to this file."""
        return f"{kind}-{self.business.key[:8]}-{name}"

    def ends(self) -> dict[str, float]:
        """Where each slider ends: at a round amount, far enough for the total to fit."""
        even = 2 * self.question.total / len(self.names)
        far = {}
        for plan in self.best.plans:
            seen = self.best.mix[plan.channel].seen or 0.0
            most = max(ROOM * seen, ROOM * plan.today, 1.1 * plan.spend, even, 1.0)
            step = 10.0 ** math.floor(math.log10(most)) / 2
            far[plan.channel] = math.ceil(most / step) * step
        return far

    def locked(self) -> list[str]:
        """The channels whose lock is set."""
        return [name for name in self.names if state.on_screen(self.key("lock", name))]

    def spend(self) -> dict[str, float]:
        """The split on the sliders; today's, scaled to the total, before they were touched."""
        today = fit_total(self.best.mix.today, self.question.total, most=self.ends())
        return {name: float(state.on_screen(self.key("split", name), today[name])) for name in self.names}

    def put(self, spend: Mapping[str, float]) -> None:
        """Move the sliders."""
        state.put_on_screen({self.key("split", name): float(amount) for name, amount in spend.items()})


@st.fragment
def panel(editor: SplitEditor) -> None:
    """Sliders on the left, what their split brings and how it compares on the right."""
    st.subheader("Your own split")
    _buttons(editor)
    left, right = st.columns([5, 6], gap="large")
    own = budget.own_split(editor.outlook, OWN, editor.spend())
    with right:
        _worth(editor, own)  # first of all, because the new number is what a moved slider is moved for
    with left:
        _sliders(editor)
    with right:
        _side_by_side(editor, own)
    _keep(editor, own)


def _buttons(editor: SplitEditor) -> None:
    """Move all sliders at once; before they are drawn, because a drawn slider cannot be moved."""
    bar = st.container(horizontal=True, vertical_alignment="center")
    best = bar.button("Best split for what is not locked", icon=":material/auto_awesome:")
    today = bar.button("Back to today's split", icon=":material/undo:")
    ends, locked, spend, total = editor.ends(), editor.locked(), editor.spend(), editor.question.total
    if today:
        spend, locked = dict(editor.best.mix.today), []
        state.put_on_screen({editor.key("lock", name): False for name in editor.names} | {editor.key("keep"): True})
    if best:
        with show.problems():
            allocation = budget.best_for_the_rest(editor.outlook, editor.question, spend, locked)
            if isinstance(allocation, Infeasibility):
                show.infeasible(allocation)
            else:
                spend = dict(allocation.spend)
                state.put_on_screen({editor.key("keep"): allocation.left <= 1e-6 * total})
                for sentence in (*report.certificate(allocation)[:2], *allocation.cautions):
                    st.caption(f":material/verified: {show.plain(sentence)}")
    keep = bar.toggle(
        "Keep the sum at the total", True, key=editor.key("keep"), persist_state="session", help=_KEEP_HELP
    )
    spend = {name: min(max(amount, 0.0), ends[name]) for name, amount in spend.items()}
    editor.put(fit_total(spend, total, most=ends, locked=locked) if keep and not best else spend)


_KEEP_HELP = "When one slider moves, the others give or take in proportion; locked ones stay as they are."


def _sliders(editor: SplitEditor) -> None:
    mix, ends = editor.best.mix, editor.ends()
    step = coin(editor.question.total)
    for name in editor.names:
        slide, lock = st.columns([5, 1], vertical_alignment="center", wrap=False)
        shut = lock.checkbox("Lock", key=editor.key("lock", name), persist_state="session")
        amount = slide.slider(
            f"{show.plain(name)}{_in(mix.currency)} per {mix.period}",
            0.0,
            ends[name],
            step=step / STEPS_PER_COIN,
            format="%.0f",
            key=editor.key("split", name),
            disabled=shut,
            on_change=_move,
            args=(editor, name),
            persist_state="session",
        )
        channel = editor.outlook.mix()[name]
        brings = report.amount(channel.outcome(amount), mix.unit)
        more, next_ = report.amount(step, mix.currency), report.amount(step * channel.marginal(amount), mix.unit)
        beyond = channel.seen is not None and amount > channel.seen
        warning = f" :material/warning: {report.NEVER}" if beyond else ""
        st.caption(f"{show.plain(f'Brings {brings}; the next {more} would bring {next_}.')}{warning}")


def _move(editor: SplitEditor, name: str) -> None:
    """Keep the sum, when it is to be kept."""
    if state.on_screen(editor.key("keep"), True):
        locked = [each for each in editor.locked() if each != name]
        editor.put(keep_total(editor.spend(), name, editor.question.total, most=editor.ends(), locked=locked))


def _worth(editor: SplitEditor, own: OwnSplit) -> None:
    """What the own split brings, how sure that is, and what is wrong with it."""
    outlook, mix, total = editor.outlook, editor.best.mix, editor.question.total
    now = budget.own_split(outlook, TODAY, mix.today)
    more = own.outcome - now.outcome
    delta = f"{'+' if more > 0 else '-'}{report.amount(abs(more), mix.unit)} against today"
    with st.container(horizontal=True):
        st.metric(
            f"Your split brings per {mix.period}",
            report.amount(own.outcome, mix.unit),
            delta if abs(more) > SAME * now.outcome else "as today",
            delta_color="normal" if abs(more) > SAME * now.outcome else "off",
            delta_arrow="auto" if abs(more) > SAME * now.outcome else "off",
            border=True,
            help="By the response curves, as expected.",
        )
        st.metric(f"It spends per {mix.period}", report.amount(own.total, mix.currency), border=True)
    if outlook.learnt:
        sure = outlook.expected(own.spend)
        low, high = report.amount(sure.lower, mix.unit), report.amount(sure.upper, mix.unit)
        chance = 100 * outlook.chance_better(own.spend, mix.today)
        moved = any(abs(own.spend[name] - today) > 0.005 * max(total, 1.0) for name, today in mix.today.items())
        better = f" The chance that it beats today's split is {chance:.0f}%." if moved else ""
        st.caption(show.plain(f"90% likely between {low} and {high}.{better}"))
    if abs(own.total - total) > 0.005 * max(total, 1.0):
        gap = report.amount(abs(own.total - total), mix.currency)
        st.warning(
            show.plain(f"That is {gap} {'more' if own.total > total else 'less'} than the total."),
            icon=":material/balance:",
        )
    broken = list(violations_of(mix, own.spend, max(total, own.total), editor.question.limits))
    if broken:
        st.warning(show.plain(report.broken(broken)), icon=":material/rule:")


def _side_by_side(editor: SplitEditor, own: OwnSplit) -> None:
    """Up to four splits: today's, the best, the one on the sliders, and those that were kept."""
    splits = _splits(editor, own)
    key = editor.key("compare")
    state.put_on_screen({key: [each for each in state.on_screen(key, [TODAY, BEST, OWN]) if each in splits]})
    chosen = st.multiselect(
        "Side by side",
        list(splits),
        format_func=lambda each: splits[each].name,
        max_selections=MOST_SIDE_BY_SIDE,
        key=key,
        persist_state="session",
    )
    picked = [splits[each] for each in chosen]
    if picked:
        mix = editor.best.mix
        bars = charts.compare(picked, currency=mix.currency, period=mix.period)
        show.figure(bars, key="compare", alt=charts.compare_alt(picked, currency=mix.currency))


def _splits(editor: SplitEditor, own: OwnSplit) -> dict[str, OwnSplit]:
    """All splits that can be compared, by the key of their choice."""
    splits = {
        TODAY: budget.own_split(editor.outlook, TODAY, editor.best.mix.today),
        BEST: budget.own_split(editor.outlook, BEST, editor.best.spend),
        OWN: own,
    }
    for scenario in state.scenarios("budget"):
        spend = scenario.parameters.get("split")
        if isinstance(spend, Mapping):
            amounts = {str(name): float(str(amount)) for name, amount in spend.items()}
            splits[scenario.id] = budget.own_split(editor.outlook, scenario.name, amounts)
    return splits


def _keep(editor: SplitEditor, own: OwnSplit) -> None:
    """Keep the split under a name, hand the splits on through a link, or take them along as a workbook."""
    splits = _splits(editor, own)
    chosen = [splits[each] for each in state.on_screen(editor.key("compare"), []) if each in splits] or [own]
    saving, sharing = st.columns(2, gap="large")
    with saving:
        form = st.form("save-split", clear_on_submit=True, border=False)
        with form, st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.text_input("Name", placeholder="Spring plan", max_chars=60)
            if st.form_submit_button("Save this split", icon=":material/bookmark_add:"):
                state.save_scenario(
                    name.strip() or "Untitled", "budget", {"split": dict(own.spend)}, _headline(editor, own)
                )
                st.rerun(scope="fragment")
        _saved(editor)
    with sharing:
        st.caption("A link shows the splits that stand side by side and the curves behind them, never your file.")
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button("Make a link", icon=":material/link:"):
                _hand_out(editor, chosen)
            widgets.download("Download as Excel", lambda: _workbook(editor, chosen), "budget.xlsx")
        _links()


def _saved(editor: SplitEditor) -> None:
    for scenario in state.scenarios("budget"):
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            st.markdown(f"**{show.plain(scenario.name)}**  \n{show.plain(scenario.headline)}", width="stretch")
            split = scenario.parameters.get("split")
            st.button("Put on the sliders", key=f"open-{scenario.id}", on_click=_open, args=(editor, split))
            st.button(
                "Delete",
                key=f"delete-{scenario.id}",
                type="tertiary",
                on_click=state.delete_scenario,
                args=(scenario.id,),
            )


def _open(editor: SplitEditor, spend: object) -> None:
    """Put a kept split on the sliders as it is: its own sum counts, so the sum is not kept any more."""
    if not isinstance(spend, Mapping):
        return
    amounts = {name: float(str(spend.get(name, 0.0))) for name in editor.names}
    state.put_on_screen({editor.key("lock", name): False for name in editor.names})
    if abs(sum(amounts.values()) - editor.question.total) > 1e-6 * max(editor.question.total, 1.0):
        state.put_on_screen({editor.key("keep"): False})
    editor.put(amounts)


def _headline(editor: SplitEditor, own: OwnSplit) -> str:
    mix = editor.best.mix
    return (
        f"{report.amount(own.total, mix.currency)} a {mix.period} brings {report.amount(own.outcome, mix.unit)} "
        f"a {mix.period}."
    )


def _hand_out(editor: SplitEditor, chosen: Sequence[OwnSplit]) -> None:
    sentences = (*report.certificate(editor.best)[:1], *editor.outlook.cautions)
    content = report.shared(editor.outlook, chosen, title=editor.business.name, sentences=sentences, today=date.today())
    token = state.hand_out(SUBJECT, content)
    named = ", ".join(each.name for each in chosen)
    state.remember(LINKS, [*_known_links(), {"token": token, "name": named}])


def _links() -> None:
    for link in _known_links():
        st.code(widgets.splits_link(link["token"]), language=None, wrap_lines=True)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(show.plain(f"Shows {link['name']}. Whoever has the link can look."))
            st.button("Withdraw", key=f"withdraw-{link['token']}", type="tertiary", on_click=_withdraw, args=(link,))


def _withdraw(link: Mapping[str, str]) -> None:
    state.withdraw(SUBJECT, link["token"])
    state.remember(LINKS, [each for each in _known_links() if each["token"] != link["token"]] or None)


def _known_links() -> list[Mapping[str, str]]:
    links = state.recall(LINKS)
    return [each for each in links if isinstance(each, Mapping)] if isinstance(links, Sequence) else []  # type: ignore[misc]


def _workbook(editor: SplitEditor, chosen: Sequence[OwnSplit]) -> bytes:
    return budget_workbook(
        editor.best, scenarios=[each for each in chosen if each.name != BEST], outlook=editor.outlook
    )


def _in(unit: str) -> str:
    return f", {unit}" if unit else ""
