"""Personal data stays in the shop."""

import random

import pytest

from engine.llm.router import redact

PRIVATE = [
    "baker.one@example.com",
    "+49 30 1234567",
    "(030) 123 45 67",
    "555-123-4567",
    "4111 1111 1111 1111",
    "DE89 3704 0044 0532 0130 00",
    "12 Baker Street",
    "Hauptstraße 5",
]
HARMLESS = ["4,500 units", "12 May 2026", "2026-05-12", "28 days", "$1,250.40", "Baguette 250 g", "up 5.4%", "1001"]


@pytest.mark.parametrize("value", PRIVATE)
def test_it_is_replaced(value):
    kept = redact(f"Reach the owner at {value} please.")

    assert value not in kept.text
    assert value in kept.tokens.values()
    assert value not in repr(kept)


@pytest.mark.parametrize("value", HARMLESS)
def test_figures_and_days_are_left_alone(value):
    assert not redact(f"It was {value} in all.").is_private


def test_names_of_employees_are_replaced_wherever_they_stand():
    kept = redact("Can Barista 2 swap with barista 11?", names=["Barista 2", "Barista 11"])

    assert kept.text == "Can <NAME_2> swap with <NAME_1>?"
    assert kept.tokens["<NAME_2>"] == "Barista 2"


def test_a_number_that_fails_the_check_digit_is_no_card():
    assert redact("order 4111 1111 1111 1112").text.count("CARD") == 0


def test_of_500_cells_none_leaves_with_its_contact():
    rng = random.Random(3)
    leaks = 0
    for number in range(500):
        kind = number % 4
        digits = [rng.randrange(100, 1000) for _ in range(4)]
        value = [
            f"guest{number}.{digits[0]}@mail{rng.randrange(9)}.example",
            f"+{rng.randrange(1, 99)} {digits[0]} {digits[1]} {digits[2]}{digits[3]}",
            f"0{digits[0]}{rng.choice('- .')}{digits[1]} {digits[2]}",
            f"{digits[0]} {rng.choice(['Mill', 'Church', 'Station'])} {rng.choice(['Street', 'Road', 'Lane'])}",
        ][kind]
        leaks += value in redact(f"note {number}: {value}, call before noon").text

    assert leaks <= 5
