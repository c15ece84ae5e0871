"""The owner's own split: a slider per channel that keep the total, the splits side by side, kept and handed on."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

from engine.budget import Allocation, Outlook, OwnSplit, coin, fit_total, keep_total
from engine.budget.check import violations_of
from engine.charts import budget as charts
from engine.dataset import Dataset
from engine.exports.budget import budget_workbook
from engine.solvers.infeasibility import Infeasibility
from engine.workflows.budget import plan as budget
from engine.workflows.budget import sentences as words
from engine.workflows.budget import share_link
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
class Desk:
    """What the sliders work on.

    Attributes:
        outlook: the curves.
        asked: the total, the goal and the limits.
        best: the proved split within them.
        dataset: whose file it is.
        beliefs: what the outlook depends on, for keys.
    """

    outlook: Outlook
    asked: budget.BudgetQuestion
    best: Allocation
    dataset: Dataset
    beliefs: str

    @property
    def names(self) -> tuple[str, ...]:
        """The channels."""
        return self.best.mix.names

    def key(self, kind: str, name: str = "") -> str:
        """The key of a widget that belongs to this file."""
        return f"{kind}-{self.dataset.sha256[:8]}-{name}"

    def ends(self) -> dict[str, float]:
        """Where each slider ends: at a round amount, far enough for the total to fit."""
        even = 2 * self.asked.total / len(self.names)
        made = {}
        for plan in self.best.plans:
            seen = self.best.mix[plan.channel].seen or 0.0
            most = max(ROOM * seen, ROOM * plan.today, 1.1 * plan.spend, even, 1.0)
            step = 10.0 ** math.floor(math.log10(most)) / 2
            made[plan.channel] = math.ceil(most / step) * step
        return made

    def locked(self) -> list[str]:
        """The channels whose lock is set."""
        return [name for name in self.names if state.on_screen(self.key("lock", name))]

    def spend(self) -> dict[str, float]:
        """The split on the sliders; today's, scaled to the total, before they were touched."""
        today = fit_total(self.best.mix.today, self.asked.total, most=self.ends())
        return {name: float(state.on_screen(self.key("split", name), today[name])) for name in self.names}

    def put(self, spend: Mapping[str, float]) -> None:
        """Move the sliders."""
        state.put_on_screen({self.key("split", name): float(amount) for name, amount in spend.items()})


@st.fragment
def own_split(desk: Desk) -> None:
    """Sliders on the left, what their split brings and how it compares on the right."""
    st.subheader("Your own split")
    _buttons(desk)
    left, right = st.columns([5, 6], gap="large")
    own = budget.own_split(desk.outlook, OWN, desk.spend())
    with right:
        _worth(desk, own)  # first of all, because the new number is what a moved slider is moved for
    with left:
        _sliders(desk)
    with right:
        _side_by_side(desk, own)
    _keep(desk, own)


def _buttons(desk: Desk) -> None:
    """Move all sliders at once; before they are drawn, because a drawn slider cannot be moved."""
    bar = st.container(horizontal=True, vertical_alignment="center")
    best = bar.button("Best split for what is not locked", icon=":material/auto_awesome:")
    today = bar.button("Back to today's split", icon=":material/undo:")
    ends, locked, spend, total = desk.ends(), desk.locked(), desk.spend(), desk.asked.total
    if today:
        spend, locked = dict(desk.best.mix.today), []
        state.put_on_screen({desk.key("lock", name): False for name in desk.names} | {desk.key("keep"): True})
    if best:
        with show.problems():
            found = budget.best_for_the_rest(desk.outlook, desk.asked, spend, locked)
            if isinstance(found, Infeasibility):
                show.infeasible(found)
            else:
                spend = dict(found.spend)
                state.put_on_screen({desk.key("keep"): found.left <= 1e-6 * total})
                for said in (*words.certificate(found)[:2], *found.cautions):
                    st.caption(f":material/verified: {show.plain(said)}")
    keep = bar.toggle("Keep the sum at the total", True, key=desk.key("keep"), persist_state="session", help=_KEEP_HELP)
    spend = {name: min(max(amount, 0.0), ends[name]) for name, amount in spend.items()}
    desk.put(fit_total(spend, total, most=ends, locked=locked) if keep and not best else spend)


_KEEP_HELP = "When one slider moves, the others give or take in proportion; locked ones stay as they are."


def _sliders(desk: Desk) -> None:
    mix, ends = desk.best.mix, desk.ends()
    step = coin(desk.asked.total)
    for name in desk.names:
        slide, lock = st.columns([5, 1], vertical_alignment="center", wrap=False)
        shut = lock.checkbox("Lock", key=desk.key("lock", name), persist_state="session")
        amount = slide.slider(
            f"{show.plain(name)}{_in(mix.currency)} per {mix.period}",
            0.0,
            ends[name],
            step=step / STEPS_PER_COIN,
            format="%.0f",
            key=desk.key("split", name),
            disabled=shut,
            on_change=_moved,
            args=(desk, name),
            persist_state="session",
        )
        channel = desk.outlook.mix()[name]
        brings = words.amount(channel.outcome(amount), mix.unit)
        more, next_ = words.amount(step, mix.currency), words.amount(step * channel.marginal(amount), mix.unit)
        beyond = channel.seen is not None and amount > channel.seen
        warning = f" :material/warning: {words.NEVER}" if beyond else ""
        st.caption(f"{show.plain(f'Brings {brings}; the next {more} would bring {next_}.')}{warning}")


def _moved(desk: Desk, name: str) -> None:
    """Keep the sum, when it is to be kept."""
    if state.on_screen(desk.key("keep"), True):
        locked = [each for each in desk.locked() if each != name]
        desk.put(keep_total(desk.spend(), name, desk.asked.total, most=desk.ends(), locked=locked))


def _worth(desk: Desk, own: OwnSplit) -> None:
    """What the own split brings, how sure that is, and what is wrong with it."""
    outlook, mix, total = desk.outlook, desk.best.mix, desk.asked.total
    now = budget.own_split(outlook, TODAY, mix.today)
    more = own.outcome - now.outcome
    delta = f"{'+' if more > 0 else '-'}{words.amount(abs(more), mix.unit)} against today"
    with st.container(horizontal=True):
        st.metric(
            f"Your split brings per {mix.period}",
            words.amount(own.outcome, mix.unit),
            delta if abs(more) > SAME * now.outcome else "as today",
            delta_color="normal" if abs(more) > SAME * now.outcome else "off",
            delta_arrow="auto" if abs(more) > SAME * now.outcome else "off",
            border=True,
            help="By the response curves, as expected.",
        )
        st.metric(f"It spends per {mix.period}", words.amount(own.total, mix.currency), border=True)
    if outlook.learnt:
        sure = outlook.expected(own.spend)
        low, high = words.amount(sure.lower, mix.unit), words.amount(sure.upper, mix.unit)
        chance = 100 * outlook.chance_better(own.spend, mix.today)
        moved = any(abs(own.spend[name] - today) > 0.005 * max(total, 1.0) for name, today in mix.today.items())
        better = f" The chance that it beats today's split is {chance:.0f}%." if moved else ""
        st.caption(show.plain(f"90% likely between {low} and {high}.{better}"))
    if abs(own.total - total) > 0.005 * max(total, 1.0):
        gap = words.amount(abs(own.total - total), mix.currency)
        st.warning(
            show.plain(f"That is {gap} {'more' if own.total > total else 'less'} than the total."),
            icon=":material/balance:",
        )
    broken = list(violations_of(mix, own.spend, max(total, own.total), desk.asked.limits))
    if broken:
        st.warning(show.plain(words.broken(broken)), icon=":material/rule:")


def _side_by_side(desk: Desk, own: OwnSplit) -> None:
    """Up to four splits: today's, the best, the one on the sliders, and those that were kept."""
    known = _splits(desk, own)
    key = desk.key("compare")
    state.put_on_screen({key: [each for each in state.on_screen(key, [TODAY, BEST, OWN]) if each in known]})
    chosen = st.multiselect(
        "Side by side",
        list(known),
        format_func=lambda each: known[each].name,
        max_selections=MOST_SIDE_BY_SIDE,
        key=key,
        persist_state="session",
    )
    picked = [known[each] for each in chosen]
    if picked:
        mix = desk.best.mix
        drawn = charts.compare(picked, currency=mix.currency, period=mix.period)
        show.figure(drawn, key="compare", alt=charts.compare_alt(picked, currency=mix.currency))


def _splits(desk: Desk, own: OwnSplit) -> dict[str, OwnSplit]:
    """All splits that can be compared, by the key of their choice."""
    made = {
        TODAY: budget.own_split(desk.outlook, TODAY, desk.best.mix.today),
        BEST: budget.own_split(desk.outlook, BEST, desk.best.spend),
        OWN: own,
    }
    for kept in state.scenarios("budget"):
        spend = kept.parameters.get("split")
        if isinstance(spend, Mapping):
            amounts = {str(name): float(str(amount)) for name, amount in spend.items()}
            made[kept.id] = budget.own_split(desk.outlook, kept.name, amounts)
    return made


def _keep(desk: Desk, own: OwnSplit) -> None:
    """Keep the split under a name, hand the splits on through a link, or take them along as a workbook."""
    known = _splits(desk, own)
    chosen = [known[each] for each in state.on_screen(desk.key("compare"), []) if each in known] or [own]
    saving, sharing = st.columns(2, gap="large")
    with saving:
        form = st.form("save-split", clear_on_submit=True, border=False)
        with form, st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.text_input("Name", placeholder="Spring plan", max_chars=60)
            if st.form_submit_button("Save this split", icon=":material/bookmark_add:"):
                state.save_scenario(
                    name.strip() or "Untitled", "budget", {"split": dict(own.spend)}, _headline(desk, own)
                )
                st.rerun(scope="fragment")
        _kept(desk)
    with sharing:
        st.caption("A link shows the splits that stand side by side and the curves behind them, never your file.")
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button("Make a link", icon=":material/link:"):
                _hand_out(desk, chosen)
            widgets.download("Download as Excel", lambda: _workbook(desk, chosen), "budget.xlsx")
        _links()


def _kept(desk: Desk) -> None:
    for kept in state.scenarios("budget"):
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            st.markdown(f"**{show.plain(kept.name)}**  \n{show.plain(kept.headline)}", width="stretch")
            split = kept.parameters.get("split")
            st.button("Put on the sliders", key=f"open-{kept.id}", on_click=_open, args=(desk, split))
            st.button(
                "Delete", key=f"delete-{kept.id}", type="tertiary", on_click=state.delete_scenario, args=(kept.id,)
            )


def _open(desk: Desk, spend: object) -> None:
    """Put a kept split on the sliders as it is: its own sum counts, so the sum is not kept any more."""
    if not isinstance(spend, Mapping):
        return
    amounts = {name: float(str(spend.get(name, 0.0))) for name in desk.names}
    state.put_on_screen({desk.key("lock", name): False for name in desk.names})
    if abs(sum(amounts.values()) - desk.asked.total) > 1e-6 * max(desk.asked.total, 1.0):
        state.put_on_screen({desk.key("keep"): False})
    desk.put(amounts)


def _headline(desk: Desk, own: OwnSplit) -> str:
    mix = desk.best.mix
    return (
        f"{words.amount(own.total, mix.currency)} a {mix.period} brings {words.amount(own.outcome, mix.unit)} "
        f"a {mix.period}."
    )


def _hand_out(desk: Desk, chosen: Sequence[OwnSplit]) -> None:
    said = (*words.certificate(desk.best)[:1], *desk.outlook.cautions)
    told = share_link.shared(desk.outlook, chosen, title=desk.dataset.name, said=said, today=date.today())
    token = state.hand_out(SUBJECT, told)
    named = ", ".join(each.name for each in chosen)
    state.remember(LINKS, [*_known_links(), {"token": token, "name": named}])


def _links() -> None:
    for link in _known_links():
        st.code(f"{_here()}?plan={link['token']}", language=None, wrap_lines=True)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(show.plain(f"Shows {link['name']}. Whoever has the link can look."))
            st.button("Withdraw", key=f"withdraw-{link['token']}", type="tertiary", on_click=_withdraw, args=(link,))


def _withdraw(link: Mapping[str, str]) -> None:
    state.withdraw(SUBJECT, link["token"])
    state.remember(LINKS, [each for each in _known_links() if each["token"] != link["token"]] or None)


def _known_links() -> list[Mapping[str, str]]:
    kept = state.remembered(LINKS)
    return [each for each in kept if isinstance(each, Mapping)] if isinstance(kept, Sequence) else []  # type: ignore[misc]


def _here() -> str:
    return str(st.context.url or "/budget").split("?")[0]


def _workbook(desk: Desk, chosen: Sequence[OwnSplit]) -> bytes:
    return budget_workbook(desk.best, scenarios=[each for each in chosen if each.name != BEST], outlook=desk.outlook)


def _in(unit: str) -> str:
    return f", {unit}" if unit else ""
