"""Texts on disk: read back as they came, gone with whoever holds them, never taken for others."""

import gc
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicgpu.errors import CorpusError, RunFolderError
from topicgpu.store import TextFiles, TextSpool, text_name, write_text

TEXTS = ("The mill turned.\r\n", "", "太空 🥖", "It is back.")


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_a_spool_gives_back_what_it_took(tmp_path_factory, texts):
    spool = TextSpool(tmp_path_factory.getbasetemp(), iter(texts))
    assert len(spool) == len(texts)
    assert list(spool) == texts
    assert [spool[row] for row in reversed(range(len(texts)))] == texts[::-1]


def test_a_spool_is_not_to_be_seen_and_is_closed_with_its_last_holder(tmp_path):
    spool = TextSpool(tmp_path, TEXTS)
    assert list(tmp_path.iterdir()) == []
    descriptor = spool._file.fileno()
    os.fstat(descriptor)
    del spool
    gc.collect()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_a_spool_whose_texts_fail_leaves_nothing(tmp_path):
    def failing():
        yield "The mill turned."
        raise CorpusError("b.txt: is empty.")

    with pytest.raises(CorpusError, match="is empty"):
        TextSpool(tmp_path, failing())
    assert list(tmp_path.iterdir()) == []


def test_a_spool_needs_a_place(tmp_path):
    with pytest.raises(RunFolderError, match=r"can't take the texts \(No such file or directory\)"):
        TextSpool(tmp_path / "nowhere", TEXTS)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110
def test_a_full_disk_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.TemporaryFile", lambda **options: open("/dev/full", "wb"))  # noqa: PTH123, SIM115
    with pytest.raises(RunFolderError, match=r"can't take the texts \(No space left on device\); free or choose"):
        TextSpool(tmp_path, TEXTS)


@pytest.fixture
def saved(tmp_path):
    for row, text in enumerate(TEXTS):
        write_text(tmp_path / text_name(row), text)
    return TextFiles(tmp_path, [len(text) for text in TEXTS])


def test_files_are_read_when_they_are_asked_for(saved):
    assert tuple(saved) == TEXTS
    assert saved[-1] == TEXTS[-1]
    with pytest.raises(IndexError):
        saved[len(TEXTS)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"The mill", r"8 characters, and sources\.parquet says 18"),
        (b"\xff" * 18, "'utf-8' codec can't decode byte 0xff"),
    ],
)
def test_a_file_that_was_changed_is_damaged(saved, tmp_path, content, reason):
    (tmp_path / text_name(0)).write_bytes(content)
    with pytest.raises(RunFolderError, match=rf"0000\.txt: is damaged \({reason}"):
        saved[0]
    assert saved[2] == TEXTS[2]


def test_a_file_that_is_gone_is_named(saved, tmp_path):
    (tmp_path / text_name(3)).unlink()
    with pytest.raises(RunFolderError, match=r"0003\.txt: no such file"):
        list(saved)


def test_one_text_is_read_once_while_it_is_asked_for(saved, tmp_path):
    assert saved[0] == TEXTS[0]
    (tmp_path / text_name(0)).unlink()
    assert saved[0] == TEXTS[0]
    assert saved[3] == TEXTS[3]
    with pytest.raises(RunFolderError, match="no such file"):
        saved[0]
