"""What a quick script would do, on the same data: the yardstick that the causal engine is measured beside."""

from collections.abc import Sequence
from math import inf

import numpy as np

from engine.arrays import Floats

NAIVE_LAGS = 4


def granger(cause: Floats, effect: Floats) -> float:
    """The smallest of statsmodels' p-values over lags 1 to 4, on the series as they are."""
    from statsmodels.tsa.stattools import grangercausalitytests

    tests = grangercausalitytests(np.column_stack([effect, cause]), NAIVE_LAGS)
    return min(float(test[0]["ssr_ftest"][1]) for test in tests.values())


def slope(spend: Floats, revenue: Floats) -> tuple[float, float, float]:
    """A straight line through spend and revenue, with its usual 95 % interval."""
    design = np.column_stack([np.ones(len(spend)), spend])
    beta, *_ = np.linalg.lstsq(design, revenue, rcond=None)
    errors = revenue - design @ beta
    error = float(np.sqrt(errors @ errors / (len(spend) - 2) * np.linalg.inv(design.T @ design)[1, 1]))
    return float(beta[1]), float(beta[1]) - 1.96 * error, float(beta[1]) + 1.96 * error


def hill_climb(columns: Floats, names: Sequence[str], *, categories: bool = False) -> frozenset[tuple[str, str]]:
    """pgmpy's hill-climb with BIC on the columns as they are, without any order."""
    import pandas
    from pgmpy.causal_discovery import HillClimbSearch

    short = {f"v{k:04d}": name for k, name in enumerate(names)}
    frame = pandas.DataFrame(columns, columns=list(short))
    search = HillClimbSearch(scoring_method="bic-d" if categories else "bic-g", return_type="dag", show_progress=False)
    found = search.fit(frame.astype("category") if categories else frame).causal_graph_.edges()
    return frozenset((short[cause], short[effect]) for cause, effect in found)


def refuted(spend: Floats, revenue: Floats) -> bool:
    """Whether DoWhy's three refuters let the plain slope pass."""
    from engine.causal.second_look import identify_and_estimate

    columns = np.column_stack([spend, revenue])
    found = identify_and_estimate(
        columns, ["spend", "revenue"], [("spend", "revenue")], ("spend", "revenue"), simulations=20
    )
    return all(refutation.holds for refutation in found.refutations)


def before_and_after(outcome: Floats, start: int) -> tuple[float, bool]:
    """Mean after less mean before, and whether a t-test calls it real."""
    early, late = outcome[:start], outcome[start:]
    difference = float(late.mean() - early.mean())
    error = float(np.sqrt(early.var(ddof=1) / len(early) + late.var(ddof=1) / max(1, len(late)))) or inf
    return difference, abs(difference) > 1.96 * error


def one_at_a_time(before: Sequence[float], after: Sequence[float]) -> float:
    """What is left of a product's change when each factor is changed alone, as a share of the change."""
    base, change = float(np.prod(before)), float(np.prod(after) - np.prod(before))
    alone = sum(base / old * new - base for old, new in zip(before, after, strict=True))
    return abs(change - alone) / abs(change) if change else 0.0
