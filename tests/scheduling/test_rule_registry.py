"""What every rule of a roster promises, whichever it is: the registry is gone through, so a new rule is tested too."""

from inspect import isabstract

import pytest

from engine.scheduling.constraints import Statement
from engine.scheduling.formulate import formulate
from engine.scheduling.rules import (
    REGISTRY,
    FairShare,
    FreeRun,
    Overtime,
    Pattern,
    ShiftRun,
    Succession,
    WeekendRun,
    Work,
    WorkRun,
)
from engine.scheduling.rules.base import FormulationContext
from tests.scheduling.rota import cafe

EXAMPLES = {
    FreeRun: FreeRun(least=2),
    Pattern: Pattern(steps=(("Late",), "off", "work")),
    ShiftRun: ShiftRun(shifts=("Night",), most=3),
    Succession: Succession(first=("Late",), then=("Early",)),
    WeekendRun: WeekendRun(most=2),
    WorkRun: WorkRun(most=5),
}
"""Rules that say nothing as they come."""

RULES = [EXAMPLES.get(kind) or kind() for kind in REGISTRY if not isabstract(kind)]


def asked_of_one(rule):
    """The forms of a rule for the cafe's barista, and the statement that they must belong to."""
    problem = cafe(rule)
    statement = Statement("rule", 0, problem.employees[0].name)
    work = Work(problem, problem.employees[0], [])
    return [*rule.constraints(FormulationContext(formulate(problem).duties, work, statement))], statement


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
def test_a_rule_says_itself_in_a_sentence_and_makes_sense(rule):
    rule.check()
    assert rule.sentence[0].isupper() and rule.sentence.endswith(".")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
def test_all_that_a_rule_asks_belongs_to_the_statement_it_was_asked_for(rule):
    forms, statement = asked_of_one(rule)
    assert {form.statement for form in forms} <= {statement}


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if not isinstance(rule, Overtime | FairShare)], ids=lambda rule: rule.key
)
def test_a_rule_that_must_hold_has_no_price(rule):
    forms, _ = asked_of_one(rule)
    assert {price for form in forms for price in form.penalties} <= {None}
