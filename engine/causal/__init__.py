"""Why a figure changed: an exact split, graded causes, and what the data cannot tell."""

from engine.causal.decompose import Piece, Split
from engine.causal.drivers import CALENDAR, UNEXPLAINED, Counterfactual, DriverSplit, Timeline, what_if
from engine.causal.effect import Effect
from engine.causal.event import EventImpact
from engine.causal.explain import explain_change
from engine.causal.frame import Answers, BudgetRule, ChangeQuestion, Comparison, Event, usual_spans
from engine.causal.grade import Grade, GradeVerdict
from engine.causal.granger import Lead
from engine.causal.graph import Arrow, CausalGraph
from engine.causal.result import (
    CausalClaim,
    Cause,
    CauseProof,
    ChangeExplanation,
    ClaimKind,
    Evidence,
    claims,
    overclaims,
)

__all__ = [
    "CALENDAR",
    "UNEXPLAINED",
    "Answers",
    "Arrow",
    "BudgetRule",
    "CausalClaim",
    "CausalGraph",
    "Cause",
    "CauseProof",
    "ChangeExplanation",
    "ChangeQuestion",
    "ClaimKind",
    "Comparison",
    "Counterfactual",
    "DriverSplit",
    "Effect",
    "Event",
    "EventImpact",
    "Evidence",
    "Grade",
    "GradeVerdict",
    "Lead",
    "Piece",
    "Split",
    "Timeline",
    "claims",
    "explain_change",
    "overclaims",
    "usual_spans",
    "what_if",
]
