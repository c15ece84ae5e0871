"""What all figures share."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

Figure: TypeAlias = Any
"""A `plotly.graph_objects.Figure`; plotly has no types of its own."""

BLUE, GREY = "#0a7bc8", "#7f8791"
"""Okabe and Ito's blue, a little lighter, so that it stands out on white and on black."""

SERIES_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#7f8791")
"""Okabe and Ito's palette, made for colour-blind people; its black and yellow drown on one of our themes."""

UP, DOWN = SERIES_COLOURS[2], SERIES_COLOURS[5]
"""What adds and what takes away; figures also say which by a sign."""

MARGIN: dict[str, Any] = {"l": 10, "r": 10, "t": 40, "b": 10}
LEGEND: dict[str, Any] = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}


def figure(traces: Sequence[dict[str, Any]], layout: dict[str, Any]) -> Figure:
    """A figure of these traces, back to front; the only place where plotly is loaded."""
    from plotly import graph_objects

    return graph_objects.Figure(data=list(traces), layout=layout)


def line_trace(name: str, x: Iterable[Any], y: Iterable[float], style: dict[str, Any]) -> dict[str, Any]:
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
