"""A line of jobs, a few of which run at once, and their results by key."""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

from engine.errors import DyocenseError, JobFailed
from engine.process import Child, Failure, pack, preload

LOADING_SECONDS = 180.0
"""Longest time to load modules before a job."""

State = Literal["waiting", "running", "done", "failed", "cancelled"]


@dataclass(frozen=True)
class JobStatus:
    """Where a job stands.

    Attributes:
        state: "waiting" in line, "running", or how it ended.
        progress: share of the work done, 0..1.
        note: what it is doing, in the owner's words; "" when it has not said.
        place_in_line: 1 for the next to start, 0 when it is not waiting.
        problem: why there is no result, one or two sentences; "" unless failed or cancelled.
    """

    state: State
    progress: float = 0.0
    note: str = ""
    place_in_line: int = 0
    problem: str = ""

    @property
    def over(self) -> bool:
        """True when nothing more will happen."""
        return self.state in ("done", "failed", "cancelled")


class Job:
    """One piece of work; made by `JobQueue.submit`, and safe to use from any thread.

    Attributes:
        key: what the result depends on.
    """

    def __init__(self, queue: "JobQueue", key: Hashable, call: bytes, work: Callable[..., Any]) -> None:
        self.key = key
        self._work = work
        self._queue, self._call = queue, call
        self._status = JobStatus("waiting")
        self._over = threading.Event()
        self._child: Child | None = None
        self._value: Any = None
        self._error: DyocenseError | None = None

    def status(self) -> JobStatus:
        """Where the job stands now; returns at once."""
        return self._queue._status_of(self)

    def wait(self, seconds: float | None = None) -> JobStatus:
        """Wait until the job is over, at most so many seconds, and say where it stands."""
        self._over.wait(seconds)
        return self.status()

    def result(self) -> Any:
        """What the work returned; waits until it is over.

        Raises:
            DyocenseError: the problem that the work itself raised, whole.
            JobFailed: it crashed, took too long, or was cancelled.
        """
        self._over.wait()
        if self._error is not None:
            # One error object serves many readers; without this its traceback would grow with each of them.
            raise self._error.with_traceback(None)
        return self._value

    def cancel(self) -> None:
        """Take the job out of the line, or end its process; a job that is over stays as it is."""
        self._queue._cancel(self)


class _Ready:
    """A process that loads modules before its job comes."""

    def __init__(self, environment: Mapping[str, str], modules: tuple[str, ...]) -> None:
        self.child: Child | None = None
        try:
            self.child = Child(environment)
        except JobFailed:
            return  # the job itself will say that there is no room for a process
        self._loading = threading.Thread(target=self._load, args=(self.child, modules), daemon=True)
        self._loading.start()

    def _load(self, child: Child, modules: tuple[str, ...]) -> None:
        with suppress(JobFailed):  # it was closed, or the job will meet the same problem and say so
            child.ask(pack(preload, *modules), seconds=LOADING_SECONDS)

    def wait(self) -> None:
        """Until the modules are loaded; a killed process ends the wait."""
        self._loading.join()

    def close(self) -> None:
        """End the process; no job came."""
        if self.child is not None:
            self.child.kill()
            self._loading.join()
            self.child.close()


class JobQueue:
    """Runs work in child processes, `slots` at a time, and remembers results by key.

    A process ends with its work, with `cancel`, with the time limit, and with the program that owns the queue.

    Args:
        slots: how many jobs run side by side, >= 1.
        seconds: a job is stopped after so many seconds.
        keep: how many finished jobs are remembered; the one used longest ago is forgotten first.
        environment: variables that each process sees before it imports anything.
    """

    def __init__(
        self, slots: int, seconds: float, keep: int = 32, *, environment: Mapping[str, str] | None = None
    ) -> None:
        self._slots, self._seconds, self._keep = slots, seconds, keep
        self._environment = dict(environment or {})
        self._lock = threading.RLock()
        self._jobs: OrderedDict[Hashable, Job] = OrderedDict()
        self._line: deque[Job] = deque()
        self._running: dict[Job, threading.Thread] = {}
        self._ready: dict[Callable[..., Any], _Ready] = {}
        self._closed = False

    def submit(self, key: Hashable, work: Callable[..., Any], *args: Any) -> Job:
        """Put `work(*args, report=...)` in line, or return the job that has this key already.

        A job that failed or was cancelled is replaced by a fresh one.

        Args:
            key: what the result depends on; equal keys share one result.
            work: a function of an importable module; it is given `report`, see `Report`.
            args: anything that pickle can copy.

        Raises:
            JobFailed: the queue is closed.
            ValueError: the function lives in the main script, which a child does not have.
            pickle.PicklingError: the function or an argument cannot be copied to another process.
        """
        with self._lock:
            earlier = self.get(key)
            if earlier is not None and earlier._status.state not in ("failed", "cancelled"):
                return earlier
            if self._closed:
                raise JobFailed("The program is closing and takes no new work.")
            job = self._jobs[key] = Job(self, key, pack(work, *args, reports=True), work)
            self._jobs.move_to_end(key)
            self._line.append(job)
            self._start_next()
            return job

    def make_ready(self, work: Callable[..., Any], *modules: str) -> None:
        """Begin to load modules in a process that waits for the next job with this work; returns at once.

        To be called when the job is likely to come, for the process keeps its memory until then.
        """
        with self._lock:
            if not self._closed and work not in self._ready:
                self._ready[work] = _Ready(self._environment, modules)

    def get(self, key: Hashable) -> Job | None:
        """The job with this key, if it is remembered."""
        with self._lock:
            job = self._jobs.get(key)
            if job is not None:
                self._jobs.move_to_end(key)
            return job

    def close(self) -> None:
        """Cancel what waits and runs, and wait until the processes are gone."""
        with self._lock:
            self._closed = True
            unfinished = [*self._line, *self._running]
            watchers = list(self._running.values())
            unused = list(self._ready.values())
            self._ready.clear()
        for ready in unused:
            ready.close()
        for job in unfinished:
            job.cancel()
        for watcher in watchers:
            watcher.join()

    def _status_of(self, job: Job) -> JobStatus:
        with self._lock:
            place = self._line.index(job) + 1 if job in self._line else 0
            return replace(job._status, place_in_line=place)

    def _cancel(self, job: Job) -> None:
        self._settle(job, "cancelled", error=JobFailed("The calculation was cancelled."))
        with self._lock:
            child = job._child
        if child is not None:
            child.kill()

    def _start_next(self) -> None:
        with self._lock:
            while self._line and len(self._running) < self._slots and not self._closed:
                job = self._line.popleft()
                job._status = JobStatus("running")
                watcher = threading.Thread(target=self._watch, args=(job,), name="job watcher", daemon=True)
                self._running[job] = watcher
                watcher.start()

    def _watch(self, job: Job) -> None:
        """Run one job to its end; the only place where its process is started, heard and collected."""
        try:
            child, loaded = self._child_for(job)
            try:
                with self._lock:
                    job._child = child
                    called_off = job._status.over
                if not called_off:
                    loaded()
                    self._hear(job, child)
            finally:
                child.kill()
                loaded()  # closed under the hands of the thread that loads it, the child would break there
                child.close()
        except JobFailed as failed:
            self._settle(job, "failed", error=failed)
        finally:
            # Whatever went wrong on our own side, nobody waits for this job forever.
            self._settle(job, "failed", error=JobFailed("The answer of the calculation could not be read."))
            with self._lock:
                job._child = None
                del self._running[job]
                self._start_next()

    def _child_for(self, job: Job) -> tuple[Child, Callable[[], None]]:
        """The process that was made ready for this work, or a fresh one; and how to wait until it is loaded."""
        with self._lock:
            ready = self._ready.pop(job._work, None)
        if ready is not None and ready.child is not None:
            return ready.child, ready.wait
        return Child(self._environment), lambda: None

    def _hear(self, job: Job, child: Child) -> None:
        answer = child.ask(job._call, seconds=self._seconds, report=partial(self._note_progress, job))
        if not isinstance(answer, Failure):
            self._settle(job, "done", value=answer.value)
        else:
            self._settle(job, "failed", error=answer.problem())

    def _note_progress(self, job: Job, share: float, note: str) -> None:
        with self._lock:
            if not job._status.over:
                job._status = replace(job._status, progress=share, note=note)

    def _settle(self, job: Job, state: State, *, value: Any = None, error: DyocenseError | None = None) -> None:
        """Write how a job ended, once; a job that is over stays as it is."""
        with self._lock:
            if job._status.over:
                return
            progress = 1.0 if state == "done" else job._status.progress
            problem = "" if error is None else str(error)
            job._status = replace(job._status, state=state, progress=progress, problem=problem)
            job._value, job._error, job._call = value, error, b""
            if job in self._line:
                self._line.remove(job)
            self._forget_old()
            job._over.set()

    def _forget_old(self) -> None:
        finished = [key for key, job in self._jobs.items() if job._status.over]
        for key in finished[: max(0, len(finished) - self._keep)]:
            del self._jobs[key]
