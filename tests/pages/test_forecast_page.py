"""The forecast page of a bakery whose owner knows things that its file does not."""

import json

import pytest

from tests.pages.test_pages import bakery_csv, press, upload, words


def on_tab(page, name: str):
    page.session_state["proof"] = name
    page.run()
    assert not page.exception
    return page


def forecast_page(app):
    return upload(app(), bakery_csv()).switch_page("pages/forecast.py").run()


def test_the_parts_of_the_forecast_are_drawn_and_listed(app):
    page = on_tab(forecast_page(app), "Why?")
    assert len(page.get("plotly_chart")) == 2
    parts = next(frame.value for frame in page.dataframe if "Part" in frame.value.columns)
    assert parts.iloc[:-1, 1].sum() == pytest.approx(parts.iloc[-1, 1])


def test_an_event_can_be_tried_out(app):
    page = on_tab(forecast_page(app), "What if?")
    assert {"As planned", "After the change", "Difference"} <= {metric.label for metric in page.metric}


def test_a_figure_of_ones_own_stands_in_the_chart_and_in_the_table_until_it_is_taken_back(app):
    page = on_tab(forecast_page(app), "Your figures")
    page.number_input[-1].set_value(321.0)
    press(page, "Use my figure")
    assert "yours 321" in words(page)
    traces = json.loads(page.get("plotly_chart")[0].proto.spec)["data"]
    assert traces[-1]["name"] == "Your figures"
    assert traces[-1]["y"] == [321.0]
    on_tab(page, "The numbers")
    assert 321.0 in page.dataframe[0].value["Yours"].tolist()
    on_tab(page, "Your figures")
    press(page, "Take back")
    assert "yours 321" not in words(page)


def test_the_numbers_come_by_week_too(app):
    page = on_tab(forecast_page(app), "The numbers")
    page.session_state["view"] = "By week"
    page.run()
    assert "Week from" in page.dataframe[0].value.columns


def test_two_forecasts_are_compared(app):
    page = forecast_page(app)
    page.text_input[0].set_value("Four weeks")
    press(page, "Save this forecast")
    page.select_slider[0].set_value(56).run()
    on_tab(page, "Compare")
    totals = page.dataframe[0].value
    assert totals["Forecast"].tolist() == ["On screen", "Four weeks"]
    assert totals["In total"].iloc[0] > totals["In total"].iloc[1]
