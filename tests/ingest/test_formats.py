"""Every reader by property: words out as they went in, each with its place; and no bytes at all that break one."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formats import WRITERS
from topicgpu.config import CorpusSection, SegmentSection
from topicgpu.errors import CorpusError
from topicgpu.ingest import ingest
from topicgpu.ingest.readers import read_file
from topicgpu.ops.words import count_words, word_spans
from topicgpu.segment import segment

PLAIN = "bread oven flour 24 it's rye-bread the of Ann: yes no. so? 3.5 ok! half-baked (warm) a; b, 1,000".split()
ODD = (
    """
Größe “café” хлеб 面包很好。 パンを焼く خُبْز\u200f שלום 👩\u200d🍳 naïve\u00a0oven e\u0301tude ｶﾀｶﾅ 빵
& <b> "so" Ann: - #
""".strip()
    .replace("\n", " ")
    .split(" ")
)
OF_PAGES = [word for word in PLAIN if not set(word) & set("()'")]  # what a PDF by hand can say
CAPTIONS = ("talk.srt", "talk.vtt", "talk.sbv", "talk.srt.gz")


def sentences_for(name):
    words = st.sampled_from({"talk.pdf": OF_PAGES, "talk.html": PLAIN}.get(name, PLAIN + ODD))
    if name in CAPTIONS and name != "talk.vtt":
        words = words.filter(lambda word: word != "<b>")  # a tag, there
    lines = st.lists(words, min_size=1, max_size=12).map(" ".join).filter(count_words)
    if name == "talk.html":  # a page of few words has no main text
        return st.lists(lines.map("We said at the oven: {}".format), min_size=5, max_size=12, unique=True)
    return st.lists(lines, min_size=1, max_size=12, unique=name in CAPTIONS)  # repeated lines of captions roll


def words_of(text):
    return [text[start:end] for start, end in word_spans(text)]


def check(path):
    """Read a file; every word of it is in one segment, with its place, or in one dropped stretch."""
    sources = ingest(CorpusSection(path=path))
    segments = segment(
        sources, lambda texts: np.array([len(t.split()) for t in texts]), SegmentSection(method="length"), 512
    )
    for row, source_id in enumerate(sources.source_id):
        text = sources.text[row]
        text.encode()
        mine = [i for i, of in enumerate(segments.source_id) if of == source_id]
        ends = 0
        for i in mine:
            start, end = segments.start_char[i], segments.end_char[i]
            assert ends <= start < end <= len(text)
            assert segments.text[i].split() == text[start:end].split()
            ends = end
        drops = zip(sources.dropped.source_id, sources.dropped.n_words, strict=True)
        dropped = [n for of, n in drops if of == source_id]
        assert sum(segments.n_words[mine]) + sum(dropped) == count_words(text)
    return sources


def written(name, sentences):
    path = Path(FOLDER.name, name)
    path.write_bytes(WRITERS[name][0](sentences))
    return path


FOLDER = tempfile.TemporaryDirectory(prefix="topicgpu-formats-")


@pytest.mark.parametrize("name", WRITERS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_words_come_out_in_order_once_and_lead_back(name, data):
    sentences = data.draw(sentences_for(name))
    path = written(name, sentences)
    (document,) = read_file(path, CorpusSection())
    assert words_of(document.text) == [word for line in sentences for word in words_of(line)]
    place = WRITERS[name][1]
    if place is not None:
        said = {place.format(n + 1, n): words_of(line) for n, line in enumerate(sentences)}
        assert {cue.locator: words_of(document.text[cue.start : cue.end]) for cue in document.cues} == said
    check(path)


TALK = [f"We bake loaf number {n} in the old oven – and then sell it." for n in range(6)]
VALID = {name: write([line.replace("–", "-") for line in TALK]) for name, (write, _) in WRITERS.items()}
PIECES = [b"\n", b'"', b"<", b">", b"{", b"-->", b"&", b"\xff\xfe", b"\0"]
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["flip", "cut", "double", "insert"]),
        st.floats(0, 1, exclude_max=True),
        st.integers(1, 64),
        st.binary(min_size=1, max_size=8)
        | st.sampled_from([b"\n", b'"', b"<", b">", b"{", b"-->", b"\xff\xfe", b"\0"]),
    ),
    min_size=1,
    max_size=4,
)


def edited(raw, edits):
    for what, where, length, extra in edits:
        at = int(where * len(raw))
        if what == "flip":
            raw = raw[:at] + bytes([raw[at] ^ length]) + raw[at + 1 :] if raw else raw
        elif what == "cut":
            raw = raw[:at] + raw[at + length :]
        elif what == "double":
            raw = raw[: at + length] + raw[at:]
        else:
            raw = raw[:at] + extra + raw[at:]
    return raw


def check_any(name, raw):
    path = Path(FOLDER.name, name)
    path.write_bytes(raw)
    refused = ""
    try:
        check(path)
    except CorpusError as error:
        refused = str(error)
    assert not refused or (refused.startswith(FOLDER.name) and len(refused.splitlines()) == 1)


ANY = {"name": st.sampled_from(sorted(WRITERS)), "raw": st.binary(max_size=300)}
MUTATED = {"name": st.sampled_from(sorted(WRITERS)), "edits": EDITS}


@settings(max_examples=150, deadline=None)
@given(**ANY)
def test_any_bytes_are_read_or_refused_in_one_sentence(name, raw):
    check_any(name, raw)


@settings(max_examples=300, deadline=None)
@given(**MUTATED)
def test_a_damaged_file_is_read_or_refused_in_one_sentence(name, edits):
    check_any(name, edited(VALID[name], edits))


@pytest.mark.slow
@settings(max_examples=10_000, deadline=None)
@given(**MUTATED)
def test_thousands_of_damaged_files_are_read_or_refused_in_one_sentence(name, edits):
    check_any(name, edited(VALID[name], edits))
