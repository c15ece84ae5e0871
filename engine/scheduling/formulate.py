"""From an owner's problem to mathematical forms: one function a rule."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import singledispatch

import numpy as np

from engine.arrays import Bools, Ints
from engine.scheduling.constraints import Ban, Blocks, Cell, Claim, Form, Model, Person, Streak, Tally, Tier
from engine.scheduling.coverage_constraints import budgets, lines
from engine.scheduling.problem import Employee, Problem, day_name
from engine.scheduling.rules import (
    Breaks,
    FairShare,
    LabourBudget,
    Minors,
    Overtime,
    Pattern,
    Rest,
    Rule,
    SameShiftAtWeekend,
    ShiftCount,
    SteadyStart,
    Step,
    Succession,
    WeekendRun,
    WeekendsWorked,
    WholeWeekends,
    Work,
    WorkingTime,
)
from engine.scheduling.rules.runs import LOOK_BACK, RunLimit
from engine.scheduling.rules.time import is_whole, windows


@dataclass(frozen=True, eq=False)
class Context:
    """What a rule needs to know to be lowered for one person."""

    problem: Problem
    duties: tuple[tuple[str, str], ...]
    past: Work
    claim: Claim

    @property
    def days(self) -> int:
        """Days of the plan."""
        return self.problem.days

    def mask(self, *names: str) -> Bools:
        """The duties on these shifts."""
        return np.array([shift in names for shift, _ in self.duties] + [False])

    @property
    def working(self) -> Bools:
        """All duties, and not the free day."""
        return np.array([True] * len(self.duties) + [False])

    def per_shift(self, value: "dict[str, int]") -> Ints:
        """A number for each duty from a number for each shift."""
        return np.array([value[shift] for shift, _ in self.duties], dtype=np.int64)

    @property
    def minutes(self) -> Ints:
        """Paid minutes of each duty."""
        return self.per_shift({shift.name: shift.paid for shift in self.problem.shifts})


def lower(problem: Problem) -> Model:
    """The problem in forms."""
    duties = tuple(_duties(problem))
    people = tuple(_person(problem, duties, employee) for employee in problem.employees)
    needed = tuple(lines(problem, duties))
    money = budgets(problem)
    return Model(
        problem.days,
        duties,
        people,
        needed,
        money,
        _integral(people, needed, money),
        _sentences(problem, people, needed),
    )


def _duties(problem: Problem) -> Iterator[tuple[str, str]]:
    roles = list(dict.fromkeys(role for employee in problem.employees for role in employee.roles))
    for shift in problem.shifts:
        for role in shift.roles or roles:
            if role in roles:
                yield shift.name, role


def _person(problem: Problem, duties: tuple[tuple[str, str], ...], employee: Employee) -> Person:
    past = Work(problem, employee, [each for each in problem.history if each.employee == employee.name])
    wage = [problem.shift_named[shift].paid / 60 * employee.rate for shift, _ in duties]
    cells = list(_own_cells(problem, duties, employee))
    forms: list[Form] = []
    for index, rule in enumerate(problem.rules):
        if rule.binds(employee):
            context = Context(problem, duties, past, Claim("rule", index, employee.name))
            for form in lowered(rule, context):
                (cells if isinstance(form, Cell) else forms).append(form)  # type: ignore[arg-type]
    fit = np.array([role in employee.roles for _, role in duties], dtype=bool)
    return Person(employee.name, np.array(wage), fit, tuple(cells), tuple(forms))


def _own_cells(problem: Problem, duties: tuple[tuple[str, str], ...], employee: Employee) -> Iterator[Cell]:
    working = np.array([True] * len(duties) + [False])
    for day, when in enumerate(problem.calendar):
        if when in employee.days_off:
            yield Cell(day, working, None, Claim("day off", -1, employee.name, when))
        cannot = [not employee.can_work(when, problem.shift_named[shift]) for shift, _ in duties]
        if any(cannot):
            yield Cell(day, np.array([*cannot, False]), None, Claim("available", -1, employee.name, when))
    for wish in employee.wishes:
        day = (wish.day - problem.first_day).days
        if 0 <= day < problem.days:
            meant = np.array([wish.shift in ("", shift) for shift, _ in duties] + [False])
            yield Cell(day, ~meant if wish.wanted else meant, wish.weight, Claim("wish", -1, employee.name, wish.day))
    for index, lock in enumerate(problem.locks):
        day = (lock.day - problem.first_day).days
        if lock.employee == employee.name and 0 <= day < problem.days:
            kept = np.array([duty == (lock.shift, lock.role) for duty in duties] + [not lock.shift])
            yield Cell(day, ~kept, None, Claim("lock", index, employee.name, lock.day))


@singledispatch
def lowered(rule: Rule, at: Context) -> Iterator[Form | Cell]:
    """The forms of one rule for one person."""
    raise TypeError(f"{rule.key} has no form")


def _per_hour(weight: float | None) -> float | None:
    return None if weight is None else weight / 60


@lowered.register
def _(rule: WorkingTime, at: Context) -> Iterator[Form | Cell]:
    least, most = rule.limits(at.past)
    penalty = _per_hour(rule.weight)
    if rule.period == "day":
        for off_by in {*at.minutes}:
            wrong = max(off_by - most if most is not None else 0, least - off_by, 0)
            if wrong:
                mask = np.append(at.minutes == off_by, False)
                cost = None if penalty is None else penalty * wrong
                yield from (Cell(day, mask, cost, at.claim) for day in range(at.days))
        return
    for days in windows(at.past, rule.period):
        lower_limit = least if is_whole(at.past, days, rule.period) else 0
        yield _tally(at, days, at.minutes, (lower_limit, penalty), () if most is None else ((most, penalty),))


@lowered.register
def _(rule: Overtime, at: Context) -> Iterator[Form | Cell]:
    premium = rule.premium(at.past) / 60
    if premium > 0:
        for days in windows(at.past, "week"):
            yield _tally(at, days, at.minutes, (0, None), ((rule.after, premium),))


@lowered.register
def _(rule: ShiftCount, at: Context) -> Iterator[Form | Cell]:
    gain = at.per_shift({shift.name: int(rule.counts(shift.name)) for shift in at.problem.shifts})
    for days in windows(at.past, rule.period):
        least = rule.least if is_whole(at.past, days, rule.period) else 0
        tiers: tuple[Tier, ...] = () if rule.most is None else ((rule.most, rule.weight),)
        yield _tally(at, days, gain, (least, rule.weight), tiers)


@lowered.register
def _(rule: FairShare, at: Context) -> Iterator[Form | Cell]:
    weight = rule.weight or 0.0
    if rule.shifts:
        gain = at.mask(*rule.shifts)[:-1].astype(np.int64)
        tiers = tuple((k, weight if k == 0 else 2 * weight) for k in range(at.days))
        yield Tally(range(at.days), gain, 0, None, tiers, 0, at.claim)
    else:
        weekends = at.past.weekends()
        tiers = tuple((k, weight if k == 0 else 2 * weight) for k in range(len(weekends)))
        yield Blocks(tuple(weekends), tiers, 1, None, None, None, at.claim)


@lowered.register
def _(rule: Rest, at: Context) -> Iterator[Form | Cell]:
    shifts = at.problem.shifts
    missing = {(a.name, b.name): rule.missing(a, b) for a in shifts for b in shifts}
    yield from _pairs(at, missing, _per_hour(rule.weight))


@lowered.register
def _(rule: Succession, at: Context) -> Iterator[Form | Cell]:
    yield from _pairs(at, {(a, b): 1 for a in rule.first for b in rule.then}, rule.weight)


@lowered.register
def _(rule: SteadyStart, at: Context) -> Iterator[Form | Cell]:
    shifts = at.problem.shifts
    jumps = {(a.name, b.name): int(abs(a.start - b.start) > rule.within) for a in shifts for b in shifts}
    yield from _pairs(at, jumps, rule.weight)


@lowered.register
def _(rule: RunLimit, at: Context) -> Iterator[Form | Cell]:
    inside = {"working days": at.working, "days off": ~at.working}.get(rule.noun)
    inside = at.mask(*getattr(rule, "shifts", ())) if inside is None or hasattr(rule, "shifts") else inside
    before = 0
    while at.past.past_known and before < LOOK_BACK and rule.flag(at.past, -before - 1):
        before += 1
    free_start = not rule.edges_count and not at.past.past_known
    yield Streak(
        inside, rule.least, rule.most, rule.weight, rule.weight, before, free_start, not rule.edges_count, at.claim
    )


@lowered.register
def _(rule: WeekendsWorked, at: Context) -> Iterator[Form | Cell]:
    weekends = tuple(at.past.weekends(rule.weekend))
    yield Blocks(weekends, ((rule.most, rule.weight),), 1, None, None, None, at.claim)


@lowered.register
def _(rule: WeekendRun, at: Context) -> Iterator[Form | Cell]:
    weekends = tuple(at.past.weekends(rule.weekend))
    yield Blocks(weekends, (), rule.least, rule.most, rule.weight, rule.weight, at.claim)


@lowered.register
def _(rule: WholeWeekends, at: Context) -> Iterator[Form | Cell]:
    for place in range(1, len(rule.weekend)):
        eves = frozenset(days[place - 1] for days in rule.whole(at.past))
        before, after = place, len(rule.weekend) - place
        for steps, missing in (((~at.working, at.working), before), ((at.working, ~at.working), after)):
            yield Ban(eves, steps, None if rule.weight is None else rule.weight * missing, at.claim)


@lowered.register
def _(rule: SameShiftAtWeekend, at: Context) -> Iterator[Form | Cell]:
    starts = frozenset(days[0] for days in rule.whole(at.past))
    for shift in at.problem.shifts:
        mine = at.mask(shift.name)
        for place in range(1, len(rule.weekend)):
            others, rest = [at.working & ~mine] * place, [at.working] * (len(rule.weekend) - place - 1)
            yield Ban(starts, (*others, mine, *rest), rule.weight, at.claim)


@lowered.register
def _(rule: Pattern, at: Context) -> Iterator[Form | Cell]:
    last = at.days - len(rule.steps)
    starts = [day for day in range(last + 1) if rule.weekday in (None, at.problem.calendar[day].weekday())]
    yield Ban(frozenset(starts), tuple(_step(step, at) for step in rule.steps), rule.weight, at.claim)


@lowered.register(Minors)
@lowered.register(Breaks)
def _(rule: Minors | Breaks, at: Context) -> Iterator[Form | Cell]:
    if isinstance(rule, Minors) and not at.past.employee.minor:
        return
    forbidden = at.mask(*(shift.name for shift in at.problem.shifts if rule.forbids(shift)))
    if forbidden.any():
        yield from (Cell(day, forbidden, rule.weight, at.claim) for day in range(at.days))


@lowered.register
def _(rule: LabourBudget, at: Context) -> Iterator[Form | Cell]:
    return iter(())


def _step(step: Step, at: Context) -> Bools:
    if step == "any":
        return np.ones(len(at.duties) + 1, dtype=bool)
    if isinstance(step, str):
        return at.working if step == "work" else ~at.working
    return at.mask(*step)


def _tally(
    at: Context,
    days: tuple[int, ...],
    gain: Ints,
    lower_limit: Tier,
    tiers: tuple[Tier, ...],
) -> Tally:
    """A sum over the planned part of a period; what the history adds is known."""
    value = {shift: int(gain[k]) for k, (shift, _) in enumerate(at.duties)}
    start = sum(value.get(name, 0) for day in days if day < 0 for name in at.past.names(day))
    planned = range(max(0, days[0]), days[-1] + 1)
    return Tally(planned, gain, lower_limit[0], lower_limit[1], tiers, start, at.claim)


def _pairs(at: Context, cost: dict[tuple[str, str], int], weight: float | None) -> Iterator[Form | Cell]:
    """What may not follow on the next day, grouped so that each group is as large as it can be."""
    follows: dict[tuple[int, frozenset[str]], list[str]] = {}
    for first in at.problem.shifts:
        amounts = {cost.get((first.name, then.name), 0) for then in at.problem.shifts} - {0}
        for amount in {1} if weight is None and amounts else amounts:
            then = frozenset(
                b.name
                for b in at.problem.shifts
                if (found := cost.get((first.name, b.name), 0)) and (weight is None or found == amount)
            )
            follows.setdefault((amount, then), []).append(first.name)
    for (amount, then), firsts in follows.items():
        penalty = None if weight is None else weight * amount
        yield Ban(frozenset(range(at.days - 1)), (at.mask(*firsts), at.mask(*then)), penalty, at.claim)
        if any(name in firsts for name in at.past.names(-1)):
            yield Cell(0, at.mask(*then), penalty, at.claim)


def _integral(people: tuple[Person, ...], needed: tuple, money: tuple) -> bool:  # type: ignore[type-arg]
    """True when every cost that a roster can have is a whole number."""
    costs: list[float | None] = [penalty for line in needed for penalty in (line.under, line.over)]
    costs += [float(wage) for person in people for wage in person.wage]
    costs += [cell.penalty for person in people for cell in person.cells]
    for form in (form for person in people for form in person.forms):
        costs += [penalty for _, penalty in getattr(form, "tiers", ())]
        costs += [getattr(form, name, None) for name in ("under", "over", "penalty")]
    return not money and all(cost is None or float(cost).is_integer() for cost in costs)


def _sentences(problem: Problem, people: tuple[Person, ...], needed: tuple) -> dict[Claim, str]:  # type: ignore[type-arg]
    """Each claim in words."""
    said: dict[Claim, str] = {}
    for person in people:
        for each in (*person.cells, *person.forms):
            said[each.claim] = _said(problem, each.claim)
    for line in needed:
        for claim in line.claims:
            said[claim] = _said(problem, claim)
    for index, rule in enumerate(problem.rules):
        if isinstance(rule, LabourBudget):
            said[Claim("rule", index)] = rule.sentence
    return said


def _said(problem: Problem, claim: Claim) -> str:
    day = day_name(claim.day) if claim.day else ""
    if claim.kind == "need":
        need = problem.needs[claim.index]
        role = f" as {need.role}" if need.role else ""
        people = f"{need.least} {'person' if need.least == 1 else 'people'}"
        skilled = f" with a seniority of at least {need.seniority}" if need.seniority else ""
        limit = f", at most {need.most}" if need.most is not None and need.over is None else ""
        if limit and not need.least:
            return f"{need.when} has room for {need.most} {'person' if need.most == 1 else 'people'}{role}{skilled}."
        return f"{need.when} needs {people}{role}{skilled}{limit}."
    if claim.kind == "rule":
        return f"{claim.employee}: {problem.rules[claim.index].sentence}"
    if claim.kind == "lock":
        return f"{claim.employee} is locked to {problem.locks[claim.index].shift or 'a free day'} on {day}."
    if claim.kind == "available":
        hours = (problem.employee_named[claim.employee].availability or {}).get(claim.day.weekday() if claim.day else 0)
        return (
            f"{claim.employee} is available only at certain hours on {day}."
            if hours
            else f"{claim.employee} is not available on {day}."
        )
    return (
        f"{claim.employee} is off on {day}." if claim.kind == "day off" else f"{claim.employee} has a wish for {day}."
    )
