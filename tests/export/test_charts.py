"""Charts as files: documents of their own, without names of colours that only the page knows."""

from xml.etree import ElementTree as ET

from export.conftest import HOSTILE, write_run


def test_every_chart_is_a_document_of_its_own(harbour_run):
    folder = harbour_run.export("svg")
    files = sorted(folder.glob("*.svg"))
    assert len(files) >= 4
    assert "map.svg" in [path.name for path in files]
    for path in files:
        text = path.read_text(encoding="utf-8")
        root = ET.fromstring(text)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert float(root.get("width").removesuffix("px")) > 0
        assert "var(--" not in text
        assert "<script" not in text
        assert "href" not in text


def test_png_has_the_charts_of_svg_as_pictures(harbour_run):
    folder = harbour_run.export("png")
    names = {path.stem for path in harbour_run.export("svg").glob("*.svg")}
    assert {path.stem for path in folder.glob("*.png")} == names
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in folder.glob("*.png"))


def test_charts_hold_no_words_of_the_sources(tmp_path):
    folder = write_run(tmp_path / "run", text=False).export("svg")
    assert not [path for path in folder.glob("*.svg") if HOSTILE[:8] in path.read_text(encoding="utf-8")]
