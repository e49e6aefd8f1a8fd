"""
Our report beside BERTopic's figures, DataMapPlot, embedding-atlas and evidently's report: the same corpus in each.

    python benchmarks/pages_compared.py RUN --peers FOLDER --out RESULTS.json

RUN is a run folder; FOLDER has an environment for each peer (bertopic, datamapplot, embedding-atlas, evidently), each
with that package alone. Every page is opened from disk in headless Chromium with the network off, with scripts and
without, and checked by axe. An application that does not open from disk is opened again from a server on this machine.
"""

import argparse
import functools
import http.server
import json
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import Any

import numpy as np
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Error, Page, sync_playwright

from record import write_record
from topicgpu import Run

PEERS = ("bertopic", "datamapplot", "embedding-atlas", "evidently")
WAIT_MS = 15000  # for pages that build themselves by scripts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--peers", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        n = _write_job(Run(given.run), work / "job")
        pages = {"topicgpu": _copied(given.run / "report.html", work / "topicgpu")}
        for peer in PEERS:
            python = given.peers / peer / "bin" / "python"
            worker = Path(__file__).with_name("pages_peer.py")
            subprocess.run([python, worker, peer, work / "job", work / peer], check=True)
            pages[peer] = work / peer
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            rows = [_measured(browser, name, folder) for name, folder in pages.items()]
    write_record(given.out, "pages_compared", {"segments": n, "wait_ms": WAIT_MS}, rows)
    for row in rows:
        print(json.dumps(row))


def _write_job(run: Run, folder: Path) -> int:
    """Write what every peer is given: segments that have a place on the map."""
    segments, themes, primary = run.segments, run.themes.themes, run.themes.primary
    rows = np.flatnonzero(np.isfinite(run.map.xy).all(axis=1))
    job = {
        "texts": [" ".join(segments.text[row].split()) for row in rows],
        "themes": [themes[primary[row]].name if primary[row] >= 0 else "no theme" for row in rows],
        "dates": [(segments.date[row] or "0001").split("/")[0] for row in rows],
    }
    folder.mkdir()
    (folder / "texts.json").write_text(json.dumps(job), encoding="utf-8")
    np.savez(folder / "arrays.npz", vectors=run.embeddings.vectors[rows], xy=run.map.xy[rows].astype(float))
    return len(rows)


def _copied(page: Path, folder: Path) -> Path:
    folder.mkdir()
    shutil.copy(page, folder)
    return folder


def _measured(browser: Browser, name: str, folder: Path) -> dict[str, Any]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    pages = sorted(folder.glob("*.html")) or sorted(folder.rglob("index.html"))
    row: dict[str, Any] = {
        "page": name,
        "pages": len(pages),
        "files": len(files),
        "bytes": sum(path.stat().st_size for path in files),
    }
    row["from_disk"] = [_opened(browser, page.as_uri()) for page in pages]
    if any(opened["errors"] for opened in row["from_disk"]):
        row["from_server"] = _served(browser, pages)
    return row


def _served(browser: Browser, pages: list[Path]) -> list[dict[str, Any]]:
    handler = functools.partial(_Silent, directory=str(pages[0].parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        opened = [_opened(browser, f"http://127.0.0.1:{server.server_port}/{page.name}") for page in pages]
        server.shutdown()
    return opened


class _Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Print nothing: the browser's requests are counted on its side."""


def _opened(browser: Browser, url: str) -> dict[str, Any]:
    """Open a page with everything but this machine blocked; count what it asks for and what goes wrong."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    outside: list[str] = []
    context.route(
        lambda address: not address.startswith(("file:", "data:", "blob:", "http://127.0.0.1")),
        lambda route: (outside.append(route.request.url), route.abort()),
    )
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(_short(str(error), url)))
    page.on("console", lambda message: errors.append(_short(message.text, url)) if message.type == "error" else None)
    page.goto(url)
    page.wait_for_timeout(WAIT_MS)
    found = {
        "page": url.rsplit("/", 1)[-1],
        "requests_outside": sorted({address.split("?")[0] for address in outside}),
        "errors": errors,
        "letters_shown": len(page.inner_text("body")),
        "content_policy": page.locator('meta[http-equiv="Content-Security-Policy"]').count() > 0,
        "axe": _axe(page),
    }
    context.close()
    return found | {"letters_without_scripts": _letters_without_scripts(browser, url)}


def _short(error: str, url: str) -> str:
    return error.replace(url.rsplit("/", 2)[0], "")[:200]


def _letters_without_scripts(browser: Browser, url: str) -> int:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(url, wait_until="commit")
    page.wait_for_timeout(1000)
    letters = len(page.locator("body").inner_text())
    context.close()
    return letters


def _axe(page: Page) -> dict[str, int] | str:
    try:
        found = Axe().run(page).response["violations"]
    except Error as error:
        return f"axe could not run: {str(error)[:100]}"
    impacts = ("critical", "serious", "moderate", "minor")
    return {impact: sum(violation["impact"] == impact for violation in found) for impact in impacts}


if __name__ == "__main__":
    main()
