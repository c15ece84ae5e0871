"""Figures of an order plan."""

from typing import Any

import numpy as np

from engine.charts.style import BLUE, GREY, SERIES_COLOURS, Figure, figure, line_trace
from engine.dataset import in_words
from engine.inventory import OrderLine, OrderPlan, Projection

ORANGE, GREEN = SERIES_COLOURS[1], SERIES_COLOURS[2]
_OPACITY = {50: 0.50, 80: 0.34, 95: 0.20}
PARTS = {
    "holding": ("Holding", "#0072B2"),
    "stockout": ("Empty shelf", "#D55E00"),
    "spoilage": ("Waste", "#CC79A7"),
}


def cost_curve(line: OrderLine, *, currency: str, now: float | None = None) -> Figure:
    """What each quantity of an item costs, with the plan's quantity and the one of an owner's own.

    Args:
        line: the item.
        currency: of the costs.
        now: the quantity that the owner would order; left out when None.
    """
    quantities = _quantities(line, now)
    parts = line.curve.parts(quantities)
    traces = [
        line_trace(name, quantities, getattr(parts, key), {"color": colour, "width": 1.4, "dash": "dot"})
        for key, (name, colour) in PARTS.items()
        if getattr(parts, key).max() > 0
    ]
    traces.append(line_trace("All costs", quantities, parts.total, {"color": BLUE, "width": 2.5}))
    traces.append(_point("This plan", line.quantity, line.cost, ORANGE, "diamond"))
    if now is not None:
        cost = float(line.curve.parts(np.array([now])).total[0])
        traces.append(_point("Your quantity", now, cost, GREY, "circle"))
    layout = _layout(f"{line.name} cost") | {
        "xaxis": {"title": {"text": "Units ordered"}, "rangemode": "tozero", "showgrid": False},
        "yaxis": {"title": {"text": f"Expected cost, {currency}".rstrip(", ")}, "zeroline": False},
    }
    return figure(traces, layout)


def cost_curve_alt(line: OrderLine, *, currency: str, now: float | None = None) -> str:
    """The cost curve in one sentence, for people who do not see it."""
    sentence = f"Line chart of the expected cost of ordering {line.name}: lowest alone at {line.best_alone:,g} units"
    sentence += f"; this plan orders {line.quantity:,g} for {line.cost:,.2f} {currency}".rstrip()
    if now is None:
        return sentence + "."
    cost = float(line.curve.parts(np.array([now])).total[0])
    return f"{sentence}; your {now:,g} would cost {cost:,.2f} {currency}".rstrip() + "."


def limits_bar(plan: OrderPlan) -> Figure:
    """How much of the space and of the money the plan uses, and what one more unit would save."""
    rows = _limits(plan)
    names = [name for name, *_ in rows]
    used = [100 * amount / most if most else 0.0 for _, amount, most, *_ in rows]
    text = [_limit_text(*row, currency=plan.currency) for row in rows]
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": names,
        "x": used,
        "text": text,
        "textposition": "auto",
        "insidetextanchor": "start",
        "marker": {"color": [ORANGE if price > 0 else BLUE for *_, price in rows]},
        "hovertemplate": "%{text}<extra></extra>",
    }
    layout = _layout("limits") | {
        "height": 110 + 60 * len(rows),
        "hovermode": "closest",
        "showlegend": False,
        "xaxis": {"title": {"text": "% used"}, "range": [0, max(105.0, *used, 0.0)], "showgrid": False},
        "yaxis": {"autorange": "reversed"},
        "shapes": [{"type": "line", "x0": 100, "x1": 100, "y0": 0, "y1": 1, "yref": "paper",
                    "line": {"color": GREY, "width": 1, "dash": "dot"}}],
    }  # fmt: skip
    return figure([bars], layout)


def limits_bar_alt(plan: OrderPlan) -> str:
    """The limits in one sentence, for people who do not see the figure."""
    rows = _limits(plan)
    if not rows:
        return "No limit is set."
    return "Bar chart: " + "; ".join(f"{row[0]} {_limit_text(*row, currency=plan.currency)}" for row in rows) + "."


def stock_fan(line: OrderLine, projection: Projection, *, level: int = 80) -> Figure:
    """The stock over the coming periods with this order and none after it, with bands up to `level` percent."""
    x = list(projection.periods)
    levels = sorted((each for each in projection.lower if each <= level), reverse=True)
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": f"{each}% likely",
            "x": [*x, *reversed(x)],
            "y": [*projection.upper[each], *reversed(projection.lower[each])],
            "fill": "toself",
            "fillcolor": f"rgba(40,140,215,{_OPACITY.get(each, 0.2)})",
            "line": {"width": 0},
            "hoverinfo": "skip",
        }
        for each in levels
    ]
    traces.append(line_trace("Expected stock", projection.periods, projection.mean, {"color": BLUE, "width": 2.5}))
    layout = _layout(f"{line.name} stock") | {
        "hovermode": "x unified",
        "xaxis": {"title": {"text": ""}, "showgrid": False, "hoverformat": "%a %-d %b %Y"},
        "yaxis": {"title": {"text": "Units in stock"}, "rangemode": "tozero", "zeroline": False},
    }
    if line.quantity and projection.arrives in projection.periods:
        layout |= _arrival(projection)
    return figure(traces, layout)


def stock_fan_alt(line: OrderLine, projection: Projection, *, level: int = 80) -> str:
    """The stock fan in one sentence, for people who do not see it."""
    low, high = projection.lower[level][-1], projection.upper[level][-1]
    arrival = f"; {line.quantity:,g} arrive on {in_words(projection.arrives)}" if line.quantity else ""
    return (
        f"Line chart of the stock of {line.name} until {in_words(projection.periods[-1])}: expected "
        f"{projection.mean[-1]:,.0f} units then, {level}% likely between {low:,.0f} and {high:,.0f}{arrival}."
    )


def _quantities(line: OrderLine, now: float | None) -> np.ndarray:
    pack = line.curve.ready.item.pack
    most = max(2.0 * max(line.quantity, line.best_alone), line.curve.most_needed(0.99), now or 0.0, 3 * pack)
    step = pack * max(1.0, np.ceil(most / pack / 200))
    marked = [line.quantity] if now is None else [line.quantity, now]
    return np.unique(np.concatenate([np.arange(0.0, most + step, step), marked]))


def _limits(plan: OrderPlan) -> list[tuple[str, float, float, str, float]]:
    prices = {limit.name: limit.shadow_price for limit in plan.proof.binding}
    rows = []
    if plan.limits.capacity is not None:
        price = prices.get("warehouse space", 0.0)
        rows.append(("Warehouse space", plan.volume, plan.limits.capacity, plan.limits.capacity_unit, price))
    if plan.limits.budget is not None:
        rows.append(("Budget", plan.spend, plan.limits.budget, plan.currency, prices.get("budget", 0.0)))
    return rows


def _limit_text(name: str, used: float, most: float, unit: str, price: float, *, currency: str) -> str:
    del name
    text = f"{used:,.1f} of {most:,.1f} {unit}".rstrip()
    if price <= 0:
        return text
    return f"{text}; one more {unit or 'unit'} saves {price:,.2f} {currency}".rstrip() + " until the next delivery"


def _point(name: str, x: float, y: float, colour: str, symbol: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [x],
        "y": [y],
        "marker": {"color": colour, "size": 12, "symbol": symbol},
        "hovertemplate": f"{name}: %{{x:,g}} units, %{{y:,.4~r}}<extra></extra>",
    }


def _arrival(projection: Projection) -> dict[str, Any]:
    day = projection.arrives
    line = {"type": "line", "x0": day, "x1": day, "y0": 0, "y1": 1, "yref": "paper",
            "line": {"color": GREY, "width": 1, "dash": "dot"}}  # fmt: skip
    label = {"x": day, "y": 1, "yref": "paper", "text": "order arrives", "showarrow": False, "xanchor": "left",
             "font": {"color": GREY, "size": 12}}  # fmt: skip
    return {"shapes": [line], "annotations": [label]}


def _layout(revision: str) -> dict[str, Any]:
    return {
        "margin": {"l": 10, "r": 10, "t": 40, "b": 10},
        "height": 380,
        "hovermode": "closest",
        "uirevision": revision,
        "separators": ".,",
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    }
