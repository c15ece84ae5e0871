"""From an owner's file and two stretches of time to why the figure changed."""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np

from engine.business.calendar import Period
from engine.business.history import metric_named, sales_history
from engine.business.model import Business
from engine.business.query import Query, run
from engine.causal.answers import Answers, BudgetRule, Event
from engine.causal.drivers import CALENDAR
from engine.causal.event import EventImpact, Story, event_impact
from engine.causal.evidence import find_evidence, second_look
from engine.causal.frame import COUNTRIES, compare
from engine.causal.grade import FEWEST_PER_DRIVER, FEWEST_ROWS, Grade
from engine.causal.panel import Panel, Part
from engine.causal.panel_from_business import CausalSource, whole_periods
from engine.causal.result import ChangeExplanation, ChangeQuestion, Evidence
from engine.causal.screening import ExcludedColumn, screen
from engine.dataset import step
from engine.process import Report

TOO_PATCHY = "The figure is unknown in more than a fifth of the periods, so no cause can be told."
NO_DRIVERS = "Your file names nothing that may have moved it, such as advertising, prices or visits."
UNTOLD_EVENT = "it lies outside the history or too near its beginning, so what it changed cannot be told."


def explain_change(
    business: Business,
    question: ChangeQuestion,
    answers: Answers | None = None,
    *,
    deep: bool = False,
    report: Report = lambda share, note: None,
) -> ChangeExplanation:
    """Why a figure changed between two stretches: exact parts, graded causes, and what the data cannot tell.

    The same file, question and answers give the same result in every process.

    Args:
        business: whose figure.
        question: the figure and the two stretches.
        answers: what the owner said; everything open when None.
        deep: also let DoWhy and pgmpy take a second look; see `second_look`.
        report: told how far the work has come.

    Raises:
        DataProblem: the file has no such figure, or no period of one of the stretches.
    """
    knowledge = answers or Answers()
    source, metric = CausalSource(business, knowledge), metric_named(business, question.metric)
    report(0.0, "Comparing the two stretches")
    history = sales_history(business, metric)
    country = knowledge.country or COUNTRIES.get(business.currency, "")
    spans = [whole_periods(history, span) for span in (question.before, question.after)]
    totals = [run(business, Query((metric.key,), period=s)).total(metric.key) for s in spans]
    frame = compare(history, question.before, question.after, totals=(totals[0], totals[1]), country=country)
    splits = source.splits(metric, spans[0], spans[1])
    report(0.2, "Looking for what moved with it")
    raw = source.panel(metric)
    panel, left_out = screen(raw) if raw else (None, ())
    patchy = panel is not None and bool(np.isnan(panel.outcome.values).any())
    panel = None if patchy else panel
    evidence = find_evidence(panel, knowledge, question=question, report=report) if panel else None
    if deep and evidence:
        evidence = second_look(evidence, knowledge, report)
    report(0.9, "Weighing the events")
    impacts = {event: _impact(panel, event) for event in knowledge.events} if panel else {}
    beyond = _unknown(panel, evidence, left_out) if panel else (TOO_PATCHY if patchy else NO_DRIVERS,)
    answer = ChangeExplanation(
        question=question,
        frame=frame,
        splits=splits,
        evidence=evidence,
        events=tuple(impact for impact in impacts.values() if impact is not None),
        left_out=left_out,
        unknown=(*beyond, *(f"{event.name}: {UNTOLD_EVENT}" for event, impact in impacts.items() if impact is None)),
        cautions=(*frame.cautions, *history.cautions, *_warnings(evidence, knowledge)),
    )
    report(1.0, "Done")
    return answer


def _impact(panel: Panel, event: Event) -> EventImpact | None:
    """What one event changed, with calendar, drivers and untouched columns as controls; None when it cannot be told."""
    covered = np.array([_share(start, panel, event) for start in panel.periods])
    rows = np.flatnonzero(covered >= min(0.5, float(covered.max())))
    if covered.max() <= 0:
        return None
    until = int(rows[-1]) + 1
    beside = [variable for variable in (*panel.drivers, *panel.untouched) if variable.name != event.name]
    controls = np.column_stack([panel.calendar()[:, 1:], *(variable.values for variable in beside)])
    story = Story(
        name=event.name,
        unit=panel.outcome.unit,
        periods=panel.periods[:until],
        start=int(rows[0]),
        controls=(CALENDAR, *(variable.name for variable in beside)),
        period=panel.frequency.period,
    )
    try:
        return event_impact(story, panel.outcome.values[:until], controls[:until])
    except ValueError:  # too little before it to learn from
        return None


def _share(start: date, panel: Panel, event: Event) -> float:
    """Share of one period that an event covers, 0..1."""
    end = step(start, panel.frequency, 1)
    days = (min(event.last + timedelta(days=1), end) - max(event.first, start)).days
    return max(0, days) / (end - start).days


def _unknown(panel: Panel, evidence: Evidence | None, left_out: tuple[ExcludedColumn, ...]) -> tuple[str, ...]:
    """What the data cannot tell, in words."""
    sentences = [f"{each.name} was left out. {each.reason}" for each in left_out]
    rows, noun = panel.usable, panel.frequency.period
    if evidence is None:
        few = f"There are {rows} usable {noun}s, and causes need at least {FEWEST_ROWS}" if rows < FEWEST_ROWS else ""
        sentences.append(f"{few or 'No driver is left to look at'}: only the arithmetic can be told.")
        return tuple(sentences)
    if rows / len(panel.drivers) < FEWEST_PER_DRIVER:
        sentences.append(f"There are too few {noun}s for {len(panel.drivers)} drivers at once.")
    sentences += [f"{cause.name}: {cause.verdict.reasons[0]}" for cause in evidence.causes if cause.grade is Grade.D]
    sentences.append("Anything that your file does not show, such as rivals, weather or a mention in the news.")
    return tuple(sentences)


def _odd(panel: Panel) -> Iterator[str]:
    """The periods that were set aside, one sentence each."""
    for row in np.flatnonzero(panel.odd):
        first = panel.periods[row]
        span = Period(first, step(first, panel.frequency, 1) - timedelta(days=1))
        yield f"No effect rests on the {panel.frequency.period} of {span}, which lies too far from all the others."


def _warnings(evidence: Evidence | None, answers: Answers) -> tuple[str, ...]:
    """What stands against every effect of a spend, however well it was tested."""
    if evidence is None:
        return ()
    sentences = list(_odd(evidence.model.panel))
    spends = [driver.name for driver in evidence.model.panel.drivers if driver.part is Part.TREATMENT]
    doubtful = [name for name in spends if answers.rule(name) is not BudgetRule.PLANNED and name not in answers.tested]
    if doubtful:
        sentences.append(
            f"If sales decide in the same period how much goes into {', '.join(doubtful)}, the effect is overstated."
        )
    if spends:
        sentences.append("A cause that your file does not show, and that moves both, would change every effect.")
    return tuple(sentences)
