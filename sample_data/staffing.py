"""How many people are needed, slot by slot."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

import numpy as np

from sample_data.business import END, WEEKDAYS, RushHours
from sample_data.process import Simulation
from sample_data.season import Floats

RECENT = timedelta(weeks=8)
"""The rush follows the mean demand of so many weeks before the end of the history."""


@dataclass(frozen=True)
class Slot:
    """People needed in one role, from `start` to `end` ("07:00"), on one weekday ("Mon")."""

    weekday: str
    start: str
    end: str
    role: str
    people: int


def coverage(simulation: Simulation) -> list[Slot]:
    """The rows of the coverage sheet, by weekday, time and role; slots in which nobody is needed have none."""
    staffing = simulation.business.staffing
    needed: dict[tuple[int, int, str], int] = {}
    for need in staffing.needs:
        for weekday in need.weekdays:
            for minute in range(need.start * 60, need.end * 60, staffing.slot_minutes):
                cell = (weekday, minute, need.role)
                needed[cell] = needed.get(cell, 0) + need.people
    if staffing.rush is not None:
        needed.update(_rush(simulation, staffing.rush))
    return [
        Slot(WEEKDAYS[weekday], _clock(minute), _clock(minute + staffing.slot_minutes), role, people)
        for (weekday, minute, role), people in sorted(needed.items())
    ]


def usual_units(simulation: Simulation) -> Floats:
    """Mean units per weekday from Monday, over the last weeks of the history."""
    grid = simulation.expected.grid
    recent = grid.between(END - RECENT + timedelta(days=1), END)
    weekday = np.array([day.weekday() for day in grid.days])
    total = simulation.expected.units.sum(axis=1)
    return np.array([total[recent & (weekday == k)].mean() for k in range(7)])


def _rush(simulation: Simulation, rush: RushHours) -> dict[tuple[int, int, str], int]:
    needed = {}
    for weekday, units in enumerate(usual_units(simulation)):
        for hour, share in enumerate(rush.hours):
            for role, served in rush.units_per_person.items():
                people = max(rush.least[role], ceil(units * share / served))
                for half in (0, 30):
                    needed[weekday, (rush.opens + hour) * 60 + half, role] = people
    return needed


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
