"""Histories that are too short for something, in plain words: too short for X, so Y."""

from dataclasses import dataclass

from engine.dataset import Frequency


@dataclass(frozen=True)
class Shortfall:
    """What a history is too short for.

    Attributes:
        what: the thing that cannot be learnt.
        need: periods that it takes.
        so: what is done instead.
    """

    what: str
    need: int
    so: str

    def sentence(self, have: int, noun: str) -> str:
        """For the owner: "26 days are too short for a yearly season (730 are needed), so ..."."""
        are = f"{have} {noun} is" if have == 1 else f"{have} {noun}s are"
        return f"{are} too short for {self.what} ({self.need} are needed), so {self.so}."


YEAR = {Frequency.DAILY: 365, Frequency.WEEKLY: 52, Frequency.MONTHLY: 12, Frequency.QUARTERLY: 4, Frequency.YEARLY: 1}


def shortfalls(length: int, frequency: Frequency, season_length: int, *, drivers: bool) -> tuple[Shortfall, ...]:
    """What this history is too short for, the most basic first.

    Args:
        length: open periods with known sales.
        frequency: the length of one period.
        season_length: open periods in a season; 1 for none.
        drivers: whether holidays, promotions or events were asked for.
    """
    year = YEAR[frequency]
    season = {Frequency.DAILY: "a weekly pattern", Frequency.YEARLY: "a season"}.get(frequency, "a yearly season")
    rules = [Shortfall("a trend", 8, "the recent level is carried on")]
    if season_length > 1:
        rules.append(Shortfall(season, 2 * season_length, "every period is expected to be alike"))
    if frequency is Frequency.DAILY:
        rules.append(
            Shortfall("a yearly season", 2 * year, "the year's ups and downs are followed only as they happen")
        )
    if drivers:
        rules.append(Shortfall("learning what drivers do", 20, "only the effects that you typed are used"))
        rules.append(
            Shortfall("checking yearly holidays", year + 28, "what they did is learnt from at most one of each")
        )
    return tuple(rule for rule in rules if length < rule.need)
