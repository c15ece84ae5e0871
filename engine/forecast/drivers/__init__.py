"""What moves sales and is known beforehand: holidays, events, promotions, prices, pay days.

`Drivers(...)` says what is known, `.table(...)` turns it into numbers per period, `estimate(...)` learns what each
driver does and keeps what helps, and `without_effects(...)`, `with_effects(...)` put it around any model.
"""

from engine.forecast.drivers.choices import (
    Drivers,
    Holidays,
    SpecialEvent,
    Tracked,
    countries,
    holiday_days,
    promotion,
)
from engine.forecast.drivers.effects import (
    DriverEffect,
    DriverEffects,
    DriverKind,
    DriverTable,
    with_effects,
    without_effects,
)
from engine.forecast.drivers.estimate import estimate, with_closures

__all__ = [
    "DriverEffect",
    "DriverEffects",
    "DriverKind",
    "DriverTable",
    "Drivers",
    "Holidays",
    "SpecialEvent",
    "Tracked",
    "countries",
    "estimate",
    "holiday_days",
    "promotion",
    "with_closures",
    "with_effects",
    "without_effects",
]
