import pytest

from topicgpu.config import CorpusSection
from topicgpu.ingest import ingest

LINES = ["so the oven was hot", "and we waited for", "the bread. then it", "cooled, and we ate", "all of it"]


def read(tmp_path, text):
    (tmp_path / "talk.txt").write_text(text, encoding="utf-8")
    return ingest(CorpusSection(path=tmp_path))


@pytest.mark.parametrize("shape", ["{t}\n{w}\n", "{t} {w}\n", "[{t}] {w}\n\n", "({t}) {w}\n"])
def test_times_of_copied_captions_are_no_words(tmp_path, shape):
    text = "".join(shape.format(t=f"0:0{second}", w=words) for second, words in enumerate(LINES))
    sources = read(tmp_path, text)
    assert sources.text[0] == "\n".join(LINES)
    assert sources.turns.start_s.tolist() == [0, 1, 2, 3, 4]
    assert sources.turns.end_s.tolist()[:4] == [1, 2, 3, 4]
    assert sources.turns.locator[0] == "line 1"


def test_names_above_times_are_speakers(tmp_path):
    names = ["Ann Lee", "Bob Hill"] * 3
    text = "".join(
        f"{name}\n0:{row:02}:12\n{words}\n" for row, (name, words) in enumerate(zip(names, LINES * 2, strict=False))
    )
    sources = read(tmp_path, text)
    assert list(sources.turns.speaker) == names
    assert sources.turns.start_s.tolist() == [12, 72, 132, 192, 252, 312]


@pytest.mark.parametrize(
    "text",
    [
        "We met at\n10:30\nand at\n9:15\nwe left, at\n8:00\nwe slept, at\n7:00\nwe woke, at\n6:00\nwe ate.\n",
        "".join(f"[0{row}:00] Ann: {words}\n[0{row}:30] Bob: yes.\n" for row, words in enumerate(LINES)),
        "0:12\nOnly three.\n0:13\nAre few.\n0:14\nOf them.\n",
    ],
)
def test_other_texts_keep_their_times(tmp_path, text):
    assert read(tmp_path, text).text[0] == text
