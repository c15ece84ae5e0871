"""Can these statements all hold, and if not, which few of them clash?"""

import time
from collections.abc import Sequence

from engine.scheduling.constraints import RosterModel, Statement
from engine.scheduling.mip import Compact
from engine.solvers.cp_sat import Statements


def statements_of(model: RosterModel) -> Statements[Statement]:
    """What the owner asked for, statement by statement."""
    compact = Compact(model, explaining=True)
    statements: Statements[Statement] = Statements(compact.rows.columns)
    for statement, low, high, terms in compact.rows.by_statement():
        statements.add_row(terms.columns, terms.factors, (low, high), statement)
    return statements


def fewest(
    statements: Statements[Statement], suspects: Sequence[Statement], ends: float
) -> tuple[tuple[Statement, ...], bool]:
    """Suspects of which none can be left out, and whether that was proved before the monotonic clock reads `ends`."""
    core, proved = list(suspects), True
    for statement in suspects:
        rest = [other for other in core if other != statement]
        if statement not in core:
            continue
        clash = statements.clash(rest, seconds=ends - time.monotonic())
        if clash is None:
            proved = False
        elif clash:
            core = [other for other in rest if other in clash]
    return tuple(core), proved
