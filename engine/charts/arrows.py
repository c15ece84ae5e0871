"""The arrows between columns, in layers from left to right."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from math import hypot
from typing import Any

from engine.causal import Arrow, CausalGraph
from engine.charts.basics import BLUE, GREY, Figure, figure
from engine.charts.causal import wrapped

Spots = Mapping[str, tuple[float, float]]
Way = list[tuple[float, float]]

BOWS, BOW_POINTS, NEAR = (0.28, -0.28, 0.45, -0.45, 0.14, -0.14, 0.62, -0.62), 24, 1e-6
"""An arrow that skips columns bends by one of these shares of the picture's height, drawn with so many points."""

CLEAR = 0.1
"""It takes the first bow that keeps this share of the picture away from the columns in between and their names."""

AROUND, LETTERS = 0.35, 11
STAGGER, NAME_AWAY = 0.3, 30
"""A layer that stands level with the layer before is shifted by this share of a row, so that long names do not meet; a
name stands about so many pixels from its column."""

ROW, LEAST_HEIGHT, USUAL_WIDTH = 110, 260, 700
"""Pixels per row of the picture, its least height, and about its width."""


def places(graph: CausalGraph) -> Spots:
    """Where each column is drawn: layers from left to right, names in order from top to bottom.

    Depends on the layers and names alone, so the picture holds still when arrows come and go.
    """
    from networkx import DiGraph, multipartite_layout

    nodes: DiGraph[str] = DiGraph()
    # lists, because the sets that NetworkX makes of an attribute come in another order in every process
    columns = {column: sorted(layer, reverse=True) for column, layer in enumerate(graph.layers)}
    nodes.add_nodes_from(name for layer in columns.values() for name in layer)
    layout = multipartite_layout(nodes, subset_key=columns)
    spots = {name: (float(x), float(y)) for name, (x, y) in layout.items()}
    for before, layer in zip(graph.layers, graph.layers[1:], strict=False):
        heights = [spots[name][1] for name in before]
        if len(layer) > 1 and any(abs(spots[name][1] - height) < NEAR for name in layer for height in heights):
            row = (max(spots[name][1] for name in layer) - min(spots[name][1] for name in layer)) / (len(layer) - 1)
            spots |= {name: (spots[name][0], spots[name][1] - STAGGER * row) for name in layer}
    return spots


def arrows(graph: CausalGraph) -> Figure:
    """The columns in layers from left to right; solid where direction and arrow are settled, dashed where not."""
    picture = _picture(graph)
    spots = picture.spots
    nodes = {
        "type": "scatter",
        "mode": "markers+text",
        "x": [spots[name][0] for name in graph.names],
        "y": [spots[name][1] for name in graph.names],
        "text": [wrapped(name, LETTERS) for name in graph.names],
        "customdata": list(graph.names),
        "textposition": ["bottom center" if name in picture.below else "top center" for name in graph.names],
        "marker": {"size": 22, "color": BLUE},
        "hovertemplate": "%{customdata}<extra></extra>",
        "showlegend": False,
    }
    lines = [_line(arrow, picture.ways[arrow]) for arrow in graph.arrows]
    heads = [_head(arrow, picture.ways[arrow]) for arrow in graph.arrows if arrow.directed]
    layout = {
        "margin": {"l": 10, "r": 10, "t": 20, "b": 10},
        "height": _height(graph),
        "uirevision": "-".join(graph.names),
        "hovermode": "closest",
        "showlegend": False,
        "annotations": heads,
        "xaxis": {"visible": False, "range": _range(x for x, _ in spots.values()), "fixedrange": True},
        "yaxis": {"visible": False, "range": _range(y for _, y in spots.values()), "fixedrange": True},
    }
    return figure([*lines, nodes], layout)


def arrows_alt(graph: CausalGraph) -> str:
    """The arrows in words."""
    solid = [f"{arrow.cause} to {arrow.effect}" for arrow in graph.arrows if arrow.solid]
    dashed = [f"{arrow.cause} and {arrow.effect}" for arrow in graph.arrows if not arrow.solid]
    parts = [f"solid arrows: {', '.join(solid)}" if solid else "no solid arrow"]
    parts += [f"dashed, not settled: {', '.join(dashed)}"] if dashed else []
    return f"Diagram of which column moves which, from left to right: {'; '.join(parts)}."


def _range(values: Iterable[float]) -> list[float]:
    numbers = list(values)
    return [min(numbers) - AROUND, max(numbers) + AROUND]


def _height(graph: CausalGraph) -> int:
    return max(LEAST_HEIGHT, ROW * max(len(layer) for layer in graph.layers))


@dataclass(frozen=True)
class _Canvas:
    """Where the columns stand, on which side of each its name is written, and the way that each arrow takes."""

    spots: Spots
    below: frozenset[str]
    ways: Mapping[Arrow, Way]


def _picture(graph: CausalGraph) -> _Canvas:
    """Names keep clear of straight arrows, bows of names, and the names of the first and the last layer of bows."""
    spots = places(graph)
    straight = {arrow: way for arrow in graph.arrows if (way := _straight(arrow, spots))}
    below = {name for name in graph.names if _steeper_above(name, straight, graph, spots)}
    ways = {arrow: straight.get(arrow) or _around(arrow, graph, spots, below) for arrow in graph.arrows}
    ends = {*graph.layers[0], *graph.layers[-1]}
    below = (below - ends) | {name for name in ends if _steeper_above(name, ways, graph, spots)}
    return _Canvas(spots, frozenset(below), ways)


def _steeper_above(name: str, ways: Mapping[Arrow, Way], graph: CausalGraph, spots: Spots) -> bool:
    """Whether arrows leave or come in more steeply from above than from below."""
    (left, right), (low, high) = (_range(place[k] for place in spots.values()) for k in (0, 1))
    wide, tall = USUAL_WIDTH / (right - left), _height(graph) / (high - low)
    steep = {True: 0.0, False: 0.0}
    for arrow, way in ways.items():
        if name in (arrow.cause, arrow.effect):
            (x0, y0), (x1, y1) = (way[0], way[len(way) // 4 or 1]) if name == arrow.cause else (way[-1], way[-2])
            across, up = (x1 - x0) * wide, (y1 - y0) * tall
            steep[up > 0] = max(steep[up > 0], abs(up) / (hypot(across, up) or 1.0))
    return steep[True] > steep[False]


def _straight(arrow: Arrow, spots: Spots) -> Way:
    """The points of an arrow to a neighbour; none when there are columns in between."""
    (x0, y0), (x1, y1) = spots[arrow.cause], spots[arrow.effect]
    if _between(arrow, spots):
        return []
    return [(x0 + (x1 - x0) * t, y0 + (y1 - y0) * t) for t in (0.0, 0.5, 1.0)]


def _between(arrow: Arrow, spots: Spots) -> list[str]:
    x0, x1 = sorted(spots[name][0] for name in (arrow.cause, arrow.effect))
    return [name for name, (x, _) in spots.items() if x0 + NEAR < x < x1 - NEAR]


def _around(arrow: Arrow, graph: CausalGraph, spots: Spots, below: Collection[str]) -> Way:
    """The points of an arrow in a bow around the columns in between and their names."""
    low, high = _range(y for _, y in spots.values())
    ways = [_bow(spots[arrow.cause], spots[arrow.effect], share * _extent(spots, 1)) for share in BOWS]
    ways = [way for way in ways if all(low < y < high for _, y in way)] or ways
    above = NAME_AWAY * (high - low) / _height(graph)
    columns = [spots[name] for name in _between(arrow, spots)]
    columns += [
        (spots[name][0], spots[name][1] + (-above if name in below else above)) for name in _between(arrow, spots)
    ]
    rooms = [_room(way, columns, spots) for way in ways]
    clear = [way for way, room in zip(ways, rooms, strict=True) if room >= CLEAR]
    return clear[0] if clear else ways[rooms.index(max(rooms))]


def _bow(start: tuple[float, float], end: tuple[float, float], height: float) -> Way:
    (x0, y0), (x1, y1) = start, end
    shares = [k / BOW_POINTS for k in range(BOW_POINTS + 1)]
    return [(x0 + (x1 - x0) * t, y0 + (y1 - y0) * t + 4 * height * t * (1 - t)) for t in shares]


def _room(way: Iterable[tuple[float, float]], columns: Iterable[tuple[float, float]], spots: Spots) -> float:
    """How near a way comes to one of these columns, as a share of the picture."""
    wide, tall = _extent(spots, 0), _extent(spots, 1)
    gone = list(way)
    return min(hypot((x - a) / wide, (y - b) / tall) for a, b in columns for x, y in gone)


def _extent(spots: Spots, axis: int) -> float:
    values = [place[axis] for place in spots.values()]
    return max(values) - min(values) or 1.0


def _line(arrow: Arrow, way: Way) -> dict[str, Any]:
    label = f"{arrow.cause} - {arrow.effect}: in {100 * arrow.share:.0f}% of resampled histories"
    if arrow.drawn_by_owner:
        label = f"{arrow.cause} - {arrow.effect}: drawn by you"
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [x for x, _ in way],
        "y": [y for _, y in way],
        "line": {"color": GREY, "width": 1 + 2 * arrow.share, "dash": "solid" if arrow.solid else "6px,4px"},
        "text": [label] * len(way),
        "hovertemplate": "%{text}<extra></extra>",
        "showlegend": False,
    }


def _head(arrow: Arrow, way: Way) -> dict[str, Any]:
    (x0, y0), (x1, y1) = way[-4 if len(way) > 3 else 0], way[-1]
    return {
        "x": x1,
        "y": y1,
        "ax": x0,
        "ay": y0,
        "xref": "x",
        "yref": "y",
        "axref": "x",
        "ayref": "y",
        "text": "",
        "showarrow": True,
        "arrowhead": 3,
        "arrowsize": 1.4,
        "arrowwidth": 1.2,
        "arrowcolor": GREY,
        "standoff": 13,
        "opacity": 1.0 if arrow.solid else 0.55,
    }
