"""What orders, rosters, marketing budgets and causes say: for each sentence its alternatives, the fullest first."""

from engine.narrate.sentences import (
    SentenceTemplate,
    When,
    above_zero,
    differs,
    falls,
    not_above_zero,
    reads_the_same,
    register,
    rises,
    stays_level,
)
from engine.proof import Status

PROVED = When(("status",), lambda status: status.value == Status.OPTIMAL.value)

WHAT = (
    SentenceTemplate("There are {items_to_order} to order today, from {suppliers}.", (above_zero("items_to_order"),)),
    SentenceTemplate("There are {items_to_order} to order today.", (above_zero("items_to_order"),)),
    SentenceTemplate("Nothing has to be ordered today.", (not_above_zero("items_to_order"),)),
)
ORDER_SPEND = (SentenceTemplate("Buying them costs {spend}.", (above_zero("spend"),)),)
SERVICE = (
    SentenceTemplate("With it, {fill_rate} of what people will ask for should be there until the next delivery."),
)
RISK = (
    SentenceTemplate(
        "Empty shelves are expected to cost {money_at_risk} until then, most of it for {riskiest_item}.",
        (above_zero("money_at_risk"),),
    ),
    SentenceTemplate("Empty shelves are expected to cost {money_at_risk} until then.", (above_zero("money_at_risk"),)),
)
ORDER_PROOF = (
    SentenceTemplate(
        "Storage, empty shelves, waste and fees are expected to cost {cost}; no other list can bring that below "
        "{bound}.",
        (PROVED,),
    ),
    SentenceTemplate(
        "Storage, empty shelves, waste and fees are expected to cost {cost}; a better list could save {gap} at most."
    ),
)

register("orders", (WHAT, ORDER_SPEND, SERVICE, RISK, ORDER_PROOF))

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
ROSTER_PROOF = (
    SentenceTemplate("A cheaper roster could cost {roster_gap} less at most.", (above_zero("roster_gap"),)),
    SentenceTemplate(
        "With fairness and preferences counted as money too, it costs {roster_cost}; no roster that keeps the rules "
        "can cost less.",
        (differs("roster_wages", "roster_cost"), reads_the_same("roster_cost", "roster_bound")),
    ),
    SentenceTemplate("No roster that keeps the rules can cost less than {roster_bound}."),
)

register("roster", (ON_THE_DAY, COST, COVER, RULES, REQUESTS, ROSTER_PROOF))

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
SPLIT_SPEND = (
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
SPLIT_PROOF = (
    SentenceTemplate("On these curves no other split brings more.", (PROVED, CLOSED)),
    SentenceTemplate("On these curves no other split is better by more than {gap}.", (PROVED,)),
    SentenceTemplate("A better split may exist, by {gap} at most."),
)

register("budget", (OUTCOME, SPLIT_SPEND, CHANCE, RAISE, CUT, NEXT_MONEY, SPLIT_PROOF))


def graded(name: str, *grades: str) -> When:
    """The cause has one of these grades."""
    return When((name,), lambda grade: grade.value in grades)


WITHIN = When(("change", "usual_from", "usual_to"), lambda change, low, high: low.value <= change.value <= high.value)
OUTSIDE = When(
    ("change", "usual_from", "usual_to"), lambda change, low, high: not low.value <= change.value <= high.value
)

CHANGE = (
    SentenceTemplate("{figure} rose by {change:size}, up {change_share:size}.", (rises("change_share"),)),
    SentenceTemplate("{figure} fell by {change:size}, down {change_share:size}.", (falls("change_share"),)),
    SentenceTemplate("{figure} stayed about level.", (stays_level("change_share"),)),
    SentenceTemplate("{figure} changed by {change}."),
)
TOTALS = (
    SentenceTemplate(
        "From {before_first} to {before_last} it was {before_total}; from {after_first} to {after_last} it was "
        "{after_total}."
    ),
    SentenceTemplate("It went from {before_total:bare} to {after_total}."),
)
CALENDAR = (SentenceTemplate("Season, weekdays and open days alone would make a difference of {by_calendar}."),)
USUAL = (
    SentenceTemplate(
        "Nothing unusual has happened: differences from {usual_from:bare} to {usual_to} are usual here.", (WITHIN,)
    ),
    SentenceTemplate("This is unusual: usual differences lie between {usual_from:bare} and {usual_to}.", (OUTSIDE,)),
)


def _cause(number: int) -> tuple[SentenceTemplate, ...]:
    name = f"cause_{number}"
    return (
        SentenceTemplate(
            f"{{{name}_name}}, grade {{{name}_grade}}, goes with {{{name}_effect}} {{{name}_per}}, likely "
            f"between {{{name}_from:bare}} and {{{name}_to}}.",
            (graded(f"{name}_grade", "A", "B", "C"),),
        ),
        SentenceTemplate(
            f"Whether {{{name}_name}} has anything to do with it cannot be said from this file: grade {{{name}_grade}}."
        ),
    )


UNEXPLAINED = (SentenceTemplate("What no driver of your file accounts for: {unexplained:bare} in each period."),)

register(
    "why",
    (
        CHANGE,
        USUAL,
        TOTALS,
        CALENDAR,
        _cause(1),
        _cause(2),
        _cause(3),
        UNEXPLAINED,
    ),
)
