"""Masks: every character of a match, in texts, titles and names, with all offsets as they were; and what is refused."""

import json
import re
from pathlib import Path

import pytest

from topicgpu.config import CorpusSection, IngestSection, seal, validate_config
from topicgpu.errors import ConfigError
from topicgpu.ingest import Masked, ingest
from topicgpu.ingest.masks import MASK
from topicgpu.ops.words import count_words
from topicgpu.types import Sources

TALK = """Evening talk

Host: Welcome. Call +49 170 1234567 now. We go on with bread.

Jane Roe: Write to jane@roe.example, and buy bread.

Host: Good. So again about bread and dough.

Jane Roe: +49 170 7654321

Host: Thanks to Jane, and good bye.
"""
PHONE, MAIL = r"\+\d[\d ()-]{7,}\d", r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"


def read(folder: Path, told: dict[str, Masked] | None = None, left: list | None = None, **redact: str) -> Sources:
    return ingest(CorpusSection(path=folder), left, section=IngestSection(redact=redact), masked=told)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "talks").mkdir()
    (tmp_path / "talks/talk.txt").write_text(TALK, encoding="utf-8")
    return tmp_path / "talks"


def test_each_character_of_a_match_becomes_one_mask_and_all_else_stays(folder: Path) -> None:
    told: dict[str, Masked] = {}
    sources = read(folder, told, phone=PHONE, mail=MAIL)
    expected = re.sub(f"{PHONE}|{MAIL}", lambda match: MASK * len(match[0]), TALK)
    assert sources.text[0] == expected
    assert told == {"phone": Masked(2, 1), "mail": Masked(1, 1)}
    plain = read(folder)
    kept = [i for i, start in enumerate(plain.turns.start_char) if "7654321" not in TALK[start : start + 20]]
    assert sources.turns.start_char.tolist() == plain.turns.start_char[kept].tolist()
    assert sources.turns.end_char.tolist() == plain.turns.end_char[kept].tolist()
    assert sources.sha256 != plain.sha256  # that of the file would tell a number to who tries all


def test_a_mask_is_no_word_and_a_turn_of_masks_alone_is_dropped() -> None:
    assert count_words(f"{MASK * 4} is {MASK}") == 1


def test_a_turn_without_a_word_left_is_dropped_as_masked(folder: Path) -> None:
    sources = read(folder, phone=PHONE)
    row = sources.dropped.reason.index("masked")
    assert set(sources.text[0][sources.dropped.start_char[row] : sources.dropped.end_char[row]]) == {MASK}
    assert sources.dropped.n_words[row] == 0


def test_what_two_patterns_match_is_masked_once_whatever_their_order(folder: Path) -> None:
    first = read(folder, a=r"\+49 170", b=r"170 \d+")
    second = read(folder, b=r"170 \d+", a=r"\+49 170")
    assert first.text[0] == second.text[0] == re.sub(PHONE, lambda match: MASK * len(match[0]), TALK)


@pytest.mark.parametrize("pattern", [r"Jane Roe", r"Jane Roe(?=:)", r"(?m)^Jane[^:]+:", r"(?i)JANE ROE"])
def test_a_speaker_is_masked_whether_the_pattern_is_of_the_name_or_of_its_label(folder: Path, pattern: str) -> None:
    sources = read(folder, who=pattern)
    assert {speaker for speaker in sources.turns.speaker if speaker} == {"Host", MASK * 8}
    assert "Roe" not in sources.text[0]


def test_titles_series_and_what_else_the_catalog_says_are_masked(folder: Path) -> None:
    said = 'title = "Evening with Roe"\nseries = "Roe talks"\ngenre = "Roe show"\nform = "Roe"\norigin = "roe at Roe"'
    (folder / "sources.toml").write_text(f'[[source]]\nid = "t"\nfile = "talk.txt"\n{said}\n')
    told: dict[str, Masked] = {}
    sources = read(folder, told, who="Roe")
    assert (sources.title, sources.series) == ((f"Evening with {MASK * 3}",), (f"{MASK * 3} talks",))
    assert (sources.genre, sources.form) == ((f"{MASK * 3} show",), (MASK * 3,))
    assert sources.origin == (f"roe at {MASK * 3}",)
    assert told["who"].sources == 1


def test_speakers_of_files_with_cues_are_masked(tmp_path: Path) -> None:
    rows = [{"text": "We bake the bread.", "speaker": "Jane Roe", "start": 0.0, "end": 2.0}]
    (tmp_path / "talk.json").write_text(json.dumps({"segments": rows}))
    assert read(tmp_path, who="Jane Roe").turns.speaker == (MASK * 8,)


def test_a_locator_is_masked_by_its_own_matches_and_not_looked_for_in_the_text(tmp_path: Path) -> None:
    captions = "1\n00:00:01,000 --> 00:00:04,000\nBread is at cue 1 of the menu.\n"
    (tmp_path / "talk.srt").write_text(captions, encoding="utf-8")
    sources = read(tmp_path, dish=r"(?<=at )cue \d")
    assert f"at {MASK * 5} of" in sources.text[0]
    assert sources.turns.locator == ("cue 1",)
    assert read(tmp_path, cue=r"cue \d").turns.locator == (MASK * 5,)


def test_a_listed_file_that_is_not_read_is_named_without_what_is_masked(folder: Path) -> None:
    (folder / "sources.toml").write_text('[[source]]\nid = "t"\nfile = "talk.txt"\n')
    (folder / "roe.txt").write_text("Bread and flour.")
    assert read(folder, who="roe").warnings[0].startswith(f"{MASK * 3}.txt is not listed")


def test_reasons_of_what_is_left_out_are_masked(folder: Path) -> None:
    (folder / "rows.csv").write_text("text,date,source\nBread of the oven.,Roe,a\n")
    left: list[dict[str, str]] = []
    read(folder, left=left, who="Roe")
    assert "Roe" not in str(left)


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("(", "the pattern 'p', '(', is not valid: missing ) at position 1; correct it"),
        ("a*", "the pattern 'p', 'a*', matches an empty text; let it need a character, with + for *"),
    ],
)
def test_a_pattern_that_can_not_be_used_is_refused_with_the_configuration(pattern: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as error:
        validate_config({"ingest": {"redact": {"p": pattern}}}, "my.toml")
    assert str(error.value) == f"my.toml: ingest.redact: {sentence}."


def test_a_list_of_patterns_is_refused_since_each_needs_a_name() -> None:
    with pytest.raises(ConfigError, match=r"^my.toml: ingest.redact: should be a table\.$"):
        validate_config({"ingest": {"redact": ["a"]}}, "my.toml")


def test_a_pattern_that_matches_between_characters_is_refused(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"matches between two characters of talk, so that there is nothing to mask"):
        read(folder, between=r"\b(?=bread)")


def test_a_pattern_that_never_ends_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "talk.txt").write_text("b" + "a" * 60 + "! Bread.")
    section = IngestSection(redact={"slow": r"(?:a|aa)+$"}, redact_seconds=0.05)
    with pytest.raises(ConfigError, match=r"'slow', .* was not through talk when the 0.05 s of ingest.redact_seconds"):
        ingest(CorpusSection(path=tmp_path), [], section=section)


@pytest.mark.parametrize("pattern", [r"talk", r"\.txt", r"^talk$"])
def test_a_pattern_that_matches_an_id_or_a_files_name_asks_for_another(folder: Path, pattern: str) -> None:
    with pytest.raises(ConfigError, match=r"by which the source talk goes in every table; rename the file"):
        read(folder, left=[], name=pattern)


def test_a_pattern_that_matches_a_part_of_a_file_asks_for_another(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("text,source\nBread is good.,jane@roe.example\nDough too.,other\n")
    with pytest.raises(ConfigError, match=r"'jane@roe\.example', by which a part of rows\.csv goes in every table"):
        read(tmp_path, mail=MAIL)


def test_no_dump_of_a_configuration_holds_a_pattern() -> None:
    config = validate_config({"ingest": {"redact": {"who": "Roe"}}}, "")
    assert config.ingest.redact == {"who": "Roe"}
    assert "Roe" not in f"{config.model_dump()}{config.model_dump_json()}{config!r}"
    kept = validate_config(config.model_dump(mode="json", by_alias=True), "")
    assert (
        kept.ingest.model_dump()
        == config.ingest.model_dump()
        == {
            "redact": {"who": seal("Roe")},
            "redact_seconds": 60.0,
        }
    )


def test_a_pattern_from_a_run_folder_masks_nothing_and_says_so(folder: Path) -> None:
    with pytest.raises(ConfigError, match="a run folder does not keep the pattern 'who'"):
        read(folder, who=seal("Roe"))


def test_processes_mask_as_one_does(folder: Path) -> None:
    (folder / "more.txt").write_text(TALK.replace("Jane", "Joan"))
    section = IngestSection(redact={"phone": PHONE})
    told: dict[str, Masked] = {}
    sources = ingest(CorpusSection(path=folder, workers=2), section=section, masked=told)
    assert "170" not in "".join(sources.text)
    assert told == {"phone": Masked(4, 2)}
