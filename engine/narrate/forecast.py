"""What a forecast says: for each sentence its alternatives, the fullest first."""

from engine.narrate.sentences import (
    SentenceTemplate,
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
