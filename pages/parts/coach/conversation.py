"""The conversation with the Coach: what was asked and answered, kept in the store, and how it appears on the screen."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from secrets import token_urlsafe
from typing import Any

import streamlit as st

from engine.arrays import Floats32
from engine.business.model import Business
from engine.coach.context import Picture, QuestionFact
from engine.coach.plan import Understanding
from engine.coach.registry import name_of
from engine.coach.understand.intents import Intent
from engine.dataset import in_words
from engine.facts import Fact, Facts
from engine.narrate import spoken
from engine.narrate.sentences import Sentence
from engine.store import JSON, SavedTurn, Turn
from pages.parts.frame import shell, show, state

OWNER, COACH = ":material/person:", ":material/forum:"


@dataclass(frozen=True)
class AnswerPart:
    """What one calculation brought, as it stands on the screen.

    Attributes:
        title: the calculation in words; "" where there is only one.
        sentences: what is said.
        facts: what they rest on.
        problem: why there is no result, and what to do; "" when there is one.
        picture: the chart; a conversation from before a refresh has none.
        link: the page that shows more.
        byline: who worded it, and why.
    """

    title: str = ""
    sentences: tuple[Sentence, ...] = ()
    facts: Facts = field(default_factory=lambda: Facts(()))
    problem: str = ""
    picture: Picture | None = None
    link: str = ""
    byline: str = ""


@dataclass(frozen=True)
class Exchange:
    """A question and its answer.

    Attributes:
        question: as it was typed.
        parts: one per calculation.
        tool: the first calculation.
        id: in the store; "" while it is not kept.
        rating: what the owner thinks of it: 1, -1 or 0.
        asked_at: when, of a conversation from before a refresh.
        alike: questions from other talks that are like it.
    """

    question: str
    parts: tuple[AnswerPart, ...]
    tool: str = ""
    id: str = ""
    rating: int = 0
    asked_at: datetime | None = None
    alike: tuple[SavedTurn, ...] = ()


@dataclass(frozen=True)
class Request:
    """What is to be answered in this run of the page.

    Attributes:
        question: as it was typed.
        understood: what the owner chose to do about it; None for a fresh question.
    """

    question: str
    understood: Understanding | None = None


@dataclass
class Conversation:
    """One conversation about one file.

    Attributes:
        id: in the store.
        file: sha256 of the file.
        exchanges: what was said, the oldest first.
        pending: a question that waits for the owner's choice.
        request: what is to be answered next.
    """

    id: str
    file: str
    exchanges: list[Exchange] = field(default_factory=list)
    pending: Understanding | None = None
    request: Request | None = None

    def ask(self, question: str) -> None:
        """Answer this in the run that follows."""
        self.pending, self.request = None, Request(question)

    def choose(self, tool: Intent) -> None:
        """Answer the pending question with this calculation."""
        self._go_on(self.pending.chosen(tool) if self.pending else None)

    def run_plan(self, *, only_first: bool = False) -> None:
        """Run the pending plan, or its first step."""
        if self.pending is not None:
            self._go_on(self.pending.cut() if only_first else self.pending)

    def drop(self) -> None:
        """Let the pending question go."""
        self.pending = None

    def take(self) -> Request | None:
        """What is to be answered now; it is taken once."""
        request, self.request = self.request, None
        return request

    def _go_on(self, understood: Understanding | None) -> None:
        self.pending = None
        if understood is not None:
            self.request = Request(understood.question, understood)


def current(business: Business) -> Conversation:
    """The conversation about the open file: of this session, or the latest one that was kept."""
    file, talk = state.session().file, state.slot(Conversation)
    if talk is None or talk.file != file:
        turns = state.saved_turns()
        talk = Conversation(turns[0].talk if turns else token_urlsafe(12), file, [_exchange(turn) for turn in turns])
        state.put(talk)
    return talk


def start_anew() -> None:
    """Put this conversation aside; it stays in the store."""
    state.put(Conversation(token_urlsafe(12), state.session().file))


def forget_all() -> None:
    """Delete all questions to the Coach, also from the screen."""
    state.forget_talks()
    state.drop(Conversation)


def keep(talk: Conversation, exchange: Exchange, embedding: Floats32 | None, *, chosen: bool) -> Exchange:
    """Add an answered question to the conversation and to the store.

    Args:
        talk: the conversation.
        exchange: question and answer.
        embedding: of the question, or None.
        chosen: True when the owner said which calculation it should be.
    """
    answer: JSON = {"parts": [_as_json(part) for part in exchange.parts], "chosen": chosen}
    saved = state.keep_turn(Turn(talk.id, talk.file, exchange.question, exchange.tool, answer), embedding)
    saved_exchange = Exchange(exchange.question, exchange.parts, exchange.tool, saved.id, alike=exchange.alike)
    talk.exchanges.append(saved_exchange)
    return saved_exchange


def question(text: str) -> None:
    """What the owner asked."""
    with st.chat_message("user", avatar=OWNER):
        st.markdown(show.plain(text))


def exchange(talk: Conversation, entry: Exchange, number: int) -> None:
    """A question and its answer, as they were given."""
    question(entry.question)
    with st.chat_message("assistant", avatar=COACH):
        for place, part in enumerate(entry.parts):
            sentences(part)
            rest(part, f"{number}-{place}")
        closing(talk, entry)


def sentences(part: AnswerPart) -> list[Any]:
    """The words of one calculation; returns their places, so that a better wording can take them."""
    if part.title:
        st.markdown(f"**{show.plain(part.title)}**")
    if part.problem:
        st.warning(show.plain(part.problem), icon=":material/info:")
    with st.container(gap=None):
        places = [st.empty() for _ in part.sentences]
    for place, sentence in zip(places, part.sentences, strict=True):
        place.markdown(show.plain(sentence.text))
    return places


def rest(part: AnswerPart, key: str) -> None:
    """The chart, the numbers with how we got them, and where to see more."""
    numbers(part, key)
    if part.picture is not None:
        show.figure(part.picture.figure, key=f"coach-{key}", alt=part.picture.alt)
    show.cautions(part.facts.cautions[:2])
    if part.byline:
        st.caption(show.plain(part.byline))
    link = next(((path, label, icon) for path, label, icon in shell.PAGES if path == part.link), None)
    if link is not None:
        path, label, icon = link
        st.page_link(path, label=f"More on the page {label}", icon=icon)


def numbers(part: AnswerPart, key: str) -> None:
    """Each number of an answer, one click from how we got it."""
    used = dict.fromkeys(name for sentence in part.sentences for name in sentence.facts)
    text = " ".join(sentence.text for sentence in part.sentences)
    facts = [part.facts[name] for name in used if name in part.facts and _stands_in(part.facts[name], text)]
    if not facts:
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"numbers-{key}"):
        st.caption("How we got each number:", width="content")
        for fact in facts:
            with st.popover(
                show.plain(spoken(fact)), help=f"How we got it: {fact.label}", key=f"fact-{key}-{fact.name}"
            ):
                st.markdown(show.fact_line(fact))


def closing(talk: Conversation, entry: Exchange) -> None:
    """Thumbs, and questions like this one."""
    if entry.asked_at is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Asked on {in_words(entry.asked_at)}.", width="content")
            st.button("Ask again", key=f"again-{entry.id}", type="tertiary", on_click=talk.ask, args=(entry.question,))
    if entry.id and entry.parts:
        key = f"thumb-{entry.id}"
        default = {1: 1, -1: 0}.get(entry.rating)
        st.feedback("thumbs", key=key, default=default, on_change=_rate, args=(entry.id, key))
    if entry.alike:
        st.caption("You asked something like this before; the answer may differ, because it is worked out anew:")
        with st.container(horizontal=True):
            for number, alike in enumerate(entry.alike):
                label = f"{show.plain(alike.question)} ({in_words(alike.asked_at)})"
                st.button(label, key=f"alike-{entry.id}-{number}", on_click=talk.ask, args=(alike.question,))


def pending(talk: Conversation, understood: Understanding) -> None:
    """A question that waits for the owner: which of two things was meant, or whether a plan should run."""
    question(understood.question)
    with st.chat_message("assistant", avatar=COACH):
        if understood.way == "ask back":
            st.markdown("I am not sure what you mean. Which of these would help?")
            with st.container(horizontal=True):
                for tool in understood.choices:
                    st.button(name_of(tool), key=f"choose-{tool.value}", on_click=talk.choose, args=(tool,))
            return
        count = len(understood.steps)
        opening = "That takes several steps." if count > 1 else "I am not quite sure which days you mean."
        st.markdown(f"{opening} This is what I would do; nothing is changed by it:")
        st.markdown("\n".join(f"{n}. {show.plain(step.words)}" for n, step in enumerate(understood.steps, 1)))
        with st.container(horizontal=True):
            label = f"Run these {count} steps" if count > 1 else "Yes, do that"
            st.button(label, key="run-plan", on_click=talk.run_plan)
            if count > 1:
                st.button("Only the first", key="run-first", on_click=talk.run_plan, kwargs={"only_first": True})
            st.button("Never mind", key="drop-plan", type="tertiary", on_click=talk.drop)


def opening(talk: Conversation, examples: tuple[str, ...]) -> None:
    """An empty conversation: what can be asked, one click away."""
    st.markdown("Ask in your own words. Every number in an answer is worked out from your file; click it to see how.")
    for number, example in enumerate(examples):
        st.button(show.plain(example), key=f"example-{number}", on_click=talk.ask, args=(example,))


def _as_json(part: AnswerPart) -> dict[str, JSON]:
    return {
        "title": part.title,
        "sentences": [[sentence.text, list(sentence.facts)] for sentence in part.sentences],
        "facts": [
            [fact.name, fact.label, _value(fact.value), fact.unit, fact.basis]
            for fact in part.facts
            if _used(part, fact)
        ],
        "cautions": list(part.facts.cautions),
        "problem": part.problem,
        "link": part.link,
        "byline": part.byline,
    }


def _used(part: AnswerPart, fact: Fact) -> bool:
    """Whether a fact needs an explanation beside the sentences; a day that was only read in the question needs none."""
    if isinstance(fact, QuestionFact) and isinstance(fact.value, date):
        return False
    return any(fact.name in sentence.facts for sentence in part.sentences)


def _value(value: object) -> JSON:
    return {"day": value.isoformat()} if isinstance(value, date) else value  # type: ignore[return-value]


def _exchange(turn: SavedTurn) -> Exchange:
    answer = turn.answer if isinstance(turn.answer, Mapping) else {}
    parts = answer.get("parts", [])
    answer_parts = (
        tuple(_part(part) for part in parts if isinstance(part, Mapping)) if isinstance(parts, Sequence) else ()
    )
    return Exchange(turn.question, answer_parts, turn.tool, turn.id, turn.rating, turn.asked_at)


def _part(saved: Mapping[str, Any]) -> AnswerPart:
    facts = [Fact(name, label, _read(value), unit, basis) for name, label, value, unit, basis in saved.get("facts", [])]
    return AnswerPart(
        title=saved.get("title", ""),
        sentences=tuple(Sentence(text, tuple(names)) for text, names in saved.get("sentences", [])),
        facts=Facts(tuple(facts), tuple(saved.get("cautions", []))),
        problem=saved.get("problem", ""),
        link=saved.get("link", ""),
        byline=saved.get("byline", ""),
    )


def _read(value: Any) -> Any:
    return date.fromisoformat(value["day"]) if isinstance(value, Mapping) else value


def _stands_in(fact: Fact, text: str) -> bool:
    """True for a number or a day that the text says and that we worked out; others only decided on the wording."""
    if isinstance(fact.value, str) or (isinstance(fact.value, date) and isinstance(fact, QuestionFact)):
        return False
    number = spoken(fact).lstrip("-")
    words = number if isinstance(fact.value, date) else number.split(" ")[0]
    return bool(re.search(rf"(?<![\d.,]){re.escape(words)}(?![.,]?\d)", text))


def _rate(turn_id: str, key: str) -> None:
    thumb = state.on_screen(key)
    state.rate_turn(turn_id, {1: 1, 0: -1}.get(thumb, 0))
