"""What the answer to "why did it change?" says: for each sentence its alternatives, the fullest first."""

from engine.narrate.templates import SentenceTemplate, When, falls, register, rises, stays_level


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
