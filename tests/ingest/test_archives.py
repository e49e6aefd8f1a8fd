"""Archives are read in memory, within limits, and never outside of them."""

import gzip
import io
import zipfile

import pytest

from topicgpu.errors import CorpusError
from topicgpu.ingest import archives
from topicgpu.ingest.archives import ZipArchive, unpack_gzip


def zipped(members, **options):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def unpack_zip(raw):
    archive = ZipArchive(raw)
    return [(member.filename, archive.read(member)) for member in archive.members]


def test_members_come_in_the_order_of_their_names_without_hidden_ones():
    raw = zipped({"b/two.txt": "two", "a.txt": "one", "__MACOSX/a.txt": "x", ".hidden.txt": "x", "b/": ""})
    assert unpack_zip(raw) == [("a.txt", b"one"), ("b/two.txt", b"two")]
    assert unpack_gzip(gzip.compress(b"bread")) == b"bread"


@pytest.mark.parametrize("name", ["../out.txt", "a/../../out.txt", "/etc/out.txt", "..\\out.txt", "C:\\out.txt"])
def test_a_name_that_leads_out_is_refused(name):
    with pytest.raises(CorpusError, match=r"^its member .* leads out of the archive; it is not read\.$"):
        unpack_zip(zipped({name: "words"}))


def test_a_bomb_is_stopped_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(archives, "_SMALL", 100_000)
    zeros = bytes(30_000_000)
    monkeypatch.setattr(archives, "_BLOCK", 10_000)
    for unpack, raw in (
        (unpack_gzip, gzip.compress(zeros)),
        (unpack_zip, zipped({"a.txt": zeros})),
    ):
        with pytest.raises(CorpusError, match="unpacks to more than"):
            unpack(raw)


@pytest.mark.parametrize("cut", [10, 30, -20])
def test_what_is_damaged_is_one_sentence(cut):
    words = bytes(range(256)) * 40
    with pytest.raises(CorpusError, match=r"^is damaged or cut off"):
        unpack_gzip(gzip.compress(words)[:cut])
    with pytest.raises(CorpusError, match=r"^is damaged or no zip archive"):
        unpack_zip(zipped({"a.txt": words})[:cut])


def test_a_flipped_byte_is_found():
    raw = bytearray(zipped({"a.txt": bytes(range(256)) * 40}))
    raw[60] ^= 255
    with pytest.raises(CorpusError, match="is damaged"):
        unpack_zip(bytes(raw))


def test_too_many_members_are_refused(monkeypatch):
    monkeypatch.setattr(archives, "_MOST_MEMBERS", 2)
    with pytest.raises(CorpusError, match="holds 3 files, over 2; unpack it yourself"):
        unpack_zip(zipped({"a": "", "b": "", "c": ""}))
