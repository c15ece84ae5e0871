"""The parts of the opening screen: choosing a file, what was found in it, what its columns mean, and corrections."""

from contextlib import suppress
from math import isnan

import polars as pl
import streamlit as st

from engine.business.history import metrics, span_of
from engine.business.model import Business
from engine.charts import basics
from engine.dataset import MEANINGS, Column, Dataset, Question, Table, in_words
from engine.errors import DyocenseError
from engine.ingest import corrections
from engine.workflows import files
from engine.workflows.forecast import forecasts
from pages.parts.frame import cached, show, state, widgets

FILE_TYPES = ["csv", "tsv", "txt", "xlsx", "xlsm", "xls", "xlsb", "ods"]
_NEXT = (
    ("pages/inventory.py", "What should I order?", ":material/inventory_2:"),
    ("pages/scheduling.py", "Who works when?", ":material/calendar_month:"),
    ("pages/budget.py", "Where should the marketing money go?", ":material/payments:"),
    ("pages/why_did_it_change.py", "Why did it change?", ":material/help:"),
    ("pages/coach.py", "Ask in your own words", ":material/chat:"),
)
AT_ONCE = 3
"""Questions that stand on the screen at once; the others are one click away."""

_SURE = ((0.9, "sure"), (0.6, "fairly sure"), (0.0, "a guess"))

PREVIEW_ROWS = 50
"""Rows of the preview."""


def what_went_wrong() -> None:
    """Why a file could not be opened."""
    if problem := state.session().problem:
        st.error(show.plain(problem), icon=":material/error:")


def choose_file() -> None:
    """Upload a file, or open a sample business with one click."""
    number = state.session().uploads
    largest = cached.services().settings.max_upload_mb
    uploaded = st.file_uploader(
        "Your spreadsheets",
        type=FILE_TYPES,
        accept_multiple_files=True,
        key=f"upload-{number}",
        max_upload_size=largest,
    )
    if uploaded:
        with show.problems(), st.spinner("Reading your files ..."):
            state.open_files((file.name, file.getvalue()) for file in uploaded)
            widgets.forget_uploads(uploaded)
            st.rerun()
    st.markdown("**No file at hand? Open a sample business:**")
    for sample, place in zip(files.SAMPLES, st.columns(len(files.SAMPLES)), strict=True):
        with place.container(border=True, height="stretch"):
            if st.button(sample.title, icon=sample.icon, key=f"sample-{sample.key}", width="stretch"):
                with show.problems():
                    state.open_files([(sample.path.name, sample.path.read_bytes())])
                    st.rerun()
            st.caption(sample.blurb)


def how_it_works() -> None:
    """What happens after a file is opened, in three steps."""
    steps = (
        ("1. We read it, and say how", "Which column is what, what was changed, what is unclear. You can correct it."),
        (
            "2. We look ahead, and check ourselves",
            "Models forecast a past that they were not shown; you see who was right.",
        ),
        ("3. You get numbers you can trace", "Every number in a sentence leads to how it was computed."),
    )
    for (title, text), place in zip(steps, st.columns(len(steps)), strict=True):
        place.markdown(f"**{title}**  \n{text}")


def content(business: Business) -> None:
    """What is in the file, in one sentence, and the next step."""
    st.subheader(show.plain(business.name))
    st.markdown("  \n".join(f":material/check: {show.plain(line)}" for line in business.understood))
    with show.problems():
        if stopped := files.what_stops_us(business.dataset):
            raise stopped
        metric = metrics(business)[0]
        span, rows = span_of(business, metric)
        things = cached.items(business, business.key, metric.key)
        count = f" of {len(things):,} items" if len(things) > 1 else ""
        st.markdown(
            f"**{rows:,} rows{count}**, from {in_words(span.first)} to {in_words(span.last)}, "
            f"in {_places(business, metric.key)}."
        )
        if business.freshness:
            st.caption(f":material/history: {business.freshness} Newer files make every answer better.")
        if st.button("**See what will sell**", icon=":material/trending_up:", key="go", width="stretch"):
            st.switch_page("pages/forecast.py")
        with st.container(horizontal=True):
            for path, label, icon in _NEXT:
                st.page_link(path, label=label, icon=icon, width="content")


def counted(business: Business) -> None:
    """What was taken for what, what was filled or left out, and what is not used, each with its count."""
    lines = [*(decision.sentence for decision in business.decisions), *business.unused]
    if lines:
        with st.expander("How your rows are counted, on every page", icon=":material/rule:"):
            st.markdown("\n".join(f"- {show.plain(line)}" for line in lines))


def so_far(business: Business) -> None:
    """What was read as a picture, in which owners see at once whether it is their business."""
    with suppress(DyocenseError):  # what stops us has been said above
        metric = metrics(business)[0]
        history = cached.history(business, business.key, metric.key, "")
        values = [None if isnan(value) else value for value in history.values]
        there = [value for value in values if value is not None]
        if len(there) > 1:
            line = basics.line(history.periods, values, metric.label, metric.unit)
            show.figure(line, key="so-far", alt=basics.line_alt(history.periods, there, metric.label))


def look_ahead(business: Business) -> None:
    """Make the forecast that is usually asked for first while the owner reads, when the helper has nothing to do."""
    if not cached.services().worker.idle:
        return
    with suppress(DyocenseError):  # the page that needs it will say what is wrong
        metric = metrics(business)[0]
        history = cached.history(business, business.key, metric.key, "")
        owner_calendar = state.owner_calendar(business.fingerprint(metric.key))
        drivers = cached.drivers(business, business.key, metric.key, "", owner_calendar)
        question = forecasts.ForecastQuestion(metric.key, "", forecasts.usual_horizon(history), owner_calendar)
        cached.quick_forecast(history, drivers, business.key, question)


def open_questions(dataset: Dataset) -> None:
    """What the file alone cannot settle, with one-click answers; first what changes the numbers."""
    questions = dataset.report.questions
    pressing = [question for question in questions if question.essential]
    if pressing:
        st.subheader("Please answer before you rely on the numbers")
        st.caption(
            "Your file allows both answers, and they lead to different numbers. Until you answer, I use the one marked."
        )
    for question in pressing[:AT_ONCE]:
        _ask(question)
    others = [*pressing[AT_ONCE:], *(question for question in questions if not question.essential)]
    if others:
        with st.expander(f"Is this right? ({len(others)})", icon=":material/quiz:"):
            for question in others:
                _ask(question)


def meanings(dataset: Dataset) -> None:
    """The roles of the columns, which the owner may correct."""
    st.subheader("What your columns mean")
    names = [table.name for table in dataset.tables]
    chosen = st.segmented_control("Sheet", names, default=names[0], key="sheet") if len(names) > 1 else names[0]
    table = dataset.table(chosen if chosen in names else names[0])
    show.table(_role_frame(table), alt=f"The columns of {table.name} and what each means")
    st.markdown(
        "Is a meaning wrong? Click the head of the column below, say what it is, and the file is read again. "
        "I will remember it for your next file."
    )
    correct(table)
    _take_back()


def download(business: Business) -> None:
    """The report and the cleaned tables as a workbook."""
    name = f"{business.name.rpartition('.')[0] or business.name} cleaned.xlsx"
    widgets.download("Download the cleaned data and this report", lambda: files.cleaned_workbook(business), name)


def forget(dataset: Dataset) -> None:
    """Delete the open file from this computer's store."""
    with st.popover("Delete this file", icon=":material/delete:"):
        st.markdown(
            f"Delete **{show.plain(dataset.name)}** and the forecasts saved for it? "
            "What I learned about its columns stays, for your next file."
        )
        st.button("Yes, delete it", on_click=state.forget_file, key="forget")


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


def _places(business: Business, measure: str) -> str:
    names = [show.plain(name) for name in business.sources(measure)]
    return f"the sheet *{names[0]}*" if len(names) == 1 else f"{len(names)} sheets, *{names[0]}* to *{names[-1]}*"


def _ask(question: Question) -> None:
    """One question; the answer in use is a button too, so that it can be confirmed."""
    st.markdown(show.plain(question.text))
    with st.container(horizontal=True):
        for option in question.options:
            used = option == question.chosen
            icon = ":material/radio_button_checked:" if used else ":material/radio_button_unchecked:"
            if st.button(
                show.plain(option), icon=icon, key=f"answer-{question.key}-{option}", help="Used now" if used else None
            ):
                with show.problems():
                    state.answer(question.key, option)
                    st.rerun()


def _role_frame(table: Table) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "Column": [column.name for column in table.columns],
            "Meaning": [column.role.value.capitalize() for column in table.columns],
            "For example": [_example(table, column) for column in table.columns],
            "How sure": [next(word for share, word in _SURE if column.confidence >= share) for column in table.columns],
            "Why": [column.why for column in table.columns],
        }
    )


def _example(table: Table, column: Column) -> str:
    values = table.frame[column.name].drop_nulls()
    if values.is_empty():
        return "(empty)"
    first = values[0]
    return in_words(first) if column.kind == "date" else f"{first:,.6g}" if column.kind == "number" else str(first)


def _take_back() -> None:
    here = state.session()
    with st.container(horizontal=True):
        for label, icon, act, possible in (
            ("Undo", ":material/undo:", state.undo, bool(here.undo)),
            ("Redo", ":material/redo:", state.redo, bool(here.redo)),
            ("Start over", ":material/restart_alt:", state.start_over, True),
        ):
            if st.button(label, icon=icon, disabled=not possible, type="tertiary"):
                with show.problems():
                    act()
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
