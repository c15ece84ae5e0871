"""The facts of a shop's order list."""

from engine.facts import Fact, Facts


def shop_facts(**changes):
    """What the shop should order; None leaves a fact out."""
    values = {
        "items_to_order": (12, "items"),
        "suppliers": (3, "suppliers"),
        "spend": (1250.0, "EUR"),
        "fill_rate": (97.2, "%"),
        "money_at_risk": (84.0, "EUR"),
        "riskiest_item": ("Oat milk", ""),
    } | changes
    return Facts(tuple(Fact(name, name, value, unit, "") for name, (value, unit) in values.items()))


REWORDED = {
    "Buying them costs [A].": "It costs [A] to buy them.",
    "You have [A] to order today, from [B].": "Today there are [A] to order, from [B].",
    "With it, [A] of what people will ask for should be there until the next delivery.": "With it, [A] of what people "
    "will ask for should be on hand until the next delivery.",
}


def honest(question):
    """What a careful model says; it repeats what it would not say better."""
    return REWORDED.get(question, question)
