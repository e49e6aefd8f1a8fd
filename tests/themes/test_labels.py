"""Tables of labels by hand: what is read, what is refused with its line, and how they serve as examples."""

from pathlib import Path

import pytest

from planted.tables import Row, tables
from topicgpu.config import GuidedTheme, ThemesSection
from topicgpu.errors import ConfigError
from topicgpu.themes.labels import Label, labelled_rows, read_labels, with_labels

IDS = ("bread", "rockets")
PLAIN = "segment_id,primary,second\na:0-100,bread,rockets\na:100-200,none,\na:200-300,,\nb:0-100,d12,none\n"
EXPECTED = (
    Label("a", 0, 100, "bread", "rockets"),
    Label("a", 100, 200, None, None),
    Label("b", 0, 100, "d12", None),
)


def written(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "labels.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        "\ufeff" + PLAIN,
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        PLAIN.replace("\n", "\r\n"),
        PLAIN.rstrip("\n"),
        PLAIN.replace("bread,", " bread ,").replace("segment_id", " segment_id "),
        'primary,text,second,segment_id\nbread,"two\nlines, and a comma",rockets,a:0-100\nnone,x,,a:100-200\n'
        "d12,x,,b:0-100\n",
        PLAIN.replace("a:200-300,,", ",,"),  # an empty row at the end of a sheet
    ],
)
def test_what_spreadsheets_make_of_a_table_is_read(tmp_path: Path, text: str) -> None:
    assert read_labels(written(tmp_path, text), IDS) == EXPECTED


def test_ids_of_sources_may_hold_anything(tmp_path: Path) -> None:
    path = written(tmp_path, 'segment_id,primary\n"talk: 1, 太空:5-7:20-30",bread\n')
    assert read_labels(path, IDS) == (Label("talk: 1, 太空:5-7", 20, 30, "bread", None),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("segment_id,theme\n", "line 1: has no column primary; its columns are segment_id, theme."),
        ("", "line 1: has no column segment_id; its columns are none."),
        (PLAIN + "c:0-1,braed,\n", "line 6: primary is 'braed', which no theme has; ids are bread, rockets, or none."),
        (PLAIN + "c:0-1,bread,x\n", "line 6: second is 'x', which no theme has; ids are bread, rockets, or none."),
        (PLAIN + "c,bread,\n", "line 6: 'c' is not a segment's id (source:start-end)."),
        (PLAIN + "a:0-100,bread,\n", "line 6: a:0-100 is there already; take one out."),
        ('segment_id,text,primary\na:0-1,"x\ny\nz",bread\nb:0-1,x,jam\n', "line 5: primary is 'jam', which no"),
    ],
)
def test_what_is_wrong_is_one_sentence_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        read_labels(path, IDS)
    assert str(caught.value).startswith(f"{path}: {message}")


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.csv: can't be read \(No such file or directory\); give a CSV"):
        read_labels(tmp_path / "nowhere.csv", IDS)
    with pytest.raises(ConfigError, match=r"labels\.csv: is not UTF-8; save it as CSV UTF-8\."):
        read_labels(written(tmp_path, PLAIN.replace("bread", "brød"), "latin-1"), IDS)


SEGMENTS = tables([Row("a"), Row("a"), Row("b")], {"a": "2024", "b": "2025"}).segments  # of 100 characters each


def test_labels_of_another_cut_go_to_the_segment_that_shares_most_text() -> None:
    labels = [
        Label("a", 0, 100, None, None),
        Label("a", 60, 150, None, None),
        Label("a", 50, 150, None, None),  # as much of both: the earlier one
        Label("b", 90, 400, None, None),
        Label("b", 100, 200, None, None),
        Label("c", 0, 100, None, None),
    ]
    assert labelled_rows(labels, SEGMENTS).tolist() == [0, 1, 0, 2, -1, -1]
    assert labelled_rows([], SEGMENTS).tolist() == []


def test_labelled_segments_are_further_seeds_of_their_guided_theme() -> None:
    guided = tuple(GuidedTheme(id=name, name=name, description=f"on {name}", seeds=("own",)) for name in IDS)
    config = ThemesSection(guided=guided)
    labels = [
        Label("a", 0, 100, "bread", "rockets"),
        Label("a", 100, 200, None, None),
        Label("b", 0, 100, "bread", None),
        Label("c", 0, 100, "rockets", None),
        Label("b", 0, 90, "d3", None),
    ]
    bread, rockets = with_labels(config, labels, SEGMENTS).guided
    assert bread.seeds == ("own", "segment 0", "segment 2")
    assert rockets.seeds == ("own",)
    assert config.guided[0].seeds == ("own",)
