"""Statements that cannot all hold are named."""

import numpy as np

from engine.solvers.cp_sat import Statements


def test_two_who_each_need_the_one_key_clash_and_a_third_does_not_matter():
    statements: Statements[str] = Statements(2)
    everyone, one = np.array([0, 1]), np.array([1.0])
    statements.add_row(everyone, np.ones(2), (-np.inf, 1.0), None)
    statements.add_row(np.array([0]), one, (1.0, np.inf), "Ada has the key")
    statements.add_row(np.array([1]), one, (1.0, np.inf), "Ben has the key")
    statements.add_row(everyone, np.array([0.5, 0.25]), (0.25, np.inf), "somebody has it")
    assert set(statements.clash(statements.all, seconds=10)) == {"Ada has the key", "Ben has the key"}
    assert statements.clash(["Ada has the key", "somebody has it"], seconds=10) == ()
