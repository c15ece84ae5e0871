"""The app itself on this machine: seconds that an owner waits, CPU and memory, in a real browser.

Everything runs on 127.0.0.1 with empty databases; the only trace it leaves is the compiled code of the models, which is
kept as always. It takes some minutes. Other work on the machine makes the figures worse, so the load is reported.
"""

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from importlib.metadata import version

from benchmarks import visits
from benchmarks.server import ROOT, NoServer
from benchmarks.tab import chromium
from benchmarks.table import number
from benchmarks.timings import Timing, ratio, table
from benchmarks.visits import Lab, Timings
from engine.compute import WarmWorker
from engine.errors import DyocenseError
from engine.forecast import Panel
from engine.settings import Settings
from engine.workflows import files
from engine.workflows.forecast import forecasts

HEAVY = {"streamlit", "pandas", "plotly", "sqlmodel", "sqlalchemy", "alembic", "scipy", "sklearn", "babel", "numba"}
HEAVY |= {"statsforecast", "pmdarima", "prophet", "xgboost", "openpyxl", "fastexcel", "xlsxwriter", "pyarrow"}
IMPORTS = {"": "Python alone", "engine": "import engine", "engine.workflows.forecast.forecasts": "import the forecasts"}
PANELS: dict[Panel, int] = {"quick": 5, "full": 1}
"""How often each is run per repetition; the full one takes half a minute."""
FORECAST_SECONDS = 600.0
COLLECTED = ("minimal", "forecast")
"""Pages that are also measured with Streamlit's garbage collection after each run."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this area alone."""
    parser.add_argument("--repetitions", type=int, default=3, choices=range(1, 101), metavar="N", help="1 to 100")


@dataclass(frozen=True)
class Findings:
    """What was measured, and why something was not: a machine too slow for one thing still gets the other figures."""

    timings: dict[str, Timing] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, measure: Callable[[], Timings]) -> None:
        """Measure, and note what came of it."""
        from playwright.sync_api import Error

        print(f"measuring: {name}", file=sys.stderr, flush=True)
        try:
            self.timings.update(measure())
        except (Error, NoServer, DyocenseError) as problem:
            self.missing[name] = str(problem).splitlines()[0]


def run(options: argparse.Namespace) -> tuple[str, dict[str, object]]:
    """Measure everything; the table, and the figures for the JSON line."""
    findings = Findings()
    heavy = {module: _heavy_after(module) for module in IMPORTS if module}
    machine: dict[str, object] = {"cores": os.cpu_count(), "load_before": os.getloadavg()}
    with chromium() as launch, closing(launch()) as browser:
        machine |= {"python": platform.python_version(), "streamlit": version("streamlit"), "chromium": browser.version}
        findings.add("imports", lambda: _imports(options.repetitions))
        findings.add("engine", lambda: _forecasts(options.repetitions))
        _visit(Lab(launch, browser, options.repetitions), findings)
    machine["load_after"] = os.getloadavg()
    ratios = {page: ratio(findings.timings, f"rerun_cpu_{page}_default_gc", f"rerun_cpu_{page}") for page in COLLECTED}
    figures = {key: timing.figures() for key, timing in findings.timings.items()}
    found = {"machine": machine, "timings": figures, "default_gc_ratio": ratios, "heavy": heavy}
    return _text(findings, machine, ratios, heavy), {**found, "missing": findings.missing}


def timed_forecasts(panel: Panel, times: int) -> list[tuple[float, float]]:
    """Clock and CPU seconds of forecasts of the bakery's total four weeks ahead, after one that is thrown away."""
    path = files.sample("bakery").path
    business = files.open_business(path.read_bytes(), path.name, Settings(), today=date.today())
    history = forecasts.history_for(business, "quantity")
    found = []
    for _ in range(times + 1):
        clock, cpu = time.perf_counter(), sum(os.times()[:4])
        forecasts.run_forecast(history, 28, panel)
        found.append((time.perf_counter() - clock, sum(os.times()[:4]) - cpu))
    return found[1:]


def _visit(lab: Lab, findings: Findings) -> None:
    findings.add("starts", lambda: visits.starts(lab))
    findings.add("one server", lambda: _visit_one_server(lab, findings))
    findings.add("forecast page with collection", lambda: visits.with_collection(lab))
    for collection in (True, False):
        name = f"minimal page with{'' if collection else 'out'} collection"
        findings.add(name, partial(visits.minimal_page, lab, collection))


def _visit_one_server(lab: Lab, findings: Findings) -> Timings:
    with visits.fresh_app() as server:
        for measure in visits.ON_ONE_SERVER:
            findings.add(measure.__name__.replace("_", " "), partial(measure, lab, server))
    yield from ()


def _imports(repetitions: int) -> Timings:
    seconds: dict[str, list[float]] = {module: [] for module in IMPORTS}
    for _ in range(5 * repetitions):
        for module, values in seconds.items():
            values.append(float(_fresh_python(f"import time; {_import(module)}; print(time.process_time())")))
    for module, label in IMPORTS.items():
        key = f"cpu_import_{module.replace('.', '_')}" if module else "cpu_python"
        goal = 0.3 if module == "engine" else None
        yield key, Timing(f"{label}, CPU of a new process", "s", tuple(seconds[module]), goal)


def _heavy_after(module: str) -> list[str]:
    """The heavy libraries that a module brings along."""
    return sorted(HEAVY.intersection(_fresh_python(f"import sys, {module}; print(*sys.modules)").split()))


def _import(module: str) -> str:
    return f"import {module}" if module else "pass"


def _fresh_python(script: str) -> str:
    return subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def _forecasts(repetitions: int) -> Timings:
    """In a helper process like the app's own."""
    worker = WarmWorker(("benchmarks.app",), environment=forecasts.model_environment(Settings()))
    try:
        for panel, times in PANELS.items():
            found = worker.run(timed_forecasts, panel, times * repetitions, timeout=FORECAST_SECONDS * repetitions)
            clock, cpu = zip(*found, strict=True)
            yield f"{panel}_forecast", Timing(f"the engine alone, {panel} models", "s", clock)
            yield f"{panel}_forecast_cpu", Timing(f"the engine alone, {panel} models, CPU", "s", cpu)
    finally:
        worker.close()


def _text(findings: Findings, machine: dict[str, object], ratios: dict[str, float], heavy: dict[str, list[str]]) -> str:
    return "\n\n".join(
        [
            ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in machine.items()),
            table(findings.timings),
            "Rerun with Streamlit's garbage collection after each run, CPU against without: "
            + ", ".join(f"{page} page {number(value, 1)}" for page, value in ratios.items()),
            "\n".join(
                f"import {module} brings {', '.join(names) or 'no heavy library'}" for module, names in heavy.items()
            ),
            *(f"Not measured: {name}, because {problem}" for name, problem in findings.missing.items()),
        ]
    )
