"""From a question to what will be done about it: answered, asked back, planned, or refused; nothing runs here."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from engine.business.calendar import Period
from engine.coach.question_scope import selections
from engine.coach.registry import Step, registered
from engine.coach.understand.classifier import CONFIDENT, Classifier, Reading
from engine.coach.understand.entities import Arguments, read_arguments
from engine.coach.understand.intents import CLAUSE, JOINED, Intent, tools_named
from engine.coach.understand.times import read_spans
from engine.errors import DyocenseError
from engine.llm.chat import Ask, ChatModel, Message, ModelUnavailable
from engine.llm.router import LOCAL_BELOW, Policy, QueryContext, RedactedText, Route, in_context, redact, route
from engine.narrate.glossary import term_in

Way = Literal["answer", "ask back", "plan", "outside"]

LONGEST_QUESTION = 500
SURELY_SEVERAL = 0.6
"""From this complexity on a question may need several steps also where no word joins them."""
SAYS_WHEN = re.compile(r"\b(?:19|20)\d\d\b|\b(?:next|coming|upcoming|following|last|past|previous|tomorrow)\b", re.I)


@dataclass(frozen=True)
class TalkContext:
    """What surrounds a question.

    Attributes:
        today: what "tomorrow" is counted from.
        items: the items of the owner's file.
        people: names of employees.
        turns: questions asked before in this talk.
    """

    today: date
    items: Sequence[str] = ()
    people: Sequence[str] = ()
    turns: int = 0

    def without_names(self, question: str) -> RedactedText:
        """The question as it may leave this machine: tokens in the place of people, items and personal data."""
        return redact(question, (*self.people, *self.items))


@dataclass(frozen=True, eq=False)
class Understanding:
    """What a question wants.

    Attributes:
        question: as it was typed.
        way: what happens next.
        steps: what will be calculated; the first is the likeliest; none when it is outside.
        choices: what to offer when asking back, two; otherwise none.
        reading: of the classifier.
        route: who would word the answer, and why.
    """

    question: str
    way: Way
    steps: tuple[Step, ...]
    choices: tuple[Intent, ...]
    reading: Reading
    route: Route

    def chosen(self, tool: Intent) -> "Understanding":
        """The same question with the tool that the owner chose."""
        arguments = self.steps[0].arguments if self.steps else Arguments()
        return replace(self, way="answer", steps=(Step(tool, arguments),), choices=())

    def cut(self) -> "Understanding":
        """The same question with only its first step."""
        return replace(self, way="answer", steps=self.steps[:1])


def understand(
    question: str,
    reader: Classifier,
    policy: Policy,
    context: TalkContext,
    *,
    planner: ChatModel | None = None,
    helper: ChatModel | None = None,
) -> Understanding:
    """What a question wants, by the classifier and by rules.

    Args:
        question: as it was typed; only its first `LONGEST_QUESTION` characters count.
        reader: the classifier.
        policy: what the owner allows.
        context: what surrounds the question.
        planner: a model that plans questions of several steps, or None for the words alone; it sees what
            `TalkContext.without_names` gives.
        helper: a model that reads a time which rules cannot read, under the same condition; what it read is shown
            before anything runs.
    """
    question = question[:LONGEST_QUESTION].strip()
    reading = reader.read(question)
    arguments = read_arguments(question, today=context.today, items=context.items)
    complexity = in_context(reading.complexity, QueryContext(context.turns))
    chosen = route(complexity, replace(policy, private=policy.private or redact(question, context.people).is_private))
    likely = [tool for tool, _ in reading.ranking if tool is not Intent.OTHER]
    step = Step(likely[0], _in_time(arguments, likely[0], question, context.today))
    understanding = Understanding(question, "answer", (step,), (), reading, chosen)
    if complexity >= LOCAL_BELOW and (complexity >= SURELY_SEVERAL or JOINED.search(question)):
        plan = _steps(question, reader, planner if chosen.model == "cloud" else None, context)
        if len(plan) > 1:
            steps = tuple(Step(tool, _in_time(arguments, tool, question, context.today)) for tool in plan)
            return replace(understanding, way="plan", steps=steps)
    if helper is not None and not arguments.spans and not registered()[likely[0]].timeless and UNREAD.search(question):
        span = read_time(helper, context.without_names(question).text, context.today)
        if span is not None and reading.tool is not Intent.OTHER:
            return replace(understanding, way="plan", steps=(Step(likely[0], replace(arguments, spans=(span,))),))
    if reading.tool is Intent.OTHER and reading.confidence >= CONFIDENT and not selections(arguments):
        return replace(understanding, way="outside", steps=())
    if reading.tool is Intent.OTHER or reading.confidence < CONFIDENT:
        if reading.tool is Intent.EXPLAIN and term_in(question) is not None:
            return understanding  # it names a term of our glossary, so there is nothing to ask
        return replace(understanding, way="ask back", choices=tuple(likely[:2]))
    return understanding


def _steps(question: str, reader: Classifier, planner: ChatModel | None, context: TalkContext) -> tuple[Intent, ...]:
    if planner is None:
        plan = plan_by_words(question, reader)
    else:
        plan = plan_with(planner, context.without_names(question).text, reader)
    return plan.steps if plan is not None else ()


def _in_time(arguments: Arguments, tool: Intent, question: str, today: date) -> Arguments:
    """ "December" is the last one where we look back, and the next one where we look ahead."""
    if SAYS_WHEN.search(question):
        return arguments
    back = registered()[tool].looks_back
    spans = []
    for span in arguments.spans:
        late, early = back and span.first > today, tool is Intent.FORECAST and span.last < today - timedelta(days=7)
        if late and span.days <= 7 and f"{span.first:%A}".casefold() in question.casefold():
            week = timedelta(days=7)  # "Monday" is the last one
            spans.append(Period(span.first - week, span.last - week))
        else:
            spans.append(_years_on(span, (early - late)))
    return replace(arguments, spans=tuple(spans))


def _years_on(span: Period, years: int) -> Period:
    return Period(*(_year_on(day, years) for day in (span.first, span.last))) if years else span


def _year_on(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


MOST_STEPS = 5
LIKELY = 0.1
"""A tool that only a single word points to takes part from this chance on."""
SOME_DAY = date(2000, 1, 1)
ALLOWED = tuple(tool for tool in Intent if tool is not Intent.OTHER)
STEPS_SCHEMA = {
    "type": "object",
    "properties": {
        "steps": {
            "type": "array",
            "maxItems": MOST_STEPS,
            "items": {"type": "string", "enum": [tool.value for tool in ALLOWED]},
        }
    },
    "required": ["steps"],
    "additionalProperties": False,
}
STEPS_INSTRUCTION = (
    "List the calculations that the question needs, in the order in which they should run, as JSON. Choose only from "
    f"{', '.join(tool.value for tool in ALLOWED)}. Do not answer the question."
)


class BadPlan(DyocenseError):
    """A model's plan is not one that may run."""


@dataclass(frozen=True)
class CalculationPlan:
    """Calculations in the order in which they run.

    Attributes:
        steps: one to `MOST_STEPS` of `ALLOWED`, each once.

    Raises:
        BadPlan: anything else.
    """

    steps: tuple[Intent, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.steps) <= MOST_STEPS or len(set(self.steps)) < len(self.steps):
            raise BadPlan(f"A plan has one to {MOST_STEPS} different steps.")
        if any(step not in ALLOWED for step in self.steps):
            raise BadPlan("A plan may only calculate.")


def plan_by_words(query: str, reader: Classifier) -> CalculationPlan | None:
    """The plan that the words of the question give: the tool of each clause; None when no clause is clear."""
    clauses = [clause.strip() for clause in CLAUSE.split(query) if clause and len(clause.split()) > 1]
    clauses = [clause for clause in clauses if _says_more_than_when(clause)]
    steps: list[Intent] = []
    readings = reader.read_all([query, *clauses])
    for reading in readings:
        if reading.confidence >= CONFIDENT and reading.tool in ALLOWED and reading.tool not in steps:
            steps.append(reading.tool)
    likely = {tool for reading in readings for tool, chance in reading.ranking if chance >= LIKELY}
    steps += [tool for tool in tools_named(query) if tool in ALLOWED and tool in likely and tool not in steps]
    return CalculationPlan(tuple(steps[:MOST_STEPS])) if steps else None


def _says_more_than_when(clause: str) -> bool:
    """False for the second half of "between 1 May and 31 May"."""
    rest, _ = read_spans(clause, SOME_DAY)
    return bool(re.search(r"[^\W\d_]", rest))


def plan_with(model: ChatModel, query: str, reader: Classifier) -> CalculationPlan | None:
    """The model's plan where it gives a valid one, else that of the words.

    Args:
        model: who plans; it sees the question and the names of the tools.
        query: the question, without personal data.
        reader: the classifier of the fallback.
    """
    ask = Ask((Message("system", STEPS_INSTRUCTION), Message("user", query)), max_tokens=60, schema=STEPS_SCHEMA)
    try:
        return parse_plan(model.ask(ask).text)
    except (ModelUnavailable, BadPlan):
        return plan_by_words(query, reader)


def parse_plan(text: str) -> CalculationPlan:
    """The plan in a model's JSON.

    Raises:
        BadPlan: it is not JSON of the schema, or not a plan that may run.
    """
    try:
        answer = json.loads(text)
        return CalculationPlan(tuple(Intent(step) for step in answer["steps"]))
    except (ValueError, KeyError, TypeError):
        raise BadPlan("The plan could not be read.") from None


UNREAD = re.compile(
    r"\b(?:easter|ramadan|diwali|hanukkah|thanksgiving|black friday|holidays?|vacation|term|season|since|until|between"
    r"|before|after|during)\b",
    re.IGNORECASE,
)
"""Words that speak of a time which our own rules do not know."""

FURTHEST = timedelta(days=3 * 366)
TIME_SCHEMA = {
    "type": "object",
    "properties": {"first": {"type": "string"}, "last": {"type": "string"}},
    "required": ["first", "last"],
    "additionalProperties": False,
}
TIME_INSTRUCTION = (
    "Today is {today}. Say of which days the question speaks, as JSON: the first and the last day, each as YYYY-MM-DD. "
    "Do not answer the question."
)


def read_time(model: ChatModel, question: str, today: date) -> Period | None:
    """The stretch of time that a model reads in a question; None when it gives none that makes sense.

    Args:
        model: who reads.
        question: without personal data and without the owner's items.
        today: what it is counted from; a stretch more than three years away makes no sense.
    """
    turns = (Message("system", TIME_INSTRUCTION.format(today=today)), Message("user", question))
    try:
        answer = json.loads(model.ask(Ask(turns, max_tokens=40, schema=TIME_SCHEMA)).text)
        first, last = date.fromisoformat(answer["first"]), date.fromisoformat(answer["last"])
    except (ModelUnavailable, ValueError, KeyError, TypeError):
        return None
    near = abs(first - today) <= FURTHEST and abs(last - today) <= FURTHEST
    return Period(first, last) if first <= last and near else None
