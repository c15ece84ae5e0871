"""Figures of what a forecast is made of."""

from typing import TYPE_CHECKING, Any

from engine.charts.style import BLUE, LEGEND, MARGIN, SERIES_COLOURS, in_figures
from engine.forecast.explain import Contribution, Explanation

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

VISIBLE = 0.002
"""Parts below this share of the forecast are not worth a colour of their own."""


def parts(explanation: Explanation) -> "Figure":
    """What lifts and what lowers each period, stacked around the level; with the level they add up to the line."""
    from plotly.graph_objects import Figure

    level, others = explanation.contributions[0], _visible(explanation)
    x = [*explanation.periods]
    bars: list[dict[str, Any]] = [
        {
            "type": "bar",
            "name": _sentence_case(part.name),
            "x": x,
            "y": [*part.values],
            "marker": {
                "color": SERIES_COLOURS[(number + 1) % len(SERIES_COLOURS)],
                "pattern": {"shape": ("", "/", ".", "x")[number % 4], "fgopacity": 0.5},
            },
            "hovertemplate": "%{y:+,.4~r}",
        }
        for number, part in enumerate(others)
    ]
    line = {
        "type": "scatter",
        "mode": "lines",
        "name": "Forecast against the level",
        "x": x,
        "y": [*(explanation.forecast - level.values)],
        "line": {"color": BLUE, "width": 2.5, "dash": "6px,3px"},
        "hovertemplate": "%{y:+,.4~r}",
    }
    layout = {
        "margin": MARGIN,
        "height": 380,
        "barmode": "relative",
        "hovermode": "x unified",
        "separators": ".,",
        "legend": LEGEND,
        "xaxis": {"showgrid": False, "hoverformat": "%a %-d %b %Y"},
        "yaxis": {"title": {"text": f"Above or below the level, {explanation.unit}".rstrip(", ")}, "zeroline": True},
    }
    return Figure(data=[*bars, line], layout=layout)


def parts_alt(explanation: Explanation) -> str:
    """The figure in one sentence, for people who do not see it."""
    level = explanation.contributions[0]
    moves = ", ".join(f"{part.name} {part.total:+,.0f}" for part in _visible(explanation))
    total = in_figures(float(explanation.forecast.sum()))
    return (
        f"Stacked bars around the level of {in_figures(level.total)} over the whole time: {moves or 'nothing else'}; "
        f"together {total} {explanation.unit}."
    )


def _visible(explanation: Explanation) -> list[Contribution]:
    least = VISIBLE * float(abs(explanation.forecast).sum())
    return [part for part in explanation.contributions[1:] if float(abs(part.values).sum()) >= least]


def _sentence_case(name: str) -> str:
    return name[:1].upper() + name[1:]
