"""The whole answer to "why did it change", and what may be said of it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from engine.causal.checks import Check
from engine.causal.decompose import Split
from engine.causal.drivers import DriverSplit, Timeline
from engine.causal.effect import Effect, EffectModel
from engine.causal.event import EventImpact
from engine.causal.frame import ChangeQuestion, Comparison
from engine.causal.grade import Grade, GradeVerdict, NextTest
from engine.causal.granger import Lead
from engine.causal.graph import CausalGraph
from engine.causal.panel import ExcludedColumn, Part
from engine.causal.panel_from_business import PRICES, PROMOTION
from engine.facts import Fact, Facts

SHOWN_PIECES = 4
"""So many parts of each split become facts, the largest first."""

NOT_WORTH = 0.1
"""An effect below this is told per hundred units of the driver."""

CAUSAL = re.compile(
    r"\b(?:caus(?:e|ed|es|ing)|because(?: of)?|due to|led to|leads? to|leading to|drove|drives?|driven by|driving|"
    r"thanks to|owing to|results? in|resulted in|as a result|results? from|resulted from|responsible for|"
    r"explain(?:s|ed)? (?:why|by)|made\b.{0,40}\b(?:rise|fall|drop|grow)|push(?:ed|es)|pull(?:ed|s) (?:up|down)|"
    r"boost(?:ed|s)?|brings?|brought|generat(?:e|es|ed)|produc(?:e|es|ed)|triggered|proves?|proved|proven)\b",
    re.IGNORECASE,
)
HEDGED = re.compile(r"\b(?:may|might|could|perhaps|possibly|suggests?|appears? to|seems? to)\b", re.IGNORECASE)
DENIED = re.compile(
    r"\b(?:not|no|never|cannot|can't|neither|nothing|unknown|unclear|whether|if)\b|n't\b", re.IGNORECASE
)
SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


@dataclass(frozen=True)
class Refutation:
    """Whether the calculation holds together under one change.

    Attributes:
        name: DoWhy's name of the change.
        sentence: what should happen, in words.
        effect: the effect after the change, mean over the simulations.
        holds: whether that happened.
    """

    name: str
    sentence: str
    effect: float
    holds: bool


@dataclass(frozen=True)
class Identified:
    """What DoWhy makes of one arrow.

    Attributes:
        adjusted_for: columns that must be held fixed, sorted.
        identifiable: whether the effect can be had from these columns at all, if the graph is right.
        value: the effect by regression on the rows as given.
        interval: its 95 % interval by least squares.
        refutations: whether the calculation holds together.
    """

    adjusted_for: tuple[str, ...]
    identifiable: bool
    value: float
    interval: tuple[float, float]
    refutations: tuple[Refutation, ...] = ()


@dataclass(frozen=True)
class EffectMeasure:
    """What an effect is counted per.

    Attributes:
        scale: what the effect per unit is multiplied by.
        words: "per USD", "a week per 1% on all prices".
    """

    scale: float
    words: str


@dataclass(frozen=True)
class CauseProof(GradeVerdict):
    """The evidence for one cause: its grade with reasons, and what was tried.

    Attributes:
        tested: what could have overturned it, and did or did not.
        settled_by: the test that would settle it; None for what cannot be switched.
        calculation: DoWhy's second look; None until it was asked for.
    """

    tested: tuple[Check, ...]
    settled_by: NextTest | None
    calculation: Identified | None = None


@dataclass(frozen=True)
class Cause:
    """One driver, how much it moves the figure, and how far that may be believed.

    Attributes:
        effect: its size, by driver and figure.
        proof: the grade, the reasons for it, what was tested, and what could overturn it.
    """

    effect: Effect
    proof: CauseProof

    @property
    def name(self) -> str:
        """The driver's column."""
        return self.effect.driver

    @property
    def grade(self) -> Grade:
        """How far it may be believed."""
        return self.proof.grade


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

    def measure(self, cause: Cause) -> EffectMeasure:
        """What the effect of one of the causes is counted per, in words for an owner."""
        panel = self.evidence.model.panel if self.evidence else None
        if panel is None or panel.named(cause.name).part is Part.TREATMENT:
            unit, small = cause.effect.driver_unit, abs(cause.effect.value) < NOT_WORTH
            if not unit:
                return EffectMeasure(100, "for each hundred spent") if small else EffectMeasure(1, "for each one spent")
            return EffectMeasure(100, f"per 100 {unit}") if small else EffectMeasure(1, f"per {unit}")
        period = f"a {panel.frequency.period}"
        if cause.name == PRICES:
            return EffectMeasure(0.01, f"{period} per 1% on all prices")
        if cause.name == PROMOTION:
            return EffectMeasure(1, f"{period} if all of it were on promotion")
        return EffectMeasure(1, f"{period} while it lasts")

    def facts(self) -> Facts:
        """All that may be quoted."""
        items = [*_frame_facts(self.frame), *_split_facts(self.splits)]
        for number, cause in enumerate(self.causes, 1):
            items += _cause_facts(cause, self.measure(cause), number)
        if self.evidence and self.evidence.split:
            items += _driver_facts(self.evidence.split)
        items += [fact for number, event in enumerate(self.events, 1) for fact in _event_facts(event, number)]
        return Facts(tuple(items), self.cautions)


class ClaimKind(StrEnum):
    """The layer that a claim belongs to."""

    ARITHMETIC = "arithmetic"
    EVIDENCE = "evidence"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class CausalClaim:
    """One thing that may be said.

    Attributes:
        kind: its layer.
        subject: what it is about, as a text would name it.
        sentence: a sentence that says it, numbers left to the facts.
        facts: names of the facts that carry its numbers.
        grade: of a cause; None for arithmetic and for what is not known.
    """

    kind: ClaimKind
    subject: str
    sentence: str
    facts: tuple[str, ...]
    grade: Grade | None = None

    @property
    def may_say_cause(self) -> bool:
        """Whether "caused", "because of" and the like may be used: for arithmetic and the best grade alone."""
        return self.kind is ClaimKind.ARITHMETIC or self.grade is Grade.A

    @property
    def may_hint(self) -> bool:
        """Whether "may have caused" may be used."""
        return self.may_say_cause or self.grade is Grade.B


def claims(answer: ChangeExplanation) -> tuple[CausalClaim, ...]:
    """Everything that may be said about an answer, by layer."""
    allowed = []
    for number, split in enumerate(answer.splits, 1):
        for place, piece in enumerate(sorted(split.pieces, key=lambda each: -abs(each.amount))[:4], 1):
            way = "raised" if piece.amount > 0 else "lowered"
            sentence = f"{piece.name} {way} the figure ({split.title.lower()})."
            names = (f"split_{number}_part_{place}", f"split_{number}_change")
            allowed.append(CausalClaim(ClaimKind.ARITHMETIC, piece.name, sentence, names))
    allowed += [_claim_of(cause, number) for number, cause in enumerate(answer.causes, 1)]
    allowed += [CausalClaim(ClaimKind.UNKNOWN, "", sentence, ()) for sentence in answer.unknown]
    return tuple(allowed)


def overclaims(text: str, allowed: Iterable[CausalClaim]) -> tuple[str, ...]:
    """The sentences of a text that speak of cause and effect where the evidence does not allow it.

    A sentence with causal words must name a subject that allows them, and none that does not; with "may" and the like
    grade B is enough. A sentence that denies or asks is let through when it names no subject of a better grade's verb.
    """
    with_subject = [claim for claim in allowed if claim.subject]
    return tuple(
        sentence.strip()
        for sentence in SENTENCE.split(text)
        if sentence.strip() and not _is_fair(sentence, with_subject)
    )


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


def _cause_facts(cause: Cause, measure: EffectMeasure, number: int) -> Iterator[Fact]:
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


def _is_fair(sentence: str, allowed: list[CausalClaim]) -> bool:
    bare = sentence
    for claim in allowed:
        bare = re.sub(re.escape(claim.subject), " ", bare, flags=re.IGNORECASE)
    if not CAUSAL.search(bare) or DENIED.search(bare):
        return True
    named = [claim for claim in allowed if _names(sentence, claim.subject)]
    hedged = bool(HEDGED.search(bare))
    strict = {claim.subject.casefold(): False for claim in named}
    for claim in named:
        strict[claim.subject.casefold()] |= claim.may_hint if hedged else claim.may_say_cause
    return bool(strict) and all(strict.values())


def _names(sentence: str, subject: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(subject)}(?!\w)", sentence, re.IGNORECASE) is not None


def _claim_of(cause: Cause, number: int) -> CausalClaim:
    name = cause.name
    if cause.grade is Grade.D:
        sentence = f"Whether {name} had any part in it cannot be told from this file."
        return CausalClaim(ClaimKind.EVIDENCE, name, sentence, (f"cause_{number}_grade",), cause.grade)
    facts = tuple(f"cause_{number}_{part}" for part in ("grade", "effect", "from", "to"))
    words = {
        Grade.A: f"{name} moves the figure: strong evidence, not proof.",
        Grade.B: f"{name} may move the figure: suggestive.",
        Grade.C: f"{name} goes along with the figure: a pattern, no more.",
    }
    return CausalClaim(ClaimKind.EVIDENCE, name, words[cause.grade], facts, cause.grade)
