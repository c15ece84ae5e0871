"""Several steps for a question that needs them: at most five read-only calculations, shown before they run."""

import json
import re
from dataclasses import dataclass
from datetime import date

from engine.coach.understand.classifier import CONFIDENT, Classifier
from engine.coach.understand.intents import CLAUSE, Intent, tools_named
from engine.coach.understand.times import read_spans
from engine.errors import DyocenseError
from engine.llm.chat import Ask, ChatModel, Message, ModelUnavailable

MOST_STEPS = 5
LIKELY = 0.1
"""A tool that only a single word points to takes part from this chance on."""
SOME_DAY = date(2000, 1, 1)
ALLOWED = tuple(tool for tool in Intent if tool is not Intent.OTHER)
SCHEMA = {
    "type": "object",
    "properties": {
        "steps": {
            "type": "array",
            "maxItems": MOST_STEPS,
            "items": {"type": "string", "enum": [tool.value for tool in ALLOWED]},
        }
    },
    "required": ["steps"],
    "additionalProperties": False,
}
INSTRUCTION = (
    "List the calculations that the question needs, in the order in which they should run, as JSON. Choose only from "
    f"{', '.join(tool.value for tool in ALLOWED)}. Do not answer the question."
)


class BadPlan(DyocenseError):
    """A model's plan is not one that may run."""


@dataclass(frozen=True)
class CalculationPlan:
    """Calculations in the order in which they run.

    Attributes:
        steps: one to `MOST_STEPS` of `ALLOWED`, each once.

    Raises:
        BadPlan: anything else.
    """

    steps: tuple[Intent, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.steps) <= MOST_STEPS or len(set(self.steps)) < len(self.steps):
            raise BadPlan(f"A plan has one to {MOST_STEPS} different steps.")
        if any(step not in ALLOWED for step in self.steps):
            raise BadPlan("A plan may only calculate.")


def plan_by_words(query: str, reader: Classifier) -> CalculationPlan | None:
    """The plan that the words of the question give: the tool of each clause; None when no clause is clear."""
    clauses = [clause.strip() for clause in CLAUSE.split(query) if clause and len(clause.split()) > 1]
    clauses = [clause for clause in clauses if _says_more_than_when(clause)]
    steps: list[Intent] = []
    readings = reader.read_all([query, *clauses])
    for reading in readings:
        if reading.confidence >= CONFIDENT and reading.tool in ALLOWED and reading.tool not in steps:
            steps.append(reading.tool)
    likely = {tool for reading in readings for tool, chance in reading.ranking if chance >= LIKELY}
    steps += [tool for tool in tools_named(query) if tool in ALLOWED and tool in likely and tool not in steps]
    return CalculationPlan(tuple(steps[:MOST_STEPS])) if steps else None


def _says_more_than_when(clause: str) -> bool:
    """False for the second half of "between 1 May and 31 May"."""
    rest, _ = read_spans(clause, SOME_DAY)
    return bool(re.search(r"[^\W\d_]", rest))


def plan_with(model: ChatModel, query: str, reader: Classifier) -> CalculationPlan | None:
    """The model's plan where it gives a valid one, else that of the words.

    Args:
        model: who plans; it sees the question and the names of the tools.
        query: the question, without personal data.
        reader: the classifier of the fallback.
    """
    ask = Ask((Message("system", INSTRUCTION), Message("user", query)), max_tokens=60, schema=SCHEMA)
    try:
        return parse(model.ask(ask).text)
    except (ModelUnavailable, BadPlan):
        return plan_by_words(query, reader)


def parse(text: str) -> CalculationPlan:
    """The plan in a model's JSON.

    Raises:
        BadPlan: it is not JSON of the schema, or not a plan that may run.
    """
    try:
        read = json.loads(text)
        return CalculationPlan(tuple(Intent(step) for step in read["steps"]))
    except (ValueError, KeyError, TypeError):
        raise BadPlan("The plan could not be read.") from None
