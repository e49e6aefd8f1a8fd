"""
How long a report takes to write and to open, how large it is, and how soon it answers: up to 100,000 segments.

    python benchmarks/report_pages.py --out benchmarks/results/report-pages-MACHINE.json

The words are those of real podcasts, calls, reports and speeches, cut into segments of 40 to 80 words; themes, dates,
speakers and places on the map are planted, shares and changes are measured on them. Each case is made and rendered in
a process of its own. The page is opened in a browser started anew, five times; the figures are medians.
`first_paint_ms` and `ready_ms` count from the start of the navigation; `search_ms` from a key to the changed count on
the screen, with the pause that waits for the next key; `first_search_s` the same right after the page is ready, when
the texts are still packed; `filter_ms` from the choice of a theme to the changed count on the screen; `frame_ms` is
the 95th percentile of the frames while the map is dragged.
"""

import argparse
import gzip
import json
import re
import resource
import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from playwright.sync_api import Page

from labelled import data_folder
from record import write_record
from topicgpu.report import Results, render

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from planted.runs import Named, Said, Told, run_of
from report.browser import chromium, load


class Case(NamedTuple):
    """What is planted."""

    segments: int
    themes: int
    sources: int


CASES = (Case(1_000, 10, 5), Case(10_000, 60, 200), Case(100_000, 60, 200))
SETS = ("changelog-podcasts", "earnings21", "beige-book", "state-of-the-union")
WORDS = (40, 80)  # of a segment
STAYS, NOTHING = 0.7, 0.2  # segments: with the theme of the last one, of no theme
YEARS, SPEAKERS, GENRES = 10, 300, ("call", "talk", "report")
TRIES = 5
SEED = 7

SEARCH = "#segment-table .filters input[type=search]"
THEME = "#segment-table .filters select"
# From an event on a control to the frame after the count has changed.
ANSWER = """async ([selector, value, event, done]) => {
  const control = document.querySelector(selector), count = document.querySelector("#segment-table .count");
  const before = count.textContent;
  const answered = new Promise((resolve) => {
    const look = () => count.textContent !== before && new RegExp(done).test(count.textContent) && resolve();
    new MutationObserver(look).observe(count, { childList: true, characterData: true, subtree: true });
  });
  const start = performance.now();
  control.value = value;
  control.dispatchEvent(new Event(event, { bubbles: true }));
  await answered;
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  return performance.now() - start;
}"""
FRAMES = """() => {
  window.frames_ms = [];
  let last = performance.now();
  requestAnimationFrame(function frame(now) { frames_ms.push(now - last); last = now; requestAnimationFrame(frame); });
}"""
TIMES = "() => performance.getEntries().map((entry) => [entry.name, entry.startTime])"


def texts() -> Iterator[str]:
    """Give real words, a segment at a time."""
    rng = np.random.default_rng(SEED)
    words: list[str] = []
    for name in SETS:
        for path in sorted((data_folder() / name).glob("*.jsonl.gz")):
            with gzip.open(path, "rt", encoding="utf-8") as file:
                for line in file:
                    words += json.loads(line)["text"].split()
                    while len(words) > WORDS[1]:
                        n = int(rng.integers(*WORDS))
                        yield " ".join(words[:n])
                        words = words[n:]


def planted(case: Case) -> dict[str, Any]:
    """Plant a run."""
    rng = np.random.default_rng(SEED)
    said = [text for text, _ in zip(texts(), range(case.segments), strict=False)]
    if len(said) < case.segments:
        sys.exit(f"{case.segments} segments are wanted; the sets {', '.join(SETS)} have words for {len(said)}.")
    bounds = np.linspace(0, case.segments, case.sources + 1).astype(int)
    theme, speaker = _themes(rng, case), rng.integers(0, SPEAKERS, (case.sources, 3))
    told = [
        Told(
            id=f"source-{number:05d}",
            said=[
                Said(said[row], int(theme[row]), f"Speaker {speaker[number, row % 3]}")
                for row in range(bounds[number], bounds[number + 1])
            ],
            date=f"{2015 + number * YEARS // case.sources}-{1 + number % 12:02d}-{1 + number % 28:02d}",
            title=" ".join(said[bounds[number]].split()[:6]),
            genre=GENRES[number % len(GENRES)],
        )
        for number in range(case.sources)
    ]
    terms = sorted(
        {word.lower() for text in said[:2000] for word in text.split() if re.fullmatch("[A-Za-z]{5,}", word)}
    )
    keywords = [tuple(rng.choice(terms, 10, replace=False).tolist()) for _ in range(case.themes)]
    return run_of(told, [Named(", ".join(own[:3]), keywords=own) for own in keywords], {"drift": {"period": "year"}})


def _themes(rng: np.random.Generator, case: Case) -> Any:
    """(n,) themes in runs, as frequent as Zipf's law says."""
    weight = 1 / np.arange(1, case.themes + 1)
    drawn = rng.choice(case.themes, case.segments, p=weight / weight.sum())
    drawn[: case.themes] = np.arange(case.themes)  # each is there
    drawn[case.themes :][rng.random(case.segments - case.themes) < NOTHING] = -1
    begins = rng.random(case.segments) >= STAYS
    begins[: case.themes] = True
    return drawn[np.flatnonzero(begins)[np.cumsum(begins) - 1]]


def write(case: Case, path: Path) -> dict[str, Any]:
    """Plant a run and write its report, alone in a process."""
    results = Results(**planted(case))
    before, start = _peak_mib(), time.perf_counter()
    html = render(results)
    seconds = time.perf_counter() - start
    path.write_text(html, encoding="utf-8")
    size = round(path.stat().st_size / 1e6, 2)
    return {"render_s": round(seconds, 1), "peak_mib": _peak_mib(), "peak_before_mib": before, "size_mb": size}


def _peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def opened(path: Path) -> dict[str, float]:
    """Open a page in a new browser and use it."""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(120_000)
        load(page, path)
        first_search = page.evaluate(ANSWER, [SEARCH, "people", "input", " of "])
        times = dict(page.evaluate(TIMES))
        return {
            "first_paint_ms": times["first-contentful-paint"],
            "ready_ms": times["ready"],
            "first_search_s": first_search / 1000,
            "search_ms": page.evaluate(ANSWER, [SEARCH, "market", "input", " of "]),
            "search_all_ms": page.evaluate(ANSWER, [SEARCH, "", "input", ""]),
            "filter_ms": page.evaluate(ANSWER, [THEME, "1", "change", " of "]),
            "filter_none_ms": page.evaluate(ANSWER, [THEME, "", "change", ""]),
            "frame_ms": _dragged(page),
        }


def _dragged(page: Page) -> float:
    page.locator("#map-canvas").scroll_into_view_if_needed()
    page.locator("#map-in").click()
    box = page.locator("#map-canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + min(box["height"] / 2, 300)
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(FRAMES)
    page.mouse.move(x + 200, y + 100, steps=60)
    frames = page.evaluate("() => frames_ms")
    page.mouse.up()
    return float(np.percentile(frames[1:], 95))


def measure(case: Case, folder: Path) -> dict[str, Any]:
    """Write a report and open it."""
    path = folder / f"report-{case.segments}-{case.sources}.html"
    with ProcessPoolExecutor(1, get_context("spawn")) as own:
        row = case._asdict() | own.submit(write, case, path).result()
    tries = [opened(path) for _ in range(TRIES)]
    return row | {name: round(statistics.median(one[name] for one in tries), 2) for name in tries[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    parser.add_argument("--pages", type=Path, default=Path("runs/report-pages"), help="folder for the reports")
    parser.add_argument("--case", type=int, choices=range(len(CASES)), help="one case, by its place")
    options = parser.parse_args()
    options.pages.mkdir(parents=True, exist_ok=True)
    settings: dict[str, Any] = {
        "words": WORDS,
        "sets": SETS,
        "years": YEARS,
        "speakers": SPEAKERS,
        "tries": TRIES,
        "seed": SEED,
    }
    with chromium() as browser:
        settings["browser"] = f"chromium {browser.version}"
    rows = []
    for place, case in enumerate(CASES):
        if options.case in (None, place):
            rows.append(measure(case, options.pages))
            print(rows[-1], flush=True)
            write_record(options.out, "report-pages", settings, rows)  # after each: the last ones take long


if __name__ == "__main__":
    main()
