"""Which reader takes a file, and a folder of every kind at once: each segment a slice, with place, speaker and time."""

import gzip
import io
import json
import re
import zipfile
from datetime import date

import numpy as np
import pytest

from topicgpu.config import CorpusSection, SegmentSection
from topicgpu.errors import CorpusError
from topicgpu.ingest import ingest
from topicgpu.ingest.readers import read_file
from topicgpu.ops.words import count_words
from topicgpu.segment import segment


def packed(content):
    return gzip.compress(content, mtime=0)  # else a test's name would change with the second


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


def as_docx():
    from docx import Document

    document, file = Document(), io.BytesIO()
    for line in SENTENCES:
        document.add_paragraph(line)
    document.add_table(1, 1).cell(0, 0).text = "A word in a table."
    document.save(file)
    return file.getvalue()


def as_pdf(pages):
    """A PDF by hand: a page a text."""
    objects = ["<</Type/Catalog/Pages 2 0 R>>", "", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    kids = []
    for text in pages:
        stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET"
        objects.append(f"<</Length {len(stream)}>>stream\n{stream}\nendstream")
        kids.append(len(objects) + 1)
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents {len(objects)} 0 R"
            "/Resources<</Font<</F1 3 0 R>>>>>>"
        )
    objects[1] = f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(f'{kid} 0 R' for kid in kids)}]>>"
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj{body}endobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    trailer = (
        f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{len(out)}\n%%EOF"
    )
    return out + trailer.encode()


def as_zip(members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


PROSE = " ".join(SENTENCES)
FILES = {
    "a 2024-01-02.srt": SRT.encode(),
    "b.vtt.gz": packed(("WEBVTT\n\n" + SRT.replace(",000", ".000")).encode()),
    "c.json": WHISPER.encode(),
    "d.html": PAGE.encode(),
    "e.csv": TABLE.encode(),
    "f.docx": as_docx(),
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
    segments = segment(sources, lambda texts: np.array([len(t.split()) for t in texts]), SegmentSection(), 512)
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
    segments = segment(sources, lambda texts: np.array([len(t.split()) for t in texts]), SegmentSection(), 512)
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


@pytest.mark.parametrize(
    ("name", "raw", "sentence"),
    [
        ("a.txt", b"", "is empty: it holds no words"),
        ("a.txt", b"\x89PNG\x00\x01 words", "is a binary file, not text"),
        ("a.json", b'{"segments": [{"text": "cut', "is not valid JSON"),
        ("a.pdf", b"%PDF-1.4 broken", "can't be read as PDF"),
        ("a.pdf", as_pdf([""]), "its 1 pages hold no text, perhaps pictures of it"),
        ("a.docx", b"PK\x03\x04 broken", "is damaged or no zip archive"),
        ("a.html", b"<html><body></body></html>", "no main text is found"),
        ("a.zip", as_zip({"b.zip": as_zip({"c.txt": "words"})}), "is an archive inside an archive"),
        ("a.zip", as_zip({"c.txt": packed(packed(b"words"))}), "is an archive inside an archive"),
        ("a.gz", packed(packed(b"words")), "is an archive inside an archive"),
        ("a.zip", as_zip({"b.png": "words"}), "holds no file that can be read"),
    ],
)
def test_what_cannot_be_read_is_one_sentence_with_the_path(tmp_path, name, raw, sentence):
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(CorpusError) as caught:
        read_file(tmp_path / name, CorpusSection())
    assert str(caught.value).startswith(f"{tmp_path / name}")
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


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


def test_an_entity_that_names_a_file_is_not_read(tmp_path):
    """The body of a DOCX is XML: an external entity in it must stay what it is."""
    (tmp_path / "secret.txt").write_text("a secret word")
    raw = zipfile.ZipFile(io.BytesIO(as_docx()))
    members = {item.filename: raw.read(item) for item in raw.infolist()}
    body = members["word/document.xml"].decode()
    head, rest = body.split("?>", 1)
    entity = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{tmp_path}/secret.txt">]>'
    members["word/document.xml"] = head + "?>" + entity + rest.replace("We bake loaf number 0", "&e; loaf number 0", 1)
    (tmp_path / "a.docx").write_bytes(as_zip(members))
    try:
        (document,) = read_file(tmp_path / "a.docx", CorpusSection())
    except CorpusError:
        return
    assert "secret" not in document.text
