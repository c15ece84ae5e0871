"""The statistics of one panel: effects, leads, arrows, attempts to overturn them, grades."""

from dataclasses import dataclass, replace

import numpy as np

from engine.causal.answers import Answers
from engine.causal.checks import attempts, follows_sales, strongest_known, without_a_quarter
from engine.causal.drivers import CALENDAR, DriverSplit, driver_split, timeline
from engine.causal.effect import Effect, EffectModel, effects, fit_steadily
from engine.causal.grade import FEWEST_ROWS, Grade, Standing, judge, pauses
from engine.causal.granger import Lead, leads
from engine.causal.graph import CausalGraph, learn_graph, prewhitened
from engine.causal.panel import Panel, Part
from engine.causal.refuters import identify_and_estimate, with_calendar
from engine.causal.result import Cause, CauseProof, ChangeQuestion, Evidence
from engine.causal.search import climb
from engine.causal.settling import next_test
from engine.process import Report

EARLIER = ", a period earlier"


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


def second_look(evidence: Evidence, answers: Answers, report: Report = lambda share, note: None) -> Evidence:
    """Let DoWhy identify, estimate and refute each spend's effect, and pgmpy search the arrows again.

    Costs about ten seconds the first time in a process, for the two libraries.

    Args:
        evidence: of the first look.
        answers: what the owner said; its forbidden arrows hold here too.
        report: told how far the work has come.
    """
    panel, graph, model = evidence.model.panel, evidence.graph, evidence.model
    terms = model.terms[model.first :, 1:]
    calendar = [f"calendar term {k}" for k in range(1, terms.shape[1] + 1)]
    columns = {variable.name: variable.values[model.first :] for variable in panel.variables}
    columns |= {driver.name: model.stock(driver)[model.first :] for driver in panel.drivers}
    table, names = np.column_stack([terms, *columns.values()]), [*calendar, *columns]
    causes = []
    for done, cause in enumerate(evidence.causes):
        report(0.7 + 0.2 * done / len(evidence.causes), f"A second look at {cause.name}")
        if cause.grade is Grade.D or panel.named(cause.name).part is not Part.TREATMENT:
            causes.append(cause)
            continue
        arrow = (cause.name, panel.outcome.name)
        beside = {*with_calendar(graph, calendar), *_drivers_act(panel, cause.name), arrow}
        identified = identify_and_estimate(table, names, sorted(beside), arrow)
        held = [name for name in identified.adjusted_for if name not in calendar]
        if len(held) < len(identified.adjusted_for):
            held = [CALENDAR, *held]
        identified = replace(identified, adjusted_for=tuple(held))
        causes.append(replace(cause, proof=replace(cause.proof, calculation=identified)))
    return replace(evidence, causes=tuple(causes), agreed=_agreed(panel, graph, answers))


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
    proof = CauseProof(
        grade=verdict.grade,
        interval=effect.interval,
        tested=checks,
        reasons=verdict.reasons,
        overturned_by=verdict.overturned_by,
        robustness=effect.robustness,
        settled_by=next_test(model, effect) if verdict.grade is not Grade.D else None,
    )
    return Cause(effect, verdict, proof)


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


def _drivers_act(panel: Panel, spend: str) -> set[tuple[str, str]]:
    """Arrows that are drawn whether or not they came back often enough.

    What happens anyway may move every spend and the outcome; the spend in question may move every step on the way, so
    that no step is held fixed, which would take away what it does through that step.
    """
    targets = [*(driver.name for driver in panel.treatments), panel.outcome.name]
    anyway = {(control.name, name) for control in panel.controls for name in targets}
    return anyway | {(spend, step.name) for step in panel.steps}


def _agreed(panel: Panel, graph: CausalGraph, answers: Answers) -> float | None:
    """Share of the learnt solid arrows that pgmpy's hill-climb finds too; None when there is none."""
    learnt = {(arrow.cause, arrow.effect) for arrow in graph.arrows if arrow.solid and not arrow.drawn_by_owner}
    if not learnt:
        return None
    names = list(graph.names)
    white = prewhitened(np.column_stack([panel.named(name).values for name in names]), panel.calendar())
    earlier = [name + EARLIER for name in names]
    both, layers = np.hstack([white[1:], white[:-1]]), [tuple(earlier), *graph.layers]
    edges = climb(both, [*names, *earlier], layers, answers.never)
    plain = {(cause.removesuffix(EARLIER), effect) for cause, effect in edges}
    return len(learnt & plain) / len(learnt)
