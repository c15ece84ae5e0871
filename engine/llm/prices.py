"""What a language model costs, by the dated price table that the genai-prices package carries."""

from datetime import datetime

from engine.llm.chat import Completion

REFERENCE = "gpt-4o"
"""The cloud model that "what all-cloud would have cost" is computed with."""


def cost_of(answer: Completion, at: datetime) -> float:
    """What this answer cost, US dollars: 0 on this machine; a model without a known price counts as `REFERENCE`."""
    if answer.local:
        return 0.0
    try:
        return price(answer.model, answer.tokens_in, answer.tokens_out, at)
    except KeyError:
        return price(REFERENCE, answer.tokens_in, answer.tokens_out, at)


def price(model: str, tokens_in: int, tokens_out: int, at: datetime) -> float:
    """The price of so many tokens on that day, US dollars.

    Args:
        model: its name, as its provider spells it.
        tokens_in: tokens of the question, >= 0.
        tokens_out: tokens of the answer, >= 0.
        at: when it was asked.

    Raises:
        KeyError: the table does not know the model.
    """
    from genai_prices import Usage, calc_price

    usage = Usage(input_tokens=tokens_in, output_tokens=tokens_out)
    try:
        return float(calc_price(usage, model_ref=model, genai_request_timestamp=at).total_price)
    except LookupError:
        raise KeyError(model) from None
