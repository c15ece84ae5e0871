"""What an order list says: for each sentence its alternatives, the fullest first."""

from engine.narrate.templates import SentenceTemplate, When, above_zero, not_above_zero, register
from engine.proof import Status

PROVED = When(("status",), lambda status: status.value == Status.OPTIMAL.value)

WHAT = (
    SentenceTemplate("There are {items_to_order} to order today, from {suppliers}.", (above_zero("items_to_order"),)),
    SentenceTemplate("There are {items_to_order} to order today.", (above_zero("items_to_order"),)),
    SentenceTemplate("Nothing has to be ordered today.", (not_above_zero("items_to_order"),)),
)
SPEND = (SentenceTemplate("Buying them costs {spend}.", (above_zero("spend"),)),)
SERVICE = (
    SentenceTemplate("With it, {fill_rate} of what people will ask for should be there until the next delivery."),
)
RISK = (
    SentenceTemplate(
        "Empty shelves are expected to cost {money_at_risk} until then, most of it for {riskiest_item}.",
        (above_zero("money_at_risk"),),
    ),
    SentenceTemplate("Empty shelves are expected to cost {money_at_risk} until then.", (above_zero("money_at_risk"),)),
)
PROOF = (
    SentenceTemplate(
        "Storage, empty shelves, waste and fees are expected to cost {cost}; no other list can bring that below "
        "{bound}.",
        (PROVED,),
    ),
    SentenceTemplate(
        "Storage, empty shelves, waste and fees are expected to cost {cost}; a better list could save {gap} at most."
    ),
)

register("orders", (WHAT, SPEND, SERVICE, RISK, PROOF))
