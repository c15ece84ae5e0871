"""Stretches of time that rules cannot read, such as "over the holidays": a model reads them, and the owner confirms."""

import json
import re
from datetime import date, timedelta

from engine.business.calendar import Period
from engine.llm.chat import Ask, ChatModel, Message, ModelUnavailable

UNREAD = re.compile(
    r"\b(?:easter|ramadan|diwali|hanukkah|thanksgiving|black friday|holidays?|vacation|term|season|since|until|between"
    r"|before|after|during)\b",
    re.IGNORECASE,
)
"""Words that speak of a time which our own rules do not know."""

FURTHEST = timedelta(days=3 * 366)
SCHEMA = {
    "type": "object",
    "properties": {"first": {"type": "string"}, "last": {"type": "string"}},
    "required": ["first", "last"],
    "additionalProperties": False,
}
INSTRUCTION = (
    "Today is {today}. Say of which days the question speaks, as JSON: the first and the last day, each as YYYY-MM-DD. "
    "Do not answer the question."
)


def read_time(model: ChatModel, question: str, today: date) -> Period | None:
    """The stretch of time that a model reads in a question; None when it gives none that makes sense.

    Args:
        model: who reads.
        question: without personal data and without the owner's items.
        today: what it is counted from; a stretch more than three years away makes no sense.
    """
    turns = (Message("system", INSTRUCTION.format(today=today)), Message("user", question))
    try:
        read = json.loads(model.ask(Ask(turns, max_tokens=40, schema=SCHEMA)).text)
        first, last = date.fromisoformat(read["first"]), date.fromisoformat(read["last"])
    except (ModelUnavailable, ValueError, KeyError, TypeError):
        return None
    near = abs(first - today) <= FURTHEST and abs(last - today) <= FURTHEST
    return Period(first, last) if first <= last and near else None
