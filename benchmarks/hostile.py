"""Files made to hurt the server: what reading each costs, and how fast the app answers others meanwhile."""

import argparse
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Client
from pathlib import Path

from benchmarks import hostile_files
from benchmarks.hostile_server import Outcome, socket_in
from benchmarks.server import ROOT, Server, serving
from benchmarks.table import aligned, number

MOST_CPU_SECONDS, MOST_MEGABYTES, MOST_HEALTH_SECONDS = 10.0, 1_000.0, 1.0
"""What reading a file may cost, and how long a question after the server's health may take meanwhile."""

_STEP_SECONDS = 0.02
_HEALTH_STEP_SECONDS = 0.05
_LONGEST_NAME = 90


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this area alone."""
    parser.add_argument("--data", type=Path, required=True, help="the folder with the files")
    parser.add_argument("--variants", type=int, default=10, help="files that are made anew of each kind (default: 10)")
    parser.add_argument("--seed", type=int, default=1, help="of the files that are made anew")
    parser.add_argument("--kinds", nargs="*", default=list(hostile_files.KINDS), help="only these kinds")


@dataclass(frozen=True)
class Cost:
    """What reading a file took.

    Attributes:
        name: the file.
        cpu: seconds of CPU of all reading processes.
        megabytes: the most that they held beyond what they held before.
        outcome: what came of it.
    """

    name: str
    cpu: float
    megabytes: float
    outcome: Outcome

    @property
    def within(self) -> bool:
        """True when it cost little enough and its owner knows what to do."""
        cheap = self.cpu <= MOST_CPU_SECONDS and self.megabytes <= MOST_MEGABYTES
        return cheap and self.outcome.helps and self.outcome.next_works


def run(options: argparse.Namespace) -> tuple[str, dict[str, object]]:
    """Read every file; the table, and the figures for the JSON line."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with serving(ROOT / "Home.py", folder, module="benchmarks.hostile_server") as server:
            health = Health(f"{server.address}/_stcore/health")
            with health.watched(), Client(socket_in(folder), "AF_UNIX") as reader:
                reader.recv()
                costs = [cost(server, reader, path) for path in _paths(options, folder)]
                reader.send(None)
    figures: dict[str, object] = {
        "files": len(costs),
        "within": sum(each.within for each in costs),
        "worst_cpu_s": max(each.cpu for each in costs),
        "worst_mb": max(each.megabytes for each in costs),
        "health_worst_s": max(health.seconds),
        "health_checks": len(health.seconds),
    }
    return _text(costs), figures


def _paths(options: argparse.Namespace, folder: Path) -> Iterator[Path]:
    """The files of the folder, then those that are made anew, one at a time."""
    yield from sorted(path for path in options.data.iterdir() if path.suffix not in ("", ".md"))
    for file in hostile_files.variants(options.seed, options.variants, options.kinds):
        path = folder / file.name
        path.write_bytes(file.content)
        yield path
        path.unlink()


def cost(server: Server, reader: "Client", path: Path) -> Cost:  # type: ignore[valid-type]
    """Have the server read a file, and watch its processes meanwhile."""
    watch = Watch(server)
    with watch.watched():
        reader.send(path)  # type: ignore[attr-defined]
        result: Outcome = reader.recv()  # type: ignore[attr-defined]
    return Cost(path.name, watch.cpu, watch.megabytes, result)


@dataclass
class Watch:
    """The CPU and the memory of a server's child processes while something happens.

    Attributes:
        cpu: seconds of all of them, those that end meanwhile included.
        megabytes: the most that all of them held together, beyond what they held at first.
    """

    server: Server
    cpu: float = 0.0
    megabytes: float = 0.0
    _seconds: dict[int, float] = field(default_factory=dict)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watch while the block runs."""
        self.server.forget_peaks()
        before = self.server.children_use()
        baseline = sum(use.megabytes for use in before.values())
        over = threading.Event()

        def look() -> None:
            while True:
                last = over.wait(_STEP_SECONDS)
                now = self.server.children_use()
                self._seconds |= {pid: use.cpu for pid, use in now.items()}
                self.megabytes = max(self.megabytes, sum(use.peak_megabytes for use in now.values()) - baseline)
                if last:
                    return

        looking = threading.Thread(target=look, daemon=True)
        looking.start()
        try:
            yield
        finally:
            over.set()
            looking.join()
            self.cpu = sum(self._seconds.values()) - sum(use.cpu for pid, use in before.items() if pid in self._seconds)


class Health:
    """How long a server takes to say that it is well, asked again and again.

    Attributes:
        seconds: of each answer.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self.seconds: list[float] = []

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Ask while the block runs."""
        over = threading.Event()
        asking = threading.Thread(target=self._ask, args=(over,), daemon=True)
        asking.start()
        try:
            yield
        finally:
            over.set()
            asking.join()

    def _ask(self, over: threading.Event) -> None:
        while True:
            began = time.perf_counter()
            with urllib.request.urlopen(self._url, timeout=120):
                self.seconds.append(time.perf_counter() - began)
            if over.wait(_HEALTH_STEP_SECONDS):
                return


def _text(costs: list[Cost]) -> str:
    rows = [
        [each.name, number(each.cpu, 2), number(each.megabytes, 0), "yes" if each.within else "NO"] for each in costs
    ]
    table = aligned(["file", "CPU s", "MB above", "within"], rows).splitlines()
    words = ["  result", "  ------", *("  " + each.outcome.words[:_LONGEST_NAME] for each in costs)]
    return "\n".join(line + word for line, word in zip(table, words, strict=True))
