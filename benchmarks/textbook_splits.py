"""Splits that textbooks print and the app does not need: to measure ours against, and Simpson's reversals."""

from collections.abc import Mapping, Sequence

from engine.causal.decompose import Piece, Sold, Split


def old_price_split(before: Mapping[str, Sold], after: Mapping[str, Sold], unit: str) -> Split:
    """The accountant's three steps: prices at old volumes, volumes at old prices, and what both did together.

    Items must be sold in both periods; the joint part is what `price_volume_mix` shares out evenly.

    Args:
        before: units sold and price of each item in the first stretch.
        after: the same in the second stretch.
        unit: of the revenue, such as a currency.

    Raises:
        ValueError: an item is missing in one period.
    """
    if set(before) != set(after):
        raise ValueError("every item must be sold in both periods")
    price = sum((after[name].price - before[name].price) * before[name].units for name in before)
    volume = sum((after[name].units - before[name].units) * before[name].price for name in before)
    joint = sum((after[name].price - before[name].price) * (after[name].units - before[name].units) for name in before)
    totals = [sum(sold.revenue for sold in period.values()) for period in (before, after)]
    pieces = (Piece("Prices", price), Piece("Volume", volume), Piece("Both together", joint))
    return Split("Price and volume, step by step", unit, totals[0], totals[1], pieces)


def quantity_and_mix(before: Mapping[str, float], after: Mapping[str, float], margin: Mapping[str, float]) -> Split:
    """The sales volume variance of cost accounting: more units at the old mix, and another mix of the new units.

    Args:
        before: per item, planned or earlier units.
        after: per item, actual units.
        margin: per item, money per unit at plan.
    """
    names = sorted({*before, *after})
    old, new = sum(before.values()), sum(after.values())
    as_planned = {name: new * before.get(name, 0.0) / old for name in names}
    quantity = sum((as_planned[name] - before.get(name, 0.0)) * margin[name] for name in names)
    mix = sum((after.get(name, 0.0) - as_planned[name]) * margin[name] for name in names)
    totals = [sum(period.get(name, 0.0) * margin[name] for name in names) for period in (before, after)]
    return Split("Quantity and mix", "", totals[0], totals[1], (Piece("Quantity", quantity), Piece("Mix", mix)))


def rate_split(
    title: str, before: Mapping[str, tuple[float, float]], after: Mapping[str, tuple[float, float]]
) -> Split:
    """Split the change of an overall rate into changes within the segments and a shift between them.

    Args:
        title: what the split is called.
        before: per segment (hits, tries) in the first period.
        after: the same in the second.

    Raises:
        ValueError: a segment has no tries in one of the periods.

    Source: Kitagawa (1955), J. American Statistical Association 50; the reversal is Simpson's (1951).
    """
    if set(before) != set(after) or any(tries <= 0 for part in (before, after) for _, tries in part.values()):
        raise ValueError("every segment needs tries in both periods")
    tries = [sum(count for _, count in part.values()) for part in (before, after)]
    within = shift = 0.0
    rises = []
    for name in sorted(before):
        (hits_a, tries_a), (hits_b, tries_b) = before[name], after[name]
        share_a, share_b = tries_a / tries[0], tries_b / tries[1]
        rate_a, rate_b = hits_a / tries_a, hits_b / tries_b
        within += (rate_b - rate_a) * (share_a + share_b) / 2
        shift += (share_b - share_a) * (rate_a + rate_b) / 2
        rises.append(rate_b > rate_a)
    totals = [
        sum(hits for hits, _ in part.values()) / count for part, count in zip((before, after), tries, strict=True)
    ]
    pieces = (Piece("Within the segments", within), Piece("Shift between them", shift))
    return Split(title, "", totals[0], totals[1], pieces, _reversal(totals[1] - totals[0], within, rises))


def _reversal(change: float, within: float, rises: Sequence[bool]) -> tuple[str, ...]:
    against = sum(rise != (change > 0) for rise in rises)
    if against * 2 <= len(rises) and within * change >= 0:
        return ()
    way = "rises" if change > 0 else "falls"
    return (
        f"The overall rate {way}, but in {against} of {len(rises)} segments it goes the other way: what changed most "
        "is which segments are large.",
    )
