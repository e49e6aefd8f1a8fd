"""The report on every screen and on paper."""

import io

import pytest
from pypdf import PdfReader

from planted.runs import Named, Said, Told, run_of
from planted.shapes import SHAPES
from topicgpu.report import Results, render

pytestmark = pytest.mark.slow

# What stands out of the page on the right, unless something that scrolls by itself holds it.
OUTSIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.scrollingElement.scrollWidth <= width) return [];
  const held = (each) => each && (getComputedStyle(each).overflowX !== "visible" || held(each.parentElement));
  const out = [...document.body.querySelectorAll("*")].filter(
    (each) => each.getBoundingClientRect().right > width + 1 && !held(each.parentElement));
  return [`the page is ${document.scrollingElement.scrollWidth} wide of ${width}`,
    ...out.slice(0, 5).map((each) => `${each.tagName}.${each.getAttribute("class")} ${each.textContent.slice(0, 40)}`)];
}"""
OPEN = "() => document.querySelectorAll('details').forEach((each) => { each.open = true; })"
WIDTHS = (360, 390, 768, 1280, 3840)


@pytest.fixture(scope="module")
def html(harbour):
    return render(Results(**harbour))


def assert_fits(page):
    assert page.evaluate(OUTSIDE) == []
    page.evaluate(OPEN)
    assert page.evaluate(OUTSIDE) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_a_report_is_never_wider_than_the_screen(open_page, html, width):
    assert_fits(open_page(html, viewport={"width": width, "height": 800}))


@pytest.mark.parametrize("name", SHAPES)
def test_a_run_of_any_shape_is_laid_out(open_page, name):
    html = render(Results(**SHAPES[name]()))
    page = open_page(html, viewport={"width": 390, "height": 800})
    assert_fits(page)
    page.set_viewport_size({"width": 1280, "height": 800})
    assert page.evaluate(OUTSIDE) == []


def test_a_report_prints_to_a_pdf_with_its_quotes(open_page, html, harbour):
    page = open_page(html)
    pdf = PdfReader(io.BytesIO(page.pdf(format="A4", prefer_css_page_size=True)))
    assert len(pdf.pages) > 1
    text = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    assert "Cranes and boxes falls from 20.0 % to under 0.1%" in text
    assert harbour["segments"].text[0] in text


def test_in_print_nothing_is_left_that_needs_a_hand(open_page, html):
    page = open_page(html)
    page.emulate_media(media="print")
    for control in ("button:not(th button)", "input", "select", "nav"):  # those that sort a column are its heading
        assert page.locator(f"{control}:visible").count() == 0, control


def test_motion_stops_for_readers_who_asked_for_that(open_page, html):
    page = open_page(html, reduced_motion="reduce")
    moving = page.evaluate("""() => [...document.querySelectorAll("*")].filter((each) => {
      const style = getComputedStyle(each);
      const seconds = [...style.transitionDuration.split(","), ...style.animationDuration.split(",")].map(parseFloat);
      return Math.max(...seconds) > 0.01 || style.scrollBehavior === "smooth";
    }).map((each) => each.tagName)""")
    assert moving == []


def test_the_first_screen_speaks_of_the_lines_that_it_draws_and_of_no_other(open_page):
    told = [Told(f"talk-{n}", [Said(f"Of ropes and nets {n} {i}.", 0) for i in range(6)]) for n in range(6)]
    page = open_page(render(Results(**run_of(told, [Named("Ropes")]))))
    for width, drawn in ((1280, True), (390, False)):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.locator(".subjects .gauge").first.is_visible() == drawn
        assert page.locator(".subjects .drawn").is_visible() == drawn
