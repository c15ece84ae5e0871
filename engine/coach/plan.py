"""From a question to what will be done about it: answered, asked back, planned, or refused; nothing runs here."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from engine.business.calendar import Period
from engine.coach.question_scope import selections
from engine.coach.understand.classifier import CONFIDENT, Classifier, Reading
from engine.coach.understand.entities import Arguments, read_arguments
from engine.coach.understand.intents import JOINED, Intent
from engine.coach.understand.model_planner import plan_by_words, plan_with
from engine.coach.understand.time_fallback import UNREAD, read_time
from engine.llm.chat import ChatModel
from engine.llm.router import LOCAL_BELOW, Policy, QueryContext, RedactedText, Route, in_context, redact, route
from engine.narrate.glossary import term_in

Way = Literal["answer", "ask back", "plan", "outside"]

NAMES = {
    Intent.FORECAST: "What will sell",
    Intent.ORDERS: "What to order",
    Intent.ROSTER: "Who works when",
    Intent.BUDGET: "Where marketing money should go",
    Intent.WHY: "Why something changed",
    Intent.COMPARE: "Compare two things",
    Intent.EXPLAIN: "Explain a term",
    Intent.DATA: "Look it up in my file",
    Intent.OTHER: "Something else",
}
LONGEST_QUESTION = 500
SURELY_SEVERAL = 0.6
"""From this complexity on a question may need several steps also where no word joins them."""
LOOKING_BACK = frozenset({Intent.DATA, Intent.COMPARE, Intent.WHY})
TIMELESS = frozenset({Intent.ORDERS, Intent.ROSTER, Intent.BUDGET, Intent.EXPLAIN})
SAYS_WHEN = re.compile(r"\b(?:19|20)\d\d\b|\b(?:next|coming|upcoming|following|last|past|previous|tomorrow)\b", re.I)


@dataclass(frozen=True)
class Known:
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


@dataclass(frozen=True)
class Step:
    """One read-only calculation.

    Attributes:
        tool: which.
        arguments: what about.
    """

    tool: Intent
    arguments: Arguments

    @property
    def words(self) -> str:
        """The calculation as the owner reads it before it runs."""
        spans = () if self.tool in TIMELESS else self.arguments.spans
        about = [*(each.label for each in selections(self.arguments)), *(str(span) for span in spans)]
        return f"{NAMES[self.tool]}: {', '.join(about)}" if about else NAMES[self.tool]


@dataclass(frozen=True, eq=False)
class Understood:
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

    def chosen(self, tool: Intent) -> "Understood":
        """The same question with the tool that the owner chose."""
        arguments = self.steps[0].arguments if self.steps else Arguments()
        return replace(self, way="answer", steps=(Step(tool, arguments),), choices=())

    def cut(self) -> "Understood":
        """The same question with only its first step."""
        return replace(self, way="answer", steps=self.steps[:1])


def understand(
    question: str,
    reader: Classifier,
    policy: Policy,
    known: Known,
    *,
    planner: ChatModel | None = None,
    helper: ChatModel | None = None,
) -> Understood:
    """What a question wants, by the classifier and by rules.

    Args:
        question: as it was typed; only its first `LONGEST_QUESTION` characters count.
        reader: the classifier.
        policy: what the owner allows.
        known: what surrounds the question.
        planner: a model that plans questions of several steps, or None for the words alone; it sees what
            `Known.without_names` gives.
        helper: a model that reads a time which rules cannot read, under the same condition; what it read is shown
            before anything runs.
    """
    question = question[:LONGEST_QUESTION].strip()
    reading = reader.read(question)
    arguments = read_arguments(question, today=known.today, items=known.items)
    complexity = in_context(reading.complexity, QueryContext(known.turns))
    chosen = route(complexity, replace(policy, private=policy.private or redact(question, known.people).is_private))
    likely = [tool for tool, _ in reading.ranking if tool is not Intent.OTHER]
    step = Step(likely[0], _in_time(arguments, likely[0], question, known.today))
    made = Understood(question, "answer", (step,), (), reading, chosen)
    if complexity >= LOCAL_BELOW and (complexity >= SURELY_SEVERAL or JOINED.search(question)):
        plan = _steps(question, reader, planner if chosen.model == "cloud" else None, known)
        if len(plan) > 1:
            steps = tuple(Step(tool, _in_time(arguments, tool, question, known.today)) for tool in plan)
            return replace(made, way="plan", steps=steps)
    if helper is not None and not arguments.spans and likely[0] not in TIMELESS and UNREAD.search(question):
        span = read_time(helper, known.without_names(question).text, known.today)
        if span is not None and reading.tool is not Intent.OTHER:
            return replace(made, way="plan", steps=(Step(likely[0], replace(arguments, spans=(span,))),))
    if reading.tool is Intent.OTHER and reading.confidence >= CONFIDENT and not selections(arguments):
        return replace(made, way="outside", steps=())
    if reading.tool is Intent.OTHER or reading.confidence < CONFIDENT:
        if reading.tool is Intent.EXPLAIN and term_in(question) is not None:
            return made  # it names a term of our glossary, so there is nothing to ask
        return replace(made, way="ask back", choices=tuple(likely[:2]))
    return made


def _steps(question: str, reader: Classifier, planner: ChatModel | None, known: Known) -> tuple[Intent, ...]:
    if planner is None:
        plan = plan_by_words(question, reader)
    else:
        plan = plan_with(planner, known.without_names(question).text, reader)
    return plan.steps if plan is not None else ()


def _in_time(arguments: Arguments, tool: Intent, question: str, today: date) -> Arguments:
    """ "December" is the last one where we look back, and the next one where we look ahead."""
    if SAYS_WHEN.search(question):
        return arguments
    back = tool in LOOKING_BACK
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
