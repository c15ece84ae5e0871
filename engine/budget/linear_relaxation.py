"""The best that a node of the search can hope for: every channel on its concave envelope, under all shared limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from engine.arrays import Floats, Ints
from engine.budget.envelope import Envelope
from engine.budget.linear import best_weights


@dataclass(frozen=True, eq=False)
class SharedLimits:
    """Limits that several channels share: `spend_parts @ spend + on_parts @ on <= most`.

    Attributes:
        spend_parts: shape (rows, channels).
        on_parts: shape (rows, channels); what being on counts in each row.
        most: shape (rows,).
    """

    spend_parts: Floats
    on_parts: Floats
    most: Floats

    @property
    def is_one_total(self) -> bool:
        """Whether the only shared limit is on the sum of all spends."""
        return len(self.most) == 1 and bool(np.all(self.spend_parts == 1) and np.all(self.on_parts == 0))

    def hold(self, spend: Floats, on: Floats, tolerance: float) -> bool:
        """Whether a plan keeps them all, to a share `tolerance` of what each adds up."""
        over = self.spend_parts @ spend + self.on_parts @ on - self.most
        added = np.abs(self.spend_parts) @ np.abs(spend) + np.abs(self.on_parts) @ on + np.abs(self.most)
        added += np.max(np.abs(spend), initial=0.0)  # rounding in one channel shows in rows of others
        return bool(np.all(over <= tolerance * added))


@dataclass(frozen=True, eq=False)
class EnvelopeOptimum:
    """The optimum over the envelopes.

    Attributes:
        spend: per channel.
        on: per channel, 0..1.
        worth: per channel, on its envelope.
        corners: per channel, the positions of the corners that carry weight.
        prices: per row, what one more unit of it is worth, >= 0.
        bound: no plan is worth more; follows from the prices alone.
    """

    spend: Floats
    on: Floats
    worth: Floats
    corners: tuple[tuple[int, ...], ...]
    prices: Floats
    bound: float


def relax(envelopes: Sequence[Envelope], rows: SharedLimits) -> EnvelopeOptimum | None:
    """The best plan on the envelopes, or None when not even that is possible.

    Raises:
        SolverFailed: the linear solver failed.
    """
    return _by_merging(envelopes, rows) if rows.is_one_total else _by_linear_program(envelopes, rows)


def bound_from_prices(envelopes: Sequence[Envelope], rows: SharedLimits, prices: Floats) -> float:
    """What no plan can exceed, for any prices >= 0 (weak duality): pay for the limits, then let each channel choose."""
    per_spend, per_on = prices @ rows.spend_parts, prices @ rows.on_parts
    best = [
        float(np.max(each.worth - per_spend[place] * each.spend - per_on[place] * each.on))
        for place, each in enumerate(envelopes)
    ]
    return float(prices @ rows.most) + sum(best)


def _by_merging(envelopes: Sequence[Envelope], rows: SharedLimits) -> EnvelopeOptimum | None:
    """Money goes to the steepest piece of any envelope first; the last piece that gets some sets the price."""
    money = float(rows.most[0]) - sum(float(each.spend[0]) for each in envelopes)
    if money < -1e-9 * max(1e-9, abs(float(rows.most[0]))):
        return None
    widths = np.concatenate([np.diff(each.spend) for each in envelopes])
    rises = np.concatenate([np.diff(each.worth) for each in envelopes])
    owner = np.repeat(np.arange(len(envelopes)), [len(each.spend) - 1 for each in envelopes])
    slopes = rises / widths
    order = np.argsort(-slopes, kind="stable")
    order = order[slopes[order] > 0]
    filled = np.cumsum(widths[order])
    whole = int(np.searchsorted(filled, max(money, 0.0), side="right"))
    pieces = np.bincount(owner[order[:whole]], minlength=len(envelopes))
    left = max(money, 0.0) - (float(filled[whole - 1]) if whole else 0.0)
    price = float(slopes[order[whole]]) if whole < len(order) else 0.0
    split = int(owner[order[whole]]) if whole < len(order) and left > 0 else -1
    return _placed(envelopes, rows, pieces, (split, left, price))


def _placed(
    envelopes: Sequence[Envelope], rows: SharedLimits, pieces: Ints, last: tuple[int, float, float]
) -> EnvelopeOptimum:
    split, left, price = last
    spend = np.array([each.spend[at] for each, at in zip(envelopes, pieces, strict=True)])
    worth = np.array([each.worth[at] for each, at in zip(envelopes, pieces, strict=True)])
    on = np.array([each.on[at] for each, at in zip(envelopes, pieces, strict=True)])
    corners: list[tuple[int, ...]] = [(int(at),) for at in pieces]
    if split >= 0:
        each, at = envelopes[split], int(pieces[split])
        share = left / float(each.spend[at + 1] - each.spend[at])
        spend[split] += left
        worth[split] += share * float(each.worth[at + 1] - each.worth[at])
        on[split] += share * float(each.on[at + 1] - each.on[at])
        corners[split] = (at, at + 1)
    prices = np.array([price])
    return EnvelopeOptimum(spend, on, worth, tuple(corners), prices, bound_from_prices(envelopes, rows, prices))


def _by_linear_program(envelopes: Sequence[Envelope], rows: SharedLimits) -> EnvelopeOptimum | None:
    """Weights on the corners of each envelope; its duals serve as prices, so their rounding cannot spoil the bound."""
    sizes = [len(each.spend) for each in envelopes]
    owner = np.repeat(np.arange(len(envelopes)), sizes)
    spend, worth, on = (
        np.concatenate([getattr(each, name) for each in envelopes]) for name in ("spend", "worth", "on")
    )
    money, unit = max(1e-300, float(np.max(spend))), max(1e-300, float(np.max(np.abs(worth))))
    heights = np.maximum(1e-300, np.max(np.abs(rows.spend_parts), axis=1) * money)
    heights = np.where(np.any(rows.spend_parts != 0, axis=1), heights, 1.0)
    parts = (rows.spend_parts[:, owner] * spend + rows.on_parts[:, owner] * on) / heights[:, None]
    optimum = best_weights(worth / unit, parts, rows.most / heights, owner)
    if optimum is None:
        return None
    weight = optimum.weight
    weight = weight / np.bincount(owner, weight, len(envelopes))[owner]
    prices = np.maximum(optimum.duals, 0.0) * unit / heights
    ends = np.cumsum([0, *sizes])
    corners = tuple(tuple(np.flatnonzero(weight[start:end] > 1e-9).tolist()) for start, end in pairwise(ends))
    totals = [np.bincount(owner, weight * each, len(envelopes)).astype(np.float64) for each in (spend, on, worth)]
    return EnvelopeOptimum(totals[0], totals[1], totals[2], corners, prices, bound_from_prices(envelopes, rows, prices))
