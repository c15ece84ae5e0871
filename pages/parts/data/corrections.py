"""Correcting what was understood: a click on a column of the preview, and what it is."""

import streamlit as st

from engine.dataset import MEANINGS, Column, Table
from engine.ingest import corrections
from pages.parts.frame import show, state

PREVIEW_ROWS = 50
"""Rows of the preview."""


def correct(table: Table) -> None:
    """What a column means, in which unit it is, and which of its rows do not count: said once, and remembered.

    Args:
        table: the table that is looked at.
    """
    column = _clicked(table)
    print_of = table.fingerprint
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if units := corrections.units_offered(column):
            unit = st.selectbox("Given in", ["as it stands", *units], key=f"unit-{print_of}-{column.name}")
        words = corrections.words_offered(table, column)
        out = st.multiselect("Rows that do not count", words, key=f"out-{print_of}-{column.name}") if words else []
        name = st.selectbox("Column", [each.name for each in table.columns], key=f"column-{print_of}")
        meaning = st.selectbox("Meaning", list(MEANINGS), key=f"meaning-{print_of}")
        confirm = st.button("Correct it", icon=":material/edit:", key="correct")
    if confirm:
        with show.problems():
            state.decide(corrections.corrections(table, name, meaning, unit=unit if units else "", not_counted=out))
            st.rerun()
    countable = corrections.may_count_rows(table)
    if countable and st.button("Each row is one sale", icon=":material/exposure_plus_1:", key=f"each-{print_of}"):
        with show.problems():
            state.decide(corrections.each_row_is_one_sale(table))
            st.rerun()


def _clicked(table: Table) -> Column:
    """The column whose head was clicked in the preview; the chosen one while none was."""
    dates = [column for column in table.columns if column.kind == "date"]
    chosen = st.dataframe(
        table.frame.head(PREVIEW_ROWS),
        hide_index=True,
        column_config={c.name: st.column_config.DateColumn(format="D MMM YYYY") for c in dates},
        on_select="rerun",
        selection_mode="single-column",
        key=f"preview-{table.fingerprint}",
        alt=f"The first rows of {table.name}; click the head of a column to correct it",
    )
    columns = {column.name: column for column in table.columns}
    clicked = next((name for name in chosen["selection"]["columns"] if name in columns), "")
    seen, wanted = f"clicked-{table.fingerprint}", f"column-{table.fingerprint}"
    if clicked and state.on_screen(seen) != clicked:
        meaning = columns[clicked].role.value.capitalize()
        state.put_on_screen({wanted: clicked, f"meaning-{table.fingerprint}": meaning, seen: clicked})
    return columns.get(state.on_screen(wanted, ""), table.columns[0])
