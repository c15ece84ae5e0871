"""Who works when: the cheapest roster that keeps the rules, or the rules that clash."""

from engine.scheduling.entities import Assignment, Employee, Hours, Lock, Need, ShiftType, Wish
from engine.scheduling.problem import RosterProblem, check_problem
from engine.scheduling.reasons import Favour, WayOut, day_off, find_clash, offers
from engine.scheduling.roster import Checked, Coverage, Roster, Share, check
from engine.scheduling.solve import solve

__all__ = [
    "Assignment",
    "Checked",
    "Coverage",
    "Employee",
    "Favour",
    "Hours",
    "Lock",
    "Need",
    "Roster",
    "RosterProblem",
    "Share",
    "ShiftType",
    "WayOut",
    "Wish",
    "check",
    "check_problem",
    "day_off",
    "find_clash",
    "offers",
    "solve",
]
