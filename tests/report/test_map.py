import itertools
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from topicgpu.errors import ShapeError
from topicgpu.report import Results
from topicgpu.report.charts.map import WIDTH, Frame, Group, inline_map, map_picture
from topicgpu.report.context import Context
from topicgpu.report.sections import map as section


def picture(names, points=((0.0, 0.0), (10.0, 10.0)), place=(5.0, 5.0)):
    xy = np.array(points)
    groups = [Group(name, f"c{slot}", np.arange(len(xy)), place) for slot, name in enumerate(names)]
    return map_picture(xy, groups, Frame.around(xy))


def names(svg):
    return {text.text: (float(text.get("x")), float(text.get("y"))) for text in svg.iter("text")}


def points(path):
    pairs = (pair.split() for pair in path.get("d").removeprefix("M").removesuffix("h0").split("h0M"))
    return np.array([(float(x), float(y)) for x, y in pairs])


def with_places(results, xy):
    return Results(**results | {"map": replace(results["map"], xy=np.array(xy, dtype=np.float32))})


def test_both_axes_have_one_scale_and_up_is_up():
    xy = np.array([[0.0, 0.0], [20.0, 0.0], [0.0, 10.0]])
    frame = Frame.around(xy)
    origin, right, up = frame.pixels(xy)
    assert right[0] - origin[0] == pytest.approx(2 * (origin[1] - up[1]))
    assert origin[0] == pytest.approx(WIDTH - right[0])
    assert origin[1] == pytest.approx(frame.height - up[1])


@pytest.mark.parametrize("xy", [[[3, 3]], [[3, 3]] * 5, [[0, 1], [0, 9]], [[1, 0], [9, 0]]])
def test_points_in_one_place_or_in_a_line_are_inside_the_picture(xy):
    frame = Frame.around(np.array(xy, dtype=np.float32))
    places = frame.pixels(np.array(xy))
    assert np.isfinite(places).all()
    assert (places >= 0).all()
    assert (places <= (WIDTH, frame.height)).all()


def test_each_point_is_a_stroke_of_no_length_in_the_path_of_its_theme():
    xy = np.array([[0.0, 0.0], [10.0, 5.0], [5.0, 5.0]])
    svg = map_picture(
        xy, [Group("none", "none", np.array([1])), Group("whales", "c3", np.array([0, 2]))], Frame.around(xy)
    )
    layers = list(svg.iter("path"))
    assert [layer.get("class") for layer in layers] == ["none", "c3"]
    assert [layer.find("title").text for layer in layers] == ["none", "whales"]
    assert points(layers[1]) == pytest.approx(Frame.around(xy).pixels(xy[[0, 2]]), abs=0.05)


def test_names_in_one_place_are_moved_apart():
    heights = sorted(y for _, y in names(picture(["whales", "lamps", "ropes"])).values())
    assert len(heights) == 3
    assert all(after - before == pytest.approx(16, abs=0.1) for before, after in itertools.pairwise(heights))


def test_a_name_that_finds_no_place_near_its_theme_is_left_out_and_the_largest_stays():
    placed = names(picture([f"theme {place}" for place in range(12)]))
    assert len(placed) == 9
    assert "theme 0" in placed


@pytest.mark.parametrize("name", ["x" * 300, "港" * 300, "سفن " * 80])
def test_a_long_name_is_cut_and_stays_inside(name):
    ((text, (x, _)),) = names(picture([name], place=(0.0, 0.0))).items()
    assert len(text) == 42
    assert 42 * 3.7 <= x <= WIDTH - 42 * 3.7


def test_hostile_names_do_no_harm():
    svg = picture(["<b>\x00\u202e & \u2028"])
    assert list(names(svg)) == ["<b> &"]
    assert "<b>" not in inline_map(svg, "</svg><b>")


def test_the_picture_names_its_themes_with_their_segments(harbour):
    svg = ET.fromstring(section.view(Context(Results(**harbour), ["map"]))["svg"].replace("\u202e", ""))
    assert svg.get("role") == "img"
    assert svg.find("title").text == "Map of the segments by theme"
    assert "Cranes and boxes, 2 segments" in svg.find("desc").text


def test_the_key_counts_every_segment_on_the_map_and_an_unstable_theme_is_grey(results):
    themes = results["themes"]
    shaky = tuple(replace(theme, unstable=True) if theme.theme_id == "d_ropes" else theme for theme in themes.themes)
    results["themes"] = replace(themes, themes=shaky)
    key = section.view(Context(Results(**results), ["map"]))["key"]
    assert sum(entry["size"] for entry in key) == 9
    assert [entry["size"] for entry in key] == sorted((entry["size"] for entry in key), reverse=True)
    assert {entry["name"]: entry["css_class"] for entry in key}["ropes, nets"] == "unsure"
    assert {entry["name"]: entry["css_class"] for entry in key}["no theme"] == "none"
    assert "Whales" not in {entry["name"] for entry in key}


def test_speech_with_no_theme_lies_underneath(harbour):
    svg = ET.fromstring(section.view(Context(Results(**harbour), ["map"]))["svg"].replace("\u202e", ""))
    assert next(svg.iter("path")).get("class") == "none"


def test_what_is_off_the_map_is_counted_with_the_reason(results):
    xy = results["map"].xy.copy()
    xy[2] = np.nan  # repeats another one
    xy[0] = np.nan
    view = section.view(Context(with_places(results, xy), ["map"]))
    assert view["placed"] == "7 segments"
    assert view["off"] == [
        "1 segment repeat what another one says",
        "1 segment in a language that the encoder does not serve",
        "1 segment without a place",
    ]


def test_a_sample_is_even_and_said_to_be_one(results, monkeypatch):
    monkeypatch.setattr(section, "MAX_POINTS", 4)
    view = section.view(Context(Results(**results), ["map"]))
    drawn = ET.fromstring(view["svg"].replace("\u202e", ""))
    assert sum(len(points(path)) for path in drawn.iter("path")) == 4
    assert view["sample"] == "4"
    assert sum(entry["size"] for entry in view["key"]) == 9


def test_a_point_takes_few_bytes():
    xy = np.random.default_rng(0).normal(size=(5000, 2))
    svg = map_picture(xy, [Group("whales", "c0", np.arange(5000))], Frame.around(xy))
    assert len(ET.tostring(svg)) < 5000 * 16


def test_a_map_without_places_is_no_picture(results):
    nowhere = with_places(results, np.full_like(results["map"].xy, np.nan))
    assert section.view(Context(nowhere, ["map"]))["svg"] is None
    with pytest.raises(ShapeError, match="has 0 points"):
        section.map_file(nowhere)


def test_the_file_stands_alone_in_the_colours_of_the_page(harbour):
    svg = section.map_file(Results(**harbour))
    root = ET.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "var(" not in svg
    assert "class=" not in svg.removeprefix('<svg class="chart map"')
    strokes = {path.get("stroke") for path in root.iter("{http://www.w3.org/2000/svg}path")}
    assert all(len(stroke) == 7 and stroke.startswith("#") for stroke in strokes)
    assert len(strokes) == 4
