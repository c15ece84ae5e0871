"""A split of the marketing budget, and why a figure changed -> a workbook each, with a sheet for each kind of claim."""

from collections.abc import Iterator, Sequence

import polars as pl

from engine.budget import Allocation, Outlook, OwnSplit, ResponseModel
from engine.causal import UNEXPLAINED, Cause, ChangeExplanation, Evidence, Grade, Split
from engine.exports.tables import Sheet, workbook

CURVE_POINTS = 41
"""Rows per curve in the workbook."""

ARITHMETIC = "Arithmetic: the parts add up to the change. They say where it changed, not why."
EVIDENCE = "Statistical evidence, graded: A strong evidence, not proof; B suggestive; C a pattern; D not enough data."
OUTCOMES = {True: "stood", False: "failed", None: "could not be tried"}


def budget_workbook(
    allocation: Allocation, *, scenarios: Sequence[OwnSplit] = (), outlook: Outlook | None = None
) -> bytes:
    """An .xlsx file with the suggested split first.

    Args:
        allocation: the split and its proof.
        scenarios: splits of the owner's own, beside it.
        outlook: the curves behind it; those of a history come with what each channel brought.
    """
    sheets = [Sheet("Plan", plan_table(allocation), allocation.cautions), Sheet("Proof", proof_table(allocation))]
    if scenarios:
        sheets.append(Sheet("Compare", compare_table(allocation, scenarios)))
    if outlook is not None:
        sheets.append(Sheet("Curves", curve_table(outlook), outlook.cautions))
    if outlook is not None and outlook.model is not None:
        over_time = outlook.model.contributions()
        names = {"period": "Period", "base": "Base", "unexplained": "Unexplained"}
        sheets += [Sheet("Channels", channel_table(outlook.model)), Sheet("Over time", over_time.rename(names))]
    return workbook(sheets)


def plan_table(allocation: Allocation) -> pl.DataFrame:
    """One row per channel and one for the sum; money per period in the plan's currency."""
    period = allocation.mix.period
    plans, spent = allocation.plans, allocation.spent
    today = sum(plan.today for plan in plans)
    changes = [plan.spend - plan.today for plan in plans]
    return pl.DataFrame(
        {
            "Channel": [*(plan.channel for plan in plans), "All channels"],
            f"Today per {period}": [*(plan.today for plan in plans), today],
            f"Suggested per {period}": [*(plan.spend for plan in plans), spent],
            "Change": [*changes, spent - today],
            "Brings today": [*(plan.outcome_today for plan in plans), allocation.outcome_today],
            "Brings then": [*(plan.outcome for plan in plans), allocation.outcome],
            "One more unit of money brings": [*(plan.marginal for plan in plans), allocation.price],
            "Beyond what was ever spent": [*(plan.beyond_seen for plan in plans), any(p.beyond_seen for p in plans)],
        }
    )


def proof_table(allocation: Allocation) -> pl.DataFrame:
    """How we know that the split is the best: bound, gap, second look, and the limits that hold it back."""
    proof = allocation.proof
    rows = [
        ("How the search ended", proof.status.value),
        ("What the plan is worth", f"{proof.objective:,.6f} {proof.unit}".rstrip()),
        ("No plan is worth more than", f"{proof.bound:,.6f} {proof.unit}".rstrip()),
        ("Gap", f"{100 * proof.gap:.7f} %"),
        ("Found and proved by", proof.solver),
    ]
    if proof.recheck is not None:
        broken = "; ".join(proof.recheck.violations) or "no limit is broken"
        rows.append(("Looked at again", f"{broken}; worth {proof.recheck.objective:,.6f}"))
    rows += [
        (f"Held back by {limit.name}", f"one more unit is worth {limit.shadow_price:,.4f} {proof.unit}".rstrip())
        for limit in proof.binding
    ]
    return pl.DataFrame(rows, schema={"What": pl.String, "Value": pl.String}, orient="row")


def compare_table(allocation: Allocation, scenarios: Sequence[OwnSplit]) -> pl.DataFrame:
    """One row per channel, one column per split; then what each split costs and brings."""
    columns: dict[str, list[str] | list[float]] = {
        "Channel": [*allocation.mix.names, "Spent in all", "Brought in all"],
        "Suggested": [*allocation.spend.values(), allocation.spent, allocation.outcome],
    }
    for each in scenarios:
        spends = [float(each.spend.get(name, 0.0)) for name in allocation.mix.names]
        columns[_unique(each.name, columns)] = [*spends, float(each.total), float(each.outcome)]
    return pl.DataFrame(columns)


def channel_table(model: ResponseModel) -> pl.DataFrame:
    """One row per channel: what it brought and brings, with intervals."""
    return model.table().rename(
        {
            "channel": "Channel",
            "spend": "Spent in all",
            "contribution": "Brought in all",
            "contribution_lower": "Brought, low end",
            "contribution_upper": "Brought, high end",
            "roas": "Brought per unit of money",
            "roas_lower": "Per unit, low end",
            "roas_upper": "Per unit, high end",
            "marginal_roas": "One more unit brings",
            "marginal_roas_lower": "One more, low end",
            "marginal_roas_upper": "One more, high end",
            "chance_of_effect": "Chance of any effect",
        }
    )


def curve_table(outlook: Outlook) -> pl.DataFrame:
    """The curves as points: what each channel brings for steady spends, with the interval."""
    parts = []
    for name in outlook.mix().names:
        curve = outlook.fitted_curve(name)
        frame = pl.DataFrame(
            {
                "Channel": [name] * len(curve.spends),
                "Spend": curve.spends,
                "Brings": curve.mean,
                "Low end": curve.lower,
                "High end": curve.upper,
                "Beyond what was ever spent": curve.spends > curve.seen,
            }
        )
        parts.append(frame.gather_every(max(1, len(frame) // CURVE_POINTS)))
    return pl.concat(parts)


def why_workbook(answer: ChangeExplanation) -> bytes:
    """An .xlsx file: the change, one sheet per exact split, then drivers, checks, weeks, arrows and events, and last
    what the data cannot tell, with every fact that may be quoted."""
    sheets = [Sheet("The change", change_table(answer), answer.frame.cautions)]
    sheets += [Sheet(split.title, split_table(split), (ARITHMETIC, *split.cautions)) for split in answer.splits]
    if answer.evidence is not None:
        sheets += _evidence_sheets(answer, answer.evidence)
    if answer.events:
        sheets.append(Sheet("Events", event_table(answer), (EVIDENCE,)))
    unknown = pl.DataFrame({"What the data cannot tell": [*answer.unknown, *answer.cautions]})
    return workbook([*sheets, Sheet("Cannot be told", unknown), Sheet("Facts", _facts(answer))])


def change_table(answer: ChangeExplanation) -> pl.DataFrame:
    """The two stretches side by side: days, open periods, weekend days, holidays, total."""
    frame = answer.frame
    sides = (frame.before, frame.after)
    return pl.DataFrame(
        {
            "Stretch": [str(side.span) for side in sides],
            _with_unit(frame.metric, frame.unit): [side.total for side in sides],
            "Days": [side.span.days for side in sides],
            f"Open {frame.period}s": [side.periods for side in sides],
            "Saturdays and Sundays": [side.weekend_days for side in sides],
            "Public holidays": [", ".join(side.holidays) for side in sides],
        }
    )


def split_table(split: Split) -> pl.DataFrame:
    """The parts of an exact split with the totals around them; the middle rows sum to the difference of the ends."""
    rows = [("Before", split.before, "")]
    rows += [(piece.name, piece.amount, piece.note) for piece in split.pieces]
    if not split.exact:
        rows.append((UNEXPLAINED, split.residual, ""))
    rows.append(("After", split.after, ""))
    return pl.DataFrame(rows, schema=["Part", _with_unit("Amount", split.unit), "How to read it"], orient="row")


def cause_table(answer: ChangeExplanation) -> pl.DataFrame:
    """One row per driver, the best grade first: effect, interval, grade, reasons, and the test that settles it."""
    return pl.DataFrame([_cause_row(answer, cause) for cause in answer.causes], infer_schema_length=None)


def check_table(cause: Cause) -> pl.DataFrame:
    """What was tried to overturn one cause."""
    return pl.DataFrame(
        {
            "Attempt": [check.name.capitalize() for check in cause.proof.tested],
            "The effect": [OUTCOMES[check.passed] for check in cause.proof.tested],
            "Measured": [check.figure for check in cause.proof.tested],
            "Question": [check.question for check in cause.proof.tested],
        }
    )


def event_table(answer: ChangeExplanation) -> pl.DataFrame:
    """One row per event: the difference per period with its interval."""
    unit = answer.events[0].unit if answer.events else ""
    return pl.DataFrame(
        {
            "Event": [event.name for event in answer.events],
            "From": [event.periods[event.start] for event in answer.events],
            _with_unit("Difference per period", unit): [event.average for event in answer.events],
            "Likely from": [event.interval[0] for event in answer.events],
            "Likely to": [event.interval[1] for event in answer.events],
            "In all": [event.total for event in answer.events],
        }
    )


def week_table(evidence: Evidence) -> pl.DataFrame:
    """Every period as a sum: its usual level, calendar, drivers, and what is unexplained."""
    timeline = evidence.timeline
    columns: dict[str, object] = {
        "Start": list(timeline.periods),
        "Usual level": [timeline.level] * len(timeline.periods),
    }
    columns |= {name: values.tolist() for name, values in timeline.parts.items()}
    columns |= {UNEXPLAINED: timeline.unexplained.tolist()}
    return pl.DataFrame({**columns, f"{timeline.outcome}, in all": timeline.total.tolist()})


def arrow_table(evidence: Evidence) -> pl.DataFrame:
    """The arrows, with how often each came back in resampled histories."""
    arrows = evidence.graph.arrows
    return pl.DataFrame(
        {
            "From": [arrow.cause for arrow in arrows],
            "To": [arrow.effect for arrow in arrows],
            "In % of resampled histories": [round(100 * arrow.share) for arrow in arrows],
            "Drawn": [_line_style(arrow.drawn_by_owner, arrow.solid) for arrow in arrows],
        },
        schema={"From": pl.String, "To": pl.String, "In % of resampled histories": pl.Int64, "Drawn": pl.String},
    )


def lead_table(evidence: Evidence) -> pl.DataFrame:
    """What runs ahead of what: the past of the first helps to foresee the second, beyond calendar and all others."""
    return pl.DataFrame(
        [
            {
                "The past of": lead.cause,
                "Helps to foresee": lead.effect,
                "Found": "yes" if lead.is_significant else "no",
                "Chance of so much by luck, after many looks": lead.p_adjusted,
                "Strength": lead.strength,
                "Smallest strength that would have been seen": lead.detectable,
            }
            for lead in evidence.leads
        ],
        infer_schema_length=None,
    )


def _unique(name: str, columns: dict[str, list[str] | list[float]]) -> str:
    plain, number = name or "Own split", 1
    while plain in columns:
        number += 1
        plain = f"{name or 'Own split'} ({number})"
    return plain


def _evidence_sheets(answer: ChangeExplanation, evidence: Evidence) -> Iterator[Sheet]:
    yield Sheet("Drivers", cause_table(answer), (EVIDENCE,))
    checks = [check_table(cause).select(pl.lit(cause.name).alias("Driver"), pl.all()) for cause in answer.causes]
    if checks:
        yield Sheet("What could overturn it", pl.concat(checks, how="vertical_relaxed"))
    yield Sheet("Over time", week_table(evidence), (EVIDENCE,))
    yield Sheet("Arrows", arrow_table(evidence), evidence.graph.cautions)
    yield Sheet("What runs ahead", lead_table(evidence))


def _cause_row(answer: ChangeExplanation, cause: Cause) -> dict[str, object]:
    blind = cause.grade is Grade.D
    measure, (low, high) = answer.measure(cause), cause.effect.interval
    part = _part(answer, cause.name)
    settles = cause.proof.settled_by
    return {
        "Driver": cause.name,
        "Grade": cause.grade.value,
        "Which means": cause.grade.label,
        "Effect": None if blind else cause.effect.value * measure.scale,
        "Likely from": None if blind else low * measure.scale,
        "Likely to": None if blind else high * measure.scale,
        "Counted in": "" if blind else f"{cause.effect.unit or cause.effect.outcome} {measure.words}",
        "Part of this change": None if blind else part,
        "Why not a better grade": " ".join(cause.proof.reasons),
        "What could still prove it wrong": " ".join(cause.proof.overturned_by),
        "The test that would settle it": settles.plan if settles else "",
    }


def _part(answer: ChangeExplanation, name: str) -> float | None:
    split = answer.evidence.split if answer.evidence else None
    parts = {part.name: part.amount for part in split.contributions} if split else {}
    return parts.get(name)


def _line_style(by_owner: bool, solid: bool) -> str:
    return "by you" if by_owner else "solid" if solid else "dashed"


def _with_unit(label: str, unit: str) -> str:
    return f"{label}, {unit}" if unit else label


def _facts(answer: ChangeExplanation) -> pl.DataFrame:
    facts = list(answer.facts())
    return pl.DataFrame(
        {
            "What": [fact.label for fact in facts],
            "Value": [fact.value if isinstance(fact.value, float | int) else None for fact in facts],
            "In words": [fact.value if isinstance(fact.value, str) else "" for fact in facts],
            "Unit": [fact.unit for fact in facts],
            "How we got it": [fact.basis for fact in facts],
        },
        strict=False,
    )
