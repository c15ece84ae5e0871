"""Which part of the sales a question is about: some items, a branch, a category, or what no file has."""

import pytest

from engine.coach.context import CoachContext
from engine.coach.understand.intents import Intent
from engine.errors import DataProblem, MissingColumn
from engine.settings import Settings
from engine.workflows.files import open_business, sample
from engine.workflows.order_question import OrderQuestion
from tests.coach.conftest import chain_csv, sales_csv
from tests.coach.test_answers import answer, said
from tests.conftest import LATER

NOT_IN_FILE = "Your file has no item called"


def test_two_items_that_are_named_are_added_up(bakery):
    found = answer(Intent.DATA, "How many croissants and rye loaves did we sell last week?", bakery)

    assert found.facts["total"].value == 6 * 14 + 28
    assert said(found).startswith("Units sold, Butter croissant and Rye loaf: 112 units")


def test_many_items_that_share_a_word_are_called_by_it():
    sold = {f"{kind} muffin": 2 for kind in ("Lemon", "Berry", "Nut", "Oat")} | {"Rye loaf": 10}
    shop = CoachContext(open_business(sales_csv(sold), "sales.csv", Settings(), today=LATER))
    found = answer(Intent.DATA, "How many muffins did we sell last week?", shop)

    assert found.facts["total"].value == 6 * 8 + 16
    assert said(found).startswith("Units sold, all items with 'muffins' in their names: 64 units")


def test_items_that_share_a_word_are_compared_over_time(bakery):
    found = answer(Intent.COMPARE, "Compare rolls in February with January", bakery)

    assert found.facts["later_total"].value == 28 * 26 + 4 * 26


def test_what_is_not_in_the_file_is_said_first(bakery):
    found = answer(Intent.DATA, "How many cheese cakes did we sell last week?", bakery)

    assert said(found).startswith(f"{NOT_IN_FILE} 'cheese cakes', so this is all items together. Units sold, all items")
    assert found.facts["total"].value == 320


@pytest.mark.parametrize(
    "question",
    [
        "How much did we sell last week?",
        "How many units did we sell last week?",
        "How many things did we sell last week?",
        "How much money did we make last week?",
        "How many orders did we have last week?",
        "How many customers did we have last week?",
        "How many more units did we sell last week?",
        "How many loafs did we sell last week?",
        "How many crossaints did we sell last week?",
        "How many Saturdays did we open?",
        "How much of everything did we sell?",
        "How much change did we have last week?",
    ],
)
def test_what_names_no_item_raises_no_alarm(bakery, question):
    assert NOT_IN_FILE not in said(answer(Intent.DATA, question, bakery))


def test_sales_by_branch_are_ranked_by_branch(chain):
    found = answer(Intent.DATA, "Which store sells best?", chain)

    assert said(found).startswith(
        "Harbour leads with 7,680 units, which is 67% of everything. Next comes Downtown with"
    )
    assert found.facts["top_item"].label == "Best store"


def test_the_weakest_category_of_a_month_comes_last(chain):
    found = answer(Intent.DATA, "Which category did worst in February?", chain)

    assert said(found).startswith("Pastries comes last with 384 units.")  # 4 a day, 8 on 4 Saturdays, in both branches


def test_the_branches_are_ranked_by_what_they_sold_of_one_item(chain):
    found = answer(Intent.DATA, "Croissant revenue per branch last week", chain)

    assert found.facts["top_value"].value == 2 * 2 * 32
    assert "which is 67% of this total" in said(found)


def test_a_branch_that_is_named_counts_alone(chain):
    found = answer(Intent.DATA, "How much did Downtown sell last week?", chain)

    assert found.facts["total"].value == 320
    assert said(found).startswith("Units sold, Downtown, all items: 320 units")


def test_a_category_that_is_named_counts_all_its_items(chain):
    assert answer(Intent.DATA, "How many pastries did we sell last week?", chain).facts["total"].value == 3 * 32


def test_two_branches_are_set_side_by_side(chain):
    assert "Harbour is 100% ahead of Downtown" in said(answer(Intent.COMPARE, "Compare Harbour with Downtown", chain))


def test_two_categories_are_set_side_by_side_also_where_items_share_the_word_of_one(chain):
    found = answer(Intent.COMPARE, "Compare bread and rolls at Harbour last week", chain)

    assert said(found).startswith("Units sold, Harbour: 160 units for Bread from 23 March 2026")
    assert found.facts["earlier_total"].value == 2 * 208


def test_all_branches_are_not_compared_over_two_times(chain):
    with pytest.raises(DataProblem, match="for one store or for all of them together"):
        answer(Intent.COMPARE, "Compare February with January for each branch", chain)


def test_which_of_the_rolls_ranks_the_rolls_and_tells_their_share_of_everything(bakery):
    told = said(answer(Intent.DATA, "Which roll sells best?", bakery))

    assert told.startswith("White roll leads with 1,920 units, which is 77% of this total. Next comes Poppy seed roll")
    assert told.endswith("to 29 March 2026, which is 65% of everything.")


def test_the_share_of_a_category_is_told_with_its_total(chain):
    told = said(answer(Intent.DATA, "What share of revenue came from pastries last week?", chain))

    assert told.startswith(
        "Revenue, Pastries, all items: 192 from 23 March 2026 to 29 March 2026, which is 10% of every"
    )


def test_a_season_is_a_time_also_where_a_category_is_called_so_and_a_numbered_store_is_a_store():
    rows = (
        row.replace("Pastries", "Winter").replace("Harbour", "Store 2") for row in chain_csv().decode().splitlines()
    )
    shop = CoachContext(open_business("\n".join(rows).encode(), "sales.csv", Settings(), today=LATER))

    assert said(answer(Intent.DATA, "How was last winter?", shop)).startswith("Units sold, all items")
    assert said(answer(Intent.DATA, "How did store 2 do last week?", shop)).startswith(
        "Units sold, Store 2, all items: 640"
    )


def test_a_category_is_found_in_the_list_of_items():
    cafe = CoachContext(open_business(*_sample("cafe"), Settings(), today=LATER))

    assert answer(Intent.DATA, "Revenue per category", cafe).facts["items"].unit == "categories"


def _sample(key: str) -> tuple[bytes, str]:
    path = sample(key).path
    return path.read_bytes(), path.name


@pytest.mark.parametrize(
    ("question", "role"), [("Which store sells best?", "store"), ("Revenue by category last week", "category")]
)
def test_a_ranking_that_the_file_cannot_give_is_not_given_by_item(bakery, question, role):
    with pytest.raises(MissingColumn, match=f"No column looks like the {role}"):
        answer(Intent.DATA, question, bakery)


def test_items_that_share_a_word_are_expected_together(bakery):
    found = answer(Intent.FORECAST, "How many rolls will we sell next week?", bakery)

    assert found.facts["total_ahead"].value == pytest.approx(6 * 26 + 52, rel=0.02)
    assert said(found).startswith("Units sold, White roll and Poppy seed roll: we expect")


def test_what_a_named_branch_will_sell_is_not_what_all_of_them_will(chain):
    found = answer(Intent.FORECAST, "How much will Harbour sell next week?", chain)

    assert found.facts["total_ahead"].value == pytest.approx(640, rel=0.02)


def test_what_is_not_in_the_file_is_not_expected_without_a_word(bakery):
    found = answer(Intent.FORECAST, "How many donuts will we sell?", bakery)

    assert f"{NOT_IN_FILE} 'donuts'" in said(found) + found.facts.cautions[0]


def test_another_price_is_not_supposed_for_two_items_at_once(bakery):
    with pytest.raises(DataProblem, match="for one item or for all together"):
        answer(Intent.FORECAST, "What if the price of rolls were 10% higher?", bakery)


def test_several_items_to_order_are_added_up():
    shop = CoachContext(open_business(*_sample("bakery"), Settings(), today=LATER))
    plan = shop.order_plan(OrderQuestion())
    kept = CoachContext(shop.business, orders=lambda asked: plan)
    found = answer(Intent.ORDERS, "How many rolls should I order?", kept)

    rolls = [plan.line("White roll"), plan.line("Poppy seed roll")]
    assert found.facts["quantity"].value == sum(line.quantity for line in rolls)
    assert "of White roll and Poppy seed roll" in said(found)


def test_stores_that_have_only_numbers_are_named_by_them():
    rows = (row.replace("Downtown", "1").replace("Harbour", "2") for row in chain_csv().decode().splitlines())
    shop = CoachContext(open_business("\n".join(rows).encode(), "sales.csv", Settings(), today=LATER))

    assert said(answer(Intent.DATA, "How did store 2 do last week?", shop)).startswith(
        "Units sold, store 2, all items: 640"
    )
    assert "store 2 is 100% ahead of store 1" in said(answer(Intent.COMPARE, "Compare stores 2 and 1", shop))
    assert answer(Intent.DATA, "What did 2 people sell?", shop).facts["total"].value == 12 * 3 * 320


def test_what_is_not_in_the_file_is_said_of_a_branch_too(chain):
    words = "Your file has no item called 'waffles', so this is all items together."

    assert said(answer(Intent.DATA, "How many waffles did we sell in Harbour?", chain)).startswith(words)
    assert words in answer(Intent.FORECAST, "How many waffles will we sell in Harbour next week?", chain).facts.cautions
