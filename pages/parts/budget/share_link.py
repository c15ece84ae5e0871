"""What somebody sees who was sent a link: the splits side by side and the curves, without the owner's file."""

from collections.abc import Mapping, Sequence

import polars as pl
import streamlit as st

from engine.budget import OwnSplit
from engine.charts import budget as charts
from engine.workflows.budget import report
from engine.workflows.budget.report import SharedSplits
from pages.parts.budget.own_split import SUBJECT
from pages.parts.frame import show, state


def view(token: str) -> None:
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
