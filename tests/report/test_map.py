import itertools
import re
from xml.etree import ElementTree as ET

import pytest

from topicgpu.report.charts.map import map_chart


def chart(labels, points=((0.0, 0.0), (10.0, 10.0))):
    return {
        "points": [{"x": x, "y": y, "slot": None, "label": f"point {i}\nwords"} for i, (x, y) in enumerate(points)],
        "labels": [{"name": name, "x": x, "y": y, "n": 3} for name, x, y in labels],
    }


def names(svg):
    places = {}
    for text in ET.fromstring(svg).iter("text"):
        x, y = re.match(r"translate\(([\d.-]+),([\d.-]+)\)", text.get("transform")).groups()
        places[text.text] = (float(x), float(y))
    return places


def test_names_in_one_place_are_moved_apart():
    placed = names(map_chart(chart([("whales", 5, 5), ("lamps", 5, 5), ("ropes", 5, 5)])))
    heights = sorted(y for _, y in placed.values())
    assert len(heights) == 3
    assert all(after - before == pytest.approx(16, abs=0.1) for before, after in itertools.pairwise(heights))


def test_a_name_that_finds_no_place_near_its_theme_is_left_out_and_the_largest_stays():
    placed = names(map_chart(chart([(f"theme {place}", 5, 5) for place in range(12)])))
    assert len(placed) == 9
    assert "theme 0" in placed


def test_each_point_has_its_text_and_hostile_names_do_no_harm():
    svg = map_chart(chart([("<b>\x00\u202e & \u2028", 5, 5)])).replace("\x00", "")
    titles = [title.text for title in ET.fromstring(svg).iter("title")]
    assert titles == ["Map of the segments by theme", "point 0\nwords", "point 1\nwords"]
    assert list(names(svg)) == ["<b> &"]
