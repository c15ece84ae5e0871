"""The forecast page of a bakery whose owner knows things that its file does not."""

import json

import pytest

from engine.workflows.forecast.sales_drivers import OwnerCalendar
from pages.parts.frame import cached
from tests.pages.test_pages import bakery_csv, press, upload, words


def on_tab(page, name: str):
    page.session_state["proof"] = name
    page.run()
    assert not page.exception
    return page


def forecast_page(app):
    return upload(app(), bakery_csv()).switch_page("pages/forecast.py").run()


def test_the_first_forecast_is_made_while_the_owner_reads_what_was_found(app, monkeypatch):
    home, worker = upload(app(), bakery_csv()), cached.services().worker
    worker.run(len, "warm by now", timeout=60)
    assert worker.idle
    home.run()
    monkeypatch.setattr(worker, "run", lambda *call, timeout: pytest.fail(f"{call[0]} was still to be computed"))
    page = home.switch_page("pages/forecast.py").run()
    assert not page.exception
    assert page.get("plotly_chart")


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


def test_items_add_up_to_the_forecast_of_all_and_are_gone_when_one_is_chosen(app):
    rye = bakery_csv().decode()
    rolls = "\n".join(f"{line.replace('Rye bread', 'Rolls')}0" for line in rye.splitlines()[1:])
    page = upload(app(), f"{rye}\n{rolls}".encode()).switch_page("pages/forecast.py").run()
    on_tab(page, "The numbers")
    page.session_state["view"] = "By item"
    page.run()
    assert not page.exception
    table = page.dataframe[0].value
    assert table["Item"].iloc[0] == "All items"
    assert table["Expected"].iloc[1:].sum() == pytest.approx(table["Expected"].iloc[0])
    page.selectbox[1].set_value(table["Item"].iloc[1]).run()
    assert not page.exception
    assert "Item" not in page.dataframe[0].value.columns


def test_two_forecasts_are_compared(app):
    page = forecast_page(app)
    page.text_input[0].set_value("Four weeks")
    press(page, "Save this forecast")
    page.select_slider[0].set_value(56).run()
    on_tab(page, "Compare")
    totals = page.dataframe[0].value
    assert totals["Forecast"].tolist() == ["On screen", "Four weeks"]
    assert totals["In total"].iloc[0] > totals["In total"].iloc[1]


def open_calendar(page):
    page.session_state["calendar"] = True
    page.run()
    assert not page.exception
    return page


def subject_of(page) -> str:
    return next(box.key for box in page.selectbox if str(box.key).startswith("country-")).removeprefix("country-")


def test_a_region_that_is_no_longer_known_does_not_lock_the_owner_out(app):
    page = forecast_page(app)
    here = page.session_state["dyocense"]
    kept_under = here.dataset.tables[0].fingerprint
    cached.services().store.remember(here.workspace, kept_under, OwnerCalendar("DE", "gone").as_json())
    page.run()
    assert "no region" in page.error[0].value
    open_calendar(page)
    assert not page.error
    assert page.selectbox(key=f"country-{kept_under}").value == "DE"
    assert page.get("plotly_chart")


def test_a_plan_without_days_is_refused_with_a_word(app):
    page = open_calendar(forecast_page(app))
    page.date_input[0].set_value(())
    press(page, "Add to the calendar")
    assert "Choose the days first." in page.error[0].value


def test_the_same_figure_given_again_on_a_later_day_stands_there_once(app):
    page = on_tab(forecast_page(app), "Your figures")
    page.number_input[-1].set_value(12345.0)
    press(page, "Use my figure")
    assert "yours 12,345" in words(page)
    store, here = cached.services().store, page.session_state["dyocense"]
    open_calendar(page)
    kept_under = f"own figures/{subject_of(page)}/quantity/"
    [kept] = store.remembered(here.workspace, kept_under)
    store.remember(here.workspace, kept_under, [kept | {"made_on": "2020-01-01"}, kept])
    page.run()
    assert not page.exception
    assert words(page).count("yours 12,345") == 1
    press(page, "Take back")
    assert "yours" not in words(page)
