"""Facts that made-up businesses would hand to the narrator: every page, every direction, every alternative sentence."""

import random
from collections.abc import Callable
from datetime import date, timedelta

from benchmarks.narration_coach import COACH
from engine.facts import Fact, Facts, FactValue
from engine.narrate.narrator import Page
from engine.narrate.sentences import PAGES

Named = dict[str, tuple[FactValue, str]]

ITEMS = ("all items", "Baguette 250 g", "1001", "Roll No. 7", "Oat milk 1 l", "Size 42")


def some_facts(rng: random.Random, page: Page | None = None) -> tuple[Page, Facts]:
    """One page of one business; any page when none is named."""
    chosen: Page = rng.choice(list(PAGES)) if page is None else page
    named = MAKERS[chosen](rng)
    kept = {name: value for name, value in named.items() if rng.random() > 0.05}
    return chosen, Facts(
        tuple(Fact(name, name.replace("_", " "), value, unit, "") for name, (value, unit) in kept.items())
    )


def _forecast(rng: random.Random) -> Named:
    first = date(2026, 1, 1) + timedelta(days=rng.randrange(700))
    unit, mean = rng.choice(["units", "EUR", "USD", "visits"]), 10 ** rng.uniform(0.5, 5)
    return {
        "metric": (rng.choice(["Units sold", "Revenue", "Visits"]), ""),
        "item": (rng.choice(ITEMS), ""),
        "horizon": (rng.randrange(7, 90), rng.choice(["days", "weeks", "months"])),
        "first_period": (first, ""),
        "last_period": (first + timedelta(days=rng.randrange(28, 90)), ""),
        "total_ahead": (mean * 28, unit),
        "per_period_ahead": (mean, unit),
        "change_on_recent": (rng.gauss(0, 12), "%"),
        "change_on_year": (rng.gauss(0, 12), "%"),
        "peak_period": (first + timedelta(days=rng.randrange(28)), ""),
        "peak_value": (mean * rng.uniform(1.2, 3), unit),
        "next_period": (first, ""),
        "next_value": (mean * rng.uniform(0.8, 1.2), unit),
        "next_lower": (mean * rng.uniform(0, 0.7), unit),
        "next_upper": (mean * rng.uniform(1.3, 2), unit),
        "band_level": (rng.choice([50, 80, 95]), "%"),
        "coverage": (rng.uniform(40, 100), "%"),
        "checked_points": (rng.randrange(20, 400), "days"),
        "typical_error": (rng.uniform(3, 60), "%"),
        "simple_rule": ("repeating the same weekday of the week before", ""),
        "naive_error": (rng.uniform(3, 60), "%"),
        "gain_on_naive": (rng.gauss(5, 10), "%"),
    }


def _orders(rng: random.Random) -> Named:
    spend = 10 ** rng.uniform(1, 5)
    return {
        "items_to_order": (rng.choice([0, rng.randrange(2, 300)]), "items"),
        "suppliers": (rng.randrange(2, 12), "suppliers"),
        "spend": (spend, "EUR"),
        "fill_rate": (rng.uniform(80, 99.9), "%"),
        "money_at_risk": (rng.choice([0.0, spend * 0.02]), "EUR"),
        "riskiest_item": (rng.choice(ITEMS[1:]), ""),
        "status": (rng.choice(["optimal", "feasible"]), ""),
        "cost": (spend * 1.1, "EUR"),
        "bound": (spend * 1.05, "EUR"),
        "gap": (rng.uniform(0, 8), "%"),
    }


def _roster(rng: random.Random) -> Named:
    wages = 10 ** rng.uniform(2.5, 5)
    return {
        "hours_planned": (wages / 15, "hours"),
        "roster_wages": (wages, "USD"),
        "roster_cost": (wages * 1.02, "USD"),
        "roster_bound": (wages * 0.99, "USD"),
        "roster_gap": (rng.choice([0.0, rng.uniform(0.1, 9)]), "%"),
        "rules_broken": (rng.choice([0, rng.randrange(1, 9)]), ""),
        "wishes_refused": (rng.choice([0, rng.randrange(1, 9)]), ""),
        "people_missing": (rng.choice([0, rng.randrange(2, 9)]), "people"),
    }


def _budget(rng: random.Random) -> Named:
    total = 10 ** rng.uniform(2, 5)
    return {
        "total": (total, "USD"),
        "spent": (total * rng.uniform(0.7, 1), "USD"),
        "outcome": (total * 3, "USD"),
        "gain": (rng.choice([0.1, rng.uniform(1, 40)]), "%"),
        "raise_channel": (rng.choice(["Radio", "Channel 4"]), ""),
        "raise_amount": (total * 0.2, "USD"),
        "cut_channel": (rng.choice(["Flyers", "Search 2"]), ""),
        "cut_amount": (-total * 0.2, "USD"),
        "next_money": (rng.uniform(0.5, 90), "USD"),
        "status": (rng.choice(["optimal", "feasible"]), ""),
        "gap": (rng.uniform(0.1, 5), "%"),
    }


def _why(rng: random.Random) -> Named:
    before = 10 ** rng.uniform(2, 6)
    change = before * rng.gauss(0, 0.2)
    return {
        "figure": (rng.choice(("Revenue", "Units sold", "Visits")), ""),
        "before_total": (before, "EUR"),
        "after_total": (before + change, "EUR"),
        "change": (change, "EUR"),
        "change_share": (100 * change / before, "%"),
        "by_calendar": (change / 3, "EUR"),
        "usual_from": (-before / 10, "EUR"),
        "usual_to": (before / 10, "EUR"),
        "cause_1_name": ("Price", ""),
        "cause_1_grade": (rng.choice("ABCD"), ""),
        "cause_1_per": ("a week per 1% on all prices", ""),
        "cause_1_effect": (-change / 7, "EUR"),
        "cause_1_from": (-change / 5, "EUR"),
        "cause_1_to": (-change / 9, "EUR"),
        "unexplained": (change / 11, "EUR"),
    }


MAKERS: dict[Page, Callable[[random.Random], Named]] = {
    "forecast": _forecast,
    "orders": _orders,
    "roster": _roster,
    "budget": _budget,
    "why": _why,
    **COACH,
}
