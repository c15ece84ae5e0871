"""How a conversation appears: messages, charts, numbers that lead to their facts, thumbs, and what to ask next."""

import re
from datetime import date
from typing import Any

import streamlit as st

from engine.coach.context import QuestionFact
from engine.coach.plan import Understanding
from engine.coach.registry import name_of
from engine.dataset import in_words
from engine.facts import Fact
from engine.narrate import spoken
from pages.parts.coach.conversation import AnswerPart, Conversation, Exchange
from pages.parts.frame import shell, show, state

OWNER, COACH = ":material/person:", ":material/forum:"


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


def _stands_in(fact: Fact, text: str) -> bool:
    """True for a number or a day that the text says and that we worked out; others only decided on the wording."""
    if isinstance(fact.value, str) or (isinstance(fact.value, date) and isinstance(fact, QuestionFact)):
        return False
    number = spoken(fact).lstrip("-")
    words = number if isinstance(fact.value, date) else number.split(" ")[0]
    return bool(re.search(rf"(?<![\d.,]){re.escape(words)}(?![.,]?\d)", text))


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


def _rate(turn_id: str, key: str) -> None:
    thumb = state.on_screen(key)
    state.rate_turn(turn_id, {1: 1, 0: -1}.get(thumb, 0))
