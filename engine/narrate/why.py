"""What the answer to "why did it change?" says: for each sentence its alternatives, the fullest first."""

from engine.narrate.templates import Template, When, falls, rises, stays_level


def graded(name: str, *grades: str) -> When:
    """The cause has one of these grades."""
    return When((name,), lambda grade: grade.value in grades)


CHANGE = (
    Template("The total rose by {change:size}, or {change_share:size}.", (rises("change_share"),)),
    Template("The total fell by {change:size}, or {change_share:size}.", (falls("change_share"),)),
    Template("The total stays about level.", (stays_level("change_share"),)),
)
TOTALS = (Template("It went from {before_total:bare} to {after_total}."),)
CALENDAR = (Template("The calendar alone would bring a change of {by_calendar}."),)
USUAL = (Template("Changes between {usual_from:bare} and {usual_to} are usual for this business."),)


def _cause(number: int) -> tuple[Template, ...]:
    name = f"cause_{number}"
    return (
        Template(
            f"{{{name}_name}}, grade {{{name}_grade}}, goes with a difference of {{{name}_effect:bare}}, likely "
            f"between {{{name}_from:bare}} and {{{name}_to:bare}}.",
            (graded(f"{name}_grade", "A", "B", "C"),),
        ),
        Template(
            f"Whether {{{name}_name}} has anything to do with it cannot be said from this file: grade {{{name}_grade}}."
        ),
    )


UNEXPLAINED = (Template("What no driver of your file accounts for: {unexplained:bare} in each period."),)

WHY: tuple[tuple[Template, ...], ...] = (CHANGE, TOTALS, CALENDAR, USUAL, _cause(1), _cause(2), _cause(3), UNEXPLAINED)
