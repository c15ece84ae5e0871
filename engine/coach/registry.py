"""The calculations that the Coach may run; all of them only read."""

from collections.abc import Callable, Mapping

from engine.coach.context import CoachContext, CoachQuestion, ToolResult
from engine.coach.plan import Step
from engine.coach.tools.decisions import changed, split_money, who_works
from engine.coach.tools.forecast import PRICED, PROMOTED, expected, supposed_orders, supposed_sales, to_order
from engine.coach.tools.query import comparison, data_question
from engine.coach.understand.intents import Intent, supposes
from engine.facts import Facts
from engine.narrate.glossary import GLOSSARY, term_in
from engine.narrate.narrator import masked
from engine.narrate.sentences import Sentence

Calculation = Callable[[CoachContext, CoachQuestion], ToolResult]


def explained(context: CoachContext, asked: CoachQuestion) -> ToolResult:
    """What a term means; the terms that can be asked for when the question names none."""
    term = term_in(asked.question)
    if term is None:
        known = ", ".join(term.name for term in GLOSSARY[:12])
        said = f"I can explain the words on these pages, for example: {known}. Which one do you mean?"
        return ToolResult(None, Facts(()), said=said)
    return ToolResult(None, Facts(()), said=f"{term.name[0].upper()}{term.name[1:]}: {term.text}")


def _ahead(context: CoachContext, asked: CoachQuestion) -> ToolResult:
    changed = PRICED.search(asked.question) or PROMOTED.search(asked.question)
    supposing = (
        supposes(asked.question) and changed and bool(asked.arguments.amounts or PROMOTED.search(asked.question))
    )
    return supposed_sales(context, asked) if supposing else expected(context, asked)


def _orders(context: CoachContext, asked: CoachQuestion) -> ToolResult:
    return supposed_orders(context, asked) if supposes(asked.question) else to_order(context, asked)


CALCULATIONS: Mapping[Intent, Calculation] = {
    Intent.FORECAST: _ahead,
    Intent.ORDERS: _orders,
    Intent.DATA: data_question,
    Intent.COMPARE: comparison,
    Intent.EXPLAIN: explained,
    Intent.ROSTER: who_works,
    Intent.BUDGET: split_money,
    Intent.WHY: changed,
}


def carry_out(step: Step, question: str, context: CoachContext) -> ToolResult:
    """Run one calculation.

    Raises:
        DataProblem: the file says too little for it; the message says what is missing and what to do.
    """
    return CALCULATIONS[step.tool](context, CoachQuestion(question, step.arguments))


def in_words(found: ToolResult) -> tuple[Sentence, ...]:
    """The engine's own sentences, at once."""
    if found.page is None:
        return (Sentence(found.said, ()),)
    told = tuple(Sentence(source.fill(), source.facts) for source in masked(found.facts, found.page)[: found.most])
    if found.only is not None:
        told = tuple(sentence for sentence in told if sentence in found.only)
    return told or (Sentence("There is nothing to say about that.", ()),)
