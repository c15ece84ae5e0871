"""The Coach at work: from a question to calculations on the owner's file, and to words that are checked."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from engine.budget import Outlook
from engine.business.history import SalesHistory
from engine.business.model import Business
from engine.causal import ChangeExplanation, ChangeQuestion
from engine.coach.context import CoachContext, ToolResult
from engine.coach.plan import TalkContext, Understanding, understand
from engine.coach.registry import Step, carry_out, in_words
from engine.coach.tools import decisions
from engine.errors import DataProblem, JobFailed
from engine.forecast import Forecast
from engine.inventory import OrderPlan
from engine.narrate.narrator import Page, narrate
from engine.scheduling import Roster
from engine.store import SavedTurn
from engine.workflows.forecast.forecasts import ForecastQuestion
from engine.workflows.order_question import OrderQuestion
from engine.workflows.why import causal_knowledge
from pages.parts.coach import conversation
from pages.parts.coach.conversation import AnswerPart, Conversation, Exchange, Request, keep
from pages.parts.frame import background, cached, narrator, show, state
from pages.parts.frame.background import Calculation
from pages.parts.orders import purchases
from pages.parts.roster.session import RosterSession

ALIKE = 0.75
"""From this cosine on a question from before is offered as one like it."""

WORK_SECONDS = 120.0
OUTSIDE = (
    "That is outside what I can work out from your file. I can tell you what will sell, what to order, who works when, "
    "where marketing money should go and why something changed; compare two things; explain a term; and look things up "
    "in your file."
)


def context(business: Business) -> CoachContext:
    """The open file, with calculations that are kept and that run where they do not slow other owners down."""
    sha = business.key

    def forecast(history: SalesHistory, question: ForecastQuestion) -> Forecast:
        owner_calendar = state.owner_calendar(business.fingerprint(history.metric.key))
        drivers = cached.drivers(business, sha, question.metric, question.item, owner_calendar)
        return cached.quick_forecast(history, drivers, sha, replace(question, calendar=owner_calendar))

    def orders(question: OrderQuestion) -> OrderPlan:
        desk = purchases.desk(business)
        return cached.order_plan(desk.stock, desk.key, question, desk.currency)

    def explain(question: ChangeQuestion) -> ChangeExplanation:
        return cached.explanation(business, sha, question, causal_knowledge.as_text(state.causal_answers(business)))

    def outlook() -> Outlook:
        learning = Calculation((sha, "coach budget"), decisions.learn, (business,))
        return background.wait(learning, "Learning what each channel brings")

    def roster() -> Roster:
        here = state.slot(RosterSession, sha)
        current = here.roster() if here is not None else None
        if current is not None:
            return current
        search = Calculation((sha, "coach roster"), decisions.first_roster, (business,))
        return background.wait(search, "Making a roster")

    def run(work: Callable[..., Any], *arguments: object) -> Any:
        return cached.services().worker.run(work, *arguments, timeout=WORK_SECONDS)

    return CoachContext(business, forecast, orders, run, explain, outlook, roster)


def examples(context: CoachContext) -> tuple[str, ...]:
    """Questions that this file can answer."""
    questions = []
    if context.metrics:
        thing = f"How will {context.items[0]} sell" if context.items else "How much will we sell"
        questions += [f"{thing} next week?", "How did last month compare with the month before?"]
    if context.items:
        questions += ["Which item sells best?", f"How much {context.items[0]} should I order?"]
    if not context.business.media.spend.is_empty():
        questions.append("How should I split my marketing money?")
    if not context.business.people.staff.is_empty():
        questions.append("Who should work next week?")
    return (*questions, "What does safety stock mean?")


def answer(talk: Conversation, request: Request, context: CoachContext) -> None:
    """Understand a question, and answer it, ask back, or show a plan."""
    understood = request.understood or _understand(talk, request.question, context)
    if understood.way in ("ask back", "plan") and request.understood is None:
        talk.pending = understood
        conversation.pending(talk, understood)
        return
    conversation.question(understood.question)
    with st.chat_message("assistant", avatar=conversation.COACH):
        parts: list[AnswerPart] = []
        try:
            _carry_out(understood, context, parts)
        finally:
            # Also when the owner stops it: what was said by then stays.
            if parts:
                tool = understood.steps[0].tool.value if understood.steps else ""
                exchange = Exchange(understood.question, tuple(parts), tool, alike=_alike(understood, talk))
                saved = keep(talk, exchange, _vector(understood), chosen=request.understood is not None)
        conversation.closing(talk, saved)


def _understand(talk: Conversation, question: str, context: CoachContext) -> Understanding:
    language, here = cached.language(), state.session()
    policy = language.policy(here.workspace, cloud_allowed=narrator.cloud_allowed(), day=_now().date())
    surroundings = TalkContext(context.today, context.items, context.people, len(talk.exchanges))
    planner, helper = language.planner(here.workspace), language.helper(here.workspace)
    return understand(question, cached.question_reader(), policy, surroundings, planner=planner, helper=helper)


def _carry_out(understood: Understanding, context: CoachContext, parts: list[AnswerPart]) -> None:
    """Run the steps one by one; each part is on the list as soon as it stands on the screen."""
    if understood.way == "outside":
        parts.append(AnswerPart(problem=OUTSIDE))
        conversation.sentences(parts[-1])
        return
    for step in understood.steps:
        title = step.words if len(understood.steps) > 1 else ""
        parts.append(_one_step(step, understood, context, title))


def _one_step(step: Step, understood: Understanding, context: CoachContext, title: str) -> AnswerPart:
    try:
        with st.spinner(f"{step.words} ..."):
            result = carry_out(step, understood.question, context)
    except JobFailed as problem:
        return _problem(AnswerPart(title, problem=str(problem)))
    except DataProblem as problem:
        return _problem(AnswerPart(title, problem=str(problem)))
    part = AnswerPart(title, in_words(result), result.facts, "", result.picture, result.link)
    places = conversation.sentences(part)
    part = _reword(part, result, understood, places)
    conversation.rest(part, f"new-{step.tool.value}")
    return part


def _problem(part: AnswerPart) -> AnswerPart:
    conversation.sentences(part)
    return part


def _reword(part: AnswerPart, result: ToolResult, understood: Understanding, places: list[Any]) -> AnswerPart:
    """The engine's sentences, or a model's where it passed the check, one by one."""
    if result.page is None:
        return part
    chosen = understood.route
    writer = narrator.writer(chosen)
    engine = [sentence.text for sentence in narrate(result.facts, result.page).sentences[: result.most]]
    spots = {sentence.text: number for number, sentence in enumerate(part.sentences)}
    worded = list(part.sentences)
    page: Page = result.page
    for source, sentence in zip(engine, writer.write(result.facts, page, now=_now(), most=result.most), strict=False):
        if source in spots:
            worded[spots[source]] = sentence
            places[spots[source]].markdown(show.plain(sentence.text))
    name = writer.model.name if writer.model is not None else "the engine"
    return replace(part, sentences=tuple(worded), byline=f"Words by {name}: {chosen.reason}.")


def _alike(understood: Understanding, talk: Conversation) -> tuple[SavedTurn, ...]:
    vector = _vector(understood)
    if vector is None:
        return ()
    turns = state.similar_turns(vector)
    others = (turn for turn in turns if turn.talk != talk.id and turn.closeness >= ALIKE)
    return tuple({turn.question: turn for turn in others}.values())[:2]


def _vector(understood: Understanding) -> Any:
    vector = understood.reading.vector
    return vector if vector.any() else None


def _now() -> datetime:
    return datetime.now(UTC)
