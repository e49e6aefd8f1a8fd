from datetime import date

import pytest

from topicgpu.errors import CorpusError
from topicgpu.ingest.catalog import check_file, read_catalog

NEEDS_DAY = " must be a date like YYYY-MM-DD, or have a wider date_precision."
GOOD = '[[source]]\nid = "a"\nfile = "a.txt"\n'


def _catalog(folder, text):
    (folder / "a.txt").write_text("Some words.")
    (folder / "b.png").write_text("Some words.")
    (folder / "sources.toml").write_text(text, encoding="utf-8")
    return folder


def test_every_field_is_read(tmp_path):
    text = GOOD + (
        'title = "T"\ndate = 2024-04-23\ndate_precision = "month"\ngenre = "call"\n'
        'language = "zh, en"\nform = "digest"\nseries = "S"\norigin = "O"\n'
    )
    entry = read_catalog(_catalog(tmp_path, text))[0]
    assert (entry.id, entry.file, entry.title, entry.genre) == ("a", "a.txt", "T", "call")
    assert entry.date == (date(2024, 4, 1), date(2024, 4, 30))
    assert (entry.language, entry.form, entry.series, entry.origin) == (("zh", "en"), "digest", "S", "O")


@pytest.mark.parametrize(
    ("lines", "start", "end"),
    [
        ("date = 2024-04-23", date(2024, 4, 23), date(2024, 4, 23)),
        ('date = "2024-04-23"', date(2024, 4, 23), date(2024, 4, 23)),
        ("date = 2024-04-23T10:00:00", date(2024, 4, 23), date(2024, 4, 23)),
        ("date = 2024-04-23T23:30:00-08:00", date(2024, 4, 23), date(2024, 4, 23)),  # the day as written
        ("date = 2024-04-23T00:30:00+09:00", date(2024, 4, 23), date(2024, 4, 23)),
        ('date = "2024-04"\ndate_precision = "month"', date(2024, 4, 1), date(2024, 4, 30)),
        ('date = 2024\ndate_precision = "year"', date(2024, 1, 1), date(2024, 12, 31)),
    ],
)
def test_a_date_is_a_range_at_its_precision(tmp_path, lines, start, end):
    assert read_catalog(_catalog(tmp_path, GOOD + lines))[0].date == (start, end)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "names no source; add a [[source]] with id and file, or take the file away."),
        ('[[sources]]\nid = "a"', "unknown key sources; the file holds [[source]] entries only."),
        ('[[source]]\nfile = "a.txt"', "source number 1: has no id; every source needs id and file."),
        (GOOD + GOOD, "2 sources have the id 'a'; give each source its own."),
        (
            GOOD + GOOD.replace('"a"', '"b"').replace("a.txt", "./a.txt"),
            "2 sources have the file 'a.txt'; give each source its own.",
        ),
        (
            GOOD + "date = 2024-04-23\ndate_precision = 'week'",
            "source 'a': date_precision = 'week': should be 'day', 'month' or 'year'.",
        ),
        (GOOD + "date = '2024-02-30'", "source 'a': date = '2024-02-30' is no day of the calendar; correct it."),
        (GOOD + "date = 'spring'", "source 'a': date = 'spring'" + NEEDS_DAY),
        (GOOD + "date = '2024-04'", "source 'a': date = '2024-04'" + NEEDS_DAY),
        (GOOD + "language = 'English'", "source 'a': language = 'English': must be codes such as en, or zh,en."),
        (GOOD.replace("a.txt", "c.txt"), "source 'a': c.txt is missing; correct the name or add the file."),
        (GOOD.replace("a.txt", "../a.txt"), "source 'a': ../a.txt is outside the folder; move the file into it."),
        (
            GOOD.replace("a.txt", "b.png"),
            "source 'a': b.png is of no kind that is read; save it as plain text, or as one of .txt, .md, .markdown, "
            ".srt, .vtt, .sbv, .json, .jsonl, .ndjson, .csv, .tsv, .parquet, .html, .htm, .xhtml, .pdf, .docx, .gz, "
            ".zip.",
        ),
    ],
)
def test_every_mistake_is_one_sentence(tmp_path, text, sentence):
    folder = _catalog(tmp_path, text)

    def read() -> None:
        for entry in read_catalog(folder):
            check_file(folder, entry)

    with pytest.raises(CorpusError) as caught:
        read()
    assert str(caught.value) == f"{tmp_path / 'sources.toml'}: {sentence}"


def test_an_unknown_key_names_the_known_ones(tmp_path):
    with pytest.raises(CorpusError, match="source 'a': unknown key gener; known keys are id, file, title, date"):
        read_catalog(_catalog(tmp_path, GOOD + "gener = 'call'"))


def test_broken_toml_and_an_impossible_id_are_named(tmp_path):
    with pytest.raises(CorpusError, match=r"sources\.toml: is not valid TOML: Invalid value"):
        read_catalog(_catalog(tmp_path, "source = ["))
    with pytest.raises(CorpusError, match="source 'a b': id must be of letters, digits"):
        read_catalog(_catalog(tmp_path, GOOD.replace('"a"', '"a b"')))
