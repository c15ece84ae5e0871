"""The drivers around any model: their effects are taken out of what it learns from and put into what it says."""

from dataclasses import replace

from engine.forecast.drivers.effects import DriverEffects
from engine.forecast.forecaster import Prediction, Series


def without_effects(series: Series, effects: DriverEffects) -> Series:
    """The past as it would have been without drivers; NaN on closed days.

    Args:
        series: the past that the effects were learnt from.
        effects: what `estimate` returned for it.
    """
    return replace(series, values=effects.past.remove(series.values))


def with_effects(prediction: Prediction, effects: DriverEffects) -> Prediction:
    """A model's view of the future with the drivers, and a spread that counts their uncertainty."""
    spread = prediction.spread
    if spread is not None:
        spread = effects.future.restore_spread(prediction.mean, spread)
    return replace(prediction, mean=effects.future.restore(prediction.mean), spread=spread)
