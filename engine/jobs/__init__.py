"""Work that takes longer than a breath: in a process of its own, with progress, a place in line, and cancel."""

from engine.jobs.queue import Job, JobQueue, JobStatus
from engine.process import Report

__all__ = ["Job", "JobQueue", "JobStatus", "Report"]
