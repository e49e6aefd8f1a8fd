"""Shares over time in a real browser: three views, and a chart that answers."""

import pytest

from topicgpu.report import Results, render

pytestmark = pytest.mark.slow

# What lies beyond the right edge of the window and in nothing that scrolls.
BEYOND = """() => [...document.querySelectorAll("#time *, #table *")]
  .filter((each) => !each.closest(".scroll, svg, .hidden"))
  .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
  .map((each) => each.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module")
def html(harbour):
    return render(Results(**harbour))


def compared(page):
    page.locator("label[for=time-compare]").click()
    page.locator("#compare .plane svg").wait_for()
    return page


def test_the_views_are_switched_without_scripts(open_page, html):
    page = open_page(html, java_script_enabled=False)
    assert page.locator(".multiples svg").first.is_visible()
    assert not page.locator(".stack").is_visible()
    page.locator("#time-small").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(".stack").is_visible()
    assert not page.locator(".multiples").is_visible()
    assert not page.locator("label[for=time-compare]").is_visible()


def test_the_chart_is_drawn_when_it_is_asked_for_and_not_before(open_page, html):
    page = open_page(html)
    assert page.evaluate("() => window.vega === undefined")
    compared(page)
    assert page.locator("#compare .plane svg").bounding_box()["width"] > 600
    assert page.locator("#compare input:checked").count() == 3


def test_a_theme_comes_and_goes_with_its_box(open_page, html):
    page = compared(open_page(html))
    marks = page.locator("#compare .plane svg path[stroke^='var(--c']")
    page.wait_for_function("() => document.querySelectorAll('#compare .targets path, #compare .plane path').length > 3")
    before = marks.count()
    page.get_by_role("checkbox", name="Cranes and boxes").uncheck()
    page.wait_for_timeout(200)
    assert 0 < marks.count() < before


def test_marks_are_read_by_keyboard_and_fill_the_segment_table(open_page, html):
    page = compared(open_page(html))
    page.get_by_role("checkbox", name="Lamps <at> night").uncheck()
    page.get_by_role("checkbox", name="ropes, nets").uncheck()
    page.locator("#compare .plane").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.querySelector('#compare .tip').textContent.includes('Harbour company')")
    text = page.locator("#compare .tip").inner_text()
    assert text.startswith("Cranes and boxes. Harbour company, half-year call, 9 March 2021: 40.0% (95% interval 30.0")
    page.keyboard.press("Enter")
    page.wait_for_function("() => location.hash === '#segments' || scrollY > 500")
    page.keyboard.press("Escape")
    page.wait_for_function("() => document.querySelector('#compare .tip').textContent === ''")


def test_colours_of_the_chart_follow_the_scheme(open_page, html):
    colors = set()
    for scheme in ("light", "dark"):
        page = compared(open_page(html, color_scheme=scheme))
        colors.add(page.locator("#compare .plane text").first.evaluate("(text) => getComputedStyle(text).fill"))
    assert len(colors) == 2


def test_the_page_stays_in_a_narrow_window_in_every_view(open_page, html):
    page = open_page(html, viewport={"width": 360, "height": 700})
    for view in ("small", "stacked", "compare"):
        page.locator(f"label[for=time-{view}]").click()
        page.wait_for_timeout(500)
        assert page.evaluate(BEYOND) == [], view


def test_the_view_with_intervals_is_printed_whichever_is_shown(open_page, html):
    page = open_page(html)
    page.locator("label[for=time-stacked]").click()
    page.emulate_media(media="print")
    assert page.locator(".multiples").is_visible()
    assert not page.locator(".stack").is_visible()
    assert not page.locator(".switch").is_visible()
