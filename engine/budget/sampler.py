"""Draws from what the history allows, and what the fit may believe: pairs of a carry-over and a shape per channel, and
structures of the noise that is left.

A Gibbs sampler, channel by channel. Given the other channels, a channel's candidates are all weighed at once: the size
of the effect (not negative), the calendar and the level drop out of the likelihood in closed form. Nothing has to be
tuned and no gradient is needed.

Stated priors: short carry-over is likelier (density falling with the decay, as Beta(1, 2)); curves that bend down from
the start and S-shapes are both plausible (70 to 30); the spend that brings half of the most lies between a quarter and
eight times the usual spend. Noise has a memory, and the base drifts slowly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats, Ints
from engine.budget.curves import Carryover, Curve, Hill, Power, Saturating, delayed, geometric
from engine.dataset import Frequency
from engine.process import Report

DECAYS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
PEAKS = (1.0, 2.5)
DELAYED_SHARE = 0.1
"""Decays per week and, for adstock that is strongest later, weeks to the peak; these share a prior of 10 %."""

HALVES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
STEEPNESS = {1.0: 0.3, 1.5: 0.1, 2.0: 0.1, 3.0: 0.1}
SCALES = (0.5, 1.0, 2.0, 4.0)
SATURATING_SHARE = 0.2
EXPONENTS = {0.5: 0.05, 0.75: 0.1, 1.0: 0.05}
"""Shapes, spends counted in the channel's usual spend, and their prior weights: Hill by steepness, tanh, power."""

MEMORIES = (0.0, 0.4, 0.8)
DRIFTS = (0.0, 1.0, 10.0, 100.0)
DRIFT_WEEKS = 26.0
"""Correlations of neighbouring weeks; variance of the slow drift against the noise's, and how slow it is."""

NO_EFFECT = 0.1
"""Prior chance that a channel does nothing."""

ALIKE = 1.0
"""Spread of the channels' returns about their common level, as a share of it."""

LEVELS = np.exp(np.linspace(np.log(0.01), np.log(1.5), 40))
LEVEL_PRIOR = -0.5 * (np.log(LEVELS / 0.1) / 1.2) ** 2
"""The common level: the share of the outcome that all marketing brings; log normal about 10 %, 3 to 33 % within one
standard deviation."""

REPORT_EVERY = 50
"""How far the drawing has come is said every so many sweeps."""

NOISE_EVERY = 3
"""The noise structure is drawn anew every so many sweeps: it costs most and moves least."""


@dataclass(frozen=True, eq=False)
class ChannelCandidates:
    """The candidates of one channel.

    Attributes:
        carryovers: which adstock each pairs, position by `carryover_of`.
        shapes: unit curves of the spend counted in `usual`, position by `shape_of`.
        usual: the mean spend in periods with spend.
        carryover_of, shape_of: per candidate, shape (n,).
        prior: log prior per candidate, adds up to 1 before the logarithm, shape (n,).
        features: the shape of the adstocked spend, shape (n, periods).
    """

    carryovers: tuple[Carryover, ...]
    shapes: tuple[Curve, ...]
    usual: float
    carryover_of: Ints
    shape_of: Ints
    prior: Floats
    features: Floats

    def steady(self, shape: int, spend: Floats) -> Floats:
        """The unit response to a steady spend, for one shape."""
        return self.shapes[shape].value(spend / self.usual)


def candidates(spend: Floats, frequency: Frequency, *, carry_over: bool = True) -> ChannelCandidates:
    """All candidates of a channel.

    Args:
        spend: per period, not all zero.
        frequency: the length of one period.
        carry_over: False for a model in which money works in its own period only.
    """
    usual = float(spend[spend > 0].mean())
    carryovers, first = _carryovers(frequency) if carry_over else ((geometric(0.0, frequency),), np.ones(1))
    shapes, second = _shapes()
    worked = [each.adstock(spend) / usual for each in carryovers]
    features = np.array([shape.value(each) for each in worked for shape in shapes])
    carryover_of = np.repeat(np.arange(len(carryovers)), len(shapes))
    shape_of = np.tile(np.arange(len(shapes)), len(carryovers))
    prior = np.log(np.outer(first, second).ravel())
    return ChannelCandidates(tuple(carryovers), shapes, usual, carryover_of, shape_of, prior, features)


@dataclass(frozen=True, eq=False)
class Noise:
    """One structure of the noise, ready to be taken out together with the calendar.

    Attributes:
        whiten: turns a series into white noise without calendar, shape (n, n).
        log_size: minus twice the structure's own part of the log likelihood.
        columns: of the calendar, which are taken out.
    """

    whiten: Floats
    log_size: float
    columns: int


def structures(calendar: Floats, weeks: float) -> tuple[Noise, ...]:
    """All structures that the fit considers.

    Args:
        calendar: the columns that are always in the model, intercept first, shape (n, columns), full rank.
        weeks: weeks in one period.
    """
    return tuple(_structure(calendar, weeks, memory, drift) for memory in MEMORIES for drift in DRIFTS)


@dataclass(frozen=True)
class Lift:
    """A lift test as the sampler sees it: money back per money spent, and its standard error."""

    roas: float
    error: float


@dataclass(frozen=True, eq=False)
class Draws:
    """Equally likely explanations of the history.

    Attributes:
        candidate: per draw and channel, the candidate's position, or -1 for no effect, shape (draws, channels).
        size: the effect's size, >= 0, shape (draws, channels).
        chain: which chain made the draw, shape (draws,).
        noise: the noise structure's position, shape (draws,).
    """

    candidate: Ints
    size: Floats
    chain: Ints
    noise: Ints


@dataclass(frozen=True)
class Effort:
    """How long to sample: chains, sweeps before anything is kept, sweeps that count, and every which is kept."""

    chains: int = 4
    warm_up: int = 200
    sweeps: int = 600
    thin: int = 2


class SamplingProblem:
    """Everything that does not change while drawing.

    Args:
        outcome: shape (periods,).
        channels: the candidates of each channel.
        shares: each channel's share of all spend, shape (channels,).
        noises: the structures of the noise.
        lifts: lift tests by channel position, with the money spent per period.
    """

    def __init__(
        self,
        outcome: Floats,
        channels: Sequence[ChannelCandidates],
        shares: Floats,
        noises: Sequence[Noise],
        lifts: Mapping[int, tuple[Lift, float]],
    ) -> None:
        self.outcome, self.channels, self.noises = outcome, channels, noises
        self.freedom = len(outcome) - noises[0].columns
        level = float(np.mean(np.abs(outcome)))
        self.alike = [
            share * level / np.maximum(each.features.mean(axis=1), 1e-12)
            for share, each in zip(shares, channels, strict=True)
        ]
        self.seen: dict[int, list[tuple[Floats, Floats]]] = {}
        self.lift_precision = [np.zeros(len(each.features)) for each in channels]
        self.lift_pull = [np.zeros(len(each.features)) for each in channels]
        for place, (lift, spent) in lifts.items():
            returned = channels[place].features.mean(axis=1) / spent
            self.lift_precision[place] = (returned / lift.error) ** 2
            self.lift_pull[place] = returned * lift.roas / lift.error**2
        self.all_whiten = np.array([noise.whiten for noise in noises])
        self.log_sizes = np.array([noise.log_size for noise in noises])

    def under(self, noise: int) -> list[tuple[Floats, Floats]]:
        """Per channel, its candidates without noise structure and calendar, and their squared lengths.

        Made when a chain first comes by: most structures are never believed.
        """
        if noise not in self.seen:
            bare = [each.features @ self.noises[noise].whiten.T for each in self.channels]
            self.seen[noise] = [(one, np.einsum("ij,ij->i", one, one)) for one in bare]
        return self.seen[noise]


class SamplingChain:
    """One walk through the explanations; `sweep` moves every part of it once."""

    def __init__(self, problem: SamplingProblem, rng: np.random.Generator) -> None:
        count = len(problem.channels)
        self.problem, self.rng = problem, rng
        self.candidate = np.full(count, -1)
        self.size = np.zeros(count)
        self.level = float(rng.choice(LEVELS))
        self._draw_noise()
        self.sigma2 = float(self.rest @ self.rest) / problem.freedom
        self.turn = 0

    def sweep(self) -> None:
        """Draw every channel, the common level and the noise anew."""
        for place in self.rng.permutation(len(self.candidate)):
            self._draw_channel(int(place))
        self._draw_level()
        if self.turn % NOISE_EVERY == 0:
            self._draw_noise()
        squares = float(self.rest @ self.rest)
        self.sigma2 = squares / float(self.rng.chisquare(self.problem.freedom))
        self.turn += 1

    def _draw_channel(self, place: int) -> None:
        from scipy.special import log_ndtr

        problem = self.problem
        features, norms = problem.under(self.noise)[place]
        if self.candidate[place] >= 0:
            self.rest += self.size[place] * features[self.candidate[place]]
        expected = self.level * problem.alike[place]
        precision = norms / self.sigma2 + (ALIKE * expected) ** -2 + problem.lift_precision[place]
        pull = (features @ self.rest) / self.sigma2 + 1 / (ALIKE**2 * expected) + problem.lift_pull[place]
        root = np.sqrt(precision)
        ahead = pull / root
        weight = problem.channels[place].prior + 0.5 * ahead**2 - np.log(root * ALIKE * expected) + log_ndtr(ahead)
        weight += np.log(1 - NO_EFFECT) - 0.5 / ALIKE**2 - float(log_ndtr(1 / ALIKE))
        nothing = np.log(NO_EFFECT)
        top = max(float(weight.max()), nothing)
        summed = np.cumsum(np.exp(weight - top))
        at = float(self.rng.random()) * (float(summed[-1]) + np.exp(nothing - top))
        chosen = int(np.searchsorted(summed, at, side="right"))
        if chosen == len(summed):
            self.candidate[place], self.size[place] = -1, 0.0
            return
        self.candidate[place] = chosen
        self.size[place] = (ahead[chosen] + self._above(-float(ahead[chosen]))) / root[chosen]
        self.rest -= self.size[place] * features[chosen]

    def _above(self, bound: float) -> float:
        """A standard normal draw that is not below `bound`."""
        from scipy.special import ndtr, ndtri

        chance = float(ndtr(-bound))
        if chance < 1e-290:  # so far out that the tail is exponential
            return bound + float(self.rng.exponential()) / bound
        return max(bound, -float(ndtri(max(self.rng.random(), 1e-12) * chance)))

    def _draw_level(self) -> None:
        active = self.candidate >= 0
        alike = np.array([each[at] for each, at in zip(self.problem.alike, self.candidate, strict=True)])[active]
        expected = LEVELS[:, None] * alike
        fit = -np.log(expected) - 0.5 * ((self.size[active] - expected) / (ALIKE * expected)) ** 2
        weight = LEVEL_PRIOR + fit.sum(axis=1)
        self.level = float(LEVELS[self._pick(weight)])

    def _draw_noise(self) -> None:
        problem = self.problem
        left = problem.outcome.copy()
        for place, at in enumerate(self.candidate):
            if at >= 0:
                left -= self.size[place] * problem.channels[place].features[at]
        rests = problem.all_whiten @ left
        squares = np.einsum("ij,ij->i", rests, rests)
        self.noise = self._pick(-0.5 * problem.log_sizes - 0.5 * problem.freedom * np.log(squares))
        self.rest = rests[self.noise].copy()

    def _pick(self, weight: Floats) -> int:
        summed = np.cumsum(np.exp(weight - weight.max()))
        return int(np.searchsorted(summed, float(self.rng.random()) * summed[-1], side="right"))


def draw(
    problem: SamplingProblem, rng: np.random.Generator, effort: Effort, report: Report = lambda share, note: None
) -> Draws:
    """Run the chains and keep their draws."""
    states: list[tuple[Floats, Floats, int, int]] = []
    turns = effort.warm_up + effort.sweeps
    for number in range(effort.chains):
        chain = SamplingChain(problem, rng)
        for turn in range(turns):
            if turn % REPORT_EVERY == 0:
                note = f"trying explanations, round {number + 1} of {effort.chains}"
                report((number + turn / turns) / effort.chains, note)
            chain.sweep()
            if turn >= effort.warm_up and turn % effort.thin == 0:
                state = (chain.candidate.copy(), chain.size.copy(), number, chain.noise)
                states.append(state)
    candidate, size, numbers, noise = zip(*states, strict=True)
    return Draws(np.array(candidate), np.array(size), np.array(numbers), np.array(noise))


def _carryovers(frequency: Frequency) -> tuple[Sequence[Carryover], Floats]:
    steady = [geometric(decay, frequency) for decay in DECAYS]
    later = [delayed(peak, frequency) for peak in PEAKS]
    falling = 1 - np.array(DECAYS)
    weights = [*(1 - DELAYED_SHARE) * falling / falling.sum(), *np.full(len(later), DELAYED_SHARE / len(later))]
    return [*steady, *later], np.array(weights)


def _shapes() -> tuple[tuple[Curve, ...], Floats]:
    shapes: list[Curve] = []
    weights: list[float] = []
    for steepness, share in STEEPNESS.items():
        shapes += [Hill(1.0, half, steepness) for half in HALVES]
        weights += [share / len(HALVES)] * len(HALVES)
    shapes += [Saturating(1.0, scale) for scale in SCALES]
    weights += [SATURATING_SHARE / len(SCALES)] * len(SCALES)
    shapes += [Power(1.0, exponent) for exponent in EXPONENTS]
    weights += list(EXPONENTS.values())
    return tuple(shapes), np.array(weights) / sum(weights)


def _structure(calendar: Floats, weeks: float, memory: float, drift: float) -> Noise:
    distance = np.abs(np.subtract.outer(np.arange(len(calendar)), np.arange(len(calendar)))) * weeks
    covariance = memory**distance + drift * np.exp(-0.5 * (distance / DRIFT_WEEKS) ** 2)
    root = np.linalg.cholesky(covariance)
    inverse = np.linalg.solve(root, np.eye(len(calendar)))
    basis, triangle = np.linalg.qr(inverse @ calendar)
    whiten = inverse - basis @ (basis.T @ inverse)
    own = 2 * float(np.sum(np.log(np.diag(root)))) + 2 * float(np.sum(np.log(np.abs(np.diag(triangle)))))
    return Noise(whiten, own, calendar.shape[1])
