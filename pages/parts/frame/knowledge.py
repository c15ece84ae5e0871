"""What the owner has told about the business, where more than one page rests on it."""

from engine.business.model import Business
from engine.causal import Answers
from engine.workflows.forecast.sales_drivers import OwnerCalendar
from engine.workflows.why import causal_knowledge
from pages.parts.frame import state


def owner_calendar(subject: str) -> OwnerCalendar:
    """Holidays, events, promotions and prices ahead, of the business with this subject."""
    return OwnerCalendar.from_json(state.recall(subject))


def causal_answers(business: Business) -> Answers:
    """What no file can show about causes, told in this file or an earlier one with the same columns."""
    return causal_knowledge.from_json(state.recall(causal_knowledge.subject(business)))
