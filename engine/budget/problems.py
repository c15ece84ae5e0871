"""What can be wrong with a budget question, in words that an owner can act on."""

from collections.abc import Sequence

from engine.errors import DataProblem


class TooFewRows(DataProblem):
    """The history is too short for so many channels and controls.

    Args:
        have: periods in the file.
        need: periods that would be enough.
        effects: channels and controls that share them.
        period: the noun for one period.
    """

    def __init__(self, have: int, need: int, effects: int, period: str) -> None:
        super().__init__(
            f"The file has {have} {period}s for {effects} effects (channels, season, trend and other columns)",
            remedy=f"About {need} {period}s would do. Add earlier rows, or put small channels together.",
        )
        self.have, self.need, self.effects = have, need, effects


class ClashingLimits(DataProblem):
    """The owner's limits cannot all hold.

    Args:
        rules: the smallest set of limits that clash, each in words.
        by: how much money one of them must give way, where money alone decides; else 0.
    """

    def __init__(self, rules: Sequence[str], *, by: float = 0.0) -> None:
        amount = f" by at least {by:,.6g}" if by > 0 else ""
        remedy = f"Loosen one of them{amount}." if len(rules) > 1 else f"Change it{amount}."
        said = "These limits cannot all hold" if len(rules) > 1 else "This limit cannot hold"
        super().__init__(f"{said}: {'; '.join(rules)}", remedy=remedy)
        self.rules, self.by = tuple(rules), by


class OutOfReach(DataProblem):
    """No spend within the limits reaches the target."""

    def __init__(self, target: float, most: float) -> None:
        super().__init__(
            f"The target of {target:,.6g} is out of reach: within the limits at most {most:,.6g} can be brought in",
            remedy="Raise a channel's maximum, or lower the target.",
        )
        self.target, self.most = target, most
