"""Exports of the systems that owners use, with their right reading: kind, roles, sums, people, stock, what is said."""

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.escapes import escapes
from benchmarks.exports_right import asks, wrongs
from benchmarks.table import aligned
from engine.business.history import metrics
from engine.business.model import Business
from engine.dataset import ColumnRole, Dataset
from engine.errors import DataProblem
from engine.ingest import Readiness, verdict
from engine.ingest.inferred_formats import PERIOD
from engine.settings import Settings
from engine.workflows.files import as_one, open_business
from engine.workflows.forecast.forecasts import history_for, run_forecast

TODAY = date(2027, 1, 31)
"""On this day every file is read."""

AHEAD = 28
SETS = ("real", "fail", "faults")
LINES_OF_SUMS = (ColumnRole.PRICE, ColumnRole.COST, ColumnRole.RATE)


@dataclass(frozen=True)
class ReadExport:
    """What was understood of one case: sums and dates are those of the rows that are used."""

    id: str
    set: str
    status: str = "refuse"
    kind: str | None = None
    roles: Mapping[str, str] = field(default_factory=dict)
    totals: Mapping[str, float | None] = field(default_factory=dict)
    rows: int | None = None
    tables: int | None = None
    dates: tuple[str, str] | None = None
    periods: int | None = None
    items: int | None = None
    item_names: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    staff: tuple[str, ...] = ()
    on_hand: Mapping[str, float] = field(default_factory=dict)
    says: tuple[str, ...] = ()
    forecast_total_28_days: float | None = None
    reason: str = ""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this area."""
    parser.add_argument("--forecasts", action="store_true", help="look ahead in every case, not only where it is asked")


def run(options: argparse.Namespace) -> tuple[str, dict[str, object]]:
    """Read every case of the folder; the readable report and the figures."""
    cases = [case for name in SETS if (options.data / name).is_dir() for case in _cases(options.data / name)]
    if not cases:
        cases = _cases(options.data)
    cases = cases[:: max(1, len(cases) // options.sample)] if options.sample else cases
    figures: list[dict[str, object]] = []
    rows, lines = [], []
    for case in cases:
        wants_forecast = options.forecasts or "forecast_total_28_days" in case["expect"]
        found = look(case, ahead=wants_forecast)
        wrong = wrongs(asdict(found), case["expect"])
        mark = (
            "refused" if found.status == "refuse" else "wrong" if wrong else "asked" if asks(found.status) else "right"
        )
        silent = bool(wrong) and found.status == "ok"
        figures.append(asdict(found) | {"right": not wrong, "wrong": wrong, "silently_wrong": silent})
        rows.append([found.set, found.id, mark, "; ".join(wrong)[:110]])
    total = {
        "right": sum(bool(each["right"]) for each in figures),
        "asked": sum(each["status"] == "ask" for each in figures),
        "refused": sum(each["status"] == "refuse" for each in figures),
        "silently_wrong": sum(bool(each["silently_wrong"]) for each in figures),
        "total": len(figures),
    }
    lines += [aligned(("set", "case", "outcome", "what is wrong"), rows)]
    lines += [", ".join(f"{name.replace('_', ' ')} {count}" for name, count in total.items())]
    return "\n\n".join(lines), {"cases": figures, **total}


def look(case: Mapping[str, Any], *, ahead: bool = False) -> ReadExport:
    """Read the files of one case as the app does, and say what was understood.

    Args:
        case: `id`, `set` and `paths`.
        ahead: whether to forecast as well.
    """
    name, group = str(case["id"]), str(case["set"])
    contents = {path.name: path.read_bytes() for path in case["paths"]}
    try:
        with escapes(DataProblem) as escape:
            content, label = as_one(contents)
            business = open_business(content, label, Settings(), today=TODAY)
            return _facts(name, group, business, ahead=ahead)
    except DataProblem as problem:
        return ReadExport(name, group, reason=str(problem), says=(str(problem),))
    return ReadExport(name, group, status="traceback", reason=escape.trace[-2000:])


def _cases(folder: Path) -> list[dict[str, Any]]:
    cases = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return [
        case
        | {
            "set": folder.name,
            "paths": [folder / name for name in case.get("files") or [case["file"]]],
            "expect": case["expect"] if "expect" in case else case["right"],
        }
        for case in cases
    ]


def _facts(name: str, group: str, business: Business, *, ahead: bool) -> ReadExport:
    dataset = business.dataset
    judged = verdict(dataset)
    if judged.status is Readiness.REFUSE:
        return ReadExport(name, group, reason=judged.reason, says=_says(business), tables=len(dataset.tables))
    days = _days(business)
    items = [text for text in business.items["name"].to_list() if text]
    stock = business.items.drop_nulls("on_hand")
    return ReadExport(
        name,
        group,
        status="ask" if judged.status is Readiness.ASK else "ok",
        kind=business.kind,
        roles=_roles(dataset),
        totals=_totals(business),
        rows=_rows_used(business),
        tables=len(dataset.tables),
        dates=(str(days.min()), str(days.max())) if len(days) else None,
        periods=days.n_unique() if len(days) else None,
        items=len(items) or None,
        item_names=tuple(items[:50]),
        channels=tuple(business.media.spend["channel"].drop_nulls().unique().sort()),
        staff=tuple(business.people.staff["name"].drop_nulls().unique(maintain_order=True)),
        on_hand=dict(zip(stock["name"], stock["on_hand"], strict=True)),
        says=_says(business),
        forecast_total_28_days=_forecast(business) if ahead else None,
        reason=judged.reason,
    )


def _roles(dataset: Dataset) -> dict[str, str]:
    """Each role and the header of its column; of several tables the first that has it."""
    roles: dict[str, str] = {}
    for table in dataset.tables:
        for column in table.columns:
            from_title = column.name == PERIOD and table.frame[PERIOD].n_unique() == 1
            if column.role is not ColumnRole.OTHER and not from_title:
                roles.setdefault(column.role.value, column.name)
    if "channel" in roles:
        roles.setdefault("item", roles["channel"])
    return roles


def _totals(business: Business) -> dict[str, float | None]:
    money = business.takings if business.takings.height else business.sales
    media = business.media
    return {
        "quantity": _sum(business.sales, "quantity"),
        "revenue": _sum(money, "revenue"),
        "channel spend": _sum(media.spend, "spend"),
        "traffic": _sum(media.traffic, "traffic"),
        "leads": _sum(media.traffic, "leads"),
        "on hand": _sum(business.items, "on_hand"),
        **{role.value: _first_sum(business.dataset, role) for role in LINES_OF_SUMS},
    }


def _sum(frame: pl.DataFrame, column: str) -> float | None:
    values = frame[column].drop_nulls()
    return float(values.sum()) if len(values) else None


def _first_sum(dataset: Dataset, role: ColumnRole) -> float | None:
    for table in dataset.tables:
        column = table.find(role)
        if column is not None and column.kind == "number":
            return _sum(table.frame, column.name)
    return None


def _days(business: Business) -> pl.Series:
    for days in (_counted(business)["day"], business.media.spend["day"], business.media.traffic["day"]):
        if len(days.drop_nulls()):
            return days.drop_nulls()
    dated = (t.frame[c.name].drop_nulls() for t in business.dataset.tables if (c := t.find(ColumnRole.DATE)))
    return next((days for days in dated if days.dtype == pl.Date), pl.Series([], dtype=pl.Date))


def _counted(business: Business) -> pl.DataFrame:
    """The rows of sales that have a figure."""
    return business.sales.filter(pl.any_horizontal(pl.col("quantity", "revenue").is_not_null()))


def _rows_used(business: Business) -> int:
    return _counted(business).height or business.dataset.tables[0].frame.height


def _says(business: Business) -> tuple[str, ...]:
    """Every line, caution and question that the owner sees."""
    report = business.dataset.report
    questions = [f"{question.text} [{question.chosen}]" for question in report.questions]
    repairs = [f"{repair.what} ({repair.rows}) {repair.where}".strip() for repair in report.repairs]
    decisions = [decision.sentence for decision in business.decisions]
    return (*report.read_as, *repairs, *questions, *report.warnings, *decisions, *business.unused)


def _forecast(business: Business) -> float | None:
    """The expected total of the next 28 days of the first metric, or None where it cannot be forecast."""
    try:
        metric = metrics(business)[0].key
        result = run_forecast(history_for(business, metric), AHEAD, "quick")
    except DataProblem:
        return None
    return float(result.point.sum())
