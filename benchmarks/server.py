"""Streamlit servers on this machine, and what the kernel counts for their processes (on Linux; NaN elsewhere)."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
START_SECONDS = 120.0


class NoServer(Exception):
    """A server did not come up."""


@dataclass(frozen=True)
class Server:
    """A server that answers.

    Attributes:
        address: its URL, without a slash at the end.
        pid: its process.
        launched: when the process was started, in `time.perf_counter` seconds.
        healthy: seconds from there until it answered.
    """

    address: str
    pid: int
    launched: float
    healthy: float

    def cpu_seconds(self) -> float:
        """CPU seconds of the server's own process so far, user and system, in steps of 10 ms."""
        return cpu_seconds(_kernel(self.pid, "stat"), os.sysconf("SC_CLK_TCK"))

    def peak_megabytes(self) -> float:
        """The most memory that the server's own process ever had resident."""
        return peak_megabytes(_kernel(self.pid, "status"))

    def helper_peak_megabytes(self) -> float:
        """The same for the process that runs the quick models: the oldest child; NaN when there is none."""
        children = sorted(map(int, _kernel(self.pid, f"task/{self.pid}/children").split())) or self._children()
        return peak_megabytes(_kernel(children[0], "status")) if children else float("nan")

    def children_use(self) -> "dict[int, Use]":
        """What the kernel counts for each process that the server started, or that one of those did."""
        parents = {
            int(folder.name): parent(_kernel(int(folder.name), "stat")) for folder in Path("/proc").glob("[0-9]*")
        }
        pids, found = [self.pid], set[int]()
        while pids:
            pids = [pid for pid, above in parents.items() if above in pids]
            found.update(pids)
        uses = {pid: use(_kernel(pid, "stat"), _kernel(pid, "status")) for pid in found}
        return {pid: each for pid, each in uses.items() if each.cpu == each.cpu}

    def forget_peaks(self) -> None:
        """Let the kernel count the most memory of the child processes anew."""
        for pid in self.children_use():
            with suppress(OSError):
                Path(f"/proc/{pid}/clear_refs").write_text("5")

    def _children(self) -> list[int]:
        others = (int(folder.name) for folder in Path("/proc").glob("[0-9]*"))
        return sorted(pid for pid in others if parent(_kernel(pid, "stat")) == self.pid)


@dataclass(frozen=True)
class Use:
    """What a process uses.

    Attributes:
        cpu: seconds, user and system, its children that have ended included.
        megabytes: memory that is resident now.
        peak_megabytes: the most that was.
    """

    cpu: float
    megabytes: float
    peak_megabytes: float


@contextmanager
def serving(script: Path, folder: Path, *options: str, module: str = "") -> Iterator[Server]:
    """Serve a page with an empty database in the folder; the server ends with the block.

    Args:
        script: the page; its folder is where Streamlit looks for its configuration.
        folder: an empty one, for the database and the log.
        options: for `streamlit run`.
        module: what is run in the place of `streamlit run`, with the same arguments.

    Raises:
        NoServer: it ended, or did not answer within two minutes.
    """
    port = _free_port()
    program = [module] if module else ["streamlit", "run"]
    command = [sys.executable, "-m", *program, str(script), "--server.address=127.0.0.1"]
    environment = {**os.environ, "DYOCENSE_DATABASE_URL": f"sqlite:///{folder / 'app.db'}", "DYOCENSE_WORKSPACE": ""}
    launched = time.perf_counter()
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, f"--server.port={port}", *options], cwd=script.parent, env=environment, stdout=log, stderr=log
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health", process)
        yield Server(f"http://127.0.0.1:{port}", process.pid, launched, time.perf_counter() - launched)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()


def cpu_seconds(stat: str, ticks_per_second: int) -> float:
    """User and system seconds from the text of `/proc/PID/stat`; NaN from an empty text.

    Source: proc(5); the second field, the command in parentheses, may itself hold spaces and parentheses.
    """
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / ticks_per_second if fields else float("nan")


def use(stat: str, status: str) -> Use:
    """What the texts of `/proc/PID/stat` and `/proc/PID/status` say; NaN where they are empty."""
    fields = stat.rpartition(")")[2].split()
    ended = (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK") if fields else float("nan")
    seconds = cpu_seconds(stat, os.sysconf("SC_CLK_TCK")) + ended
    return Use(seconds, megabytes(status, "VmRSS"), megabytes(status, "VmHWM"))


def parent(stat: str) -> int:
    """The parent's number from the text of `/proc/PID/stat`; 0 from an empty text."""
    fields = stat.rpartition(")")[2].split()
    return int(fields[1]) if fields else 0


def peak_megabytes(status: str) -> float:
    """The most memory ever resident, from the text of `/proc/PID/status`; see `megabytes`."""
    return megabytes(status, "VmHWM")


def megabytes(status: str, key: str) -> float:
    """A line of the text of `/proc/PID/status`, in megabytes of 1,000,000 bytes; NaN when it is not there."""
    lines = (line.split() for line in status.splitlines() if line.startswith(f"{key}:"))
    return next((int(words[1]) * 1024 / 1e6 for words in lines), float("nan"))


def _kernel(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except OSError:
        return ""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.02)
    raise NoServer(f"{url} did not answer (exit code {process.poll()})")
