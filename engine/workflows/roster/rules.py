"""The list of rules that an owner sees: on or off, a limit, and a must or a price; and lists that laws suggest."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from engine.errors import DataProblem
from engine.scheduling import ShiftType
from engine.scheduling.roster import LATE
from engine.scheduling.rules import (
    Breaks,
    FairShare,
    LabourBudget,
    Minors,
    Overtime,
    Rest,
    SchedulingRule,
    ShiftCount,
    SteadyStart,
    WeekendsWorked,
    WholeWeekends,
    WorkingTime,
    WorkRun,
)

NIGHT = 23 * 60
"""A shift that ends then or later is a night, minutes after midnight."""


@dataclass(frozen=True)
class RuleRow:
    """One line of the list of rules.

    Attributes:
        key: which rule.
        on: whether it counts.
        limit: its number, in the rule's unit; None where it has none.
        price: what one unit of breaking it costs, currency; None when it must hold.
    """

    key: str
    on: bool
    limit: float | None = None
    price: float | None = None


@dataclass(frozen=True)
class RuleKind:
    """One rule that an owner can choose.

    Attributes:
        words: the rule as an owner says it.
        unit: of its limit; "" when it has none.
        build: makes the rule from limit, price and the shifts; None when there is nothing for it to be about.
        limit_of: its limit in a rule of a law's list; None when the rule is another one.
        always_price: True when it is a price and never a must.
    """

    words: str
    unit: str
    build: Callable[[float, float | None, Sequence[ShiftType]], SchedulingRule | None]
    limit_of: Callable[[SchedulingRule], float | None] = lambda rule: None
    always_price: bool = False


def _late(shifts: Iterable[ShiftType], after: int) -> tuple[str, ...]:
    return tuple(shift.name for shift in shifts if shift.end >= after)


def _fair_lates(price: float | None, shifts: Sequence[ShiftType]) -> SchedulingRule | None:
    late = _late(shifts, LATE)
    return FairShare(weight=price, shifts=late) if late and len(late) < len(shifts) else None


def _few_nights(limit: float, price: float | None, shifts: Sequence[ShiftType]) -> SchedulingRule | None:
    nights = _late(shifts, NIGHT)
    return ShiftCount(shifts=nights, period="week", most=round(limit), weight=price) if nights else None


def _weekly(rule: SchedulingRule) -> float | None:
    return rule.most / 60 if isinstance(rule, WorkingTime) and rule.period == "week" and rule.most else None


def _days_a_week(rule: SchedulingRule) -> float | None:
    counts_all = isinstance(rule, ShiftCount) and not rule.shifts and rule.period == "week"
    return float(rule.most) if counts_all and isinstance(rule, ShiftCount) and rule.most else None


KINDS: dict[str, RuleKind] = {
    "contract": RuleKind(
        "Weekly hours stay within each contract", "", lambda limit, price, shifts: WorkingTime(weight=price)
    ),
    "week": RuleKind(
        "Nobody works longer a week than",
        "hours",
        lambda limit, price, shifts: WorkingTime(most=round(limit * 60), weight=price),
        _weekly,
    ),
    "day": RuleKind(
        "Nobody works longer a day than",
        "hours",
        lambda limit, price, shifts: WorkingTime(period="day", most=round(limit * 60), weight=price),
    ),
    "rest": RuleKind(
        "Rest between two shifts, at least",
        "hours",
        lambda limit, price, shifts: Rest(minutes=round(limit * 60), weight=price),
        lambda rule: rule.minutes / 60 if isinstance(rule, Rest) else None,
    ),
    "run": RuleKind(
        "Working days in a row, at most",
        "days",
        lambda limit, price, shifts: WorkRun(most=round(limit), weight=price),
    ),
    "days": RuleKind(
        "Working days a week, at most",
        "days",
        lambda limit, price, shifts: ShiftCount(period="week", most=round(limit), weight=price),
        _days_a_week,
    ),
    "overtime": RuleKind(
        "The overtime rate is paid beyond",
        "hours a week",
        lambda limit, price, shifts: Overtime(after=round(limit * 60)),
        lambda rule: rule.after / 60 if isinstance(rule, Overtime) else None,
        always_price=True,
    ),
    "breaks": RuleKind(
        "A shift of more than six hours has an unpaid break of at least",
        "minutes",
        lambda limit, price, shifts: Breaks(pause=round(limit), weight=price),
        lambda rule: float(rule.pause) if isinstance(rule, Breaks) else None,
    ),
    "minors": RuleKind(
        "Under 18: only between 6:00 and 22:00, a day at most",
        "hours",
        lambda limit, price, shifts: Minors(most_minutes=round(limit * 60), weight=price),
        lambda rule: rule.most_minutes / 60 if isinstance(rule, Minors) and rule.latest > 19 * 60 else None,
    ),
    "minors_15": RuleKind(
        "Aged 14 and 15: only between 7:00 and 19:00, a day at most",
        "hours",
        lambda limit, price, shifts: Minors(earliest=7 * 60, latest=19 * 60, most_minutes=round(limit * 60)),
        lambda rule: rule.most_minutes / 60 if isinstance(rule, Minors) and rule.latest <= 19 * 60 else None,
    ),
    "nights": RuleKind("Night shifts a week, at most", "shifts", _few_nights),
    "weekends": RuleKind(
        "Weekends with work in the whole plan, at most",
        "weekends",
        lambda limit, price, shifts: WeekendsWorked(most=round(limit), weight=price),
    ),
    "whole": RuleKind(
        "Weekends are worked on both days or on none", "", lambda limit, price, shifts: WholeWeekends(weight=price)
    ),
    "fair_weekends": RuleKind(
        "Weekends are shared out fairly",
        "",
        lambda limit, price, shifts: FairShare(weight=price),
        always_price=True,
    ),
    "fair_lates": RuleKind(
        "Late shifts are shared out fairly",
        "",
        lambda limit, price, shifts: _fair_lates(price, shifts),
        always_price=True,
    ),
    "steady": RuleKind(
        "Working days that follow each other start at most so far apart",
        "hours",
        lambda limit, price, shifts: SteadyStart(within=round(limit * 60), weight=price),
    ),
    "budget": RuleKind(
        "Wages of the whole plan, at most",
        "of your currency",
        lambda limit, price, shifts: LabourBudget(amount=limit, weight=price),
    ),
}
"""All rules that can be chosen, in the order in which they are shown."""

USUAL_RULES = (
    RuleRow("contract", True),
    RuleRow("week", False, 48.0),
    RuleRow("day", True, 9.0),
    RuleRow("rest", True, 11.0),
    RuleRow("run", True, 6.0),
    RuleRow("days", True, 5.0),
    RuleRow("overtime", True, 40.0),
    RuleRow("breaks", True, 30.0),
    RuleRow("minors", True, 8.0),
    RuleRow("minors_15", False, 8.0),
    RuleRow("nights", False, 3.0),
    RuleRow("weekends", False, 2.0),
    RuleRow("whole", False, None, 5.0),
    RuleRow("fair_weekends", True, None, 2.0),
    RuleRow("fair_lates", True, None, 1.0),
    RuleRow("steady", False, 3.0, 2.0),
    RuleRow("budget", False, 5000.0, 1.0),
)
"""What a first roster keeps."""


def rules_of(rows: Iterable[RuleRow], shifts: Sequence[ShiftType]) -> tuple[SchedulingRule, ...]:
    """The rules that are on.

    Raises:
        DataProblem: a rule that is on has no limit, or a price that must be given is not.
    """
    return tuple(_built(rows, shifts))


def _built(rows: Iterable[RuleRow], shifts: Sequence[ShiftType]) -> Iterator[SchedulingRule]:
    for row in rows:
        kind = KINDS[row.key]
        if not row.on:
            continue
        if kind.unit and (row.limit is None or row.limit < 0):
            raise DataProblem(f"The rule has no limit: {kind.words}", remedy=f"Fill in the limit in {kind.unit}.")
        if kind.always_price and not kind.unit and row.price is None:
            raise DataProblem(f"The rule has no price: {kind.words}", remedy="Say what one of them is worth.")
        rule = kind.build(row.limit or 0.0, row.price, shifts)
        if rule is not None:
            yield rule


@dataclass(frozen=True)
class RuleTemplate:
    """Rules that a law suggests, with where they come from: a start for an owner's own list, and no legal advice.

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


def with_template(rows: Iterable[RuleRow], template: RuleTemplate) -> tuple[RuleRow, ...]:
    """The list of rules with those of a law's list put on as a must; what the law's list leaves open stays."""
    limits = {
        key: limit
        for key, kind in KINDS.items()
        for rule in template.rules
        if (limit := kind.limit_of(rule)) is not None
    }
    return tuple(replace(row, on=True, limit=limits[row.key], price=None) if row.key in limits else row for row in rows)
