"""What `init` writes: files that load, say what was found, and run."""

import re
import tomllib
from pathlib import Path

import pytest

import topicgpu
from topicgpu.config import Config, CorpusSection, load_config
from topicgpu.errors import ConfigError, CorpusError
from topicgpu.ingest import ingest
from topicgpu.scaffold import scaffold

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:hdbscan", "ignore::SyntaxWarning")

TALK = "The ship is to sail in the wind of the harbour, and the anchor is of the ship.\n"


def folder_of(place: Path, *names: str) -> Path:
    place.mkdir()
    for name in names:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(TALK, encoding="utf-8")
    return place


def test_both_files_are_written_and_load(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "talks", "2024-03-05 harbour.txt", "notes.md", "2025/2025-04 sea.txt")
    assert scaffold(folder) == [folder / "sources.toml", folder / "topicgpu.toml"]
    assert load_config(folder / "topicgpu.toml") == load_config(folder)
    entries = tomllib.loads((folder / "sources.toml").read_text(encoding="utf-8"))["source"]
    assert [(entry["file"], str(entry.get("date")), entry["date_precision"]) for entry in entries] == [
        ("2024-03-05 harbour.txt", "2024-03-05", "day"),
        ("2025/2025-04 sea.txt", "2025-04-01", "month"),
        ("notes.md", "None", "day"),
    ]


def test_the_catalog_changes_nothing(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "talks", "2024-03-05 harbour.txt", "notes.md", "a.txt", "deep/a.txt", "2025-04.txt")
    before = ingest(CorpusSection(path=folder))
    scaffold(folder)
    after = ingest(CorpusSection(path=folder))
    for column in ("source_id", "title", "date_start", "date_end", "languages", "path", "sha256", "text"):
        assert getattr(after, column) == getattr(before, column), column


def test_a_table_is_one_entry_and_the_catalog_changes_nothing(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "talks", "notes.md")
    (folder / "posts.csv").write_text(f'date,text\n2024-01-01,"{TALK}"\n2025-01-01,"{TALK}"\n', encoding="utf-8")
    before = ingest(CorpusSection(path=folder))
    assert before.source_id == ("notes", "posts.2024-01-01", "posts.2025-01-01")
    scaffold(folder)
    assert "# 2 sources of one file" in (folder / "sources.toml").read_text(encoding="utf-8")
    after = ingest(CorpusSection(path=folder))
    for column in ("source_id", "title", "date_start", "date_end", "languages", "path", "sha256", "text"):
        assert getattr(after, column) == getattr(before, column), column


@pytest.mark.parametrize(
    "name",
    [
        'the "best" talk.txt',
        "it's here.txt",
        "back\\slash.txt",
        "tab\tand\nline.txt",
        "delete\x7f.txt",
        "# no comment = here.txt",
        "会议 2024年5月1日.txt",
        "\U00020000\U00020001.txt",
        "🚢 ship.txt",
        "a.b..c.txt",
        "-dash.txt",
        "_.txt",
    ],
)
def test_odd_file_names(tmp_path: Path, name: str) -> None:
    folder = folder_of(tmp_path / "talks", name, "plain.txt")
    before = ingest(CorpusSection(path=folder))
    scaffold(folder)
    after = ingest(CorpusSection(path=folder))
    assert set(after.path) == {name, "plain.txt"}
    assert after.source_id == before.source_id
    assert after.title == before.title
    assert after.date_start == before.date_start


@pytest.mark.parametrize(
    "name", ["the 'best' talks (2024)", '"quoted"', "会议记录", "\U00020000", "🚢", ".hidden", "x" * 120, "a\\b", "-"]
)
def test_odd_folder_names(tmp_path: Path, name: str) -> None:
    folder = folder_of(tmp_path / name, "a.txt")
    scaffold(folder)
    assert load_config(folder / "topicgpu.toml") == load_config(folder)


def test_every_default_shown_is_the_default(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "talks", "a.txt")
    scaffold(folder)
    text = (folder / "topicgpu.toml").read_text(encoding="utf-8")
    settings = text[: text.index("# A theme is")]
    shown = re.sub(r"^# (?=[\w.]+ = )", "", settings, flags=re.MULTILINE)
    data = tomllib.loads(shown)
    for section, keys in data.items():
        if isinstance(keys, dict):
            missing = set(type(getattr(Config(), section)).model_fields) - set(keys) - {"guided"}
            assert not missing, section
    assert set(data) == set(Config.model_fields) - {"seed"}
    (folder / "shown.toml").write_text(shown, encoding="utf-8")
    assert load_config(folder / "shown.toml") == load_config(folder)


def test_the_example_theme_is_one(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "talks", "a.txt")
    scaffold(folder)
    file = folder / "topicgpu.toml"
    text = file.read_text(encoding="utf-8")
    at = text.index("# [[themes.guided]]")
    file.write_text(text[:at] + re.sub(r"^# ", "", text[at:], flags=re.MULTILINE), encoding="utf-8")
    (theme,) = load_config(file).themes.guided
    assert theme.id == "energy"
    assert theme.exclude == ("a person's energy and enthusiasm",)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "talks", "a.txt")
    (folder / "topicgpu.toml").write_text("name = 'mine'\n")
    with pytest.raises(ConfigError, match=r"topicgpu\.toml: is there already; move it away"):
        scaffold(folder)
    assert (folder / "topicgpu.toml").read_text() == "name = 'mine'\n"
    assert not (folder / "sources.toml").exists()


def test_a_catalog_that_is_there_stays(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "talks", "a.txt")
    catalog = '[[source]]\nid = "a"\nfile = "a.txt"\ntitle = "Mine"\n'
    (folder / "sources.toml").write_text(catalog)
    assert scaffold(folder) == [folder / "topicgpu.toml"]
    assert (folder / "sources.toml").read_text() == catalog


def test_a_folder_that_cannot_be_read_gets_nothing(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "talks", "a.txt")
    (folder / "a.txt").write_bytes(b"")
    with pytest.raises(CorpusError, match="is empty"):
        scaffold(folder)
    assert [path.name for path in folder.iterdir()] == ["a.txt"]


def test_what_is_written_runs(small_corpus: Path, tiny_model: Path, tmp_path: Path) -> None:
    (small_corpus / "sources.toml").unlink()
    scaffold(small_corpus)
    run = topicgpu.run(
        small_corpus / "topicgpu.toml", tmp_path / "out", set=[f"embedding.model={tiny_model}", "embedding.device=cpu"]
    )
    assert set(run.sources.source_id) == {"rockets", "bread", "garden"}
    assert run.report().is_file()
