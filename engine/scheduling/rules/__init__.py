"""The rules of a roster, one class each: its sentence for people, and where a roster goes against it."""

from engine.scheduling.rules.base import REGISTRY, Breach, SchedulingRule
from engine.scheduling.rules.money import LabourBudget
from engine.scheduling.rules.people import (
    ALWAYS,
    Available,
    Breaks,
    DaysOff,
    Locks,
    Minors,
    OneShiftADay,
    Skills,
    Wishes,
)
from engine.scheduling.rules.runs import (
    FreeRun,
    Pattern,
    SameShiftAtWeekend,
    ShiftRun,
    Step,
    WeekendRun,
    WeekendsWorked,
    WholeWeekends,
    WorkRun,
)
from engine.scheduling.rules.time import (
    FairShare,
    Overtime,
    Period,
    Rest,
    ShiftCount,
    SteadyStart,
    Succession,
    WorkingTime,
)
from engine.scheduling.rules.work import Work

__all__ = [
    "ALWAYS",
    "REGISTRY",
    "Available",
    "Breach",
    "Breaks",
    "DaysOff",
    "FairShare",
    "FreeRun",
    "LabourBudget",
    "Locks",
    "Minors",
    "OneShiftADay",
    "Overtime",
    "Pattern",
    "Period",
    "Rest",
    "SameShiftAtWeekend",
    "SchedulingRule",
    "ShiftCount",
    "ShiftRun",
    "Skills",
    "SteadyStart",
    "Step",
    "Succession",
    "WeekendRun",
    "WeekendsWorked",
    "WholeWeekends",
    "Wishes",
    "Work",
    "WorkRun",
    "WorkingTime",
]
