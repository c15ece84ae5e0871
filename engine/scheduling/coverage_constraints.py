"""Needs and budgets as lines of the model."""

from collections.abc import Iterator

import numpy as np

from engine.scheduling.constraints import CoverageConstraint, Statement, WageLimit
from engine.scheduling.entities import Need
from engine.scheduling.needs import covers, pieces, present
from engine.scheduling.problem import RosterProblem

Key = tuple[tuple[int, ...], int, int | None, bool, bool, int]


def lines(problem: RosterProblem, duties: tuple[tuple[str, str], ...]) -> Iterator[CoverageConstraint]:
    """What is needed; pieces that are covered by the same cells and ask for the same are one line."""
    together: dict[Key, list[tuple[Need, Statement]]] = {}
    for index, need in enumerate(problem.needs):
        for piece in pieces(problem, need):
            there = present(problem, piece, problem.history)
            cells = tuple(_cells(problem, duties, piece))
            least = max(0, piece.least - there)
            most = None if piece.most is None else max(0, piece.most - there)
            free = most is None or piece.over == 0
            if least or not free:
                key = (cells, least, None if free else most, piece.under is None, piece.over is None, piece.seniority)
                together.setdefault(key, []).append((piece, Statement("need", index, "", need.day)))
    for (cells, least, most, must, must_not, seniority), needed in together.items():
        under = None if must else sum(piece.under or 0.0 for piece, _ in needed)
        over = None if must_not else sum(piece.over or 0.0 for piece, _ in needed)
        people = np.array([employee.seniority >= seniority for employee in problem.employees]) if seniority else None
        yield CoverageConstraint(
            cells, least, most, under, over, people, tuple(dict.fromkeys(statement for _, statement in needed))
        )


def budgets(problem: RosterProblem) -> tuple[WageLimit, ...]:
    """The limits on all wages together."""
    limits = (rule.budget(Statement("rule", index)) for index, rule in enumerate(problem.rules))
    return tuple(limit for limit in limits if limit is not None)


def _cells(problem: RosterProblem, duties: tuple[tuple[str, str], ...], piece: Need) -> Iterator[int]:
    day = (piece.day - problem.first_day).days
    for days_before in (1, 0):
        if 0 <= day - days_before < problem.days:
            for k, (shift, role) in enumerate(duties):
                if covers(piece, problem.shift_named[shift], role, days_before=days_before):
                    yield (day - days_before) * len(duties) + k
