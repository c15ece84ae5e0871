"""Where per-series work runs: a warm process beside the server, many processes, or a Dask cluster."""

from engine.compute.chunks import Chunk, Runner, map_chunks, processes, runner_for, serial
from engine.compute.warm import WarmWorker

__all__ = ["Chunk", "Runner", "WarmWorker", "map_chunks", "processes", "runner_for", "serial"]
