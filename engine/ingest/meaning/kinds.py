"""What kind of table it is, from what its columns may be: the evidence of all columns is added up."""

from collections.abc import Collection, Mapping, Sequence

from engine.dataset import TableKind
from engine.ingest.meaning.concepts import Concept

C, K = Concept, TableKind

SALES = frozenset({K.SALE_LINES, K.ORDERS, K.DAILY_TOTALS, K.INVOICES})
PEOPLE = frozenset({K.STAFF, K.TIMESHEET, K.ROSTER, K.WEEK, K.NEEDS, K.LEAVE})
LISTS = frozenset({K.STOCK, K.PRICES})

WEIGHTS: Mapping[TableKind, Mapping[Concept, float]] = {
    K.SALE_LINES: {
        C.STAFF_ROLE: -2, C.AD_RATE: -2,
        C.ITEM: 2, C.QUANTITY: 2, C.PRICE: 1, C.LINE_TOTAL: 2.5, C.NET: 1.2, C.GROSS: 1.2, C.AMOUNT: 1.5,
        C.DISCOUNT: 1, C.TAX: 0.7, C.DOCUMENT: 1.2, C.DAY: 1.5, C.CUSTOMER: 0.4, C.STORE: 0.5, C.CATEGORY: 0.7,
        C.VOID: 1, C.STATUS: 0.4, C.CODE: 0.5, C.VARIANT: 0.5, C.CHANNEL: 0.3, C.PROMOTION: 0.5, C.TIP: 0.5,
        C.REFUND: 0.3, C.DEPOSIT: 1, C.ROW_TYPE: 0.7, C.ON_HAND: -0.7, C.SPEND: -1.5, C.IMPRESSIONS: -3, C.HOURS: -1.5,
        C.REORDER_POINT: -2, C.CAMPAIGN: -1.5, C.PAYOUT: -1, C.FEE: -0.5, C.LEAD_TIME: -0.7, C.RATE: -2, C.WAGES: -2,
        C.LEAVE_KIND: -2, C.WORTH: -2, C.PEOPLE_NEEDED: -2, C.STOCK_VALUE: -2,
    },
    K.ORDERS: {
        C.STAFF_ROLE: -2, C.AD_RATE: -2,
        C.DOCUMENT: 2, C.DAY: 1.5, C.AMOUNT: 1.5, C.DOCUMENT_TOTAL: 2, C.NET: 1, C.GROSS: 1, C.CUSTOMER: 1,
        C.STATUS: 0.8, C.QUANTITY: 0.8, C.SHIPPING: 1, C.TAX: 0.7, C.DISCOUNT: 0.5, C.TIP: 0.7, C.LATER_DAY: 0.3,
        C.ITEM: -1.2, C.LINE_TOTAL: -1, C.PRICE: -1, C.ON_HAND: -2, C.SPEND: -2, C.IMPRESSIONS: -3, C.HOURS: -1.5,
        C.RATE: -2, C.CAMPAIGN: -2, C.FEE: -0.7, C.PAYOUT: -1.5, C.WAGES: -2, C.BALANCE: -0.5, C.LEAVE_KIND: -2,
    },
    K.DAILY_TOTALS: {
        C.STAFF_ROLE: -2, C.AD_RATE: -2,
        C.DAY: 2, C.DOCUMENTS: 2, C.AMOUNT: 1.5, C.NET: 1.5, C.GROSS: 1.5, C.QUANTITY: 1, C.REFUND: 0.7, C.RATIO: 0.5,
        C.DISCOUNT: 0.5, C.TAX: 0.5, C.VISITS: 0.3, C.SHIPPING: 0.3, C.TIP: 0.5, C.PROMOTION: 0.3, C.STORE: 0.3,
        C.ITEM: -1, C.DOCUMENT: -2, C.CUSTOMER: -1.5, C.SPEND: -1, C.CAMPAIGN: -2, C.IMPRESSIONS: -2, C.EMPLOYEE: -1,
        C.ON_HAND: -1, C.HOURS: -1.5, C.RATE: -2, C.PRICE: -0.7, C.STATUS: -1, C.EVENTS: -1, C.FEE: -1,
    },
    K.PAYMENTS: {
        C.STAFF_ROLE: -2, C.AD_RATE: -2,
        C.ROW_TYPE: 1.5, C.FEE: 2.5, C.PAYOUT: 2.5, C.NET: 1, C.AMOUNT: 1.2, C.GROSS: 1, C.BALANCE: 0.5, C.DAY: 1,
        C.STATUS: 0.5, C.CURRENCY: 0.5, C.DOCUMENT: 0.7, C.CUSTOMER: 0.5, C.REFUND: 0.5, C.TEXT: 0.2, C.ITEM: -0.7,
        C.QUANTITY: -1, C.PRICE: -1.2, C.LINE_TOTAL: -1.5, C.HOURS: -2, C.ON_HAND: -2, C.CAMPAIGN: -2,
        C.IMPRESSIONS: -3, C.DISCOUNT: -0.7, C.EMPLOYEE: -1, C.RATE: -2,
    },
    K.LEDGER: {
        C.BALANCE: 2.5, C.AMOUNT: 0.7, C.DAY: 0.7, C.TEXT: 0.5, C.ITEM: -1, C.QUANTITY: -1.5, C.FEE: -1,
    },
    K.ADS: {
        C.CAMPAIGN: 3, C.SPEND: 2.5, C.IMPRESSIONS: 2.5, C.VISITS: 1.3, C.LEADS: 1, C.WORTH: 1.5, C.RATIO: 0.5,
        C.AD_RATE: 2.5,
        C.COST: 1, C.COST_TOTAL: 0.7, C.CHANNEL: 1, C.DAY: 0.3, C.EVENTS: 0.3, C.CURRENCY: 0.2, C.ITEM: -1,
        C.QUANTITY: -1.5, C.DOCUMENT: -2, C.PRICE: -2, C.LINE_TOTAL: -2, C.NET: -1, C.ON_HAND: -3, C.CUSTOMER: -1,
        C.HOURS: -1.5, C.AMOUNT: -0.5,
    },
    K.TRAFFIC: {
        C.VISITS: 2.5, C.VISITORS: 2, C.EVENTS: 1.5, C.RATIO: 0.7, C.AD_RATE: 0.7, C.LEADS: 0.7, C.CHANNEL: 0.7,
        C.DAY: 1,
        C.IMPRESSIONS: 1.5, C.CAMPAIGN: 1, C.AMOUNT: -1, C.SPEND: -2.5, C.QUANTITY: -1.5, C.ITEM: -1, C.DOCUMENT: -2,
        C.PRICE: -2, C.NET: -2, C.GROSS: -2, C.COST: -2, C.EMPLOYEE: -1, C.CUSTOMER: -0.5,
    },
    K.STOCK: {
        C.ON_HAND: 3.5, C.REORDER_POINT: 2, C.STOCK_VALUE: 2, C.RESERVED: 1.5, C.ON_ORDER: 1.2, C.LEAD_TIME: 1.5,
        C.COST: 1.2, C.SUPPLIER: 1, C.ITEM: 1, C.CODE: 0.8, C.PRICE: 0.5, C.LIST_PRICE: 0.5, C.CATEGORY: 0.3,
        C.SHELF_LIFE: 1, C.CASE_PACK: 1, C.MINIMUM_ORDER: 1, C.WEIGHT: 0.5, C.VARIANT: 0.5, C.STORE: 0.3,
        C.VOLUME: 0.7, C.DAY: -1.2, C.DOCUMENT: -1.5, C.VISITS: -2, C.EMPLOYEE: -2, C.LINE_TOTAL: -1.5,
        C.CUSTOMER: -1.5, C.HOURS: -1.5, C.QUANTITY: 0.3, C.TAX: -0.2, C.SPEND: -2, C.RATE: -2, C.NET: -1,
        C.GROSS: -1, C.DISCOUNT: -1,
    },
    K.PRICES: {
        C.ITEM: 1.2, C.PRICE: 1.7, C.LIST_PRICE: 1, C.COST: 1.2, C.CODE: 0.8, C.CATEGORY: 0.5, C.SUPPLIER: 0.7,
        C.VARIANT: 0.3, C.WEIGHT: 0.5, C.TAX: 0.2, C.LEAD_TIME: 0.7, C.CASE_PACK: 0.8, C.MINIMUM_ORDER: 0.8,
        C.SHELF_LIFE: 0.5, C.VOLUME: 0.5, C.DAY: -2.5, C.QUANTITY: -1.5, C.DOCUMENT: -2, C.AMOUNT: -1,
        C.LINE_TOTAL: -2, C.NET: -1, C.GROSS: -1, C.CUSTOMER: -2, C.EMPLOYEE: -2, C.VISITS: -2, C.SPEND: -2,
        C.ON_HAND: -1, C.RATE: -2, C.HOURS: -2,
    },
    K.STAFF: {
        C.EMPLOYEE: 2, C.RATE: 2, C.STAFF_ROLE: 1.2, C.MAX_HOURS: 2, C.AVAILABILITY: 1.5, C.EMPLOYEE_ID: 1,
        C.WAGES: 0.5, C.DAY: -1.5, C.START: -1, C.END: -1, C.AMOUNT: -1.5, C.QUANTITY: -1.5, C.ITEM: -1.5,
        C.DOCUMENT: -2, C.PRICE: -1, C.HOURS: -0.3, C.PEOPLE_NEEDED: -2, C.LEAVE_KIND: -2, C.ON_HAND: -2,
        C.SPEND: -1.5,
    },
    K.TIMESHEET: {
        C.EMPLOYEE: 1.5, C.HOURS: 2, C.RATE: 0.7, C.WAGES: 1.5, C.START: 1, C.END: 1, C.DAY: 1, C.STAFF_ROLE: 0.7,
        C.EMPLOYEE_ID: 1, C.STORE: 0.2, C.AMOUNT: -1.2, C.QUANTITY: -1.5, C.ITEM: -1.5, C.DOCUMENT: -1.5, C.PRICE: -2,
        C.CUSTOMER: -1, C.PEOPLE_NEEDED: -2, C.ON_HAND: -2, C.LEAVE_KIND: -1, C.SPEND: -1.5, C.NET: -1, C.TIP: 0.2,
        C.DEPOSIT: -2,
    },
    K.ROSTER: {
        C.EMPLOYEE: 1.5, C.START: 1.4, C.END: 1.4, C.DAY: 1, C.STAFF_ROLE: 0.8, C.SHIFT: 1.2, C.STORE: 0.3,
        C.EMPLOYEE_ID: 0.5, C.HOURS: 0.7, C.AMOUNT: -1.5, C.QUANTITY: -1.5, C.ITEM: -1.5, C.DOCUMENT: -1.5,
        C.PRICE: -2, C.CUSTOMER: -1, C.WAGES: -0.3, C.PEOPLE_NEEDED: -2, C.LEAVE_KIND: -1.5, C.ON_HAND: -2, C.NET: -1,
        C.DEPOSIT: -2,
    },
    K.WEEK: {
        C.EMPLOYEE: 1.5, C.AVAILABILITY: 1, C.STAFF_ROLE: 0.5, C.HOURS: 0.3, C.DAY: -1, C.QUANTITY: -1.5,
        C.RATE: -0.5,
    },
    K.NEEDS: {
        C.PEOPLE_NEEDED: 4, C.START: 0.7, C.END: 0.7, C.STAFF_ROLE: 0.7, C.SHIFT: 0.7, C.EMPLOYEE: -1.5,
        C.AMOUNT: -1.5, C.ITEM: -1.5, C.PRICE: -1.5,
    },
    K.LEAVE: {
        C.EMPLOYEE: 1.5, C.LEAVE_KIND: 2.5, C.DAY: 0.7, C.END_DAY: 1.7, C.STATUS: 0.3, C.HOURS: 0.2, C.START: -0.5,
        C.AMOUNT: -1.5, C.QUANTITY: -1.5, C.ITEM: -1.5, C.PRICE: -1.5, C.DOCUMENT: -1, C.RATE: -1, C.WAGES: -1,
        C.VISITS: -1, C.SPEND: -1,
    },
}  # fmt: skip
"""How much each concept speaks for a kind of table, or against it."""

NEEDED: Mapping[TableKind, tuple[frozenset[Concept], ...]] = {
    K.SALE_LINES: (
        frozenset({C.DAY, C.LATER_DAY}),
        frozenset({C.ITEM, C.CODE, C.QUANTITY, C.PRICE, C.LINE_TOTAL, C.CATEGORY, C.CUSTOMER, C.VARIANT, C.PROMOTION}),
    ),
    K.ORDERS: (frozenset({C.DAY, C.LATER_DAY}), frozenset({C.DOCUMENT, C.CUSTOMER, C.AMOUNT, C.DOCUMENT_TOTAL})),
    K.DAILY_TOTALS: (frozenset({C.DAY, C.LATER_DAY}),),
    K.PAYMENTS: (frozenset({C.AMOUNT, C.NET, C.GROSS}), frozenset({C.FEE, C.PAYOUT, C.ROW_TYPE})),
    K.LEDGER: (frozenset({C.BALANCE}), frozenset({C.DAY, C.LATER_DAY}), frozenset({C.AMOUNT, C.NET, C.GROSS})),
    K.ADS: (
        frozenset({C.SPEND, C.COST, C.COST_TOTAL, C.AMOUNT}),
        frozenset({C.CAMPAIGN, C.IMPRESSIONS, C.SPEND, C.VISITS}),
    ),
    K.TRAFFIC: (frozenset({C.VISITS, C.VISITORS, C.EVENTS, C.IMPRESSIONS}),),
    K.STOCK: (frozenset({C.ITEM, C.CODE}), frozenset({C.ON_HAND, C.REORDER_POINT, C.STOCK_VALUE, C.LEAD_TIME, C.COST})),
    K.PRICES: (frozenset({C.ITEM, C.CODE}), frozenset({C.PRICE, C.COST, C.LIST_PRICE})),
    K.STAFF: (frozenset({C.EMPLOYEE}),),
    K.TIMESHEET: (frozenset({C.EMPLOYEE}), frozenset({C.HOURS, C.WAGES})),
    K.ROSTER: (frozenset({C.EMPLOYEE}), frozenset({C.START, C.SHIFT, C.TIME_OF_DAY})),
    K.WEEK: (frozenset({C.EMPLOYEE}), frozenset({C.AVAILABILITY})),
    K.NEEDS: (frozenset({C.PEOPLE_NEEDED}),),
    K.LEAVE: (frozenset({C.EMPLOYEE}), frozenset({C.LEAVE_KIND, C.END_DAY})),
}
"""Without one of each of these a table is not of the kind."""

LEAST = 2.0
"""Evidence below which a table is of no kind that we know."""


TITLES = frozenset({C.ON_HAND, C.SHIFT, C.LEAVE_KIND, C.HOURS, C.SPEND, C.CAMPAIGN, C.VISITS, C.EMPLOYEE, C.RATE})
"""Words of a title that tell what the table below it is."""

WEIGHT_OF_TITLE = 0.6
"""What a word of the title counts, beside that of a header."""


def kind_of(
    options: Sequence[Mapping[Concept, float]], title: Collection[Concept] = (), *, days_once: bool, sold: bool = False
) -> tuple[TableKind, float]:
    """The likeliest kind of a table, and by how much evidence it is ahead of the next.

    Args:
        options: for each column what it may be, with the confidence in it.
        title: what words of its title are called like.
        days_once: whether no day comes twice.
        sold: whether a header says that something was sold.
    """
    present = {concept for column in options for concept, confidence in column.items() if confidence >= 0.5}
    scores = {kind: _score(kind, options) for kind in WEIGHTS if all(present & group for group in NEEDED[kind])}
    if sold and C.ON_HAND not in present:
        scores = {kind: score for kind, score in scores.items() if kind not in LISTS}
    if K.DAILY_TOTALS in scores and days_once:
        scores[K.DAILY_TOTALS] += 1.0
    for kind in scores:
        scores[kind] += WEIGHT_OF_TITLE * sum(WEIGHTS[kind].get(concept, 0.0) for concept in TITLES.intersection(title))
    ordered = sorted(scores, key=lambda kind: -scores[kind])
    if not ordered or scores[ordered[0]] < LEAST:
        return K.OTHER, 0.0
    return ordered[0], scores[ordered[0]] - (scores[ordered[1]] if len(ordered) > 1 else 0.0)


def _score(kind: TableKind, options: Sequence[Mapping[Concept, float]]) -> float:
    weights = WEIGHTS[kind]
    # A concept that several columns may be counts once for each, but less and less: ten discounts are no sale.
    said: dict[Concept, list[float]] = {}
    for column in options:
        if column:
            concept = max(column, key=lambda one: column[one] * (1 + 0.2 * weights.get(one, 0.0)))
            said.setdefault(concept, []).append(column[concept])
    total = 0.0
    for concept, confidences in said.items():
        weight = weights.get(concept, 0.0)
        repeats = concept is C.AVAILABILITY
        for place, confidence in enumerate(sorted(confidences, reverse=True)):
            total += weight * confidence * (1.0 if repeats else 0.35**place)
    return total
