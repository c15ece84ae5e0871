"""The sidebar's words: the engine's at once, then a model's where one may be asked; who writes, and what it costs."""

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from engine.facts import Facts
from engine.llm.router import Route
from engine.narrate import Narration
from engine.narrate.narrator import Page
from engine.narrate.writer import Writer
from engine.workflows.language import PER_CALL, Language, leaving
from pages.parts.frame import cached, show, state

CLOUD = "cloud models"
"""The subject under which the store remembers that the owner allowed them."""

TWO_CENTS = 0.02
ICONS = {"template": ":material/edit_note:", "local": ":material/computer:", "cloud": ":material/cloud:"}


def cloud_allowed() -> bool:
    """True when the owner has turned cloud models on; never without one."""
    return bool(cached.language().cloud) and state.recall(CLOUD) is True


def route() -> Route:
    """Who words a page now, and why."""
    here = state.session()
    return cached.language().route(here.workspace, cloud_allowed=cloud_allowed(), day=_now().date())


def writer(chosen: Route) -> Writer:
    """Words things on this route."""
    return cached.language().writer(state.session().workspace, chosen)


def narration(words: Narration, facts: Facts) -> None:
    """The page in plain words, who wrote them, and where each number comes from."""
    with st.sidebar:
        st.subheader("In plain words")
        places = [st.empty() for _ in words.sentences]
        for place, sentence in zip(places, words.sentences, strict=True):
            place.markdown(show.plain(sentence.text))
        byline = st.empty()
        checked = "every number checked against the engine's" if words.checked else "numbers not checked"
        byline.caption(f"Written by a {words.written_by}; {checked}.")
        with st.expander("How we got these numbers"):
            used = dict.fromkeys(name for sentence in words.sentences for name in sentence.facts)
            st.markdown("\n\n".join(show.fact_line(facts[name]) for name in used))
    if words.page:
        state.session().leaving = leaving(facts, words.page)
        _reword(places, byline, facts, words.page)


def _reword(places: list[Any], byline: Any, facts: Facts, page: Page) -> None:
    """Put a model's wording in the place of each sentence as soon as it is checked."""
    chosen = route()
    if chosen.model == "template":
        return
    author = writer(chosen)
    for place, sentence in zip(places, author.write(facts, page, now=_now()), strict=False):
        place.markdown(show.plain(sentence.text))
    name = author.model.name if author.model is not None else "template"
    byline.caption(f"Worded by {show.plain(name)}; every sentence checked against the engine's, or else the engine's.")


def panel() -> None:
    """Who writes the words, why, what it cost, and what may leave this machine."""
    language, here = cached.language(), state.session()
    allowed = cloud_allowed()
    chosen = language.route(here.workspace, cloud_allowed=allowed, day=_now().date())
    writes = {"template": "the engine", "local": language.local, "cloud": language.cloud}[chosen.model]
    with st.expander(f"Words by {show.plain(writes)}", icon=ICONS[chosen.model]):
        st.caption(f"Why: {show.plain(chosen.reason)}.")
        _costs(language)
        if language.cloud:
            _cloud_choice(language, allowed)
        else:
            st.caption("No cloud model is set up, so nothing leaves this machine.")


def _costs(language: Language) -> None:
    today = language.spent(state.session().workspace, _now().date())
    ever = language.spent(state.session().workspace)
    lines = [
        f"Today: **{today.calls:,}** answers worded for **{_dollars(today.cost)}**.",
        f"So far: {ever.calls:,} for {_dollars(ever.cost)}; all of them in the cloud: {_dollars(ever.all_cloud)}.",
        f"Kept on this machine: **{ever.local_share:.0%}**. From memory: {ever.cached_share:.0%}.",
    ]
    if ever.accepted_share < 1:
        lines.append(f"Rewordings that passed the check: {ever.accepted_share:.0%}.")
    st.markdown("  \n".join(lines))
    large, hybrid = PER_CALL
    st.caption(
        f"Often quoted: \\${1000 * large:,.0f} per 1,000 questions with a large cloud model, \\${1000 * hybrid:,.0f} "
        "with a mix. That is an assumption; the figures above are measured here."
    )


def _dollars(cost: float) -> str:
    """Cents, or what a fraction of one needs to be seen; a bare dollar sign would begin a formula."""
    return f"\\${cost:,.4f}" if 0 < cost < TWO_CENTS else f"\\${cost:,.2f}"


def _cloud_choice(language: Language, allowed: bool) -> None:
    if allowed:
        st.caption(f"{show.plain(language.cloud)} may word hard questions.")
        st.button("Keep everything on this machine", key="cloud-off", on_click=state.remember, args=(CLOUD, False))
        return
    label = "Let a cloud model help ..."
    st.button(label, key="cloud-preview", icon=":material/cloud:", on_click=_previewing, args=(True,))
    if state.session().previewing:
        _preview(language)


def _previewing(visible: bool = False) -> None:
    """Remembered, so that a run of the page that the owner did not ask for leaves the preview open."""
    state.session().previewing = visible


@st.dialog("What would leave this machine", on_dismiss=_previewing)
def _preview(language: Language) -> None:
    st.markdown(
        f"Sentences for **{show.plain(language.cloud)}** carry tags in the place of every number, name and day; the "
        "answers are checked here before you see them. This is all that would be sent for the words on your screen:"
    )
    sent = state.session().leaving
    st.code("\n".join(sent) or "Nothing: open a page with a result, or ask the Coach.", language=None, wrap_lines=True)
    st.markdown(
        "A question of several steps to the Coach is sent too, for a plan of the steps: with tokens in the place of "
        "e-mail addresses, phone numbers, cards, addresses, people and items."
    )
    most = cached.services().settings.cloud_daily_usd
    st.caption(f"At most \\${most:,.2f} a day; when that is used up, everything stays here.")
    allowed = st.button("Allow it", key="cloud-on")
    if allowed:
        state.remember(CLOUD, True)
    if st.button("No, keep everything here", key="cloud-no") or allowed:
        _previewing(False)
        st.rerun()


def _now() -> datetime:
    return datetime.now(UTC)
