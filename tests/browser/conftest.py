"""The real app in Debian's Chromium: one server for all, and servers of their own for tests that restart them."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

ROOT = Path(__file__).parents[2]
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--force-color-profile=srgb"]
FLAGS += ["--disable-background-networking", "--disable-component-update"]

PATIENCE = 20_000
"""Milliseconds that something may take to appear: two browsers and their servers share the machine."""

# Quiet for a while, because a fragment or a rerun may start another run of the page.
_SETTLED = """quiet => {
  const app = document.querySelector('[data-testid="stApp"]');
  const busy = '[data-stale="true"], [data-testid="stSkeleton"], [data-testid="stAppSkeleton"]';
  const calm = app?.dataset.testScriptState === 'notRunning' && app.dataset.testConnectionState === 'CONNECTED'
    && !document.querySelector(busy);
  if (!calm) { window.calmSince = undefined; return false; }
  window.calmSince ??= performance.now();
  return performance.now() - window.calmSince > quiet;
}"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs Chromium."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@dataclass
class Visit:
    """One tab, with everything that must not happen in it."""

    page: Page
    address: str
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def open(self, path: str = "/") -> "Visit":
        self.page.goto(self.address + path)
        self.settle()
        return self

    def settle(self, quiet: int = 250) -> None:
        self.page.wait_for_selector('[data-testid="stApp"]')
        self.page.wait_for_function(_SETTLED, arg=quiet, polling=25, timeout=90_000)
        self.page.evaluate("window.calmSince = undefined")

    def upload(self, *files: object) -> None:
        self.page.locator('[data-testid="stFileUploader"] input[type="file"]').first.set_input_files(*files)
        self.settle()

    def press(self, button: str) -> None:
        self.page.get_by_role("button", name=button).first.click()
        self.settle()

    def press_for(self, button: str, wanted: str) -> None:
        """Press a button until a text comes: a run of the page may put another in the place of the pressed one."""
        for patience in (5_000, 10_000, 30_000):
            self.press(button)
            try:
                self.page.get_by_text(wanted).first.wait_for(timeout=patience)
                return
            except PlaywrightTimeout:
                continue
        raise AssertionError(f"{wanted} did not come from {button}")

    def download(self, button: str) -> bytes:
        """Press a button until its file comes: a run of the page may put another in the place of the pressed one."""
        for patience in (10_000, 20_000, 60_000):
            self.settle()
            try:
                with self.page.expect_download(timeout=patience) as came:
                    self.page.get_by_role("button", name=button).first.click()
                return Path(came.value.path()).read_bytes()
            except PlaywrightTimeout:
                continue
        raise AssertionError(f"no file came from {button}")

    def fan(self) -> None:
        self.page.wait_for_selector(".stElementContainer:not(.st-key-so-far) .js-plotly-plot", timeout=90_000)
        self.settle()

    def text(self) -> str:
        return self.page.locator('[data-testid="stApp"]').inner_text()

    def check(self) -> None:
        """No exception on screen, no error in the console, no request that leaves this machine."""
        assert self.page.locator('[data-testid="stException"]').count() == 0
        assert self.errors == []
        assert self.outside == []


@contextmanager
def serving(database: Path) -> Iterator[str]:
    """A server with this database; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "streamlit", "run", "Home.py", "--server.address", "127.0.0.1"]
    log = database.with_suffix(".log").open("wb")
    environment = {**os.environ, "DYOCENSE_DATABASE_URL": f"sqlite:///{database}"}
    server = subprocess.Popen([*command, f"--server.port={port}"], cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        _wait_for(address, server)
        yield address
    finally:
        server.terminate()
        server.wait(20)
        log.close()


def _wait_for(address: str, server: "subprocess.Popen[bytes]") -> None:
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        assert server.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.1)
    raise AssertionError("the server did not start")


@pytest.fixture(scope="session")
def address(tmp_path_factory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("app") / "app.db") as made:
        yield made


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "the browser tests need Chromium: sh tests/system-packages.sh"
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, address) -> Iterator[Callable[..., Visit]]:
    """Open tabs: `visit()` in a new browser profile, `visit(context=...)` in a known one."""
    contexts: list[BrowserContext] = []

    def start(
        *, scheme: str = "light", width: int = 1280, at: str | None = None, context: BrowserContext | None = None
    ) -> Visit:
        if context is None:
            context = chromium.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
            contexts.append(context)
        tab = Visit(context.new_page(), at or address)
        tab.page.set_default_timeout(60_000)
        tab.page.on("console", lambda message: _note_error(tab, message))
        tab.page.on("pageerror", lambda problem: tab.errors.append(str(problem)))
        tab.page.on("request", lambda request: _note_outside(tab, request.url))
        return tab

    yield start
    for context in contexts:
        context.close()


def _note_error(tab: Visit, message) -> None:
    # Streamlit looks for its server below each path of a deep link before it finds it at the root.
    probing = message.location.get("url", "").endswith(("/_stcore/health", "/_stcore/host-config"))
    if message.type == "error" and not probing:
        tab.errors.append(f"{message.text} {message.location.get('url', '')}")


def _note_outside(tab: Visit, url: str) -> None:
    if not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")):
        tab.outside.append(url)
