"""What an owner may see otherwise in a table of sales: which column is the money, and which rows count."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from engine.business.standing import BROUGHT_BACK, EARLIER, PARTLY, left_out
from engine.dataset import CleaningReport, ColumnRole, Question, Repair
from engine.ingest.columns import CleanColumn, CleanRows, Setting, any_of, ask, counted, join, keep_rows
from engine.ingest.meaning.assign import TableMeaning
from engine.ingest.meaning.columns import STATUS_WORDS, TYPE_WORDS
from engine.ingest.meaning.kinds import SALES, K
from engine.ingest.meaning.names import Hint

R = ColumnRole
LEAVE_OUT, COUNT = "they do not count", "they count"
MARKS = {R.STATUS: "status", R.ROW_TYPE: "row_type", R.VOID: "void"}

MATTERS, THIN, MOST_RIVALS = 0.01, 0.35, 3
"""The share by which another answer must change the sum, the evidence below which it is asked before any number counts,
and other columns that are offered."""

MOST_WORDS = 12
"""Words of a status that are looked at."""

USUAL, MOST_UNKNOWN = 0.5, 0.4
"""Share of the rows from which a word of a status is the usual one; share of the sum above which rows with words that
are not known are more than an exception."""

_KNOWN = re.compile(
    rf"(?:^|[\W_])(?:{'|'.join(map(re.escape, {*TYPE_WORDS, *STATUS_WORDS, *EARLIER, *BROUGHT_BACK, *PARTLY}))})"
)
"""How words of a status or a kind of row begin that are known."""

PLAUSIBLE = (0.3, 3.0)
"""How the sum of another column must stand to that of the chosen one, to be the same money told otherwise."""

Step = tuple[list[CleanColumn], CleaningReport | None]


def which_money(columns: list[CleanColumn], understanding: TableMeaning, setting: Setting) -> Step:
    """Ask which column is the money, where another may be it and makes another sum."""
    counts = understanding.counted
    chosen = next((c for c in understanding.columns if c.role is R.REVENUE), None)
    if (
        counts.revenue is None
        or chosen is None
        or chosen.confidence == 1
        or understanding.kind not in SALES | {K.PAYMENTS}
    ):
        return columns, None
    money, total = columns[counts.revenue], _sum(columns[counts.revenue])
    if money.raw.name != chosen.name or not total:
        return columns, None
    rivals = [columns[place] for place in counts.rivals if place not in counts.by_document]
    rivals = [c for c in rivals if abs(_sum(c) - total) > MATTERS * abs(total)]
    rivals = [c for c in rivals if PLAUSIBLE[0] <= _sum(c) / total <= PLAUSIBLE[1]][:MOST_RIVALS]
    if not rivals:
        return columns, None
    others = "; ".join(f"{column.raw.name} would make {_sum(column):,.2f}" for column in rivals)
    question = Question(
        setting.key("", "money"),
        f"Revenue in {setting.place} is {money.raw.name}, {total:,.2f} before anything is left out; {others}. "
        "Which one is your revenue?",
        (money.raw.name, *(column.raw.name for column in rivals)),
        money.raw.name,
        essential=counts.margin < THIN,
    )
    answer, report = ask(question, setting, settled="the revenue")
    if answer == money.raw.name:
        return columns, report
    return [_with_role(c, R.REVENUE) if c.raw.name == answer else c for c in columns], report


def which_rows(columns: list[CleanColumn], understanding: TableMeaning, setting: Setting) -> Step:
    """Leave out what the owner says does not count, and ask about the rows that a status leaves out."""
    if understanding.kind not in SALES | {K.PAYMENTS}:
        return columns, None
    rest, report = _by_owner(columns, setting)
    number = next((c.name for c in understanding.columns if c.role is R.DOCUMENT), "")
    changed, reports, masks = rest, [report], list[pl.Series]()
    for place, column in enumerate(rest):
        role = understanding.columns[place].role
        if role not in MARKS or column.raw.chosen:
            continue
        values = pl.DataFrame({column.raw.name: column.values.cast(pl.String)})
        words = values.select(left_out(column.raw.name, MARKS[role], column.raw.name, number)).to_series()
        unknown = _unknown_words(column, words, role)
        if unknown:
            mask, asked = _of_unknown_words(rest, column, unknown, understanding, setting)
            reports.append(asked)
            masks += [mask] if mask is not None else []
        if not words.is_not_null().any() or words.is_not_null().all():
            continue
        named = ", ".join(repr(word) for word in words.drop_nulls().unique(maintain_order=True).head(3))
        rows = counted(int(words.is_not_null().sum()), "row")
        question = Question(
            setting.key(column.raw.name, "rows that do not count"),
            f"{rows} of {setting.place} are no sales by {column.raw.name} ({named}). Do they count?",
            (LEAVE_OUT, COUNT),
            LEAVE_OUT,
        )
        answer, asked = ask(question, setting, settled=f"rows that are no sales by {column.raw.name}")
        reports.append(asked)
        if answer == COUNT:
            changed = [*changed[:place], _with_role(column, R.OTHER), *changed[place + 1 :]]
    if masks:
        numbers = pl.Series("row", range(len(changed[0].values)), dtype=pl.Int64)
        changed = list(keep_rows(CleanRows(tuple(changed), numbers), ~any_of(masks)).columns)
    return changed, join(*reports)


def _unknown_words(column: CleanColumn, undone: pl.Series, role: ColumnRole) -> dict[str, int]:
    """The words of a status or a kind of row that are not known, with their rows; the usual one needs no knowing."""
    if role not in (R.STATUS, R.ROW_TYPE) or column.kind != "text" or column.values.n_unique() < 2:
        return {}
    counts = column.values.filter(undone.is_null()).drop_nulls().value_counts(sort=True)
    if counts.height >= MOST_WORDS:
        return {}
    words = {str(word): int(rows) for word, rows in counts.iter_rows()}
    return {
        word: rows
        for word, rows in words.items()
        if not _KNOWN.search(word.casefold()) and rows < USUAL * len(column.values)
    }


def _of_unknown_words(
    columns: Sequence[CleanColumn],
    column: CleanColumn,
    unknown: Mapping[str, int],
    understanding: TableMeaning,
    setting: Setting,
) -> tuple[pl.Series | None, CleaningReport]:
    """Ask about rows with words that are not known where they matter, or say that they count; those to leave out."""
    mask = column.values.is_in(list(unknown)).fill_null(value=False)
    named = ", ".join(f"{rows:,} {word!r}" for word, rows in list(unknown.items())[:4])
    rows = counted(int(mask.sum()), "row")
    line = f"{rows} of {setting.place} with a {column.raw.name} that is not known to me count: {named}."
    counts = understanding.counted
    places = [place for place in (counts.revenue, counts.quantity) if place is not None]
    figures = [columns[place] for place in places if columns[place].kind == "number"]
    shares = [
        (float(c.values.filter(mask).abs().sum() or 0) / max(1e-9, float(c.values.abs().sum() or 0)), c.raw.name)
        for c in figures
    ]
    share, figure = max(shares, default=(int(mask.sum()) / len(mask), "the rows"))
    usual = column.values.drop_nulls().mode()
    some_are_known = len(unknown) < column.values.drop_nulls().n_unique() - 1 or _KNOWN.search(str(usual[0]).casefold())
    if not MATTERS <= share <= (1.0 if some_are_known else MOST_UNKNOWN):
        return None, CleaningReport(warnings=(line,))
    question = Question(
        setting.key(column.raw.name, "rows of a status that is not known"),
        f"{rows} of {setting.place} have a {column.raw.name} that is not known to me ({named}), {share:.0%} of "
        f"{figure}. Do they count?",
        (COUNT, LEAVE_OUT),
        COUNT,
        essential=True,
    )
    answer, report = ask(question, setting, settled=f"rows with a {column.raw.name} that is not known")
    return (mask, report) if answer == LEAVE_OUT else (None, report)


def not_counted_key(fingerprint: str, column: str) -> str:
    """Under what the owner's words for rows that do not count are remembered, as a JSON list."""
    return f"{fingerprint}/{column}/not counted"


def _by_owner(columns: list[CleanColumn], setting: Setting) -> tuple[list[CleanColumn], CleaningReport]:
    """The rows without those in which a column says what the owner said does not count."""
    masks, repairs = [], []
    for column in columns:
        said = setting.answers.get(not_counted_key(setting.fingerprint, column.raw.name), "")
        words = json.loads(said) if said.startswith("[") else []
        if words:
            mask = column.values.cast(pl.String).is_in(words).fill_null(value=False)
            masks.append(mask)
            what = f"left out rows where {column.raw.name} is {', '.join(map(repr, words))}, as you said"
            repairs.append(Repair(what, int(mask.sum()), setting.place))
    if not masks:
        return columns, CleaningReport()
    numbers = pl.Series("row", range(len(columns[0].values)), dtype=pl.Int64)
    rest = keep_rows(CleanRows(tuple(columns), numbers), ~any_of(masks))
    return list(rest.columns), CleaningReport(repairs=tuple(repairs))


def _sum(column: CleanColumn) -> float:
    return float(column.values.sum() or 0.0)


def _with_role(column: CleanColumn, role: ColumnRole) -> CleanColumn:
    return replace(column, raw=replace(column.raw, hint=Hint(role, 1.0, "chosen by you")))
