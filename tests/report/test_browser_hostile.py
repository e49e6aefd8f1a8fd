"""Hostile texts, names, dates and configs in a real browser: nothing runs, nothing is asked for, text stays text."""

import pytest

from planted.hostile import PAYLOADS, hostile_run
from topicgpu.report import Results, render

pytestmark = pytest.mark.slow

# What the page's own code would never make, and only a text that was read as HTML brings.
FOREIGN = (
    "img, iframe, object, embed, base, form, textarea, meta[http-equiv=refresh], link[rel=stylesheet], svg [onload]"
)
HANDLERS = (
    "() => [...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames()).filter(n => n.startsWith('on'))"
)
LINKS = "() => [...document.querySelectorAll('[href]')].map(e => e.getAttribute('href'))"
TEXTS = "() => [...document.querySelectorAll('bdi, title, desc, td, li, p')].map(e => e.textContent)"
# The first few of each kind of thing that answers to a pointer or a key.
CONTROLS = """() => {
  const seen = {}, found = [];
  const all = "a, button, input, select, textarea, summary, [tabindex], canvas, .quote, tr, svg title";
  for (const element of document.querySelectorAll(all)) {
    const kind = [element.tagName, element.getAttribute("class"), element.parentElement.className].join();
    seen[kind] = (seen[kind] ?? 0) + 1;
    if (seen[kind] <= 3) found.push(element);
  }
  found.forEach((element, place) => element.setAttribute("data-poke", place));
  return found.length;
}"""


@pytest.fixture(scope="module")
def run():
    return hostile_run()


def with_report(run, **keys):
    report = run["config"].report.model_copy(update=keys)
    return Results(**run | {"config": run["config"].model_copy(update={"report": report})})


def as_shown(text):
    """White space as a page shows it; a null is no part of any HTML."""
    return " ".join(text.replace("\0", "").split())


def assert_harmless(page):
    assert page.locator(FOREIGN).count() == 0
    assert page.evaluate(HANDLERS) == []
    assert {href for href in page.evaluate(LINKS) if not href.startswith("#")} <= {"data:,"}


def poke(page):
    """Open, point at, focus, press and click what there is."""
    page.evaluate("() => document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    for place in range(page.evaluate(CONTROLS)):
        control = page.locator(f"[data-poke='{place}']")
        if control.count() and control.is_visible():
            control.dispatch_event("pointermove")
            control.dispatch_event("mouseover")
            control.focus()
            control.dispatch_event("click")


def test_hostile_texts_are_shown_as_text_in_every_section(open_page, run):
    page = open_page(render(with_report(run)))
    assert_harmless(page)
    shown = {as_shown(text) for text in page.evaluate(TEXTS)}
    assert [text for text in PAYLOADS if as_shown(text) not in shown] == []
    assert page.title() == run["config"].report.title


def test_hostile_texts_stay_text_whatever_a_reader_does(open_page, run):
    page = open_page(render(with_report(run)))
    poke(page)
    for text in PAYLOADS:
        for search in page.locator("input[type=search]").all():
            search.fill(text)
    assert_harmless(page)
    assert page.url.startswith("file:")


@pytest.mark.parametrize("keys", [{"text": False}, {"speakers": "anonymous"}, {"interactive": False}], ids=str)
def test_hostile_texts_stay_text_however_the_report_is_set(open_page, run, keys):
    assert_harmless(open_page(render(with_report(run, **keys))))


def test_hostile_texts_stay_text_without_scripts(open_page, run):
    assert_harmless(open_page(render(with_report(run)), java_script_enabled=False))
