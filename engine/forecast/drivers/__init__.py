"""What moves sales and is known beforehand: holidays, events, promotions, prices, pay days.

`Drivers(...)` says what is known, `.table(...)` turns it into numbers per period, `estimate(...)` learns what each
driver does and keeps what helps, and `without_effects(...)`, `with_effects(...)` put it around any model.
"""

from engine.forecast.drivers.choices import Drivers, SpecialEvent, Tracked, promotion
from engine.forecast.drivers.effects import (
    DriverEffect,
    DriverEffects,
    ExcludedDriver,
    Moves,
    with_effects,
    without_effects,
)
from engine.forecast.drivers.estimate import estimate
from engine.forecast.drivers.habits import HolidayHabit, holiday_habits
from engine.forecast.drivers.holiday import Holidays, countries, holiday_days
from engine.forecast.drivers.table import Driver, DriverKind, DriverTable

__all__ = [
    "Driver",
    "DriverEffect",
    "DriverEffects",
    "DriverKind",
    "DriverTable",
    "Drivers",
    "ExcludedDriver",
    "HolidayHabit",
    "Holidays",
    "Moves",
    "SpecialEvent",
    "Tracked",
    "countries",
    "estimate",
    "holiday_days",
    "holiday_habits",
    "promotion",
    "with_effects",
    "without_effects",
]
