"""What a roster says: for each sentence its alternatives, the fullest first."""

from engine.narrate.templates import (
    SentenceTemplate,
    When,
    above_zero,
    differs,
    not_above_zero,
    reads_the_same,
    register,
)

POSSIBLE = When(("roster_possible",), lambda possible: possible.value == "no")

ON_THE_DAY = (
    SentenceTemplate("At work on {asked_day}: {asked_people}."),
    SentenceTemplate("Nobody is at work on {free_day}."),
)
COST = (
    SentenceTemplate("No roster can keep all of these rules: one of them has to give.", (POSSIBLE,)),
    SentenceTemplate("The roster plans {hours_planned} of work, and the wages in it come to {roster_wages}."),
    SentenceTemplate("The roster costs {roster_cost}."),
)
COVER = (
    SentenceTemplate(
        "Cover is short: {hours_missing} of work that are needed are not planned.", (above_zero("hours_missing"),)
    ),
    SentenceTemplate("Every stretch has the people that it needs.", (not_above_zero("hours_missing"),)),
)
RULES = (
    SentenceTemplate("Rules that are broken: {rules_broken}.", (above_zero("rules_broken"),)),
    SentenceTemplate("All rules are kept.", (not_above_zero("rules_broken"),)),
)
REQUESTS = (
    SentenceTemplate("Requests that had to be refused: {wishes_refused}.", (above_zero("wishes_refused"),)),
    SentenceTemplate("All requests are met.", (not_above_zero("wishes_refused"),)),
)
PROOF = (
    SentenceTemplate("A cheaper roster could cost {roster_gap} less at most.", (above_zero("roster_gap"),)),
    SentenceTemplate(
        "With fairness and preferences counted as money too, it costs {roster_cost}; no roster that keeps the rules "
        "can cost less.",
        (differs("roster_wages", "roster_cost"), reads_the_same("roster_cost", "roster_bound")),
    ),
    SentenceTemplate("No roster that keeps the rules can cost less than {roster_bound}."),
)

register("roster", (ON_THE_DAY, COST, COVER, RULES, REQUESTS, PROOF))
