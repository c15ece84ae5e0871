"""What will sell: a fan with measured bands, the proof, and what to do with it."""

import streamlit as st

from engine.charts import forecast as charts
from engine.narrate import narrate
from engine.workflows.forecast import forecasts
from pages.parts.forecast import inputs, sections
from pages.parts.frame import cached, narrator, shell, show, widgets

shell.page("Forecast")
business = shell.open_business()
with show.problems(way_out="Home.py"):
    selection = inputs.question(business)
    level, drivers = selection.level, selection.drivers
    # What was told can stop a forecast (a country that is no longer known): the way to change it comes first.
    answer = st.container()
    inputs.calendar(selection.subject, selection.question.calendar, after=selection.history.periods[-1])
    with answer, st.spinner("Looking ahead with the quick models ..."):
        quick = cached.quick_forecast(selection.history, drivers, business.key, selection.question)
    forecast = sections.with_all_models(selection, business) or quick
    facts = forecast.facts(level)
    figures = sections.figures_of(selection)
    own = tuple(forecasts.figures_in_use(forecast, figures).items())

    words = narrate(facts, "forecast")
    with answer:
        st.markdown(f"#### {show.plain(words.sentences[0].text)}")
        fan = cached.fan(forecast, business.key, selection.question, tuple(forecast.members), level, own)
        show.figure(fan, key="fan", alt=charts.fan_alt(forecast, level=level))
        show.headline(facts, ("total_ahead", "per_period_ahead", "typical_error", "coverage"))
        show.cautions(forecast.cautions)
        sections.all_models(selection, business, quick)

    parts = {
        "How good is it?": lambda: sections.how_good(forecast, drivers),
        "Why?": lambda: sections.why(forecast, drivers),
        "What if?": lambda: sections.what_if(forecast, drivers),
        "Your figures": lambda: sections.your_figures(forecast, selection, figures),
        "The numbers": lambda: sections.numbers(business, selection, forecast, figures),
        "Model by model": lambda: sections.model_by_model(forecast),
        "Compare": lambda: sections.compare(business, selection, forecast),
    }
    widgets.tabs(parts, key="proof")
    shell.saved_settings("forecast", selection.settings, words.sentences[0].text, noun="forecast")
    narrator.narration(words, facts)
