"""Why a figure changed: parts that add up, graded causes, and what the data cannot tell, never mixed."""

import streamlit as st

from engine.workflows.why import causal_knowledge
from engine.workflows.why import explain as workflow
from pages.parts.frame import cached, narrator, shell, show, state, widgets
from pages.parts.why import inputs, sections

shell.page("Why did it change?")
business = shell.open_business()
with show.problems(way_out="Home.py"):
    question = sections.question(business)
    answers = state.causal_answers(business)
    answers_text = causal_knowledge.as_text(answers)
    with st.spinner("Taking the change apart ..."):
        quick = cached.explanation(business, business.key, question, answers_text)
    answer = sections.second_look(business, question, answers_text) or quick
    words = workflow.words(answer)
    sections.frame(answer, words)
    sections.arithmetic(answer)

    st.subheader("2. What moved with it, and how far to believe it")
    inputs.panel(business, answers, answer, workflow.ends(cached.history(business, business.key, question.metric, "")))
    if answer.evidence is None:
        st.markdown("No cause can be looked at in this file; below it says why. The parts above are true all the same.")
    else:
        sections.standing(answer)
        parts = {
            "Drivers": lambda: sections.drivers(answer),
            "Over time": lambda: sections.over_time(answer),
            "What moves what": lambda: sections.what_moves_what(answer, business, answers),
            "What if": lambda: sections.what_if(answer),
            "One-off events": lambda: sections.events(answer, tuple(event.name for event in answers.events)),
            "A second look": lambda: sections.second_look_panel(answer, business, question, answers_text),
        }
        widgets.tabs(parts, key="evidence")
    sections.unknown(answer)
    sections.download(answer)
    shell.saved_settings("why", sections.settings(business, question), words.sentences[0].text, noun="question")
    narrator.narration(words, answer.facts())
