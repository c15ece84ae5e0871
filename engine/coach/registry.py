"""The calculations that the Coach may run: each tool registers itself by being in a module of `engine.coach.tools`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from engine.coach import tools
from engine.coach.context import CoachContext, CoachQuestion, Tool, ToolResult
from engine.coach.question_scope import selections
from engine.coach.understand.entities import Arguments
from engine.coach.understand.intents import Intent
from engine.narrate.narrator import masked
from engine.narrate.sentences import Sentence

UNKNOWN = "Something else"


@cache
def registered() -> Mapping[Intent, Tool]:
    """Every tool of the modules of `engine.coach.tools`, by what it answers.

    Raises:
        ValueError: two answer the same.
    """
    modules = (import_module(f"{tools.__name__}.{module.name}") for module in iter_modules(tools.__path__))
    by_intent: dict[Intent, Tool] = {}
    for tool in (tool for module in modules for tool in module.TOOLS):
        if tool.intent in by_intent:
            raise ValueError(f"two tools answer {tool.intent}")
        by_intent[tool.intent] = tool
    return by_intent


def name_of(intent: Intent) -> str:
    """The calculation as the owner reads it."""
    return registered()[intent].name if intent in registered() else UNKNOWN


@dataclass(frozen=True)
class Step:
    """One read-only calculation.

    Attributes:
        tool: which.
        arguments: what about.
    """

    tool: Intent
    arguments: Arguments

    @property
    def words(self) -> str:
        """The calculation as the owner reads it before it runs."""
        spans = () if self.tool in registered() and registered()[self.tool].timeless else self.arguments.spans
        about = [*(each.label for each in selections(self.arguments)), *(str(span) for span in spans)]
        return f"{name_of(self.tool)}: {', '.join(about)}" if about else name_of(self.tool)


def carry_out(step: Step, question: str, context: CoachContext) -> ToolResult:
    """Run one calculation.

    Raises:
        DataProblem: the file says too little for it; the message says what is missing and what to do.
    """
    return registered()[step.tool].calculate(context, CoachQuestion(question, step.arguments))


def in_words(result: ToolResult) -> tuple[Sentence, ...]:
    """The engine's own sentences, at once."""
    if result.page is None:
        return (Sentence(result.text, ()),)
    sources = masked(result.facts, result.page)[: result.most]
    sentences = tuple(Sentence(source.fill(), source.facts) for source in sources)
    if result.only is not None:
        sentences = tuple(sentence for sentence in sentences if sentence in result.only)
    return sentences or (Sentence("There is nothing to say about that.", ()),)
