"""The screens, as an owner of a bakery meets them."""

import json
from datetime import date, timedelta

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from benchmarks.hostile_files import package, sheet, workbook_parts

WEEK = (80, 90, 100, 110, 130, 170, 60)


def bakery_csv(days: int = 200, *, header: str = "Date,Product,Units sold") -> bytes:
    rng = np.random.default_rng(1)
    first = date(2025, 1, 6)
    rows = [f"{first + timedelta(days=k)},Rye bread,{rng.poisson(WEEK[k % 7])}" for k in range(days)]
    return "\n".join([header, *rows]).encode()


def upload(test, content: bytes, name: str = "bakery.csv"):
    uploader = test.file_uploader[0]
    return uploader.set_value([(name, content, "text/csv")]).run()


def words(test) -> str:
    shown = [*test.markdown, *test.caption, *test.subheader, *test.warning, *test.error, *test.info]
    return "\n".join(str(element.value) for element in shown)


def test_home_offers_an_upload_and_five_samples(app):
    home = app()
    assert not home.exception
    assert len(home.file_uploader) == 1
    assert [button.label for button in home.button] == ["Bakery", "Clothing shop", "Clinic", "Cafe", "Online shop"]


def test_an_uploaded_file_is_described_before_any_number_is_computed(app):
    home = upload(app(), bakery_csv())
    assert not home.exception
    assert "200 rows" in words(home)
    assert "What I changed in your file" in words(home)
    assert "What your columns mean" in words(home)


def test_home_draws_what_was_read_with_a_gap_where_nothing_is_known(app):
    *rows, last = bakery_csv(30).decode().splitlines()
    home = upload(app(), "\n".join([*rows[:10], *rows[13:], last]).encode())
    drawn = json.loads(home.get("plotly_chart")[0].proto.spec)["data"][0]
    assert len(drawn["x"]) == 30
    assert drawn["y"][9:12] == [None] * 3
    assert drawn["y"][-1] == float(last.split(",")[-1])


def test_one_click_opens_a_sample(app):
    home = app()
    home.button(key="sample-bakery").click().run()
    assert not home.exception
    assert "bakery.xlsx" in words(home)


def test_the_forecast_page_without_a_file_has_one_thing_to_do(app):
    page = app("pages/forecast.py")
    assert not page.exception
    assert not page.get("plotly_chart")
    assert [link.proto.label for link in page.main.get("page_link")] == ["**Open a spreadsheet or a sample**"]


def test_the_forecast_page_shows_a_fan_its_proof_and_words(app):
    page = upload(app(), bakery_csv()).switch_page("pages/forecast.py").run()
    assert not page.exception
    traces = json.loads(page.get("plotly_chart")[0].proto.spec)["data"]
    assert [trace["name"] for trace in traces] == ["80% likely", "50% likely", "Actual", "Forecast"]
    assert {"Typical error", "In total"} <= {metric.label for metric in page.metric}
    assert "In plain words" in words(page)
    assert "every number checked" in words(page)


def test_the_seasonal_naive_stands_in_the_accuracy_table(app):
    page = upload(app(), bakery_csv()).switch_page("pages/forecast.py").run()
    models = page.dataframe[0].value["Model"].tolist()
    assert models[0] == "This forecast"
    assert "Same as last season" in models


def test_a_further_horizon_makes_a_longer_forecast(app):
    page = upload(app(), bakery_csv()).switch_page("pages/forecast.py").run()
    page.select_slider[0].set_value(56).run()
    assert not page.exception
    traces = json.loads(page.get("plotly_chart")[0].proto.spec)["data"]
    ahead = next(trace for trace in traces if trace["name"] == "Forecast")
    assert len(ahead["x"]) == 1 + 56  # from the last actual on


def test_a_saved_forecast_is_still_there_for_the_next_run_and_can_be_deleted(app):
    page = upload(app(), bakery_csv()).switch_page("pages/forecast.py").run()
    page.text_input[0].set_value("Spring plan")
    next(button for button in page.button if button.label == "Save this forecast").click().run()
    page.run()
    assert "Spring plan" in words(page)
    next(button for button in page.button if button.label == "Delete").click().run()
    assert "Spring plan" not in words(page)


def test_a_file_made_to_do_harm_is_refused_and_the_open_one_stays_open(app):
    home = upload(app(), bakery_csv())
    bomb = package(workbook_parts({"Sales": sheet("<row " * 60_000)}))
    home = upload(home, bomb, "menu.xlsx")
    assert not home.exception
    assert "it seems damaged. Open it in your spreadsheet program" in words(home)
    assert "bakery.csv" in words(home)
    home = upload(home, bakery_csv(60), "later.csv")
    assert "60 rows" in words(home)


def test_an_upload_that_was_read_leaves_the_memory_of_the_server():
    def page():
        import streamlit as st
        from streamlit.runtime.scriptrunner import get_script_run_ctx

        from pages.parts.frame import widgets

        uploaded, context = st.file_uploader("File"), get_script_run_ctx()
        if uploaded and context:
            held = [len(context.uploaded_file_mgr.get_files(context.session_id, [uploaded.file_id]))]
            widgets.forget_uploads([uploaded])
            held.append(len(context.uploaded_file_mgr.get_files(context.session_id, [uploaded.file_id])))
            st.text(held)

    shown = upload(AppTest.from_function(page).run(), bakery_csv())
    assert shown.text[0].value == "[1, 0]"


def test_two_browsers_share_no_data(app):
    upload(app(), bakery_csv())
    other = app()
    assert "bakery.csv" not in words(other)
    assert len(other.file_uploader) == 1


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"", "sales.csv", "empty"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 200, "sales.xlsx", "picture"),
        (b"Date,Units\n2025-01-01,5\n2025-01-02,6", "sales.csv", None),
    ],
)
def test_a_file_that_cannot_be_used_is_explained_and_the_page_stays_whole(app, content, name, says):
    home = upload(app(), content, name)
    assert not home.exception
    if says:
        assert says in words(home).lower()
        assert len(home.file_uploader) == 1
    else:
        page = home.switch_page("pages/forecast.py").run()
        assert not page.exception
        assert "2 days" in words(page)


def test_a_file_without_a_date_says_so_and_offers_to_correct_it(app):
    home = upload(app(), b"Product,Units sold\nBread,5\nCake,6\nRoll,9\n")
    assert not home.exception
    assert "It has no dates, so it can be compared but not forecast" in words(home)
    assert not home.get("plotly_chart")
    assert "go" not in [button.key for button in home.button]
    assert meaning(home, "Product")[0] == "Item"


def test_a_file_that_no_page_can_use_is_shown_but_not_kept(app):
    home = upload(app(), b"Colour,Shape\nred,round\nblue,square\n")
    assert "no column holds dates" in words(home)
    assert "Nothing is kept of it" in words(home)
    again = app()
    assert "Colour" not in words(again)


def test_a_bad_file_does_not_close_the_good_one(app):
    home = upload(app(), bakery_csv())
    home = upload(home, b"", "empty.csv")
    assert "200 rows" in words(home)


def test_a_link_opens_a_sample_directly(app):
    page = app("Home.py", demo="bakery")
    assert "bakery.xlsx" in words(page)


def test_a_corrected_column_is_used_at_once_and_remembered_for_next_months_file(app):
    rows = "\n".join(f"2025-01-{day:02d},{day * 3},{day}" for day in range(1, 29))
    home = upload(app(), f"Day,Boxes,Tins\n{rows}".encode(), "january.csv")
    choose(home, "Tins", "Quantity")
    page = home.switch_page("pages/forecast.py").run()
    assert page.selectbox(key="metric").options == ["Units sold"]
    home = upload(
        page.switch_page("Home.py").run(), f"Day,Boxes,Tins\n{rows.replace('-01-', '-02-')}".encode(), "feb.csv"
    )
    assert meaning(home, "Tins") == ("Quantity", "chosen by you")


def test_a_role_that_moves_leaves_its_former_column_and_can_move_back(app):
    rows = "\n".join(f"2025-01-{day:02d},{day * 3},{day}" for day in range(1, 29))
    home = upload(app(), f"Day,Boxes,Tins\n{rows}".encode(), "january.csv")
    for column, other in (("Tins", "Boxes"), ("Boxes", "Tins"), ("Tins", "Boxes")):
        choose(home, column, "Quantity")
        assert not home.exception
        assert meaning(home, column)[0] == "Quantity"
        assert meaning(home, other)[0] == "Other"


def test_a_column_of_words_cannot_be_the_quantity_and_the_owner_is_not_locked_out(app):
    home = upload(app(), bakery_csv())
    choose(home, "Product", "Quantity")
    assert not home.exception
    assert "Product" in "".join(error.value for error in home.error)
    home.run()
    assert meaning(home, "Units sold")[0] == "Quantity"


def test_a_date_column_without_dates_leaves_the_screen_whole(app):
    home = upload(app(), b"Date,Units\n,4\n,6\n,7\n")
    assert not home.exception
    assert not home.run().exception


def test_a_scenario_with_a_picture_for_a_name_shows_the_name_and_fetches_nothing(app):
    page = upload(app(), bakery_csv()).switch_page("pages/forecast.py").run()
    page.text_input[0].set_value("![x](http://example.org/p.png) $5")
    next(button for button in page.button if button.label == "Save this forecast").click().run()
    shown = next(element.value for element in page.markdown if "example" in element.value)
    assert "![x](" not in shown
    assert "\\$5" in shown


def test_decisions_can_be_undone_redone_and_all_forgotten(app):
    rows = "\n".join(f"2025-01-{day:02d},{day * 3},{day}" for day in range(1, 29))
    home = upload(app(), f"Day,Boxes,Tins\n{rows}".encode(), "january.csv")
    before = meaning(home, "Tins")
    choose(home, "Tins", "Quantity")
    press(home, "Undo")
    assert meaning(home, "Tins") == before
    press(home, "Redo")
    assert meaning(home, "Tins")[0] == "Quantity"
    press(home, "Start over")
    assert meaning(home, "Tins") == before


def test_several_files_at_once_are_one_business_and_a_bad_one_is_named(app):
    home = app()
    header, *rows = bakery_csv(90).splitlines()
    one, two = (b"\n".join([header, *part]) for part in (rows[:60], rows[60:]))
    home.file_uploader[0].set_value([("one.csv", one, ""), ("bad.xlsx", b"", ""), ("two.csv", two, "")]).run()
    assert not home.exception
    assert "90 rows" in words(home)
    assert "bad.xlsx" in words(home)
    assert "one.csv, two.csv" in words(home)


def test_files_that_overlap_are_asked_about(app):
    home = app()
    home.file_uploader[0].set_value([("one.csv", bakery_csv(60), ""), ("two.csv", bakery_csv(90), "")]).run()
    assert "are they parts of one" in words(home)


def press(test, label: str) -> None:
    next(button for button in test.button if button.label == label).click().run()
    assert not test.exception


def choose(test, column: str, role: str) -> None:
    test.selectbox[-2].set_value(column)
    test.selectbox[-1].set_value(role)
    test.button(key="correct").click().run()


def meaning(test, column: str) -> tuple[str, str]:
    roles = next(frame.value for frame in test.dataframe if "Meaning" in frame.value.columns).set_index("Column")
    return roles.loc[column, "Meaning"], roles.loc[column, "Why"]


def test_the_orders_page_lists_what_to_order_with_its_proof(app):
    page = app("Home.py", demo="bakery").switch_page("pages/inventory.py").run()
    assert not page.exception
    assert "to order today" in words(page)
    assert len(page.dataframe) >= 1


def test_a_file_without_items_cannot_be_ordered_from_and_says_so(app):
    rows = "\n".join(f"2025-01-{day:02d},{day}" for day in range(1, 29))
    home = upload(app(), f"Date,Units sold\n{rows}".encode())
    page = home.switch_page("pages/inventory.py").run()
    assert not page.exception
    assert "item" in "".join(error.value for error in page.error)
