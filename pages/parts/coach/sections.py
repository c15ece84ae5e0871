"""The Coach at work: from a question to calculations on the owner's file, and to words that are checked."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from engine.budget import Outlook
from engine.business.history import SalesHistory, table_of
from engine.causal import ChangeExplanation, ChangeQuestion
from engine.coach.context import Business, Found
from engine.coach.plan import Known, Step, Understood, understand
from engine.coach.registry import carry_out, in_words
from engine.coach.tools import decisions
from engine.dataset import ColumnRole, Dataset
from engine.errors import DataProblem, JobFailed
from engine.forecast import Forecast
from engine.inventory import OrderPlan
from engine.narrate.narrator import Page, narrate
from engine.scheduling import Roster
from engine.store import SavedTurn
from engine.workflows import ForecastQuestion
from engine.workflows.orders.plan import OrderQuestion
from engine.workflows.why import causal_knowledge
from pages.parts.coach import answers
from pages.parts.coach.conversation import AnswerPart, Conversation, Exchange, Request, keep
from pages.parts.frame import background, cached, knowledge, narrator, show, state
from pages.parts.frame.background import Calculation
from pages.parts.roster.session import RosterSession

ALIKE = 0.75
"""From this cosine on a question from before is offered as one like it."""

WORK_SECONDS = 120.0
OUTSIDE = (
    "That is outside what I can work out from your file. I can tell you what will sell, what to order, who works when, "
    "where marketing money should go and why something changed; compare two things; explain a term; and look things up "
    "in your file."
)


def business(dataset: Dataset) -> Business:
    """The open file, with calculations that are kept and that run where they do not slow other owners down."""
    sha = dataset.sha256

    def forecast(history: SalesHistory, asked: ForecastQuestion) -> Forecast:
        told = knowledge.owner_calendar(table_of(dataset, history.metric).fingerprint)
        known = cached.drivers(dataset, sha, asked.metric, asked.item, told)
        return cached.quick_forecast(history, known, sha, replace(asked, told=told))

    def orders(asked: OrderQuestion) -> OrderPlan:
        return cached.order_plan(cached.stock(dataset, sha), sha, asked, dataset.currency)

    def changed(asked: ChangeQuestion) -> ChangeExplanation:
        return cached.explained(dataset, sha, asked, causal_knowledge.as_text(knowledge.causal_answers(dataset)))

    def learnt() -> Outlook:
        learning = Calculation((sha, "coach budget"), decisions.learn, (dataset,))
        return background.wait(learning, "Learning what each channel brings")

    def roster() -> Roster:
        here = state.slot(RosterSession, sha)
        current = here.roster() if here is not None else None
        if current is not None:
            return current
        search = Calculation((sha, "coach roster"), decisions.first_roster, (dataset, whole.today))
        return background.wait(search, "Making a roster")

    def run(work: Callable[..., Any], *arguments: object) -> Any:
        return cached.services().worker.run(work, *arguments, timeout=WORK_SECONDS)

    whole = Business(dataset, forecast, orders, run, changed, learnt, roster)
    return whole


def examples(asked: Business) -> tuple[str, ...]:
    """Questions that this file can answer."""
    tables = asked.dataset.tables
    found = []
    if asked.metrics:
        thing = f"How will {asked.items[0]} sell" if asked.items else "How much will we sell"
        found += [f"{thing} next week?", "How did last month compare with the month before?"]
    if asked.items:
        found += ["Which item sells best?", f"How much {asked.items[0]} should I order?"]
    if any(table.has(ColumnRole.CHANNEL_SPEND) for table in tables):
        found.append("How should I split my marketing money?")
    if any(table.has(ColumnRole.EMPLOYEE) for table in tables):
        found.append("Who should work next week?")
    return (*found, "What does safety stock mean?")


def answer(talk: Conversation, wanted: Request, asked: Business) -> None:
    """Understand a question, and answer it, ask back, or show a plan."""
    made = wanted.understood or _understood(talk, wanted.question, asked)
    if made.way in ("ask back", "plan") and wanted.understood is None:
        talk.pending = made
        answers.pending(talk, made)
        return
    answers.question(made.question)
    with st.chat_message("assistant", avatar=answers.COACH):
        parts: list[AnswerPart] = []
        try:
            _carry_out(made, asked, parts)
        finally:
            # Also when the owner stops it: what was said by then stays.
            if parts:
                tool = made.steps[0].tool.value if made.steps else ""
                exchange = Exchange(made.question, tuple(parts), tool, alike=_alike(made, talk))
                kept = keep(talk, exchange, _vector(made), chosen=wanted.understood is not None)
        answers.closing(talk, kept)


def _understood(talk: Conversation, question: str, asked: Business) -> Understood:
    language, here = cached.language(), state.session()
    policy = language.policy(here.workspace, cloud_allowed=narrator.cloud_allowed(), day=_now().date())
    known = Known(asked.today, asked.items, asked.people, len(talk.exchanges))
    planner, helper = language.planner(here.workspace), language.helper(here.workspace)
    return understand(question, cached.question_reader(), policy, known, planner=planner, helper=helper)


def _carry_out(made: Understood, asked: Business, parts: list[AnswerPart]) -> None:
    """Run the steps one by one; each part is on the list as soon as it stands on the screen."""
    if made.way == "outside":
        parts.append(AnswerPart(problem=OUTSIDE))
        answers.sentences(parts[-1])
        return
    for step in made.steps:
        title = step.words if len(made.steps) > 1 else ""
        parts.append(_one_step(step, made, asked, title))


def _one_step(step: Step, made: Understood, asked: Business, title: str) -> AnswerPart:
    try:
        with st.spinner(f"{step.words} ..."):
            found = carry_out(step, made.question, asked)
    except JobFailed as problem:
        return _said(AnswerPart(title, problem=str(problem)))
    except DataProblem as problem:
        return _said(AnswerPart(title, problem=str(problem)))
    part = AnswerPart(title, in_words(found), found.facts, "", found.picture, found.link)
    places = answers.sentences(part)
    part = _worded(part, found, made, places)
    answers.rest(part, f"new-{step.tool.value}")
    return part


def _said(part: AnswerPart) -> AnswerPart:
    answers.sentences(part)
    return part


def _worded(part: AnswerPart, found: Found, made: Understood, places: list[Any]) -> AnswerPart:
    """The engine's sentences, or a model's where it passed the check, one by one."""
    if found.page is None:
        return part
    chosen = made.route
    writer = narrator.writer(chosen)
    engine = [sentence.text for sentence in narrate(found.facts, found.page).sentences[: found.most]]
    spots = {sentence.text: number for number, sentence in enumerate(part.sentences)}
    worded = list(part.sentences)
    page: Page = found.page
    for source, sentence in zip(engine, writer.write(found.facts, page, now=_now(), most=found.most), strict=False):
        if source in spots:
            worded[spots[source]] = sentence
            places[spots[source]].markdown(show.plain(sentence.text))
    name = writer.model.name if writer.model is not None else "the engine"
    return replace(part, sentences=tuple(worded), byline=f"Words by {name}: {chosen.reason}.")


def _alike(made: Understood, talk: Conversation) -> tuple[SavedTurn, ...]:
    vector = _vector(made)
    if vector is None:
        return ()
    found = state.similar_turns(vector)
    others = (turn for turn in found if turn.talk != talk.id and turn.closeness >= ALIKE)
    return tuple({turn.question: turn for turn in others}.values())[:2]


def _vector(made: Understood) -> Any:
    vector = made.reading.vector
    return vector if vector.any() else None


def _now() -> datetime:
    return datetime.now(UTC)
