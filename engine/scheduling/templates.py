"""Rules that laws suggest, as data with their source. They are a start for an owner's own list, and no legal advice."""

from dataclasses import dataclass

from engine.scheduling.rules import Breaks, Minors, Overtime, Rest, SchedulingRule, ShiftCount, WorkingTime


@dataclass(frozen=True)
class RuleTemplate:
    """A list of rules with where it comes from.

    Attributes:
        key: short name.
        name: for the owner.
        sources: the articles that the rules follow.
        rules: the rules.
        notes: what the rules leave out.
    """

    key: str
    name: str
    sources: tuple[str, ...]
    rules: tuple[SchedulingRule, ...]
    notes: str


EUROPEAN_UNION = RuleTemplate(
    "eu",
    "European Union: working time and young workers",
    (
        "Directive 2003/88/EC, article 3: 11 hours of rest in each 24 hours",
        "Directive 2003/88/EC, article 4: a break in a working day of more than six hours; its length is national law",
        "Directive 2003/88/EC, article 5: 24 hours of rest in each seven days",
        "Directive 2003/88/EC, article 6: at most 48 hours a week on average",
        "Directive 94/33/EC, articles 8 and 9: adolescents work at most 8 hours a day, and not from 22:00 to 6:00",
    ),
    (
        Rest(minutes=11 * 60),
        Breaks(worked=6 * 60, pause=30),
        ShiftCount(period="week", most=6),
        WorkingTime(period="week", most=48 * 60),
        Minors(earliest=6 * 60, latest=22 * 60, most_minutes=8 * 60),
    ),
    "The 48 hours hold here for every week, where the directive allows an average over four months. Break lengths, "
    "night work and younger children follow national law.",
)

UNITED_STATES = RuleTemplate(
    "us",
    "United States: federal overtime and young workers",
    (
        "Fair Labor Standards Act, 29 U.S.C. 207: at least one and a half times the rate beyond 40 hours a week",
        "29 CFR 570.35: people of 14 and 15 work from 7:00 to 19:00, at most 8 hours on days without school",
    ),
    (Overtime(after=40 * 60), Minors(earliest=7 * 60, latest=19 * 60, most_minutes=8 * 60)),
    "Federal law sets no longest week, no rest between shifts and no breaks for adults; states and cities often do.",
)

TEMPLATES = (EUROPEAN_UNION, UNITED_STATES)
"""All lists, the widest first."""
