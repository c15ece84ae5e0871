"""Where per-series work runs: a warm process beside the server."""

from engine.compute.warm import WarmWorker

__all__ = ["WarmWorker"]
