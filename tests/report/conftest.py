"""A run made by hand, and a browser that looks at what is made of it."""

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from planted.harbour import make_results
from report.browser import CHROMIUM, MISSING, chromium, load, watch


@pytest.fixture(scope="session")
def harbour() -> dict[str, Any]:
    """What `Results` is made of, not to be changed."""
    return make_results()


@pytest.fixture
def results(harbour: dict[str, Any]) -> dict[str, Any]:
    return dict(harbour)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests."""
    if CHROMIUM is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(MISSING)
    with chromium() as started:
        yield started


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """
    Open a report, as HTML or as a file, in a window of its own: `open_page(html, **options of a context)`.

    Afterwards no page may have logged, failed, asked for anything, opened anything or run a text.
    """
    contexts, seen, number = [], [], count()

    def open_one(report: str | Path, **options: Any) -> Page:
        path = report if isinstance(report, Path) else tmp_path / f"page-{next(number)}.html"
        if isinstance(report, str):
            path.write_bytes(report.encode("utf-8"))
        contexts.append(browser.new_context(**options))
        seen.append(watch(contexts[-1]))
        return load(contexts[-1].new_page(), path, options.get("java_script_enabled", True))

    yield open_one
    for context in contexts:
        context.close()
    assert [line for lines in seen for line in lines] == []
