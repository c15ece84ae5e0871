"""What the owner decides about orders, and how it stands in the inputs of a page."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace

from engine.inventory import OrderLimits

_INPUTS = {"holding": "holding_rate", "factor": "stockout_factor"}
"""Where an input of the page is called otherwise than what it asks for."""

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

TERMS, MINIMUM, FEE, RHYTHM, DELIVERY = "with_terms", "minimum of ", "fee of ", "rhythm of ", "deliveries of "
"""Inputs of the page: suppliers that ask for something or keep their own days, and per supplier what."""

COSTED, COST = "with_costs", "cost of "
"""Inputs of the page: items whose cost the owner types, and per item what a unit costs."""


@dataclass(frozen=True)
class SupplierTerms:
    """What a supplier asks for, and when it delivers.

    Attributes:
        supplier: the name.
        minimum: smallest order value, currency; 0 for none.
        fee: currency per delivery, whatever is in it; 0 for none.
        review_days: days between two chances to order from it; 0 for those of all suppliers.
        delivers: weekdays on which it delivers, Monday = 0; () for any.
    """

    supplier: str
    minimum: float = 0.0
    fee: float = 0.0
    review_days: int = 0
    delivers: tuple[int, ...] = ()


@dataclass(frozen=True)
class OrderQuestion:
    """What the owner decides about orders.

    Attributes:
        review_days: days between two chances to order.
        capacity: space, in the unit of the items' volumes; None for enough.
        budget: currency to spend now; None for enough.
        service: least chance of no stockout of each item, percent; None to let costs decide.
        holding_rate: yearly cost of keeping stock, percent of its cost.
        lead_days: delivery time of items without one, days.
        stockout_factor: what a missing unit costs, as a multiple of its margin.
        fill_rate: least share of the demand of each item that is met, percent; None to let costs decide.
        late_days: how much deliveries vary, as a standard deviation, days.
        waits: customers wait for what is missing; otherwise they buy elsewhere.
        terms: of the suppliers that ask for a minimum or a fee, or have a rhythm or days of their own.
        margin: what a unit earns where its cost is not known, percent of its price; None to leave such items out.
        own_costs: what a unit of an item costs, typed by the owner, currency.
    """

    review_days: int = 7
    capacity: float | None = None
    budget: float | None = None
    service: int | None = None
    holding_rate: float = 25.0
    lead_days: int = 3
    stockout_factor: float = 1.0
    fill_rate: int | None = None
    late_days: float = 0.0
    waits: bool = False
    terms: tuple[SupplierTerms, ...] = ()
    margin: float | None = None
    own_costs: tuple[tuple[str, float], ...] = ()

    def limits(self, unit: str) -> OrderLimits:
        """What all items share."""
        return OrderLimits(
            capacity=self.capacity,
            capacity_unit=unit,
            budget=self.budget,
            supplier_minimums={each.supplier: each.minimum for each in self.terms if each.minimum > 0},
            delivery_costs={each.supplier: each.fee for each in self.terms if each.fee > 0},
            cycle_service_level=self.service / 100 if self.service else None,
            fill_rate=self.fill_rate / 100 if self.fill_rate else None,
        )

    @property
    def costs(self) -> "OrderQuestion":
        """The same without limits: what a planner is made for."""
        days = tuple(replace(each, minimum=0.0, fee=0.0) for each in self.terms if each.review_days or each.delivers)
        free = replace(self, budget=None, service=None, fill_rate=None, terms=days)
        return replace(free, capacity=None if self.capacity is None else 0.0)

    @property
    def usual_costs(self) -> "OrderQuestion":
        """The same at the costs that are assumed at first."""
        return replace(self.costs, holding_rate=25.0, stockout_factor=1.0)


def from_settings(settings: Mapping[str, object]) -> OrderQuestion:
    """The question that was saved as the values of the page's inputs."""
    names = {field.name for field in fields(OrderQuestion)} - {"terms", "own_costs"}
    inputs = {_INPUTS.get(name, name): value for name, value in settings.items()}
    question = OrderQuestion(**{name: value for name, value in inputs.items() if name in names})  # type: ignore[arg-type]
    terms = tuple(
        SupplierTerms(
            name,
            _number(settings.get(MINIMUM + name)),
            _number(settings.get(FEE + name)),
            round(_number(settings.get(RHYTHM + name))),
            weekdays_named(_names(settings.get(DELIVERY + name))),
        )
        for name in _names(settings.get(TERMS))
    )
    costs = tuple((name, _number(settings.get(COST + name))) for name in _names(settings.get(COSTED)))
    service, fill_rate = question.service or None, question.fill_rate or None
    return replace(question, service=service, fill_rate=fill_rate, terms=terms, own_costs=costs)


def weekdays_named(names: Sequence[str]) -> tuple[int, ...]:
    """Weekdays by their English names, Monday = 0; what is none is passed over."""
    return tuple(place for place, name in enumerate(WEEKDAYS) if name in names)


def as_settings(question: OrderQuestion) -> dict[str, int | float | list[str] | None]:
    """The values of the page's inputs."""
    renamed = {name: key for key, name in _INPUTS.items()}
    apart = ("terms", "own_costs")
    values = {renamed.get(name, name): value for name, value in asdict(question).items() if name not in apart}
    values |= {"service": question.service or 0, "fill_rate": question.fill_rate or 0}
    values[TERMS] = [each.supplier for each in question.terms]
    for each in question.terms:
        values |= {MINIMUM + each.supplier: each.minimum, FEE + each.supplier: each.fee}
        values |= {RHYTHM + each.supplier: each.review_days}
        values |= {DELIVERY + each.supplier: [WEEKDAYS[day] for day in each.delivers]}
    values[COSTED] = [name for name, _ in question.own_costs]
    return values | {COST + name: cost for name, cost in question.own_costs}


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _names(value: object) -> tuple[str, ...]:
    return tuple(str(name) for name in value) if isinstance(value, list | tuple) else ()
