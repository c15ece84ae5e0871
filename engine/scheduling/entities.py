"""What a roster is made of: shifts, people with their wishes, needs, assignments and locked cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

from engine.demand import DemandDistribution
from engine.errors import DataProblem

DAY_MINUTES = 24 * 60
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class ShiftType:
    """One way to work a day.

    Attributes:
        name: as it is written into the roster.
        start: minutes after midnight at which it starts.
        end: minutes after the same midnight at which it ends; beyond 1440 when it runs over midnight.
        unpaid_break: minutes of it that are not paid.
        roles: the roles that it can be worked in; empty for every role.
    """

    name: str
    start: int
    end: int
    unpaid_break: int = 0
    roles: tuple[str, ...] = ()

    @property
    def paid(self) -> int:
        """Paid minutes."""
        return self.end - self.start - self.unpaid_break

    @property
    def times(self) -> str:
        """The clock times: "22:00-06:00"."""
        return f"{clock(self.start)}-{clock(self.end)}"


@dataclass(frozen=True)
class Wish:
    """What somebody would like on one day.

    Attributes:
        day: the day.
        shift: the shift in question; "" for any work at all.
        to_work: True to work it, False not to.
        weight: what it costs to go against it, currency or points, > 0.
    """

    day: date
    shift: str
    to_work: bool
    weight: float


@dataclass(frozen=True)
class Hours:
    """A stretch of one day, minutes after midnight."""

    start: int
    end: int


@dataclass(frozen=True)
class Employee:
    """Somebody who can be put on the roster.

    Attributes:
        name: unique.
        roles: what they can do; the first is their own.
        rate: pay per hour.
        overtime_rate: pay per hour beyond the overtime threshold; None for the plain rate.
        least_minutes: contract minutes per week, at least.
        most_minutes: contract minutes per week, at most.
        availability: the hours in which they can work, per weekday from Monday = 0; a weekday that is missing is a
            day on which they cannot; None for any time.
        days_off: fixed days off, holidays.
        exceptions: days on which they can come at any time after all.
        wishes: requests that cost something to refuse.
        minor: protected by the rules for young people.
        seniority: years, or any grade that `Need.seniority` asks for.
    """

    name: str
    roles: tuple[str, ...] = ("",)
    rate: float = 0.0
    overtime_rate: float | None = None
    least_minutes: int = 0
    most_minutes: int = 40 * 60
    availability: Mapping[int, Hours] | None = None
    days_off: frozenset[date] = frozenset()
    exceptions: frozenset[date] = frozenset()
    wishes: tuple[Wish, ...] = ()
    minor: bool = False
    seniority: int = 0

    def can_work(self, day: date, shift: ShiftType) -> bool:
        """True when the shift lies within their hours of that weekday."""
        if self.availability is None or day in self.exceptions:
            return True
        hours = self.availability.get(day.weekday())
        return hours is not None and hours.start <= shift.start and shift.end <= hours.end


@dataclass(frozen=True)
class Need:
    """How many people are needed in one stretch of one day, or on one shift.

    Attributes:
        day: the day.
        role: the role; "" for any.
        start: minutes after midnight; without meaning when `shift` is set.
        end: minutes after midnight.
        least: people, at least.
        most: people, at most; None for no limit.
        under: what each missing person costs; None when none may be missing.
        over: what each person too many costs; None when there may be none.
        shift: when set, the people on this shift are counted instead of those who are there from `start` to `end`.
        seniority: only people with at least this seniority count.
    """

    day: date
    role: str
    start: int
    end: int
    least: int
    most: int | None = None
    under: float | None = None
    over: float | None = 0.0
    shift: str = ""
    seniority: int = 0

    @property
    def when(self) -> str:
        """The stretch in words: "Saturday 7 November 10:00-12:00"."""
        return f"{day_name(self.day)} {self.shift or f'{clock(self.start)}-{clock(self.end)}'}"


@dataclass(frozen=True, order=True)
class Assignment:
    """Somebody works a shift; `day` is the day on which it starts."""

    day: date
    employee: str
    shift: str
    role: str = ""


@dataclass(frozen=True)
class Lock:
    """A cell of the roster that stays as it is; an empty `shift` keeps it free."""

    day: date
    employee: str
    shift: str
    role: str = ""


def clock(minute: int) -> str:
    """A time of day: 1350 is "22:30", and so is 1350 on the next day."""
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def day_name(day: date) -> str:
    """A day as people say it in a roster: "Saturday 7 November"."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {day:%B}"


DAY = "daily"


@dataclass(frozen=True)
class DemandDriver:
    """How demand turns into people of one role.

    Attributes:
        role: whom the demand keeps busy.
        per_hour: units that one person serves in an hour, > 0.
        opens: minutes after midnight at which the first slot starts.
        slot_minutes: length of a slot.
        shares: share of the day's units in each slot, from opening on; they add up to 1.
        least: people who are there in every slot of an open day.
        under: what each missing person costs per slot; None when none may be missing.
    """

    role: str
    per_hour: float
    opens: int
    slot_minutes: int
    shares: Sequence[float]
    least: int = 1
    under: float | None = None


def needs(demand: DemandDistribution, driver: DemandDriver, *, enough_on: float = 0.8) -> tuple[Need, ...]:
    """The people needed per slot, so that they are enough on a share `enough_on` (0..1) of all days that could come.

    Days without demand in any path are closed and need nobody.

    Raises:
        DataProblem: the demand is not daily, or the driver makes no sense.
    """
    if demand.frequency.value != DAY:
        raise DataProblem("A roster needs demand per day", remedy="Forecast by day.")
    if not driver.per_hour > 0 or abs(sum(driver.shares) - 1) > 1e-6 or min(driver.shares, default=0) < 0:
        text = f"The demand cannot be turned into people for {driver.role or 'the team'}"
        raise DataProblem(text, remedy="Give units per person and hour above zero, and shares that add up to 100 %.")
    served = driver.per_hour * driver.slot_minutes / 60
    stretches = []
    for day, units, largest in zip(demand.periods, demand.quantile(enough_on), demand.paths.max(axis=0), strict=True):
        if largest <= 0:
            continue
        for place, share in enumerate(driver.shares):
            start = driver.opens + place * driver.slot_minutes
            people = max(driver.least, ceil(float(units) * share / served - 1e-9))
            stretches.append(Need(day, driver.role, start, start + driver.slot_minutes, people, under=driver.under))
    return tuple(stretches)
