"""Where the marketing money should go: response curves from history, and the best split with its proof."""

from engine.budget.allocate import allocate, frontier, least_spend, scenario
from engine.budget.allocation import Allocation, ChannelPlan, OwnSplit, coin
from engine.budget.carryover import Carryover, delayed, geometric
from engine.budget.caution import Advice, Beliefs, TradeOff, advise, trade_off
from engine.budget.curves import Curve, Hill, Power, Saturating, TabulatedCurve
from engine.budget.flight import Flight, plan_periods
from engine.budget.limits import AllocationLimits, ChannelGroup, ChannelLimit, near_today
from engine.budget.media import MediaHistory, media_history
from engine.budget.mix import Channel, Goal, Mix
from engine.budget.model import Estimate, FittedCurve, LiftTest, ResponseModel
from engine.budget.problems import TooFewRows
from engine.budget.rebalance import fit_total, keep_total
from engine.budget.response import fit_response
from engine.budget.response_beliefs import Outlook
from engine.budget.user_curves import TypedCurve

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
    "near_today",
    "plan_periods",
    "scenario",
    "trade_off",
]
