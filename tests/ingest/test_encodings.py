"""Text is decoded unchanged, guessed with a warning, or refused in one sentence."""

import codecs

import pytest

from topicgpu.errors import CorpusError
from topicgpu.ingest.encodings import decode


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
    assert decode(raw) == (text, None)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_wide_text_without_a_mark_is_known_by_its_zeros(encoding):
    text, warning = decode("Grüße aus der Bäckerei".encode(encoding))
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
    found, warning = decode(text.encode(encoding))
    assert found == text
    assert encoding in warning or encoding in ("shift_jis", "gb18030")
    assert warning.startswith("not UTF-8 (byte ")


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"\x89PNG\x00\x01 words", "is a binary file, not text; take it out of the folder or convert it to"),
        (b"\x01\x02\x03abc", "is a binary file, not text; take it out of the folder or convert it to"),
        (
            codecs.BOM_UTF8 + b"a\xff",
            "is not UTF-8 text, though it says so (byte 1); save the file as UTF-8.",
        ),
        (codecs.BOM_UTF16_LE + b"\x00\xd8a\x00", "is not UTF-16 text, though it says so (byte 2); save"),
    ],
)
def test_what_is_no_text_is_one_sentence(raw, sentence):
    with pytest.raises(CorpusError) as caught:
        decode(raw)
    assert str(caught.value).startswith(sentence)
