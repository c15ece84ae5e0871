"""What all figures share."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

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
