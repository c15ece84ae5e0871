"""Why a figure changed: parts that add up, graded causes, and what the data cannot tell, never mixed."""

import streamlit as st

from engine.workflows.why import causal_knowledge
from engine.workflows.why import explain as workflow
from pages.parts.frame import cached, knowledge, narrator, scenarios, shell, show, widgets
from pages.parts.why import inputs, refutation, sections

shell.page("Why did it change?")
dataset = shell.open_dataset()
with show.problems(way_out="Home.py"):
    asked = sections.question(dataset)
    told = knowledge.causal_answers(dataset)
    kept = causal_knowledge.as_text(told)
    with st.spinner("Taking the change apart ..."):
        quick = cached.explained(dataset, dataset.sha256, asked, kept)
    answer = refutation.deepened(dataset, asked, kept) or quick
    words = workflow.words(answer)
    sections.frame(answer, words)
    sections.arithmetic(answer)

    st.subheader("2. What moved with it, and how far to believe it")
    inputs.panel(dataset, told, answer, workflow.ends(cached.history(dataset, dataset.sha256, asked.metric, "")))
    if answer.evidence is None:
        st.markdown("No cause can be looked at in this file; below it says why. The parts above are true all the same.")
    else:
        sections.standing(answer)
        parts = {
            "Drivers": lambda: sections.drivers(answer),
            "Over time": lambda: sections.over_time(answer),
            "What moves what": lambda: sections.what_moves_what(answer, dataset, told),
            "What if": lambda: sections.what_if(answer),
            "One-off events": lambda: sections.events(answer, tuple(event.name for event in told.events)),
            "A second look": lambda: refutation.panel(answer, dataset, asked, kept),
        }
        widgets.tabs(parts, key="evidence")
    sections.unknown(answer)
    sections.download(answer)
    scenarios.panel("why", sections.settings(dataset, asked), words.sentences[0].text, noun="question")
    narrator.narration(words, answer.facts())
