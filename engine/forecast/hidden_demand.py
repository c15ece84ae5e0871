"""What empty shelves hid, of every item of a business: beside the sales of one item, of all, and of the order list.

A shelf ran empty where the file says with each sale how many there were and all of them were sold, and where nothing
was sold of what sells every day while everything else was.
"""

from dataclasses import dataclass, replace
from datetime import date
from weakref import WeakKeyDictionary

import numpy as np
import polars as pl

from engine.arrays import Bools, Floats, Ints
from engine.business.calendar import Calendar, period_of
from engine.business.history import SalesHistory, daily_rows, metric_named
from engine.business.model import Business
from engine.dataset import Frequency
from engine.forecast.censored_demand import (
    MOST_CENSORED,
    CensoredEstimate,
    dispersion_of,
    estimate_demand,
    ran_out,
    seasonal_means,
)

IMPOSSIBLE = 1e-5
"""A day without a sale that chance would leave less often than this, while the others sold, had none to sell."""

LONGEST_EMPTY = 2
"""Longer stretches without a sale, in seasons, are not taken for an empty shelf: goods of a season end so."""

MOST_ABSENT = 0.1
"""An item without a row on a larger share of the open days sells now and then; a row of nothing is said on purpose."""

FEWEST_SOLD = 20
"""An item needs so many days with sales before a day without one can be impossible."""

OPEN_SHARE = 0.3
"""Of what the other items usually sell, to tell an empty shelf from a shop that was closed."""

SEEN_RANGE = 1.28
"""Standard errors to both sides of what is said of the hidden demand: four times in five it lies between."""


@dataclass(frozen=True, eq=False)
class HiddenDemand:
    """What would have been sold beside what was, of all items.

    Attributes:
        frame: `period`, `item`, `lost` (units, > 0) and its standard `error` of all periods of the item together.
        empty: periods of each item on which the shelf was empty, by item.
        absent: those of them on which nothing was sold, and the file does not say that there was none, by item.
        guesses: items whose shelf ran empty on most periods, and the share of these periods.
    """

    frame: pl.DataFrame
    empty: dict[str, int]
    absent: dict[str, int]
    guesses: dict[str, float]

    def sentences(self, item: str, noun: str) -> tuple[str, ...]:
        """What the owner should know of one item, or of all of them together ("").

        Args:
            item: its name, or "".
            noun: the word for one period.
        """
        rows = self.frame.filter(pl.col("item") == item) if item else self.frame
        if rows.is_empty():
            return ()
        count = self.empty.get(item, 0) if item else sum(self.empty.values())
        lost = float(rows["lost"].sum())
        error = float(np.linalg.norm(rows.group_by("item").agg(pl.col("error").first())["error"].to_numpy()))
        low, high = max(lost - SEEN_RANGE * error, 0.0), lost + SEEN_RANGE * error
        of_items = "" if item else f" of {len(self.empty)} item{'s' if len(self.empty) != 1 else ''}"
        days = f"{count:,} {noun}{'s' if count != 1 else ''}{of_items}"
        said = [
            f"The shelf was empty on {days}: about {lost:,.0f} more would have sold then "
            f"(between {low:,.0f} and {high:,.0f}), and they count as demand here."
        ]
        absent = self.absent.get(item, 0) if item else sum(self.absent.values())
        if absent:
            said.append(f"On {absent:,} of them nothing was sold, which chance does not explain.")
        if item in self.guesses:
            said.append(
                f"The shelf ran empty on {100 * self.guesses[item]:.0f}% of {noun}s; what would have sold then is a "
                "guess."
            )
        return tuple(said)


NOTHING_HIDDEN = HiddenDemand(
    pl.DataFrame(schema={"period": pl.Date, "item": pl.String, "lost": pl.Float64, "error": pl.Float64}), {}, {}, {}
)

_WORKED_OUT: WeakKeyDictionary[Business, dict[Calendar, HiddenDemand]] = WeakKeyDictionary()
"""For as long as the business is known: every item's history asks for it, and so do the orders."""


def with_hidden_demand(history: SalesHistory, business: Business) -> SalesHistory:
    """The same history, with what would have been sold besides on the days on which the shelf ran empty.

    Only where the file says with each sale how many there were, or where nothing at all was sold of what sells every
    day; else an empty shelf and a quiet day look the same.
    """
    if history.metric.key != "quantity":
        return history
    hidden = hidden_demand(business, history.calendar)
    rows = hidden.frame.filter(pl.col("item") == history.item) if history.item else hidden.frame
    if rows.is_empty():
        return history
    lost = rows.group_by("period").agg(pl.col("lost").sum())
    more = history.frame.join(lost, on="period", how="left", maintain_order="left")["lost"].fill_null(0.0)
    said = hidden.sentences(history.item, history.calendar.frequency.period)
    return replace(history, hidden=tuple(more), cautions=(*history.cautions, *said))


def demand_rows(business: Business, rows: pl.DataFrame, calendar: Calendar) -> pl.DataFrame:
    """`day`, `item` and `value` with the hidden demand of each item beside what was sold of it.

    Args:
        business: whose.
        rows: `day`, `item`, `value` of what was sold, in units.
        calendar: of these rows.
    """
    hidden = hidden_demand(business, calendar).frame
    if hidden.is_empty() or rows.is_empty():
        return rows
    last: date = rows["day"].max()  # type: ignore[assignment]
    more = hidden.select(day="period", item="item", value="lost").filter(pl.col("day") <= last)
    return pl.concat([rows, more.filter(pl.col("item").is_in(rows["item"].unique().implode()))])


def hidden_demand(business: Business, calendar: Calendar) -> HiddenDemand:
    """What empty shelves hid, for every item of a file of days or weeks; worked out once for a business.

    Args:
        business: whose.
        calendar: which periods there are.
    """
    by_calendar = _WORKED_OUT.setdefault(business, {})
    if calendar not in by_calendar:
        by_calendar[calendar] = _hidden_demand(business, calendar)
    return by_calendar[calendar]


def _hidden_demand(business: Business, calendar: Calendar) -> HiddenDemand:
    if calendar.frequency not in (Frequency.DAILY, Frequency.WEEKLY) or calendar.zeros:
        return NOTHING_HIDDEN
    rows = daily_rows(business, metric_named(business, "quantity")).filter(pl.col("item").str.len_chars() > 0)
    rows = rows.drop_nulls().filter(pl.col("day") <= business.today)
    if rows.is_empty():
        return NOTHING_HIDDEN
    table = _ShelfTable.of(rows, business, calendar)
    empty = table.ran_out()
    absent = _impossible_zeros(table, calendar) & ~empty
    cut = empty | absent
    chosen = np.flatnonzero(cut.any(axis=1) & (np.isfinite(table.sold) & ~cut).any(axis=1))
    if not len(chosen):
        return NOTHING_HIDDEN
    season = calendar.season_length if calendar.frequency is Frequency.DAILY else 1
    guess = estimate_demand(table.sold[chosen], cut[chosen], season)
    return table.report(chosen, guess, cut, absent)


@dataclass(frozen=True, eq=False)
class _ShelfTable:
    """Sales and what was there, by item and period; NaN where nothing is known, shape (items, periods) both.

    `told` is where the file has a row, be it of nothing.
    """

    items: tuple[str, ...]
    periods: tuple[date, ...]
    sold: Floats
    on_hand: Floats
    told: Bools

    @classmethod
    def of(cls, rows: pl.DataFrame, business: Business, calendar: Calendar) -> "_ShelfTable":
        """What the rows say, on the calendar."""
        period = period_of(calendar).alias("period")
        sums = rows.group_by("item", period).agg(pl.col("value").sum())
        stock = business.sales.select("day", "item", "on_hand").drop_nulls()
        # Two stocks of one item on one day are two shelves, or two moments: what was there is not known.
        there = stock.group_by("item", period).agg(on_hand=pl.when(pl.len() == 1).then(pl.col("on_hand").first()))
        first: date = sums["period"].min()  # type: ignore[assignment]
        last: date = sums["period"].max()  # type: ignore[assignment]
        periods, items = calendar.between(first, last), tuple(sorted(sums["item"].unique().to_list()))
        sold = _cells(sums, "value", items, periods)
        told = np.isfinite(sold)
        opened = told.any(axis=0)
        started = np.cumsum(np.isfinite(sold), axis=1) > 0
        sold = np.where(np.isnan(sold) & opened & started, 0.0, sold)
        return cls(items, tuple(periods), sold, _cells(there.drop_nulls(), "on_hand", items, periods), told)

    def ran_out(self) -> Bools:
        """The periods that ended with an empty shelf, shape (items, periods).

        Who sells more than the column says has written down what is left at the end; else it is what was there before.
        """
        empty = np.zeros(self.sold.shape, dtype=bool)
        for row in np.flatnonzero(np.isfinite(self.on_hand).any(axis=1)):
            sold, there = self.sold[row], self.on_hand[row]
            if np.all(np.nan_to_num(sold) >= 0):
                left_at_the_end = bool(np.any(sold > there))
                empty[row] = ran_out(sold, sold + there if left_at_the_end else there)
        return empty

    def report(self, chosen: Ints, guess: CensoredEstimate, cut: Bools, absent: Bools) -> HiddenDemand:
        """Of the items that were estimated."""
        frames, empty, missing, guesses = [NOTHING_HIDDEN.frame], {}, {}, {}
        for place, row in enumerate(chosen):
            sold, name = self.sold[row], self.items[row]
            demand = guess.demand[place]
            known = sold[np.isfinite(sold)]
            demand = np.round(demand) if np.all(known == np.round(known)) else demand
            lost = np.where(cut[row], demand - np.nan_to_num(sold), 0.0)
            places = np.flatnonzero(lost > 0)
            if not len(places):
                continue
            figures = {"period": [self.periods[k] for k in places], "lost": lost[places]}
            frame = pl.DataFrame(figures).with_columns(item=pl.lit(name), error=pl.lit(float(guess.error[place])))
            frames.append(frame.select("period", "item", "lost", "error").cast(NOTHING_HIDDEN.frame.schema))
            empty[name], missing[name] = int(cut[row].sum()), int(absent[row].sum())
            if (share := float(cut[row].sum() / len(known))) > MOST_CENSORED:
                guesses[name] = share
        return HiddenDemand(pl.concat(frames), empty, {k: n for k, n in missing.items() if n}, guesses)


def _cells(frame: pl.DataFrame, column: str, items: tuple[str, ...], periods: list[date]) -> Floats:
    """One column of a frame by item and period; NaN where there is no row."""
    rows = {name: place for place, name in enumerate(items)}
    columns = {period: place for place, period in enumerate(periods)}
    cells = np.full((len(items), len(periods)), np.nan)
    for item, period, value in frame.select("item", "period", column).iter_rows():
        if item in rows and period in columns:
            cells[rows[item], columns[period]] = value
    return cells


def _impossible_zeros(table: _ShelfTable, calendar: Calendar) -> Bools:
    """Periods on which nothing of an item was sold though it sells every day and the shop was open."""
    sold = table.sold
    season = calendar.season_length if calendar.frequency is Frequency.DAILY else 1
    positive = np.where(sold > 0, sold, np.nan)
    often = np.isfinite(positive).sum(axis=1) >= FEWEST_SOLD
    often &= ((sold == 0) & ~table.told).sum(axis=1) <= MOST_ABSENT * np.isfinite(sold).sum(axis=1)
    marked = np.zeros(sold.shape, dtype=bool)
    rows = np.flatnonzero(often & (sold == 0).any(axis=1))
    if len(sold) < 2 or not len(rows):
        return marked
    mean = seasonal_means(np.where(np.isfinite(sold), sold, np.nan)[often], season)
    usual = np.zeros(sold.shape)
    usual[often] = mean
    total, expected = np.nansum(sold, axis=0), usual.sum(axis=0)
    for row in rows:
        level = seasonal_means(positive[row][None], season)[0]
        spread = dispersion_of(positive[row][np.isfinite(positive[row])], level[np.isfinite(positive[row])])
        never = (1 + spread * level) ** (-1 / spread) if spread > 1e-6 else np.exp(-level)
        others_open = total - np.nan_to_num(sold[row]) >= OPEN_SHARE * (expected - usual[row])
        others_open &= expected - usual[row] > 0
        quiet = sold[row] == 0
        marked[row] = quiet & (never < IMPOSSIBLE) & others_open & _in_short_runs(quiet, LONGEST_EMPTY * season)
    return marked


def _in_short_runs(flags: Bools, longest: int) -> Bools:
    """The flags that stand in runs of at most so many, and not at the end."""
    kept, start = np.zeros_like(flags), 0
    for stop in [*np.flatnonzero(~flags), len(flags)]:
        if 0 < stop - start <= longest and stop < len(flags):
            kept[start:stop] = True
        start = int(stop) + 1
    return kept
