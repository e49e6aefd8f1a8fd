import codecs
import hashlib
from pathlib import Path

import pytest

from topicgpu.errors import CorpusError
from topicgpu.ingest.files import list_files, read_document


def _write(folder: Path, raw: bytes) -> Path:
    path = folder / "talk.txt"
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("Grüße\r\nLine\rLine\n".encode(), "Grüße\r\nLine\rLine\n"),
        (codecs.BOM_UTF8 + "Grüße".encode(), "Grüße"),
        ("Grüße".encode("utf-16"), "Grüße"),
        (codecs.BOM_UTF16_BE + "Grüße".encode("utf-16-be"), "Grüße"),
    ],
)
def test_text_is_decoded_and_otherwise_unchanged(tmp_path, raw, text):
    assert read_document(_write(tmp_path, raw)) == (text, hashlib.sha256(raw).hexdigest())


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "is empty: it holds no words; fill it or take it out of the corpus."),
        (b" \n\t\n", "is empty: it holds no words; fill it or take it out of the corpus."),
        (b"---\n", "is empty: it holds no words; fill it or take it out of the corpus."),
        (
            b"\x89PNG\x00\x01 words",
            "is a binary file, not text; take it out of the folder or convert it to plain text.",
        ),
        (b"\x01\x02\x03abc", "is a binary file, not text; take it out of the folder or convert it to plain text."),
        ("Grüße".encode("latin-1"), "is not UTF-8 text (byte 2 is 0xFC); save the file as UTF-8."),
        (codecs.BOM_UTF8 + b"a\xff", "is not UTF-8 text (byte 4 is 0xFF); save the file as UTF-8."),
        (codecs.BOM_UTF16_LE + b"\x00\xd8a\x00", "is not UTF-16 text (byte 2 is 0x00); save the file as UTF-8."),
    ],
)
def test_what_is_no_text_is_one_sentence(tmp_path, raw, sentence):
    path = _write(tmp_path, raw)
    with pytest.raises(CorpusError) as caught:
        read_document(path)
    assert str(caught.value) == f"{path}: {sentence}"


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "talk.txt").mkdir()
    with pytest.raises(CorpusError, match=r"talk\.txt: can't be read \(Is a directory\); check the path"):
        read_document(tmp_path / "talk.txt")


def test_folders_are_walked_in_order_and_hidden_files_left_out(tmp_path):
    for name in ("b.txt", "a/z.md", "a/B.MARKDOWN", ".hidden.txt", ".git/x.txt", "image.png", "a.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("words")
    names = [path.relative_to(tmp_path).as_posix() for path in list_files(tmp_path)]
    assert names == ["a/B.MARKDOWN", "a/z.md", "a.txt", "b.txt"]


def test_a_missing_folder_and_a_file_are_told_apart(tmp_path):
    with pytest.raises(CorpusError, match=r"nowhere: no such folder; set corpus\.path to a folder of \.txt"):
        list_files(tmp_path / "nowhere")
    with pytest.raises(CorpusError, match=r"talk\.txt: is a file, not a folder"):
        list_files(_write(tmp_path, b"words"))


def test_a_name_that_is_not_utf8_is_one_sentence(tmp_path):
    import os

    with open(os.fsencode(tmp_path) + b"/caf\xe9.txt", "w") as file:  # noqa: PTH123 (a name in bytes)
        file.write("words")
    with pytest.raises(CorpusError, match="its name is not UTF-8; rename the file"):
        list_files(tmp_path)
