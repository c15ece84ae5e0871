"""What will sell: a fan with measured bands, the proof, and what to do with it."""

import streamlit as st

from engine import workflows
from engine.charts import forecast as charts
from engine.narrate import narrate
from pages.shared import cached, refine, scenarios, shell, show, widgets

shell.page("Forecast")
dataset = shell.open_dataset()
with show.problems(way_out="Home.py"):
    asked = widgets.forecast_question(dataset)
    level = asked.level
    with st.spinner("Looking ahead with the quick models ..."):
        quick = cached.quick_forecast(asked.history, dataset.sha256, asked.question)
    forecast = refine.refined(asked, dataset) or quick
    facts = forecast.facts(level)

    words = narrate(facts, "forecast")
    st.markdown(f"#### {show.plain(words.sentences[0].text)}")
    drawn = cached.fan(forecast, dataset.sha256, asked.question, tuple(forecast.members), level)
    show.figure(drawn, key="fan", alt=charts.fan_alt(forecast, level=level))
    show.headline(facts, ("total_ahead", "per_period_ahead", "typical_error", "coverage"))
    show.cautions(forecast.cautions)
    refine.panel(asked, dataset)

    # Only the open tab is drawn: the others would cost a third of each rerun.
    accuracy, models, numbers = st.tabs(
        ["How good is it?", "Model by model", "The numbers"], key="proof", on_change="rerun"
    )
    if accuracy.open:
        with accuracy:
            show.table(workflows.accuracy_table(forecast), alt="Each model's error on the past", digits=2)
            st.caption(workflows.how_measured(forecast))
    if models.open:
        with models:
            show.figure(charts.models(forecast), key="models", alt=charts.models_alt(forecast))
    if numbers.open:
        with numbers:
            show.table(workflows.forecast_table(forecast), alt="The forecast, one row per open period")
            widgets.download("Download as Excel", lambda: workflows.forecast_workbook(forecast), "forecast.xlsx")
    scenarios.panel("forecast", asked.settings, words.sentences[0].text, noun="forecast")
    show.narration(words, facts)
