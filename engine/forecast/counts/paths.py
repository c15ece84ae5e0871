"""Joint sample paths: each period as its own distribution says, and the periods together as levels err together."""

import numpy as np

from engine.arrays import Floats
from engine.forecast.counts.grid import Distributions

CLOSEST = 0.97
"""No period hangs on the level more than this (a correlation)."""


def level_share(made: Distributions, level_error: float) -> Floats:
    """How strongly each step hangs on an error of the level: a correlation, 0..`CLOSEST`, shape (items, steps).

    An error of the level by a share s moves every mean by s, so two periods have covariance s^2 times their means. The
    paths are drawn from normal scores, whose correlation comes out weaker in whole numbers; to first order (Hermite)
    by the covariance of a score and its number, which is undone here.
    """
    from scipy.special import ndtri

    spread = np.sqrt(np.maximum(made.variance, 1e-12))
    scores = ndtri(np.clip(made.cumulative[..., :-1], 1e-12, 1 - 1e-12))
    passed_on = np.sum(np.exp(-(scores**2) / 2), axis=2) / np.sqrt(2 * np.pi) * made.unit[:, None] / spread
    return np.asarray(np.clip(level_error * made.mean / (spread * np.maximum(passed_on, 1e-3)), 0.0, CLOSEST))


def sample_paths(made: Distributions, share: Floats, horizon: int, draws: int, rng: np.random.Generator) -> Floats:
    """Ways in which the periods of one item may turn out, shape (draws, horizon), units.

    Args:
        made: the distributions of one item, shape (1, steps, size); they repeat where the horizon is longer.
        share: of `level_share`, shape (steps,).
        horizon: periods ahead.
        draws: number of paths; each period gets them evenly spread over its own distribution.
        rng: the only source of chance.
    """
    steps = np.arange(horizon) % made.mass.shape[1]
    hang = share[steps]
    scores = hang * rng.standard_normal((draws, 1)) + np.sqrt(1 - hang**2) * rng.standard_normal((draws, horizon))
    chance = (np.argsort(np.argsort(scores, axis=0), axis=0) + 0.5) / draws
    below = made.cumulative[0]
    top = below.shape[1] - 1
    columns = [np.searchsorted(below[step], chance[:, k] - 1e-12) for k, step in enumerate(steps)]
    return np.asarray(np.minimum(np.stack(columns, axis=1), top) * made.unit[0])
