"""The owner's own figures, kept beside the model's, and judged by what then happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from engine.arrays import Floats
from engine.facts import Fact, Facts

FEW = 5
"""With fewer judged periods nothing is said of who forecasts better."""


@dataclass(frozen=True)
class Override:
    """One figure that the owner put in the model's place.

    Attributes:
        period: the start of the period.
        value: the owner's figure, in the unit of the series, >= 0.
        model: what the model said when the owner overruled it.
        made_on: the day of the decision.
        reason: in the owner's words, or "".

    Raises:
        ValueError: the value is negative or no number.
    """

    period: date
    value: float
    model: float
    made_on: date
    reason: str = ""

    def __post_init__(self) -> None:
        if not (np.isfinite(self.value) and self.value >= 0):
            raise ValueError(f"an override must be a number of 0 or more, not {self.value}")


@dataclass(frozen=True, eq=False)
class Overruled:
    """A forecast with the owner's figures in it; the model's own stay beside them.

    Attributes:
        periods: the periods of the forecast.
        model: the model's figures, shape (n,).
        final: those in use, shape (n,).
        used: the overrides that apply.
    """

    periods: tuple[date, ...]
    model: Floats
    final: Floats
    used: tuple[Override, ...]


@dataclass(frozen=True)
class OverrideRecord:
    """How the owner's figures did beside the model's, over periods that have passed.

    Attributes:
        judged: periods with an override and a known outcome.
        owner_error, model_error: sum of absolute errors, percent of what was sold.
        owner_bias, model_bias: sum of errors, percent of what was sold; above 0 is too much.
        owner_closer: periods in which the owner's figure came closer.
        unit: of the series.
    """

    judged: int
    owner_error: float
    model_error: float
    owner_bias: float
    model_bias: float
    owner_closer: int
    unit: str

    @property
    def gain(self) -> float:
        """How much smaller the owner's error is than the model's, percent; negative when it is larger."""
        return 100 * (1 - self.owner_error / self.model_error) if self.model_error > 0 else 0.0

    def facts(self) -> Facts:
        """What may be said of it."""
        basis = f"sum of absolute errors over {self.judged} periods that you overruled, against what was sold"
        facts = [Fact("overrides_judged", "Overruled periods that have passed", self.judged, "", "counted")]
        if not self.judged or not np.isfinite(self.owner_error):
            return Facts(tuple(facts), ("None of your own figures can be judged yet.",))
        facts += [
            Fact("override_error", "Your typical error", self.owner_error, "%", basis),
            Fact("override_model_error", "The model's typical error there", self.model_error, "%", basis),
            Fact("override_closer", "Times that your figure came closer", self.owner_closer, "", "counted"),
        ]
        few = f"Only {self.judged} of your own figures can be judged: too few to say who forecasts better."
        return Facts(tuple(facts), (few,) if self.judged < FEW else ())


def overrule(periods: Sequence[date], model: Floats, overrides: Sequence[Override]) -> Overruled:
    """Put the owner's figures into a forecast; of several for one period the latest counts.

    Args:
        periods: of the forecast.
        model: the model's figures, shape (n,).
        overrides: those of other periods are passed over.
    """
    latest = {override.period: override for override in sorted(overrides, key=lambda override: override.made_on)}
    used = tuple(latest[period] for period in periods if period in latest)
    final = np.array([latest[p].value if p in latest else m for p, m in zip(periods, model, strict=True)])
    return Overruled(tuple(periods), model, final, used)


def judge(overrides: Sequence[Override], sold: Mapping[date, float], *, unit: str) -> OverrideRecord:
    """Compare the owner's figures and the model's with what was sold.

    Args:
        overrides: any; of several for one period the latest is judged, and those made after the period began never.
        sold: what was sold in each period; NaN where closed.
        unit: of the series.
    """
    fair = [override for override in overrides if override.made_on <= override.period]
    latest = {override.period: override for override in sorted(fair, key=lambda override: override.made_on)}
    comparable = [override for period, override in latest.items() if not np.isnan(sold.get(period, float("nan")))]
    actual = np.array([sold[override.period] for override in comparable])
    owner = np.array([override.value for override in comparable]) - actual
    model = np.array([override.model for override in comparable]) - actual
    volume = float(np.abs(actual).sum())

    def share(amount: float) -> float:
        return 100 * amount / volume if volume else float("nan")

    return OverrideRecord(
        judged=len(comparable),
        owner_error=share(float(np.abs(owner).sum())),
        model_error=share(float(np.abs(model).sum())),
        owner_bias=share(float(owner.sum())),
        model_bias=share(float(model.sum())),
        owner_closer=int(np.sum(np.abs(owner) < np.abs(model))),
        unit=unit,
    )
