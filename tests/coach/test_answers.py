"""Questions about a bakery that sells 40 pieces on every day, and 80 on Saturdays, at 2 each."""

from datetime import date

import pytest

from engine.coach.context import CoachContext, CoachQuestion
from engine.coach.registry import Step, carry_out, in_words
from engine.coach.tools.records import comparison, data_question
from engine.coach.understand.entities import read_arguments
from engine.coach.understand.intents import Intent
from engine.errors import DataProblem, MissingColumn
from engine.settings import Settings
from engine.workflows.files import as_one, open_business
from tests.coach.conftest import sales_csv
from tests.conftest import LATER


def asked(question: str, bakery: CoachContext) -> CoachQuestion:
    return CoachQuestion(question, read_arguments(question, today=bakery.today, items=bakery.items))


def answer(tool: Intent, question: str, bakery: CoachContext):
    return carry_out(Step(tool, asked(question, bakery).arguments), question, bakery)


def said(found) -> str:
    return " ".join(sentence.text for sentence in in_words(found))


def test_time_is_counted_from_the_last_day_of_the_file(bakery):
    assert bakery.today == date(2026, 3, 29)


def test_a_week_of_forty_a_day_and_eighty_on_saturday_is_320(bakery):
    found = answer(Intent.DATA, "How many did we sell last week?", bakery)

    assert found.facts["first_day"].value == date(2026, 3, 23)
    assert found.facts["last_day"].value == date(2026, 3, 29)
    assert found.facts["total"].value == 6 * 40 + 80
    assert "320 units" in said(found)


def test_money_is_counted_where_money_is_asked_for(bakery):
    found = answer(Intent.DATA, "What was our revenue last week?", bakery)

    assert found.facts["total"].value == 640


def test_on_saturdays_means_each_of_them_and_not_only_the_latest(bakery):
    found = answer(Intent.DATA, "How many croissants did we sell on Saturdays?", bakery)

    assert found.facts["total"].value == 12 * 8
    assert said(found).startswith("Units sold on Saturdays, Butter croissant: 96 units from")


def test_on_saturdays_of_a_month_keeps_to_the_month(bakery):
    found = answer(Intent.DATA, "What was our revenue on Saturdays in February?", bakery)

    assert found.facts["total"].value == 4 * 80 * 2
    assert found.facts["first_day"].value == date(2026, 2, 1)


def test_one_day_is_compared_with_the_same_day_a_week_before(bakery):
    found = answer(Intent.DATA, "How much did we sell yesterday?", bakery)  # a Saturday; the Friday sold half of it

    assert found.facts["change_week"].value == pytest.approx(0)
    assert "about the same as a week before" in said(found)


def test_the_busiest_day_is_a_saturday(bakery):
    found = answer(Intent.DATA, "What was our best day in February?", bakery)

    assert found.facts["best_day"].value.weekday() == 5
    assert found.facts["best_value"].value == 80


def test_white_rolls_sell_best_with_half_of_everything(bakery):
    found = answer(Intent.DATA, "Which item sells best?", bakery)

    assert found.facts["top_item"].value == "White roll"
    assert found.facts["top_share"].value == pytest.approx(50)
    assert said(found).startswith("White roll leads with")


def test_one_word_of_a_name_is_enough_when_no_other_item_has_it(bakery):
    found = answer(Intent.DATA, "How many croissants did we sell last week?", bakery)

    assert found.facts["item"].value == "Butter croissant"
    assert found.facts["total"].value == 6 * 4 + 8


def test_a_word_that_two_items_share_means_both(bakery):
    found = answer(Intent.DATA, "How many rolls did we sell last week?", bakery)

    assert found.facts["total"].value == 6 * 26 + 52, "the total of all items would not be what was asked"
    assert said(found).startswith("Units sold, White roll and Poppy seed roll: 208 units from 23 March 2026")
    assert "White roll leads with 160 units, which is 77% of this total." in said(found)


def test_march_against_february_is_month_against_month(bakery):
    found = answer(Intent.COMPARE, "Compare last month with the month before", bakery)

    assert found.facts["later_first"].value == date(2026, 2, 1)
    assert found.facts["later_last"].value == date(2026, 2, 28)
    assert found.facts["earlier_first"].value == date(2026, 1, 5), "the file begins there"
    assert found.facts["later_total"].value == 28 * 40 + 4 * 40


def test_two_items_are_set_side_by_side(bakery):
    found = answer(Intent.COMPARE, "Does the rye loaf sell better than the butter croissant?", bakery)

    assert found.facts["item_change"].value == pytest.approx(150)  # 10 a day against 4
    assert "Rye loaf is 150% ahead of Butter croissant" in said(found)


def test_the_one_that_sells_less_is_said_to_lie_below(bakery):
    found = answer(Intent.COMPARE, "Compare croissants and rolls last week", bakery)  # 4 a day against 26

    assert "The first of these is 85% lower." in said(found)
    assert "Butter croissant is 60% below Rye loaf" in said(answer(Intent.COMPARE, "croissant or rye loaf?", bakery))


def test_whole_months_are_compared_with_whole_months():
    from engine.coach.understand.times import Period, stretch_before

    assert stretch_before(Period(date(2026, 3, 1), date(2026, 3, 31))) == Period(date(2026, 2, 1), date(2026, 2, 28))
    assert stretch_before(Period(date(2026, 1, 1), date(2026, 3, 31))) == Period(date(2025, 10, 1), date(2025, 12, 31))
    assert stretch_before(Period(date(2026, 3, 9), date(2026, 3, 15))) == Period(date(2026, 3, 2), date(2026, 3, 8))


def test_what_lies_after_the_file_is_not_known_but_can_be_expected(bakery):
    with pytest.raises(DataProblem, match="ends on 29 March 2026"):
        data_question(bakery, asked("How much did we sell in 2027?", bakery))


def test_next_week_is_expected_to_bring_what_every_week_brought(bakery):
    found = answer(Intent.FORECAST, "How much will we sell next week?", bakery)

    assert found.page == "window" or found.facts["horizon"].value == 7
    assert found.facts["total_ahead"].value == pytest.approx(320, rel=0.02)
    assert "30 March 2026 to 5 April 2026" in said(found)


def test_a_day_that_is_over_cannot_be_forecast(bakery):
    with pytest.raises(DataProblem, match="is not after the last row"):
        answer(Intent.FORECAST, "What will we sell on 1 March 2026?", bakery)


def test_a_day_too_far_ahead_is_said_to_be_so(bakery):
    found = answer(Intent.FORECAST, "What will we sell in December 2026?", bakery)

    assert "further ahead than this file lets us look" in found.facts.cautions[0]


def test_stock_cannot_be_told_without_a_list_of_items(bakery):
    with pytest.raises(MissingColumn, match="on hand"):
        data_question(bakery, asked("How much stock do we have?", bakery))


def test_a_term_is_explained_without_a_number(bakery):
    words = said(answer(Intent.EXPLAIN, "What does safety stock mean?", bakery))

    assert words.startswith("Safety stock: ")
    assert not any(character.isdigit() for character in words)


def test_an_unknown_term_is_answered_with_those_that_are_known(bakery):
    assert "Which one do you mean?" in said(answer(Intent.EXPLAIN, "What does flux capacitor mean?", bakery))


def test_why_a_figure_changed_is_never_put_as_a_cause(bakery):
    found = answer(Intent.WHY, "Why did sales change last month?", bakery)

    assert found.page == "why"
    assert "because" not in said(found).lower()


def test_why_says_which_days_were_compared(bakery):
    told = said(answer(Intent.WHY, "Why did sales change last month?", bakery))

    assert "from 1 February 2026 to 28 February 2026 it was" in told


def test_a_price_that_never_changed_is_not_supposed_to_do_nothing(bakery):
    with pytest.raises(DataProblem, match="does not show what another price would do"):
        answer(Intent.FORECAST, "What if the price of the rye loaf were 10% higher?", bakery)


def test_a_file_without_dates_says_what_is_missing():
    from engine.settings import Settings
    from engine.workflows.files import open_business

    team = b"Employee,Role,Hourly rate\nBarista 1,bar,15\nBarista 2,bar,16\n"
    people = CoachContext(open_business(team, "team.csv", Settings(), today=LATER))

    assert people.items == ()
    with pytest.raises(MissingColumn, match="date"):
        comparison(people, CoachQuestion("compare this month with last month"))
    assert "2 people" in said(
        carry_out(Step(Intent.DATA, CoachQuestion("").arguments), "How many employees do we have?", people)
    )


def months_csv() -> bytes:
    """Three years of months; each January sells 10, each February 20, and so on."""
    days = [date(2023 + k // 12, k % 12 + 1, 1) for k in range(36)]
    return "\n".join(["Month,Units sold", *(f"{day},{10 * day.month}" for day in days)]).encode()


@pytest.fixture(scope="module")
def monthly() -> CoachContext:
    return CoachContext(open_business(months_csv(), "sales.csv", Settings(), today=LATER))


def test_a_month_is_compared_with_the_same_month_a_year_before(monthly):
    found = comparison(monthly, asked("November 2025 year on year", monthly))

    assert found.facts["earlier_first"].value == date(2024, 11, 1)
    assert found.facts["earlier_last"].value == date(2024, 11, 30)
    assert found.facts["change"].value == pytest.approx(0)


def test_weeks_are_compared_with_the_same_weekdays_a_year_before():
    shop = CoachContext(open_business(sales_csv(days=500), "sales.csv", Settings(), today=LATER))
    found = comparison(shop, asked("last week year on year", shop))

    assert found.facts["later_first"].value == date(2027, 5, 10)
    assert found.facts["earlier_first"].value == date(2026, 5, 11)


def test_a_day_of_the_last_month_of_the_file_is_not_further_than_it_lets_us_look(monthly):
    found = answer(Intent.FORECAST, "What will we sell tomorrow?", monthly)

    assert found.facts.cautions[0] == (
        "2 December 2025 lies in the last month of your file; this is what comes after it."
    )


def test_a_closed_day_is_said_to_be_so():
    rows = [row for row in sales_csv().decode().splitlines() if row[:4] == "Date" or is_open(row[:10])]
    shop = CoachContext(open_business("\n".join(rows).encode(), "sales.csv", Settings(), today=LATER))
    found = answer(Intent.FORECAST, "What will we sell next Sunday?", shop)

    assert found.facts.cautions[0].startswith("You are usually closed on 29 March 2026")
    with pytest.raises(DataProblem, match="Your file has no Sunday"):
        data_question(shop, asked("How much do we sell on Sundays?", shop))


def is_open(day: str) -> bool:
    return date.fromisoformat(day).weekday() != 6


@pytest.mark.parametrize(
    ("question", "role"),
    [("How much revenue did we make last week?", "revenue"), ("How many visitors came last week?", "traffic")],
)
def test_a_figure_that_the_file_does_not_have_is_not_answered_with_another(question, role):
    lines = "\n".join(["Date,Product,Units", *(f"2026-03-{day:02d},Tea,3" for day in range(1, 29))])
    shop = CoachContext(open_business(lines.encode(), "sales.csv", Settings(), today=LATER))
    with pytest.raises(MissingColumn) as problem:
        answer(Intent.DATA, question, shop)
    assert problem.value.role == role
    assert "Units sold" in str(problem.value)


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("What was our average order value last week?", 14 * 2.0 * 10 / 14),
        ("What was the average price last week?", 2.0),
        ("What was the gross margin last week?", 50.0),
        ("How many sale lines did we have last week?", 14.0),
    ],
)
def test_measures_that_are_no_plain_sum_are_given_as_they_are(question, value):
    days = [f"2026-03-{day:02d}" for day in range(1, 30)]
    rows = [f"{day},Tea,10,2.00,{order}{number}" for number, day in enumerate(days) for order in "ab"]
    sales = "\n".join(["Date,Product,Units,Unit price,Order id", *rows])
    content, name = as_one({"sales.csv": sales.encode(), "items.csv": b"Product,Unit cost\nTea,1\n"})
    shop = CoachContext(open_business(content, name, Settings(), today=LATER))
    result = answer(Intent.DATA, question, shop)
    assert result.facts["total"].value == pytest.approx(value)
    assert result.facts["total"].label in said(result)
