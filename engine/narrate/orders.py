"""What an order list says: for each sentence its alternatives, the fullest first."""

from engine.narrate.templates import Template, When, above_zero, not_above_zero
from engine.proof import Status

PROVED = When(("status",), lambda status: status.value == Status.OPTIMAL.value)

WHAT = (
    Template("There are {items_to_order} to order today, from {suppliers}.", (above_zero("items_to_order"),)),
    Template("There are {items_to_order} to order today.", (above_zero("items_to_order"),)),
    Template("Nothing has to be ordered today.", (not_above_zero("items_to_order"),)),
)
SPEND = (Template("Buying them costs {spend}.", (above_zero("spend"),)),)
SERVICE = (Template("With it, {fill_rate} of what people will ask for should be there until the next delivery."),)
RISK = (
    Template(
        "Empty shelves are expected to cost {money_at_risk} until then, most of it for {riskiest_item}.",
        (above_zero("money_at_risk"),),
    ),
    Template("Empty shelves are expected to cost {money_at_risk} until then.", (above_zero("money_at_risk"),)),
)
PROOF = (
    Template(
        "Storage, empty shelves, waste and fees are expected to cost {cost}; no other list can bring that below "
        "{bound}.",
        (PROVED,),
    ),
    Template(
        "Storage, empty shelves, waste and fees are expected to cost {cost}; a better list could save {gap} at most."
    ),
)

ORDERS: tuple[tuple[Template, ...], ...] = (WHAT, SPEND, SERVICE, RISK, PROOF)
