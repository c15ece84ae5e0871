"""Small businesses whose truth is known because it is made here."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest

from engine.causal.panel import Panel, Part, Variable
from engine.dataset import Frequency

MONDAY = date(2023, 1, 2)


def weeks(count: int) -> tuple[date, ...]:
    """Consecutive Mondays."""
    return tuple(MONDAY + timedelta(weeks=k) for k in range(count))


def summer(count: int) -> np.ndarray:
    """A season that is high in spring and low in autumn, between -1 and 1."""
    days = np.array([day.timetuple().tm_yday for day in weeks(count)])
    return np.sin(2 * np.pi * days / 365.25)


@pytest.fixture
def ice_cream_stall() -> Callable[..., Panel]:
    """Weekly takings, and flyers that follow the summer; each unit of flyers truly brings `truth` units of takings."""

    def make(
        seed: int = 1, *, truth: float = 3.5, season: float = 6000.0, count: int = 104, noise: float = 1500.0
    ) -> Panel:
        rng = np.random.default_rng(seed)
        flyers = 5000 + 1000 * summer(count) + 700 * rng.normal(size=count)
        takings = 30000 + season * summer(count) + truth * flyers + noise * rng.normal(size=count)
        return Panel(
            periods=weeks(count),
            frequency=Frequency.WEEKLY,
            outcome=Variable("takings", Part.OUTCOME, "EUR", takings),
            drivers=(Variable("flyers", Part.TREATMENT, "EUR", flyers),),
        )

    return make


@pytest.fixture
def web_shop() -> Callable[..., Panel]:
    """Adverts bring visits, visits bring leads, leads bring revenue; season and growth move them all."""

    def make(seed: int = 1, *, count: int = 104, later: bool = False) -> Panel:
        rng = np.random.default_rng(seed)
        tide = summer(count) + np.linspace(0, 1, count)

        def arrived(values: np.ndarray) -> np.ndarray:
            return np.concatenate([[values.mean()], values[:-1]]) if later else values

        adverts = 5000 + 800 * tide + 900 * rng.normal(size=count)
        visits = 4000 + 1.2 * arrived(adverts) + 1500 * tide + 700 * rng.normal(size=count)
        leads = 100 + 0.08 * arrived(visits) + 80 * tide + 60 * rng.normal(size=count)
        revenue = 5000 + 40 * arrived(leads) + 3000 * tide + 2000 * rng.normal(size=count)
        return Panel(
            periods=weeks(count),
            frequency=Frequency.WEEKLY,
            outcome=Variable("revenue", Part.OUTCOME, "USD", revenue),
            drivers=(Variable("adverts", Part.TREATMENT, "USD", adverts),),
            steps=(Variable("visits", Part.STEP, "", visits), Variable("leads", Part.STEP, "", leads)),
        )

    return make
