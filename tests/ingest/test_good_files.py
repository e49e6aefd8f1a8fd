"""One talk, in hand-made files of every kind and encoding: its words come out the same."""

from pathlib import Path

import pytest

from topicgpu.config import CorpusSection
from topicgpu.ingest.readers import read_file
from topicgpu.ops.words import word_spans

GOOD = Path(__file__).parent / "files/good"


def words_of(text):
    return [text[start:end] for start, end in word_spans(text)]


TALK = words_of((GOOD / "talk.txt").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", sorted(GOOD.iterdir()), ids=lambda path: path.name)
def test_a_talk_reads_the_same_however_it_is_written(path):
    (document,) = read_file(path, CorpusSection())
    assert words_of(document.text[document.head :]) == TALK


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("name", ["talk.txt", "wrapped.md", "commas.srt", "voices.vtt", "semicolons.csv", "page.html"])
def test_a_talk_reads_the_same_in_every_encoding(tmp_path, name, encoding):
    (tmp_path / name).write_bytes((GOOD / name).read_bytes().decode().encode(encoding))
    (document,) = read_file(tmp_path / name, CorpusSection())
    assert words_of(document.text[document.head :]) == TALK


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("shift_jis", "昨日パンを焼いて、今日市場で売りました。明日もまた焼きます。\n"),
        ("gb18030", "我们早上烤面包，然后在市场上卖。明天我们还要再烤一次。\n"),
        ("koi8_r", "Хлеб пекут рано утром, а продают его на рынке до самого вечера.\n"),
        ("tis_620", "ขนมปังอบในตอนเช้าแล้วขายที่ตลาดจนถึงเย็นทุกวัน\n"),
        ("utf-16-le", "Хлеб пекут рано утром, а продают его на рынке.\n"),
        ("utf-16-be", "الخبز يخبز في الصباح ويباع في السوق.\n"),
        ("utf-8", "שלום\u200f \u2067(abc)\u2069 לחם 👩\u200d🍳 👨\u200d👩\u200d👧 e\u0301\n"),
    ],
)
def test_other_scripts_are_read_in_their_encodings(tmp_path, encoding, text):
    for times in (4, 40_000):  # a megabyte is looked at to guess, and may end inside a character
        said = "." * (len(encoding) % 2) + text * times
        (tmp_path / "talk.txt").write_bytes(said.encode(encoding))
        (document,) = read_file(tmp_path / "talk.txt", CorpusSection())
        assert document.text == said
