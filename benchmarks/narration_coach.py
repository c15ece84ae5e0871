"""Facts as the Coach's own calculations hand them to the narrator."""

import random
from collections.abc import Callable
from datetime import date, timedelta

from engine.facts import FactValue
from engine.narrate.narrator import Page

Named = dict[str, tuple[FactValue, str]]

ITEMS = ("all items", "Baguette 250 g", "1001", "Roll No. 7", "Oat milk 1 l", "Size 42")
MEASURES = (("Units sold", "units"), ("Revenue", "EUR"), ("Visits", "visits"), ("Gross profit", "USD"))


def records(rng: random.Random) -> Named:
    """What a stretch of the file says."""
    first, span = _day(rng), rng.choice([0, rng.randrange(1, 400)])
    measure, unit = rng.choice(MEASURES)
    total, items = 10 ** rng.uniform(1, 6), rng.sample(ITEMS[1:], 4)
    return {
        "measure": (measure, ""),
        "item": (rng.choice(ITEMS), ""),
        "first_day": (first, ""),
        "last_day": (first + timedelta(days=span), ""),
        "days": (span + 1, rng.choice(["days", "weeks", "months"])),
        "total": (total, unit),
        "per_day": (total / (span + 1), unit),
        "best_day": (first, ""),
        "best_value": (total / 3, unit),
        "worst_day": (first + timedelta(days=span), ""),
        "worst_value": (total / 90, unit),
        "change_before": (rng.choice([0.1, rng.gauss(0, 20)]), "%"),
        "items": (rng.randrange(2, 60), "items"),
        **{f"{name}_item": (item, "") for name, item in zip(("top", "second", "third", "last"), items, strict=True)},
        **{f"{name}_value": (total / k, unit) for k, name in enumerate(("top", "second", "third", "last"), 2)},
        "top_share": (rng.uniform(10, 90), "%"),
    }


def stock(rng: random.Random) -> Named:
    """What lies on the shelf."""
    worth = 10 ** rng.uniform(1, 5)
    return {
        "item": (rng.choice(ITEMS), ""),
        "items": (rng.choice([1, rng.randrange(2, 90)]), "items"),
        "on_hand": (rng.randrange(0, 5000), "units"),
        "stock_value": (worth, "EUR"),
        "top_item": (rng.choice(ITEMS[1:]), ""),
        "top_value": (worth / 2, "EUR"),
    }


def staff(rng: random.Random) -> Named:
    """Who works here."""
    return {"people": (rng.randrange(1, 60), "people"), "hours": (rng.randrange(20, 2000), "hours")}


def pair(rng: random.Random) -> Named:
    """Two stretches, or two items."""
    first, total = _day(rng), 10 ** rng.uniform(1, 6)
    measure, unit = rng.choice(MEASURES)
    both: Named = {
        "measure": (measure, ""),
        "earlier_total": (total, unit),
        "later_total": (total * rng.uniform(0.5, 2), unit),
        "days": (rng.randrange(2, 90), rng.choice(["days", "weeks"])),
    }
    if rng.random() < 0.5:
        one, other = rng.sample(ITEMS[1:], 2)
        return both | {
            "later_item": (one, ""),
            "earlier_item": (other, ""),
            "first_day": (first, ""),
            "last_day": (first + timedelta(days=30), ""),
            "item_change": (rng.choice([0.2, rng.gauss(0, 40)]), "%"),
        }
    return both | {
        "item": (rng.choice(ITEMS), ""),
        "later_first": (first, ""),
        "later_last": (first + timedelta(days=27), ""),
        "earlier_first": (first - timedelta(days=28), ""),
        "earlier_last": (first - timedelta(days=1), ""),
        "change": (rng.choice([0.2, rng.gauss(0, 40)]), "%"),
    }


def window(rng: random.Random) -> Named:
    """A stretch of a forecast."""
    first, days = _day(rng), rng.choice([1, rng.randrange(2, 30)])
    measure, unit = rng.choice(MEASURES)
    total = 10 ** rng.uniform(1, 5)
    return {
        "metric": (measure, ""),
        "item": (rng.choice(ITEMS), ""),
        "days": (days, "days"),
        "first_period": (first, ""),
        "last_period": (first + timedelta(days=days - 1), ""),
        "total_ahead": (total, unit),
        "band_level": (80, "%"),
        "total_lower": (total * 0.8, unit),
        "total_upper": (total * 1.3, unit),
        "typical_error": (rng.uniform(3, 60), "%"),
    }


def line(rng: random.Random) -> Named:
    """One item's order."""
    return {
        "item": (rng.choice(ITEMS[1:]), ""),
        "quantity": (rng.choice([0, rng.randrange(1, 900)]), "units"),
        "spend": (rng.choice([0.0, 10 ** rng.uniform(1, 4)]), "EUR"),
        "on_hand": (rng.randrange(0, 900), "units"),
        "stockout_risk": (rng.uniform(0.1, 40), "%"),
    }


def supposed_orders(rng: random.Random) -> Named:
    """Another limit for orders."""
    spend = 10 ** rng.uniform(1, 5)
    limit: Named = {"budget": (spend / 2, "EUR")} if rng.random() < 0.5 else {"service": (rng.randrange(80, 99), "%")}
    return limit | {
        "spend": (spend / 2, "EUR"),
        "spend_before": (spend, "EUR"),
        "fill_rate": (rng.uniform(50, 90), "%"),
        "fill_rate_before": (rng.uniform(90, 99), "%"),
        "cost_change": (rng.choice([0.0, spend / 5]), "EUR"),
    }


def supposed_sales(rng: random.Random) -> Named:
    """Another price."""
    planned, change = 10 ** rng.uniform(1, 5), rng.choice([0.1, rng.gauss(0, 20)])
    return {
        "change_in_words": (f"the price is {rng.randrange(1, 50)}% {rng.choice(['higher', 'lower'])}", ""),
        "whatif_planned": (planned, "units"),
        "whatif_changed": (planned * (1 + change / 100), "units"),
        "whatif_percent": (change, "%"),
        "whatif_lower": (-planned / 5, "units"),
        "whatif_upper": (-planned / 9, "units"),
    }


def _day(rng: random.Random) -> date:
    return date(2026, 1, 1) + timedelta(days=rng.randrange(700))


COACH: dict[Page, Callable[[random.Random], Named]] = {
    "data total": records,
    "data mean": records,
    "data best": records,
    "data worst": records,
    "data top": records,
    "data bottom": records,
    "spent": records,
    "stock": stock,
    "staff": staff,
    "pair": pair,
    "window": window,
    "line": line,
    "supposed orders": supposed_orders,
    "supposed sales": supposed_sales,
}
