"""From expected demand to the people it takes: "one barista per 25 orders an hour"."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from engine.demand import DemandDistribution
from engine.errors import DataProblem
from engine.scheduling.entities import Need

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
