"""What can be wrong with a budget question, in words that an owner can act on."""

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
