"""
The README's picture: the top of a report, in light and in dark, by the Chromium that is installed.

    python docs/screenshot.py runs/demo/report.html docs/report.png
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

SCREEN = {"width": 1280, "height": 1100}  # CSS pixels
SCALE = 1.5  # pixels of the picture for one of them: sharp, and a file of some hundred kilobytes


def main(report: Path, picture: Path) -> None:
    """Write the picture, and beside it the dark one."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("no Chromium on PATH: apt-get install chromium")
    flags = ["--no-sandbox", "--hide-scrollbars", "--font-render-hinting=none"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        for scheme, path in (("light", picture), ("dark", picture.with_stem(f"{picture.stem}-dark"))):
            page = browser.new_page(
                viewport=SCREEN, device_scale_factor=SCALE, color_scheme=scheme, reduced_motion="reduce"
            )
            page.goto(report.resolve().as_uri())
            page.wait_for_function("() => performance.getEntriesByName('ready').length > 0")
            page.screenshot(path=path)
        browser.close()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
