"""What the owner tells about causes: kept as JSON, changed one answer at a time, never in contradiction."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

from engine import json_values
from engine.business.model import Business
from engine.causal import Answers, BudgetRule, CausalGraph, ChangeExplanation, Event
from engine.dataset import header_fingerprint
from engine.errors import DataProblem


class Ruling(StrEnum):
    """What the owner says of one arrow."""

    OPEN = "let the data decide"
    SURELY = "there surely is one"
    NEVER = "there cannot be one"


def subject(business: Business) -> str:
    """Under which the answers are kept: next month's file with the same columns finds them again."""
    return f"why {header_fingerprint([table.fingerprint for table in business.dataset.tables])}"


def as_json(answers: Answers) -> dict[str, Any]:
    """For the store; the same answers always give the same text, whatever the order in which they were given."""
    saved: dict[str, Any] = json_values.dump(answers, Answers)
    for name in ("never", "surely", "tested"):
        saved[name] = sorted(saved[name])
    return saved | {"budget": dict(sorted(saved["budget"].items()))}


def as_text(answers: Answers) -> str:
    """The same as text: the key under which an answer is remembered."""
    return json.dumps(as_json(answers))


def from_json(saved: object) -> Answers:
    """What the store gave back; nothing told when it gave nothing."""
    return json_values.load(saved or {}, Answers)


def untouched(business: Business) -> tuple[str, ...]:
    """Columns beside the budgets whose meaning is open: one of them may be something that advertising cannot move."""
    if business.media.spend.is_empty():
        return ()
    return tuple(business.media.report["column"].unique(maintain_order=True).to_list())


def with_rule(answers: Answers, spend: str, rule: BudgetRule) -> Answers:
    """How one budget is set."""
    others = {name: each for name, each in answers.budget.items() if name != spend}
    return replace(answers, budget=others if rule is BudgetRule.UNKNOWN else {**others, spend: rule})


def with_event(answers: Answers, event: Event) -> Answers:
    """One more event; one of the same name is replaced.

    Raises:
        DataProblem: it has no name.
    """
    if not event.name.strip():
        raise DataProblem("The event has no name", remedy="Say in a few words what happened.")
    return replace(answers, events=(*(each for each in answers.events if each.name != event.name), event))


def without_event(answers: Answers, name: str) -> Answers:
    """The event forgotten."""
    return replace(answers, events=tuple(each for each in answers.events if each.name != name))


def with_arrow(answers: Answers, graph: CausalGraph, arrow: tuple[str, str], ruling: Ruling) -> Answers:
    """An arrow that the owner draws in, rules out, or leaves to the data again.

    Raises:
        DataProblem: it would point backward in the order of the columns, or close a ring.
    """
    cleared = replace(answers, never=answers.never - {arrow}, surely=answers.surely - {arrow})
    if ruling is Ruling.OPEN:
        return cleared
    if ruling is Ruling.NEVER:
        return replace(cleared, never=cleared.never | {arrow})
    cause, effect = arrow
    place = {name: number for number, layer in enumerate(graph.layers) for name in layer}
    if cause == effect:
        raise DataProblem("An arrow needs two columns", remedy="Choose another one for its end.")
    if place[cause] > place[effect]:
        what = f'An arrow from "{cause}" to "{effect}" would point backward, for "{effect}" comes first'
        raise DataProblem(what, remedy="Change what comes before what, or turn the arrow round.")
    arrows = cleared.surely | {arrow}
    if _leads_back(effect, cause, arrows):
        what = f'With an arrow from "{cause}" to "{effect}" your arrows would form a ring'
        raise DataProblem(what, remedy="Take one of the others out first.")
    return replace(cleared, surely=arrows)


def with_tested(answers: Answers, spends: Iterable[str], tested: Iterable[str]) -> Answers:
    """Which of these budgets were switched on and off as a test; what was said of others stays."""
    return replace(answers, tested=(answers.tested - set(spends)) | set(tested))


def with_unaffected(answers: Answers, names: Iterable[str]) -> Answers:
    """Which columns advertising cannot move."""
    return replace(answers, unaffected=tuple(names))


def with_country(answers: Answers, country: str) -> Answers:
    """Whose public holidays count, as ISO code; "" to go by the currency."""
    return replace(answers, country=country)


def with_order(answers: Answers, places: Mapping[str, int]) -> Answers:
    """What comes before what: per column its place, the first is 1; columns with one place are told together.

    Raises:
        DataProblem: an arrow that the owner drew would point backward.
    """
    for cause, effect in sorted(answers.surely):
        if cause in places and effect in places and places[cause] > places[effect]:
            what = f'You drew an arrow from "{cause}" to "{effect}", so "{cause}" cannot come later'
            raise DataProblem(what, remedy="Take the arrow out first.")
    groups = [tuple(name for name in places if places[name] == place) for place in sorted(set(places.values()))]
    return replace(answers, order=tuple(groups))


def told_count(answers: Answers, answer: ChangeExplanation) -> tuple[int, int]:
    """How many of the questions about budgets are answered, and how many there are."""
    spends = answer.evidence.model.panel.treatments if answer.evidence else ()
    answered = [
        each for each in spends if answers.rule(each.name) is not BudgetRule.UNKNOWN or each.name in answers.tested
    ]
    return len(answered), len(spends)


def _leads_back(start: str, goal: str, arrows: frozenset[tuple[str, str]]) -> bool:
    """Whether arrows lead from one column to another."""
    seen, ahead = {start}, [start]
    while ahead:
        here = ahead.pop()
        following = {effect for cause, effect in arrows if cause == here} - seen
        seen |= following
        ahead += sorted(following)
    return goal in seen
