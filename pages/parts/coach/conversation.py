"""The conversation with the Coach: what was asked and answered, kept in the store and found again after a refresh."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from secrets import token_urlsafe
from typing import Any

from engine.arrays import Floats32
from engine.business.model import Business
from engine.coach.context import Picture, QuestionFact
from engine.coach.plan import Understanding
from engine.coach.understand.intents import Intent
from engine.facts import Fact, Facts
from engine.narrate.sentences import Sentence
from engine.store import JSON, SavedTurn, Turn
from pages.parts.frame import state


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
