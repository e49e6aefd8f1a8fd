"""A run, its report and its exports from end to end: nothing that is masked or withheld, and no path of the machine."""

import os
import shutil
import zlib
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import topicgpu
from topicgpu.cli import main
from topicgpu.errors import ConfigError, RunFolderError
from topicgpu.ingest.masks import MASK

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:hdbscan", "ignore::SyntaxWarning"),
]

SECRET = "zyxquorn"  # in no text but ours
ISLAND = '<script type="application/octet-stream" id="data-'


def bytes_of(path: Path) -> Iterator[bytes]:
    """The bytes of a file, and what is packed in it."""
    yield path.read_bytes()
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        yield f"{table.to_pylist()} {table.schema.metadata}".encode()
    if path.suffix == ".html":
        for part in path.read_text().split(ISLAND)[1:]:
            packed = part.partition(">")[2].partition("<")[0]
            yield zlib.decompress(b64decode(packed))


def files_with(word: str, *folders: Path) -> list[str]:
    """Which files hold a word, in their names or in what they hold, whatever its case."""
    return [
        str(path)
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and any(word.casefold().encode() in part.lower() for part in (path.name.encode(), *bytes_of(path)))
    ]


@pytest.fixture
def secret_config(small_config: Path, small_corpus: Path) -> Path:
    """Three texts in which a secret is said, labels a speaker, and stands in the catalog."""
    for path in small_corpus.glob("*.txt"):
        text = path.read_text().replace("engine", f"{SECRET} engine").replace("oven", f"oven {SECRET.title()}42")
        sentences = text.split(". ")
        names = ("Host", f"Ada {SECRET.title()}")
        said = (f"{names[place % 2]}: {'. '.join(sentences[place::9])}." for place in range(9))
        path.write_text("\n\n".join(said))
    catalog = small_corpus / "sources.toml"
    catalog.write_text(catalog.read_text().replace('title = "On', f'title = "{SECRET} on'))
    text = small_config.read_text().replace("[embedding]", "[embedding]\ncache = 'vectors'")
    small_config.write_text(text + f"\n[ingest.redact]\nword = '(?i){SECRET}\\w*'\n")
    return small_config


def test_a_secret_that_is_masked_is_in_no_byte_of_run_folder_cache_and_exports(
    secret_config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = tmp_path / "temporary"
    spool.mkdir()
    monkeypatch.setenv("TMPDIR", str(spool))
    run = topicgpu.run(secret_config, tmp_path / "run")
    assert main(["export", str(tmp_path / "run"), "--to", "parquet", "--out", str(tmp_path / "parquet")]) == 0
    assert main(["export", str(tmp_path / "run"), "--to", "csv", "--out", str(tmp_path / "csv")]) == 0
    cache = secret_config.parent / "vectors"
    assert cache.is_dir()
    assert files_with(SECRET, tmp_path / "run", cache, tmp_path / "parquet", tmp_path / "csv", spool) == []
    assert files_with(MASK * len(SECRET), tmp_path / "run/texts")
    assert run.manifest["masked"]["word"]["sources"] == 3
    assert f"Ada {MASK * len(SECRET)}" in run.segments.speaker
    for row, source_id in enumerate(run.segments.source_id):
        text = run.sources.text[run.sources.source_id.index(source_id)]
        assert run.segments.text[row] == text[run.segments.start_char[row] : run.segments.end_char[row]]


def test_what_is_masked_is_part_of_the_key_and_the_pattern_is_not_kept(secret_config: Path, tmp_path: Path) -> None:
    run = topicgpu.run(secret_config, tmp_path / "run")
    again = topicgpu.run(secret_config, tmp_path / "run")
    assert {stage["status"] for stage in again.manifest["stages"].values()} == {"store"}
    assert main(["report", str(tmp_path / "run")]) == 0
    with pytest.raises(ConfigError, match="a run folder does not keep the pattern 'word'"):
        main_raising("ingest", str(tmp_path / "run"))
    secret_config.write_text(secret_config.read_text().replace(r"\w*'", r"\w{1,2}'"))
    with pytest.raises(RunFolderError, match=r"was made without the pattern 'word' of ingest\.redact"):
        topicgpu.run(secret_config, tmp_path / "run")
    assert (
        run.manifest["stages"]["ingest"]["key"]
        != topicgpu.run(secret_config, tmp_path / "new").manifest["stages"]["ingest"]["key"]
    )


def main_raising(*words: str) -> None:
    from topicgpu.cli import _invoke

    _invoke(list(words))


def test_a_run_without_masks_is_not_gone_on_from_with_some(secret_config: Path, tmp_path: Path) -> None:
    text = secret_config.read_text()
    secret_config.write_text(text.partition("[ingest.redact]")[0])
    topicgpu.run(secret_config, tmp_path / "run")
    secret_config.write_text(text)
    for options in ({"out": tmp_path / "run"}, {"out": tmp_path / "other", "update": tmp_path / "run"}):
        with pytest.raises(RunFolderError, match="names of its themes may hold what it masks"):
            topicgpu.run(secret_config, **options)
    assert not (tmp_path / "other").exists()


def test_a_pattern_that_can_not_be_used_stores_nothing(small_config: Path, tmp_path: Path) -> None:
    small_config.write_text(small_config.read_text() + "\n[ingest.redact]\nname = 'bread'\n")
    assert main(["run", str(small_config), "--out", str(tmp_path / "run"), "--keep-going"]) == 2
    assert not (tmp_path / "run").exists()


@pytest.fixture
def marked(small_config: Path, small_corpus: Path, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A project in a folder of a telling name, of a telling user, with a model and a cache of its own."""
    project = tmp_path / "marker-machine/marker-user/project"
    project.mkdir(parents=True)
    shutil.copytree(tiny_model, project / "models/tiny")
    shutil.move(small_corpus, project / "corpus")
    (project / "corpus/empty.txt").write_bytes(b"")
    catalog = project / "corpus/sources.toml"
    catalog.write_text(catalog.read_text() + '\n[[source]]\nid = "empty"\nfile = "empty.txt"\n')
    text = small_config.read_text().replace(str(tiny_model), "models/tiny").replace(str(small_corpus), "corpus")
    text = text.replace("[embedding]", "[embedding]\ncache = 'vectors'")
    (project / "small.toml").write_text(text)
    monkeypatch.setenv("HOME", str(project.parent))
    monkeypatch.setenv("USER", "marker-name")
    monkeypatch.setenv("LOGNAME", "marker-name")
    return project


def test_nothing_that_is_written_names_a_path_of_the_machine_or_a_user(marked: Path) -> None:
    out = marked / "runs/small"
    assert main(["run", str(marked / "small.toml"), "--out", str(out), "--keep-going"]) == 3
    for to in ("csv", "parquet", "embedding-atlas", "datamapplot"):
        assert main(["export", str(out), "--to", to, "--out", str(marked / f"out/{to}")]) == 0
    for word in ("marker-machine", "marker-user", "marker-name"):
        assert files_with(word, out, marked / "out", marked / "vectors") == []
    manifest = topicgpu.Run(out).manifest
    assert manifest["config_path"] == "../../small.toml"
    assert manifest["config"]["corpus"]["path"] == "../../corpus"
    assert manifest["config"]["embedding"]["model"] == "../../models/tiny"
    assert manifest["left_out"][0]["reason"].startswith("empty.txt: is empty")
    report = (out / "report.html").read_text()
    assert "../" not in report.partition("<script")[0]
    assert "small.toml" in report


def test_a_run_goes_on_from_another_folder_and_after_it_was_moved_with_its_configuration(
    marked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (marked / "corpus/empty.txt").write_text("We bake the bread.\n")
    first = topicgpu.run(marked / "small.toml", marked / "runs/small").segments.segment_id[0]
    moved = tmp_path / "elsewhere/deeper/project"
    moved.parent.mkdir(parents=True)
    shutil.move(marked, moved)
    monkeypatch.chdir("/")
    relative = os.path.relpath(moved / "runs/small", "/")
    assert main(["report", relative]) == 0
    assert main(["drift", relative]) == 0
    again = topicgpu.run(moved / "small.toml", moved / "runs/small")
    statuses = {name: stage["status"] for name, stage in again.manifest["stages"].items()}
    assert set(statuses.values()) == {"store"}, statuses
    assert again.explain(first).segment_id == first
    assert main(["ingest", relative]) == 0


def test_the_report_withholds_texts_and_names(secret_config: Path, tmp_path: Path) -> None:
    run = topicgpu.run(
        secret_config,
        tmp_path / "run",
        set=["ingest.redact.word='qqqq'", "report.text=false", "report.speakers=anonymous"],
    )
    report = tmp_path / "run/report.html"
    parts = b"".join(bytes_of(report))
    assert f"Ada {SECRET}".title().encode() not in parts
    assert b"Speaker 2" in parts
    for text in run.segments.text:
        for sentence in text.split(". "):
            assert len(sentence) < 40 or sentence.encode() not in parts
    assert b"The text is withheld" in parts
