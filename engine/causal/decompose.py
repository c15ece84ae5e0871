"""Splits of a change that add up: price, volume and mix; factors of a product; segments; rates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from math import inf, log, prod

EXACT = 1e-6
"""Parts and change may differ by so much of the largest amount in play, which is what floating point leaves."""

MOST_FACTORS = 6
LEAST_UNITS = 1e-6
"""Fewer units than this have no price."""

SHOWN_SEGMENTS = 12


@dataclass(frozen=True)
class Piece:
    """One part of a change.

    Attributes:
        name: as the owner reads it: "Prices", "New items", "Croissant".
        amount: its share of the change, in the split's unit.
        note: how to read it, or "".
    """

    name: str
    amount: float
    note: str = ""


@dataclass(frozen=True)
class Split:
    """A change and its parts.

    Attributes:
        title: the question that it answers: "Price, volume and mix".
        unit: of all amounts.
        before: the figure in the first period.
        after: the figure in the second.
        pieces: the parts.
        cautions: what must be said with it.
    """

    title: str
    unit: str
    before: float
    after: float
    pieces: tuple[Piece, ...]
    cautions: tuple[str, ...] = ()

    @property
    def change(self) -> float:
        """After minus before."""
        return self.after - self.before

    @property
    def residual(self) -> float:
        """What the parts leave of the change: a bar of its own, and zero up to rounding for an identity."""
        return self.change - sum(piece.amount for piece in self.pieces)

    @property
    def exact(self) -> bool:
        """Whether the parts alone add up to the change."""
        scale = max(1.0, abs(self.before), abs(self.after), *(abs(piece.amount) for piece in self.pieces))
        return abs(self.residual) <= EXACT * scale


@dataclass(frozen=True)
class Sold:
    """What was sold of one item in one period: units and money, returns counted below zero."""

    units: float
    revenue: float

    @property
    def price(self) -> float:
        """Money per unit; not a number where no unit was sold."""
        return self.revenue / self.units if self.units else float("nan")


def factor_effects(before: Sequence[float], after: Sequence[float]) -> list[float]:
    """Share of each factor in the change of their product; they always add up to it.

    The logarithmic mean (LMDI) where all factors are above zero, which does not depend on any order; else Shapley's
    mean over all orders in which the factors could have changed.

    Args:
        before: the factors in the first period.
        after: the same factors in the second.

    Raises:
        ValueError: the lists differ in length, or there are more than six factors.

    Source: Ang (2005), Energy Policy 33; Shapley (1953).
    """
    if len(before) != len(after) or len(before) > MOST_FACTORS:
        raise ValueError(f"{len(before)} factors before and {len(after)} after; at most {MOST_FACTORS}")
    if all(value > 0 for value in (*before, *after)):
        return _logarithmic(before, after)
    return _shapley(before, after)


def product_split(title: str, unit: str, factors: Sequence[tuple[str, float, float]]) -> Split:
    """Split the change of a product, such as visits x conversion x order value.

    Args:
        title: what the split is called.
        unit: of the product.
        factors: name, value before, value after.
    """
    before, after = [old for _, old, _ in factors], [new for _, _, new in factors]
    shares = factor_effects(before, after)
    pieces = tuple(
        Piece(name, share, f"{_plain(old)} before, {_plain(new)} after")
        for (name, old, new), share in zip(factors, shares, strict=True)
    )
    return Split(title, unit, prod(before), prod(after), pieces)


def price_volume_mix(before: Mapping[str, Sold], after: Mapping[str, Sold], unit: str) -> Split:
    """Split a change of revenue by what was charged, how much was sold, and of what.

    Of items sold in both periods, the price's part is its change at the mean of both volumes (Shapley's value of two
    factors); the units' part is split in the same way into all units together (volume) and the item's share (mix).
    Items sold in one period alone are new or dropped, never a price of zero.

    Args:
        before: per item, what was sold in the first period.
        after: the same in the second.
        unit: the currency.
    """
    names = sorted({*before, *after})
    nothing = Sold(0.0, 0.0)
    pairs = {name: (before.get(name, nothing), after.get(name, nothing)) for name in names}
    staying = [name for name in names if all(_regular(sold) for sold in pairs[name])]
    price, volume, mix = _three_ways([pairs[name] for name in staying])
    new, dropped, odd = 0.0, 0.0, 0.0
    for name in names:
        if name in staying:
            continue
        old, now = pairs[name]
        if _absent(old):
            new += now.revenue
        elif _absent(now):
            dropped -= old.revenue
        else:
            odd += now.revenue - old.revenue
    pieces = [
        Piece("Prices", price, "the same items for more or less money"),
        Piece("Volume", volume, "more or fewer units in all"),
        Piece("Mix", mix, "dearer or cheaper items among them"),
    ]
    others = (
        Piece("New items", new, "not sold before"),
        Piece("Dropped items", dropped, "not sold any more"),
        Piece("Returns and corrections", odd, "amounts without units, or below zero"),
    )
    pieces += [piece for piece in others if piece.amount]
    totals = [sum(sold.revenue for sold in period.values()) for period in (before, after)]
    return Split("Price, volume and mix", unit, totals[0], totals[1], tuple(pieces))


def segment_split(title: str, unit: str, before: Mapping[str, float], after: Mapping[str, float]) -> Split:
    """The change by item, category, store or channel, the largest first; the small ones together.

    Args:
        title: what the split is called.
        unit: of the amounts.
        before: per segment, its amount in the first period; a segment that is missing had none.
        after: the same in the second.
    """
    names = sorted({*before, *after})
    changes = {name: after.get(name, 0.0) - before.get(name, 0.0) for name in names}
    ordered = sorted(names, key=lambda name: (-abs(changes[name]), name))
    pieces = [Piece(name, changes[name], _standing(name in before, name in after)) for name in ordered[:SHOWN_SEGMENTS]]
    rest = ordered[SHOWN_SEGMENTS:]
    if rest:
        pieces.append(Piece(f"{len(rest)} others", sum(changes[name] for name in rest)))
    return Split(title, unit, sum(before.values()), sum(after.values()), tuple(pieces))


def _regular(sold: Sold) -> bool:
    return sold.units > LEAST_UNITS and sold.revenue >= 0


def _absent(sold: Sold) -> bool:
    return sold.units == 0 and sold.revenue == 0


def _standing(was: bool, stays: bool) -> str:
    if was and stays:
        return ""
    return "not sold any more" if was else "not sold before"


def _three_ways(pairs: Sequence[tuple[Sold, Sold]]) -> tuple[float, float, float]:
    """Price, volume and mix of items sold in both periods: price and units share evenly, then all units and shares."""
    old_all, new_all = (sum(pair[k].units for pair in pairs) for k in (0, 1))
    price = volume = mix = 0.0
    for old, new in pairs:
        usual_price = (old.price + new.price) / 2
        old_share, new_share = old.units / old_all, new.units / new_all
        price += (new.price - old.price) * (old.units + new.units) / 2
        volume += (new_all - old_all) * (old_share + new_share) / 2 * usual_price
        mix += (new_share - old_share) * (old_all + new_all) / 2 * usual_price
    return price, volume, mix


def _logarithmic(before: Sequence[float], after: Sequence[float]) -> list[float]:
    old, new = prod(before), prod(after)
    ratios = [_log_ratio(a, b) for a, b in zip(before, after, strict=True)]
    total = sum(ratios)
    # near equality the quotient of differences loses its digits, and its limit is the product itself
    mean = (new - old) / total if abs(total) > 1e-5 else (old + new) / 2
    shares = [mean * ratio for ratio in ratios]
    slack = new - old - sum(shares)
    largest = max(range(len(shares)), key=lambda k: abs(shares[k]))
    shares[largest] += slack
    return shares


def _log_ratio(before: float, after: float) -> float:
    """The logarithm of after over before; the quotient keeps more digits near one, and may overflow far from it."""
    quotient = after / before
    return log(quotient) if 0 < quotient < inf else log(after) - log(before)


def _shapley(before: Sequence[float], after: Sequence[float]) -> list[float]:
    shares = [0.0] * len(before)
    orders = list(permutations(range(len(before))))
    for order in orders:
        state = list(before)
        value = prod(state)
        for k in order:
            state[k] = after[k]
            moved = prod(state)
            shares[k] += (moved - value) / len(orders)
            value = moved
    return shares


def _plain(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.3g}"
