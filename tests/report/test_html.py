import base64
import hashlib
import itertools
import re
from dataclasses import fields, replace
from html.parser import HTMLParser

import numpy as np
import pytest

from planted.harbour import NAN
from topicgpu.errors import MisalignedError
from topicgpu.report import Results, render
from topicgpu.report.changes import changes_of
from topicgpu.report.charts.compare import vega_bundle
from topicgpu.types import Keyword, Presence, Theme

VOID = {"meta", "link", "br", "img", "hr", "input"}


class Page(HTMLParser):
    """The page as elements: checks that tags balance, and keeps attributes and text."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.ids, self.links = [], [], [], []
        self.texts = {"bdi": [], "style": [], "title": [], "li": [], "td": [], "p": [], "desc": []}
        self.quotes = []  # (text, whether it is marked)
        self.all_text = ""
        self.scripts = []  # (text, attributes)
        self._mark = None
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        assert len(attributes) == len(attrs), f"an attribute is there twice: {attrs}"
        self.tags.append((tag, attributes))
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.links += [attributes["href"]] if "href" in attributes else []
        if tag in VOID:
            return
        self.open.append(tag)
        if tag == "script":
            self.scripts.append(("", attributes))
        if tag in self.texts:
            self.texts[tag].append("")
        if tag == "blockquote":
            self.quotes.append(("", self._mark))
        if attributes.get("class", "").split()[:1] == ["quote"]:
            self._mark = "digest" in attributes["class"].split()

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] == ["script"]:
            text, attributes = self.scripts[-1]
            self.scripts[-1] = (text + data, attributes)
            return
        self.all_text += data
        for tag in set(self.open) & self.texts.keys():
            self.texts[tag][-1] += data
        if "blockquote" in self.open:
            self.quotes[-1] = (self.quotes[-1][0] + data, self.quotes[-1][1])


@pytest.fixture(scope="module")
def html(harbour):
    return render(Results(**harbour))


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def without(table, keep):
    """The rows of a table of columns for which `keep` is true."""
    rows = np.flatnonzero(keep)
    changed = {
        name: getattr(table, name)[rows]
        if isinstance(getattr(table, name), np.ndarray)
        else tuple(getattr(table, name)[row] for row in rows)
        for name in (field.name for field in fields(table))
    }
    return replace(table, **changed)


def test_page_has_one_title_ordered_headings_and_anchors_that_lead_somewhere(page):
    assert len(page.ids) == len(set(page.ids))
    assert all(link == "data:," or link.removeprefix("#") in page.ids for link in page.links)
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert {"header", "nav", "main", "footer"} <= {tag for tag, _ in page.tags}


def test_page_can_load_nothing_and_runs_its_own_scripts_alone(page):
    for tag, attributes in page.tags:
        assert tag not in {"iframe", "object", "embed", "img", "image", "use", "base", "form"}
        for name, value in attributes.items():
            assert not name.startswith("on")
            assert name not in {"src", "srcset", "style", "xlink:href", "action", "poster"}
            assert name != "href" or value.startswith("#") or value == "data:,"
            assert "url(" not in (value or "")
    css = "".join(page.texts["style"])
    assert not re.search(r"url\(|@import|//", css)


def test_content_policy_allows_its_style_sheet_and_its_scripts_alone(page):
    def source(text):
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    policies = [a["content"] for tag, a in page.tags if a.get("http-equiv") == "Content-Security-Policy"]
    runs = [text for text, attributes in page.scripts if attributes.get("type") != "application/octet-stream"]
    assert runs
    assert policies == [
        f"default-src 'none'; script-src {' '.join(map(source, [*runs, vega_bundle()]))}; "
        f"style-src {source(page.texts['style'][0])}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    ]


def test_hostile_text_stays_text(html, page, results):
    hostile = next(text for text in results["segments"].text if "<script>" in text)
    assert " ".join(hostile.split()) in [text for text, _ in page.quotes]
    assert "{{ 7 * 7 }}" in hostile
    assert "<script>" not in html
    assert html.count("</style>") == 1
    for escaped in ("Harbour & <town>", "Keeper & <b>lighthouse</b>", "Lamps <at> night", "Ana \u202e<i>"):
        assert escaped in page.texts["bdi"]
    assert any("language that is <not> served" in text for text in page.texts["li"])
    assert "No period has five sources, so <none> has an interval." in [text.strip() for text in page.texts["li"]]


def test_every_quote_is_the_slice_of_its_source_in_isolation(page, results):
    segments, sources = results["segments"], results["sources"]
    slices = {
        " ".join(sources.text[sources.source_id.index(name)][start:end].split())
        for name, start, end in zip(segments.source_id, segments.start_char, segments.end_char, strict=True)
    }
    assert len(page.quotes) >= 5
    for text, _ in page.quotes:
        assert text in slices
        assert text in page.texts["bdi"]


def test_excerpts_of_digests_are_marked_and_no_others(page, results):
    segments = results["segments"]
    from_digest = {t for t, name in zip(segments.text, segments.source_id, strict=True) if name == "notes"}
    assert {mark for text, mark in page.quotes if text in from_digest} == {True}
    assert {mark for text, mark in page.quotes if text not in from_digest} == {False}
    marks = sum("digest, not the speaker\u2019s words" in text for text in page.texts["p"])
    assert marks == sum(mark for _, mark in page.quotes)
    assert "chars 10-420 of the original" in page.texts["bdi"]


def test_findings_stand_in_their_order_with_status_and_evidence(page, results):
    sentences = [text for text in page.texts["p"] if text in {f.sentence for f in results["drift"].findings}]
    assert sentences == [f.sentence for f in results["drift"].findings]
    assert page.all_text.count("described, not tested") >= len(sentences)
    assert "There is no segment to quote." in page.texts["p"]


def test_table_has_each_share_with_its_interval_or_the_reason_for_none(page):
    cells = [text.replace("\u202f", " ") for text in page.texts["td"]]
    assert "40.0% 30.0 to 52.3%" in cells
    assert "< 0.1% 0 to 12.3% thin" in cells
    assert "100.0% no interval" in cells
    # four themes and none in the source that is not served, and what has no share in a period
    assert cells.count("–not counted") == 5 + 6
    assert {"20.0 to 80.0%", "25.0%"} <= set(cells)  # of a period: its interval, its pooled share
    assert "a 95% interval from five sources on" in page.all_text


def test_changes_state_their_range_or_leave_it_out(page):
    lines = [text for text in page.texts["li"] if text.startswith("2021 to 2022")]
    why = "2 and 1 sources; described: 2 against 1 sources cannot show a change beyond themselves"
    assert [line for line in lines if "points" in line] == [
        "2021 to 2022: \u221220.0 points, from 20.0% to <\u202f0.1%, \u221240.0 to 0 with any one source left out, "
        f"rests on call; {why}; this design finds no change of any size",
        f"2021 to 2022: +33.3 points; {why}",
    ]


def test_changes_of_content_and_of_words_stand_apart_with_what_the_test_gave(page):
    lines = [text for text in page.texts["li"] if text.startswith("2021 to 2022") and "points" not in text]
    assert lines == [
        "2021 to 2022: distance 0.123, 0.05 where the periods are dealt out at random; 2 and 1 sources; tested: "
        "p = 0.0123, q = 0.04, p among rotations of the periods = 0.2; this design finds a change of 0.11 with "
        "power 0.8",
        "2021 to 2022: log odds \u22122.5 of the term that moved most clearly; 2 and 1 sources; tested: p under 0.0001"
        ", q = 0.5; the theme is unstable, so this is no finding",
    ]
    for name in ("Share", "What is said", "Words"):
        assert f"\n{name}\n" in page.all_text


def test_the_change_inside_kinds_is_told_where_it_is_another(results):
    drift, columns = results["drift"], ("within", "within_low", "within_high", "within_expected")
    given = {
        name: np.full(len(drift.changes), value)
        for name, value in zip(columns, (0.02, -0.01, 0.05, 0.015), strict=True)
    }
    results["drift"] = replace(drift, changes=replace(drift.changes, **given, term=("tolls",) * len(drift.changes)))
    text = Page(render(Results(**results))).all_text
    assert text.count(", +2.0 points inside kinds of source that both sides have (95% interval \u22121.0 to +5.0)") == 2
    assert "at random, 0.02 inside kinds of source that both sides have, 0.015 where the periods are" in text
    assert "log odds \u22122.5 of “tolls”, the term that moved most clearly" in text
    same = replace(results["drift"].changes, within=drift.changes.effect)
    results["drift"] = replace(drift, changes=same)
    assert "inside kinds of source" not in Page(render(Results(**results))).all_text


def test_what_was_not_measured_has_no_number(results):
    drift = results["drift"]
    unknown = replace(drift.changes, effect=np.full(len(drift.changes), np.nan))
    results["drift"] = replace(drift, changes=unknown)
    page = Page(render(Results(**results)))
    assert "nan" not in " ".join(text for text in page.texts["li"] + page.texts["p"] if "2021" in text)
    assert (
        "2021 to 2022: can't be measured: 2 against 1 sources cannot show a change beyond themselves"
        in page.texts["li"]
    )


def test_what_is_left_out_in_turn_is_the_unit_of_inference(results):
    config = results["config"]
    results["config"] = config.model_copy(update={"drift": config.drift.model_copy(update={"unit": "date"})})
    assert "with any one date left out" in Page(render(Results(**results))).all_text


def test_the_change_beside_a_chart_is_that_of_the_widest_comparison(results):
    drift = results["drift"]
    changes = drift.changes
    assert [changes_of(drift, "words")[theme]["widest"]["to"] for theme in ("cranes", "lamps")] == ["2022"] * 2
    assert changes_of(drift, "words")["d_ropes"]["widest"] is None
    assert changes_of(drift, "seconds")["cranes"]["prevalence"] == []
    three = replace(
        changes,
        theme_id=("cranes",) * 4,
        kind=("prevalence",) * 4,
        unit=("words",) * 4,
        level=("period", "period", "span", "period"),
        to=("2022", "2023", "2023", "2024"),
    )
    assert changes_of(replace(drift, changes=three), "words")["cranes"]["widest"]["level"] == "span"
    no_span = replace(three, level=("period",) * 4)
    assert changes_of(replace(drift, changes=no_span), "words")["cranes"]["widest"] is None


def test_an_unstable_theme_is_grey_and_marked_among_the_charts(results, page):
    grey = [attributes for tag, attributes in page.tags if tag == "figure" and attributes.get("class") == "unstable"]
    assert grey == []
    themes = results["themes"]
    results["themes"] = replace(themes, themes=(*themes.themes[:3], replace(themes.themes[3], unstable=True)))
    page = Page(render(Results(**results)))
    assert len([1 for tag, attributes in page.tags if tag == "figure" and attributes.get("class") == "unstable"]) == 1
    assert any(text.startswith("unstable: other seeds and samples do not find it") for text in page.texts["p"])


def test_gates_and_changes_of_how_the_talk_was_recorded_are_told(page):
    assert "passed: a rise of <cranes> over 5 points. It falls." in page.texts["li"]
    assert "The segments of 2022 are <half> as long." in page.texts["li"]


def test_sources_say_what_was_left_out(page):
    assert "7 words: menu" in page.texts["bdi"]
    assert "ask the harbour company" in page.texts["bdi"]
    assert "1 segment, 10 words: the same words again, counted where they first stand" in page.all_text
    assert "zh: 1 segment, 10 words, in no theme and no share" in page.all_text


def test_repeats_are_told_by_kind_and_a_translation_is_not_also_a_language_not_served(results):
    repeats = results["repeats"]
    results["repeats"] = replace(
        repeats,
        row=np.array([2, 9]),
        of=np.array([8, 0]),
        kind=("exact", "translation"),
        similarity=np.array([1.0, 0.9]),
    )
    stages = results["manifest"]["stages"] | {
        "repeats": {"status": "computed", "implementation": {"translations": "zh of en by numbers and names"}}
    }
    results["manifest"] = results["manifest"] | {"stages": stages}
    page = Page(render(Results(**results)))
    told = "1 segment, 10 words: translations, counted in the language that they are kept in"
    assert page.all_text.count(told) == 2  # at the top and with its source
    assert "Said more than once and counted once: 1 segment, 10 words: the same words again" in page.all_text
    assert "in no theme and no share" not in page.all_text
    assert "(looked for: zh of en by numbers and names)" in page.all_text


def test_same_results_give_the_same_bytes(html, results):
    assert render(Results(**results)) == html


def test_charts_name_what_they_show(page):
    assert "Cranes and boxes: share of words by source over time" in page.texts["title"]
    assert any("June 2021: 33.3% (95% interval 23.3 to 45.6%" in text for text in page.texts["desc"])
    undated = [text for text in page.texts["p"] if text.startswith("Undated, so not on the time axis")]
    assert undated == ["Undated, so not on the time axis: Undated letter."]


def test_no_themes(results):
    themes = results["themes"]
    drift = results["drift"]
    none = np.array([theme_id is None for theme_id in drift.prevalence.theme_id])
    empty = np.zeros(0, dtype=np.int64)
    results["themes"] = replace(
        themes, themes=(), row=empty, theme=empty, rank=empty, strength=np.zeros(0, dtype=np.float32)
    )
    changes = without(drift.changes, np.zeros(len(drift.changes), dtype=bool))
    prevalence = without(drift.prevalence, none)
    results["drift"] = replace(drift, findings=(), changes=changes, prevalence=prevalence, pooled={})
    page = Page(render(Results(**results)))
    assert "There are no themes." in page.texts["p"]
    assert "There is nothing to draw: there are no themes." in page.texts["p"]


def test_levels_above_and_below_the_themes_are_shown_with_their_evidence(results):
    themes, segments = results["themes"], results["segments"]
    quote = segments.segment_id[1]
    part = Theme("d7", "Knots <b>", "discovered", None, (Keyword("bowline", 1.0),), 2, (quote,), "d_ropes", 0.31, True)
    family = Theme("d8", "Things on board", "discovered", None, (), 3, (), level="family")
    languages = {"zh": (Keyword("绳", 1.0),)}
    rope = replace(themes.themes[3], parent_id="d8", unstable=True, keywords_by_language=languages)
    again = replace(themes.themes[0], found_again=0.62)
    results["themes"] = replace(
        themes,
        themes=(again, *themes.themes[1:3], rope),
        subthemes=(replace(part, level="subtheme"),),
        sub_row=np.array([1, 2]),
        sub=np.array([0, 0]),
        families=(family,),
    )
    page = Page(render(Results(**results)))
    assert "Knots <b>" in page.texts["bdi"]
    assert "bowline" in page.texts["bdi"]
    assert "绳" in page.texts["bdi"]
    assert "Things on board" in page.texts["bdi"]
    assert "discovery alone finds it too: 62.0% overlap" in page.all_text
    assert "unstable: other seeds and samples find 75.0% of it again" in page.all_text
    said = " ".join(segments.text[1].split())
    before = sum(text == said for text, _ in Page(render(Results(**(results | {"themes": themes})))).quotes)
    assert sum(text == said for text, _ in page.quotes) == before + 1


def test_no_dates(results):
    sources, drift = results["sources"], results["drift"]
    n = len(sources)
    results["sources"] = replace(sources, date_start=(None,) * n, date_end=(None,) * n)
    by_source = np.array([level == "source" for level in drift.prevalence.level])
    prevalence = without(drift.prevalence, by_source)
    changes = without(drift.changes, np.zeros(len(drift.changes), dtype=bool))
    results["drift"] = replace(drift, periods=(), period_of={}, prevalence=prevalence, changes=changes, pooled={})
    page = Page(render(Results(**results)))
    assert "There is nothing to draw: no source has a date." in page.texts["p"]
    assert any("no dates" in text for text in page.texts["p"])


def test_nothing_on_the_map_and_nothing_in_the_manifest(results):
    map_ = results["map"]
    results["map"] = replace(map_, xy=np.full_like(map_.xy, np.nan))
    results["manifest"] = {"name": "harbour"}
    page = Page(render(Results(**results)))
    assert "No segment has a place on the map." in page.texts["p"]
    assert any("letter.txt has no date." in text for text in page.texts["li"])


def test_one_point_on_the_map(results):
    map_ = results["map"]
    xy = np.full_like(map_.xy, np.nan)
    xy[0] = 3.0
    results["map"] = replace(map_, xy=xy)
    assert "Cranes and boxes" in Page(render(Results(**results), ["map"])).texts["title"]


def test_results_of_other_segments_are_refused(results):
    results["drift"] = replace(results["drift"], rows="0" * 64)
    with pytest.raises(MisalignedError, match="Drift was made from the segments 000000000000"):
        render(Results(**results))


def test_a_presence_of_an_unknown_theme_is_refused(results):
    lost = Presence("gone", "appears", "2022", None, 10, 0, (), NAN, NAN, NAN, False, ())
    results["drift"] = replace(results["drift"], presence=(lost,))
    with pytest.raises(MisalignedError, match="drift names the theme 'gone', which is not among the 4 themes"):
        Results(**results)


def test_a_finding_about_an_unknown_theme_or_segment_is_refused(results):
    drift = results["drift"]
    results["drift"] = replace(drift, findings=(replace(drift.findings[0], theme_id="gone"),))
    with pytest.raises(MisalignedError, match="names the theme 'gone'"):
        render(Results(**results))
    results["drift"] = replace(drift, findings=(replace(drift.findings[0], evidence=("call:1-2",)),))
    with pytest.raises(MisalignedError, match="names the segment 'call:1-2'"):
        render(Results(**results))


def test_numbers_of_findings_follow_the_configuration(results):
    config = results["config"]
    results["config"] = config.model_copy(update={"report": config.report.model_copy(update={"max_findings": 1})})
    page = Page(render(Results(**results)))
    assert "Further findings, not shown here: 2." in page.texts["p"]
