"""The map in a real browser: reading, selecting, moving, colouring, by pointer and keyboard; what it says of itself."""

import re
from dataclasses import replace

import numpy as np
import pytest

from topicgpu.report import Results, render
from topicgpu.types import Embeddings, Map, Repeats, Segments, Theme, Themes

pytestmark = pytest.mark.slow

WINDOW = {"viewport": {"width": 1100, "height": 900}}


def with_map(results, xy, theme, names, text=None, sources=("call", "talk", "notes", "letter")):
    """Results of as many segments as there are places, from these sources in turn, with these main themes."""
    n = len(xy)
    rows = np.arange(n)
    source = [sources[row % len(sources)] for row in rows]
    unknown = np.full(n, np.nan)
    segments = Segments(
        segment_id=tuple(f"{name}:{row}-{row + 1}" for name, row in zip(source, rows, strict=True)),
        source_id=tuple(source),
        position=rows,
        passage=rows,
        start_char=rows,
        end_char=rows + 1,
        start_s=unknown,
        end_s=unknown,
        speaker=("Ana",) * n,
        language=("en",) * n,
        date=(None,) * n,
        text=tuple(text or (f"words of segment {row}" for row in rows)),
        n_tokens=np.full(n, 4),
        n_words=np.full(n, 4),
    )
    fingerprint = segments.fingerprint
    theme = np.array(theme)
    carried = np.flatnonzero(theme >= 0)
    themes = Themes(
        themes=tuple(Theme(name, name, "discovered", None, (), 1, ()) for name in names),
        row=carried,
        theme=theme[carried],
        strength=np.full(len(carried), 0.5, dtype=np.float32),
        rank=np.ones(len(carried), dtype=np.int64),
        near_row=np.zeros(0, dtype=np.int64),
        near_theme=np.zeros(0, dtype=np.int64),
        near_strength=np.zeros(0, dtype=np.float32),
        n_rows=n,
        rows=fingerprint,
    )
    vectors = np.tile(np.array([1, 0], dtype=np.float32), (n, 1))
    none = np.zeros(0, dtype=np.int64)
    return results | {
        "segments": segments,
        "embeddings": Embeddings(vectors, np.ones(n, dtype=bool), "tiny", "r1", ("en",), fingerprint),
        "repeats": Repeats(none, none, (), np.zeros(0), n, fingerprint),
        "map": Map(np.array(xy, dtype=np.float32), "UMAP", fingerprint),
        "themes": themes,
        "drift": replace(results["drift"], rows=fingerprint, findings=()),
    }


@pytest.fixture
def square(results):
    """Five segments: the corners of a square, wide and flat, and its middle; whales left, lamps right, none between."""
    xy = [(0, 0), (0, 6), (10, 0), (10, 6), (5, 3)]
    return with_map(results, xy, [0, 0, 1, 1, -1], ["whales", "lamps"])


@pytest.fixture
def open_map(open_page):
    """Open the map, with or without other sections, scrolled to it and drawn."""

    def open_one(results, sections=("map",), **options):
        page = open_page(render(Results(**results), sections), **(WINDOW | options))
        page.locator("#map-canvas").scroll_into_view_if_needed()
        page.wait_for_selector("#map-canvas[data-drawn]")
        return page

    return open_one


def corner(page, right, up):
    """Where a corner of the square is in the window: the whole map is fitted with a margin of 28 pixels."""
    box = page.locator("#map-canvas").bounding_box()
    scale = min((box["width"] - 56) / 10, (box["height"] - 56) / 6)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    return x + (right - 5) * scale, y - (up - 3) * scale


def color_at(page, right, up):
    x, y = corner(page, right, up)
    box = page.locator("#map-canvas").bounding_box()
    look = """(canvas, [x, y]) => {
        const copy = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
        copy.drawImage(canvas, -x, -y);
        return [...copy.getImageData(0, 0, 1, 1).data];
    }"""
    return page.locator("#map-canvas").evaluate(look, [round(x - box["x"]), round(y - box["y"])])


def state(page):
    return page.locator("#map-state").text_content()


def passing(page):
    """How many segments pass the filter, as the map tells."""
    page.wait_for_function("() => document.querySelector('#map-told').textContent.includes('pass the filters')")
    return int(re.match(r"(\d+) segment", page.locator("#map-told").text_content())[1])


def test_the_canvas_takes_the_place_of_the_picture(open_map, square):
    page = open_map(square)
    assert not page.locator("#map .picture").is_visible()
    assert state(page) == "5 segments in view, each a point."
    page.emulate_media(media="print")
    assert page.locator("#map .picture").is_visible()
    assert not page.locator("#map-plot").is_visible()


def test_without_scripts_the_picture_stands(open_page, square):
    page = open_page(render(Results(**square), ["map"]), java_script_enabled=False)
    assert page.locator("#map svg").is_visible()
    assert not page.locator("#map-plot").is_visible()


def test_resting_on_a_point_shows_its_words_and_where_they_are_from(open_map, square):
    page = open_map(square)
    page.mouse.move(*corner(page, 10, 0))
    panel = page.locator("#map-panel")
    panel.wait_for(state="visible")
    panel.get_by_text("words of segment 2").wait_for()
    assert panel.locator("blockquote").get_attribute("lang") == "en"
    assert panel.locator("p").all_text_contents() == [
        "lamps",
        "Ana, Notes from the harbour council, 2022, digest, not the speaker’s words",
    ]
    page.mouse.move(*corner(page, 7, 3))
    panel.wait_for(state="hidden")


def test_a_long_segment_is_cut_and_the_panel_stays_in_the_window(open_map, results):
    results = with_map(results, [(0, 0), (0, 6), (10, 0), (10, 6)], [0] * 4, ["whales"], ["é" * 4000] * 4)
    page = open_map(results, viewport={"width": 360, "height": 420})
    for right, up in [(0, 0), (0, 6), (10, 0), (10, 6)]:
        x, y = corner(page, right, up)
        page.mouse.move(x, min(max(y, 1), 419))
        page.locator("#map-panel").wait_for(state="visible")
        page.get_by_text("é" * 240 + "…", exact=True).wait_for()
        box = page.locator("#map-panel").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 420


def test_hostile_words_and_names_are_text(open_map, results):
    hostile = '<img src=x onerror="window.pwned=1"> </script> ]]> {{ 7 * 7 }}'
    page = open_map(with_map(results, [(0, 0), (1, 1)], [0, 0], [hostile], [hostile] * 2))
    page.locator("#map-canvas").focus()
    page.keyboard.press("ArrowRight")
    page.locator("#map-panel blockquote").get_by_text(hostile).wait_for()
    assert page.locator("#map-plot img").count() == 0
    assert hostile in page.locator("#map-legend").text_content()


def test_a_click_selects_and_the_table_shows_the_segment(open_map, square):
    page = open_map(square, ("map", "segments"))
    page.mouse.click(*corner(page, 0, 6))
    row = page.locator("#segments tr[aria-current]")
    row.wait_for()
    assert "words of segment 1" in row.text_content()


def test_an_area_filters_until_it_is_removed(open_map, square):
    page = open_map(square, ("map", "segments"))
    page.locator("#map-area").click()
    page.mouse.move(*corner(page, -0.2, -0.2))
    page.mouse.down()
    page.mouse.move(*corner(page, 2, 3))
    page.mouse.move(*corner(page, 2, 6.2))
    page.mouse.up()
    assert passing(page) == 2
    assert page.locator("#segments tr[data-row]").count() == 2
    assert page.locator("#map-area").get_attribute("aria-pressed") == "false"
    page.locator("#map-chips").get_by_text("Area: remove").click()
    assert passing(page) == 5
    assert page.locator("#map-chips button").count() == 0


def test_the_keyboard_walks_reads_zooms_selects_and_clears(open_map, square):
    page = open_map(square, ("map", "segments"))
    told, panel = page.locator("#map-told"), page.locator("#map-panel")
    page.locator("#map-area").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # past the buttons that nothing can be done with yet
    assert page.evaluate("document.activeElement.id") == "map-canvas"
    page.wait_for_timeout(100)  # texts
    page.keyboard.press("ArrowRight")
    assert "words of segment 4" in told.text_content()
    page.keyboard.press("ArrowRight")
    assert re.search("words of segment [23]", told.text_content())
    page.keyboard.press("ArrowRight")
    assert told.text_content() == "No segment further that way."
    assert panel.is_visible()
    page.keyboard.press("+")
    page.keyboard.press("+")
    page.wait_for_function("() => !document.querySelector('#map-state').textContent.startsWith('5')")
    page.keyboard.press("Enter")
    assert page.locator("#segments tr[aria-current]").count() == 1
    page.keyboard.press("a")
    assert passing(page) < 5
    page.keyboard.press("Escape")
    assert not panel.is_visible()
    page.keyboard.press("Escape")
    assert passing(page) == 5
    page.keyboard.press("0")
    page.wait_for_function("() => document.querySelector('#map-state').textContent.startsWith('5')")


def test_arrows_reach_every_segment_of_one_place(open_map, results):
    page = open_map(with_map(results, [(3, 3)] * 3, [0] * 3, ["whales"]))
    page.locator("#map-canvas").focus()
    for place in range(3):
        page.keyboard.press("ArrowRight")
        page.locator("#map-panel blockquote").get_by_text(f"words of segment {place}").wait_for()
    page.keyboard.press("ArrowLeft")
    page.locator("#map-panel blockquote").get_by_text("words of segment 1").wait_for()


def test_a_wheel_scrolls_the_page_and_with_control_it_zooms(open_map, square):
    page = open_map(square, viewport={"width": 1100, "height": 500})
    before = page.evaluate("scrollY")
    page.mouse.move(*corner(page, 5, 3))
    page.mouse.wheel(0, 60)
    page.wait_for_function(f"() => scrollY !== {before}")
    assert state(page).startswith("5")
    page.keyboard.down("Control")
    for _ in range(8):
        page.mouse.wheel(0, -120)
    page.keyboard.up("Control")
    page.wait_for_function("() => !document.querySelector('#map-state').textContent.startsWith('5')")
    page.locator("#map-whole").click()
    page.wait_for_function("() => document.querySelector('#map-state').textContent.startsWith('5')")


def test_dragging_moves_the_map(open_map, square):
    page = open_map(square)
    before = color_at(page, 10, 6)
    page.mouse.move(*corner(page, 7, 3))
    page.mouse.down()
    page.mouse.move(*corner(page, 6, 3), steps=4)
    page.mouse.up()
    page.wait_for_timeout(100)
    assert color_at(page, 10, 6) != before
    assert color_at(page, 9, 6) == before


def test_colours_follow_theme_source_and_period_and_the_legend_filters(open_map, square):
    page = open_map(square)
    legend = page.locator("#map-legend")
    assert legend.locator("li").all_text_contents() == ["whales 2", "lamps 2", "no theme 1"]
    whales, lamps = color_at(page, 0, 0), color_at(page, 10, 0)
    assert whales != lamps
    assert color_at(page, 5, 3) not in (whales, lamps)
    page.locator("#map-colors").select_option("period")
    assert legend.locator("li").all_text_contents() == ["2021 3", "2022 1", "no period 1"]
    assert legend.locator("button").count() == 2
    page.wait_for_timeout(100)
    assert color_at(page, 0, 0) == color_at(page, 5, 3) != color_at(page, 10, 0)
    page.locator("#map-colors").select_option("source")
    page.wait_for_timeout(100)
    assert color_at(page, 0, 0) == color_at(page, 5, 3) != color_at(page, 10, 0)
    legend.get_by_text("Undated letter").click()
    assert passing(page) == 1
    assert legend.locator("button[aria-pressed=true]").count() == 1
    assert state(page).startswith("1 segment in view of 1 that pass the filters")
    legend.get_by_text("Undated letter").click()
    assert passing(page) == 5


def test_sources_beyond_ten_share_a_grey_and_the_legend_says_so(open_map, results):
    sources = results["sources"]
    grown = {
        name: getattr(sources, name) * 3
        for name in (
            "title",
            "date_start",
            "date_end",
            "genre",
            "form",
            "series",
            "languages",
            "sha256",
            "origin",
            "text",
        )
    }
    ids = tuple(f"{name}{copy}" for copy in ("", "-b", "-c") for name in sources.source_id)
    grown |= {"source_id": ids, "path": tuple(f"{name}.txt" for name in ids)}
    places = [(row, row % 3) for row in range(24)]
    spoken = with_map(results, places, [0] * 24, ["whales"], sources=ids[:12])
    page = open_map(spoken | {"sources": replace(sources, **grown)})
    page.locator("#map-colors").select_option("source")
    texts = page.locator("#map-legend li").all_text_contents()
    assert len(texts) == 11
    assert "5 other sources, in one grey 4" in texts
    assert page.locator("#map-legend button").count() == 10


def test_search_is_one_with_the_search_of_the_table(open_map, square):
    page = open_map(square, ("map", "segments"))
    page.locator("#map-words").fill("segment 3")
    assert passing(page) != 0
    page.wait_for_function("() => document.querySelectorAll('#segments tr[data-row]').length === 1")
    assert page.locator("#segments input[type=search]").input_value() == "segment 3"
    page.locator("#segments input[type=search]").fill("segment 4")
    page.wait_for_function("() => document.querySelector('#map-words').value === 'segment 4'")


def test_the_dark_scheme_redraws_the_map(open_map, square):
    page = open_map(square, color_scheme="light")
    light = color_at(page, 0, 0)
    paper = color_at(page, 7, 4)
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(200)
    assert color_at(page, 0, 0) != light
    assert sum(color_at(page, 7, 4)[:3]) < sum(paper[:3]) / 2


def test_many_segments_are_drawn_as_density_and_said_to_be(open_map, results):
    rng = np.random.default_rng(3)
    theme = rng.integers(0, 5, 30_000)
    xy = rng.normal(size=(30_000, 2)) + 6 * np.column_stack([np.cos(theme), np.sin(theme)])
    page = open_map(with_map(results, xy, theme, [f"theme {place}" for place in range(5)]))
    assert page.locator("#map-canvas").get_attribute("data-drawn") == "density"
    assert state(page).startswith("30\u202f000 segments in view, drawn as density, in cells of 8 pixels")
    assert (
        page.locator("#map .picture > p").text_content()
        == "The picture shows 5\u202f000 of them, evenly through the corpus."
    )
    box = page.locator("#map-canvas").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] * 0.5)
    for _ in range(2):
        page.locator("#map-in").click()
    page.wait_for_function("() => document.querySelector('#map-canvas').dataset.drawn === 'points'")
    assert "each a point" in state(page)
    page.locator("#map-whole").click()
    page.wait_for_function("() => document.querySelector('#map-canvas').dataset.drawn === 'density'")
    page.locator("#map-legend button").first.click()
    page.wait_for_function("() => document.querySelector('#map-canvas').dataset.drawn === 'points'")


@pytest.mark.parametrize("points", [[(3, 3)], [(3, 3), (3, 5)], [(3, 3)] * 40])
def test_one_point_a_line_and_one_place(open_map, results, points):
    page = open_map(with_map(results, points, [-1] * len(points), ["whales"]))
    assert state(page) == f"{len(points)} segment{'s' if len(points) > 1 else ''} in view, each a point."
    page.locator("#map-canvas").focus()
    page.keyboard.press("ArrowRight")
    page.locator("#map-panel blockquote").get_by_text("words of segment").wait_for()


def test_withheld_texts_leave_the_citation(open_map, square):
    config = square["config"]
    withheld = config.model_copy(update={"report": config.report.model_copy(update={"text": False})})
    page = open_map(square | {"config": withheld})
    assert not page.locator("#map-words").is_visible()
    page.locator("#map-canvas").focus()
    page.keyboard.press("ArrowRight")
    page.locator("#map-panel").wait_for(state="visible")
    assert page.locator("#map-panel blockquote").count() == 0
    assert "Undated" in page.locator("#map-panel").text_content() or "Ana" in page.locator("#map-panel").text_content()


def test_without_a_place_there_is_no_map(open_page, results):
    page = open_page(
        render(Results(**with_map(results, [(np.nan, np.nan)] * 3, [-1] * 3, ["whales"])), ["map", "segments"])
    )
    assert page.locator("#map-canvas").count() == 0
    assert page.get_by_text("No segment has a place on the map.").is_visible()


def test_a_point_read_by_keyboard_stays_while_the_page_scrolls_and_one_under_the_pointer_does_not(open_map, results):
    page = open_map(with_map(results, [(3, 3)] * 3, [0] * 3, ["whales"]))
    panel = page.locator("#map-panel")
    page.locator("#map-canvas").focus()
    page.keyboard.press("ArrowRight")
    page.evaluate("() => scrollBy(0, 40)")
    page.wait_for_timeout(100)
    assert panel.is_visible()
    page.locator("#map-canvas").evaluate("(canvas) => canvas.blur()")
    box = page.locator("#map-canvas").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    panel.wait_for()
    page.evaluate("() => scrollBy(0, 40)")
    panel.wait_for(state="hidden")
