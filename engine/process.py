"""A child process that answers function calls over a channel of its own.

The standard library's spawn runs the parent's main script again in the child, and under Streamlit that script is the
page. Here the child starts from this module instead, so nothing of the parent runs twice. Calls arrive on the child's
standard input and answers leave on its standard output, both moved out of reach first, so that a chatty library
cannot garble them: what it prints goes to the log.
"""

import importlib
import logging
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any, Literal, Protocol

from engine.errors import DyocenseError, JobFailed

logger = logging.getLogger(__name__)

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""Numerical libraries in a child keep to one thread, so that the screen keeps the other core."""


class Report(Protocol):
    """How work says how far it has come: a share of the whole, 0..1, and a short note for the owner."""

    def __call__(self, share: float, note: str) -> None:
        """Say that `share` of the work is done and what comes now."""


@dataclass(frozen=True)
class Allowance:
    """What a call may use; a child that uses more is ended by the system (on Linux; elsewhere less is enforced).

    Attributes:
        megabytes: memory beyond what the child holds when the call begins.
        cpu_seconds: of all its threads together.
    """

    megabytes: int
    cpu_seconds: int


@dataclass(frozen=True)
class Call:
    """One function call; with `reports`, the function is also given `report=`."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    reports: bool
    allowance: Allowance | None = None


@dataclass(frozen=True)
class Progress:
    """How far the call has come."""

    share: float
    note: str


@dataclass(frozen=True)
class ReturnValue:
    """The call came to its end."""

    value: Any


@dataclass(frozen=True)
class Failure:
    """The call ended in an error.

    Attributes:
        error: the error as it was, or None when it cannot leave its process.
        kind: the name of its class.
        trace: the child's traceback.
    """

    error: Exception | None
    kind: str
    trace: str

    def problem(self) -> DyocenseError:
        """What the owner reads: an error that we raise on purpose as it was, any other in words (and in the log)."""
        if isinstance(self.error, DyocenseError):
            return self.error
        logger.error("A calculation failed:\n%s", self.trace)
        return JobFailed(f"The calculation met an unexpected error ({self.kind}); the details are in the log.")


class ChildEnded(JobFailed):
    """The child was gone before it answered.

    Attributes:
        code: its exit code, below 0 where a signal ended it.
        heard: True when it had sent something about the call before.
    """

    def __init__(self, problem: str, *, code: int = 0, heard: bool = False) -> None:
        super().__init__(problem)
        self.code, self.heard = code, heard


class Overdue(JobFailed):
    """The child took longer than it was given, and was stopped."""


class AllowanceSpent(JobFailed):
    """The call used more than its allowance, and was stopped.

    Attributes:
        what: "memory" or "time".
    """

    def __init__(self, what: Literal["memory", "time"]) -> None:
        super().__init__(f"The calculation needed more {what} than it was given, and was stopped.")
        self.what = what


SPENT: dict[int, Literal["memory", "time"]] = (
    {}
    if sys.platform == "win32"
    else {-signal.SIGXCPU: "time", -signal.SIGABRT: "memory", -signal.SIGSEGV: "memory", -signal.SIGBUS: "memory"}
)
"""The signals that end a child beyond its allowance: libraries break off where they are given no more memory."""


def pack(function: Callable[..., Any], *args: Any, reports: bool = False, allowance: Allowance | None = None) -> bytes:
    """A call, ready to travel.

    Raises:
        ValueError: the function lives in the main script, which the child does not have.
        pickle.PicklingError: the function is no module's, or an argument cannot be copied to another process.
    """
    if getattr(function, "__module__", None) == "__main__":
        raise ValueError(f"{function} must live in an importable module to run in another process")
    return pickle.dumps(Call(function, args, reports, allowance))


def preload(*names: str) -> None:
    """Import these modules, so that later calls find them ready."""
    for name in names:
        importlib.import_module(name)


class Child:
    """One child process, which answers one call at a time and never outlives its parent.

    Args:
        environment: variables that the child sees before it imports anything.

    Raises:
        ChildEnded: the computer has no room for another process.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._ending = threading.Lock()
        try:
            self._process = _start({**os.environ, **ONE_THREAD, **environment})
        except OSError as refused:
            raise ChildEnded(f"The computer could not start the calculation: {refused.strerror}.") from refused
        assert self._process.stdin is not None and self._process.stdout is not None
        self._requests, self._answers = self._process.stdin, self._process.stdout

    @property
    def alive(self) -> bool:
        """False when the child is gone."""
        with self._ending:
            return self._process.poll() is None

    def ask(
        self,
        call: bytes,
        *,
        seconds: float,
        report: Report = lambda share, note: None,
        content: bytes | None = None,
    ) -> ReturnValue | Failure:
        """Send a packed call and wait for its answer; progress goes to `report` meanwhile.

        Args:
            call: what `pack` made.
            seconds: longest wait for the answer, > 0.
            report: is told how far the call has come.
            content: the function's first argument where it is large: it travels without being copied in this process.

        Raises:
            Overdue: no answer within `seconds`; the child is no more.
            ChildEnded: the child ended first, or was closed before.
        """
        if self._requests.closed:
            raise ChildEnded("The calculation was ended before it began. Run it again.")
        overdue = threading.Event()

        def ring() -> None:
            overdue.set()
            self.kill()

        alarm = threading.Timer(seconds, ring)
        alarm.daemon = True
        alarm.start()
        heard = False
        try:
            _send(self._requests, call)
            _send(self._requests, content)
            while isinstance(message := self._receive(), Progress):
                heard = True
                report(message.share, message.note)
        except (OSError, EOFError, pickle.UnpicklingError) as ended:
            code = self.close()
            if overdue.is_set():
                raise Overdue(f"The calculation took longer than {seconds:g} seconds and was stopped.") from ended
            problem = f"The calculation stopped without an answer: {_how_it_ended(code)}. Run it again."
            raise ChildEnded(problem, code=code, heard=heard) from ended
        finally:
            alarm.cancel()
        return message

    def kill(self) -> None:
        """End the child at once, with all processes that it started; safe from any thread, more than once."""
        with self._ending:
            self._kill()

    def close(self) -> int:
        """End the child, wait until it is gone, and return its exit code, below 0 where a signal ended it."""
        with self._ending:
            self._kill()
            code = self._process.wait()
        for pipe in (self._requests, self._answers):
            with suppress(OSError):
                pipe.close()
        return code

    def _kill(self) -> None:
        # Until `wait` has collected it, the process number cannot belong to anybody else.
        if self._process.returncode is not None:
            return
        if sys.platform == "win32":
            self._process.kill()
        else:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _receive(self) -> Progress | ReturnValue | Failure:
        answer: Progress | ReturnValue | Failure = pickle.loads(pickle.load(self._answers))  # noqa: S301 - from our own child
        return answer


def _start(environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    search = os.pathsep.join(path or str(Path.cwd()) for path in sys.path)
    return subprocess.Popen(
        [sys.executable, "-P", "-c", "from engine.process import serve; serve()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**environment, "PYTHONPATH": search},
        start_new_session=True,
    )


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"its process ended early (code {code})"
    often = ", which often means that the memory ran out" if -code == signal.SIGKILL else ""
    return f"the system ended its process (signal {-code}{often})"


def serve() -> None:
    """What the child does: answer calls in its main thread until the parent is gone."""
    requests, answers = _take_over_stdio()
    calls: SimpleQueue[tuple[bytes, bytes | None]] = SimpleQueue()
    threading.Thread(target=_listen, args=(requests, calls), daemon=True).start()
    speaking = threading.Lock()

    def say(message: Progress | ReturnValue | Failure) -> None:
        packed = pickle.dumps(message)
        with speaking:
            _send(answers, packed)

    while True:
        _answer(*calls.get(), say)


def _take_over_stdio() -> tuple[IO[bytes], IO[bytes]]:
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, answers


def _listen(requests: IO[bytes], calls: "SimpleQueue[tuple[bytes, bytes | None]]") -> None:
    """Pass calls on; when the parent's end of the pipe closes, end this process and those that it started."""
    while True:
        try:
            calls.put((pickle.load(requests), pickle.load(requests)))  # noqa: S301 - from our own parent
        except (EOFError, OSError, pickle.UnpicklingError):
            if sys.platform != "win32" and os.getpgid(0) == os.getpid():
                os.killpg(0, signal.SIGKILL)
            os._exit(1)


def _answer(packed: bytes, content: bytes | None, say: Callable[[Progress | ReturnValue | Failure], None]) -> None:
    def report(share: float, note: str) -> None:
        say(Progress(min(1.0, max(0.0, share)), note))

    try:
        call: Call = pickle.loads(packed)  # noqa: S301 - from our own parent
        args = call.args if content is None else (content, *call.args)
        with _within(call.allowance):
            if call.allowance:
                report(0.0, "")  # from here on it is the call that ends this process
            value = call.function(*args, report=report) if call.reports else call.function(*args)
            say(ReturnValue(value))
    except BaseException as error:  # noqa: BLE001 - the border of a process: whatever it is, the parent decides
        say(Failure(_portable(error), type(error).__name__, "".join(traceback.format_exception(error))))


@contextmanager
def _within(allowance: Allowance | None) -> Iterator[None]:
    """Let the system end this process where it uses more than it may."""
    if allowance is None or sys.platform == "win32":
        yield
        return
    import resource

    held = _held_bytes()
    caps = {resource.RLIMIT_CPU: ceil(time.process_time()) + allowance.cpu_seconds, resource.RLIMIT_CORE: 0}
    if held:
        caps[resource.RLIMIT_DATA] = held + allowance.megabytes * 1_000_000
    before = {kind: resource.getrlimit(kind) for kind in caps}
    for kind, cap in caps.items():
        _soften(kind, cap)
    try:
        yield
    finally:
        for kind, (soft, _) in before.items():
            _soften(kind, soft)


def _soften(kind: int, cap: int) -> None:
    import resource

    hard = resource.getrlimit(kind)[1]
    resource.setrlimit(kind, (cap if hard == resource.RLIM_INFINITY else min(cap, hard), hard))


def _held_bytes() -> int:
    """Bytes that this process can write to and nobody shares, as the system counts them; 0 where it does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[5]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def _portable(error: BaseException) -> Exception | None:
    """The error if a copy of it can be made and raised on the other side, else None."""
    if not isinstance(error, Exception):
        return None
    try:
        copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - made one line earlier
    except Exception:  # noqa: BLE001 - foreign errors fail to copy in ways of their own
        return None
    return error if type(copy) is type(error) else None


def _send(pipe: IO[bytes], packed: bytes | None) -> None:
    # Packed twice: the outer layer has no class to import, so a message that cannot be read leaves the next in step.
    pickle.dump(packed, pipe)
    pipe.flush()
