"""Which model should answer: how hard the question is, and what the owner allows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Where = Literal["local", "cloud", "template"]

LOCAL_BELOW = 0.3
PER_TURN, MOST_FROM_TURNS = 0.02, 0.1


@dataclass(frozen=True)
class QueryContext:
    """What surrounds a question.

    Attributes:
        turns: questions asked before in the same talk; a long one needs more memory than a small model has.
        tables: tables that the owner's file has.
    """

    turns: int = 0
    tables: int = 1


@dataclass(frozen=True)
class Route:
    """Who answers, and why, in words that the page shows."""

    model: Where
    reason: str


@dataclass(frozen=True)
class Policy:
    """What the owner allows, and what works at the moment.

    Attributes:
        cloud_allowed: the owner turned cloud models on and saw what would leave the machine; off by default.
        private: this question holds something that must not leave, even then.
        budget_left: today's money is not used up.
        local_works: a local model is there and its breaker is closed.
        cloud_works: a cloud model is there and its breaker is closed.
    """

    cloud_allowed: bool = False
    private: bool = False
    budget_left: bool = True
    local_works: bool = True
    cloud_works: bool = True


def in_context(complexity: float, context: QueryContext) -> float:
    """The complexity of the question alone, raised by what surrounds it, 0..1."""
    around = min(MOST_FROM_TURNS, PER_TURN * context.turns) + PER_TURN * (context.tables > 3)
    return min(1.0, complexity + around)


@dataclass(frozen=True)
class _Rule:
    applies: Callable[[float, Policy], bool]
    route: Route


RULES = (
    _Rule(
        lambda _, policy: not policy.local_works and not (policy.cloud_allowed and policy.cloud_works),
        Route("template", "no language model is in use"),
    ),
    _Rule(lambda _, policy: not policy.cloud_allowed and policy.local_works, Route("local", "your data stays here")),
    _Rule(
        lambda _, policy: policy.private and policy.local_works,
        Route("local", "this question holds personal data, which stays here"),
    ),
    _Rule(
        lambda _, policy: policy.private,
        Route("template", "this question holds personal data, and no model runs on this machine"),
    ),
    _Rule(
        lambda _, policy: not policy.budget_left and policy.local_works,
        Route("local", "today's budget for cloud models is used up"),
    ),
    _Rule(
        lambda _, policy: not policy.budget_left,
        Route("template", "today's budget for cloud models is used up, and no model runs on this machine"),
    ),
    _Rule(lambda _, policy: not policy.cloud_works, Route("local", "the cloud model does not answer at the moment")),
    _Rule(lambda _, policy: not policy.local_works, Route("cloud", "no model runs on this machine")),
    _Rule(lambda complexity, _: complexity < LOCAL_BELOW, Route("local", "a simple question")),
)
"""What is not decided by any of these goes to the cloud."""


def route(complexity: float, policy: Policy) -> Route:
    """Who answers a question of this complexity (0..1): local below `LOCAL_BELOW`, unless the policy says otherwise."""
    for rule in RULES:
        if rule.applies(complexity, policy):
            return rule.route
    return Route("cloud", "a question of several steps")
