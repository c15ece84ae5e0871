"""A roster that was there before as the start of a new search."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine.scheduling.entities import Assignment
from engine.scheduling.incumbent import Board
from engine.scheduling.pricing_context import Workshop
from engine.scheduling.problem import Problem


def only_more_locks(old: Problem, new: Problem) -> bool:
    """True when a roster of the new problem is one of the old problem too."""
    return {*old.locks} <= {*new.locks} and replace(old, locks=()) == replace(new, locks=())


def given(shop: Workshop, problem: Problem, start: Sequence[Assignment]) -> Board | None:
    """A given roster, with the locked cells of the problem put in; None when somebody's part is not allowed."""
    number = {duty: k for k, duty in enumerate(shop.model.duties)}
    columns = []
    for person, employee in enumerate(problem.employees):
        duties = np.full(problem.days, shop.model.off, np.int16)
        for each in start:
            day = (each.day - problem.first_day).days
            if each.employee == employee.name and 0 <= day < problem.days and (each.shift, each.role) in number:
                duties[day] = number[(each.shift, each.role)]
        column = shop.told(person, duties) or shop.nearest(person, duties)
        if column is None:
            return None
        columns.append(column)
    return Board(shop, columns)
