"""Why a figure changed: parts that add up, graded causes, and what the data cannot tell, never mixed."""

import streamlit as st

from engine.workflows import why as workflow
from pages.shared import cached, narrator, scenarios, shell, show, why, why_deep, why_told

shell.page("Why did it change?")
dataset = shell.open_dataset()
with show.problems(way_out="Home.py"):
    asked = why.question(dataset)
    told = why_told.told(dataset)
    kept = why_told.as_text(told)
    with st.spinner("Taking the change apart ..."):
        quick = cached.explained(dataset, dataset.sha256, asked, kept)
    answer = why_deep.deepened(dataset, asked, kept) or quick
    words = workflow.words(answer)
    why.frame(answer, words)
    why.arithmetic(answer)

    st.subheader("2. What moved with it, and how far to believe it")
    why_told.panel(dataset, told, answer, workflow.ends(cached.history(dataset, dataset.sha256, asked.metric, "")))
    if answer.evidence is None:
        st.markdown("No cause can be looked at in this file; below it says why. The parts above are true all the same.")
    else:
        why.standing(answer)
        tabs = st.tabs(
            ["Drivers", "Over time", "What moves what", "What if", "One-off events", "A second look"],
            key="evidence",
            on_change="rerun",
        )
        parts = (
            lambda: why.drivers(answer),
            lambda: why.over_time(answer),
            lambda: (why_told.graph(dataset, told, answer.evidence.graph), why.leads(answer)),
            lambda: why.what_if(answer),
            lambda: why.events(answer, tuple(event.name for event in told.events)),
            lambda: why_deep.panel(answer, dataset, asked, kept),
        )
        for tab, part in zip(tabs, parts, strict=True):
            if tab.open:
                with tab:
                    part()
    why.unknown(answer)
    why.download(answer)
    scenarios.panel("why", why.settings(dataset, asked), words.sentences[0].text, noun="question")
    narrator.narration(words, answer.facts())
