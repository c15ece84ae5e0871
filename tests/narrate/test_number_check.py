"""The number check, row by row, on the facts of one small bakery."""

import math
from datetime import date

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from engine.facts import Fact, Facts
from engine.narrate import spoken, unsupported_numbers


def facts_of(*items):
    return Facts(
        tuple(Fact(f"fact_{n}", label, value, unit, "counted") for n, (label, value, unit) in enumerate(items))
    )


BAKERY = facts_of(
    ("Units expected over the next 28 days", 4499.7, "units"),
    ("Days ahead", 28, "days"),
    ("Change on the four weeks before", -5.4, "%"),
    ("Change on last year", 8, "%"),
    ("Level of the band", 80, "%"),
    ("Share of regulars", 50, "%"),
    ("Revenue expected", 1250.4, "EUR"),
    ("Waste against last month", -320, "EUR"),
    ("Past periods checked", 112, ""),
    ("Growth since opening", 2, ""),
    ("Busiest day", date(2026, 5, 12), ""),
    ("Item", "Baguette 250 g", ""),
    ("Article", "1001", ""),
    ("Opens at", "07:30", ""),
    ("Lower end of the 95% band tomorrow", 3.2, "units"),
)

SUPPORTED = [
    "You will sell 4,500 a year.",
    "4,500 units over 28 days",
    "4499.7 units",
    "4.5 thousand units",
    "4.5k",
    "4 thousand units",
    "forty-five hundred",
    "four thousand five hundred units",
    "4\u00a0500 units",
    "4\u202f500 units",
    "4’500 units",
    "4\u200b500 units",
    "٤٥٠٠ units",
    "a 28-day forecast",
    "the twenty-eight days ahead",
    "down 5.4%",
    "a fall of about 5%",
    "5.4% less than before",
    "-5.4 %",
    "−5.4%",
    "minus 5.4 percent",
    "(5.4%)",
    "8% more",
    "up 8%",
    "eight per cent",
    "the 80% band",
    "half of our guests",
    "twice as much as at the start",
    "it doubled",
    "2x",
    "€1,250",
    "EUR 1,250",
    "1,250 EUR",
    "1,250 euros",
    "1.25k euros",
    "1,250 in all",
    "waste fell by €320",
    "-€320",
    "112 past days",
    "3.2 to 4,500 units",
    "12 May 2026",
    "12th of May",
    "May 12",
    "May 12, 2026",
    "2026-05-12",
    "in May 2026",
    "since 2026",
    "the 12th",
    "Baguette 250 g sells best",
    "baguette 250 g",
    "Article 1001 sells best",
    "open from 07:30",
    "units for the next 28 days",
    "inside the 95% band",
    "this quarter, next second, first of all",
    "One of them, no one, and one another",
    "No number at all.",
    "",
]

UNSUPPORTED = [
    ("You will save 4,400 a year.", [4400]),
    ("4,460 units", [4460]),
    ("4,501", [4501]),
    ("4.6k", [4600]),
    ("5 thousand", [5000]),
    ("45,000", [45000]),
    ("4.5 million", [4_500_000]),
    ("$4.5m", [4_500_000]),
    ("€4,500", [4500]),
    ("4,500 EUR", [4500]),
    ("4,500%", [4500]),
    ("4,500 days", [4500]),
    ("4 500", [4, 500]),
    ("4,50", [4, 50]),
    ("4.500,0", [4, 500, 0]),
    ("28 units", [28]),
    ("28%", [28]),
    ("28kg", [28]),
    ("29 days", [29]),
    ("5.4%", [5.4]),
    ("5.4% more", [5.4]),
    ("up 5.4%", [5.4]),
    ("+5.4%", [5.4]),
    ("−5.4% more", [-5.4]),
    ("down 5.6%", [5.6]),
    ("down 5.4", [5.4]),
    ("8% less", [8]),
    ("sales fell by 8%", [8]),
    ("-8%", [-8]),
    ("8", [8]),
    ("8 units", [8]),
    ("eight", [8]),
    ("8 percentage points", [8]),
    ("80", [80]),
    ("$1,250", [1250]),
    ("1,250 dollars", [1250]),
    ("£1,250", [1250]),
    ("1,250 US dollars", [1250]),
    ("$€1,250", [1250]),
    ("1,250%", [1250]),
    ("€1,251", [1251]),
    ("€1,250.00", [1250]),
    ("50¢", [50]),
    ("€112", [112]),
    ("112 units", [112]),
    ("waste rose by €320", [320]),
    ("+€320", [320]),
    ("13 May 2026", [13, 2026]),
    ("12 June", [12]),
    ("12 May 2025", [12, 2025]),
    ("May 21", [21]),
    ("2026-05-13", [2026, 5, 13]),
    ("12.05.2026", [12, 5, 2026]),
    ("in 2025", [2025]),
    ("2026 units", [2026]),
    ("the 13th", [13]),
    ("at 8 am", [8]),
    ("at 14:30", [14, 30]),
    ("08:30", [8, 30]),
    ("Baguette 260 g", [260]),
    ("Baguette 250", [250]),
    ("1001 units", [1001]),
    ("Article 1002", [1002]),
    ("the 96% band", [96]),
    ("95%", [95]),
    ("one day", [1]),
    ("one unit", [1]),
    ("a dozen", [12]),
    ("half a dozen", [6]),
    ("two dozen", [24]),
    ("hundreds of guests", [100]),
    ("in the thirties", [30]),
    ("a third of our guests", [1 / 3]),
    ("by a quarter", [0.25]),
    ("three quarters of it", [0.75]),
    ("sales tripled", [3]),
    ("the third week", [3]),
    ("two and a half thousand", [2500]),
    ("half a million", [500_000]),
    ("two hundred and five", [205]),
    ("between one hundred and two hundred", [100, 200]),
    ("Q3", [3]),
    ("3/4", [3, 4]),
    ("24/7", [24, 7]),
    ("1e6", [1, 6]),
    ("2½", [2.5]),
    ("m²", [2]),
    ("version 1.2.3", [1, 2, 3]),
    ("005", [5]),
    (".5", [0.5]),
    ("5-10 units", [5, 10]),
    ("First 7, then 9.", [7, 9]),
]


@pytest.mark.parametrize("text", SUPPORTED)
def test_a_number_of_the_bakery_may_be_said(text):
    assert unsupported_numbers(text, BAKERY) == []


@pytest.mark.parametrize(("text", "numbers"), UNSUPPORTED)
def test_a_number_that_the_bakery_does_not_have_is_reported(text, numbers):
    assert unsupported_numbers(text, BAKERY) == pytest.approx(numbers)


def test_nothing_supports_a_number_when_there_are_no_facts():
    assert unsupported_numbers("You will save 4,500 a year.", Facts(())) == [4500]


def test_a_number_in_another_ones_place_is_a_known_limit():
    facts = facts_of(("Change on last month", 8, "%"), ("Change on last year", 12, "%"))

    assert unsupported_numbers("12% more than last month, 8% more than last year.", facts) == []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("4.500 units am 12. Mai 2026, 1.250 €", []),
        ("-5,4 % auf 28 Tage", []),
        ("4,500 units", [4.5]),
        ("am 13. Mai 2026", [13, 2026]),
    ],
)
def test_a_german_text_is_read_with_german_marks(text, numbers):
    assert unsupported_numbers(text, BAKERY, "de") == numbers


@pytest.mark.parametrize("locale", ["en_IN", "fr", "sv", "de_CH", "tr", "es"])
def test_every_way_to_write_a_number_is_understood_where_it_is_used(locale):
    facts = facts_of(
        ("Revenue", 1234567.4, "USD"), ("Change", -5.43, "%"), ("Sold", 3.4, "units"), ("From", date(2026, 5, 12), "")
    )

    assert [unsupported_numbers(spoken(fact, locale), facts, locale) for fact in facts] == [[]] * 4
    assert unsupported_numbers(spoken(facts["fact_0"], locale), facts_of(("Revenue", 1234568.4, "USD")), locale) != []


amounts = st.floats(min_value=-1e9, max_value=1e9).filter(lambda value: value == 0 or abs(value) > 1e-4)
units = st.sampled_from(["units", "%", "EUR", "USD", "JPY", "days", "months", "visits", ""])
days = st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 31))


@given(
    value=st.one_of(amounts, st.integers(-(10**9), 10**9), days, st.text(max_size=20)), unit=units, german=st.booleans()
)
@example(value="00", unit="units", german=False)  # a name of digits that is no way to write a number
def test_what_a_fact_says_is_supported_by_that_fact(value, unit, german):
    locale = "de" if german else "en"
    facts = facts_of(("A fact", value, unit if isinstance(value, int | float) else ""))

    assert unsupported_numbers(spoken(facts["fact_0"], locale), facts, locale) == []


@given(
    value=st.floats(min_value=0, max_value=1e7), shown=st.floats(min_value=0, max_value=1e7), places=st.integers(0, 3)
)
def test_a_number_is_supported_exactly_when_rounding_gives_it(value, shown, places):
    text = f"We expect {shown:,.{places}f} units."
    distance = abs(float(f"{shown:.{places}f}") - value)
    half_place = 0.5 * 10**-places
    assume(not math.isclose(distance, half_place, rel_tol=1e-3))

    reported = unsupported_numbers(text, facts_of(("Units", value, "units")))

    assert (reported == []) == (distance < half_place)


@given(
    value=st.floats(min_value=0, max_value=1e5), nudge=st.floats(min_value=-3, max_value=3), places=st.integers(0, 3)
)
def test_close_is_not_enough(value, nudge, places):
    shown = max(0.0, value + nudge * 10**-places)
    text = f"We expect {shown:,.{places}f} units."
    distance = abs(float(f"{shown:.{places}f}") - value)
    assume(abs(distance - 0.5 * 10**-places) > 1e-6)

    assert (unsupported_numbers(text, facts_of(("Units", value, "units"))) == []) == (distance < 0.5 * 10**-places)


SMALL_NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
ROUND_NUMBERS = "- - twenty thirty forty fifty sixty seventy eighty ninety"


def in_words(number):
    """A plain one-line-a-rule way to write 1..999,999 in English words."""
    ones = SMALL_NUMBERS.split()
    tens = ROUND_NUMBERS.split()
    if number < 20:
        return ones[number]
    if number < 100:
        return tens[number // 10] + (f"-{ones[number % 10]}" if number % 10 else "")
    if number < 1000:
        return f"{ones[number // 100]} hundred" + (f" and {in_words(number % 100)}" if number % 100 else "")
    return f"{in_words(number // 1000)} thousand" + (f" {in_words(number % 1000)}" if number % 1000 else "")


@given(number=st.integers(1, 999_999), other=st.integers(1, 999_999))
def test_a_number_in_words_counts_like_its_digits(number, other):
    facts = facts_of(("Units", number, "units"))

    assert unsupported_numbers(f"We expect {in_words(number)} units.", facts) == []
    assert unsupported_numbers(f"We expect {in_words(other)} units.", facts) == ([] if other == number else [other])
