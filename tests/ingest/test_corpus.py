import os
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from topicgpu.config import CorpusSection
from topicgpu.errors import CorpusError
from topicgpu.ingest import corpus_files, ingest
from topicgpu.ops.words import count_words


def make(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return folder


def read(folder: Path, **options):
    return ingest(CorpusSection(path=folder), **options)


def test_each_language_of_a_source_that_declares_none_is_found(tmp_path):
    english = "The mill is old and we do not know if it can still grind.\n\n"
    german = "Die Mühle ist alt, und wir wissen nicht, ob sie noch mahlt.\n\n"
    arabic = "الطاحونة قديمة ولا نعرف إن كانت تطحن.\n\n"
    folder = make(tmp_path, both_dot_txt=(english + german) * 9, other_dot_txt=english * 9 + arabic * 9)
    assert [set(languages) for languages in read(folder).languages] == [{"en", "de"}, {"en", "ar"}]


def test_a_folder_needs_no_catalog(tmp_path):
    folder = make(
        tmp_path, **{"2024-05-mill_dot_txt": "The mill turned all day.", "b__talk_dot_md": "# Rye\n\nIt is back."}
    )
    sources = read(folder)
    assert sources.source_id == ("2024-05-mill", "talk")
    assert sources.title == ("2024-05-mill", "Rye")
    assert sources.dates == ("2024-05", None)
    assert sources.genre == (None, None)
    assert sources.path == ("2024-05-mill.txt", "b/talk.md")
    assert sources.languages[0] == ("en",)
    assert sources.warnings == (
        "talk has no date and stays out of statements about time; give it one in sources.toml.",
    )


def test_a_date_in_the_first_lines_is_found(tmp_path):
    sources = read(make(tmp_path, talk_dot_txt="Rye is back\n\nApril 23, 2024\n\nIt is back, and we are glad of it."))
    assert sources.dates == ("2024-04-23",)
    assert sources.title == ("Rye is back",)
    assert sources.warnings == ()


def test_the_catalog_decides_and_contradictions_are_told(tmp_path):
    catalog = (
        '[[source]]\nid = "two"\nfile = "b.txt"\ndate = 2024-05-01\ndate_precision = "month"\nlanguage = "zh,en"\n'
        '[[source]]\nid = "one"\nfile = "a.txt"\ntitle = "The mill"\ngenre = "talk"\n'
    )
    folder = make(
        tmp_path,
        sources_dot_toml=catalog,
        a_dot_txt="The mill turned.",
        b_dot_txt="Rye\n\n2024-06-02\n\nIt is back.",
        c_dot_txt="Not listed.",
    )
    sources = read(folder)
    assert sources.source_id == ("two", "one")
    assert sources.date_end == (date(2024, 5, 31), None)
    assert sources.languages[0] == ("zh", "en")
    assert (sources.title[1], sources.genre[1]) == ("The mill", "talk")
    assert sources.warnings == (
        "c.txt is not listed in sources.toml and is left out.",
        "two: its first lines say 2024-06-02, but sources.toml says 2024-05, which is used.",
        "one has no date and stays out of statements about time; give it one in sources.toml.",
    )


def test_canonical_text_is_the_file_and_offsets_are_code_points(tmp_path):
    raw = "\ufeff- Größe: 🥖 gut.\r\n- Zweite Zeile hier.\r\n"
    sources = read(make(tmp_path, a_dot_txt=raw))
    assert sources.text == (raw[1:],)
    slices = [sources.text[0][a:b] for a, b in zip(sources.turns.start_char, sources.turns.end_char, strict=True)]
    assert slices == ["Größe: 🥖 gut.", "Zweite Zeile hier."]


def test_one_stem_in_two_folders_gives_two_ids(tmp_path):
    sources = read(make(tmp_path, a__talk_dot_txt="One word.", b__talk_dot_txt="Two words."))
    assert sources.source_id == ("a-talk.txt", "b-talk.txt")


def test_two_files_with_one_id_are_refused(tmp_path):
    make(tmp_path)
    (tmp_path / "a b.txt").write_text("One.")
    (tmp_path / "a-b.txt").write_text("Two.")
    with pytest.raises(CorpusError, match=r"a b\.txt and a-b\.txt would both have the id 'a-b'; rename one"):
        read(tmp_path)


def test_a_folder_without_texts_is_refused(tmp_path):
    (tmp_path / "picture.png").write_bytes(b"x")
    with pytest.raises(
        CorpusError, match=r"holds no file that is read; put files ending in \.txt, \.md, .*\.zip into it"
    ):
        read(tmp_path)


def test_a_file_that_is_all_furniture_is_told(tmp_path):
    assert "a holds no speech" in read(make(tmp_path, a_dot_txt="Rye\n2024-06-02\n")).warnings[0]


def test_one_bad_file_stops_the_run_unless_it_may_be_left_out(tmp_path):
    folder = make(tmp_path, a_dot_txt="Fine words.", b_dot_txt=" ")
    with pytest.raises(CorpusError, match=r"b\.txt: is empty"):
        read(folder)
    left_out: list[dict[str, str]] = []
    assert read(folder, left_out=left_out).source_id == ("a",)
    assert [(row["source_id"], row["path"]) for row in left_out] == [("b", "b.txt")]
    assert left_out[0]["reason"].startswith(f"{folder / 'b.txt'}: is empty")
    (folder / "a.txt").write_text("")
    with pytest.raises(CorpusError, match="none of its 2 sources can be read"):
        read(folder, left_out=[])


def test_nothing_is_written_and_the_files_that_matter_are_listed(tmp_path):
    folder = make(tmp_path, a_dot_txt="Fine words.", sources_dot_toml='[[source]]\nid = "a"\nfile = "a.txt"\n')
    read(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["a.txt", "sources.toml"]
    assert [path.name for path in corpus_files(folder)] == ["sources.toml", "a.txt"]


def test_files_that_only_the_catalog_names_are_listed(tmp_path):
    names = ["a.txt", ".old/b.txt", "linked/c.txt", "gone.txt", "../out.txt", str(tmp_path / "out.txt")]
    entries = [f'[[source]]\nid = "s{n}"\nfile = "{name}"\n' for n, name in enumerate(names)]
    folder = make(
        tmp_path / "corpus", a_dot_txt="Rye.", _dot_old__b_dot_txt="Oats.", sources_dot_toml="".join(entries[:3])
    )
    make(tmp_path, away__c_dot_txt="Barley.", out_dot_txt="Wheat.")
    (folder / "linked").symlink_to(tmp_path / "away")
    used = ["sources.toml", "a.txt", ".old/b.txt", "linked/c.txt"]
    assert corpus_files(folder) == [folder / name for name in used]
    assert list(read(folder).path) == used[1:]
    (folder / "sources.toml").write_text("".join(entries))  # ingest says what is wrong with the others
    assert corpus_files(folder) == [folder / name for name in used]
    (folder / "sources.toml").write_text("no")
    assert corpus_files(folder) == [folder / name for name in used[:2]]
    with pytest.raises(CorpusError, match="not valid TOML"):
        read(folder)


CAPTIONS = """1
00:00:01,000 --> 00:00:03,000
Nobody is at the mill.

2
00:00:04,000 --> 00:00:06,000
- Where are you?
- I am here.

3
00:00:07,000 --> 00:00:09,000
It was late, and cold:
-5 degrees, they said.

4
00:00:10,000 --> 00:00:12,000
1. Come in.
2. Sit down.
"""


def test_a_hyphen_in_captions_is_a_dialogue_and_no_list(tmp_path):
    sources = read(make(tmp_path, talk_dot_srt=CAPTIONS))
    turns = sources.turns
    said = [sources.text[0][a:b] for a, b in zip(turns.start_char, turns.end_char, strict=True)]
    assert set(turns.kind) == {"speech"}
    assert set(turns.speaker) == {None}
    assert said[:3] == ["Nobody is at the mill.", "Where are you?", "I am here."]
    assert said[3:] == ["It was late, and cold:\n-5 degrees, they said.", "1. Come in.\n2. Sit down."]
    rows = "text\n" + "".join(f'"- {words}"\n' for words in ["Rye and oats.", "Barley and wheat."])
    (table := tmp_path / "table").mkdir()
    assert set(read(make(table, list_dot_csv=rows)).turns.kind) == {"item"}


def check_all_words(sources):
    for row, source_id in enumerate(sources.source_id):
        text = sources.text[row]
        turns = [
            count_words(text[start:end])
            for name, start, end in zip(
                sources.turns.source_id, sources.turns.start_char, sources.turns.end_char, strict=True
            )
            if name == source_id
        ]
        dropped = [
            n for name, n in zip(sources.dropped.source_id, sources.dropped.n_words, strict=True) if name == source_id
        ]
        assert sum(turns) + sum(dropped) == count_words(text)


@pytest.mark.skipif("TOPICGPU_DATA" not in os.environ, reason="TOPICGPU_DATA is not set")
def test_the_real_transcripts_are_read_as_they_are():
    sources = read(Path(os.environ["TOPICGPU_DATA"]) / "corpus")
    check_all_words(sources)
    assert sources.warnings == ()
    kinds = Counter(zip(sources.turns.source_id, sources.turns.kind, strict=True))
    assert kinds == {
        ("000", "speech"): 1, ("001", "speech"): 1, ("002", "speech"): 90, ("003", "speech"): 1, ("004", "item"): 36,
    }  # fmt: skip
    speakers = Counter(sources.turns.speaker)
    assert {name: speakers[name] for name in ("host", "Elon Musk", "voiceover")} == {
        "host": 45, "Elon Musk": 44, "voiceover": 1,
    }  # fmt: skip
    reasons = Counter(zip(sources.dropped.source_id, sources.dropped.reason, strict=True))
    assert reasons == {
        ("002", "title"): 2, ("002", "date line"): 1, ("002", "menu"): 1, ("002", "byline"): 1, ("002", "summary"): 8,
        ("002", "speaker label"): 89, ("002", "omission note"): 1, ("004", "title"): 1, ("004", "date line"): 1,
        ("004", "link line"): 1, ("004", "introduction"): 2,
    }  # fmt: skip


def test_the_bundled_digests_are_items_with_locators():
    sources = read(Path(__file__).parents[2] / "corpus")
    check_all_words(sources)
    assert sources.warnings == ()
    assert set(sources.form) == {"digest"}
    assert set(sources.turns.kind) == {"item"}
    assert all(locator and locator.startswith("chars ") for locator in sources.turns.locator)
    assert set(sources.dropped.reason) == {"locator"}


def test_an_id_from_a_long_name_is_one_that_a_catalog_takes(tmp_path):
    make(tmp_path, **{"long" * 40 + "_dot_txt": "Some words are here."})
    assert len(ingest(CorpusSection(path=tmp_path)).source_id[0]) == 100
