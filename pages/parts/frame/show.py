"""How results appear: problems, figures, cautions, words and the numbers behind them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import polars as pl
import streamlit as st

from engine.dataset import CleaningReport, Repair
from engine.errors import DataProblem, DyocenseError
from engine.facts import Fact, Facts
from engine.narrate import spoken
from engine.proof import Infeasibility

SMALL = 20
"""A column of smaller numbers gets two decimals: a hat that sells every other day is not zero."""

CHART_CONFIG = {
    "displaylogo": False,
    "scrollZoom": False,
    "modeBarButtonsToRemove": ["lasso2d", "select2d", "autoScale2d"],
}


@contextmanager
def problems(*, way_out: str = "") -> Iterator[None]:
    """Show what went wrong in the block, in words, and go on after it.

    Args:
        way_out: the page on which the owner can mend a problem of the file; "" on that page itself.
    """
    try:
        yield
    except DataProblem as problem:
        where = f" ({problem.where})" if problem.where else ""
        st.error(f"**{plain(problem.what.rstrip('.') + where)}.** {plain(problem.remedy)}", icon=":material/error:")
        if way_out:
            st.page_link(way_out, label="**Look at what was found in your file**", icon=":material/table_view:")
    except DyocenseError as problem:
        st.error(plain(str(problem)), icon=":material/error:")


def figure(chart: Any, *, key: str, alt: str) -> None:
    """A Plotly figure whose zoom survives reruns, with its description."""
    st.plotly_chart(chart, key=key, alt=alt, config=CHART_CONFIG)


def table(frame: pl.DataFrame, *, alt: str, digits: int = 0) -> None:
    """A table with whole numbers (or so many digits; more for small numbers) and readable dates."""
    config: dict[str, Any] = {}
    for name, kind in frame.schema.items():
        if kind == pl.Date:
            config[name] = st.column_config.DateColumn(format="ddd D MMM YYYY")
        elif kind.is_float():
            small = (frame.select(pl.col(name).abs().max()).item() or 0) < SMALL
            config[name] = st.column_config.NumberColumn(format=f"%,.{max(digits, 2 * small)}f")
    st.dataframe(frame, hide_index=True, column_config=config, alt=alt)


def cautions(sentences: Sequence[str]) -> None:
    """What the owner should know before trusting a number."""
    for caution in sentences:
        st.caption(f":material/info: {plain(caution)}")


def headline(facts: Facts, names: Sequence[str], *, width: int = 170) -> None:
    """A row of large numbers, each with its basis; facts that were not computed are left out."""
    with st.container(horizontal=True):
        for name in names:
            if name in facts:
                fact = facts[name]
                st.metric(fact.label, spoken(fact), help=f"How we got it: {fact.basis}.", border=True, width=width)


def fact_line(fact: Fact) -> str:
    """A fact with how we got it."""
    return f"**{plain(fact.label)}: {plain(spoken(fact))}**  \n{plain(fact.basis)}"


def cleaning(report: CleaningReport) -> None:
    """What was changed in the owner's file, before any number is shown."""
    st.subheader("What I changed in your file")
    lines = [_repair_line(repair) for repair in report.repairs]
    st.markdown("\n".join(lines) or "Nothing: every row is used as it stands.")
    for warning in report.warnings:
        st.warning(plain(warning), icon=":material/warning:")
    with st.expander("How I read it"):
        st.markdown("\n".join(f"- {plain(line)}" for line in report.read_as))


def _repair_line(repair: Repair) -> str:
    where = f" ({plain(repair.where)})" if repair.where else ""
    return f"- {plain(repair.what)}: **{repair.rows:,}** {'row' if repair.rows == 1 else 'rows'}{where}"


def plain(text: str) -> str:
    """Text in which Markdown finds no formula, link or emphasis to draw."""
    for sign in "\\`*_[]<>$#~:&":
        text = text.replace(sign, f"\\{sign}")
    return text


def infeasible(result: Infeasibility[Any]) -> None:
    """Why there is no plan, and what to do."""
    st.error(f"**{plain(result.sentence)}** {plain(result.remedy)}", icon=":material/error:")
