"""The report for readers who use a keyboard or a screen reader: axe finds nothing serious, Tab reaches everything."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from planted.hostile import hostile_run
from topicgpu.report import Results, render

pytestmark = pytest.mark.slow

REACHABLE = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
  .filter((each) => each.checkVisibility() && !each.disabled && each.tabIndex >= 0
    && !(each.type === "radio" && !each.checked))
  .map((each, place) => (each.setAttribute("data-stop", place), place))"""
FOCUSED = """() => {
  const each = document.activeElement, style = getComputedStyle(each), box = each.getBoundingClientRect();
  return [each.getAttribute("data-stop"), each.matches(":focus-visible") && style.outlineStyle !== "none"
    && parseFloat(style.outlineWidth) > 0, box.bottom > 0 && box.top < innerHeight && box.width > 0,
    each.outerHTML.slice(0, 80)];
}"""
SCREENS = ({"width": 1280, "height": 800}, {"width": 390, "height": 844})


@pytest.fixture(scope="module")
def html(harbour):
    return render(Results(**harbour))


@pytest.fixture(scope="module")
def static(harbour):
    report = harbour["config"].report.model_copy(update={"interactive": False})
    return render(Results(**harbour | {"config": harbour["config"].model_copy(update={"report": report})}))


def assert_accessible(page, screens=SCREENS, **options):
    page.evaluate("() => document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    for screen in screens:
        page.set_viewport_size(screen)
        found = Axe().run(page, options={"resultTypes": ["violations"]} | options).response["violations"]
        told = {f"{each['id']} ({each['impact']}): {node['html'][:99]}" for each in found for node in each["nodes"][:3]}
        assert told == set(), screen


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", ["html", "static"])
def test_axe_finds_nothing(open_page, request, kind, scheme):
    assert_accessible(open_page(request.getfixturevalue(kind), color_scheme=scheme))


def test_axe_finds_nothing_in_a_run_of_hostile_names(open_page):
    # Names change no colour, and contrast is most of the time that a page of this size takes.
    contrast = {"color-contrast": {"enabled": False}}
    assert_accessible(open_page(render(Results(**hostile_run()))), SCREENS[1:], rules=contrast)


def test_tab_reaches_every_control_in_order_and_shows_where_it_is(open_page, html):
    page = open_page(html)
    stops = [str(place) for place in page.evaluate(REACHABLE)]
    assert len(stops) > 10
    reached = []
    for _ in stops:
        page.keyboard.press("Tab")
        stop, marked, seen, what = page.evaluate(FOCUSED)
        assert marked, f"focus does not show on {what}"
        assert seen, f"focus is outside the window on {what}"
        reached.append(stop)
    assert reached == stops


def test_the_first_tab_leads_past_the_contents(open_page, html):
    page = open_page(html)
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.getAttribute('href')") == "#main"
    assert page.evaluate("() => document.activeElement.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.closest('main') !== null")
