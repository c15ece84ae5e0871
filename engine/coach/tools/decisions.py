"""Questions that the pages on causes, budgets and rosters answer: asked here with their usual settings."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.budget import Outlook
from engine.business.calendar import Period
from engine.business.model import Business
from engine.causal import Answers, ChangeExplanation, ChangeQuestion, claims, overclaims
from engine.charts import causal as waterfalls
from engine.charts import roster as grids
from engine.coach.context import READ, CoachContext, CoachQuestion, Picture, QuestionFact, Tool, ToolResult
from engine.coach.figures import bars, measure_in
from engine.coach.question_scope import listed
from engine.coach.understand.entities import SPENDING
from engine.coach.understand.intents import Intent
from engine.coach.understand.times import stretch_before
from engine.dataset import in_words
from engine.errors import DataProblem
from engine.facts import Fact, Facts
from engine.narrate import narrate
from engine.process import Report
from engine.proof import Infeasibility
from engine.scheduling import Roster
from engine.workflows.budget import plan as budget
from engine.workflows.roster import plan as roster
from engine.workflows.roster import sources
from engine.workflows.why import explain as why

EXTRA = re.compile(r"\b(?:extra|another|more|additional|on top)\b", re.I)
ROSTER_SECONDS = 10.0
MOST_TIMES = 3.0
"""A budget that is named counts when it is not further from today's than this factor; else it means a longer time."""


def why_changed(context: CoachContext, question: CoachQuestion) -> ToolResult:
    """Why a figure changed, for the stretch that was named against the one before, or the most usual comparison.

    Raises:
        DataProblem: the file has no such figure, or not both stretches.
    """
    key = measure_in(question.text, why.figures(context.business))
    change = ChangeQuestion(key, *_stretches(context.business, key, question))
    answer = context.why(change) if context.why else explain(context.business, change)
    picture = None
    if answer.splits:
        split = answer.splits[0]
        picture = Picture(waterfalls.waterfall(split), waterfalls.waterfall_alt(split))
    facts = _with_days(answer.facts(), answer.frame.metric, answer.frame.before.span, answer.frame.after.span)
    allowed = claims(answer)
    only = tuple(each for each in narrate(facts, "why").sentences if not overclaims(each.text, allowed))
    return ToolResult("why", facts, only=only, picture=picture, link="pages/why_did_it_change.py")


def split_money(context: CoachContext, question: CoachQuestion) -> ToolResult:
    """Where the marketing money should go: today's total, or the one that was named.

    Raises:
        DataProblem: the file has no spend, no outcome, or too little of both.
    """
    looks = context.learnt() if context.learnt else learn(context.business)
    mix = looks.mix()
    today = sum(mix.today.values())
    named = [amount.value for amount in question.arguments.amounts if amount.unit != "%" and amount.value > 0]
    total = today
    if named and SPENDING.search(question.text) and today / MOST_TIMES <= named[0] <= today * MOST_TIMES:
        total = named[0]
    elif named and EXTRA.search(question.text):
        total = today + named[0]
    plan = budget.suggest(looks, budget.BudgetQuestion(total))
    if isinstance(plan, Infeasibility):
        raise DataProblem(plan.sentence, remedy=plan.remedy)
    names = sorted(plan.spend, key=lambda name: -plan.spend[name])
    values = [plan.spend[name] for name in names]
    picture = bars(names, values, f"Suggested spend per {mix.period}", mix.currency)
    return ToolResult("budget", budget.facts_of(looks, plan), picture=picture, link="pages/budget.py", most=5)


def who_works(context: CoachContext, question: CoachQuestion) -> ToolResult:
    """The cheapest roster of the coming week that keeps the rules.

    Raises:
        DataProblem: no roster keeps all rules, or the lists make no sense.
    """
    planned = context.roster() if context.roster else first_roster(context.business)
    picture = Picture(grids.roster_grid(planned), grids.roster_grid_alt(planned))
    facts, days, spans = planned.facts(), planned.problem.calendar, question.arguments.spans
    if spans and not any(day in days for day in (spans[0].first, spans[0].last)):
        caution = f"This is the roster from {in_words(days[0])} to {in_words(days[-1])}; its page plans other weeks."
        facts = replace(facts, cautions=(caution, *facts.cautions))
    elif spans and spans[0].days == 1:
        facts = replace(facts, items=(*_at_work(planned, spans[0].first), *facts.items))
    return ToolResult("roster", facts, picture=picture, link="pages/scheduling.py", most=5)


def _with_days(facts: Facts, metric: str, before: Period, after: Period) -> Facts:
    """The facts with the compared days as facts of their own, so that the labels of the totals need not say them."""
    spans = {"before_total": before, "after_total": after}
    items = [_undated(fact, metric, spans[fact.name]) if fact.name in spans else fact for fact in facts]
    days = (
        QuestionFact("before_first", "The stretch before: from", before.first, "", READ),
        QuestionFact("before_last", "The stretch before: to", before.last, "", READ),
        QuestionFact("after_first", "The stretch after: from", after.first, "", READ),
        QuestionFact("after_last", "The stretch after: to", after.last, "", READ),
    )
    return replace(facts, items=(*items, *days))


def _undated(fact: Fact, metric: str, span: Period) -> Fact:
    when = f"{in_words(span.first)} to {in_words(span.last)}"
    return replace(fact, label=metric, basis=f"{fact.basis} {when}.")


def _at_work(roster: Roster, day: date) -> tuple[Fact, ...]:
    """Who works on one day, the earliest first."""
    shifts = roster.problem.shift_named
    today = [(shifts[each.shift], each.employee) for each in roster.assignments if each.day == day]
    if not today:
        return (QuestionFact("free_day", "The day asked for", day, "", READ),)
    names = [f"{name} ({shift.times})" for shift, name in sorted(today, key=lambda each: (each[0].start, each[1]))]
    return (
        QuestionFact("asked_day", "The day asked for", day, "", READ),
        Fact("asked_people", "Who works on it", listed(names), "", "the roster"),
    )


def explain(business: Business, question: ChangeQuestion) -> ChangeExplanation:
    """Why a figure changed, without any answer of the owner.

    Raises:
        DataProblem: the file cannot answer that.
    """
    return why.explain(business, question, Answers())


def learn(business: Business, report: Report = lambda share, note: None) -> Outlook:
    """What each channel brings, learnt from the file; reports how far it is.

    Raises:
        DataProblem: there is too little to learn from.
    """
    history = budget.history_of(business)
    model = budget.learn(history, (), report)
    return Outlook(model, (), history.unit, business.currency, history.frequency.period)


def first_roster(
    business: Business, seconds: float = ROSTER_SECONDS, report: Report = lambda share, note: None
) -> Roster:
    """The roster that the file's own lists give; reports how far it is.

    Raises:
        DataProblem: no roster keeps all rules, or the lists make no sense.
    """
    draft = sources.start_from(business).draft
    with TemporaryDirectory() as folder:
        answer = roster.make(draft, None, seconds, roster.StopSign(Path(folder) / "stop"), report)
    if answer.roster is None:
        clash = answer.infeasibility.sentence if answer.infeasibility else ""
        raise DataProblem(f"No roster keeps all rules: {clash}", remedy="See the ways out on the Roster page.")
    return roster.roster_of(answer.draft, answer.roster)


def _stretches(business: Business, figure: str, question: CoachQuestion) -> tuple[Period, Period]:
    history = why.history_of(business, figure)
    spans = sorted(question.arguments.spans, key=lambda span: span.first)
    if not spans:
        usual = why.pairs(history)[0]
        return usual.before, usual.after
    first, last = why.ends(history)
    later_first, later_last = max(first, spans[-1].first), min(last, spans[-1].last)
    inside = later_first <= later_last
    if inside:
        later = Period(later_first, later_last)
        earlier = spans[0] if len(spans) > 1 else stretch_before(later)
        inside = earlier.last >= first
    if not inside:
        raise DataProblem(
            f"To compare, both stretches must lie between {in_words(first)} and {in_words(last)}",
            remedy="Ask about another time.",
        )
    return Period(earlier.first, earlier.last), Period(later.first, later.last)


TOOLS = (
    Tool(Intent.WHY, "Why something changed", why_changed, looks_back=True),
    Tool(Intent.BUDGET, "Where marketing money should go", split_money, timeless=True),
    Tool(Intent.ROSTER, "Who works when", who_works, timeless=True),
)
