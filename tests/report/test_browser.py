"""The report in a real browser, as a reader has it: without an error, without a request, with scripts and without."""

import pytest

from report.browser import watch
from topicgpu.report import Results, render
from topicgpu.report.sections import SECTIONS

pytestmark = pytest.mark.slow

NAMES = [section.name for section in SECTIONS]
IN_SIGHT = """(id) => {
  const { top, bottom } = document.getElementById(id).getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}"""
LINES = "(id) => document.getElementById(id).innerText.trim().split('\\n').filter(Boolean).length"


@pytest.fixture(scope="module")
def html(harbour):
    return render(Results(**harbour))


def rendered(harbour, **keys):
    report = harbour["config"].report.model_copy(update=keys)
    return render(Results(**harbour | {"config": harbour["config"].model_copy(update={"report": report})}))


def test_the_watch_sees_a_page_that_breaks_the_rules(browser, tmp_path):
    path = tmp_path / "bad.html"
    path.write_text(
        "<!DOCTYPE html><meta http-equiv=Content-Security-Policy content=\"script-src 'unsafe-inline'\">"
        "<img src='http://evil.invalid/a.png'>"
        "<script>console.log('seen'); window.pwned = 1; alert('box'); open('about:blank')</script>"
        "<script>fetch('http://evil.invalid/b'); eval('1')</script>"
        "<script>throw new Error('thrown')</script>"
    )
    context = browser.new_context()
    seen = watch(context)
    context.new_page().goto(path.as_uri())
    context.close()
    for part in ("log: seen", "pwned", "dialog: box", "window: ", "a.png", "/b", "policy: script-src", "error: thrown"):
        assert any(part in line for line in seen), (part, seen)


def test_a_report_shows_every_section_under_its_heading(open_page, html):
    page = open_page(html)
    assert page.title() == "Harbour & <town>"
    assert [section.get_attribute("id") for section in page.locator("main > section").all()] == NAMES
    for name in NAMES:
        section = page.locator(f"section#{name}")
        assert section.is_visible()
        assert section.get_attribute("aria-labelledby") == section.locator("h2").first.get_attribute("id")
        assert page.evaluate(LINES, name) > 1


def test_links_of_the_contents_lead_to_their_sections(open_page, html):
    page = open_page(html)
    for name in NAMES:
        page.locator(f"nav a[href='#{name}']").first.click()
        assert page.evaluate(IN_SIGHT, name), name


def test_a_report_reads_with_scripts_switched_off(open_page, html):
    page = open_page(html, java_script_enabled=False)
    assert page.locator("html.scripted").count() == 0
    for name in NAMES:
        assert page.locator(f"section#{name}").is_visible()
        assert len(page.locator(f"section#{name}").inner_text().split()) > 5, name
    assert page.locator("section#time svg").first.is_visible()
    assert page.locator("section#map svg").first.is_visible()
    for summary in page.locator("#findings summary").all():
        summary.click()
    assert page.get_by_text("Cranes and boxes falls from 20.0 % to under 0.1%").first.is_visible()
    for control in ("button", "input[type=search]", "select"):
        assert page.locator(f"{control}:visible").count() == 0, f"{control} does nothing without scripts"


def test_a_report_that_is_not_to_answer_has_no_script(open_page, harbour):
    html = rendered(harbour, interactive=False)
    assert "<script" not in html
    page = open_page(html)
    assert page.locator("section#map svg").first.is_visible()


def test_a_report_without_text_shows_no_word_of_the_sources(open_page, harbour):
    page = open_page(rendered(harbour, text=False))
    words = page.evaluate("() => document.documentElement.outerHTML")
    for text in harbour["segments"].text:
        assert text not in words
    assert page.locator("section#findings").is_visible()


def test_quotes_say_their_language(open_page, html):
    quotes = open_page(html).locator("blockquote").all()
    chinese = [quote for quote in quotes if "\u6e2f\u53e3" in quote.text_content()]
    assert {quote.get_attribute("lang") for quote in quotes} <= {"en", "zh"}
    assert {quote.get_attribute("lang") for quote in chinese} <= {"zh"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_report_follows_the_scheme_of_the_reader(open_page, html, scheme):
    page = open_page(html, color_scheme=scheme)
    red, green, blue = page.evaluate("""() => {
      const color = getComputedStyle(document.body).backgroundColor;
      const filled = color === "rgba(0, 0, 0, 0)" ? getComputedStyle(document.documentElement).backgroundColor : color;
      return filled.match(/[0-9.]+/g).slice(0, 3).map(Number);
    }""")
    assert (max(red, green, blue) < 80) == (scheme == "dark")
