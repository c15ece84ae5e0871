"""Orders of many items over several periods: what is asked."""

from dataclasses import dataclass, field

from engine.arrays import Floats


@dataclass(frozen=True, eq=False)
class LotItem:
    """One item whose demand is known period by period.

    Attributes:
        name: for messages.
        demand: units per period, >= 0, shape (periods,).
        setup_cost: currency per order (or batch).
        holding_cost: currency per unit left at a period's end.
        setup_time: capacity that an order takes, whatever its size.
        unit_time: capacity that a unit takes.
        initial_stock: units before the first period.
        shelf_life: most periods, its own included, over which a delivery can be used; None when it keeps.
        pack: units per case; 0 when any quantity can be ordered.
        minimum_lot: smallest order, units.
        supplier: items of one supplier share the cost of a delivery.
        volume: storage that a unit takes.
    """

    name: str
    demand: Floats
    setup_cost: float
    holding_cost: float
    setup_time: float = 0.0
    unit_time: float = 1.0
    initial_stock: float = 0.0
    shelf_life: int | None = None
    pack: float = 0.0
    minimum_lot: float = 0.0
    supplier: str = ""
    volume: float = 0.0


@dataclass(frozen=True, eq=False)
class LotProblem:
    """What to plan.

    Attributes:
        items: with equally many periods of demand.
        capacity: per period, in the unit of the items' times; None when there is no limit.
        storage: room for what is left at each period's end, in the unit of the items' volumes; None without limit.
        delivery_costs: currency per delivery of a supplier in a period, shared by all of its items.

    Raises:
        ValueError: the items have different numbers of periods.
    """

    items: tuple[LotItem, ...]
    capacity: Floats | None = None
    storage: float | None = None
    delivery_costs: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len({len(item.demand) for item in self.items}) != 1:
            raise ValueError("all items need demand for the same periods")

    @property
    def periods(self) -> int:
        """How many periods are planned."""
        return len(self.items[0].demand)
