"""From demand to people, and lists of rules with their sources."""

from datetime import date

import numpy as np
import pytest

from engine.dataset import Frequency
from engine.demand import DemandDistribution
from engine.errors import DataProblem
from engine.scheduling import Employee, check
from engine.scheduling.entities import DemandDriver, needs
from engine.scheduling.rules import Rest
from engine.workflows.roster.rules import EUROPEAN_UNION, TEMPLATES, UNITED_STATES
from tests.scheduling.rota import cafe, row

MONDAY, TUESDAY = date(2026, 11, 2), date(2026, 11, 3)


def orders(*paths):
    return DemandDistribution("", "orders", Frequency.DAILY, (MONDAY, TUESDAY), np.array(paths, float))


BARISTAS = DemandDriver("Barista", per_hour=25.0, opens=8 * 60, slot_minutes=60, shares=(0.5, 0.3, 0.2), under=40.0)


def test_one_barista_for_every_25_orders_an_hour():
    found = needs(orders([200.0, 100.0]), BARISTAS)
    assert [need.least for need in found] == [4, 3, 2, 2, 2, 1]
    assert (found[0].day, found[0].start, found[0].end, found[0].under) == (MONDAY, 480, 540, 40.0)


def test_more_certainty_takes_more_people():
    spread = orders(*([k, 100.0] for k in range(101)))
    assert [needs(spread, BARISTAS, enough_on=share)[0].least for share in (0.5, 1.0)] == [1, 2]


def test_a_day_without_demand_is_closed():
    assert {need.day for need in needs(orders([0.0, 50.0]), BARISTAS)} == {TUESDAY}


def test_somebody_is_there_when_it_is_quiet():
    assert [need.least for need in needs(orders([1.0, 1.0]), BARISTAS)] == [1] * 6


def test_weekly_demand_cannot_be_rostered():
    weekly = DemandDistribution("", "orders", Frequency.WEEKLY, (MONDAY,), np.array([[100.0]]))
    with pytest.raises(DataProblem, match="A roster needs demand per day"):
        needs(weekly, BARISTAS)


def test_shares_that_do_not_add_up_are_said():
    wrong = DemandDriver("Barista", 25.0, 480, 60, (0.5, 0.3))
    with pytest.raises(DataProblem, match="shares that add up to 100 %"):
        needs(orders([1.0, 1.0]), wrong)


def test_the_european_list_asks_for_eleven_hours_of_rest():
    assert Rest(minutes=660) in EUROPEAN_UNION.rules
    found = check(cafe(*EUROPEAN_UNION.rules), row("LE-----"))
    assert [breach.rule for breach in found.violations] == ["Rest"]


def test_the_american_list_prices_the_hours_beyond_forty_at_time_and_a_half():
    staff = [Employee("Barista 1", rate=20.0, overtime_rate=30.0)]
    assert check(cafe(*UNITED_STATES.rules, staff=staff), row("EEEEEE-")).penalties == 5 * 10.0


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.key)
def test_each_list_names_its_sources_and_what_it_leaves_out(template):
    assert template.sources and template.notes
    assert all(rule.sentence.endswith(".") for rule in template.rules)
