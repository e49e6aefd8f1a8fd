"""Charts as files of their own, of a run whose every text is hostile, opened in a real browser."""

import pytest

from planted.hostile import PAYLOADS, hostile_run
from topicgpu.report import Results
from topicgpu.report.charts.standalone import chart_files
from topicgpu.report.sections.map import map_file

pytestmark = pytest.mark.slow

ACTIVE = "script, iframe, object, embed, image, use, a, foreignObject, animate, set, style, link"
HANDLERS = (
    "() => [...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames())"
    ".filter(n => n.startsWith('on') || n.endsWith('href'))"
)


def test_charts_of_a_hostile_run_are_pictures_and_nothing_else(open_page, tmp_path):
    results = Results(**hostile_run())
    files = {**chart_files(results), "map": map_file(results)}
    assert len(files) > len(PAYLOADS) / 2
    for name in ["map", "shares-stacked", *sorted(set(files) - {"map", "shares-stacked"})[:8]]:
        assert "/" not in name
        path = tmp_path / f"{name}.svg"
        path.write_text(files[name], encoding="utf-8")
        page = open_page(path)
        assert page.evaluate("() => document.documentElement.localName") == "svg"
        assert page.locator(ACTIVE).count() == 0
        assert page.evaluate(HANDLERS) == []
