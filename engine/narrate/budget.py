"""What a split of the marketing money says: for each sentence its alternatives, the fullest first."""

from engine.narrate.templates import (
    SentenceTemplate,
    When,
    above_zero,
    falls,
    reads_the_same,
    register,
    rises,
    stays_level,
)
from engine.proof import Status

PROVED = When(("status",), lambda status: status.value == Status.OPTIMAL.value)

TOO_LITTLE_TO_SHOW = 0.005
"""Percent; a smaller gap would be shown as none."""

SURE_ENOUGH = 95.0
"""Percent; with less, the history does not carry the whole change (`engine.budget.allocate`)."""

CLOSED = When(("gap",), lambda gap: gap.value < TOO_LITTLE_TO_SHOW)

OUTCOME = (
    SentenceTemplate(
        "The suggested split should bring {outcome} every {period}, up {gain:size} on today's.", (rises("gain"),)
    ),
    SentenceTemplate(
        "The suggested split should bring as much as today's, {outcome} every {period}.", (stays_level("gain"),)
    ),
    SentenceTemplate("The suggested split should bring {outcome} every {period}."),
)
SPEND = (
    SentenceTemplate("It spends the whole budget of {total}.", (reads_the_same("spent", "total"),)),
    SentenceTemplate("It spends {spent} of the budget of {total}."),
    SentenceTemplate("It spends {spent} every {period}."),
)
CHANCE = (
    SentenceTemplate(
        "By what your past shows, the chance that it beats today's split is only {chance}: try a small step first.",
        (When(("chance",), lambda chance: chance.value < SURE_ENOUGH),),
    ),
    SentenceTemplate("By what your past shows, the chance that it beats today's split is {chance}."),
)
RAISE = (
    SentenceTemplate(
        "{raise_channel} should get most of the extra money: {raise_amount:size} more.", (rises("raise_amount"),)
    ),
)
CUT = (SentenceTemplate("{cut_channel} should give up most: {cut_amount:size} less.", (falls("cut_amount"),)),)
NEXT_MONEY = (
    SentenceTemplate("On top of that, the next bit of money would bring {next_money}.", (above_zero("next_money"),)),
)
PROOF = (
    SentenceTemplate("On these curves no other split brings more.", (PROVED, CLOSED)),
    SentenceTemplate("On these curves no other split is better by more than {gap}.", (PROVED,)),
    SentenceTemplate("A better split may exist, by {gap} at most."),
)

register("budget", (OUTCOME, SPEND, CHANCE, RAISE, CUT, NEXT_MONEY, PROOF))
