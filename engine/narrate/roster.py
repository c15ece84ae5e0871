"""What a roster says: for each sentence its alternatives, the fullest first."""

from engine.narrate.templates import Template, When, above_zero, differs, not_above_zero, reads_the_same

POSSIBLE = When(("roster_possible",), lambda possible: possible.value == "no")

ON_THE_DAY = (
    Template("At work on {asked_day}: {asked_people}."),
    Template("Nobody is at work on {free_day}."),
)
COST = (
    Template("No roster can keep all of these rules: one of them has to give.", (POSSIBLE,)),
    Template("The roster plans {hours_planned} of work, and the wages in it come to {roster_wages}."),
    Template("The roster costs {roster_cost}."),
)
COVER = (
    Template(
        "Cover is short: {hours_missing} of work that are needed are not planned.", (above_zero("hours_missing"),)
    ),
    Template("Every stretch has the people that it needs.", (not_above_zero("hours_missing"),)),
)
RULES_KEPT = (
    Template("Rules that are broken: {rules_broken}.", (above_zero("rules_broken"),)),
    Template("All rules are kept.", (not_above_zero("rules_broken"),)),
)
REQUESTS = (
    Template("Requests that had to be refused: {wishes_refused}.", (above_zero("wishes_refused"),)),
    Template("All requests are met.", (not_above_zero("wishes_refused"),)),
)
PROOF = (
    Template("A cheaper roster could cost {roster_gap} less at most.", (above_zero("roster_gap"),)),
    Template(
        "With fairness and preferences counted as money too, it costs {roster_cost}; no roster that keeps the rules "
        "can cost less.",
        (differs("roster_wages", "roster_cost"), reads_the_same("roster_cost", "roster_bound")),
    ),
    Template("No roster that keeps the rules can cost less than {roster_bound}."),
)

ROSTER: tuple[tuple[Template, ...], ...] = (ON_THE_DAY, COST, COVER, RULES_KEPT, REQUESTS, PROOF)
