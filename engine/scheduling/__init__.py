"""Who works when: the cheapest roster that keeps the rules, or the rules that clash."""

from engine.scheduling.check import Checked, check
from engine.scheduling.explain import Clash, Favour, Member, Relaxation, clash, day_off, relaxations
from engine.scheduling.problem import Assignment, Employee, Hours, Lock, Need, Problem, ShiftType, Wish
from engine.scheduling.roster import Coverage, Roster, Share
from engine.scheduling.solve import solve
from engine.scheduling.validate import check_problem

__all__ = [
    "Assignment",
    "Checked",
    "Clash",
    "Coverage",
    "Employee",
    "Favour",
    "Hours",
    "Lock",
    "Member",
    "Need",
    "Problem",
    "Relaxation",
    "Roster",
    "Share",
    "ShiftType",
    "Wish",
    "check",
    "check_problem",
    "clash",
    "day_off",
    "relaxations",
    "solve",
]
