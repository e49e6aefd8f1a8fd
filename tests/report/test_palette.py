import itertools
import re
from collections import Counter
from importlib import resources

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicgpu.report.palette import DARK, LIGHT, SLOTS, color_slots, style_sheet

# Missing cones in linear RGB (Machado, Oliveira and Fernandes 2009, severity 1), and OKLab (Ottosson 2020).
DEFICIENCIES = {
    "none": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
LMS = np.array([[0.41222, 0.53633, 0.05145], [0.21190, 0.68070, 0.10740], [0.08830, 0.28172, 0.62998]])
LAB = np.array([[0.21045, 0.79362, -0.00407], [1.97800, -2.42859, 0.45059], [0.02590, 0.78277, -0.80868]])

SCHEMES = pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
ids = st.lists(st.text(min_size=1, max_size=8), unique=True, max_size=35)


@given(ids, st.randoms(use_true_random=False))
def test_colours_depend_on_the_set_of_ids_alone(theme_ids, random):
    shuffled = theme_ids.copy()
    random.shuffle(shuffled)
    assert color_slots(shuffled) == color_slots(theme_ids)


@given(ids)
def test_no_colour_is_used_again_before_all_are_used(theme_ids):
    uses = Counter(color_slots(theme_ids).values())
    counts = [uses[slot] for slot in range(SLOTS)]
    assert sum(counts) == len(theme_ids)
    assert max(counts) - min(counts) <= 1


def test_a_theme_keeps_its_colour_when_another_one_comes():
    before = color_slots(["cranes", "lamps", "whales"])
    after = color_slots(["cranes", "lamps", "whales", "ropes"])
    assert sum(before[theme_id] != after[theme_id] for theme_id in before) <= 1


def linear(color):
    channels = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    low, high = sorted(float(linear(color) @ [0.2126, 0.7152, 0.0722]) for color in (one, other))
    return (high + 0.05) / (low + 0.05)


def mixed(color, part, ground):
    """What `color-mix(in srgb, color part%, ground)` gives."""
    pairs = [(int(color[i : i + 2], 16), int(ground[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a * part / 100 + b * (100 - part) / 100):02x}" for a, b in pairs)


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@SCHEMES
def test_colours_can_be_told_apart_with_every_kind_of_colour_vision(scheme, deficiency):
    colors = {name: color for name, color in scheme.items() if name == "none" or name[1:].isdigit()}
    assert len(colors) == SLOTS + 1
    lab = [LAB @ np.cbrt(LMS @ np.clip(DEFICIENCIES[deficiency] @ linear(color), 0, 1)) for color in colors.values()]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(lab, 2)) > 0.09


@SCHEMES
def test_colours_stand_out_from_the_page(scheme):
    assert min(contrast(scheme[f"c{slot}"], scheme["paper"]) for slot in range(SLOTS)) > 2.4


@SCHEMES
def test_text_can_be_read_on_the_page_and_on_every_cell_of_the_table(scheme):
    for text in ("ink", "muted", "accent"):
        assert contrast(scheme[text], scheme["paper"]) > 4.5
    css = resources.files("topicgpu.report").joinpath("styles/table.css").read_text(encoding="utf-8")
    parts = [
        int(part) for part in re.findall(r"\.h[1-9] \{ background: color-mix\(in srgb, var\(--accent\) (\d+)%", css)
    ]
    assert len(parts) == 9
    assert sorted(parts) == parts
    grounds = [scheme["raised"], *(mixed(scheme["accent"], part, scheme["paper"]) for part in parts)]
    assert min(contrast(scheme["ink"], ground) for ground in grounds) > 4.5


def test_every_colour_that_a_style_sheet_uses_is_in_both_schemes():
    styles = resources.files("topicgpu.report").joinpath("styles")
    css = "".join(sheet.read_text(encoding="utf-8") for sheet in styles.iterdir())
    used = set(re.findall(r"var\(--([\w-]+)\)", css)) - set(re.findall(r"--([\w-]+):", css))
    assert LIGHT.keys() == DARK.keys()
    assert used <= LIGHT.keys()
    assert f"--ink: {DARK['ink']};" in style_sheet()
