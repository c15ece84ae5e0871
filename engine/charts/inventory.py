"""Figures of an order plan."""

from textwrap import wrap
from typing import Any

import numpy as np

from engine.charts.basics import (
    BLUE,
    GREY,
    SERIES_COLOURS,
    Figure,
    Trace,
    axis,
    band_trace,
    figure,
    line_trace,
    opacity,
    plain_layout,
    point_trace,
    upright,
)
from engine.dataset import in_words
from engine.inventory import OrderLine, OrderPlan, Projection
from engine.inventory.deliveries import AheadPlan, Delivery

ORANGE = SERIES_COLOURS[1]
LIGHT_BLUE = SERIES_COLOURS[4]
THOUSAND, ROW_WIDTH, HOVER_WIDTH, MOST_NAMED = 1000, 14, 50, 8
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
    traces.append(_point("This plan", (line.quantity, line.cost), ORANGE, "diamond"))
    if now is not None:
        cost = float(line.curve.parts(np.array([now])).total[0])
        traces.append(_point("Your quantity", (now, cost), GREY, "circle"))
    layout = _layout(f"{line.name} cost") | {
        "xaxis": axis("Units ordered", rangemode="tozero", showgrid=False),
        "yaxis": axis(f"Expected cost, {currency}".rstrip(", "), zeroline=False),
    }
    return figure(traces, layout)


def cost_curve_alt(line: OrderLine, *, currency: str, now: float | None = None) -> str:
    """The cost curve in one sentence, for people who do not see it."""
    sentence = f"Line chart of the expected cost of ordering {line.name}: lowest alone at {line.best_alone:,.10g} units"
    sentence += f"; this plan orders {line.quantity:,.10g} for {line.cost:,.2f} {currency}".rstrip()
    if now is None:
        return sentence + "."
    cost = float(line.curve.parts(np.array([now])).total[0])
    return f"{sentence}; your {now:,.10g} would cost {cost:,.2f} {currency}".rstrip() + "."


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
        "xaxis": axis("% used", range=[0, max(105.0, *used, 0.0)], showgrid=False),
        "yaxis": {"autorange": "reversed"},
        "shapes": upright(100, "", "left")["shapes"],
    }
    return figure([bars], layout)


def limits_bar_alt(plan: OrderPlan) -> str:
    """The limits in one sentence, for people who do not see the figure."""
    rows = _limits(plan)
    if not rows:
        return "No limit is set."
    return "Bar chart: " + "; ".join(f"{row[0]} {_limit_text(*row, currency=plan.currency)}" for row in rows) + "."


def stock_fan(line: OrderLine, projection: Projection, *, level: int = 80) -> Figure:
    """The stock over the coming periods with this order and none after it, with bands up to `level` percent."""
    levels = sorted((each for each in projection.lower if each <= level), reverse=True)
    traces = [
        band_trace(f"{each}% likely", projection.periods, projection.lower[each], projection.upper[each], opacity(each))
        for each in levels
    ]
    traces.append(line_trace("Expected stock", projection.periods, projection.mean, {"color": BLUE, "width": 2.5}))
    layout = _layout(f"{line.name} stock") | {
        "hovermode": "x unified",
        "xaxis": axis("", showgrid=False, hoverformat="%a %-d %b %Y"),
        "yaxis": axis("Units in stock", rangemode="tozero", zeroline=False),
    }
    if line.quantity and projection.arrives in projection.periods:
        layout |= upright(projection.arrives, "order arrives", "left")
    return figure(traces, layout)


def stock_fan_alt(line: OrderLine, projection: Projection, *, level: int = 80) -> str:
    """The stock fan in one sentence, for people who do not see it."""
    low, high = projection.lower[level][-1], projection.upper[level][-1]
    arrival = f"; {line.quantity:,.10g} arrive on {in_words(projection.arrives)}" if line.quantity else ""
    return (
        f"Line chart of the stock of {line.name} until {in_words(projection.periods[-1])}: expected "
        f"{projection.mean[-1]:,.0f} units then, {level}% likely between {low:,.0f} and {high:,.0f}{arrival}."
    )


def delivery_calendar(plan: AheadPlan) -> Figure:
    """Suppliers down, days of order across; in a cell what the goods cost."""
    names, days = plan.suppliers, list(plan.chances)
    cells: dict[tuple[str, object], Delivery] = {(each.supplier, each.ordered): each for each in plan.deliveries}
    rows = [[cells.get((name, day)) for day in days] for name in names]
    trace = {
        "type": "heatmap",
        "x": [f"{day:%-d %b}" for day in days],
        "y": [_broken(name or "No supplier") for name in names],
        "z": [[None if each is None else 1 for each in row] for row in rows],
        "text": [["" if each is None else _shortly(each.spend) for each in row] for row in rows],
        "customdata": [["" if each is None else _brought(each, plan.currency) for each in row] for row in rows],
        "texttemplate": "%{text}",
        "textfont": {"color": "#000000", "size": 12},
        "hovertemplate": "%{customdata}<extra></extra>",
        "hoverongaps": False,
        "colorscale": [[0, LIGHT_BLUE], [1, LIGHT_BLUE]],
        "showscale": False,
        "xgap": 3,
        "ygap": 3,
    }
    layout = _layout("deliveries") | {
        "height": 100 + 48 * len(names),
        "xaxis": {"type": "category", "showgrid": False, "automargin": True},
        "yaxis": {"autorange": "reversed", "showgrid": False, "automargin": True},
    }
    return figure([trace], layout)


def delivery_calendar_alt(plan: AheadPlan) -> str:
    """The calendar in one sentence, for people who do not see it."""
    told = [
        f"{name or 'no supplier'} on {', '.join(in_words(each.ordered) for each in plan.deliveries_of(name))}"
        for name in plan.suppliers
    ]
    return f"Calendar of {len(plan.deliveries)} deliveries by day of order: {'; '.join(told)}."


def _brought(delivery: Delivery, currency: str) -> str:
    """What stands under the pointer."""
    lines = [f"{each.name}: {each.quantity:,g}" for each in delivery.items[:MOST_NAMED]]
    if len(delivery.items) > MOST_NAMED:
        lines.append(f"and {len(delivery.items) - MOST_NAMED} more")
    fee = f", delivery {delivery.fee:,.2f}" if delivery.fee else ""
    head = f"{in_words(delivery.ordered)}: goods {delivery.spend:,.2f}{fee} {currency}".rstrip()
    why = wrap(delivery.why(currency), HOVER_WIDTH)
    return "<br>".join([head, *lines, *why])


def _broken(name: str) -> str:
    """A name over several short lines."""
    return "<br>".join(wrap(name, ROW_WIDTH)[:3])


def _shortly(amount: float) -> str:
    if amount < THOUSAND:
        return f"{amount:,.0f}"
    return f"{amount / THOUSAND:,.{0 if amount >= 10 * THOUSAND else 1}f}k"


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


def _point(name: str, place: tuple[float, float], colour: str, symbol: str) -> Trace:
    return point_trace(name, place, colour, symbol, f"{name}: %{{x:,.10~g}} units, %{{y:,.4~r}}")


def _layout(revision: str) -> dict[str, Any]:
    return plain_layout(height=380, hovermode="closest", uirevision=revision)
