"""Made-up shops whose truth is known."""

from collections.abc import Callable

import numpy as np
import pytest

WEEK = np.array([0.6, 0.7, 0.8, 1.0, 1.3, 1.6, 1.0])


@pytest.fixture(scope="session")
def counter() -> Callable[..., np.ndarray]:
    """Items that sell a negative binomial number a day, shape (items, days), busier at the weekend."""

    def make(items: int, days: int, *, seed: int = 1, dispersion: float = 0.5, largest: float = 4.0) -> np.ndarray:
        rng = np.random.default_rng(seed)
        mean = np.linspace(0.2, largest, items)[:, None] * WEEK[np.arange(days) % 7]
        return rng.poisson(mean * rng.gamma(1 / dispersion, dispersion, (items, days))).astype(float)

    return make


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)
