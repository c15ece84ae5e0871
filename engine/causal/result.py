"""The whole answer to "why did it change", and what may be said of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.business.calendar import Period
from engine.causal.checks import Check
from engine.causal.decompose import Split
from engine.causal.drivers import DriverSplit, Timeline
from engine.causal.effect import Effect, EffectModel
from engine.causal.event import EventImpact
from engine.causal.frame import Comparison
from engine.causal.grade import Grade, GradeVerdict
from engine.causal.granger import Lead
from engine.causal.graph import CausalGraph
from engine.causal.panel import Part
from engine.causal.panel_from_business import PRICES, PROMOTION
from engine.causal.refuters import Identified
from engine.causal.screening import ExcludedColumn
from engine.causal.settling import NextTest
from engine.facts import Fact, Facts

SHOWN_PIECES = 4
"""So many parts of each split become facts, the largest first."""

NOT_WORTH = 0.1
"""An effect below this is told per hundred units of the driver."""


@dataclass(frozen=True)
class Measure:
    """What an effect is counted per.

    Attributes:
        scale: what the effect per unit is multiplied by.
        words: "per USD", "a week per 1% on all prices".
    """

    scale: float
    words: str


@dataclass(frozen=True)
class ChangeQuestion:
    """What the owner wants to know.

    Attributes:
        metric: key of a `Metric`.
        before: the stretch to compare with.
        after: the stretch in question.
    """

    metric: str
    before: Period
    after: Period


@dataclass(frozen=True)
class CauseProof:
    """The evidence for one cause.

    Attributes:
        grade: A to D.
        interval: 95 % interval of the effect per unit.
        tested: what could have overturned it, and did or did not.
        reasons: why the grade is not better.
        overturned_by: what could still prove it wrong.
        robustness: share (0..1) of what is left of both that a hidden cause must explain to explain it away.
        settled_by: the test that would settle it; None for what cannot be switched.
        calculation: DoWhy's second look; None until it was asked for.
    """

    grade: Grade
    interval: tuple[float, float]
    tested: tuple[Check, ...]
    reasons: tuple[str, ...]
    overturned_by: tuple[str, ...]
    robustness: float
    settled_by: NextTest | None
    calculation: Identified | None = None


@dataclass(frozen=True)
class Cause:
    """One driver, how much it moves the figure, and how far that may be believed.

    Attributes:
        effect: its size, by driver and figure.
        verdict: the grade, and the reasons for it.
        proof: what was tested, and what could overturn it.
    """

    effect: Effect
    verdict: GradeVerdict
    proof: CauseProof

    @property
    def name(self) -> str:
        """The driver's column."""
        return self.effect.driver

    @property
    def grade(self) -> Grade:
        """How far it may be believed."""
        return self.verdict.grade


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the statistics found.

    Attributes:
        model: the regression behind the effects.
        causes: one per driver, in the panel's order.
        split: what each driver contributed to the change; None when the stretches hold no whole period.
        timeline: what each contributed in every period.
        leads: what runs ahead of what.
        graph: which column moves which.
        agreed: share of the solid arrows that a second search finds too; None until it was asked for.
    """

    model: EffectModel
    causes: tuple[Cause, ...]
    split: DriverSplit | None
    timeline: Timeline
    leads: tuple[Lead, ...]
    graph: CausalGraph
    agreed: float | None = None

    def cause(self, name: str) -> Cause:
        """The cause with this name.

        Raises:
            KeyError: there is none.
        """
        for cause in self.causes:
            if cause.name == name:
                return cause
        raise KeyError(name)


@dataclass(frozen=True, eq=False)
class ChangeExplanation:
    """Why a figure changed, in three layers that are never mixed.

    Attributes:
        question: what was asked.
        frame: the two stretches, and whether they differ more than usual.
        splits: arithmetic: parts that add up exactly.
        evidence: statistics: drivers with grades; None when the file has too little for any.
        events: what single events changed.
        left_out: columns that take no part, and why.
        unknown: what the data cannot tell.
        cautions: what must be said with it all.
    """

    question: ChangeQuestion
    frame: Comparison
    splits: tuple[Split, ...]
    evidence: Evidence | None
    events: tuple[EventImpact, ...]
    left_out: tuple[ExcludedColumn, ...]
    unknown: tuple[str, ...]
    cautions: tuple[str, ...]

    @property
    def causes(self) -> tuple[Cause, ...]:
        """The graded causes, the best first; empty without evidence."""
        causes = self.evidence.causes if self.evidence else ()
        return tuple(sorted(causes, key=lambda cause: (cause.grade.value, cause.effect.p, cause.name)))

    def measure(self, cause: Cause) -> Measure:
        """What the effect of one of the causes is counted per, in words for an owner."""
        panel = self.evidence.model.panel if self.evidence else None
        if panel is None or panel.named(cause.name).part is Part.TREATMENT:
            unit, small = cause.effect.driver_unit, abs(cause.effect.value) < NOT_WORTH
            if not unit:
                return Measure(100, "for each hundred spent") if small else Measure(1, "for each one spent")
            return Measure(100, f"per 100 {unit}") if small else Measure(1, f"per {unit}")
        period = f"a {panel.frequency.period}"
        if cause.name == PRICES:
            return Measure(0.01, f"{period} per 1% on all prices")
        if cause.name == PROMOTION:
            return Measure(1, f"{period} if all of it were on promotion")
        return Measure(1, f"{period} while it lasts")

    def facts(self) -> Facts:
        """All that may be quoted."""
        items = [*_frame_facts(self.frame), *_split_facts(self.splits)]
        for number, cause in enumerate(self.causes, 1):
            items += _cause_facts(cause, self.measure(cause), number)
        if self.evidence and self.evidence.split:
            items += _driver_facts(self.evidence.split)
        items += [fact for number, event in enumerate(self.events, 1) for fact in _event_facts(event, number)]
        return Facts(tuple(items), self.cautions)


def _frame_facts(frame: Comparison) -> Iterator[Fact]:
    summed = "The sum of your figures over the stretch."
    yield Fact("figure", "The figure in question", frame.metric, "", "Chosen by you.")
    yield Fact("before_total", f"{frame.metric}, {frame.before.span}", frame.before.total, frame.unit, summed)
    yield Fact("after_total", f"{frame.metric}, {frame.after.span}", frame.after.total, frame.unit, summed)
    yield Fact("change", f"Change of {frame.metric.lower()}", frame.change, frame.unit, "After minus before.")
    if frame.before.total > 0:
        share = 100 * frame.change / frame.before.total
        yield Fact("change_share", f"Change of {frame.metric.lower()}", share, "%", "The change over the first total.")
    basis = "What trend, season, weekdays and open days would bring by themselves, learnt from the rest of the history."
    yield Fact("by_calendar", "Change that the calendar alone would bring", frame.by_calendar, frame.unit, basis)
    if frame.usual is not None:
        usual = "95 of 100 changes would lie between the two ends, judging by how much the history varies."
        yield Fact("usual_from", "Usual changes, from", frame.usual[0], frame.unit, usual)
        yield Fact("usual_to", "Usual changes, to", frame.usual[1], frame.unit, usual)


def _split_facts(splits: tuple[Split, ...]) -> Iterator[Fact]:
    for number, split in enumerate(splits, 1):
        largest = sorted(split.pieces, key=lambda piece: -abs(piece.amount))[:SHOWN_PIECES]
        for place, piece in enumerate(largest, 1):
            label = f"{split.title}: {piece.name}"
            basis = "Arithmetic; the parts add up to the change."
            yield Fact(f"split_{number}_part_{place}", label, piece.amount, split.unit, basis)
        yield Fact(f"split_{number}_change", f"{split.title}: change", split.change, split.unit, "After minus before.")


def _cause_facts(cause: Cause, measure: Measure, number: int) -> Iterator[Fact]:
    effect, name = cause.effect, f"cause_{number}"
    yield Fact(f"{name}_name", "Driver", effect.driver, "", "A column of your file.")
    yield Fact(f"{name}_grade", f"Grade of {effect.driver}", cause.grade.value, "", cause.grade.label + ".")
    if cause.grade is Grade.D:
        return
    basis = (
        f"Regression on {effect.rows} periods with trend, season, holidays, the other drivers and errors that "
        "remember; averaged over carry-overs."
    )
    lower, upper = (end * measure.scale for end in effect.interval)
    label, value = f"{effect.outcome} {measure.words}, {effect.driver}", effect.value * measure.scale
    yield Fact(f"{name}_effect", label, value, effect.unit, basis)
    yield Fact(f"{name}_per", f"What the effect of {effect.driver} is counted per", measure.words, "", basis)
    yield Fact(f"{name}_from", "The same, 95 % interval from", lower, effect.unit, basis)
    yield Fact(f"{name}_to", "The same, 95 % interval to", upper, effect.unit, basis)
    needed = "Closed form of Cinelli and Hazlett."
    yield Fact(f"{name}_robustness", "Share that a hidden cause must explain", 100 * effect.robustness, "%", needed)
    if cause.proof.settled_by is not None and cause.proof.settled_by.periods:
        test = cause.proof.settled_by
        yield Fact(f"{name}_test", "Length of the test that settles it", test.periods, f"{test.period}s", test.plan)


def _driver_facts(split: DriverSplit) -> Iterator[Fact]:
    basis = f"Effect times how much the driver changed, mean per {split.period}."
    for number, part in enumerate(split.contributions, 1):
        yield Fact(f"contribution_{number}", f"Part of {part.name} per {split.period}", part.amount, split.unit, basis)
    rest = "The change less all parts."
    yield Fact("unexplained", f"Unexplained per {split.period}", split.unexplained, split.unit, rest)


def _event_facts(event: EventImpact, number: int) -> Iterator[Fact]:
    basis = "What happened less what past and controls made likely."
    yield Fact(f"event_{number}_name", "Event", event.name, "", "Named by you.")
    yield Fact(
        f"event_{number}_average", f"{event.name}: difference per {event.period}", event.average, event.unit, basis
    )
    yield Fact(f"event_{number}_from", f"{event.name}: 95 % interval from", event.interval[0], event.unit, basis)
    yield Fact(f"event_{number}_to", f"{event.name}: 95 % interval to", event.interval[1], event.unit, basis)
