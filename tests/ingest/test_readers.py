"""Which reader takes a file, and a folder of every kind at once: each segment a slice, with place, speaker and time."""

import json
import re
from datetime import date

import numpy as np
import pytest

from formats import as_docx, as_pdf, as_zip, packed
from topicgpu.config import CorpusSection, SegmentSection
from topicgpu.errors import CorpusError
from topicgpu.ingest import ingest
from topicgpu.ops.words import count_words
from topicgpu.segment import segment

SENTENCES = [f"We bake loaf number {n} in the old oven and then sell it on the market." for n in range(12)]
SRT = "".join(
    f"{n}\n00:00:{n:02},000 --> 00:00:{n + 1:02},000\n{line.replace(' in', f'{chr(10)}in')}\n\n"
    for n, line in enumerate(SENTENCES)
)
PAGE = (
    "<!doctype html><html lang='en'><head><title>On bread</title></head><body><nav><a href='/'>Home</a></nav><article>"
    + "".join(f"<p>{line}</p>" for line in SENTENCES)
    + "</article><footer>Share this</footer></body></html>"
)
WHISPER = json.dumps(
    {"segments": [{"start": n, "end": n + 1, "text": s, "speaker": "Ann"} for n, s in enumerate(SENTENCES)]}
)
TABLE = "date,text\n" + "".join(f'2024-0{1 + n % 2}-01,"{line}"\n' for n, line in enumerate(SENTENCES))


PROSE = " ".join(SENTENCES)
FILES = {
    "a 2024-01-02.srt": SRT.encode(),
    "b.vtt.gz": packed(("WEBVTT\n\n" + SRT.replace(",000", ".000")).encode()),
    "c.json": WHISPER.encode(),
    "d.html": PAGE.encode(),
    "e.csv": TABLE.encode(),
    "f.docx": as_docx([*SENTENCES, "A word in a table."]),
    "g.pdf": as_pdf(SENTENCES[:3]),
    "h.txt": PROSE.replace("sell", "verkaufen für").encode("latin-1"),
    "i.zip": as_zip({"one.txt": PROSE, "two.srt": SRT, "notes.doc": "no"}),
    "j.txt": PROSE.encode("utf-16-le"),
    "k.txt": SRT.encode(),  # captions under another name
}


@pytest.fixture
def folder(tmp_path):
    for name, raw in FILES.items():
        (tmp_path / name).write_bytes(raw)
    return tmp_path


def test_a_folder_of_every_kind_keeps_every_word_and_its_address(folder):
    sources = ingest(CorpusSection(path=folder))
    ids = "a-2024-01-02 b c d e.2024-01-01 e.2024-02-01 f g h i.one.txt i.two.srt j k"
    assert list(sources.source_id) == ids.split()
    segments = segment(
        sources, lambda texts: np.array([len(t.split()) for t in texts]), SegmentSection(method="length"), 512
    )
    for i, source_id in enumerate(sources.source_id):
        rows = [row for row, of in enumerate(segments.source_id) if of == source_id]
        text = sources.text[i]
        for row in rows:
            assert segments.text[row] == text[segments.start_char[row] : segments.end_char[row]]
        dropped = [
            n for of, n in zip(sources.dropped.source_id, sources.dropped.n_words, strict=True) if of == source_id
        ]
        assert sum(segments.n_words[rows]) + sum(dropped) == count_words(text)
    plain = " ".join(PROSE.split())
    for name in ("a-2024-01-02", "b", "c", "i.one.txt", "j", "k"):
        said = " ".join(t for t, of in zip(segments.text, segments.source_id, strict=True) if of == name)
        assert " ".join(said.split()) == plain


def test_times_speakers_places_and_dates_come_along(folder):
    sources = ingest(CorpusSection(path=folder))
    turns = sources.turns
    captions = [row for row, of in enumerate(turns.source_id) if of == "a-2024-01-02"]
    assert turns.start_s[captions].tolist() == list(range(12))
    assert [turns.locator[row] for row in captions] == [f"cue {n}" for n in range(1, 13)]
    assert {turns.speaker[row] for row, of in enumerate(turns.source_id) if of == "c"} == {"Ann"}
    assert {turns.kind[row] for row, of in enumerate(turns.source_id) if of.startswith("e.")} == {"item"}
    dates = dict(zip(sources.source_id, sources.date_start, strict=True))
    assert (dates["a-2024-01-02"], dates["e.2024-02-01"]) == (date(2024, 1, 2), date(2024, 2, 1))
    assert dict(zip(sources.source_id, sources.title, strict=True))["d"] == "On bread"
    segments = segment(
        sources, lambda texts: np.array([len(t.split()) for t in texts]), SegmentSection(method="length"), 512
    )
    timed = [row for row, of in enumerate(segments.source_id) if of == "a-2024-01-02"]
    assert (segments.start_s[timed[0]], segments.end_s[timed[-1]]) == (0, 12)
    assert len(timed) < 6  # sentences are packed over captions
    assert all(segments.text[row].endswith(".") for row in timed)


def test_a_page_loses_its_menu_and_a_pdf_keeps_its_pages(folder):
    sources = ingest(CorpusSection(path=folder))
    texts = dict(zip(sources.source_id, sources.text, strict=True))
    assert "Home" not in texts["d"]
    assert all(line in texts["d"] for line in SENTENCES)
    assert [re.sub(r"\s+", " ", page) for page in texts["g"].split("\n\n")] == SENTENCES[:3]
    assert texts["f"].endswith("A word in a table.")


def test_guessed_encodings_are_warned_of(folder):
    sources = ingest(CorpusSection(path=folder))
    assert any(line.startswith("h: not UTF-8 (byte") and "Save it as" in line for line in sources.warnings)
    assert any(line.startswith("j: read as utf-16-le") for line in sources.warnings)
    assert "verkaufen für" in sources.text[sources.source_id.index("h")]


def test_one_member_that_cannot_be_read_leaves_the_others(tmp_path):
    members = {"good.txt": PROSE, "bad.json": '{"a', "image.png": "x", "empty.txt": " "}
    (tmp_path / "a.zip").write_bytes(as_zip(members))
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.4 broken")
    with pytest.raises(CorpusError, match=r"a\.zip!bad\.json: line 1, column 2: is not valid JSON"):
        ingest(CorpusSection(path=tmp_path))
    left_out = []
    sources = ingest(CorpusSection(path=tmp_path), left_out)
    assert sources.source_id == ("a",)
    reasons = [row["reason"].removeprefix(f"{tmp_path}/")[:24] for row in left_out]
    assert reasons == ["a.zip!bad.json: line 1, ", "a.zip!empty.txt: is empt", "b.pdf: can't be read as "]
