"""What a split of the marketing money says: for each sentence its alternatives, the fullest first."""

from engine.narrate.templates import Template, When, above_zero, falls, reads_the_same, rises, stays_level
from engine.proof import Status

PROVED = When(("status",), lambda status: status.value == Status.OPTIMAL.value)

TOO_LITTLE_TO_SHOW = 0.005
"""Percent; a smaller gap would be shown as none."""

SURE_ENOUGH = 95.0
"""Percent; with less, the history does not carry the whole change (`engine.budget.caution`)."""

CLOSED = When(("gap",), lambda gap: gap.value < TOO_LITTLE_TO_SHOW)

OUTCOME = (
    Template("The suggested split should bring {outcome} every {period}, up {gain:size} on today's.", (rises("gain"),)),
    Template("The suggested split should bring as much as today's, {outcome} every {period}.", (stays_level("gain"),)),
    Template("The suggested split should bring {outcome} every {period}."),
)
SPEND = (
    Template("It spends the whole budget of {total}.", (reads_the_same("spent", "total"),)),
    Template("It spends {spent} of the budget of {total}."),
    Template("It spends {spent} every {period}."),
)
CHANCE = (
    Template(
        "By what your past shows, the chance that it beats today's split is only {chance}: try a small step first.",
        (When(("chance",), lambda chance: chance.value < SURE_ENOUGH),),
    ),
    Template("By what your past shows, the chance that it beats today's split is {chance}."),
)
RAISE = (
    Template("{raise_channel} should get most of the extra money: {raise_amount:size} more.", (rises("raise_amount"),)),
)
CUT = (Template("{cut_channel} should give up most: {cut_amount:size} less.", (falls("cut_amount"),)),)
NEXT_MONEY = (Template("On top of that, the next bit of money would bring {next_money}.", (above_zero("next_money"),)),)
PROOF = (
    Template("On these curves no other split brings more.", (PROVED, CLOSED)),
    Template("On these curves no other split is better by more than {gap}.", (PROVED,)),
    Template("A better split may exist, by {gap} at most."),
)

BUDGET: tuple[tuple[Template, ...], ...] = (OUTCOME, SPEND, CHANCE, RAISE, CUT, NEXT_MONEY, PROOF)
