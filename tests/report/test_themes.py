"""Theme pages: what is close to a theme, where its shares are, which changes are told; runs that stopped early."""

import re
from dataclasses import fields, replace

import numpy as np
import pytest

from topicgpu.errors import ConfigError
from topicgpu.report import Results, html, render
from topicgpu.report.context import Context
from topicgpu.report.neighbors import close_themes
from topicgpu.report.sections import themes as pages
from topicgpu.types import Embeddings, Repeats, Theme, Themes


def view(results):
    return pages.view(Context(Results(**results), ["themes"]))


def text_of(results, drawn=("themes",)):
    return " ".join(re.sub("<[^>]+>", " ", render(Results(**results), drawn).split("<main", 1)[1]).split())


def close(primary, vectors, further=(), served=None, repeated=()):
    """Neighbours of three themes over rows with these primary themes and vectors; further: (row, theme)."""
    n = len(primary)
    row = [*range(n), *(row for row, _ in further)]
    theme = [*primary, *(theme for _, theme in further)]
    rank = np.array([1] * n + [2] * len(further))
    nothing = np.zeros(0, dtype=np.int64)
    themes = Themes(
        themes=tuple(Theme(f"t{k}", f"t{k}", "discovered", None, (), 1, ()) for k in range(3)),
        row=np.array(row),
        theme=np.array(theme),
        strength=np.ones(len(row), dtype=np.float32),
        rank=rank,
        near_row=nothing,
        near_theme=nothing,
        near_strength=np.zeros(0, dtype=np.float32),
        n_rows=n,
        rows="x",
    )
    served = np.ones(n, dtype=bool) if served is None else np.array(served)
    embeddings = Embeddings(np.array(vectors, dtype=np.float32), served, "e", "r", (), "x")
    of = np.array(repeated, dtype=np.int64)
    repeats = Repeats(of, np.zeros_like(of), ("exact",) * len(of), np.ones(len(of)), n, "x")
    return close_themes(themes, embeddings, repeats, 2)


def test_the_closest_theme_in_meaning_is_first():
    found = close([0, 1, 2], [[1, 0], [0.6, 0.8], [0, 1]])
    assert found[0]["similar"] == [(1, "0.60"), (2, "0.00")]
    assert found[1]["similar"] == [(2, "0.80"), (0, "0.60")]


def test_repeats_and_languages_that_are_not_served_count_for_no_closeness():
    vectors = [[1, 0], [0, 1], [0, 1], [1, 0], [0, 0]]
    apart = close([0, 1, 2, 1, 1], vectors, served=[True] * 4 + [False], repeated=[3])
    assert apart[0]["similar"][0][1] == "0.00"
    assert apart[1]["similar"][0] == (2, "1.00")


def test_themes_that_share_segments_are_counted():
    found = close([0, 0, 1, 2], np.eye(4), further=[(0, 1), (1, 1), (2, 2)])
    assert found[0]["shared"] == [(1, "2 segments")]
    assert found[1]["shared"] == [(0, "2 segments"), (2, "1 segment")]


def test_a_theme_without_segments_is_close_to_none():
    assert close([0, 1], np.eye(2))[2] == {"similar": [], "shared": []}


def test_a_page_links_to_its_neighbours_and_to_an_index_of_all_themes(results):
    page = render(Results(**results), ["themes"])
    for place in range(1, 5):
        assert f'href="#theme-{place}"' in page
    assert "Closest in meaning:" in page


def test_shares_have_bars_that_end_with_the_longest_interval(results):
    cranes = next(t for t in view(results)["themes"] if t["theme_id"] == "cranes")
    bars = {row["label"]: row["bar"] for row in cranes["shares"]}
    call = bars["Harbour company, half-year call"]
    assert call["high"] == 100
    assert call["low"] < call["share"] < call["high"]
    assert bars["Undated letter"]["share"] == 0
    assert bars["\u6e2f\u53e3\u7535\u53f0"] is None  # not served: no share


def test_of_many_sources_those_with_the_largest_share_stand_under_the_periods(results, monkeypatch):
    monkeypatch.setattr(pages, "MAX_COLUMNS", 2)
    monkeypatch.setattr(pages, "MAX_LARGEST", 1)
    lamps = next(t for t in view(results)["themes"] if t["theme_id"] == "lamps")
    assert [row["label"] for row in lamps["shares"]] == ["2021", "2022", "Notes from the harbour council"]
    whales = next(t for t in view(results)["themes"] if t["theme_id"] == "whales")
    assert [row["level"] for row in whales["shares"]] == ["period", "period"]


def test_of_many_periods_the_latest_stand_and_the_others_are_counted(results, monkeypatch):
    monkeypatch.setattr(pages, "MAX_SHARES", 8)
    monkeypatch.setattr(pages, "_FEWEST", 1)
    gathered = view(results)
    assert gathered["n_periods_left"] == 0
    monkeypatch.setattr(pages, "MAX_SHARES", 4)
    assert view(results)["n_periods_left"] == 1
    assert "1 earlier periods are in prevalence.parquet" in text_of(results)


def test_of_many_changes_the_widest_and_the_clearest_are_told_in_the_order_of_time():
    rows = [
        {"level": "period", "found": False, "q": q, "name": n} for n, q in enumerate([0.5, 0.1, np.nan, 0.3, 0.2, 0.9])
    ]
    rows += [
        {"level": "period", "found": True, "q": 0.95, "name": 6},
        {"level": "span", "found": False, "q": 1.0, "name": 7},
    ]
    assert [row["name"] for row in pages._clearest(rows)] == [1, 3, 4, 6, 7]


def test_the_link_to_the_segment_table_is_there_where_the_table_is(results):
    view_ = {**view(results)}
    shown = html._environment().get_template("themes.html.j2").render(view_, drawn={"themes", "segments"})
    assert '<a href="#segments" data-filter-theme="3">' in shown
    assert "data-filter-theme" not in html._environment().get_template("themes.html.j2").render(view_, drawn={"themes"})


def test_an_unstable_theme_is_grey_and_says_why(results):
    themes = results["themes"]
    rope = replace(themes.themes[3], unstable=True)
    results["themes"] = replace(themes, themes=(*themes.themes[:3], rope))
    page = render(Results(**results), ["themes"])
    assert page.count('class="card unstable"') == 1
    assert "unstable: other seeds and samples find 75.0% of it again" in page


def test_themes_without_drift_have_pages_without_shares(results):
    results["drift"] = None
    text = text_of(results)
    assert "Cranes and boxes" in text
    assert "95% interval" not in text


def test_a_run_that_stopped_before_the_themes_has_sources_method_and_warnings(results):
    results |= {"themes": None, "drift": None, "map": None}
    text = text_of(results, None)
    for heading in ("Sources", "Method", "Warnings"):
        assert heading in text
    assert "What could not be decided" not in text


def test_one_theme_needs_no_index(results):
    themes, drift = results["themes"], results["drift"]
    own = themes.theme == 0
    columns = {name: getattr(themes, name)[own] for name in ("row", "theme", "strength", "rank")}
    results["themes"] = replace(themes, themes=themes.themes[:1], **columns)
    results["drift"] = replace(drift, findings=())
    page = render(Results(**results))
    assert 'class="index"' not in page.split("<main", 1)[1]
    assert "Closest in meaning" not in page


def test_no_segments_and_no_sources(results):
    empty = {}
    for name in ("sources", "segments"):
        table = results[name]
        empty[name] = replace(table, **{
            field.name: getattr(table, field.name)[:0]
            for field in fields(table)
            if isinstance(getattr(table, field.name), np.ndarray | tuple)
        })  # fmt: skip
    turns, dropped = results["sources"].turns, results["sources"].dropped
    cut = [
        replace(table, **{field.name: getattr(table, field.name)[:0] for field in fields(table)})
        for table in (turns, dropped)
    ]
    sources = replace(empty["sources"], turns=cut[0], dropped=cut[1])
    rows = empty["segments"].fingerprint
    vectors = results["embeddings"]
    results |= {
        "sources": sources,
        "segments": empty["segments"],
        "embeddings": replace(vectors, vectors=vectors.vectors[:0], served=vectors.served[:0], rows=rows),
        "repeats": Repeats(np.zeros(0, dtype=int), np.zeros(0, dtype=int), (), np.zeros(0), 0, rows),
        "themes": None,
        "drift": None,
        "map": None,
    }
    text = text_of(results, None)
    assert "There are no sources." in text


@pytest.mark.parametrize("section", ["said", "presence", "themes", "undecided"])
def test_sections_are_left_out_where_their_tables_are_not_there(results, section):
    results |= {"themes": None, "drift": None}
    with pytest.raises(ConfigError, match="has not got"):
        render(Results(**results), [section])
