import base64
import json
import zlib
from dataclasses import replace

import numpy as np

from topicgpu.config import validate_config
from topicgpu.report import Results, render
from topicgpu.report.context import Context
from topicgpu.report.data import TEXT_PART, islands, pack, pack_columns
from topicgpu.types import Segments


def unpack_bytes(packed):
    return zlib.decompress(base64.b64decode(packed))


def unpack(packed):
    return json.loads(unpack_bytes(packed))


def unpack_columns(data):
    """What the page's script does, by other means: four planes of bytes a column."""
    layout, raw = unpack(data["segments"])["columns"], unpack_bytes(data["columns"])
    columns, start = {}, 0
    for name, length, running in layout:
        planes = np.frombuffer(raw[start : start + 4 * length], dtype=np.uint8).reshape(4, length).astype(np.int64)
        values = (planes * 256 ** np.arange(4)[:, None]).sum(axis=0).astype(np.uint32).view(np.int32)
        columns[name] = np.cumsum(values) if running else values
        start += 4 * length
    assert start == len(raw)
    return columns


def packed(results, drawn=("segments", "map"), **report):
    config = results["config"].model_copy(update={"report": validate_config({"report": report}, "test").report})
    return islands(Context(Results(**{**results, "config": config}), drawn))


def with_texts(texts):
    """The same run, with other words in the same number of segments, all of the first source."""
    ends = np.cumsum([len(text) + 1 for text in texts]) - 1
    starts = ends - [len(text) for text in texts]
    n = len(texts)
    return Segments(
        segment_id=tuple(f"call:{start}-{end}" for start, end in zip(starts, ends, strict=True)),
        source_id=("call",) * n,
        position=np.arange(n),
        passage=np.zeros(n, dtype=np.int64),
        start_char=starts,
        end_char=ends,
        start_s=np.full(n, np.nan),
        end_s=np.full(n, np.nan),
        speaker=(None,) * n,
        language=("en",) * n,
        date=(None,) * n,
        text=tuple(texts),
        n_tokens=np.full(n, 3),
        n_words=np.full(n, 3),
    )


def test_packed_data_are_letters_that_html_can_hold_anywhere():
    packed_text = pack(["</script><!-- ]]> \u2028 \x00 \u202e", "港口"])
    assert packed_text.isascii()
    assert not set(packed_text) & set("<>&\"'")


def test_every_text_survives_packing_lone_halves_of_pairs_too():
    texts = [
        "</script>",
        "nul \x00",
        "line \u2028 para \u2029",
        "half \ud83d and \udc00 half",
        "whole \U0001f600",
        "\u202e",
    ]
    assert unpack(pack(texts)) == texts


def test_columns_come_back_with_any_number_of_32_bits():
    columns = {"a": np.array([0, -1, 2**31 - 1, -(2**31)]), "b": np.array([], dtype=np.int64), "c": np.array([7])}
    raw = unpack_bytes(pack_columns(columns))
    first = np.frombuffer(raw[:16], dtype=np.uint8).reshape(4, 4).T.copy().view("<i4").ravel()
    assert first.tolist() == columns["a"].tolist()
    assert raw[16:] == b"\x07\x00\x00\x00"


def test_every_segment_is_packed_with_its_place_theme_speaker_and_time(results):
    data = packed(results)
    tables, columns, segments = unpack(data["segments"]), unpack_columns(data), results["segments"]
    assert tables["n"] == len(segments)
    assert [tables["sources"][number]["source_id"] for number in columns["source"]] == list(segments.source_id)
    assert columns["start"].tolist() == segments.start_char.tolist()
    assert (columns["start"] + columns["chars"]).tolist() == segments.end_char.tolist()
    assert columns["words"].tolist() == segments.n_words.tolist()
    assert columns["theme"].tolist() == results["themes"].primary.tolist()
    assert columns["strength"].tolist() == [50 if theme >= 0 else 0 for theme in columns["theme"]]
    speakers = [None if number < 0 else tables["speakers"][number] for number in columns["speaker"]]
    assert speakers == list(segments.speaker)
    assert [tables["languages"][number] for number in columns["language"]] == list(segments.language)
    assert columns["second"].tolist() == [65] + [-1] * (len(segments) - 1)
    assert columns["repeats"].tolist() == [2]


def test_places_on_the_map_keep_its_shape_and_say_who_has_none(results):
    columns = unpack_columns(packed(results))
    x, y = columns["x"][:-1], columns["y"][:-1]
    assert (columns["x"][-1], columns["y"][-1]) == (-1, -1)
    xy = results["map"].xy[:-1]
    assert max(x.max(), y.max()) == 65535
    assert (x.min(), y.min()) == (0, 0)
    np.testing.assert_allclose(np.ptp(x) / np.ptp(y), np.ptp(xy[:, 0]) / np.ptp(xy[:, 1]), rtol=1e-4)


def test_a_run_without_map_and_themes_packs_what_it_has(results):
    columns = unpack_columns(packed(results | {"map": None, "themes": None, "drift": None}))
    assert "x" not in columns
    assert set(columns["theme"]) == {-1}


def test_further_themes_are_packed_by_row(results):
    themes = results["themes"]
    further = replace(
        themes,
        row=np.insert(themes.row, 1, 0),
        theme=np.insert(themes.theme, 1, 2),
        strength=np.insert(themes.strength, 1, 0.2),
        rank=np.insert(themes.rank, 1, 2),
    )
    columns = unpack_columns(packed(results | {"themes": further}))
    assert (columns["further_row"].tolist(), columns["further_theme"].tolist()) == ([0], [2])
    assert columns["strength"][0] == 50


def test_parts_of_texts_hold_all_texts_in_order_and_end_near_their_size(results):
    sizes = [TEXT_PART - 3, 5, 5, 10 * TEXT_PART, 1, 1]
    texts = [str(place) + "x" * (size - 1) for place, size in enumerate(sizes)]
    segments = with_texts(texts)
    few = {
        "segments": segments,
        "embeddings": replace(
            results["embeddings"],
            vectors=results["embeddings"].vectors[: len(texts)],
            served=results["embeddings"].served[: len(texts)],
            rows=segments.fingerprint,
        ),
        "repeats": replace(
            results["repeats"],
            row=np.zeros(0, dtype=np.int64),
            of=np.zeros(0, dtype=np.int64),
            kind=(),
            similarity=np.zeros(0),
            n_rows=len(texts),
            rows=segments.fingerprint,
        ),
        "map": None,
        "themes": None,
        "drift": None,
    }
    data = packed(results | few)
    parts = [unpack(data[name]) for name in data if name.startswith("text-")]
    assert [text for part in parts for text in part] == texts
    firsts = unpack(data["segments"])["parts"]
    assert firsts == [0, 2, 4]
    assert [len(part) for part in parts] == [2, 2, 2]


def test_withheld_texts_are_nowhere_in_the_data(results):
    data = packed(results, text=False)
    assert set(data) == {"segments", "columns"}
    assert unpack(data["segments"])["parts"] == []


def test_a_page_without_scripts_carries_no_data_and_no_table(results):
    assert packed(results, interactive=False) == {}
    html = render(Results(**{**results, "config": validate_config({"report": {"interactive": False}}, "test")}))
    assert 'id="segments"' not in html


def test_a_page_without_table_and_map_carries_no_data(results):
    assert packed(results, drawn=("findings",)) == {}


def test_equal_results_are_packed_into_equal_letters(results):
    assert packed(results) == packed(results)


def test_the_section_says_what_it_needs_and_where_its_rows_are_too(results):
    html = render(Results(**results), ["segments"])
    assert "The table of 10 segments and the search need scripts" in html
    assert "segments.parquet" in html
    assert "assignments.parquet" in html
