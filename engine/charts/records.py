"""Figures of what is in the owner's file."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from engine.charts.style import (
    BLUE,
    GREY,
    LEGEND,
    MARGIN,
    Figure,
    axis,
    figure,
    in_figures,
    line_trace,
)
from engine.dataset import in_words

LONGEST_NAME = 28
FEW = 10


def bars(
    names: Sequence[str], values: Sequence[float], label: str, unit: str, bar_texts: Sequence[str] | None = None
) -> Figure:
    """One lying bar per name, in the order given, the first on top; `bar_texts` is written on the bars."""
    trace = {
        "type": "bar",
        "orientation": "h",
        "x": list(values),
        "y": [_short(name) for name in names],
        "customdata": list(names),
        "marker": {"color": BLUE},
        "text": [in_figures(value) for value in values] if bar_texts is None else list(bar_texts),
        "textposition": "auto",
        "textangle": 0,
        "hovertemplate": "%{customdata}: %{x:,.4~r}<extra></extra>",
    }
    layout = _layout(f"{label} by name") | {
        "height": 90 + 34 * len(names),
        "xaxis": axis(_titled(label, unit), rangemode="tozero", tickformat=_ticks(values)),
        "yaxis": {"autorange": "reversed", "automargin": True, "showgrid": False},
    }
    return figure([trace], layout)


def bars_alt(
    names: Sequence[str], values: Sequence[float], label: str, unit: str, bar_texts: Sequence[str] | None = None
) -> str:
    """The bars in one sentence."""
    written = [in_figures(value) for value in values] if bar_texts is None else bar_texts
    listed = ", ".join(f"{name} {words}" for name, words in zip(names, written, strict=True))
    return f"Bar chart of {_titled(label[0].lower() + label[1:], unit)}: {listed}."


def line(days: Sequence[date], values: Sequence[float | None], label: str, unit: str) -> Figure:
    """One value per day, week or month: bars where they are few, a line where they are many, a gap where it is None."""
    few = len(days) <= FEW
    shape = (
        {"type": "bar", "marker": {"color": BLUE}}
        if few
        else {"type": "scatter", "mode": "lines", "line": {"color": BLUE, "width": 2}}
    )
    trace = {**shape, "x": list(days), "y": list(values), "hovertemplate": "%{y:,.4~r}<extra></extra>"}
    months = all(day.day == 1 for day in days)
    ticks = {"tickvals": list(days), "tickformat": "%b %Y" if months else "%a %-d %b"} if few else {}
    layout = _layout(f"{label} over time") | {
        "height": 300,
        "hovermode": "x unified",
        "xaxis": {"showgrid": False, "hoverformat": "%b %Y" if months else "%a %-d %b %Y", **ticks},
        "yaxis": axis(_titled(label, unit), rangemode="tozero", zeroline=False, tickformat=_ticks(values)),
    }
    return figure([trace], layout)


def line_alt(days: Sequence[date], values: Sequence[float], label: str) -> str:
    """The line in one sentence."""
    return (
        f"Chart of {label.lower()} from {in_words(days[0])} to {in_words(days[-1])}, "
        f"between {in_figures(min(values))} and {in_figures(max(values))}."
    )


def two_lines(days: Sequence[date], planned: Sequence[float], changed: Sequence[float], label: str) -> Figure:
    """As planned, and after a change."""
    traces = [
        line_trace(name, days, values, {"color": colour, "width": 2, "dash": dash})
        for name, values, colour, dash in (
            ("As planned", planned, GREY, "dot"),
            ("After the change", changed, BLUE, "solid"),
        )
    ]
    layout = _layout(f"{label} supposed") | {
        "height": 300,
        "margin": MARGIN,
        "showlegend": True,
        "legend": LEGEND,
        "hovermode": "x unified",
        "xaxis": {"showgrid": False, "hoverformat": "%a %-d %b %Y"},
        "yaxis": axis(label, rangemode="tozero", zeroline=False),
    }
    return figure(traces, layout)


def two_lines_alt(days: Sequence[date], planned: Sequence[float], changed: Sequence[float], label: str) -> str:
    """Both lines in one sentence."""
    return (
        f"Line chart of {label.lower()} from {in_words(days[0])} to {in_words(days[-1])}: in total "
        f"{in_figures(sum(planned))} as planned, {in_figures(sum(changed))} after the change."
    )


def _layout(revision: str) -> dict[str, Any]:
    return {"margin": MARGIN | {"t": 20}, "uirevision": revision, "separators": ".,", "showlegend": False}


def _titled(label: str, unit: str) -> str:
    return f"{label}, {unit}" if unit and unit not in label.lower() else label


def _ticks(values: Sequence[float | None]) -> str:
    return "~s" if max((value for value in values if value is not None), default=0.0) >= 1000 else ",.2~f"


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
