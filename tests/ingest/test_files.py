import codecs
from pathlib import Path

import pytest

from topicgpu.errors import CorpusError
from topicgpu.ingest.files import decode, list_files, read_bytes, root_of


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
def test_text_is_decoded_and_otherwise_unchanged(raw, text):
    assert decode(raw, "talk.txt") == (text, None)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_wide_text_without_a_mark_is_known_by_its_zeros(encoding):
    text, warning = decode("Grüße aus der Bäckerei".encode(encoding), "talk.txt")
    assert text == "Grüße aus der Bäckerei"
    assert warning == f"read as {encoding}: it has no byte order mark."


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("café with bread, “fresh” – 3 €", "cp1252"),
        ("Die Größe der Brötchen überrascht die Käufer, und die Bäcker freuen sich über schöne Öfen. " * 3, "cp1252"),
        ("Хлеб пекут рано утром, а продают его на рынке до самого вечера каждый день. " * 3, "cp1251"),
        ("昨日パンを焼いて、今日市場で売りました。明日もまた焼きます。" * 3, "shift_jis"),
        ("我们早上烤面包，然后在市场上卖。明天我们还要再烤一次。" * 3, "gb18030"),
    ],
)
def test_legacy_encodings_are_guessed_with_a_warning(text, encoding):
    found, warning = decode(text.encode(encoding), "talk.txt")
    assert found == text
    assert encoding in warning or encoding in ("shift_jis", "gb18030")
    assert warning.startswith("not UTF-8 (byte ")


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"\x89PNG\x00\x01 words", "talk.txt: is a binary file, not text; take it out of the folder or convert it to"),
        (b"\x01\x02\x03abc", "talk.txt: is a binary file, not text; take it out of the folder or convert it to"),
        (
            codecs.BOM_UTF8 + b"a\xff",
            "talk.txt: is not UTF-8 text, though it says so (byte 1); save the file as UTF-8.",
        ),
        (codecs.BOM_UTF16_LE + b"\x00\xd8a\x00", "talk.txt: is not UTF-16 text, though it says so (byte 2); save"),
    ],
)
def test_what_is_no_text_is_one_sentence(raw, sentence):
    with pytest.raises(CorpusError) as caught:
        decode(raw, "talk.txt")
    assert str(caught.value).startswith(sentence)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "talk.txt").mkdir()
    with pytest.raises(CorpusError, match=r"talk\.txt: can't be read \(Is a directory\); check the path"):
        read_bytes(tmp_path / "talk.txt")


def test_folders_are_walked_in_order_and_hidden_files_left_out(tmp_path):
    for name in ("b.txt", "a/z.md", "a/B.MARKDOWN", ".hidden.txt", ".git/x.txt", "image.png", "a.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("words")
    names = [path.relative_to(tmp_path).as_posix() for path in list_files(tmp_path)]
    assert names == ["a/B.MARKDOWN", "a/z.md", "a.txt", "b.txt"]


def test_a_single_file_or_a_pattern_will_do(tmp_path):
    path = _write(tmp_path, b"words")
    (tmp_path / "a").mkdir()
    (tmp_path / "a/b.srt").write_text("words")
    assert list_files(path) == [path]
    assert root_of(path) == tmp_path
    assert list_files(tmp_path / "*/*.srt") == [tmp_path / "a/b.srt"]
    assert root_of(tmp_path / "*/*.srt") == tmp_path
    with pytest.raises(
        CorpusError, match=r"nowhere: no such file or folder; set corpus\.path to a folder, a file or a"
    ):
        list_files(tmp_path / "nowhere")
    with pytest.raises(CorpusError, match=r"\*\.vtt: no file fits this pattern; known are \.txt"):
        list_files(tmp_path / "*.vtt")


def test_a_name_that_is_not_utf8_is_one_sentence(tmp_path):
    import os

    with open(os.fsencode(tmp_path) + b"/caf\xe9.txt", "w") as file:  # noqa: PTH123 (a name in bytes)
        file.write("words")
    with pytest.raises(CorpusError, match="its name is not UTF-8; rename the file"):
        list_files(tmp_path)
