"""Small businesses with a marketing budget."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest

from engine.budget import Channel, Hill, MediaHistory, Mix, Power

MONDAY = date(2021, 1, 4)


@pytest.fixture
def florist() -> Mix:
    """Two channels whose returns fall as square roots: 30 and 40 per root of a euro."""
    return Mix((Channel("Search", Power(30.0, 0.5), 50.0), Channel("Flyers", Power(40.0, 0.5), 50.0)), "EUR", "EUR")


@pytest.fixture
def cinema() -> Mix:
    """Four channels, two of which do next to nothing until enough is spent."""
    channels = (
        Channel("Search", Hill(500, 80, 1), 100, 300),
        Channel("Social", Hill(700, 150, 2.5), 100, 300),
        Channel("Radio", Hill(900, 300, 3), 100, 300),
        Channel("Mail", Hill(200, 40, 0.7), 100, 300),
    )
    return Mix(channels, "EUR", "EUR")


@pytest.fixture(scope="session")
def weeks() -> Callable[[int], tuple[date, ...]]:
    """So many Mondays."""
    return lambda count: tuple(MONDAY + timedelta(weeks=k) for k in range(count))


@pytest.fixture(scope="session")
def bakery(weeks) -> Callable[..., MediaHistory]:
    """130 weeks in which flyers bring 3 EUR per EUR at once and radio nothing; the rest is base and small noise."""

    def make(noise: float = 30.0, count: int = 130, **more) -> MediaHistory:
        rng = np.random.default_rng(4)
        flyers, radio = rng.uniform(50, 350, count), rng.uniform(50, 350, count)
        outcome = 5000 + 4 * np.arange(count) + 3 * flyers + rng.normal(0, noise, count)
        spend = more.pop("spend", {"Flyers": flyers, "Radio": radio})
        return MediaHistory(weeks(count), outcome, spend, unit="EUR", currency="EUR", **more)

    return make
