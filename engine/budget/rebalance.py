"""Sliders that share one total: what the others give when one of them moves."""

from collections.abc import Collection, Mapping

ROUNDING = 1e-9
"""Amounts this much smaller than the total are rounding."""


def keep_total(
    spend: Mapping[str, float],
    moved: str,
    total: float,
    *,
    most: Mapping[str, float],
    locked: Collection[str] = (),
) -> dict[str, float]:
    """The split after one slider moved: the others take up the difference in proportion to what they have.

    Where the others cannot (all locked, at zero or at their ends), the moved slider stops where the total is kept.

    Args:
        spend: money per channel, the moved one at its new place.
        moved: the channel whose slider was moved.
        total: what the sum is kept at, >= 0.
        most: the end of each slider.
        locked: channels that keep what they have.

    Returns:
        A split whose sum is the total, wherever locks and ends allow one; else as near as they allow.
    """
    fixed = sum(spend[name] for name in locked if name != moved)
    free = [name for name in spend if name != moved and name not in locked]
    left = max(0.0, total - fixed)
    least = max(0.0, left - sum(most[name] for name in free))
    value = min(max(spend[moved], least), left, most[moved])
    return {**spend, moved: value, **shared_out(left - value, {name: spend[name] for name in free}, most)}


def fit_total(
    spend: Mapping[str, float], total: float, *, most: Mapping[str, float], locked: Collection[str] = ()
) -> dict[str, float]:
    """The split scaled to a total; locked channels keep what they have."""
    free = {name: amount for name, amount in spend.items() if name not in locked}
    left = max(0.0, total - sum(amount for name, amount in spend.items() if name in locked))
    return {**spend, **shared_out(left, free, most)}


def shared_out(money: float, weights: Mapping[str, float], most: Mapping[str, float]) -> dict[str, float]:
    """Money shared in proportion to weights, none beyond its maximum; evenly among those that have nothing."""
    shares = dict.fromkeys(weights, 0.0)
    open_to = [name for name in weights if most[name] > 0]
    left = money
    while open_to and left > ROUNDING * money:
        parts = {name: weights[name] for name in open_to}
        whole = sum(parts.values())
        if whole <= ROUNDING * money:
            parts, whole = dict.fromkeys(open_to, 1.0), float(len(open_to))
        full = [name for name in open_to if shares[name] + left * parts[name] / whole >= most[name]]
        for name in full:
            shares[name] = most[name]
        if not full:
            return shares | {name: shares[name] + left * parts[name] / whole for name in open_to}
        open_to = [name for name in open_to if name not in full]
        left = money - sum(shares.values())
    return shares
