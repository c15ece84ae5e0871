"""Spend and outcome side by side on one calendar: what response curves are learnt from, and what explains an outcome
without any marketing: level, trend, season, weekdays, and the owner's controls.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import polars as pl

from engine.arrays import Floats
from engine.business.calendar import Calendar, period_of
from engine.business.history import Metric, metrics, resampled, sales_history, shared_calendar
from engine.business.model import Business
from engine.business.query import Query, run, unavailable
from engine.dataset import Frequency, step
from engine.errors import DataProblem, MissingColumn

OPEN_DAYS, HOLIDAYS = "Open days", "Public holidays"
MIXED = "several currencies"
FEWEST_PERIODS = 12
"""Fewer periods with both spend and outcome say nothing."""

YEAR = 365.25
ENOUGH_FOR_ONE, ENOUGH_FOR_TWO = 0.9, 1.9
"""Years of history from which one wave a year can be told from the trend, and from which two can."""


@dataclass(frozen=True, eq=False)
class MediaHistory:
    """One row per period: what was spent on each channel, what came of it, and what else moved.

    Attributes:
        periods: the start of each period, rising, shape (n,).
        outcome: what is explained, per period, finite, shape (n,).
        spend: per channel, money per period, finite and >= 0, shape (n,).
        controls: other columns that move the outcome (price, promotion, events), finite, shape (n,).
        frequency: the length of one period.
        unit: of the outcome.
        currency: of the spend, ISO code or "".
        cautions: what the owner should know about how the table was made.

    Raises:
        DataProblem: no channel, negative or missing spend, no outcome, or too few periods.
    """

    periods: tuple[date, ...]
    outcome: Floats
    spend: Mapping[str, Floats]
    controls: Mapping[str, Floats] = field(default_factory=dict)
    frequency: Frequency = Frequency.WEEKLY
    unit: str = ""
    currency: str = ""
    cautions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.spend:
            raise DataProblem(
                "The file has an outcome but no marketing spend",
                remedy="Add a column with the money spent per channel, or mark one as channel spend.",
            )
        if len(self) < FEWEST_PERIODS:
            what = f"Only {len(self)} {self.frequency.period}s have both spend and outcome"
            raise DataProblem(what, remedy=f"At least {FEWEST_PERIODS} are needed, better a hundred.")
        _check_outcome(self.outcome)
        for name, spent in self.spend.items():
            _check_spend(name, spent, self.periods)

    def __len__(self) -> int:
        return len(self.periods)

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels' names."""
        return tuple(self.spend)

    def with_events(self, events: Mapping[str, Sequence[date]]) -> "MediaHistory":
        """The history with one more control per name: how many of its days lie in each period.

        Args:
            events: days by name: a fair, or all public holidays under `HOLIDAYS`.
        """
        starts = np.array(self.periods, dtype="datetime64[D]")
        ends = np.array([step(period, self.frequency, 1) for period in self.periods], dtype="datetime64[D]")
        counted = {}
        for name, days in events.items():
            sorted_days = np.unique(np.array(days, dtype="datetime64[D]"))
            within = np.searchsorted(sorted_days, ends) - np.searchsorted(sorted_days, starts)
            counted[name] = within.astype(np.float64)
        return replace(self, controls={**self.controls, **counted})


def media_history(business: Business, *, metric: Metric | None = None) -> MediaHistory:
    """The marketing table of a business.

    The outcome is summed over items; spend is read from every channel. Both are summed per period of the coarser of
    their calendars: daily sales beside weekly bills make weeks. A period without spend rows counts as zero spend and is
    said; periods in which the business was closed are left out.

    Args:
        business: whose.
        metric: what is to be explained; revenue where there is one, else the file's first.

    Raises:
        MissingColumn: no outcome or no date.
        DataProblem: there is no spend, it is negative, in mixed currencies, or there are too few periods.
    """
    chosen = metric or _first_outcome(business)
    rows = _spend_rows(business)
    history = sales_history(business, chosen)
    calendar = shared_calendar(history.calendar, rows.drop_nulls("spend")["day"].unique().sort().to_list())
    outcome = resampled(business, history, calendar)
    periods = outcome["period"].to_list()
    spend, cautions = _spends(rows, periods, calendar)
    controls = _controls(business, chosen, periods, calendar)
    if outcome["days"].n_unique() > 1:
        controls[OPEN_DAYS] = outcome["days"].to_numpy().astype(np.float64)
    return MediaHistory(
        periods=tuple(periods),
        outcome=outcome["value"].to_numpy().astype(np.float64),
        spend=spend,
        controls=controls,
        frequency=calendar.frequency,
        unit=chosen.unit,
        currency=business.currency,
        cautions=(*history.cautions, *_currencies(business), *cautions),
    )


@dataclass(frozen=True, eq=False)
class MediaCalendar:
    """The columns that are always in the model.

    Attributes:
        columns: orthonormal, the level first, shape (periods, kept).
        effects: how many effects share the rows besides the level: trend, waves of the season, controls.
        waves: waves a year in the season; 0 when the history is too short for any.
    """

    columns: Floats
    effects: int
    waves: int


def calendar_of(history: MediaHistory) -> MediaCalendar:
    """The calendar of a history: a straight trend, up to two waves a year, weekdays for daily rows, its controls."""
    days = np.array([day.toordinal() for day in history.periods], dtype=np.float64)
    waves = _waves(days, history.frequency)
    columns = [np.ones(len(days)), (days - days.mean()) / max(1.0, float(np.ptp(days)))]
    for wave in range(1, waves + 1):
        angle = 2 * np.pi * wave * days / YEAR
        columns += [np.sin(angle), np.cos(angle)]
    if history.frequency is Frequency.DAILY:
        columns += _weekdays(history.periods)
    controls = [values - values.mean() for values in history.controls.values()]
    # Like weekdays, public holidays belong to the calendar: one more column asks for no more rows.
    varying = sum(bool(np.ptp(values) > 0) for name, values in history.controls.items() if name != HOLIDAYS)
    return MediaCalendar(full_rank([*columns, *controls]), 1 + waves + varying, waves)


def full_rank(columns: Sequence[Floats]) -> Floats:
    """The columns without those that the ones before already say, scaled to length 1, shape (n, kept)."""
    bases: list[Floats] = []
    for column in columns:
        rest = column - sum(((base @ column) * base for base in bases), start=np.zeros_like(column))
        rest = rest - sum(((base @ rest) * base for base in bases), start=np.zeros_like(column))
        size = float(np.linalg.norm(rest))
        if size > 1e-8 * max(1e-300, float(np.linalg.norm(column))):
            bases.append(rest / size)
    return np.column_stack(bases)


def _first_outcome(business: Business) -> Metric:
    """Revenue where the file has one, else what it counts first."""
    try:
        available = metrics(business)
    except MissingColumn as missing:
        if missing.role == "date" or business.media.spend.is_empty():
            raise
        remedy = "Add a column with what came of it (revenue, units, visits), or say which column holds it."
        raise DataProblem("The file has marketing spend but no outcome", remedy=remedy) from missing
    return next((each for each in available if each.key == "revenue"), available[0])


def _currencies(business: Business) -> list[str]:
    """What the reader said of several currencies, and what to do about it here."""
    mixed = [line for line in business.dataset.report.warnings if MIXED in line]
    return [
        f"{line} Convert all spend to one of them first: until then the split is not to be trusted." for line in mixed
    ]


def _spend_rows(business: Business) -> pl.DataFrame:
    """Every row of spend of the past."""
    media = business.media
    if media.undated:
        raise MissingColumn("date", available=business.columns, where=media.undated)
    if media.unreadable:
        remedy = "Write plain amounts in one currency; convert the others first."
        raise DataProblem(f"The spend in {media.unreadable} is not a number", where=media.tables[0], remedy=remedy)
    if media.spend.is_empty():
        raise DataProblem(
            "The file has an outcome but no marketing spend",
            remedy="Add a column with the money spent per channel, or mark one as channel spend.",
        )
    return media.spend


def _check_outcome(outcome: Floats) -> None:
    if not np.all(np.isfinite(outcome)):
        raise DataProblem("The outcome has gaps", remedy="Fill them in, or leave those periods out.")
    if np.ptp(outcome) == 0:
        raise DataProblem("The outcome is the same in every period", remedy="Check that the right column was chosen.")


def _check_spend(name: str, spent: Floats, periods: Sequence[date]) -> None:
    for place in np.flatnonzero(~(np.isfinite(spent) & (spent >= 0)))[:1]:
        negative = np.isfinite(spent[place])
        what = f"The spend on {name} is negative" if negative else f"The spend on {name} is missing"
        remedy = "Book refunds in the period that they belong to." if negative else "Enter 0 where nothing was spent."
        raise DataProblem(what, where=f"{periods[place]:%Y-%m-%d}", remedy=remedy)


def _spends(
    rows: pl.DataFrame, periods: Sequence[date], calendar: Calendar
) -> tuple[dict[str, Floats], tuple[str, ...]]:
    """Spend per channel and period, and what must be said about it."""
    long = rows.with_columns(period_of(calendar).alias("period"))
    grid = pl.DataFrame({"period": periods}, schema={"period": pl.Date})
    spend = {}
    for name in long["channel"].unique(maintain_order=True):
        summed = long.filter(pl.col("channel") == name).group_by("period").agg(pl.col("spend").sum())
        joined = grid.join(summed, on="period", how="left", maintain_order="left")
        spend[str(name)] = joined["spend"].fill_null(0.0).to_numpy().astype(np.float64)
    without = grid.join(long, on="period", how="anti").height
    outside = float(long.join(grid, on="period", how="anti").filter(pl.col("spend") > 0)["spend"].sum() or 0.0)
    notes = []
    unit = calendar.frequency.period
    of_period = grid.join(long, on="period").group_by("channel", "period").agg(pl.col("spend").count())
    for name, count in of_period.filter(pl.col("spend") == 0).group_by("channel").len().sort("channel").rows():
        notes.append(_nothing_spent(count, unit, f"an amount for {name}"))
    if without:
        notes.append(_nothing_spent(without, unit, "a spend row"))
    if outside > 0:
        share = 100 * outside / float(long["spend"].sum())
        notes.append(f"{share:.2g} % of the spend lies in periods without sales and is left out.")
    return spend, tuple(notes)


def _nothing_spent(periods: int, unit: str, missing: str) -> str:
    many = periods > 1
    return f"{periods} {unit}{'s' * many} without {missing} {'count' if many else 'counts'} as nothing spent."


def _controls(business: Business, metric: Metric, periods: Sequence[date], calendar: Calendar) -> dict[str, Floats]:
    """The mean price and the share of rows on promotion per period, where they vary."""
    controls: dict[str, Floats] = {}
    if metric.key not in ("quantity", "revenue"):
        return controls
    grid = pl.DataFrame({"period": periods}, schema={"period": pl.Date})
    for key, header in (("unit_price", "price"), ("promoted", "promotion")):
        if unavailable(business, key) is not None:
            continue
        means = run(business, Query((key,), grain=calendar)).frame
        joined = grid.join(means, on="period", how="left", maintain_order="left")[key]
        filled = joined.fill_null(strategy="forward").fill_null(strategy="backward")
        if filled.null_count() == 0 and filled.n_unique() > 1:
            controls[business.header(header)] = filled.to_numpy().astype(np.float64)
    return controls


def _waves(days: Floats, frequency: Frequency) -> int:
    years = float(np.ptp(days)) / YEAR
    if frequency is Frequency.YEARLY or years < ENOUGH_FOR_ONE:
        return 0
    return 1 if years < ENOUGH_FOR_TWO or frequency is Frequency.QUARTERLY else 2


def _weekdays(periods: Sequence[date]) -> list[Floats]:
    weekday = np.array([day.weekday() for day in periods])
    return [(weekday == each).astype(np.float64) for each in sorted(set(weekday.tolist()))[1:]]
