"""Table, map and charts of one page: what a reader does in one, the others follow."""

import re
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import expect

from planted.runs import Named, Said, Told, run_of
from topicgpu.report import Results, render

pytestmark = pytest.mark.slow

PLACED = 9  # segments of the fixture with a place on the map, of ten


@pytest.fixture(scope="module")
def html(harbour):
    return render(Results(**harbour))


@pytest.fixture
def page(open_page, html):
    page = open_page(html)
    page.set_default_timeout(10_000)
    return page


def test_an_area_of_the_map_filters_the_table_until_it_is_removed(page):
    page.locator("#map-canvas").focus()
    page.keyboard.press("a")
    expect(page.locator("#segment-table .count")).to_contain_text(f"{PLACED} of 10 segments")
    page.locator("#segment-table .chips").get_by_role("button", name="Area of the map").click()
    expect(page.locator("#segment-table .count")).to_contain_text("10 segments")
    expect(page.locator("#map-chips button")).to_have_count(0)


def test_an_area_drawn_with_the_pointer_filters_the_table(page):
    page.get_by_role("button", name="Select an area").click()
    box = page.locator("#map-canvas").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] - 2, steps=5)
    page.mouse.up()
    expect(page.locator("#segment-table .count")).to_have_text(re.compile(r"^[1-8] of 10 segments"))


def test_a_search_in_the_table_dims_the_map_and_fills_its_field(page):
    page.locator("#segment-table input[type=search]").fill("ropes")
    expect(page.locator("#segment-table .count")).to_contain_text("2 of 10 segments")
    expect(page.locator("#map-state")).to_contain_text("of 2 that pass the filters")
    expect(page.locator("#map-words")).to_have_value("ropes")


def test_a_theme_leads_to_its_segments_in_table_and_map(page):
    page.locator("#themes [data-filter-theme='0']:visible").first.click()
    expect(page.locator("#segment-table .count")).to_contain_text("2 of 10 segments")
    expect(page.locator("#map-state")).to_contain_text("of 2 that pass the filters")
    assert page.evaluate("() => document.activeElement.closest('#segments') !== null")


def test_a_segment_chosen_in_the_table_is_marked_on_the_map_and_the_other_way_round(page):
    page.locator("#segment-table tr[data-row='3'] td").first.click()
    expect(page.locator("#map-chips a")).to_have_text("The selected segment in the table")
    expect(page.locator("#segment-table tr[data-row='3']")).to_have_attribute("aria-current", "true")
    page.locator("#map-canvas").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#segment-table tr[aria-current=true]")).to_have_count(1)


def test_a_segment_chosen_on_the_map_turns_the_table_to_its_page(open_page, harbour):
    page = open_page(render(Results(**a_line()), ["map", "segments"]))
    page.locator("#map-canvas").focus()
    page.keyboard.press("ArrowRight")  # the segment nearest to the middle of the map
    page.keyboard.press("Enter")
    expect(page.locator("#segment-table .pages span")).to_have_text("page 2 of 3")
    expect(page.locator("#segment-table tr[aria-current=true]")).to_have_attribute("data-row", "30")


def test_a_mark_of_the_compared_themes_leads_to_its_segments_and_drops_other_filters(page):
    page.locator("#segment-table input[type=search]").fill("lamps")
    page.locator("label[for=time-compare]").click()
    page.locator("#compare .plane svg").wait_for()
    page.locator("#compare .plane").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#compare .tip")).not_to_be_empty()
    page.keyboard.press("Enter")
    expect(page.locator("#segment-table input[type=search]")).to_have_value("")
    expect(page.locator("#segment-table .count")).to_have_text(re.compile(r"^[1-9] of 10 segments"))
    assert page.evaluate("() => document.activeElement.id") == "h-segments"
    assert "theme=" in page.evaluate("() => location.hash")


def test_colours_say_what_they_mean_and_the_legend_counts_what_passes(page):
    page.locator("#map-colors").select_option("source")
    expect(page.locator("#map-meaning")).to_contain_text("Colour is the source")
    page.locator("#map-legend button").first.click()
    expect(page.locator("#map-legend li").first).to_have_text(re.compile(r" [1-9]$"))
    expect(page.locator("#map-legend li").nth(1)).to_have_text(re.compile(r" 0 of [1-9]$"))


@pytest.mark.parametrize(
    ("sections", "text", "without"),
    [
        (None, False, ()),
        (None, True, ("map",)),
        (None, True, ("drift",)),
        (None, False, ("map", "drift", "themes")),
        (["segments"], True, ()),
        (["segments"], True, ("map", "drift", "themes")),
    ],
)
def test_the_page_answers_whatever_a_run_lacks(open_page, harbour, sections, text, without):
    report = harbour["config"].report.model_copy(update={"text": text})
    config = harbour["config"].model_copy(update={"report": report})
    run = harbour | {"config": config} | dict.fromkeys(without)
    page = open_page(render(Results(**run), sections))
    expect(page.locator("html.scripted")).to_have_count(1)
    expect(page.locator("#segment-table .count")).to_have_text("10 segments; 100 words")


@pytest.mark.parametrize("name", ["map", "time", "themes", "findings"])
def test_a_section_stands_alone(open_page, harbour, name):
    page = open_page(render(Results(**harbour), [name]))
    assert [section.get_attribute("id") for section in page.locator("main > section").all()] == [name]
    if name == "time":
        page.locator("label[for=time-compare]").click()
        page.locator("#compare .plane svg").wait_for()
        page.locator("#compare .plane").focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
    if name == "map":
        page.locator("#map-legend button").first.click()


def a_line():
    """Sixty segments on a line, the 31st in its middle."""
    n, middle = 60, 30
    theme = [Named("Ropes")]
    run = run_of([Told("long", [Said(f"words of segment {row}", 0) for row in range(n)])], theme)
    place = np.arange(n, dtype=np.float32)
    xy = np.column_stack([place - middle + (place > middle), place * 0]).astype(np.float32)
    xy[0], xy[-1] = (-40, 0), (40, 0)
    return run | {"map": replace(run["map"], xy=xy)}
