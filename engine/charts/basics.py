"""What all figures share, and the plainest of them: bars and lines of what is in the owner's file."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, TypeAlias

from engine.dataset import in_words

Figure: TypeAlias = Any
"""A `plotly.graph_objects.Figure`; plotly has no types of its own."""

Trace: TypeAlias = dict[str, Any]
"""One set of marks of a figure, in plotly's words."""

BLUE, GREY = "#0a7bc8", "#7f8791"
"""Okabe and Ito's blue, a little lighter, so that it stands out on white and on black."""

SERIES_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#7f8791")
"""Okabe and Ito's palette, made for colour-blind people; its black and yellow drown on one of our themes."""

MARGIN: dict[str, Any] = {"l": 10, "r": 10, "t": 40, "b": 10}
LEGEND: dict[str, Any] = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}

LONGEST_NAME = 28
FEW = 10


def figure(traces: Sequence[Trace], layout: dict[str, Any]) -> Figure:
    """A figure of these traces, back to front; the only place where plotly is loaded."""
    from plotly import graph_objects

    return graph_objects.Figure(data=list(traces), layout=layout)


def plain_layout(**parts: Any) -> dict[str, Any]:
    """The margins, the legend and the marks between digits of every figure, and these parts."""
    return {"margin": MARGIN, "separators": ".,", "legend": LEGEND} | parts


def opacity(level: int) -> float:
    """How strongly a band of this level, percent, is filled: the narrower, the stronger."""
    return {50: 0.50, 80: 0.34}.get(level, 0.20)


def axis(title: str, **parts: Any) -> dict[str, Any]:
    """An axis with a title."""
    return {"title": {"text": title}} | parts


def band_trace(name: str, x: Iterable[Any], lower: Iterable[float], upper: Iterable[float], share: float) -> Trace:
    """The area between two lines, blue with this share of opacity, 0..1; nothing under the pointer."""
    forth, low = list(x), list(lower)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [*forth, *reversed(forth)],
        "y": [*upper, *reversed(low)],
        "fill": "toself",
        "fillcolor": f"rgba(40,140,215,{share:.2f})",
        "line": {"width": 0},
        "hoverinfo": "skip",
    }


def point_trace(name: str, place: tuple[float, float], colour: str, symbol: str, hover: str) -> Trace:
    """One marked point, and what stands under the pointer there."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [place[0]],
        "y": [place[1]],
        "marker": {"color": colour, "size": 12, "symbol": symbol},
        "hovertemplate": f"{hover}<extra></extra>",
    }


def upright(x: Any, text: str, anchor: str) -> dict[str, Any]:
    """A dotted line from bottom to top with a word beside it, as parts of a layout."""
    line = {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "paper"}
    note = {"x": x, "y": 1, "yref": "paper", "text": text, "showarrow": False, "xanchor": anchor}
    return {
        "shapes": [line | {"line": {"color": GREY, "width": 1, "dash": "dot"}}],
        "annotations": [note | {"font": {"color": GREY, "size": 12}}],
    }


def line_trace(name: str, x: Iterable[Any], y: Iterable[float | None], style: dict[str, Any]) -> Trace:
    """A line with readable numbers under the pointer."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": list(x),
        "y": list(y),
        "line": style,
        "hovertemplate": "%{y:,.4~r}",
    }


def in_figures(value: float) -> str:
    """A number as a description says it: no more digits than anybody needs."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.3g}"


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
