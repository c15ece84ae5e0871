"""What escapes where every refusal should be one of the product's own: benchmarks count it and go on."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from engine.errors import DyocenseError


@dataclass
class Escape:
    """An error that nobody caught.

    Attributes:
        trace: as Python prints it; "" where none escaped.
    """

    trace: str = ""

    @property
    def last_line(self) -> str:
        """The error and its message."""
        return self.trace.splitlines()[-1]


@contextmanager
def escapes(refusals: type[DyocenseError] = DyocenseError) -> Iterator[Escape]:
    """Keep what escapes; the refusals that the caller deals with pass."""
    escape = Escape()
    try:
        yield escape
    except refusals:
        raise
    except Exception:  # noqa: BLE001  # whatever it is: that it escaped is the finding
        escape.trace = traceback.format_exc()
