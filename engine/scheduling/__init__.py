"""Who works when: the cheapest roster that keeps the rules, or the rules that clash."""

from engine.scheduling.check import Checked, check
from engine.scheduling.entities import Assignment, Employee, Hours, Lock, Need, ShiftType, Wish
from engine.scheduling.infeasibility import Offer, find_clash, offers
from engine.scheduling.problem import RosterProblem
from engine.scheduling.roster import Coverage, Roster, Share
from engine.scheduling.solve import solve
from engine.scheduling.swaps import Favour, day_off
from engine.scheduling.validate import check_problem

__all__ = [
    "Assignment",
    "Checked",
    "Coverage",
    "Employee",
    "Favour",
    "Hours",
    "Lock",
    "Need",
    "Offer",
    "Roster",
    "RosterProblem",
    "Share",
    "ShiftType",
    "Wish",
    "check",
    "check_problem",
    "day_off",
    "find_clash",
    "offers",
    "solve",
]
