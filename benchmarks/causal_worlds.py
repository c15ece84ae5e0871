"""Made-up businesses whose causes are known, because they are written here: pairs, effects, graphs, events."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from engine.arrays import Floats
from engine.causal.frame import BudgetRule
from engine.causal.panel import Panel, Part, Variable
from engine.dataset import Frequency

MONDAY = date(2021, 1, 4)
TRUTH = 3.5
"""Revenue per unit of spend in every world of effects that has one."""

Pair = tuple[Floats, Floats]


def weeks(count: int) -> tuple[date, ...]:
    """Consecutive Mondays."""
    return tuple(MONDAY + timedelta(weeks=k) for k in range(count))


def season(count: int) -> Floats:
    """A yearly curve of two waves, by the calendar."""
    turn = 2 * np.pi * np.array([day.timetuple().tm_yday for day in weeks(count)]) / 365.25
    return np.sin(turn) + 0.4 * np.cos(2 * turn)


def december(count: int) -> Floats:
    """1 in weeks that touch 10 to 31 December."""
    touched = [
        any(day.month == 12 and day.day >= 10 for day in (first, first + timedelta(days=6))) for first in weeks(count)
    ]
    return np.array(touched, dtype=float)


def remembering(rng: np.random.Generator, count: int, rho: float, sd: float = 1.0) -> Floats:
    """First-order autoregressive noise with this standard deviation."""
    shocks, out = rng.normal(size=count + 50), np.zeros(count + 50)
    for t in range(1, count + 50):
        out[t] = rho * out[t - 1] + shocks[t]
    return np.asarray(out[50:] * sd * np.sqrt(1 - rho**2))


def _each(rng: np.random.Generator, make: Callable[[], Floats]) -> Pair:
    return make(), make()


def _closed(rng: np.random.Generator, count: int) -> Pair:
    one, other = 5 + rng.normal(size=count), 5 + rng.normal(size=count)
    shut = rng.choice(count, max(2, count // 26), replace=False)
    one[shut] = other[shut] = 0.0
    return one, other


def _follows_sales(rng: np.random.Generator, count: int) -> Pair:
    """A budget set from last week's sales, which has no effect: (budget, sales)."""
    sales, budget = np.zeros(count + 20), np.zeros(count + 20)
    for t in range(1, count + 20):
        sales[t] = 0.5 * sales[t - 1] + rng.normal()
        budget[t] = 0.8 * sales[t - 1] + 0.6 * rng.normal()
    return budget[20:], sales[20:]


def _plain(rng: np.random.Generator, count: int) -> Floats:
    return rng.normal(size=count)


NULL_PAIRS: dict[str, Callable[[np.random.Generator, int], Pair]] = {
    "white noise": lambda rng, n: _each(rng, lambda: _plain(rng, n)),
    "AR(0.8)": lambda rng, n: _each(rng, lambda: remembering(rng, n, 0.8)),
    "random walk": lambda rng, n: _each(rng, lambda: np.cumsum(_plain(rng, n))),
    "random walk with drift": lambda rng, n: _each(rng, lambda: np.cumsum(_plain(rng, n) + 0.2)),
    "shared trend": lambda rng, n: _each(rng, lambda: 3 * np.linspace(0, 1, n) + _plain(rng, n)),
    "shared season": lambda rng, n: _each(rng, lambda: 1.5 * season(n) + _plain(rng, n)),
    "season and trend": lambda rng, n: _each(
        rng, lambda: 1.5 * season(n) + 3 * np.linspace(0, 1, n) + remembering(rng, n, 0.4)
    ),
    "December spike": lambda rng, n: _each(rng, lambda: season(n) + 3 * december(n) + _plain(rng, n)),
    "closed weeks": _closed,
    "budget after last week's sales": _follows_sales,
}
"""Two series of which the first never moves the second."""


def leading_pair(rng: np.random.Generator, count: int, strength: float) -> Pair:
    """The first moves the second one week later, by so many standard deviations."""
    cause, effect = rng.normal(size=count), rng.normal(size=count)
    effect[1:] += strength * cause[:-1]
    return cause, effect


VAR_EDGES = frozenset({("v2", "v1"), ("v2", "v3"), ("v4", "v2"), ("v4", "v3")})


def published_var(rng: np.random.Generator, count: int) -> Floats:
    """The four-variable process of tigramite's overview, columns v1 to v4."""
    noise, v = rng.normal(size=(count + 100, 4)), np.zeros((count + 100, 4))
    for t in range(3, count + 100):
        v[t, 0] = 0.7 * v[t - 1, 0] - 0.8 * v[t - 1, 1]
        v[t, 1] = 0.8 * v[t - 1, 1] + 0.8 * v[t - 1, 3]
        v[t, 2] = 0.5 * v[t - 1, 2] + 0.5 * v[t - 2, 1] + 0.6 * v[t - 3, 3]
        v[t, 3] = 0.4 * v[t - 1, 3]
        v[t] += noise[t]
    return v[100:]


def unrelated_panel(rng: np.random.Generator, count: int, kind: str) -> Panel:
    """Six columns of one of the null worlds, none of which moves another: three spends, two steps, one outcome."""
    series: list[Floats] = []
    while len(series) < 6:
        series += [NULL_PAIRS[kind](rng, count)[0]]
    spends = tuple(Variable(f"spend {k}", Part.TREATMENT, "", series[k]) for k in range(3))
    steps = tuple(Variable(name, Part.STEP, "", series[k]) for k, name in ((3, "visits"), (4, "leads")))
    return Panel(weeks(count), Frequency.WEEKLY, Variable("revenue", Part.OUTCOME, "", series[5]), spends, steps)


FUNNEL = frozenset({("spend", "visits"), ("visits", "leads"), ("leads", "revenue")})


def funnel(rng: np.random.Generator, count: int, *, tide: bool, later: bool) -> Panel:
    """Spend brings visits, visits bring leads, leads bring revenue, at once or one week later."""
    swell = season(count) + np.linspace(0, 1, count) if tide else np.zeros(count)

    def arrived(values: Floats) -> Floats:
        return np.concatenate([[values.mean()], values[:-1]]) if later else values

    spend = 5000 + 800 * swell + 900 * rng.normal(size=count)
    visits = 4000 + 1.2 * arrived(spend) + 1500 * swell + 700 * rng.normal(size=count)
    leads = 100 + 0.08 * arrived(visits) + 80 * swell + 60 * rng.normal(size=count)
    revenue = 5000 + 40 * arrived(leads) + 3000 * swell + 2000 * rng.normal(size=count)
    return Panel(
        weeks(count),
        Frequency.WEEKLY,
        Variable("revenue", Part.OUTCOME, "", revenue),
        (Variable("spend", Part.TREATMENT, "", spend),),
        (Variable("visits", Part.STEP, "", visits), Variable("leads", Part.STEP, "", leads)),
    )


@dataclass(frozen=True)
class EffectWorld:
    """One way in which spend and revenue hang together.

    Attributes:
        name: of the world.
        make: spend and revenue of so many weeks.
        identifiable: whether any method could get the effect right.
        truth: revenue per unit of spend.
        rule: how the owner sets the budget, told truly.
    """

    name: str
    make: Callable[[np.random.Generator, int], Pair]
    identifiable: bool = True
    truth: float = TRUTH
    rule: BudgetRule = BudgetRule.PLANNED


def _sold(
    rng: np.random.Generator, spend: Floats, base: Floats, *, decay: float = 0.0, noise: Floats | None = None
) -> Pair:
    count = len(spend)
    before = spend.mean() + spend.std() * rng.normal(size=26)
    level, working = float(spend.mean()), []
    for amount in np.concatenate([before, spend]):
        level = (1 - decay) * float(amount) + decay * level
        working.append(level)
    luck = 1500 * rng.normal(size=count) if noise is None else noise
    return spend, 30000 + base + TRUTH * np.array(working[26:]) + luck


def _usual(rng: np.random.Generator, count: int) -> Floats:
    return 5000 + 700 * rng.normal(size=count)


def _tidal(rng: np.random.Generator, count: int, *, decay: float = 0.0) -> Pair:
    s, t, h = season(count), np.linspace(-1, 1, count), december(count)
    spend = np.maximum(_usual(rng, count) + 900 * s + 600 * t + 1200 * h, 0)
    return _sold(rng, spend, 5000 * s + 3000 * t + 6000 * h, decay=decay)


def _share_of_sales(rng: np.random.Generator, count: int) -> Pair:
    revenue = 30000 + 4000 * season(count) + remembering(rng, count, 0.5, 2500)
    return 0.12 * revenue * (1 + 0.08 * rng.normal(size=count)), revenue


def _hidden(rng: np.random.Generator, count: int, rho: float) -> Pair:
    demand = remembering(rng, count, rho)
    return _sold(rng, _usual(rng, count) + 900 * demand, 4000 * demand)


def _after_sales(rng: np.random.Generator, count: int) -> Pair:
    spend, revenue = np.zeros(count + 20), np.full(count + 20, 47500.0)
    for t in range(1, count + 20):
        spend[t] = 0.1 * revenue[t - 1] + 500 * rng.normal()
        revenue[t] = 30000 + TRUTH * spend[t] + 2500 * rng.normal()
    return spend[20:], revenue[20:]


EFFECT_WORLDS = (
    EffectWorld("clean", lambda rng, n: _sold(rng, _usual(rng, n), np.zeros(n))),
    EffectWorld("season", lambda rng, n: _sold(rng, _usual(rng, n) + 1200 * season(n), 6000 * season(n))),
    EffectWorld(
        "trend",
        lambda rng, n: _sold(rng, _usual(rng, n) + 1200 * np.linspace(-1, 1, n), 6000 * np.linspace(-1, 1, n)),
    ),
    EffectWorld("season, trend, holiday", _tidal),
    EffectWorld("carry-over 0.6", lambda rng, n: _sold(rng, _usual(rng, n), np.zeros(n), decay=0.6)),
    EffectWorld(
        "carry-over 0.6, lasting spend",
        lambda rng, n: _sold(rng, 5000 + remembering(rng, n, 0.6, 900), np.zeros(n), decay=0.6),
    ),
    EffectWorld("carry-over 0.4 and calendar", lambda rng, n: _tidal(rng, n, decay=0.4)),
    EffectWorld(
        "errors that remember",
        lambda rng, n: _sold(
            rng, 5000 + remembering(rng, n, 0.6, 900), np.zeros(n), noise=remembering(rng, n, 0.7, 1800)
        ),
    ),
    EffectWorld("budget after last week's sales", _after_sales, rule=BudgetRule.LAST_SALES),
    EffectWorld("share of sales", _share_of_sales, identifiable=False, truth=0.0, rule=BudgetRule.SHARE_OF_SALES),
    EffectWorld(
        "hidden demand", lambda rng, n: _hidden(rng, n, 0.0), identifiable=False, rule=BudgetRule.EXPECTED_DEMAND
    ),
    EffectWorld(
        "hidden lasting demand",
        lambda rng, n: _hidden(rng, n, 0.5),
        identifiable=False,
        rule=BudgetRule.EXPECTED_DEMAND,
    ),
)


def spend_panel(spend: Floats, revenue: Floats) -> Panel:
    """One spend and the revenue, by week."""
    return Panel(
        weeks(len(spend)),
        Frequency.WEEKLY,
        Variable("revenue", Part.OUTCOME, "USD", revenue),
        (Variable("spend", Part.TREATMENT, "USD", spend),),
    )


def event_series(rng: np.random.Generator, count: int, start: int, effect: float) -> tuple[Floats, Floats]:
    """Sales of a shop and of two others that no event touches; `effect` is what the event adds, in noise units."""
    tide = season(count) + remembering(rng, count, 0.8)
    others = np.column_stack([50 + 4 * tide + rng.normal(size=count) for _ in range(2)])
    sales = 100 + 5 * tide + 2 * rng.normal(size=count)
    sales[start:] += 2 * effect
    return sales, others


def many_columns(rng: np.random.Generator, rows: int, width: int) -> Panel:
    """`width` columns: spends, two steps and an outcome, for the clock."""
    spends = [5000 + 700 * rng.normal(size=rows) for _ in range(width - 3)]
    visits = sum(0.3 * spend for spend in spends) + 700 * rng.normal(size=rows) + 1000 * season(rows)
    leads = 0.08 * visits + 60 * rng.normal(size=rows)
    revenue = 40 * leads + 2000 * rng.normal(size=rows)
    return Panel(
        weeks(rows),
        Frequency.WEEKLY,
        Variable("revenue", Part.OUTCOME, "", revenue),
        tuple(Variable(f"spend {k}", Part.TREATMENT, "", spend) for k, spend in enumerate(spends)),
        (Variable("visits", Part.STEP, "", visits), Variable("leads", Part.STEP, "", leads)),
    )


def draws(seed: int, place: int, count: int) -> Iterator[np.random.Generator]:
    """One generator per repetition, the same whatever else runs."""
    for repetition in range(count):
        yield np.random.default_rng([seed, place, repetition])
