"""Where the marketing money should go: response curves from history, and the best split with its proof."""

from engine.budget.allocate import (
    Advice,
    Beliefs,
    TradeOff,
    advise,
    allocate,
    frontier,
    least_spend,
    scenario,
    trade_off,
)
from engine.budget.allocation import Allocation, ChannelPlan, OwnSplit, coin, fit_total, keep_total
from engine.budget.curves import (
    Carryover,
    Curve,
    Hill,
    Power,
    Saturating,
    TabulatedCurve,
    delayed,
    geometric,
)
from engine.budget.flight import Flight, plan_periods
from engine.budget.limits import AllocationLimits, ChannelGroup, ChannelLimit
from engine.budget.media import MediaHistory, media_history
from engine.budget.mix import Channel, Goal, Mix
from engine.budget.model import Estimate, FittedCurve, LiftTest, ResponseModel
from engine.budget.response import Outlook, TooFewRows, TypedCurve, fit_response

__all__ = [
    "Advice",
    "Allocation",
    "AllocationLimits",
    "Beliefs",
    "Carryover",
    "Channel",
    "ChannelGroup",
    "ChannelLimit",
    "ChannelPlan",
    "Curve",
    "Estimate",
    "FittedCurve",
    "Flight",
    "Goal",
    "Hill",
    "LiftTest",
    "MediaHistory",
    "Mix",
    "Outlook",
    "OwnSplit",
    "Power",
    "ResponseModel",
    "Saturating",
    "TabulatedCurve",
    "TooFewRows",
    "TradeOff",
    "TypedCurve",
    "advise",
    "allocate",
    "coin",
    "delayed",
    "fit_response",
    "fit_total",
    "frontier",
    "geometric",
    "keep_total",
    "least_spend",
    "media_history",
    "plan_periods",
    "scenario",
    "trade_off",
]
