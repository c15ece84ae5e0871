"""Chromium, and one tab in it that knows when a Streamlit page has answered."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking"]
FLAGS += ["--disable-component-update"]
PATIENCE = 90.0
"""Seconds after which an answer counts as never."""

# Measured inside the page, so that neither the driver nor nine other tabs stand between the click and the clock.
_CLICK = """(element, [selector, text, at, patience]) => {
  const there = () => [...document.querySelectorAll(selector)].some(one => one.textContent.includes(text));
  window.answer = new Promise(resolve => setTimeout(() => {
    const start = performance.now();
    const watch = new MutationObserver(() => {
      if (!there()) return;
      watch.disconnect();
      requestAnimationFrame(() => resolve((performance.now() - start) / 1000));
    });
    watch.observe(document.body, {subtree: true, childList: true, characterData: true, attributes: true});
    setTimeout(() => resolve(Infinity), patience * 1000);
    element.click();
  }, Math.max(0, at - Date.now())));
}"""

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


@dataclass(frozen=True)
class Sign:
    """What the owner sees when the answer is there: an element that holds the text."""

    selector: str
    text: str = ""


class Tab:
    """A tab in a browser profile of its own, so nothing is cached and no file is open.

    Args:
        browser: where to open it.
        server: whose pages it shows.
    """

    def __init__(self, browser: "Browser", server: Server) -> None:
        self.server = server
        self.context: BrowserContext = browser.new_context(viewport={"width": 1280, "height": 900})
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE * 1000)

    def open(self, path: str, sign: Sign | None = None) -> None:
        """Go there, and wait for the sign and until the page is quiet."""
        self.page.goto(self.server.address + path, wait_until="commit")
        if sign is not None:
            self.page.locator(sign.selector, has_text=sign.text).first.wait_for()
        self.settle()

    def settle(self) -> None:
        """Wait until the script has not run for a quarter of a second."""
        self.page.wait_for_selector('[data-testid="stApp"]')
        self.page.wait_for_function(_SETTLED, arg=250, polling=25)
        self.page.evaluate("window.calmSince = undefined")

    def close(self) -> None:
        """Close it, and forget its profile."""
        self.context.close()

    def click(self, target: "Locator", sign: Sign, at: float = 0.0) -> None:
        """Click, at a time of day in seconds or at once, and start to wait for a sign that is not there yet."""
        target.evaluate(_CLICK, [sign.selector, sign.text, at * 1000, PATIENCE])

    def answered(self) -> float:
        """Seconds from the click until the sign was drawn; infinite if it never was."""
        seconds: float = self.page.evaluate("window.answer")
        return seconds

    def seconds_to(self, target: "Locator", sign: Sign) -> float:
        """Click, wait for the sign, then until the page is quiet; the seconds to the sign."""
        self.click(target, sign)
        seconds = self.answered()
        self.settle()
        return seconds


def at_once(clicks: dict[Tab, "Locator"], sign: Sign) -> list[float]:
    """Click in all tabs at the same moment; seconds to each tab's sign."""
    moment = time.time() + 0.1 * len(clicks)
    for tab, target in clicks.items():
        tab.click(target, sign, at=moment)
    return [tab.answered() for tab in clicks]


@contextmanager
def chromium() -> Iterator[Callable[[], "Browser"]]:
    """A function that launches a new Chromium; all are closed with the block.

    Raises:
        SystemExit: it is not installed.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise SystemExit("this area drives a browser: install the project with its extra `test`") from None
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if not path:
        raise SystemExit("this area needs Chromium: sh tests/system-packages.sh")
    with sync_playwright() as playwright:
        yield lambda: playwright.chromium.launch(executable_path=path, args=FLAGS)
