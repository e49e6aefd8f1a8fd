"""Hostile texts, names, dates and configs in a real browser: nothing runs, nothing is asked for, text stays text."""

import pytest

from planted.hostile import PAYLOADS, hostile_run
from topicgpu.report import Results, render

pytestmark = pytest.mark.slow

# What the page's own code would never make, and only a text that was read as HTML brings.
FOREIGN = (
    "img, iframe, object, embed, base, form:not(.vega-bindings), textarea, meta[http-equiv=refresh], "
    "link[rel=stylesheet], svg [onload]"
)
HANDLERS = (
    "() => [...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames()).filter(n => n.startsWith('on'))"
)
LINKS = "() => [...document.querySelectorAll('[href]')].map(e => e.getAttribute('href'))"
TEXTS = "() => [...document.querySelectorAll('bdi, title, desc, td, li, p')].map(e => e.textContent)"
# Points at, focuses and clicks the first few of each kind of thing that answers to a pointer or a key.
POKE = """async () => {
  document.querySelectorAll("details").forEach((each) => { each.open = true; });
  const seen = {}, found = [];
  const all = "a, button, input, select, textarea, summary, [tabindex], canvas, .quote, tr, svg title";
  for (const element of document.querySelectorAll(all)) {
    const kind = [element.tagName, element.getAttribute("class"), element.parentElement.className].join();
    seen[kind] = (seen[kind] ?? 0) + 1;
    if (seen[kind] <= 3) found.push(element);
  }
  for (const element of found) {
    if (!element.isConnected || !element.checkVisibility()) continue;
    element.dispatchEvent(new PointerEvent("pointermove", { bubbles: true }));
    element.dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
    element.focus();
    element.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
    await new Promise((resume) => setTimeout(resume));
  }
  return found.length;
}"""


@pytest.fixture(scope="module")
def run():
    return hostile_run()


@pytest.fixture(scope="module")
def html(run):
    return render(Results(**run))


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


def test_hostile_texts_are_shown_as_text_in_every_section(open_page, run, html):
    page = open_page(html)
    assert_harmless(page)
    shown = {as_shown(text) for text in page.evaluate(TEXTS)}
    assert [text for text in PAYLOADS if as_shown(text) not in shown] == []
    assert page.title() == run["config"].report.title


def test_hostile_texts_stay_text_whatever_a_reader_does(open_page, html):
    page = open_page(html)
    assert page.evaluate(POKE) > 50
    page.locator("#compare .plane svg").wait_for()
    for text in PAYLOADS:
        for search in page.locator("input[type=search]").all():
            search.fill(text)
    assert_harmless(page)
    assert page.url.startswith("file:")


@pytest.mark.parametrize("keys", [{"text": False}, {"speakers": "anonymous"}, {"interactive": False}], ids=str)
def test_hostile_texts_stay_text_however_the_report_is_set(open_page, run, keys):
    assert_harmless(open_page(render(with_report(run, **keys))))


def test_hostile_texts_stay_text_without_scripts(open_page, html):
    assert_harmless(open_page(html, java_script_enabled=False))
