"""A split of the marketing budget -> a workbook: the plan, its proof, splits side by side, curves and contributions."""

from collections.abc import Sequence

import polars as pl

from engine.budget import Allocation, Outlook, OwnSplit, ResponseModel
from engine.exports.tables import Sheet, workbook

CURVE_POINTS = 41
"""Rows per curve in the workbook."""


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


def _unique(name: str, columns: dict[str, list[str] | list[float]]) -> str:
    plain, number = name or "Own split", 1
    while plain in columns:
        number += 1
        plain = f"{name or 'Own split'} ({number})"
    return plain
