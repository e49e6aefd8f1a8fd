"""A real browser, and an eye on all that a page must not do in it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
MISSING = "no Chromium on PATH: apt-get install chromium fonts-dejavu-core fonts-droid-fallback"

# Hostile texts set `pwned`; a page that breaks its own policy, or is written to by a text, says so in the console.
_WATCHMAN = """
addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective}`));
Object.defineProperty(window, "pwned", { set: () => console.error("pwned: a text was run") });
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the installed browser; it can resolve no name."""
    flags = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND"]  # root, as in a container, has no sandbox
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


def watch(context: BrowserContext) -> list[str]:
    """
    Keep an eye on all pages of a context.

    Parameters
    ----------
    context : BrowserContext
        Before its first page.

    Returns
    -------
    list of str
        Grows by a line for each console message, error, dialog, window, worker, and request but for the page itself.
    """
    seen: list[str] = []
    context.add_init_script(_WATCHMAN)
    context.on("console", lambda message: seen.append(_said(message)))
    context.on("weberror", lambda error: seen.append(f"error: {error.error}"))
    context.on("dialog", lambda dialog: (seen.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    context.on("request", lambda request: seen.extend(_asked(request)))
    context.on("page", lambda page: _watch_page(page, context, seen))
    return seen


def load(page: Page, path: Path, scripts: bool = True) -> Page:
    """Open the file of a report and wait until its scripts, if it has some and they are on, have done their part."""
    page.goto(path.resolve().as_uri())
    if scripts and page.locator("script[type=module]").count():
        page.wait_for_function("() => performance.getEntriesByName('ready').length > 0")
    return page


def _watch_page(page: Page, context: BrowserContext, seen: list[str]) -> None:
    if len(context.pages) > 1:
        seen.append(f"window: {page.url}")
    page.on("worker", lambda worker: seen.append(f"worker: {worker.url}"))
    page.on("websocket", lambda socket: seen.append(f"request: {socket.url}"))


def _said(message: ConsoleMessage) -> str:
    return f"console {message.type}: {message.text}"


def _asked(request: Any) -> list[str]:
    itself = request.is_navigation_request() and request.url.startswith("file:")
    return [] if itself or request.url.startswith("data:") else [f"request: {request.url}"]
