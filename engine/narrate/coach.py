"""What the Coach says of records, comparisons and suppositions: per sentence its alternatives, the fullest first."""

from engine.narrate.pages import OPEN_PERIODS
from engine.narrate.sentences import (
    SentenceTemplate,
    When,
    above_zero,
    counted_in,
    differs,
    falls,
    not_above_zero,
    reads_the_same,
    register,
    rises,
    several,
    stays_level,
)


def single(name: str) -> When:
    """The fact counts exactly one."""
    return When((name,), lambda fact: fact.value == 1)


def named_period(text: str, *when: When) -> tuple[SentenceTemplate, ...]:
    """Like `per_period`, for one period: "the best day"."""
    return tuple(
        SentenceTemplate(text.replace("PERIOD", unit.removesuffix("s")), (counted_in("days", unit), *when))
        for unit in OPEN_PERIODS
    )


def per_period(text: str, *when: When) -> tuple[SentenceTemplate, ...]:
    """The sentence for each length of a period, which stands where it says PERIOD."""
    return tuple(
        SentenceTemplate(text.replace("PERIOD", noun), (counted_in("days", unit), *when))
        for unit, noun in OPEN_PERIODS.items()
    )


TOTAL = (
    SentenceTemplate(
        "{measure}, {item}: {total} on {first_day}, which is {part_share} of everything.",
        (reads_the_same("first_day", "last_day"),),
    ),
    SentenceTemplate("{measure}, {item}: {total} from {first_day} to {last_day}, which is {part_share} of everything."),
    SentenceTemplate("{measure}, {item}: {total} on {first_day}.", (reads_the_same("first_day", "last_day"),)),
    SentenceTemplate("{measure}, {item}: {total} from {first_day} to {last_day}."),
)
MEAN = per_period("That is {per_day} per PERIOD.", several("days"))
MEAN_FIRST = (
    *per_period("{measure}, {item}: {per_day} per PERIOD on average, from {first_day} to {last_day}.", several("days")),
    *TOTAL,
)
BEST = named_period("The best PERIOD was {best_day}, with {best_value}.", several("days"))
WORST = named_period("The weakest PERIOD was {worst_day}, with {worst_value}.", several("days"))
TOP = (
    SentenceTemplate("{top_item} leads with {top_value}, which is {top_share} of everything.", (several("items"),)),
    SentenceTemplate("{top_item} leads with {top_value}, which is {share_of_part} of this total.", (several("items"),)),
)
NOT_IN_FILE = (SentenceTemplate("Your file has no item called '{not_in_file}', so this is all items together."),)
NEXT_BEST = (
    SentenceTemplate("Next come {second_item} with {second_value} and {third_item} with {third_value}."),
    SentenceTemplate("Next comes {second_item} with {second_value}."),
)
BOTTOM = (SentenceTemplate("{last_item} comes last with {last_value}.", (several("items"),)),)
BOTTOM_OF_MANY = (
    SentenceTemplate("{last_item} comes last with {last_value}.", (When(("items",), lambda items: items.value > 3),)),
)
AGAINST_BEFORE = (
    SentenceTemplate("That is {change_week:size} more than a week before.", (rises("change_week"),)),
    SentenceTemplate("That is {change_week:size} less than a week before.", (falls("change_week"),)),
    SentenceTemplate("That is about the same as a week before.", (stays_level("change_week"),)),
    *per_period("Per PERIOD, that is {change_before:size} more than in the stretch before.", rises("change_before")),
    *per_period("Per PERIOD, that is {change_before:size} less than in the stretch before.", falls("change_before")),
    *per_period("Per PERIOD, that is about the same as in the stretch before.", stays_level("change_before")),
)

register("data total", (NOT_IN_FILE, TOTAL, MEAN, AGAINST_BEFORE, TOP))
register("data mean", (NOT_IN_FILE, MEAN_FIRST, AGAINST_BEFORE, BEST))
register("data best", (NOT_IN_FILE, BEST, WORST, TOTAL))
register("data worst", (NOT_IN_FILE, WORST, BEST, TOTAL))
register("data top", (TOP, NEXT_BEST, BOTTOM_OF_MANY, TOTAL))
register("data bottom", (BOTTOM, TOP, TOTAL))

register(
    "stock",
    (
        (
            SentenceTemplate("{item}: {on_hand} on the shelf.", (single("items"),)),
            SentenceTemplate("{chosen}: {on_hand} on the shelf."),
            SentenceTemplate("On the shelf are {on_hand} of {items}."),
        ),
        (SentenceTemplate("At what they cost you, they are worth {stock_value}."),),
        (SentenceTemplate("Most of that money lies in {top_item}, with {top_value}.", (several("items"),)),),
    ),
)
register(
    "spent",
    (
        (SentenceTemplate("Marketing cost {total} from {first_day} to {last_day}."),),
        (SentenceTemplate("Most of it went to {top_item}, with {top_value}, which is {top_share} of everything."),),
    ),
)
register(
    "staff",
    (
        (SentenceTemplate("Your list of staff has {people}."),),
        (SentenceTemplate("Together they may work {hours} a week."),),
    ),
)

register(
    "pair",
    (
        (
            SentenceTemplate("{measure}, {item}: {later_total} from {later_first} to {later_last}."),
            SentenceTemplate("{measure}: {later_total} for {later_item} from {first_day} to {last_day}."),
        ),
        (
            SentenceTemplate("From {earlier_first} to {earlier_last} it was {earlier_total}."),
            SentenceTemplate("For {earlier_item} it was {earlier_total}."),
        ),
        (
            *per_period("Per PERIOD, the first of these is {change:size} higher.", rises("change")),
            *per_period("Per PERIOD, the first of these is {change:size} lower.", falls("change")),
            *per_period("Per PERIOD, both are about the same.", stays_level("change")),
            SentenceTemplate("{later_item} is {item_change:size} ahead of {earlier_item}.", (rises("item_change"),)),
            SentenceTemplate("{later_item} is {item_change:size} below {earlier_item}.", (falls("item_change"),)),
            SentenceTemplate("Both are about the same.", (stays_level("item_change"),)),
            SentenceTemplate("The first of these is {side_change:size} higher.", (rises("side_change"),)),
            SentenceTemplate("The first of these is {side_change:size} lower.", (falls("side_change"),)),
            SentenceTemplate("Both are about the same.", (stays_level("side_change"),)),
        ),
    ),
)

register(
    "window",
    (
        NOT_IN_FILE,
        (
            SentenceTemplate("{metric}, {item}: we expect {total_ahead} on {first_period}.", (single("days"),)),
            SentenceTemplate("{metric}, {item}: we expect {total_ahead} from {first_period} to {last_period}."),
        ),
        (
            SentenceTemplate(
                "The {band_level} band around that runs from {total_lower:bare} to {total_upper}.",
                (differs("total_lower", "total_upper"),),
            ),
        ),
        (SentenceTemplate("In the past the forecast was typically off by {typical_error}."),),
    ),
)

register(
    "line",
    (
        (
            SentenceTemplate(
                "Order {quantity} of {item} now, for {spend}.", (above_zero("quantity"), above_zero("spend"))
            ),
            SentenceTemplate("Order {quantity} of {item} now.", (above_zero("quantity"),)),
            SentenceTemplate("{item} need not be ordered now.", (not_above_zero("quantity"),)),
        ),
        (SentenceTemplate("There are {on_hand} on the shelf."),),
        (SentenceTemplate("With that, the chance to run out before the delivery after it is {stockout_risk}."),),
    ),
)

register(
    "supposed orders",
    (
        (
            SentenceTemplate("With {budget} to spend, the order costs {spend} now instead of {spend_before}."),
            SentenceTemplate(
                "For a chance of {service} never to run out, the order costs {spend} now instead of {spend_before}."
            ),
        ),
        (
            SentenceTemplate(
                "With it, {fill_rate} of what people ask for should be there, instead of {fill_rate_before}."
            ),
        ),
        (
            SentenceTemplate("Overall that should cost {cost_change:size} more.", (above_zero("cost_change"),)),
            SentenceTemplate("Overall that should not cost more.", (not_above_zero("cost_change"),)),
        ),
    ),
)

register(
    "supposed sales",
    (
        (SentenceTemplate("If {change_in_words}, we expect {whatif_changed} instead of {whatif_planned}."),),
        (
            SentenceTemplate("That is {whatif_percent:size} more.", (rises("whatif_percent"),)),
            SentenceTemplate("That is {whatif_percent:size} less.", (falls("whatif_percent"),)),
            SentenceTemplate("That is about the same.", (stays_level("whatif_percent"),)),
        ),
        (
            SentenceTemplate(
                "By what your past shows, the difference lies between {whatif_lower:bare} and {whatif_upper}.",
                (differs("whatif_lower", "whatif_upper"),),
            ),
        ),
    ),
)
