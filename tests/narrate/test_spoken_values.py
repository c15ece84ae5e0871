"""How a fact's value reads. The expected readings follow the Unicode CLDR number and date patterns of each locale."""

import math
import subprocess
import sys
from datetime import date

import pytest

from engine.facts import Fact
from engine.narrate import spoken
from engine.narrate.sentences import spoken_bare


def fact(value, unit=""):
    return Fact("a_fact", "A fact", value, unit, "counted by hand")


@pytest.mark.parametrize(
    ("value", "unit", "english", "german"),
    [
        (4499.7, "units", "4,500 units", "4.500 units"),
        (34.6, "units", "35 units", "35 units"),
        (3.44, "units", "3.4 units", "3,4 units"),
        (0.318, "units", "0.32 units", "0,32 units"),
        (1, "units", "1 unit", "1 unit"),
        (0, "visits", "0 visits", "0 visits"),
        (1, "days", "1 day", "1 Tag"),
        (28, "days", "28 days", "28 Tage"),
        (12, "weeks", "12 weeks", "12 Wochen"),
        (8, "%", "8%", "8\u00a0%"),
        (-5.43, "%", "-5.4%", "-5,4\u00a0%"),
        (34.6, "%", "35%", "35\u00a0%"),
        (-0.0, "%", "0%", "0\u00a0%"),
        (12345.6, "EUR", "€12,346", "12.346\u00a0€"),
        (9.5, "EUR", "€9.50", "9,50\u00a0€"),
        (-1234567, "USD", "-$1,234,567", "-1.234.567\u00a0$"),
        (1500, "JPY", "¥1,500", "1.500\u00a0¥"),
        (250.4, "", "250", "250"),
        (1.256, "", "1.26", "1,26"),
        (date(2026, 5, 12), "", "12 May 2026", "12. Mai 2026"),
        ("Baguette 250 g", "", "Baguette 250 g", "Baguette 250 g"),
    ],
)
def test_a_value_reads_as_an_owner_would_write_it(value, unit, english, german):
    assert spoken(fact(value, unit)) == english
    assert spoken(fact(value, unit), "de") == german


def test_a_bare_value_keeps_its_currency_and_drops_its_noun():
    assert spoken_bare(fact(40, "units")) == "40"
    assert spoken_bare(fact(140.2, "EUR")) == "€140"
    assert spoken_bare(fact(80, "%")) == "80%"


def test_a_locale_without_words_for_a_duration_says_the_unit_itself():
    assert spoken(fact(28, "days"), "tr") == "28 days"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_not_spoken(value):
    with pytest.raises(ValueError, match="cannot be spoken"):
        spoken(fact(value, "units"))


def test_importing_the_narrator_loads_no_babel():
    added = "[name for name in set(sys.modules) - bare if name.split('.')[0] == 'babel']"
    code = f"import sys; bare = set(sys.modules); import engine.narrate; print({added})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
