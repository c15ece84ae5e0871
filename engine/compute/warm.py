"""A long-lived helper process that has imported the heavy libraries before the first question comes."""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from engine.errors import JobFailed
from engine.process import SPENT, Allowance, AllowanceSpent, Child, ChildEnded, Failure, ReturnValue, pack, preload

PRELOAD_SECONDS = 180.0
"""The imports may take so long; a first start compiles code that later starts find on disk."""

logger = logging.getLogger(__name__)


class WarmWorker:
    """Runs functions in one child process, one at a time, so that the server's own interpreter stays free.

    Safe to call from many threads; they take turns.

    Args:
        preload: modules that the child imports before the first call.
        environment: variables that the child sees before it imports anything.
    """

    def __init__(self, preload: tuple[str, ...], *, environment: Mapping[str, str] | None = None) -> None:
        self._preload, self._environment = preload, dict(environment or {})
        self._turn = threading.Lock()
        self._child: Child | None = None
        self._closed = False

    def start(self) -> None:
        """Begin to warm up, and return at once; `run` waits for the rest."""
        if not self._closed:
            threading.Thread(target=self._warm_up, name="warm-up", daemon=True).start()

    @property
    def idle(self) -> bool:
        """True when a call would start at once: the child is warm and has nothing to do."""
        return self._child is not None and not self._turn.locked()

    def run(self, function: Callable[..., Any], *args: Any, timeout: float) -> Any:
        """Return `function(*args)`, computed in the child.

        A child that died is replaced, and the call is made once more.

        Args:
            function: a function of an importable module.
            args: anything that pickle can copy.
            timeout: seconds that the call itself may take; waiting for a turn or for the imports does not count.

        Raises:
            JobFailed: an unexpected error, no answer within `timeout`, the child died twice, or the worker is closed.
            DyocenseError: what the function raised on purpose, as it was.
            ValueError: the function lives in the main script, which the child does not have.
        """
        call = pack(function, *args)
        with self._turn:
            try:
                answer = self._ask(call, timeout)
            except ChildEnded:
                answer = self._ask(call, timeout)
        return _value(answer)

    def run_within(
        self, allowance: Allowance, function: Callable[..., Any], content: bytes, *args: Any, timeout: float
    ) -> Any:
        """Return `function(content, *args)`, computed in the child, unless it uses more than it may.

        Once it has begun, the call is not made again: what ended one child would end the next.

        Args:
            allowance: the memory and the CPU seconds that it may use.
            function: a function of an importable module.
            content: its first argument, which may be large.
            args: the others; anything that pickle can copy.
            timeout: seconds that the call itself may take.

        Raises:
            AllowanceSpent: it used more.
            JobFailed: an unexpected error, no answer within `timeout`, the child died, or the worker is closed.
            DyocenseError: what the function raised on purpose, as it was.
        """
        call = pack(function, *args, allowance=allowance)
        with self._turn:
            try:
                answer = self._ask(call, timeout, content)
            except ChildEnded as ended:
                if ended.heard and ended.code in SPENT:
                    raise AllowanceSpent(SPENT[ended.code]) from ended
                if ended.heard:
                    raise
                answer = self._ask(call, timeout, content)
        if isinstance(answer, Failure) and answer.kind == "MemoryError":
            raise AllowanceSpent("memory")
        return _value(answer)

    def renew(self) -> None:
        """Replace the child, which may hold the memory of a large call; returns at once."""
        with self._turn:
            self._drop_child()
        self.start()

    def close(self) -> None:
        """End the child, and with it a call that is under way."""
        self._closed = True
        child = self._child
        if child is not None:
            child.kill()
        with self._turn:
            self._drop_child()

    def _warm_up(self) -> None:
        with self._turn:
            try:
                self._ready_child()
            except JobFailed as failed:
                self._drop_child()
                logger.warning("The helper process could not warm up: %s", failed)

    def _ask(self, call: bytes, timeout: float, content: bytes | None = None) -> ReturnValue | Failure:
        try:
            return self._ready_child().ask(call, seconds=timeout, content=content)
        except JobFailed:
            self._drop_child()
            self.start()
            raise

    def _ready_child(self) -> Child:
        if self._closed:
            raise JobFailed("The program is closing and takes no new work.")
        if self._child is not None and not self._child.alive:
            self._drop_child()
        if self._child is None:
            self._child = Child(self._environment)
            imported = self._child.ask(pack(preload, *self._preload), seconds=PRELOAD_SECONDS)
            if isinstance(imported, Failure):
                # The call that needs the missing module will say so to whoever asked.
                logger.warning("The helper process could not import everything:\n%s", imported.trace)
        return self._child

    def _drop_child(self) -> None:
        if self._child is not None:
            self._child.close()
            self._child = None


def _value(answer: ReturnValue | Failure) -> Any:
    if isinstance(answer, ReturnValue):
        return answer.value
    raise answer.problem()
