import base64
import json
import re
import zlib
from dataclasses import fields, replace
from datetime import date, timedelta
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from topicgpu.report import Results
from topicgpu.report.charts.compare import comparison, vega_bundle
from topicgpu.report.charts.marks import DATASETS
from topicgpu.report.charts.small_multiples import small_multiples
from topicgpu.report.charts.stacked import MAX_BANDS, stacked
from topicgpu.report.charts.standalone import chart_files
from topicgpu.report.charts.svg import inline
from topicgpu.report.columns import MAX_COLUMNS
from topicgpu.report.context import Context
from topicgpu.report.sections import heat, over_time
from topicgpu.types import Theme

SECTIONS = ("time", "table", "segments")


@pytest.fixture(scope="module")
def time(harbour):
    return over_time.time_of(Context(Results(**harbour), SECTIONS))


def with_more_themes(results, n):
    """The run with n further themes, each with a tenth of the words of `call`."""
    themes, table = results["themes"], results["drift"].prevalence
    more = [Theme(f"more/{place}", f"More {place}", "discovered", None, (), 1, ()) for place in range(n)]
    row = next(i for i in range(len(table)) if (table.theme_id[i], table.key[i]) == ("cranes", "call"))

    def longer(name):
        column = getattr(table, name)
        extra = [theme.theme_id for theme in more] if name == "theme_id" else [column[row]] * n
        return np.append(column, np.array(extra)) if isinstance(column, np.ndarray) else (*column, *extra)

    prevalence = replace(table, **{field.name: longer(field.name) for field in fields(table)})
    return results | {
        "themes": replace(themes, themes=(*themes.themes, *more)),
        "drift": replace(results["drift"], prevalence=prevalence),
    }


def with_more_sources(results, n):
    """The run with n further dated sources, of which none has a segment."""
    sources = results["sources"]
    names = tuple(f"more/{place}" for place in range(n))
    days = tuple(date(2021, 1, 1) + timedelta(days=place) for place in range(n))
    new = {"source_id": names, "title": names, "date_start": days, "date_end": days, "languages": ((),) * n}
    new |= {"path": names, "sha256": ("0" * 64,) * n, "text": ("",) * n}
    columns = ("genre", "form", "series", "origin")
    longer = {name: getattr(sources, name) + new.get(name, (None,) * n) for name in (*new, *columns)}
    return results | {"sources": replace(sources, **longer)}


def test_themes_stand_by_size_and_each_mark_has_its_figures_in_words(time):
    assert [line["theme"]["name"] for line in time["lines"]] == [
        "ropes, nets", "Cranes and boxes", "Lamps <at> night", "Whales",
    ]  # fmt: skip
    marks = time["lines"][1]["marks"]
    assert [mark["column"] for mark in marks] == [0, 1, 2]  # the broadcast has no share, the letter no date
    assert marks[0]["label"].replace("\u202f", " ") == (
        "Harbour company, half-year call, 9 March 2021: 40.0% (95% interval 30.0 to 52.3%; 494 of 1 234 words)"
    )
    assert marks[2]["label"].endswith("words, thin)")
    assert time["kinds"] == ["earnings call", "interview", "minutes", "broadcast"]


def test_at_most_24_themes_have_a_small_chart_and_all_can_be_compared(results):
    context = Context(Results(**with_more_themes(results, 40)), SECTIONS)
    time = over_time.time_of(context)
    assert time["n_drawn"] == 24
    assert len(small_multiples(time, "words")) == 24
    numbers = {ref["anchor"]: number for number, ref in enumerate(context.refs.values())}
    assert len(comparison(time, numbers)["themes"]) == 44


def test_many_sources_are_drawn_by_period_alone_and_the_table_says_where_theirs_are(results):
    context = Context(Results(**with_more_sources(results, 60)), SECTIONS)
    time = over_time.time_of(context)
    assert time["kinds"] == []
    assert all(line["marks"] == [] for line in time["lines"])
    assert [mean["share"] for mean in time["lines"][1]["means"]] == [0.2, 0.0004]
    assert "by period" in small_multiples(time, "words")["theme-1"].title
    view = heat.view(context)
    assert [column["label"] for column in view["columns"]] == ["2021", "2022"]
    assert view["left_out"] == (
        "There are 65 sources, too many to stand side by side: their own shares are in prevalence.parquet."
    )


def test_without_periods_the_sources_with_most_speech_have_a_column(results):
    results = with_more_sources(results, 60)
    results["drift"] = replace(results["drift"], periods=(), period_of={})
    view = heat.view(Context(Results(**results), SECTIONS))
    assert len(view["columns"]) == MAX_COLUMNS
    assert {"call", "talk", "notes", "letter"} <= {column["key"] for column in view["columns"]}
    assert view["left_out"].startswith("The 40 sources with most speech of 65;")


def test_every_number_that_is_drawn_stands_in_a_table(harbour):
    results = Results(**harbour)
    alone, beside = (over_time.view(Context(results, drawn)) for drawn in (["time"], SECTIONS))
    columns = [column["key"] for column in alone["table"]["columns"]]
    assert columns == ["call", "talk", "notes", "radio", "letter", "2021", "2022"]
    assert [column["key"] for column in beside["table"]["columns"]] == [
        "2021",
        "2022",
    ]  # the rest is in the next section


def test_shares_of_a_stack_add_up_and_the_smallest_themes_are_one_band(results):
    context = Context(Results(**with_more_themes(results, 12)), SECTIONS)
    picture = stacked(over_time.time_of(context), "words")
    root = ET.fromstring(inline(*picture))
    names = [text.text for text in root.iter("text") if not text.text.rstrip("%").isdigit()]
    assert f"{16 - MAX_BANDS} other themes" in names
    assert "no theme" in names
    boxes = [tip.split(". ")[0] for tip in picture.tips]
    assert len(set(boxes)) <= MAX_BANDS + 2
    assert sum(tip.endswith("words)") or tip.endswith("thin)") or "other themes" in tip for tip in picture.tips) == len(
        boxes
    )


def test_bars_stand_at_their_dates_and_leave_gaps_empty(time):
    picture = stacked(time, "words")
    root = ET.fromstring(picture.svg)
    boxes = [
        path.get("d")
        for path in root.iter("{http://www.w3.org/2000/svg}path")
        if path.get("aria-label", "").startswith("tip")
    ]
    lefts = sorted({round(float(re.match(r"M([\d.]+)", box)[1])) for box in boxes})
    assert len(lefts) == 3  # call, talk and notes; nothing is counted of the broadcast
    assert lefts[2] - lefts[1] > 1.5 * (lefts[1] - lefts[0])  # March and June 2021, all of 2022


def test_an_unstable_theme_is_grey_in_a_stack(results):
    themes = results["themes"]
    results["themes"] = replace(themes, themes=tuple(replace(theme, unstable=True) for theme in themes.themes))
    svg = stacked(over_time.time_of(Context(Results(**results), SECTIONS)), "words").svg
    assert "var(--muted)" in svg
    assert not re.search(r"var\(--c\d", svg)


def test_the_chart_that_the_reader_sets_up_has_all_numbers_and_no_code(harbour, time):
    context = Context(Results(**harbour), SECTIONS)
    packed = over_time.chart_islands(context, over_time.view(context))
    data = json.loads(zlib.decompress(base64.b64decode(packed["charts"])))
    assert set(DATASETS) < data["spec"]["datasets"].keys()
    assert [theme["number"] for theme in data["themes"]] == [3, 0, 1, 2]
    cranes = data["themes"][1]
    columns = [data["columns"][cell[0]] for cell in cranes["cells"]]
    assert [column.get("source", column.get("period")) for column in columns] == [0, 1, 2, "2021", "2022"]
    assert cranes["cells"][0][1:5] == [0.4, 0.3, 0.523, 0]
    assert json.loads(zlib.decompress(base64.b64decode(packed["vega"]))) == vega_bundle()
    assert "</script" not in vega_bundle().lower()


def test_a_report_that_is_not_to_answer_packs_no_chart(results):
    report = results["config"].report.model_copy(update={"interactive": False})
    results["config"] = results["config"].model_copy(update={"report": report})
    context = Context(Results(**results), SECTIONS)
    assert over_time.chart_islands(context, over_time.view(context)) == {}


def test_charts_stand_alone_in_real_colours_with_a_title_and_a_key(results):
    files = chart_files(Results(**with_more_themes(results, 1)))
    assert list(files) == [
        "shares-01-d_ropes", "shares-02-cranes", "shares-03-lamps", "shares-04-more-0", "shares-05-whales",
        "shares-stacked",
    ]  # fmt: skip
    for svg in files.values():
        root = ET.fromstring(svg)
        values = [value for element in root.iter() for value in element.attrib.values()]
        assert not [value for value in values if "var(" in value or value in ("currentColor", "inherit")]
        assert "#ffffff" in values
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
    lamps = [text.text for text in ET.fromstring(files["shares-03-lamps"]).iter("{http://www.w3.org/2000/svg}text")]
    assert "Lamps <at> night: share of words by source over time" in lamps
    assert "Circle: earnings call." in " ".join(lamps)


def test_without_dates_there_is_nothing_to_draw(results):
    n = len(results["sources"])
    results["sources"] = replace(results["sources"], date_start=(None,) * n, date_end=(None,) * n)
    results["drift"] = replace(results["drift"], periods=(), period_of={})
    context = Context(Results(**results), SECTIONS)
    view = over_time.view(context)
    assert (view["charts"], view["stack"], view["compare"]) == ({}, None, False)
    assert chart_files(Results(**results)) == {}
