"""How results show themselves: short in a console, a small escaped table in a notebook."""

from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from export.conftest import HOSTILE, write_run
from planted.harbour import make_results
from topicgpu.types import Segments
from topicgpu.types.display import MAX_ROWS, cell_text, html_table, paragraph

ALLOWED = {"table", "caption", "thead", "tbody", "tr", "th", "td", "p", "bdi", "h3", "a"}


class Tags(HTMLParser):
    """Every tag and attribute of some HTML, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def run(tmp_path):
    return write_run(tmp_path / "run", title=HOSTILE[:80])


def shown(run):
    drift = run.drift
    return {
        "run": run,
        "sources": run.sources,
        "segments": run.segments,
        "turns": run.sources.turns,
        "themes": run.themes,
        "drift": drift,
        "plain drift": make_results()["drift"],
        "changes": drift.changes,
        "prevalence": drift.prevalence,
        "terms": drift.terms,
        "finding": replace(drift.findings[0], sentence=HOSTILE, headline=HOSTILE),
        "quoted finding": drift.finding(0),
    }


def test_a_notebook_shows_tables_and_runs_nothing(run):
    for name, result in shown(run).items():
        page = Tags(result._repr_html_())
        assert page.tags <= ALLOWED, name
        assert {attribute for attribute, _ in page.attributes} <= {"href"}, name
        assert page.text.strip(), name


def test_hostile_words_are_shown_as_they_are(run):
    assert HOSTILE in Tags(run.segments._repr_html_()).text
    assert "Keeper & <b>lighthouse</b>" in Tags(run.sources._repr_html_()).text
    assert "Lamps <at> night" in Tags(run.themes._repr_html_()).text


def test_a_run_shows_its_corpus_findings_themes_and_report(run):
    page = Tags(run._repr_html_())
    assert "5 sources, 10 segments, 100 words; 2021-03-09 to 2022-05-04" in page.text
    assert "Cranes and boxes falls from 20.0 %" in page.text
    assert "ropes, nets" in page.text
    assert ("href", f"{run.folder.as_posix()}/report.html") in page.attributes


def test_a_run_that_stopped_early_shows_what_it_has(tmp_path):
    assert "5 sources, 10 segments" in write_run(tmp_path / "a", until="repeats")._repr_html_()
    assert "report.html" not in write_run(tmp_path / "b", until="ingest")._repr_html_()


def test_long_tables_are_cut_and_the_rest_is_counted():
    page = Tags(html_table("numbers", ["n"], ((n,) for n in range(10**6)), 10**6))
    assert f"{10**6 - MAX_ROWS:,} more" in page.text
    assert "more" not in html_table("numbers", ["n"], [(1,)] * MAX_ROWS, MAX_ROWS)
    assert len(html_table("text", ["t"], [("x" * 10**7,)], 1)) < 2000


def test_missing_values_and_numbers_are_words():
    given = (None, float("nan"), np.float32(0.125), np.int64(3), True, np.False_, ("a", "b"))
    assert [cell_text(value) for value in given] == ["", "", "0.125", "3", "yes", "no", "a, b"]
    assert paragraph("<b>") == "<p><bdi>&lt;b&gt;</bdi></p>"


def test_the_console_shows_one_short_line(run):
    tables = [run, run.results(), run.embeddings, run.repeats, run.neighbors, run.map, run.clusters]
    tables += [table for name, table in shown(run).items() if "finding" not in name]
    for table in tables:
        text = repr(table)
        assert "\n" not in text
        assert len(text) < 1500, type(table).__name__
    assert repr(run.map).startswith("Map(xy=<float32 10 x 2>, method='UMAP'")


def test_a_line_is_as_short_for_many_rows():
    columns = vars(make_results()["segments"])
    rows = np.tile(np.arange(10), 10_000)
    many = {
        name: column[rows] if isinstance(column, np.ndarray) else tuple(column[row] for row in rows)
        for name, column in columns.items()
        if name != "fingerprint"
    }
    many = Segments(**many | {"segment_id": tuple(map(str, range(100_000)))})
    assert len(repr(many)) < 1000
    assert len(many._repr_html_()) < 20_000
