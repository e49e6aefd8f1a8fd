"""Traps: each is one sentence with its path, and the rest goes on where it may."""

import io
import json
import os
import socket
import zipfile
from pathlib import Path

import pypdf
import pytest

from formats import as_docx, as_parquet, as_pdf, as_srt, as_zip, packed
from topicgpu.cli import main
from topicgpu.config import CorpusSection
from topicgpu.errors import CorpusError
from topicgpu.ingest import files, ingest
from topicgpu.ingest.readers import read_file

GOOD, BAD = Path(__file__).parent / "files/good", Path(__file__).parent / "files/bad"
TALK = (GOOD / "talk.txt").read_text(encoding="utf-8")
MIXED = "Die Größe.\n" * 9


def with_member(raw, name, change):
    """A zip with one of its members changed."""
    archive = zipfile.ZipFile(io.BytesIO(raw))
    members = {item.filename: archive.read(item) for item in archive.infolist()}
    return as_zip(members | {name: change(members[name])}, zipfile.ZIP_DEFLATED)


def with_entity(declaration, use):
    """A DOCX whose body declares entities."""

    def change(body):
        head, rest = body.decode().split("?>", 1)
        return head + "?>" + f"<!DOCTYPE x [{declaration}]>" + rest.replace("A word", f"{use} A word", 1)

    return with_member(as_docx(["A word in the oven.", "Two."]), "word/document.xml", change)


LAUGHS = "<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {name} '{f'&{before};' * 10}'>" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
LINK = zipfile.ZipInfo("passwd.txt")
LINK.external_attr = 0o120777 << 16


def encrypted_pdf(algorithm):
    writer, file = pypdf.PdfWriter(io.BytesIO(as_pdf(["A word."]))), io.BytesIO()
    writer.encrypt("secret", algorithm=algorithm)
    writer.write(file)
    return file.getvalue()


def encrypted_zip():
    raw = bytearray(as_zip({"a.txt": "words"}))
    raw[6] |= 1  # of the member's own header, and of the directory's entry for it
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    return bytes(raw)


ZEROS = bytes(30_000_000)
DEFLATED = zipfile.ZIP_DEFLATED
BYTES = {
    "empty.txt": (b"", "is empty: it holds no words"),
    "picture.txt": (b"\x89PNG\x00\x01 words", "is a binary file, not text"),
    "nul.txt": (TALK.encode() + b"\x00" + TALK.encode(), "is a binary file, not text"),
    "nul.srt": (as_srt(["Bread.", "So\0il."]), "is a binary file, not text"),
    "mixed.txt": (MIXED.encode() + MIXED.encode("cp1252"), "line 10 (byte 123 is 0xF6) is not UTF-8, as the rest is"),
    "latin-first.txt": (
        MIXED.encode("cp1252") + MIXED.encode(),
        "line 1 (byte 6 is 0xF6) is not UTF-8, as the rest is",
    ),
    "cut.txt": ("面包很好".encode()[:-1], "is cut off inside a character of UTF-8"),
    "false-mark.txt": (b"\xef\xbb\xbfa\xff", "is not UTF-8 text, though it says so (byte 1)"),
    "deep.json": (b'["a",' * 50_000, "line 1: is nested too deeply"),
    "long-number.json": (b'[{"text": "a", "start": ' + b"1" * 5000 + b"}]", "line 1: holds a number of thousands of"),
    "long-number.jsonl": (b'{"text": "a"}\n{"text": ' + b"1" * 5000 + b"}", "line 2: holds a number of thousands of"),
    "deep.jsonl": (b'{"text": "a"}\n' + b"[" * 100_000, "line 2: is nested too deeply"),
    "no-column.parquet": (as_parquet(["a"]).replace(b"text", b"body"), "has no column 'text', only 'body'"),
    "damaged.parquet": (as_parquet(["a"])[:-20], "is damaged or no Parquet file"),
    "damaged.pdf": (b"%PDF-1.4 broken", "can't be read as PDF"),
    "saved-often.pdf": (
        as_pdf(["A word."]) + b"trailer<</Root 1550 0 R" * 500,
        "can't be read as PDF (501 trailers",
    ),
    "scanned.pdf": (as_pdf([""]), "its 1 pages hold no text, perhaps pictures of it; run it through OCR first"),
    "locked.pdf": (encrypted_pdf("RC4-128"), "is encrypted; save it without a password"),
    "damaged.docx": (b"PK\x03\x04 broken", "is damaged or no zip archive"),
    "not-a.docx": (as_zip({"a.txt": "words"}), "can't be read as DOCX"),
    "empty.docx": (as_docx([" "]), "holds no words"),
    "bomb.docx": (
        with_member(as_docx(["A word."]), "word/document.xml", lambda body: body + ZEROS),
        "unpacks to more than the 1",
    ),
    "laughs.docx": (with_entity(LAUGHS, "&i;"), "can't be read as DOCX"),
    "cut.gz": (packed(TALK.encode() * 100)[:-30], "is damaged or cut off"),
    "bomb.gz": (packed(ZEROS), "unpacks to more than the 10,000,000 bytes"),
    "bomb.zip": (as_zip({"a.txt": ZEROS}, DEFLATED), "bomb.zip!a.txt: unpacks to more than the 10,000,000 bytes"),
    "many-bombs.zip": (
        as_zip({f"{n}.txt": b"bread " * 900_000 for n in range(4)}, DEFLATED),
        "many-bombs.zip!1.txt: unpacks to more than",
    ),
    "nested.zip": (as_zip({"b.zip": as_zip({"c.txt": "words"})}), "is an archive inside an archive"),
    "nested.gz": (packed(packed(b"words")), "is an archive inside an archive"),
    "packed-twice.zip": (as_zip({"c.txt": packed(packed(b"words"))}), "is an archive inside an archive"),
    "up.zip": (as_zip({"../up.txt": "words"}), "its member '../up.txt' leads out of the archive"),
    "root.zip": (as_zip({"/etc/up.txt": "words"}), "its member '/etc/up.txt' leads out of the archive"),
    "locked.zip": (encrypted_zip(), "locked.zip!a.txt: is encrypted"),
    "pictures.zip": (as_zip({"b.png": "words"}), "holds no file that can be read"),
    "nothing.zip": (as_zip({}), "holds no file that can be read"),
}
SENTENCES = {
    "long_row.csv": "line 2: has 3 fields, but the header names 2; put a text that holds ',' or a line break into",
    "no_captions.vtt": "holds no captions with words",
    "no_column.csv": "has no column 'text', only 'body', 'day'; set corpus.text_column",
    "no_object.jsonl": "line 2: holds list, not an object",
    "no_segments.json": "holds no list of segments with text",
    "no_such_day.csv": "line 3: '2024-02-30' is no date of the calendar",
    "no_such_day.jsonl": "line 1: '2024-04-31' is no date of the calendar",
    "no_such_day.md": "its front matter says date: 2024-02-30, which is no day of the calendar",
    "no_text.jsonl": "line 1: text is list, not text",
    "no_words.txt": "is empty: it holds no words",
    "nothing.html": "no main text is found",
    "open_quote.csv": "line 3: is not valid CSV",
    "short_row.csv": "line 3: has 1 fields, but the header names 2",
    "truncated.json": "line 25, column 12: is not valid JSON",
    "truncated.jsonl": "line 2, column 10: is not valid JSON",
    "two_columns.csv": "names the column 'text' 2 times; rename all but one",
}
TRAPS = {name: ((BAD / name).read_bytes(), sentence) for name, sentence in SENTENCES.items()} | BYTES


def test_every_bad_file_has_its_sentence():
    assert sorted(SENTENCES) == sorted(path.name for path in BAD.iterdir())


@pytest.mark.parametrize("name", TRAPS)
def test_what_cannot_be_read_is_one_sentence_with_the_path(tmp_path, name):
    raw, sentence = TRAPS[name]
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(CorpusError) as caught:
        read_file(tmp_path / name, CorpusSection())
    assert str(caught.value).startswith(f"{tmp_path / name}")
    assert str(caught.value).endswith(".")
    assert str(caught.value).count(str(tmp_path)) == 1
    assert len(str(caught.value).splitlines()) == 1
    assert sentence in str(caught.value)


def odd_files(folder):
    """What a folder may hold that is no file, and a word of the sentence about each."""
    os.mkfifo(folder / "pipe.txt")
    (folder / "gone.txt").symlink_to("nowhere.txt")
    (folder / "loop.txt").symlink_to("loop.txt")
    (folder / "zeros.txt").symlink_to("/dev/zero")
    (folder / "again").symlink_to(folder)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "s.txt"))
    (Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.txt"))).write_text("words")
    (folder / "two\nlines.txt").write_text(" ")
    return {
        "caf\\udce9.txt": "its name is not UTF-8; rename the file",
        "gone.txt": "is a link to nothing",
        "loop.txt": "is a link to nothing",
        "pipe.txt": "is a pipe, a socket or a device, not a file",
        "s.txt": "is a pipe, a socket or a device, not a file",
        "two\\nlines.txt": "is empty",
        "zeros.txt": "is a pipe, a socket or a device, not a file",
    }


def test_the_rest_goes_on_and_the_manifest_lists_what_failed(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "talks"
    folder.mkdir()
    (folder / "talk.txt").write_text(TALK)
    for name, (raw, _) in TRAPS.items():
        (folder / name).write_bytes(raw)
    expected = {name: sentence for name, (_, sentence) in TRAPS.items()} | odd_files(folder)
    monkeypatch.chdir(tmp_path)
    words = ["run", str(folder), "--until", "ingest"]
    assert main(words) == 2
    assert not (tmp_path / "runs").exists()
    capsys.readouterr()
    assert main([*words, "--keep-going"]) == 3
    left_out = json.loads((tmp_path / "runs/talks/manifest.json").read_text())["left_out"]
    reasons = {row["path"]: row["reason"] for row in reversed(left_out)}  # the first of each
    assert reasons.keys() == expected.keys()
    wrong = [name for name, reason in reasons.items() if expected[name] not in reason]
    assert wrong == []
    assert all(reason.startswith(name) for name, reason in reasons.items())


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("date = 2024-02-30", "sources.toml: is not valid TOML: "),
        ("date = '2024-02-30'", "sources.toml: source 'a': date = '2024-02-30' is no day of the calendar"),
        ("title = " + "[" * 5000, "sources.toml: is not valid TOML: "),
        ("title = " + "1" * 5000, "sources.toml: is not valid TOML: "),
    ],
)
def test_a_broken_catalog_is_one_sentence(tmp_path, key, sentence):
    (tmp_path / "talk.txt").write_text(TALK)
    (tmp_path / "sources.toml").write_text(f'[[source]]\nid = "a"\nfile = "talk.txt"\n{key}\n')
    with pytest.raises(CorpusError) as caught:
        ingest(CorpusSection(path=tmp_path))
    assert sentence in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_folder_in_which_nothing_can_be_read_is_told_even_when_going_on(tmp_path):
    (tmp_path / "a.txt").write_text(" ")
    with pytest.raises(CorpusError, match="none of its 1 sources can be read; mend them or name another folder"):
        ingest(CorpusSection(path=tmp_path), [])


def test_a_file_too_large_is_refused_before_it_is_read(tmp_path):
    with (tmp_path / "long.txt").open("wb") as file:
        file.truncate(2_000_000_000)  # no disk is used: all of it is a hole
    with pytest.raises(CorpusError, match=r"long\.txt: holds 2,000,000,000 bytes, over 500,000,000; split it into"):
        read_file(tmp_path / "long.txt", CorpusSection())


def test_a_member_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("topicgpu.ingest.archives.MOST_BYTES", 1000)
    (tmp_path / "a.zip").write_bytes(as_zip({"a.txt": TALK * 10, "b.txt": TALK}))
    left = []
    assert [document.part for document in read_file(tmp_path / "a.zip", CorpusSection(), left)] == ["b.txt"]
    assert [str(error).split(": ", 1)[1][:42] for error in left] == ["unpacks to more than the 1,000 bytes that "]


def test_a_file_that_vanishes_or_is_closed_is_named(tmp_path):
    with pytest.raises(CorpusError, match=r"talk\.txt: can't be read \(No such file or directory\); check the path"):
        files.read_bytes(tmp_path / "talk.txt")
    with pytest.raises(CorpusError, match=r"mem: can't be read \(.*\); check the path and its permissions"):
        files.read_bytes(Path("/proc/self/mem"))  # closed to root, too


def test_a_folder_that_cannot_be_listed_is_named_and_the_rest_goes_on(tmp_path, monkeypatch):
    (tmp_path / "closed").mkdir()
    (tmp_path / "talk.txt").write_text(TALK)
    listed = os.scandir

    def scandir(path):
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(CorpusError, match=r"closed: the folder can't be listed; check its permissions"):
        ingest(CorpusSection(path=tmp_path))
    left = []
    assert ingest(CorpusSection(path=tmp_path), left).source_id == ("talk",)
    assert [row["path"] for row in left] == ["closed"]


def test_a_link_in_an_archive_is_no_way_out(tmp_path):
    """A link is its own text, here a path: nothing is unpacked to follow it."""
    (tmp_path / "a.zip").write_bytes(as_zip({LINK: "/etc/passwd"}))
    (document,) = read_file(tmp_path / "a.zip", CorpusSection())
    assert document.text == "/etc/passwd"


@pytest.mark.parametrize("name", ["a.docx", "a.html"])
def test_an_entity_that_names_a_file_is_not_read(tmp_path, name):
    (tmp_path / "secret.txt").write_text("a secret word")
    entity = f'<!ENTITY e SYSTEM "file://{tmp_path}/secret.txt">'
    page = (GOOD / "page.html").read_text().replace("<!DOCTYPE html>", f"<!DOCTYPE html [{entity}]>", 1)
    raw = {"a.docx": with_entity(entity, "&e;"), "a.html": page.replace("Flour", "&e; Flour", 1).encode()}
    (tmp_path / name).write_bytes(raw[name])
    try:
        (document,) = read_file(tmp_path / name, CorpusSection())
    except CorpusError:
        return
    assert "secret" not in document.text


def test_entities_that_multiply_leave_a_page_as_it_is(tmp_path):
    page = (GOOD / "page.html").read_text().replace("<!DOCTYPE html>", f"<!DOCTYPE html [{LAUGHS}]>", 1)
    (tmp_path / "a.html").write_text(page.replace("Flour", "&i; Flour", 1))
    (document,) = read_file(tmp_path / "a.html", CorpusSection())
    assert len(document.text) < 2 * len(TALK)


def test_an_archive_of_documents_is_no_document(tmp_path):
    (tmp_path / "a.zip").write_bytes(as_zip({"b.docx": as_docx(["A word.", "Two."])}))
    (document,) = read_file(tmp_path / "a.zip", CorpusSection())
    assert (document.part, document.text) == ("b.docx", "A word.\nTwo.")


def test_halves_of_characters_are_replaced_with_a_warning(tmp_path):
    (tmp_path / "a.json").write_text(
        '{"title": "\\ud83d", "segments": [{"text": "bread \\ud83d", "speaker": "\\udc00"}]}'
    )
    (document,) = read_file(tmp_path / "a.json", CorpusSection())
    assert (document.text, document.title, document.cues[0].speaker) == ("bread \ufffd", "\ufffd", "\ufffd")
    assert document.warnings == ("1 halves of characters stand as U+FFFD.",)


MARKS = {
    "a.html": "<!---->" * 700 + "<p>",
    "a.vtt": "WEBVTT\n\n00:01.000 --> 00:02.000\nwords " + "<v a" * 100_000,
    "b.vtt": "WEBVTT\n\n00:01.000 --> 00:02.000\nwords " + "<c " * 200_000,
    "a.srt": "00:00:01,000 --> 00:00:02,000\nwords " + "{\\" * 200_000,
    "b.srt": "".join(f"00:00:0{n},000 --> 00:00:09,000\n" + f"words{n}\n" * 100_000 for n in (1, 2)),
    "a.json": "[" + '{"a":' * 500 + "1" + "}" * 500 + "]",
    "a.md": "---\na: " + "{" * 9000 + "\n---\nwords",
}


@pytest.mark.parametrize("name", MARKS)
@pytest.mark.timeout(60)
def test_marks_without_end_cost_no_more_than_text(tmp_path, name):
    (tmp_path / name).write_text(MARKS[name])
    try:
        read_file(tmp_path / name, CorpusSection())  # quadratic scanning would take hours
    except CorpusError as error:
        assert name in ("a.json", "a.html"), error  # noqa: PT017 (either will do)
