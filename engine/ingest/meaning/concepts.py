"""What a column can be: finer than the roles that the engine computes with, because what is not revenue matters too."""

from collections.abc import Mapping
from enum import StrEnum

from engine.dataset import ColumnKind, ColumnRole

R = ColumnRole


class Concept(StrEnum):
    """What a column is, as the vocabulary names it."""

    DAY = "day"
    LATER_DAY = "later_day"
    END_DAY = "end_day"
    TIME_OF_DAY = "time_of_day"
    START = "start"
    END = "end"
    ITEM = "item"
    CODE = "code"
    VARIANT = "variant"
    CATEGORY = "category"
    STORE = "store"
    TILL = "till"
    CHANNEL = "channel"
    CAMPAIGN = "campaign"
    SUPPLIER = "supplier"
    PROMOTION = "promotion"
    CUSTOMER = "customer"
    DOCUMENT = "document"
    ROW_TYPE = "row_type"
    STATUS = "status"
    VOID = "void"
    CURRENCY = "currency"
    TEXT = "text"
    ID = "id"
    QUANTITY = "quantity"
    RETURNED = "returned"
    PRICE = "price"
    LIST_PRICE = "list_price"
    AMOUNT = "amount"
    LINE_TOTAL = "line_total"
    NET = "net"
    GROSS = "gross"
    DOCUMENT_TOTAL = "document_total"
    DISCOUNT = "discount"
    REFUND = "refund"
    TAX = "tax"
    SHIPPING = "shipping"
    TIP = "tip"
    FEE = "fee"
    PAYOUT = "payout"
    DEPOSIT = "deposit"
    BALANCE = "balance"
    COST = "cost"
    COST_TOTAL = "cost_total"
    PROFIT = "profit"
    DOCUMENTS = "documents"
    SPEND = "spend"
    IMPRESSIONS = "impressions"
    VISITS = "visits"
    VISITORS = "visitors"
    LEADS = "leads"
    WORTH = "worth"
    EVENTS = "events"
    ON_HAND = "on_hand"
    ON_ORDER = "on_order"
    RESERVED = "reserved"
    REORDER_POINT = "reorder_point"
    LEAD_TIME = "lead_time"
    SHELF_LIFE = "shelf_life"
    CASE_PACK = "case_pack"
    MINIMUM_ORDER = "minimum_order"
    VOLUME = "volume"
    WEIGHT = "weight"
    STOCK_VALUE = "stock_value"
    EMPLOYEE = "employee"
    EMPLOYEE_ID = "employee_id"
    STAFF_ROLE = "staff_role"
    RATE = "rate"
    HOURS = "hours"
    WAGES = "wages"
    MAX_HOURS = "max_hours"
    AVAILABILITY = "availability"
    SHIFT = "shift"
    PEOPLE_NEEDED = "people_needed"
    LEAVE_KIND = "leave_kind"
    RATIO = "ratio"
    AD_RATE = "ad_rate"
    PLAN = "plan"


C = Concept

ROLE_OF: Mapping[Concept, ColumnRole] = {
    C.DAY: R.DATE,
    C.LATER_DAY: R.DATE,
    C.ITEM: R.ITEM,
    C.CODE: R.CODE,
    C.CATEGORY: R.CATEGORY,
    C.STORE: R.STORE,
    C.TILL: R.STORE,
    C.CHANNEL: R.CHANNEL,
    C.CAMPAIGN: R.CHANNEL,
    C.SUPPLIER: R.SUPPLIER,
    C.PROMOTION: R.PROMOTION,
    C.DOCUMENT: R.DOCUMENT,
    C.ROW_TYPE: R.ROW_TYPE,
    C.STATUS: R.STATUS,
    C.VOID: R.VOID,
    C.QUANTITY: R.QUANTITY,
    C.PRICE: R.PRICE,
    C.LIST_PRICE: R.PRICE,
    **dict.fromkeys((C.AMOUNT, C.LINE_TOTAL, C.NET, C.GROSS, C.DOCUMENT_TOTAL), R.REVENUE),
    C.COST: R.COST,
    C.SPEND: R.CHANNEL_SPEND,
    C.VISITS: R.TRAFFIC,
    C.VISITORS: R.TRAFFIC,
    C.LEADS: R.LEADS,
    C.ON_HAND: R.ON_HAND,
    C.ON_ORDER: R.ON_ORDER,
    C.LEAD_TIME: R.LEAD_TIME,
    C.SHELF_LIFE: R.SHELF_LIFE,
    C.CASE_PACK: R.CASE_PACK,
    C.MINIMUM_ORDER: R.MINIMUM_ORDER,
    C.VOLUME: R.VOLUME,
    C.EMPLOYEE: R.EMPLOYEE,
    C.STAFF_ROLE: R.STAFF_ROLE,
    C.RATE: R.RATE,
    C.MAX_HOURS: R.MAX_HOURS,
    C.AVAILABILITY: R.AVAILABILITY,
    C.SHIFT: R.SHIFT,
    C.PEOPLE_NEEDED: R.PEOPLE_NEEDED,
}
"""The role of each concept that the engine computes with; the others take no part, and it is known why."""

KIND_OF_ROLE: Mapping[ColumnRole, ColumnKind] = {
    R.DATE: "date",
    **dict.fromkeys((R.ITEM, R.CATEGORY, R.STORE, R.SUPPLIER, R.EMPLOYEE, R.STAFF_ROLE, R.SHIFT, R.CHANNEL), "text"),
    **dict.fromkeys((R.QUANTITY, R.REVENUE, R.PRICE, R.COST, R.ON_HAND, R.LEAD_TIME, R.VOLUME), "number"),
    **dict.fromkeys((R.ON_ORDER, R.SHELF_LIFE), "number"),
    **dict.fromkeys((R.MINIMUM_ORDER, R.CHANNEL_SPEND, R.TRAFFIC, R.LEADS, R.RATE, R.MAX_HOURS), "number"),
    **dict.fromkeys((R.CASE_PACK, R.PEOPLE_NEEDED), "number"),
}
"""How a role's values are stored; roles that are not named here take any kind."""

MONEY_ROLES = frozenset({R.REVENUE, R.PRICE, R.COST, R.CHANNEL_SPEND, R.RATE})
MONEY = (C.NET, C.LINE_TOTAL, C.AMOUNT, C.GROSS, C.DOCUMENT_TOTAL)
"""Concepts that may be the money of a sale, the likeliest first: net of returns and before tax where it is told."""

KIND_OF_CONCEPT: Mapping[Concept, ColumnKind] = {
    **{concept: KIND_OF_ROLE[role] for concept, role in ROLE_OF.items() if role in KIND_OF_ROLE},
    C.CODE: "text",
    C.END_DAY: "date",
    **dict.fromkeys((C.CAMPAIGN, C.VARIANT, C.LEAVE_KIND, C.CURRENCY, C.CUSTOMER), "text"),
    **dict.fromkeys((C.RETURNED, C.TAX, C.SHIPPING, C.TIP, C.FEE, C.PAYOUT, C.BALANCE, C.COST_TOTAL), "number"),
    **dict.fromkeys((C.PROFIT, C.DOCUMENTS, C.IMPRESSIONS, C.WORTH, C.EVENTS, C.RESERVED), "number"),
    **dict.fromkeys((C.REORDER_POINT, C.WEIGHT, C.STOCK_VALUE, C.WAGES, C.RATIO, C.REFUND, C.DEPOSIT), "number"),
}
"""How the values of a concept are stored; those that are not named here take any kind."""

DOMINANT = frozenset(
    {
        *(
            C.DISCOUNT,
            C.TAX,
            C.SHIPPING,
            C.TIP,
            C.FEE,
            C.RATIO,
            C.AD_RATE,
            C.REFUND,
            C.RETURNED,
            C.PROFIT,
            C.BALANCE,
            C.WAGES,
            C.DEPOSIT,
        ),
        *(C.LATER_DAY, C.TEXT, C.HOURS, C.IMPRESSIONS, C.WORTH, C.EVENTS, C.STOCK_VALUE, C.REORDER_POINT, C.RESERVED),
        *(C.COST, C.ON_HAND, C.LEAD_TIME, C.SHELF_LIFE, C.MINIMUM_ORDER, C.CASE_PACK, C.COST_TOTAL, C.PAYOUT),
        *(C.LIST_PRICE, C.EMPLOYEE_ID, C.WEIGHT, C.CODE, C.VOID, C.MAX_HOURS, C.TIME_OF_DAY),
    }
)
"""Concepts whose words say what a header is wherever they stand in it: the shipping of an order is no order."""
