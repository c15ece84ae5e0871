"""What the words on our pages mean, in an owner's words."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """One term.

    Attributes:
        name: as it is written.
        text: what it means; no number stands in it, because a number needs a fact.
        also: other words for it.
    """

    name: str
    text: str
    also: tuple[str, ...] = ()

    @property
    def pattern(self) -> re.Pattern[str]:
        """Finds any of its names in a question."""
        names = "|".join(re.escape(name) for name in (self.name, *self.also))
        return re.compile(rf"(?<!\w)(?:{names})(?:s|es)?(?!\w)", re.IGNORECASE)


GLOSSARY = (
    Term(
        "forecast",
        "What we expect to be sold, worked out from your own past. Several models look ahead, and those that did well "
        "on a past that they were not shown have a say.",
        ("prediction", "projection", "outlook"),
    ),
    Term(
        "band",
        "The range around a forecast in which the real value should usually fall. A wide band means that the past was "
        "bumpy; we check on held-back sales how often it really held.",
        ("range", "confidence band", "confidence interval", "prediction interval", "interval", "uncertainty"),
    ),
    Term(
        "coverage",
        "How often the band around the forecast really held on past days that the models were not shown. It should be "
        "about what the band promises.",
    ),
    Term(
        "typical error",
        "All misses of the forecast on the held-back past added up, as a share of what was sold. Lower is better.",
        ("error", "wape", "mape", "forecast error", "accuracy", "how accurate"),
    ),
    Term(
        "simple rule",
        "Repeating the last season: the same weekday of the week before, or the same month of the year before. A "
        "forecast that does not beat it is not worth much, and we say so.",
        ("naive", "seasonal naive", "mase", "benchmark", "baseline"),
    ),
    Term(
        "season",
        "A pattern that comes back, such as busy Saturdays or a strong December.",
        ("seasonality", "seasonal pattern", "seasonal"),
    ),
    Term("trend", "The slow direction of your sales, once the coming and going of the seasons is taken out."),
    Term(
        "outlier",
        "A day so far from the usual that it should not teach the models anything, such as a flood or a typing error.",
        ("anomaly",),
    ),
    Term(
        "horizon",
        "How far ahead a forecast looks. The further, the less sure.",
    ),
    Term(
        "driver",
        "Something known beforehand that moves your sales: a holiday, a promotion, a price.",
        ("factor",),
    ),
    Term(
        "elasticity",
        "How strongly the quantity answers to the price: how many percent fewer are sold when the price rises by one "
        "percent.",
        ("price elasticity", "price sensitivity"),
    ),
    Term(
        "lead time",
        "The days between placing an order and its arrival.",
        ("delivery time",),
    ),
    Term(
        "safety stock",
        "Stock kept on top of what should sell until the next delivery, for the days on which more is sold than usual.",
        ("buffer", "buffer stock"),
    ),
    Term(
        "reorder point",
        "The stock at which it is time to order again, so that the delivery arrives before the shelf is empty.",
        ("order point", "reorder level"),
    ),
    Term(
        "order quantity",
        "How much of an item to order now. We weigh the cost of an empty shelf against the cost of keeping and wasting "
        "stock, over many possible futures, and take the cheapest quantity that fits your cases and limits.",
        ("eoq", "economic order quantity", "how do you decide how much to order"),
    ),
    Term(
        "stockout",
        "An empty shelf while somebody wants to buy.",
        ("out of stock",),
    ),
    Term(
        "service level",
        "The chance that an item does not run out before the next delivery arrives.",
        ("cycle service level", "availability"),
    ),
    Term(
        "fill rate",
        "The share of what people ask for that is there when they ask.",
        ("demand met",),
    ),
    Term(
        "holding cost",
        "What it costs to keep stock for a year: money tied up, space, waste, insurance.",
        ("carrying cost",),
    ),
    Term(
        "dead stock", "Stock that has not sold for so long that it probably never will.", ("slow mover", "slow stock")
    ),
    Term(
        "ABC class",
        "Items sorted by the money that they bring: A items make up most of it, C items little.",
        ("abc", "abc analysis", "value class"),
    ),
    Term("case pack", "How many units come in one case; orders are in whole cases.", ("pack size",)),
    Term("minimum order", "The smallest quantity that a supplier delivers.", ("moq",)),
    Term("purchase order", "The list of items and quantities that goes to a supplier.", ("po",)),
    Term("shelf life", "How long an item can be sold after it arrives.", ("best before",)),
    Term(
        "proof",
        "How we know that a plan is good: we compute a cost below which no plan can get, and show how close yours is.",
        ("certificate", "gap", "optimality gap", "bound"),
    ),
    Term(
        "optimal",
        "No plan that keeps to your limits can be better, and the computation has proved it.",
        ("optimum", "optimization", "optimisation", "optimize"),
    ),
    Term("roster", "Who works when, for a week or more.", ("rota", "schedule", "shift plan")),
    Term("shift", "One stretch of work of one person on one day."),
    Term(
        "understaffed",
        "Fewer people are there than are needed at that hour.",
        ("understaffing", "uncovered", "staff coverage"),
    ),
    Term("overtime", "Hours beyond what a contract says, usually paid better."),
    Term(
        "fairness",
        "How evenly late shifts, weekends and wishes are shared among the people.",
    ),
    Term(
        "marketing return",
        "What an advertising channel brought in, for each unit of money that it cost.",
        ("roas", "return on ad spend", "roi", "return on investment"),
    ),
    Term(
        "marginal return",
        "What the next bit of money on a channel would bring, which is less than what the first bit brought.",
        ("marginal roas", "diminishing return", "saturation"),
    ),
    Term(
        "response curve",
        "How sales answer to money spent on a channel. It is solid where you have spent before, and dotted beyond.",
    ),
    Term(
        "carry-over",
        "Advertising that still works after it was paid for: people remember it for some days or weeks.",
        ("adstock", "ad stock", "lag effect"),
    ),
    Term("channel", "A place where you advertise: a newspaper, a search engine, a social network."),
    Term("conversion rate", "The share of visitors who buy.", ("conversion",)),
    Term("lead", "Somebody who has shown interest, and may become a customer.", ("enquiry",)),
    Term("churn", "Customers who leave and do not come back."),
    Term("basket", "What one customer buys at once.", ("average ticket", "average basket", "ticket")),
    Term(
        "margin", "What is left of the price after the cost of the goods.", ("gross margin", "gross profit", "markup")
    ),
    Term("revenue", "All money taken in from sales, before any cost.", ("turnover", "takings")),
    Term("break-even", "The sales at which all costs are just paid.", ("breakeven",)),
    Term("cash flow", "Money coming in and going out, and when."),
    Term("working capital", "Money tied up in stock and unpaid bills."),
    Term(
        "cause",
        "Something that made the change happen, rather than something that merely changed at the same time. We grade "
        "how sure we are, and say what would prove us wrong.",
        ("causal", "causation", "causality"),
    ),
    Term(
        "correlation",
        "Two things that go up and down together. That alone does not make one the cause of the other.",
        ("correlated",),
    ),
    Term(
        "significant",
        "Too large to be put down to chance alone.",
        ("statistically significant", "significance", "p-value", "p value"),
    ),
    Term(
        "grade",
        "How sure we are of a cause: from a mere hint to an effect that passed every test that we know.",
        ("evidence grade",),
    ),
    Term(
        "refutation",
        "A test that tries to prove an effect wrong, for example by looking for it where it cannot be.",
        ("refuter", "placebo test", "placebo"),
    ),
    Term(
        "waterfall",
        "A chart that leads from one number to another, with a bar for each thing that added or took away. The bars "
        "add up; what we cannot explain has a bar of its own.",
    ),
    Term("median", "The value in the middle: as many lie above it as below.", ("middle",)),
    Term("average", "All values added up, divided by how many there are.", ("mean",)),
    Term("scenario", "A set of choices saved under a name, to come back to and to compare."),
    Term(
        "model",
        "A way to compute a forecast from the past. We try several and let those speak that did well.",
        ("ensemble", "arima", "prophet", "xgboost", "exponential smoothing"),
    ),
    Term(
        "backtest",
        "Acting as if part of the past were the future: models forecast it unseen, and we measure how far they miss.",
        ("held-back", "held back", "cross-validation"),
    ),
)


_MEANING_QUESTION = re.compile(r"\bmeans?\W*$", re.IGNORECASE)
"""The verb of "what does that mean" names no term."""


def term_in(question: str) -> Term | None:
    """The term that a question names; of several the longest; None when it names none."""
    question = _MEANING_QUESTION.sub("", question)
    matches = [(len(hit.group()), term) for term in GLOSSARY if (hit := term.pattern.search(question))]
    return max(matches, key=lambda pair: pair[0])[1] if matches else None
