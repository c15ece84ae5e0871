"""A forecast, its proof, and what may be said of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import polars as pl

from engine.arrays import Floats
from engine.business.history import SalesHistory
from engine.dataset import Frequency, step
from engine.demand import DemandDistribution
from engine.facts import Fact, Facts, FactValue
from engine.forecast.drivers import DriverEffects
from engine.forecast.explain import Explanation, explain
from engine.forecast.fan import Band, PredictiveDistribution

JOINT = "This forecast"
"""The name of the ensemble in the accuracy table."""

ENOUGH_POINTS = 20
"""With fewer held-back points nothing is said of how often the bands held."""

TOO_NARROW = 8
"""When the 80 % band held so many percentage points less than it should, the owner is warned."""

DRAWS = 2000
"""Sample paths behind the range of the total."""

PERFECT = 0.05
"""A typical error below this, in percent, is none."""

STANDS_OUT = 1.05
"""A period is called the busiest when it lies this far above the mean."""


@dataclass(frozen=True)
class ModelScore:
    """How one model did on the held-back past.

    Attributes:
        model: the name that the owner reads.
        typical_error: sum of absolute errors as a percentage of the volume.
        mase: mean absolute error against the seasonal naive's on the history; below 1 is better than that rule.
        bias: sum of errors as a percentage of the volume; above 0 the model forecast too much.
        seconds: CPU time, all windows and the forecast.
        votes: whether it takes part in the forecast.
        remark: why not, or "".
    """

    model: str
    typical_error: float
    mase: float
    bias: float
    seconds: float
    votes: bool
    remark: str = ""


@dataclass(frozen=True)
class ForecastProof:
    """What was measured on the held-back past.

    Attributes:
        windows: stretches held back.
        points: open periods in them.
        scores: one row per model; the first is the forecast itself, the second the seasonal naive.
        coverage: per band level, the percentage of points that the band held; each stretch was judged by bands that had
            not seen it.
    """

    windows: int
    points: int
    scores: tuple[ModelScore, ...]
    coverage: Mapping[int, float]

    @property
    def joint(self) -> ModelScore:
        """The score of the forecast itself."""
        return self.scores[0]

    @property
    def naive(self) -> ModelScore:
        """The score of the seasonal naive."""
        return self.scores[1]

    @property
    def gain_on_naive(self) -> float:
        """How much smaller our error is than the seasonal naive's, percent; 0 or less when nothing was gained."""
        return 100 * (1 - self.joint.mase / self.naive.mase) if self.naive.mase > 0 else 0.0


@dataclass(frozen=True, eq=False)
class Forecast:
    """What to expect, how sure we are, and how we know.

    Attributes:
        history: what the forecast was made from.
        horizon: calendar periods asked for.
        season_length: open periods in the season that was used; 1 for none.
        periods: the open periods among them, shape (n,).
        fan: how likely each value of each period is, and how the periods hang together.
        levels: the bands that are drawn, percent.
        members: the models that vote and what each says, shape (n,).
        proof: what was measured on the past.
        effects: what holidays, events, promotions and prices do.
        plain: the middle before these effects were put back, shape (n,).
        cautions: what the owner should know.
        refinable: whether more models could be asked; not where items are counted or go by similar ones.
    """

    history: SalesHistory
    horizon: int
    season_length: int
    periods: tuple[date, ...]
    fan: PredictiveDistribution
    levels: tuple[int, ...]
    members: Mapping[str, Floats]
    proof: ForecastProof
    effects: DriverEffects
    plain: Floats
    cautions: tuple[str, ...] = ()
    refinable: bool = True

    @property
    def point(self) -> Floats:
        """The point forecast of each period, shape (n,).

        Where models vote, the weighted median of their means, which is the median of the fan; where whole items are
        counted or an item is new, the mean of the sample paths.
        """
        return self.fan.point

    @cached_property
    def bands(self) -> tuple[Band, ...]:
        """One per level, the narrowest first."""
        return self.fan.bands(self.levels)

    def demand(self, draws: int = 1000, seed: int = 0) -> DemandDistribution:
        """What may be sold, as joint sample paths: each period has the fan's quantiles, and sums mean something.

        Negative values, which only histories with many returns have, count as no demand.

        Args:
            draws: paths, >= 1.
            seed: the same seed gives the same paths in any process.
        """
        paths = np.maximum(self.fan.paths(draws, np.random.default_rng(seed)), 0.0)
        metric, calendar = self.history.metric, self.history.calendar
        return DemandDistribution(self.history.item, metric.unit, calendar.frequency, self.periods, paths)

    @cached_property
    def explanation(self) -> Explanation:
        """Level, trend, season and drivers, which add up to the middle of the forecast."""
        return explain(
            self.point,
            self.plain,
            self.effects.future,
            past=self.effects.past.remove(self.history.demand),
            season_length=self.season_length,
            unit=self.history.metric.unit,
        )

    @property
    def simple_rule(self) -> str:
        """What the seasonal naive does, in words: "repeating the same weekday of the week before"."""
        if self.season_length == 1:
            return f"repeating the {self._noun} before"
        if self.history.calendar.frequency is Frequency.DAILY:
            return "repeating the same weekday of the week before"
        return f"repeating the same {self._noun} of the year before"

    def band(self, level: int) -> Band:
        """The band of this level, percent.

        Raises:
            KeyError: there is none.
        """
        for band in self.bands:
            if band.level == level:
                return band
        raise KeyError(level)

    def frame(self) -> pl.DataFrame:
        """One row per period: `period`, `median`, and `lower_80`, `upper_80`, ... per level."""
        columns: dict[str, object] = {"period": self.periods, "median": self.point}
        for band in self.bands:
            columns |= {f"lower_{band.level}": band.lower, f"upper_{band.level}": band.upper}
        return pl.DataFrame(columns)

    def facts(self, level: int = 80) -> Facts:
        """All that a narrator may say, with the range at this level, percent."""
        ahead = [*self._what(), *self._total(level), *self._peak(), *self._how_it_compares()]
        facts = [*ahead, *self._next(level), *self._how_sure(level)]
        measured = (fact for fact in facts if not (isinstance(fact.value, float) and np.isnan(fact.value)))
        return Facts(tuple(measured), self.cautions)

    @property
    def _noun(self) -> str:
        return self.history.calendar.frequency.period

    @property
    def _units(self) -> str:
        return f"{self._noun}s"

    def _fact(self, name: str, label: str, value: FactValue, basis: str, unit: str | None = None) -> Fact:
        return Fact(name, label, value, self.history.metric.unit if unit is None else unit, basis)

    def _what(self) -> list[Fact]:
        middle = "the middle of the forecast"
        return [
            self._fact("metric", "What is forecast", self.history.metric.label, "chosen on the page", ""),
            self._fact("item", "For which item", self.history.item or "all items", "chosen on the page", ""),
            self._fact("horizon", "How far ahead", self.horizon, "chosen on the page", self._units),
            self._fact("first_period", "First forecast period", self.periods[0], "the period after your last row", ""),
            self._fact("last_period", "Last forecast period", self.periods[-1], "the end of the horizon", ""),
            self._fact("total_ahead", "In total", float(self.point.sum()), f"sum of {middle} over the horizon"),
            self._fact("per_period_ahead", f"Per open {self._noun}", float(self.point.mean()), f"mean of {middle}"),
        ]

    def _total(self, level: int) -> list[Fact]:
        """The range of the sum, which is narrower than the sum of the ranges."""
        totals = self._totals
        basis = f"{level} of 100 sample paths of the whole horizon add up to a total between the two ends"
        return [
            self._fact(name, label, float(np.quantile(totals, probability)), basis)
            for name, label, probability in (
                ("total_lower", "Low end for the total", 0.5 - level / 200),
                ("total_upper", "High end for the total", 0.5 + level / 200),
            )
        ]

    @cached_property
    def _totals(self) -> Floats:
        return np.asarray(self.fan.paths(DRAWS, np.random.default_rng(0)).sum(axis=1))

    def _peak(self) -> list[Fact]:
        """The busiest period, where one stands out."""
        peak = int(np.argmax(self.point))
        if self.point[peak] < STANDS_OUT * self.point.mean():
            return []
        middle = "the middle of the forecast"
        return [
            self._fact("peak_period", f"Busiest {self._noun}", self.periods[peak], f"where {middle} is highest", ""),
            self._fact("peak_value", f"Expected on the busiest {self._noun}", float(self.point[peak]), middle),
        ]

    def _how_it_compares(self) -> list[Fact]:
        ahead = float(self.point.mean())
        rows = self.history.frame.drop_nulls("value")
        recent = rows.tail(len(self.periods))["value"].mean()
        comparable = len(self.periods) % self.season_length == 0  # else weekdays would be compared with weekends
        comparable &= rows.height >= len(self.periods)
        lag = self._one_year()
        year_ago = rows.filter(pl.col("period").is_in([_back(day, lag) for day in self.periods]))
        facts = []
        for name, label, before, enough in (
            ("change_on_recent", "Change on the stretch before", recent, comparable),
            (
                "change_on_year",
                "Change on a year ago",
                year_ago["value"].mean(),
                year_ago.height >= 0.8 * len(self.periods),
            ),
        ):
            if enough and isinstance(before, float) and before > 0:
                basis = f"mean per open {self._noun}, forecast against past"
                facts.append(self._fact(name, label, 100 * (ahead / before - 1), basis, "%"))
        return facts

    def _one_year(self) -> tuple[Frequency, int]:
        lags = {Frequency.DAILY: 364, Frequency.WEEKLY: 52, Frequency.MONTHLY: 12, Frequency.QUARTERLY: 4}
        frequency = self.history.calendar.frequency
        return frequency, lags.get(frequency, 1)

    def _next(self, level: int) -> list[Fact]:
        band = self.band(level)
        basis = f"the {level}% band, as wide as the errors on held-back periods ask for"
        return [
            self._fact("next_period", f"Next {self._noun}", self.periods[0], "the period after your last row", ""),
            self._fact("next_value", f"Expected next {self._noun}", float(self.point[0]), "the middle of the forecast"),
            self._fact("next_lower", f"Low end for the next {self._noun}", float(band.lower[0]), basis),
            self._fact("next_upper", f"High end for the next {self._noun}", float(band.upper[0]), basis),
            self._fact("band_level", "Band shown", level, "chosen on the page", "%"),
        ]

    def _how_sure(self, level: int) -> list[Fact]:
        proof, names = self.proof, list(self.members)
        method = f"the median of {', '.join(names)}" if len(names) > 1 else names[0]
        held_back = f"measured on {proof.points} {self._units} of the past that the models were not shown"
        naive_error = _error(proof.naive.typical_error)
        gain = proof.gain_on_naive if naive_error > 0 else float("nan")
        held = proof.coverage[level] if proof.points >= ENOUGH_POINTS else float("nan")
        return [
            self._fact("coverage", f"{level}% band held", held, f"{held_back}, with bands that had not seen them", "%"),
            self._fact("simple_rule", "The simple rule", self.simple_rule, "the yardstick of every forecast", ""),
            self._fact(
                "checked_points", "Past periods checked", proof.points, "all held-back open periods", self._units
            ),
            self._fact("windows", "Stretches held back", proof.windows, "rolling backtest", ""),
            self._fact("typical_error", "Typical error", _error(proof.joint.typical_error), held_back, "%"),
            self._fact("naive_error", "Typical error of the simple rule", naive_error, held_back, "%"),
            self._fact("gain_on_naive", "Error saved against the simple rule", gain, held_back, "%"),
            self._fact("model", "How the forecast is made", method, "votes earned on the past", ""),
            self._fact("members", "Models that vote", len(self.members), "error at most twice the simple rule's", ""),
        ]


def _error(percent: float) -> float:
    return 0.0 if percent < PERFECT else percent


def _back(day: date, lag: tuple[Frequency, int]) -> date:
    frequency, periods = lag
    return day - timedelta(days=periods) if frequency is Frequency.DAILY else step(day, frequency, -periods)
