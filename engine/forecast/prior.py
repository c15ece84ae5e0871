"""What the errors of a forecast look like before the owner's own past has spoken.

Measured on held-back stretches of the training parts of 190 series of M3 and M4, as `python -m benchmarks prior` prints
them; the test parts were not touched. Errors are in units of the models' own spread: normal errors would have 1.28 and
1.96 at the ends of the 80 and 95 % bands.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats
from engine.dataset import Frequency
from engine.forecast.models import Panel

PROBABILITIES = (0.005, 0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975, 0.995)

NEAR, FAR = 0.25, 0.75
"""Where in the horizon the two measured shapes stand, as a share of it; between them they blend."""


@dataclass(frozen=True)
class Prior:
    """The usual errors of one kind of series.

    Attributes:
        near: errors in spreads at each of `PROBABILITIES` in the first half of the horizon; 0 in the middle.
        far: the same in its second half.
    """

    near: tuple[float, ...]
    far: tuple[float, ...]

    def shape(self, horizon: int) -> Floats:
        """Errors in spreads at each of `PROBABILITIES`, shape (horizon, probabilities)."""
        place = (np.arange(horizon) + 0.5) / horizon
        share = np.clip((place - NEAR) / (FAR - NEAR), 0, 1)[:, None]
        return np.asarray((1 - share) * np.array(self.near) + share * np.array(self.far))

    def usual_error(self, horizon: int) -> Floats:
        """Mean absolute error in spreads, shape (horizon,)."""
        even = (np.arange(100) + 0.5) / 100
        return np.array([np.abs(np.interp(even, PROBABILITIES, row)).mean() for row in self.shape(horizon)])


_QUICK: Mapping[Frequency, Prior] = {
    Frequency.DAILY: Prior(
        near=(-3.91, -1.96, -1.19, -0.52, 0.0, 0.53, 1.03, 1.96, 2.58),
        far=(-2.95, -2.13, -1.26, -0.55, 0.0, 0.49, 0.92, 1.96, 2.58),
    ),
    Frequency.WEEKLY: Prior(
        near=(-2.97, -1.96, -1.03, -0.42, 0.0, 0.44, 1.05, 1.96, 2.85),
        far=(-5.37, -1.96, -0.78, -0.33, 0.0, 0.47, 1.03, 1.96, 2.58),
    ),
    Frequency.MONTHLY: Prior(
        near=(-3.50, -2.29, -1.21, -0.60, 0.0, 0.93, 1.78, 2.81, 4.44),
        far=(-4.01, -2.52, -1.24, -0.52, 0.0, 1.08, 1.92, 3.26, 4.30),
    ),
    Frequency.QUARTERLY: Prior(
        near=(-4.47, -2.73, -1.37, -0.58, 0.0, 0.88, 1.70, 2.89, 4.38),
        far=(-5.00, -2.96, -1.51, -0.56, 0.0, 1.08, 2.04, 3.62, 5.12),
    ),
}
_FULL: Mapping[Frequency, Prior] = {
    Frequency.DAILY: Prior(
        near=(-3.92, -1.96, -1.18, -0.53, 0.0, 0.52, 1.02, 1.96, 2.58),
        far=(-2.90, -2.11, -1.24, -0.54, 0.0, 0.46, 0.90, 1.96, 2.58),
    ),
    Frequency.WEEKLY: Prior(
        near=(-2.61, -1.96, -0.96, -0.47, 0.0, 0.47, 1.08, 1.96, 2.98),
        far=(-5.39, -1.96, -0.88, -0.40, 0.0, 0.52, 1.01, 1.96, 2.58),
    ),
    Frequency.MONTHLY: Prior(
        near=(-2.97, -2.09, -1.25, -0.62, 0.0, 0.83, 1.61, 2.64, 4.34),
        far=(-4.05, -2.57, -1.36, -0.60, 0.0, 0.98, 1.80, 2.90, 4.50),
    ),
    Frequency.QUARTERLY: Prior(
        near=(-4.49, -2.55, -1.39, -0.60, 0.0, 0.80, 1.57, 2.79, 4.25),
        far=(-5.03, -3.00, -1.56, -0.61, 0.0, 0.98, 1.99, 3.29, 4.94),
    ),
}
PRIORS: Mapping[Panel, Mapping[Frequency, Prior]] = {"quick": _QUICK, "full": _FULL, "search": _FULL}


def prior_for(panel: Panel, frequency: Frequency) -> Prior:
    """The prior of a panel's forecasts of one frequency; years, of which none were measured, borrow the quarters'."""
    return PRIORS[panel][Frequency.QUARTERLY if frequency is Frequency.YEARLY else frequency]
