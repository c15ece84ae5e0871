"""What a file was understood to be, in one line, before any number of it is shown."""

from collections.abc import Iterator, Mapping, Sequence

from engine.business.decisions import Decision, Topic, counted
from engine.business.items import Items
from engine.business.media import Media
from engine.business.people import People

WORDS = {"quantity": "units", "revenue": "money", "item": "per item", "store": "by store", "day": "by date"}
LEFT_OUT = {
    Topic.STATUS: "left out for their status",
    Topic.AFTER_TODAY: "after today left out",
    Topic.UNDATED: "without a date left out",
    Topic.STRAY: "far from all other dates left out",
    Topic.NO_FIGURE: "without a number",
}


def of_sales(headers: Mapping[str, str], rows: tuple[int, int], decisions: Sequence[Decision]) -> str:
    """Which columns are what, how many rows count, and what is subtracted or left out.

    Args:
        headers: the owner's header of each meaning.
        rows: how many count, and how many there are.
        decisions: what was decided about them.
    """
    roles = [f"{word} = {headers[name]}" for name, word in WORDS.items() if name in headers]
    if "quantity" in headers and "price" in headers and "revenue" not in headers:
        roles.insert(1, f"money = {headers['quantity']} x {headers['price']}")
    parts = [f"{rows[0]:,} of {counted(rows[1])} used", *_taken_off(decisions)]
    sentence = f"{', '.join(roles)}; {', '.join(parts)}."
    return sentence[:1].upper() + sentence[1:]


def of_the_rest(items: Items, media: Media, people: People) -> Iterator[str]:
    """What else the file holds: stock, marketing spend, visits, people."""
    stocked = items.frame["on_hand"].count()
    if items.listed and stocked:
        yield f"Stock of {counted(stocked, 'item')} from {', '.join(items.listed[:3])}."
    channels = media.spend["channel"].n_unique()
    if channels:
        yield f"Marketing spend of {counted(channels, 'channel')} from {', '.join(media.tables[:3])}."
    if media.traffic_tables:
        yield f"{' and '.join(media.headers.values())} from {', '.join(media.traffic_tables[:3])}."
    staff = people.staff["name"].n_unique()
    if staff:
        yield f"{staff} {'person' if staff == 1 else 'people'} on the team."


def _taken_off(decisions: Sequence[Decision]) -> Iterator[str]:
    returned = sum(decision.rows for decision in decisions if decision.topic is Topic.RETURNS and not decision.caution)
    if returned:
        yield f"{counted(returned, 'return')} subtracted"
    for topic, words in LEFT_OUT.items():
        rows = sum(decision.rows for decision in decisions if decision.topic is topic)
        if rows:
            yield f"{counted(rows)} {words}"
