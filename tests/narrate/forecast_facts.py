"""The facts of a bakery's forecast, as a page would hand them to the narrator."""

from datetime import date

from engine.facts import Fact, Facts

BAKERY = {
    "metric": ("Units sold", ""),
    "item": ("all items", ""),
    "horizon": (28, "days"),
    "first_period": (date(2026, 5, 12), ""),
    "last_period": (date(2026, 6, 8), ""),
    "total_ahead": (4499.7, "units"),
    "total_lower": (4120.4, "units"),
    "total_upper": (4890.2, "units"),
    "per_period_ahead": (187.5, "units"),
    "change_on_recent": (8.2, "%"),
    "change_on_year": (3.4, "%"),
    "peak_period": (date(2026, 5, 16), ""),
    "peak_value": (244.1, "units"),
    "next_period": (date(2026, 5, 12), ""),
    "next_value": (171.6, "units"),
    "next_lower": (140.2, "units"),
    "next_upper": (203.9, "units"),
    "band_level": (80, "%"),
    "coverage": (81.25, "%"),
    "checked_points": (112, "days"),
    "windows": (4, ""),
    "typical_error": (11.6, "%"),
    "simple_rule": ("repeating the same weekday of the week before", ""),
    "naive_error": (14.3, "%"),
    "gain_on_naive": (18.9, "%"),
    "model": ("Median of 4 models", ""),
    "members": (4, ""),
}


def forecast_facts(**changes):
    """The bakery's facts with some of them changed; None leaves one out."""
    values = {name: value for name, value in (BAKERY | changes).items() if value is not None}
    return Facts(tuple(Fact(name, name.replace("_", " "), value, unit, "") for name, (value, unit) in values.items()))
