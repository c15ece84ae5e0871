"""What forecasts, orders, rosters, budgets and causes say: for each sentence its alternatives, the fullest first."""

from engine.narrate.sentences import (
    SentenceTemplate,
    When,
    above_zero,
    counted_in,
    differs,
    falls,
    not_above_zero,
    reads_the_same,
    register,
    rises,
    several,
    stays_level,
)
from engine.proof import Status

LONGER_PERIODS = {"weeks": "week", "months": "month", "quarters": "quarter", "years": "year"}

OPEN_PERIODS = {"days": "open day"} | LONGER_PERIODS

UNITS = ("days", *LONGER_PERIODS)

EXPECTED = (
    SentenceTemplate(
        "{metric}, {item}: we expect {total_ahead} for {first_period}.",
        (reads_the_same("first_period", "last_period"),),
    ),
    SentenceTemplate(
        "{metric}, {item}: we expect {total_ahead} over the next {horizon}, from {first_period} to {last_period}; the "
        "{band_level} band around that total runs from {total_lower:bare} to {total_upper}.",
        (differs("total_lower", "total_upper"),),
    ),
    SentenceTemplate(
        "{metric}, {item}: we expect {total_ahead} over the next {horizon}, from {first_period} to {last_period}."
    ),
    SentenceTemplate(
        "{metric}: we expect {total_ahead} over the next {horizon}, from {first_period} to {last_period}."
    ),
    SentenceTemplate("{metric}, {item}: we expect {total_ahead} over the next {horizon}."),
    SentenceTemplate("We expect {total_ahead} over the next {horizon}."),
    SentenceTemplate("We expect {total_ahead} in total over the time ahead."),
)

BEFORE = "than in the {horizon} just before."

AGAINST_RECENT = (
    *(
        SentenceTemplate(
            f"Per {noun}, that is {words}",
            (direction("change_on_recent"), counted_in("horizon", unit), several("horizon")),
        )
        for unit, noun in OPEN_PERIODS.items()
        for direction, words in (
            (rises, f"{{change_on_recent:size}} more {BEFORE}"),
            (falls, f"{{change_on_recent:size}} less {BEFORE}"),
            (stays_level, "about the same as in the {horizon} just before."),
        )
    ),
    SentenceTemplate(
        "That is {change_on_recent:size} more than in the same stretch before.", (rises("change_on_recent"),)
    ),
    SentenceTemplate(
        "That is {change_on_recent:size} less than in the same stretch before.", (falls("change_on_recent"),)
    ),
    SentenceTemplate("That is about the same as in the same stretch before.", (stays_level("change_on_recent"),)),
)

AGAINST_LAST_YEAR = (
    SentenceTemplate("Against the same time last year, it is up {change_on_year:size}.", (rises("change_on_year"),)),
    SentenceTemplate("Against the same time last year, it is down {change_on_year:size}.", (falls("change_on_year"),)),
    SentenceTemplate("Against the same time last year, it stays level.", (stays_level("change_on_year"),)),
)

BUSIEST = (
    SentenceTemplate(
        "An open day should bring {per_period_ahead} on average, and the busiest, {peak_period}, {peak_value}.",
        (counted_in("horizon", "days"), several("horizon")),
    ),
    *(
        SentenceTemplate(
            f"A {noun} should bring {{per_period_ahead}} on average, and the busiest, which starts on {{peak_period}}, "
            "{peak_value}.",
            (counted_in("horizon", unit), several("horizon")),
        )
        for unit, noun in LONGER_PERIODS.items()
    ),
    SentenceTemplate("The busiest time should be {peak_period}, with {peak_value}.", (several("horizon"),)),
    SentenceTemplate(
        "An open day should bring {per_period_ahead} on average.", (counted_in("horizon", "days"), several("horizon"))
    ),
    SentenceTemplate(
        "The busiest time should be {peak_period}, with {peak_value}.", (differs("first_period", "last_period"),)
    ),
)

BAND = "we expect {next_value}; the {band_level} band around it runs from {next_lower:bare} to {next_upper}."

NEXT = (
    SentenceTemplate(
        f"For {{next_period}} {BAND}", (counted_in("horizon", "days"), differs("next_lower", "next_upper"))
    ),
    *(
        SentenceTemplate(
            f"For the {noun} that starts on {{next_period}} {BAND}",
            (counted_in("horizon", unit), differs("next_lower", "next_upper")),
        )
        for unit, noun in LONGER_PERIODS.items()
    ),
    SentenceTemplate(f"For {{next_period}} {BAND}", (differs("next_lower", "next_upper"),)),
    SentenceTemplate("For {next_period} we expect {next_value}."),
)

MEASURED = (
    *(
        SentenceTemplate(
            f"How far to trust this: of {{checked_points:bare}} past {unit} that we held back, the {{band_level}} band "
            "held {coverage}.",
            (counted_in("horizon", unit),),
        )
        for unit in UNITS
    ),
    SentenceTemplate(
        "How far to trust this: on past sales that we held back, the {band_level} band held {coverage} of the time."
    ),
)

AGAINST_SIMPLE_RULE = (
    *(
        SentenceTemplate(
            f"On past {unit} the forecast was typically off by {{typical_error}}, and simply {{simple_rule}} by "
            "{naive_error}: our error is {gain_on_naive} smaller.",
            (counted_in("horizon", unit), above_zero("gain_on_naive")),
        )
        for unit in UNITS
    ),
    SentenceTemplate(
        "Frankly, this forecast does not beat simply {simple_rule}, which is off by {naive_error}: plan with care.",
        (not_above_zero("gain_on_naive"),),
    ),
    SentenceTemplate(
        "Frankly, this forecast does not beat simply repeating the last season: plan with care.",
        (not_above_zero("gain_on_naive"),),
    ),
    SentenceTemplate("In the past the forecast was typically off by {typical_error}."),
)

FORECAST = register(
    "forecast",
    (
        EXPECTED,
        AGAINST_RECENT,
        AGAINST_LAST_YEAR,
        BUSIEST,
        NEXT,
        MEASURED,
        AGAINST_SIMPLE_RULE,
    ),
)

PROVED = When(("status",), lambda status: status.value == Status.OPTIMAL.value)

WHAT = (
    SentenceTemplate("You have {items_to_order} to order today, from {suppliers}.", (above_zero("items_to_order"),)),
    SentenceTemplate("You have {items_to_order} to order today.", (above_zero("items_to_order"),)),
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
