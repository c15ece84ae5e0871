"""What an owner waits for: each function measures one thing in the real app, in Chromium, and yields its timings."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks.server import ROOT, Server, serving
from benchmarks.tab import Sign, Tab, at_once
from benchmarks.timings import Timing, per_call
from engine.workflows import files

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

Timings = Iterator[tuple[str, Timing]]

HOME_PY = ROOT / "Home.py"
RERUNS = 20
SESSIONS = 10
ROUNDS = 5
LEVELS = (50, 95, 80)
"""In this order, each differs from the level before; a page starts with 80."""

HEADING = Sign("h1")
FAN = Sign(".st-key-fan .js-plotly-plot .scatterlayer .trace")
FORECAST_PAGE = Sign(f'[data-testid="stApp"][data-test-script-state="notRunning"] {FAN.selector}')
HOME_PAGE = Sign('[data-testid="stApp"][data-test-script-state="notRunning"] h1', "What will your business")
RUNNING = Sign('[data-testid="stProgress"]')
CANCELLED = Sign('[data-testid="stAlert"]', "Cancelled")

MINIMAL_PAGE = """import streamlit as st
st.session_state.run = st.session_state.get("run", 0) + 1
st.button("Again")
st.write(f"run {st.session_state.run}.")
"""


@dataclass(frozen=True)
class Lab:
    """What the measurements share: a way to launch browsers, one that runs, and how often to repeat."""

    launch: "Callable[[], Browser]"
    browser: "Browser"
    repetitions: int

    def tab(self, server: Server) -> "closing[Tab]":
        """A tab in a new profile, closed with the block."""
        return closing(Tab(self.browser, server))


@contextmanager
def fresh_app(*options: str) -> Iterator[Server]:
    """The app with an empty database."""
    with TemporaryDirectory() as folder, serving(HOME_PY, Path(folder), *options) as server:
        yield server


def starts(lab: Lab) -> Timings:
    """A new server and a new browser each time; what they have compiled before is on disk."""
    healthy, healthy_cpu = list[float](), list[float]()
    painted, drawn = (list[float](), list[float]()), (list[float](), list[float]())
    for path, sign, (seconds, cpu) in [
        ("/", HEADING, painted),
        ("/forecast?demo=bakery", FAN, drawn),
    ] * lab.repetitions:
        with closing(lab.launch()) as browser, fresh_app() as server, closing(Tab(browser, server)) as tab:
            healthy.append(server.healthy)
            healthy_cpu.append(server.cpu_seconds())
            tab.page.goto(server.address + path, wait_until="commit")
            tab.page.locator(sign.selector).first.wait_for()
            seconds.append(perf_counter() - server.launched)
            cpu.append(server.cpu_seconds())
    start = "start of the server until"
    for key, label, seconds, goal in (
        ("healthy", "it answers", healthy, None),
        ("healthy_cpu", "it answers, its CPU", healthy_cpu, None),
        ("first_paint", "the first heading, new browser", painted[0], 5),
        ("first_paint_cpu", "the first heading, its CPU", painted[1], None),
        ("first_demo_fan", "the fan of ?demo=bakery, new browser", drawn[0], 10),
        ("first_demo_fan_cpu", "the fan of ?demo=bakery, its CPU", drawn[1], None),
    ):
        yield f"start_to_{key}", Timing(f"{start} {label}", "s", tuple(seconds), goal)


def samples(lab: Lab, server: Server) -> Timings:
    """Each sample business once, by its button, each in a new profile; the helper is warm, the forecasts are new."""
    with lab.tab(server) as tab:
        tab.open("/forecast?demo=bakery&horizon=7+days", FAN)
    opened, drawn = [], []
    for sample in files.SAMPLES:
        with lab.tab(server) as tab:
            tab.open("/", Sign("button", sample.title))
            go = Sign("button", "See what will sell")
            opened.append(tab.seconds_to(_button(tab, sample.title), go))
            drawn.append(opened[-1] + tab.seconds_to(_button(tab, go.text), FAN))
    yield "sample_opened", Timing("click on a sample until what was found", "s", tuple(opened), 2)
    yield "sample_fan", Timing("click on a sample, and on to its fan", "s", tuple(drawn), 10)


def first_fans(lab: Lab, server: Server) -> Timings:
    """Each item of the bakery, for the first time: 26 months of days, the quick models."""
    seconds = []
    with lab.tab(server) as tab:
        tab.open("/forecast?demo=bakery", FAN)
        box = tab.page.get_by_role("combobox", name="Item")
        box.click()
        _, *items = tab.page.get_by_role("option").all_inner_texts()
        tab.page.keyboard.press("Escape")
        for item in items:
            box.click()
            option = tab.page.get_by_role("option", name=item, exact=True)
            seconds.append(tab.seconds_to(option, Sign("h4", f"{item}:")))
    yield "first_fan", Timing("choice of an item until its first forecast, quick models", "s", tuple(seconds), 2)


def page_switches(lab: Lab, server: Server) -> Timings:
    """There and back, both pages seen before."""
    seconds: dict[str, list[float]] = {"Forecast": [], "Home": []}
    pages = (("Forecast", FORECAST_PAGE), ("Home", HOME_PAGE))
    with lab.tab(server) as tab:
        tab.open("/?demo=bakery", HEADING)
        for name, sign in pages * (1 + 3 * lab.repetitions):
            link = tab.page.locator('[data-testid="stSidebar"]').get_by_role("link", name=name, exact=True)
            seconds[name].append(tab.seconds_to(link, sign))
    for name, values in seconds.items():
        label = f"click on {name} until the page has settled, warm"
        yield f"switch_to_{name.lower()}", Timing(label, "s", tuple(values[1:]), 1)


def reruns(lab: Lab, server: Server) -> Timings:
    """Widgets whose answer is known already, so the page itself is what costs."""
    with lab.tab(server) as tab:
        tab.open("/?demo=bakery", HEADING)
        sheets = tab.page.get_by_role("radiogroup", name="Sheet").get_by_role("radio").all_inner_texts()
        order = [*sheets[1:], sheets[0]]
        choices = [(_radio(tab, name), Sign("summary", f"The first rows of {name}")) for name in order]
        yield from _rerun("home", "Home, other sheet", tab, choices, lab.repetitions)
    with lab.tab(server) as tab:
        tab.open("/forecast?demo=bakery", FAN)
        yield from _rerun("forecast", "Forecast, other level", tab, _level_choices(tab), lab.repetitions)


def with_collection(lab: Lab) -> Timings:
    """The Forecast page again, with Streamlit's default: a full garbage collection after each run."""
    with fresh_app("--runner.postScriptGC=true") as server, lab.tab(server) as tab:
        tab.open("/forecast?demo=bakery", FAN)
        name = "Forecast, with Streamlit's collection"
        yield from _rerun("forecast_default_gc", name, tab, _level_choices(tab), lab.repetitions, goal=None)


def minimal_page(lab: Lab, collection: bool) -> Timings:
    """A button and one line of text, with or without the garbage collection that is Streamlit's default."""
    flags = ["--server.headless=true", "--server.fileWatcherType=none", "--browser.gatherUsageStats=false"]
    flags += [f"--runner.postScriptGC={str(collection).lower()}"]
    key, name = ("minimal_default_gc", "") if collection else ("minimal", "out")
    with TemporaryDirectory() as folder:
        script = Path(folder) / "minimal.py"
        script.write_text(MINIMAL_PAGE)
        with serving(script, Path(folder), *flags) as server, lab.tab(server) as tab:
            tab.open("/", Sign("p", "run 1."))
            many = (lab.repetitions + 1) * RERUNS + 2
            choices = [(_button(tab, "Again"), Sign("p", f"run {run}.")) for run in range(2, many)]
            label = f"minimal page, with{name} Streamlit's collection"
            yield from _rerun(key, label, tab, choices, lab.repetitions, goal=None)


def jobs(lab: Lab, server: Server) -> Timings:
    """All models are asked in the background; the level is switched meanwhile, then the job is cancelled."""
    meanwhile, cancelled = [], []
    with lab.tab(server) as tab:
        tab.open("/forecast?demo=clinic", FAN)
        ask, cancel = tab.page.locator(".st-key-refine button"), tab.page.locator(".st-key-cancel-refine button")
        levels = cycle(_level_choices(tab))
        for _ in range(lab.repetitions):
            if not ask.count():
                break  # the job got to its end first, and is not asked again
            tab.seconds_to(ask, RUNNING)
            for target, sign in islice(levels, RERUNS // 2):
                if cancel.count():
                    meanwhile.append(tab.seconds_to(target, sign))
            if cancel.count():
                cancelled.append(tab.seconds_to(cancel, CANCELLED))
    if meanwhile:
        label = "level switched while a job runs, until it shows"
        yield "other_widget_during_job", Timing(label, "s", tuple(meanwhile), 0.5)
    if cancelled:
        yield "cancel", Timing("click on Cancel until it says so", "s", tuple(cancelled), 2)


def crowd(lab: Lab, server: Server) -> Timings:
    """Ten browsers at the same moment, all on this machine too; the forecast is known."""
    tabs = [Tab(lab.browser, server) for _ in range(SESSIONS)]
    try:
        for tab in tabs:
            tab.open("/forecast?demo=bakery", FAN)
        seconds, cpu = [], server.cpu_seconds()
        for level in islice(cycle(LEVELS), ROUNDS):
            seconds += at_once({tab: _radio(tab, f"{level}%") for tab in tabs}, _level_sign(level))
            for tab in tabs:
                tab.settle()
        cpu = 1000 * (server.cpu_seconds() - cpu) / len(seconds)
    finally:
        for tab in tabs:
            tab.close()
    label = f"level switched in {SESSIONS} browsers at once"
    yield "ten_sessions", Timing(label, "s", tuple(seconds), 1)
    yield "ten_sessions_cpu", Timing(f"{label}, server CPU of each", "ms", (cpu,))


def memory(lab: Lab, server: Server) -> Timings:
    """After all that was measured on this server."""
    yield "server_peak", Timing("most memory of the server", "MB", (server.peak_megabytes(),))
    yield "helper_peak", Timing("most memory of its helper process", "MB", (server.helper_peak_megabytes(),))


ON_ONE_SERVER = (samples, first_fans, page_switches, reruns, jobs, crowd, memory)
"""In this order: what comes later finds forecasts that were made before."""


def _rerun(
    key: str,
    name: str,
    tab: Tab,
    choices: "list[tuple[Locator, Sign]]",
    repetitions: int,
    goal: float | None = 40,
) -> Timings:
    """CPU per rerun over blocks of reruns, and the seconds of each; one block before is thrown away."""
    cpu, seconds, turns = [], list[float](), cycle(choices)

    def switch(target: "Locator", sign: Sign) -> None:
        seconds.append(tab.seconds_to(target, sign))

    for _ in range(repetitions + 1):
        block = [partial(switch, *turn) for turn in islice(turns, RERUNS)]
        cpu.append(1000 * per_call(tab.server.cpu_seconds, block))
    yield f"rerun_cpu_{key}", Timing(f"rerun, server CPU: {name}", "ms", tuple(cpu[1:]), goal)
    yield f"rerun_{key}", Timing(f"rerun until it shows: {name}", "s", tuple(seconds[RERUNS:]), goal and 0.5)


def _level_choices(tab: Tab) -> "list[tuple[Locator, Sign]]":
    return [(_radio(tab, f"{level}%"), _level_sign(level)) for level in LEVELS]


def _level_sign(level: int) -> Sign:
    return Sign('[data-testid="stMetricLabel"]', f"{level}% band held")


def _radio(tab: Tab, name: str) -> "Locator":
    return tab.page.get_by_role("radio", name=name, exact=True)


def _button(tab: Tab, name: str) -> "Locator":
    return tab.page.get_by_role("button", name=name)
