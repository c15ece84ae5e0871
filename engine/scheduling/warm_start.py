"""A roster that was there before as the start of a new search."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine.scheduling.entities import Assignment
from engine.scheduling.incumbent import Incumbent
from engine.scheduling.pricing_context import PricingContext
from engine.scheduling.problem import RosterProblem


def only_more_locks(old: RosterProblem, new: RosterProblem) -> bool:
    """True when a roster of the new problem is one of the old problem too."""
    return {*old.locks} <= {*new.locks} and replace(old, locks=()) == replace(new, locks=())


def incumbent_from(context: PricingContext, problem: RosterProblem, start: Sequence[Assignment]) -> Incumbent | None:
    """A given roster, with the locked cells of the problem put in; None when somebody's part is not allowed."""
    number = {duty: k for k, duty in enumerate(context.model.duties)}
    columns = []
    for person, employee in enumerate(problem.employees):
        duties = np.full(problem.days, context.model.off, np.int16)
        for each in start:
            day = (each.day - problem.first_day).days
            if each.employee == employee.name and 0 <= day < problem.days and (each.shift, each.role) in number:
                duties[day] = number[(each.shift, each.role)]
        column = context.column_of(person, duties) or context.nearest(person, duties)
        if column is None:
            return None
        columns.append(column)
    return Incumbent(context, columns)
