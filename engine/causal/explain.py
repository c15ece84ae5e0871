"""From an owner's file and two stretches of time to why the figure changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from engine.business.calendar import Period
from engine.business.history import metric_named, sales_history
from engine.business.model import Business
from engine.business.query import Query, run
from engine.causal.checks import attempts, follows_sales, strongest_known, without_a_quarter
from engine.causal.drivers import CALENDAR, DriverSplit, driver_split, timeline
from engine.causal.effect import Effect, EffectModel, effects, fit_steadily
from engine.causal.event import EventImpact, Story, event_impact
from engine.causal.frame import COUNTRIES, Answers, BudgetRule, ChangeQuestion, Event, compare
from engine.causal.grade import FEWEST_PER_DRIVER, FEWEST_ROWS, Grade, Standing, judge, next_test, pauses
from engine.causal.granger import Lead, leads
from engine.causal.graph import CausalGraph, learn_graph
from engine.causal.panel import ExcludedColumn, Panel, Part, screen
from engine.causal.panel_from_business import CausalSource, whole_periods
from engine.causal.result import Cause, CauseProof, ChangeExplanation, Evidence
from engine.causal.second_look import second_look
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


@dataclass(frozen=True)
class _Structure:
    """What all columns together showed."""

    graph: CausalGraph
    leads: tuple[Lead, ...]


def find_evidence(
    panel: Panel,
    answers: Answers,
    *,
    question: ChangeQuestion | None = None,
    report: Report = lambda share, note: None,
) -> Evidence | None:
    """Effects, checks, leads, arrows and grades of one screened panel; None when there are too few rows for any.

    Args:
        panel: as `screen` leaves it.
        answers: what the owner said.
        question: the stretches whose change is to be split among the drivers; None for no such split.
        report: told how far the work has come.
    """
    if not panel.drivers or panel.usable < FEWEST_ROWS:
        return None
    try:
        model = fit_steadily(panel)
    except ValueError:
        return None
    panel = model.panel
    estimates = effects(model)
    report(0.4, "Testing what comes before what")
    running_ahead = leads(panel)
    report(0.5, "Drawing the arrows that come back in resampled histories")
    graph = learn_graph(panel, answers)
    structure = _Structure(graph, running_ahead)
    report(0.7, "Trying to overturn each cause")
    return Evidence(
        model=model,
        causes=tuple(_cause(model, effect, structure, answers) for effect in estimates),
        split=_driver_split(model, estimates, question),
        timeline=timeline(model, estimates),
        leads=running_ahead,
        graph=graph,
    )


def _impact(panel: Panel, event: Event) -> EventImpact | None:
    """What one event changed, with calendar, drivers and untouched columns as controls; None when it cannot be told."""
    covered = np.array([event.share_of(start, panel.frequency) for start in panel.periods])
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
    sentences += [f"{cause.name}: {cause.proof.reasons[0]}" for cause in evidence.causes if cause.grade is Grade.D]
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


def _cause(model: EffectModel, effect: Effect, structure: _Structure, answers: Answers) -> Cause:
    driver = model.panel.named(effect.driver)
    treatment = driver.part is Part.TREATMENT
    onward = {model.panel.outcome.name, *(step.name for step in model.panel.steps)}
    checks = (*attempts(model, driver, model.panel.untouched), follows_sales(model.panel, driver))
    if not treatment:
        checks = (without_a_quarter(model, driver),)
    verdict = judge(
        Standing(
            effect=effect,
            checks=checks,
            strongest_known=strongest_known(model, driver),
            rule=answers.rule(driver.name),
            tested=driver.name in answers.tested,
            pauses=pauses(driver.values),
            stability=structure.graph.stability(driver.name, onward) if treatment else None,
            leads=any(
                each.is_significant for each in structure.leads if each.cause == driver.name and each.effect in onward
            ),
            treatment=treatment,
        )
    )
    settled_by = next_test(model, effect) if verdict.grade is not Grade.D else None
    return Cause(effect, CauseProof(verdict.grade, verdict.reasons, verdict.overturned_by, checks, settled_by))


def _driver_split(
    model: EffectModel, estimates: tuple[Effect, ...], question: ChangeQuestion | None
) -> DriverSplit | None:
    if question is None:
        return None
    before = model.panel.rows_in(question.before.first, question.before.last)
    after = model.panel.rows_in(question.after.first, question.after.last)
    try:
        return driver_split(model, estimates, before, after)
    except ValueError:
        return None
