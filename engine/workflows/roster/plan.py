"""Who works when: from a draft to a roster with its proof, by hand or by search, and what a change would cost."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine import json_values
from engine.process import Report
from engine.proof import Infeasibility, Relaxation, Status
from engine.scheduling import (
    Assignment,
    Favour,
    Lock,
    Roster,
    RosterProblem,
    WayOut,
    check_problem,
    day_off,
    find_clash,
    offers,
    solve,
)
from engine.scheduling.constraints import Statement
from engine.scheduling.entities import day_name
from engine.scheduling.roster import finished
from engine.workflows.roster.inputs import USUAL_PRICE, Concession, Draft, problem_of

CLASH_SECONDS, WAYS_SECONDS, FAVOUR_SECONDS = 10.0, 20.0, 10.0
HISTORY_DAYS = 14
"""So many days of the last roster are carried over: enough for a week's hours and a run of working days."""
BY_HAND = "drawn by hand"
_SAVED_NAMES = {"drawn": "roster", "kept": "named", "wanted": "search"}
"""What fields are called in the store, where they are called otherwise."""
OUT_OF_DATE = "Staff, needs or rules have changed since this roster was made: make it again for the best one."


@dataclass(frozen=True)
class SavedRoster:
    """A roster as it is kept.

    Attributes:
        assignments: who works what.
        bound: no roster of the draft `bound_of` costs less.
        bound_of: key of that draft without its locks; "" when there is no bound.
        bound_locks: the locks that it had.
        solver: what made it.
        seconds: how long that took.
        edited: how many cells were changed by hand since.
    """

    assignments: tuple[Assignment, ...]
    bound: float = 0.0
    bound_of: str = ""
    bound_locks: tuple[Lock, ...] = ()
    solver: str = BY_HAND
    seconds: float = 0.0
    edited: int = 0


@dataclass(frozen=True)
class NamedRoster:
    """A roster put aside under a name, to compare or to come back to."""

    name: str
    draft: Draft
    roster: SavedRoster


@dataclass(frozen=True)
class Book:
    """All that is kept about the rosters of one file.

    Attributes:
        draft: what the next roster is made from.
        roster: the latest one; None before there is one.
        named: rosters put aside.
        search: the one whose answer is still to be taken; "" for none.
        searches: how many searches were started.
    """

    draft: Draft
    roster: SavedRoster | None = None
    named: tuple[NamedRoster, ...] = field(default=())
    search: str = ""
    searches: int = 0

    def as_json(self) -> dict[str, Any]:
        """For the store, under the names that saved books have."""
        aside = [{"name": each.name, "draft": each.draft, "drawn": each.roster} for each in self.named]
        book = {"draft": self.draft, "drawn": self.roster, "kept": aside, "wanted": self.search}
        dumped: dict[str, Any] = json_values.dump({**book, "searches": self.searches}, dict[str, Any])
        return dumped

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> "Book":
        """What `as_json` made."""
        renamed = {_SAVED_NAMES.get(name, name): value for name, value in saved.items()}
        renamed["named"] = [
            {_SAVED_NAMES.get(name, name): value for name, value in each.items()} for each in saved.get("kept", [])
        ]
        return json_values.load(renamed, Book)


@dataclass(frozen=True)
class Way:
    """A change that makes a roster possible.

    Attributes:
        sentence: the change, as an offer.
        cost: of the roster that was found with it; None when it was not tried.
        draft: the changed draft.
    """

    sentence: str
    cost: float | None
    draft: Draft


@dataclass(frozen=True)
class Answer:
    """What a search found.

    Attributes:
        draft: the question.
        roster: the cheapest; None when there is none.
        infeasibility: why there is none.
        ways: the smallest changes that help, the cheapest first.
    """

    draft: Draft
    roster: SavedRoster | None
    infeasibility: Infeasibility[Statement] | None = None
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True)
class Price:
    """The price of a favour.

    Attributes:
        sentence: the answer in words.
        draft: the draft with the favour.
        roster: the one with it; None when it is impossible.
    """

    sentence: str
    draft: Draft
    roster: SavedRoster | None


@dataclass(frozen=True)
class StopSign:
    """A file by which a search in another process is asked to stop and to hand over the best that it has.

    Attributes:
        path: the file; the search stops once it exists.
    """

    path: Path

    def raise_(self) -> None:
        """Ask the search to stop."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.touch()

    def lower(self) -> None:
        """Let the next search run."""
        self.path.unlink(missing_ok=True)

    def up(self) -> bool:
        """True when the search should stop."""
        return self.path.exists()


def roster_of(draft: Draft, saved: SavedRoster) -> Roster:
    """The kept roster, checked anew against the draft as it is now.

    What the draft no longer knows (a person who left, a day that is not planned) is dropped from it.

    Raises:
        DataProblem: a table of the draft makes no sense.
    """
    problem = checked_problem(draft)
    names, shifts, days = problem.employee_named, problem.shift_named, set(problem.calendar)
    fits = tuple(a for a in saved.assignments if a.employee in names and a.shift in shifts and a.day in days)
    stands = saved.bound_of == draft.without_locks().key and {*saved.bound_locks} <= {*draft.locks}
    roster = finished(problem, fits, saved.bound if stands else 0.0, saved.solver, saved.seconds)
    if not saved.edited and stands:
        return roster
    broken = len(roster.checked.violations)
    cautions = (f"Rules that must hold and are broken: {broken}.",) if broken else ()
    return replace(roster, cautions=cautions if stands else (*cautions, OUT_OF_DATE))


@lru_cache(maxsize=64)
def checked_problem(draft: Draft) -> RosterProblem:
    """The draft as a question that makes sense.

    Raises:
        DataProblem: it does not.
    """
    problem = problem_of(draft)
    check_problem(problem)
    return problem


def make(
    draft: Draft,
    previous: SavedRoster | None,
    seconds: float,
    stop: StopSign,
    report: Report = lambda share, note: None,
) -> Answer:
    """Search for the cheapest roster; when there is none, for the rules that clash and the changes that help.

    Args:
        draft: the question.
        previous: a roster to begin with.
        seconds: wall-clock time for the search.
        stop: when it goes up, the best roster so far is returned.
        report: is told the best cost and the bound.

    Raises:
        DataProblem: something in the draft makes no sense; said before the search starts.
    """
    report(0.0, "Putting the rules together")
    problem = checked_problem(draft)
    before = roster_of(draft, previous) if previous and previous.assignments else None
    roster = solve(problem, seconds=seconds, report=report, stop=stop.up, previous=before)
    possible = roster.proof.status is not Status.INFEASIBLE and not roster.checked.violations
    if possible or stop.up():
        return Answer(draft, _saved(draft, roster))
    return _explained(draft, problem, roster, report)


def _saved(draft: Draft, roster: Roster) -> SavedRoster:
    proof = roster.proof
    return SavedRoster(
        roster.assignments, proof.bound, draft.without_locks().key, draft.locks, proof.solver, proof.seconds
    )


def _explained(draft: Draft, problem: RosterProblem, roster: Roster, report: Report) -> Answer:
    report(0.5, "The rules clash: looking for the fewest that do")
    clash = find_clash(problem, seconds=CLASH_SECONDS)
    if clash is None:  # there is a roster; the search was too short to find it
        return Answer(draft, _saved(draft, roster))
    report(0.75, "Trying the smallest changes that help")
    ways = [
        Way(offer.sentence, offer.roster.cost, conceded(draft, problem, offer))
        for offer in offers(problem, clash, seconds=WAYS_SECONDS)
    ]
    clash = replace(clash, relaxations=tuple(Relaxation(way.sentence) for way in ways))
    return Answer(draft, None, clash, (*ways, *_wider_ways(draft)))


def _wider_ways(draft: Draft) -> Iterator[Way]:
    """Changes that help when one exception is not enough; each may still leave something that clashes."""
    if draft.locks:
        yield Way("Open all locked cells.", None, draft.without_locks())
    if draft.missing_price is None:
        unit = f" {draft.currency}".rstrip()
        offer = f"Let people be missing where it cannot be helped, at {USUAL_PRICE:g}{unit} an hour."
        yield Way(offer, None, replace(draft, missing_price=USUAL_PRICE))


def conceded(draft: Draft, problem: RosterProblem, offer: WayOut) -> Draft:
    """The draft with the change that an offer makes to its problem."""
    if offer.problem.locks != problem.locks:
        return replace(draft, locks=offer.problem.locks)
    concession = next(_differences(problem, offer.problem), None)
    if concession is None:
        return draft
    return replace(draft, concessions=(*draft.concessions, replace(concession, sentence=offer.sentence)))


def _differences(old: RosterProblem, new: RosterProblem) -> Iterator[Concession]:
    for was, now in zip(old.needs, new.needs, strict=True):
        if was != now:
            yield Concession("", day=was.day, role=was.role, start=was.start, people=now.least)
    for one, other in zip(old.employees, new.employees, strict=True):
        for day in (other.exceptions - one.exceptions) | (one.days_off - other.days_off):
            yield Concession("", employee=one.name, day=day)
    for rule in old.rules:
        if rule not in new.rules:
            relaxed = next((r for r in new.rules if r.key + r.sentence == rule.key + rule.sentence), None)
            freed = [e.name for e in old.employees if relaxed and rule.binds(e) and not relaxed.binds(e)]
            yield Concession("", rule=rule.key + rule.sentence, employee=freed[0] if freed else "")


def edited(saved: SavedRoster, changed: Lock) -> SavedRoster:
    """The roster with one cell drawn by hand; an empty shift frees the day."""
    rest = [a for a in saved.assignments if (a.employee, a.day) != (changed.employee, changed.day)]
    added = [Assignment(changed.day, changed.employee, changed.shift, changed.role)] if changed.shift else []
    return replace(saved, assignments=tuple(sorted([*rest, *added])), edited=saved.edited + 1)


def locked(draft: Draft, *locks: Lock) -> Draft:
    """The draft with these cells decided; a later lock of the same cell counts."""
    cells = {(lock.day, lock.employee): lock for lock in (*draft.locks, *locks)}
    return replace(draft, locks=tuple(cells.values()))


def unlocked(draft: Draft, employee: str, day: date) -> Draft:
    """The draft with this cell open again."""
    return replace(draft, locks=tuple(x for x in draft.locks if (x.employee, x.day) != (employee, day)))


def favour(
    draft: Draft, saved: SavedRoster, employee: str, day: date, report: Report = lambda share, note: None
) -> Price:
    """What it would cost to give somebody a day off, by making the roster again without them on that day."""
    report(0.1, f"Making the roster again with {employee} off on {day_name(day)}")
    outcome: Favour = day_off(roster_of(draft, saved), employee, day, seconds=FAVOUR_SECONDS)
    changed = locked(draft, Lock(day, employee, ""))
    possible = outcome.extra < float("inf")
    return Price(outcome.sentence, changed, _saved(changed, outcome.roster) if possible else None)


def carried_on(draft: Draft, saved: SavedRoster) -> Draft:
    """A draft for the weeks after this roster; its last days count as history, so rest and runs carry over."""
    first = draft.first_day + timedelta(days=7 * draft.weeks)
    recent = first - timedelta(days=HISTORY_DAYS)
    past = (*draft.history, *saved.assignments)
    return replace(
        draft,
        first_day=first,
        locks=(),
        concessions=(),
        needs=tuple(need for need in draft.needs if need.day is None),
        history=tuple(sorted(each for each in past if recent <= each.day < first)),
    )
