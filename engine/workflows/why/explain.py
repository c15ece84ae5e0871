"""Why did a figure change: what can be compared, the answer, and what would have been with another budget."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from engine.business.calendar import Period
from engine.business.history import SalesHistory, metric_named, metrics, sales_history
from engine.business.model import Business
from engine.causal import (
    Answers,
    Cause,
    ChangeExplanation,
    ChangeQuestion,
    Counterfactual,
    EventImpact,
    Evidence,
    Grade,
    claims,
    explain_change,
    overclaims,
    usual_spans,
    what_if,
)
from engine.charts.basics import in_figures
from engine.dataset import Frequency, in_words, step
from engine.errors import DataProblem
from engine.narrate import Narration, narrate
from engine.process import Report

FIRST_CHOICE = ("revenue", "quantity", "traffic", "leads")
"""The figure that is asked about first, where the file has it."""

YEAR_OF_WEEKS = 52
"""The same weekdays a year earlier lie 364 days back, so that both stretches have the same weekends."""

BLOCKS = {Frequency.DAILY: 28, Frequency.WEEKLY: 4, Frequency.MONTHLY: 3, Frequency.QUARTERLY: 4, Frequency.YEARLY: 2}
"""Periods of a stretch that is compared with the one before it; in days four whole weeks, so that weekdays match."""

_STANDING = {
    Grade.A: "Its grade is A: strong evidence, not proof.",
    Grade.B: "Its grade is B: suggestive, so try it on a small part first.",
    Grade.C: "Its grade is C: a pattern, no more. Take this as a question to test, not as a forecast.",
    Grade.D: "Its grade is D: not enough data.",
}

LIGHT_CELLS = 4000
"""Numbers in the table of drivers up to which the answer is worked out at once."""

TO_DEVIATION = 1.4826
"""A normal standard deviation in units of the median distance from the median."""

ODD = 4.0
"""So many robust standard deviations from what is accounted for, a period is odd; by chance one in 16,000 would be."""

STEPS = 41
"""Points at which the line of "what if" is drawn."""

BEYOND = 1.5
"""The line goes on to this multiple of what was ever spent in one period."""


@dataclass(frozen=True)
class Pair:
    """Two stretches that can be laid side by side.

    Attributes:
        key: short and stable, for links.
        label: as an owner reads it.
        before: the stretch to compare with.
        after: the stretch in question.
    """

    key: str
    label: str
    before: Period
    after: Period


@dataclass(frozen=True)
class Spending:
    """What was spent on one driver in the stretch in question.

    Attributes:
        driver: its column.
        unit: of the spend.
        first: first day of the whole periods inside the stretch.
        last: their last day.
        periods: how many there are.
        period: noun for one.
        spent: in all of them together.
        most: the largest total that the line is drawn to.
    """

    driver: str
    unit: str
    first: date
    last: date
    periods: int
    period: str
    spent: float
    most: float


@dataclass(frozen=True)
class OddPeriod:
    """A period that nothing in the file accounts for.

    Attributes:
        span: its days.
        period: noun for one.
        amount: the figure less all that is accounted for.
        unit: of the amount.
        apart: whether no effect rests on it.
    """

    span: Period
    period: str
    amount: float
    unit: str
    apart: bool


def figures(business: Business) -> dict[str, str]:
    """What can be asked about: key and label, money first.

    Raises:
        MissingColumn: the file has no dated figure.
    """
    labels = {metric.key: metric.label for metric in metrics(business)}
    return {key: labels[key] for key in FIRST_CHOICE if key in labels}


def history_of(business: Business, figure: str) -> SalesHistory:
    """All periods of one figure, all items together."""
    return sales_history(business, metric_named(business, figure))


def pairs(history: SalesHistory) -> tuple[Pair, ...]:
    """The comparisons that this history allows, the most usual first: the latest complete stretch against the one
    before it and against the same one a year earlier.

    Daily figures are compared by calendar months, and by four whole weeks, which have the same weekdays; weekly ones by
    four weeks, because a month holds now four and now five of them.

    Raises:
        DataProblem: there are fewer than two periods with a figure.
    """
    first, last = ends(history)
    fits = [pair for pair in _comparisons(history, last) if first <= pair.before.first and _has_values(history, pair)]
    by_key = {pair.key: pair for pair in fits}
    if by_key:
        return tuple(by_key.values())
    halves = _halves(history)
    return (halves,) if _has_values(history, halves) else (_last_two(history),)


def ends(history: SalesHistory) -> tuple[date, date]:
    """The first day of the history, and the last one of its last period.

    Raises:
        DataProblem: there are fewer than two periods.
    """
    if len(history) < 2:
        noun = history.calendar.frequency.period
        raise DataProblem(f"There is only one {noun} in your file", remedy="A change needs at least two to compare.")
    last = step(history.periods[-1], history.calendar.frequency, 1) - timedelta(days=1)
    return history.periods[0], last


def is_light(business: Business) -> bool:
    """Whether the answer takes about a second: two years of weeks with a dozen columns do."""
    media = business.media
    return media.columns * max(media.spend["day"].n_unique(), 1) <= LIGHT_CELLS


def explain(business: Business, question: ChangeQuestion, answers: Answers) -> ChangeExplanation:
    """Why the figure changed; quick, without the second look."""
    return explain_change(business, question, answers)


def explain_deeply(
    business: Business,
    question: ChangeQuestion,
    answers: Answers,
    *,
    report: Report = lambda share, note: None,
) -> ChangeExplanation:
    """The same with DoWhy's and pgmpy's second look, which takes about half a minute."""
    return explain_change(business, question, answers, deep=True, report=report)


def words(answer: ChangeExplanation) -> Narration:
    """The answer in words, without any sentence that claims more than the evidence allows."""
    narration = narrate(answer.facts(), "why")
    allowed = claims(answer)
    return replace(
        narration, sentences=tuple(each for each in narration.sentences if not overclaims(each.text, allowed))
    )


def effect_in_words(answer: ChangeExplanation, cause: Cause) -> tuple[str, str, str]:
    """How much the figure moves, from where to where this is likely, and per what: "1.62", "0.46 to 2.79", "USD per
    USD". Empty strings where the grade allows no number."""
    if cause.grade is Grade.D:
        return "", "", ""
    measure = answer.measure(cause)
    low, high = (end * measure.scale for end in cause.effect.interval)
    unit = cause.effect.unit or cause.effect.outcome.lower()
    return (
        in_figures(cause.effect.value * measure.scale),
        f"{in_figures(low)} to {in_figures(high)}",
        f"{unit} {measure.words}",
    )


def part_in_words(answer: ChangeExplanation, cause: Cause) -> str:
    """What the driver may have contributed to this change, per period, with its interval: "+984, likely +306 to
    +1,661". Empty where the grade allows no number or the stretches hold no whole period."""
    split = answer.evidence.split if answer.evidence else None
    parts = {part.name: part for part in split.contributions} if split else {}
    if cause.grade is Grade.D or cause.name not in parts:
        return ""
    part = parts[cause.name]
    return f"{_signed(part.amount)}, likely {_signed(part.lower)} to {_signed(part.upper)}"


def odd_period(answer: ChangeExplanation) -> OddPeriod | None:
    """The period that lies farthest from all that is accounted for, when that is too far for chance: a fault or a fair
    that only the owner can name."""
    if answer.evidence is None:
        return None
    timeline, frequency = answer.evidence.timeline, answer.evidence.model.panel.frequency
    rest = timeline.unexplained - np.median(timeline.unexplained)
    usual = TO_DEVIATION * float(np.median(np.abs(rest)))
    farthest = int(np.argmax(np.abs(rest)))
    if usual <= 0 or abs(rest[farthest]) < ODD * usual:
        return None
    first = timeline.periods[farthest]
    span = Period(first, step(first, frequency, 1) - timedelta(days=1))
    odd = answer.evidence.model.panel.odd
    apart = bool(len(odd) and odd[farthest])
    return OddPeriod(span, frequency.period, float(timeline.unexplained[farthest]), timeline.unit, apart)


def odd_in_words(odd: OddPeriod) -> str:
    """What is odd about it, and what to do."""
    side = "above" if odd.amount > 0 else "below"
    size = f"{in_figures(abs(odd.amount))} {odd.unit}".strip()
    until = "no effect rests on it until then" if odd.apart else "it blurs every effect until then"
    return (
        f"The {odd.period} of {odd.span} lies {size} {side} what all of this accounts for. If you know what happened, "
        f'name it under "What only you know": {until}.'
    )


def event_in_words(event: EventImpact) -> str:
    """Whether an event stands out from chance, by how much per period, and in all where it lasted longer than one."""
    verdict = "stands out" if event.is_significant else "cannot be told from chance"
    low, high = (f"{_signed(end)}" for end in event.interval)
    lasted = len(event.periods) - event.start
    each = f"a {event.period}" if lasted > 1 else f"in that {event.period}"
    size = " ".join([_signed(event.average), *([event.unit] if event.unit else []), each])
    total = f"; {_signed(event.total)} in all" if lasted > 1 else ""
    return f"{verdict}: {size}, likely between {low} and {high}{total}."


def spendings(answer: ChangeExplanation) -> tuple[Spending, ...]:
    """The budgets for which "what if" can be asked: measured at all, and with whole periods in the stretch."""
    if answer.evidence is None:
        return ()
    panel = answer.evidence.model.panel
    rows = panel.rows_in(answer.question.after.first, answer.question.after.last)
    if not len(rows):
        return ()
    first, ends = panel.periods[rows[0]], step(panel.periods[rows[-1]], panel.frequency, 1)
    measured = {cause.name for cause in answer.causes if cause.grade is not Grade.D}
    return tuple(
        Spending(
            driver=driver.name,
            unit=driver.unit,
            first=first,
            last=ends - timedelta(days=1),
            periods=len(rows),
            period=panel.frequency.period,
            spent=float(driver.values[rows].sum()),
            most=BEYOND * float(driver.values.max()) * len(rows),
        )
        for driver in panel.treatments
        if driver.name in measured
    )


def what_if_spent(answer: ChangeExplanation, spending: Spending, instead: float) -> Counterfactual:
    """The figure if another total had gone into one budget in the stretch, spread over its periods as it was.

    Args:
        answer: with evidence.
        spending: one of its `spendings`.
        instead: the total, >= 0.
    """
    evidence = _evidence(answer)
    panel, effect = evidence.model.panel, evidence.cause(spending.driver).effect
    rows = panel.rows_in(spending.first, spending.last)
    was = panel.named(spending.driver).values[rows]
    total = float(was.sum())
    values = was * (instead / total) if total > 0 else np.full(len(rows), instead / len(rows))
    return what_if(evidence.model, effect, rows, values)


def what_if_in_words(counterfactual: Counterfactual, grade: Grade) -> str:
    """What would have been, in two sentences that claim no more than the grade allows."""
    low, high = counterfactual.lower - counterfactual.actual, counterfactual.upper - counterfactual.actual
    if abs(counterfactual.instead - counterfactual.spent) < 0.005 * max(1.0, counterfactual.spent):
        return f"That is what was spent on {counterfactual.driver}, so nothing would have been different."
    unit = counterfactual.unit
    size = f"{counterfactual.difference:+,.0f} {unit}, likely between {low:+,.0f} and {high:+,.0f} {unit}"
    return f"If the effect is right, the difference would have been {size}. {_STANDING[grade]}"


def what_if_line(answer: ChangeExplanation, spending: Spending) -> tuple[Counterfactual, ...]:
    """The same from nothing to more than was ever spent, for a line."""
    return tuple(what_if_spent(answer, spending, float(total)) for total in np.linspace(0, spending.most, STEPS))


def _signed(value: float) -> str:
    return f"{'+' if value >= 0 else ''}{in_figures(value)}"


def _evidence(answer: ChangeExplanation) -> Evidence:
    if answer.evidence is None:
        raise DataProblem("The file has too little for any effect", remedy="Ask about the arithmetic instead.")
    return answer.evidence


def _comparisons(history: SalesHistory, last: date) -> Iterator[Pair]:
    frequency = history.calendar.frequency
    if frequency in (Frequency.DAILY, Frequency.MONTHLY):
        for key, (before, after) in zip(("month", "month-year"), usual_spans(last), strict=True):
            yield Pair(key, f"{_month(after)} against {_month(before)}", before, after)
    block = BLOCKS[frequency]
    noun, count = ("week", 4) if frequency is Frequency.DAILY else (frequency.period, block)
    if frequency in (Frequency.QUARTERLY, Frequency.YEARLY):
        latest = f"the latest {frequency.period}"
        yield _block(history, last, 1, 1, ("one", f"{latest} against the one before"))
    yield _block(history, last, block, block, ("block", f"the last {count} {noun}s against the {count} before"))
    year = {Frequency.DAILY: 7 * YEAR_OF_WEEKS, Frequency.YEARLY: 0}.get(frequency, frequency.season_length)
    if year:
        label = f"the last {count} {noun}s against the same {noun}s a year earlier"
        yield _block(history, last, block, year, ("block-year", label))


def _block(history: SalesHistory, last: date, length: int, back: int, named: tuple[str, str]) -> Pair:
    """The last `length` periods against as many that end `back` periods earlier."""
    frequency, ends = history.calendar.frequency, last + timedelta(days=1)

    def span(shift: int) -> Period:
        over = step(ends, frequency, -shift)
        return Period(step(over, frequency, -length), over - timedelta(days=1))

    return Pair(*named, before=span(back), after=span(0))


def _halves(history: SalesHistory) -> Pair:
    """The second half of a short file against its first, in days by whole weeks where there are two."""
    frequency, (first, last) = history.calendar.frequency, ends(history)
    length, noun = len(history) // 2, frequency.period
    if frequency is Frequency.DAILY:
        length = ((last - first).days + 1) // 2
        length = length // 7 * 7 or length
    several = f"the last {length} {noun}s against the {length} before"
    label = several if length > 1 else f"the last {noun} against the one before"
    return _block(history, last, length, length, ("halves", label))


def _last_two(history: SalesHistory) -> Pair:
    """The last two periods that have a figure, in a file with few."""
    frequency, noun = history.calendar.frequency, history.calendar.frequency.period
    days_with_figure = [day for day, value in zip(history.periods, history.values, strict=True) if not np.isnan(value)]
    if len(days_with_figure) < 2:
        raise DataProblem(
            f"Only one {noun} of your file has a figure", remedy="A change needs at least two to compare."
        )
    before, after = (Period(day, step(day, frequency, 1) - timedelta(days=1)) for day in days_with_figure[-2:])
    return Pair("last-two", f"the last two {noun}s that have a figure", before, after)


def _has_values(history: SalesHistory, pair: Pair) -> bool:
    """Whether both stretches hold a period with a value."""
    days = [day for day, value in zip(history.periods, history.values, strict=True) if not np.isnan(value)]
    return all(any(day in span for day in days) for span in (pair.before, pair.after))


def _month(span: Period) -> str:
    return in_words(span.first).split(" ", 1)[1]
