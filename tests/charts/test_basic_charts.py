"""Figures of what is in the owner's file, of a shop's days and months."""

from datetime import date

import pytest

from engine.charts import basics


@pytest.mark.parametrize("count", [4, 24])
def test_months_are_not_called_by_the_weekday_on_which_they_begin(count):
    months = [date(2024 + k // 12, k % 12 + 1, 1) for k in range(count)]
    axis = basics.line(months, [float(k) for k in range(count)], "Units sold", "units").layout.xaxis

    assert axis.hoverformat == "%b %Y"
    assert axis.tickformat == ("%b %Y" if count == 4 else None)


def test_days_are_called_by_their_weekday():
    days = [date(2024, 1, day) for day in (1, 2, 3)]

    assert basics.line(days, [1.0, None, 3.0], "Units sold", "units").layout.xaxis.tickformat == "%a %-d %b"
