"""The deliveries ahead on the orders page: planned in the background, shown as a calendar, with what each costs."""

import streamlit as st

from engine.charts import inventory as charts
from engine.dataset import in_words
from engine.exports.deliveries import ahead_workbook, delivered_items, delivery_list
from engine.inventory.deliveries import CENT, AheadPlan
from engine.inventory.plan_ahead import AheadEffort
from engine.proof import Status
from engine.workflows.order_question import OrderQuestion
from engine.workflows.orders_ahead import plan_deliveries
from pages.parts.frame import background, show, widgets
from pages.parts.frame.background import Calculation, JobOffer
from pages.parts.orders import sections
from pages.parts.orders.purchases import OrderDesk

_COUNT = AheadEffort().deliveries

_OFFER = JobOffer(
    key="deliveries",
    label=f"Plan the next {_COUNT} orders of every supplier",
    icon=":material/calendar_month:",
    again="Plan again",
    intro="All items and suppliers together, so that deliveries are shared where that saves money: fees, smallest "
    "orders, cases, shelf lives, space and money over time.",
    hint="This takes up to half a minute.",
    cancelled="Cancelled. The order list of today stands.",
    one_at_a_time=True,
)


def calendar(desk: OrderDesk, question: OrderQuestion) -> None:
    """Offer the plan of the deliveries ahead, and show it once it is ready.

    Args:
        desk: the items, with what is under way.
        question: what the owner decides.
    """
    key = (desk.key, "deliveries", question, desk.currency)
    plan = background.panel(Calculation(key, plan_deliveries, (desk.stock, question, desk.currency)), _OFFER)
    if plan is None:
        return
    if plan.infeasibility is not None:
        sections.infeasible(plan)
        if plan.infeasibility.remedy:
            st.markdown(show.plain(plan.infeasibility.remedy))
    elif not plan.deliveries:
        st.markdown(f"Nothing needs to be ordered up to {in_words(plan.chances[-1])}.")
    else:
        _deliveries(plan)
    for sentence in plan.assumptions:
        st.caption(f":material/tune: {show.plain(sentence)}")


def _deliveries(plan: AheadPlan) -> None:
    """The calendar, the list, and how sure it is that nothing is cheaper."""
    show.headline(plan.facts(), ("deliveries", "goods", "fees", "ahead_cost"))
    st.caption("By day of order; in each cell what the goods cost.")
    show.figure(charts.delivery_calendar(plan), key="deliveries-ahead", alt=charts.delivery_calendar_alt(plan))
    st.markdown("\n".join(f"- {_of_supplier(plan, name)}" for name in plan.suppliers))
    if not plan.limits.delivery_costs:
        st.info(
            "No supplier charges for a delivery here. Say above, under costs and deliveries, what one costs, and I "
            "bring deliveries together where that is cheaper.",
            icon=":material/local_shipping:",
        )
    table = delivery_list(plan).drop("Why not one with the next")
    show.table(table, alt="The deliveries ahead: days, goods, fee, and what one with the next would cost", digits=2)
    with st.expander("What each delivery brings"):
        show.table(delivered_items(plan), alt="The items of each delivery: quantity, cases, amount, day of arrival")
    widgets.download("Download as Excel", lambda: ahead_workbook(plan), "deliveries ahead.xlsx")
    proof, money = plan.proof, plan.currency
    seen, near = proof.recheck, proof.objective - proof.bound
    status = "Proved best" if proof.status is Status.OPTIMAL else "The best plan in the time"
    st.markdown(
        f"**{status}.** It is expected to cost {proof.objective:,.2f} {money}; no such plan can cost less than "
        f"{proof.bound:,.2f} {money} (gap {proof.gap:.2%})."
    )
    if near > CENT:
        st.caption(f"What merging costs compares two plans, each of them known to about {near:,.2f} {money}.")
    if seen is not None:
        words = "found the same cost and no broken limit" if seen.agrees else "found: " + "; ".join(seen.violations)
        st.markdown(f"A second look at the deliveries alone, which plays each future through, {show.plain(words)}.")


def _of_supplier(plan: AheadPlan, name: str) -> str:
    """How often one supplier delivers, and what a delivery less would cost."""
    deliveries, cheapest = plan.deliveries_of(name), plan.cheapest_merger(name)
    times, goods = f"{len(deliveries)} times", sum(each.spend for each in deliveries)
    often = f"**{show.plain(name or 'No supplier')}**: {'once' if len(deliveries) == 1 else times}"
    sentence = f"{often}, for {goods:,.2f} {plan.currency}".rstrip() + "."
    if cheapest is None or cheapest.merged is None:
        return sentence
    more = f"{cheapest.merged.extra:,.2f} {plan.currency}".rstrip() + " more"
    if cheapest.merged.extra < CENT:
        more = "the same"
    days = f"{in_words(cheapest.ordered)} and {in_words(cheapest.merged.following)}"
    return f"{sentence} One delivery less would cost {more}, with those of {days} in one."
