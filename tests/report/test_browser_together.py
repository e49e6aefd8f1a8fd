"""Table, map and charts of one page: what a reader does in one, the others follow."""

import re

import pytest
from playwright.sync_api import expect

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
