"""What a question says about time, items and amounts, asked on Tuesday, 12 May 2026."""

from datetime import date

import pytest

from engine.business.calendar import Period
from engine.coach.understand.entities import Amount, read_arguments

TUESDAY = date(2026, 5, 12)
ITEMS = ("Croissant", "Oat milk", "Size 42", "Baguette 250 g", "Muffin")

SPANS = [
    ("sales tomorrow", (2026, 5, 13), (2026, 5, 13)),
    ("what did we sell yesterday", (2026, 5, 11), (2026, 5, 11)),
    ("the next 14 days", (2026, 5, 13), (2026, 5, 26)),
    ("over the coming two weeks", (2026, 5, 13), (2026, 5, 26)),
    ("the next three months", (2026, 5, 13), (2026, 8, 12)),
    ("the last 30 days", (2026, 4, 13), (2026, 5, 12)),
    ("next week", (2026, 5, 18), (2026, 5, 24)),
    ("this week", (2026, 5, 11), (2026, 5, 17)),
    ("last week", (2026, 5, 4), (2026, 5, 10)),
    ("this weekend", (2026, 5, 16), (2026, 5, 17)),
    ("last month", (2026, 4, 1), (2026, 4, 30)),
    ("next month", (2026, 6, 1), (2026, 6, 30)),
    ("this quarter", (2026, 4, 1), (2026, 6, 30)),
    ("last quarter", (2026, 1, 1), (2026, 3, 31)),
    ("last year", (2025, 1, 1), (2025, 12, 31)),
    ("on Friday", (2026, 5, 15), (2026, 5, 15)),
    ("last Friday", (2026, 5, 8), (2026, 5, 8)),
    ("in December", (2026, 12, 1), (2026, 12, 31)),
    ("last December", (2025, 12, 1), (2025, 12, 31)),
    ("Feb 2024", (2024, 2, 1), (2024, 2, 29)),
    ("on the 3rd of June", (2026, 6, 3), (2026, 6, 3)),
    ("June 3, 2027", (2027, 6, 3), (2027, 6, 3)),
    ("since 2026-03-01", (2026, 3, 1), (2026, 5, 12)),
    ("since March", (2026, 3, 1), (2026, 5, 12)),
    ("since the beginning of November", (2025, 11, 1), (2026, 5, 12)),
    ("between 1 May and 31 May 2026", (2026, 5, 1), (2026, 5, 31)),
    ("from 1 May 2025 to 30 June", (2025, 5, 1), (2025, 6, 30)),
    ("from 20 November to 3 January", (2025, 11, 20), (2026, 1, 3)),
    ("from February until April", (2026, 2, 1), (2026, 4, 30)),
    ("Monday to Friday", (2026, 5, 18), (2026, 5, 22)),
    ("from 5 to 9 May", (2026, 5, 5), (2026, 5, 9)),
    ("May 5-9, 2025", (2025, 5, 5), (2025, 5, 9)),
    ("in Q1", (2026, 1, 1), (2026, 3, 31)),
    ("the third quarter of 2025", (2025, 7, 1), (2025, 9, 30)),
    ("from 2024 to 2025", (2024, 1, 1), (2025, 12, 31)),
    ("in 2025", (2025, 1, 1), (2025, 12, 31)),
]


@pytest.mark.parametrize(("query", "first", "last"), SPANS, ids=[row[0] for row in SPANS])
def test_a_stretch_of_time_is_read_from_tuesday(query, first, last):
    assert read_arguments(query, today=TUESDAY).spans == (Period(date(*first), date(*last)),)


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ("last month", (2026, 10, 1), (2026, 10, 31)),
        ("last October", (2026, 10, 1), (2026, 10, 31)),
        ("last week", (2026, 10, 19), (2026, 10, 25)),
        ("last Saturday", (2026, 10, 31), (2026, 10, 31)),
        ("the last 7 days", (2026, 10, 25), (2026, 10, 31)),
        ("next month", (2026, 11, 1), (2026, 11, 30)),
    ],
)
def test_what_ends_with_the_last_known_day_is_over(query, first, last):
    assert read_arguments(query, today=date(2026, 10, 31)).spans == (Period(date(*first), date(*last)),)


def test_last_month_is_the_one_before_where_the_question_speaks_of_this_one():
    spans = read_arguments("compare this month with last month", today=date(2026, 10, 31)).spans

    assert [span.first for span in spans] == [date(2026, 10, 1), date(2026, 9, 1)]


def test_two_months_to_compare_come_in_their_order():
    spans = read_arguments("compare April with March", today=TUESDAY).spans

    assert [span.first.month for span in spans] == [4, 3]


@pytest.mark.parametrize(
    ("query", "spans"),
    [
        ("compare 2024 and 2025", [(2024, 1, 1), (2025, 1, 1)]),
        ("compare Q1 and Q2", [(2026, 1, 1), (2026, 4, 1)]),
        ("is May better than April", [(2026, 5, 1), (2026, 4, 1)]),
        ("compare 5 May and 12 May", [(2026, 5, 5), (2026, 5, 12)]),
    ],
)
def test_two_stretches_stay_two(query, spans):
    assert [span.first for span in read_arguments(query, today=TUESDAY).spans] == [date(*first) for first in spans]


@pytest.mark.parametrize("query", ["spend 2000 this month", "for 2030 euros", "order 2025 units", "split 2000 on ads"])
def test_money_and_pieces_are_no_years(query):
    found = read_arguments(query, today=TUESDAY)

    assert [span for span in found.spans if span.days > 300] == []
    assert found.amounts[0].value >= 2000


def test_the_31st_of_june_is_no_day():
    assert read_arguments("on 31 June", today=TUESDAY).spans == ()


def test_items_are_found_in_the_plural_misspelt_and_with_digits_in_their_names():
    assert read_arguments("how many croissants and muffins", today=TUESDAY, items=ITEMS).items == (
        "Croissant",
        "Muffin",
    )
    assert read_arguments("forecast for crossant", today=TUESDAY, items=ITEMS).items == ("Croissant",)
    found = read_arguments("stock of size 42 for 10 days", today=TUESDAY, items=ITEMS)
    assert (found.items, found.amounts) == (("Size 42",), ())


SHELF = ("White roll", "Poppy seed roll", "Oat latte", "Oat flat white", "Iced latte", "Summer dress", "Berry pastry")


@pytest.mark.parametrize(
    ("query", "named", "alike"),
    [
        ("how many rolls", (), [("rolls", ("White roll", "Poppy seed roll"))]),
        ("how many poppy rolls", ("Poppy seed roll",), []),
        ("rolls and lattes", (), [("rolls", SHELF[:2]), ("lattes", ("Oat latte", "Iced latte"))]),
        ("oat-lattes", (), [("oat lattes", ("Oat latte",))]),
        ("how many pastries did we sell", ("Berry pastry",), []),
        ("what did we sell last summer", (), []),
    ],
)
def test_a_word_means_the_items_that_have_it(query, named, alike):
    found = read_arguments(query, today=TUESDAY, items=SHELF)

    assert (found.items, [(each.words, each.items) for each in found.alike]) == (named, alike)


@pytest.mark.parametrize("items", [("Roll", "Big roll"), ("How to bake", "How to sew", "Sunday roll", "Sunday bread")])
def test_a_word_that_all_items_share_or_that_everybody_says_means_none(items):
    assert read_arguments("how many rolls on Sundays", today=TUESDAY, items=items).alike == ()


@pytest.mark.parametrize(
    ("query", "amount"),
    [
        ("raise prices by 5%", Amount(5, "%")),
        ("split $3,000", Amount(3000, "USD")),
        ("divide 10k", Amount(10_000, "")),
        ("another 500 euros", Amount(500, "EUR")),
        ("10.5 percent more", Amount(10.5, "%")),
        ("£1.5 million", Amount(1_500_000, "GBP")),
    ],
)
def test_an_amount_keeps_its_unit(query, amount):
    assert read_arguments(query, today=TUESDAY).amounts == (amount,)


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ("sales at Christmas", (2026, 12, 24), (2026, 12, 26)),
        ("how was last summer", (2025, 6, 1), (2025, 8, 31)),
        ("next winter", (2026, 12, 1), (2027, 2, 28)),
        ("Valentine's day 2025", (2025, 2, 14), (2025, 2, 14)),
    ],
)
def test_feasts_and_seasons_are_days_too(query, first, last):
    found = read_arguments(query, today=date(2026, 5, 13)).spans

    assert [(span.first, span.last) for span in found] == [(date(*first), date(*last))]


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ("between last Monday and last Friday", (2026, 5, 4), (2026, 5, 8)),  # the latest Monday is later
        ("from last Friday to last Monday", (2026, 5, 8), (2026, 5, 11)),
        ("from Monday to last Wednesday", (2026, 5, 4), (2026, 5, 6)),
        ("from Friday to last Tuesday", (2026, 5, 8), (2026, 5, 12)),
    ],
)
def test_two_weekdays_that_are_over_lie_within_one_week(query, first, last):
    assert read_arguments(query, today=TUESDAY).spans == (Period(date(*first), date(*last)),)


@pytest.mark.parametrize("query", ["sales of the last 7 days", "sales in May 2026"])
def test_an_item_is_not_named_by_a_part_of_a_time(query):
    found = read_arguments(query, today=TUESDAY, items=("7", "May"))

    assert found.items == ()
    assert len(found.spans) == 1


def test_an_item_called_like_a_month_is_named_beside_a_time():
    found = read_arguments("What did May sell last week?", today=TUESDAY, items=("7", "May"))

    assert found.items == ("May",)
    assert found.spans == (Period(date(2026, 5, 4), date(2026, 5, 10)),)


@pytest.mark.parametrize(
    ("query", "item"),
    [("How many did we sell?", "Shell"), ("How many this week?", "May"), ("Sales on Sundays", "Sundaes")],
)
def test_everyday_words_and_times_are_not_taken_for_misspelt_items(query, item):
    assert read_arguments(query, today=TUESDAY, items=(item, "Muffin")).items == ()
