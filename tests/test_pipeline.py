"""The loop: resume, refusals, what is forgotten, what is left behind when something fails."""

import inspect
import json
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

import topicgpu
from topicgpu.config import load_config
from topicgpu.errors import ConfigError, CorpusError, DeviceError, MissingExtraError, ModelError, RunFolderError
from topicgpu.job import Event, Job
from topicgpu.pipeline import run_stages
from topicgpu.stages import STAGES, Stage

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:hdbscan", "ignore::SyntaxWarning")


def start(config: Path, out: Path, *changes: str, **options: object) -> tuple[Job, list[Event]]:
    events: list[Event] = []
    job = run_stages(load_config(config, changes), out, str(config), listener=events.append, **options)
    return job, events


def kinds(events: list[Event], kind: str) -> list[str]:
    return [event.stage for event in events if event.kind == kind]


NAMES = [stage.name for stage in STAGES]


def test_every_stage_is_computed_once_and_then_taken_from_the_folder(small_config: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    _, first = start(small_config, out)
    assert kinds(first, "done") == NAMES
    before = {path.name: path.read_bytes() for path in out.iterdir() if path.is_file() and path.name != "manifest.json"}
    job, second = start(small_config, out)
    assert kinds(second, "store") == NAMES
    assert kinds(second, "done") == []
    after = {path.name: path.read_bytes() for path in out.iterdir() if path.is_file() and path.name != "manifest.json"}
    assert before == after
    assert {record.status for record in job.records.values()} == {"store"}


def test_two_runs_write_the_same_tables(small_config: Path, tmp_path: Path) -> None:
    start(small_config, tmp_path / "a")
    start(small_config, tmp_path / "b")
    files = sorted(path.name for path in (tmp_path / "a").iterdir() if path.suffix in (".parquet", ".safetensors"))
    assert len(files) >= 11
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_a_changed_setting_computes_only_what_depends_on_it(small_config: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    start(small_config, out)
    _, events = start(small_config, out, "drift.shares_of=segments")
    assert kinds(events, "store") == [name for name in NAMES if name not in ("drift", "report")]
    assert kinds(events, "done") == ["drift", "report"]


def test_who_reads_the_files_changes_nothing_but_the_report(small_config: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    start(small_config, out)
    _, events = start(small_config, out, "corpus.workers=1")
    assert kinds(events, "done") == ["report"]  # it shows every setting


def test_once_texts_are_written_they_are_read_from_the_run_folder(small_config: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    job, _ = start(small_config, out, until="segment")
    for row, text in enumerate(job.sources.text):
        assert (out / f"texts/{row:04d}.txt").read_bytes().decode() == text
    (out / "texts/0000.txt").unlink()
    with pytest.raises(RunFolderError, match=r"texts/0000\.txt: no such file"):
        list(job.sources.text)


def test_a_changed_text_is_read_again(small_config: Path, small_corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    start(small_config, out)
    file = small_corpus / "bread.txt"
    file.write_text(file.read_text() + " The ship is to sail in the wind of the harbour.\n")
    _, events = start(small_config, out)
    assert kinds(events, "done") == NAMES


def test_a_damaged_file_is_computed_again(small_config: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    start(small_config, out)
    (out / "themes.json").write_text("[]")
    _, events = start(small_config, out)
    assert kinds(events, "done") == ["themes"]  # the same result again, so nothing after it changes
    assert json.loads((out / "themes.json").read_text())


def test_a_stage_that_fails_keeps_what_is_finished_and_removes_what_is_stale(
    small_config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    start(small_config, out)

    def broken(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("topicgpu.drift.drift", broken)
    with pytest.raises(KeyboardInterrupt):
        start(small_config, out, "themes.n_exemplars=2")
    assert (out / "themes.json").is_file()
    assert not (out / "report.html").exists()  # it showed the themes of before
    assert not (out / "drift.json").exists()
    assert not [path for path in out.rglob("*.tmp")]
    monkeypatch.undo()
    _, events = start(small_config, out, "themes.n_exemplars=2")
    assert kinds(events, "done") == ["drift", "report"]


def test_no_store_computes_everything_again(small_config: Path, tmp_path: Path) -> None:
    start(small_config, tmp_path / "run")
    _, events = start(small_config, tmp_path / "run", again=NAMES)
    assert kinds(events, "done") == NAMES
    assert "n_segments" in topicgpu.store.read_table(tmp_path / "run/sources.parquet")[0]


def test_ingest_again_keeps_the_count_of_segments(small_config: Path, tmp_path: Path) -> None:
    from topicgpu.store import read_table

    start(small_config, tmp_path / "run")
    start(small_config, tmp_path / "run", again=["ingest"])
    columns, _ = read_table(tmp_path / "run/sources.parquet")
    assert columns["n_segments"].sum() == len(topicgpu.Run(tmp_path / "run").segments)


def test_another_configs_folder_is_refused(small_config: Path, tmp_path: Path) -> None:
    start(small_config, tmp_path / "run")
    other = tmp_path / "other.toml"
    other.write_text(small_config.read_text())
    with pytest.raises(RunFolderError, match=r"holds the run of .*small\.toml, not of .*other\.toml"):
        start(other, tmp_path / "run")


def test_a_folder_that_is_no_run_is_refused_and_left_alone(small_config: Path, tmp_path: Path) -> None:
    out = tmp_path / "precious"
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    with pytest.raises(RunFolderError, match="is there and is not a run folder"):
        start(small_config, out)
    assert [path.name for path in out.iterdir()] == ["notes.txt"]


def test_a_busy_folder_is_refused(small_config: Path, tmp_path: Path) -> None:
    import fcntl

    start(small_config, tmp_path / "run")
    with (tmp_path / "run/.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(RunFolderError, match="another run is writing to it"):
            start(small_config, tmp_path / "run")


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ("corpus.path=nowhere", CorpusError, "no such file or folder"),
        ("embedding.model=/nowhere/model", ModelError, "no such folder"),
        ("embedding.model=nobody/nothing", ModelError, "is not on this machine"),
        ("embedding.device=cuda:7", DeviceError, "can't be used"),
        ("embedding.device=tpu", ConfigError, "must be auto, cpu, cuda or cuda:N"),
    ],
)
def test_bad_input_is_found_before_anything_is_written(
    small_config: Path, tmp_path: Path, change: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        start(small_config, tmp_path / "deep/run", change)
    assert not (tmp_path / "deep").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "empty"), (b" \n\n", "empty"), (b"a\x00b\x00c", "binary"), (b"\xef\xbb\xbf\xdcber", "UTF-8")],
)
def test_a_bad_file_is_found_before_anything_is_written(
    small_config: Path, small_corpus: Path, tmp_path: Path, content: bytes, words: str
) -> None:
    (small_corpus / "bread.txt").write_bytes(content)
    with pytest.raises(CorpusError, match=rf"bread\.txt.*{words}"):
        start(small_config, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_keep_going_leaves_a_bad_file_out_and_says_so(small_config: Path, small_corpus: Path, tmp_path: Path) -> None:
    (small_corpus / "bread.txt").write_bytes(b"")
    job, _ = start(small_config, tmp_path / "run", keep_going=True)
    assert [row["source_id"] for row in job.left_out] == ["bread"]
    assert "empty" in job.left_out[0]["reason"]
    assert job.sources.source_id == ("rockets", "garden")
    again, events = start(small_config, tmp_path / "run", keep_going=True)
    assert kinds(events, "done") == []
    assert again.left_out == job.left_out


def test_a_missing_package_is_found_before_anything_is_written(small_config: Path, tmp_path: Path) -> None:
    if find_spec("cuml") is not None:
        pytest.skip("cuml is installed")
    with pytest.raises(MissingExtraError, match=r"pip install 'topicgpu\[cuda12\]', with CUDA 13 'topicgpu\[cuda13\]'"):
        start(small_config, tmp_path / "run", "cluster.method=cuml")
    assert not (tmp_path / "run").exists()


def test_an_unwritable_place_is_found_before_anything_is_read(small_config: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RunFolderError, match="can't be written"):
        start(small_config, tmp_path / "file/run")


def test_the_manifest_says_what_was_done(small_config: Path, tmp_path: Path) -> None:
    start(small_config, tmp_path / "run")
    manifest = topicgpu.Run(tmp_path / "run").manifest
    assert manifest["schema"] == 2
    assert manifest["device"]["used"] == "cpu"
    assert manifest["encoder"]["dimension"] == 32
    assert manifest["config"]["themes"]["guided"][0]["not"] == []
    assert set(manifest["stages"]) == set(NAMES)
    assert manifest["stages"]["neighbors"]["implementation"]
    assert manifest["stages"]["reduce"]["implementation"]["map"].startswith("UMAP: reference (torch): ")
    assert manifest["stages"]["repeats"]["implementation"]["translations"] == "none looked for, there is one language"
    assert manifest["repeats"]["exact"] == {"segments": 0, "words": 0, "words_not_served": 0}
    assert all(record["peak_memory_bytes"] > 0 for record in manifest["stages"].values())
    for name, digest in manifest["files"].items():
        assert topicgpu.store.hash_file(tmp_path / "run" / name) == digest


def test_results_read_back_are_the_results(small_config: Path, tmp_path: Path) -> None:
    job, _ = start(small_config, tmp_path / "run")
    run = topicgpu.Run(tmp_path / "run")
    assert run.segments.fingerprint == job.segments.fingerprint
    assert list(run.sources.text) == list(job.sources.text)
    assert run.sources.dates == job.sources.dates
    assert run.themes.themes == job.themes.themes
    assert (run.themes.primary == job.themes.primary).all()
    assert run.drift.findings == job.drift.findings
    assert run.clusters.method == job.clusters.method
    assert run.report().is_file()
    for segment, start_char, end_char, source_id in zip(
        run.segments.text, run.segments.start_char, run.segments.end_char, run.segments.source_id, strict=True
    ):
        assert run.sources.text[run.sources.source_id.index(source_id)][start_char:end_char] == segment


def test_what_was_let_pass_once_is_an_error_without_keep_going(
    small_config: Path, small_corpus: Path, tmp_path: Path
) -> None:
    (small_corpus / "bread.txt").write_bytes(b"")
    job, _ = start(small_config, tmp_path / "run", keep_going=True)
    assert any("bread was left out" in warning["message"] for warning in job.manifest()["warnings"])
    with pytest.raises(CorpusError, match="empty"):
        start(small_config, tmp_path / "run")


def test_a_missing_listed_file_is_left_out_under_keep_going(
    small_config: Path, small_corpus: Path, tmp_path: Path
) -> None:
    (small_corpus / "bread.txt").unlink()
    (small_corpus / "garden.txt").unlink()
    (small_corpus / "garden.txt").symlink_to("nowhere.txt")
    job, _ = start(small_config, tmp_path / "run", keep_going=True)
    assert [row["source_id"] for row in job.left_out] == ["bread", "garden"]


def test_a_run_inside_the_corpus_does_not_read_its_own_texts(small_corpus: Path, tiny_model: Path) -> None:
    changes = (f"embedding.model={tiny_model}", "cluster.min_size=3")
    out = small_corpus / "runs/mine"
    job, _ = start(small_corpus, out, *changes)
    again, events = start(small_corpus, out, *changes)
    assert kinds(events, "done") == []
    assert again.sources.source_id == job.sources.source_id == ("rockets", "bread", "garden")


def test_a_verb_needs_neither_corpus_nor_encoder_for_what_lies_before_it(
    small_config: Path, small_corpus: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    start(small_config, out)
    for file in small_corpus.iterdir():
        file.unlink()
    gone = ("embedding.device=cpu",)
    changed = load_config(small_config, gone)
    job = run_stages(changed, out, str(small_config), start="report")
    assert {name: record.status for name, record in job.records.items() if name != "report"} == dict.fromkeys(
        NAMES[:-1], "store"
    )
    assert job.records["report"].status == "computed"


def test_a_verb_refuses_a_change_of_what_lies_before_it(small_config: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    start(small_config, out)
    with pytest.raises(ConfigError, match=r"the earlier stage segment did.* topicgpu segment "):
        start(small_config, out, "segment.min_words=20", start="drift")
    _, events = start(small_config, out, "drift.shares_of=segments", start="drift")
    assert kinds(events, "done") == ["drift", "report"]


def test_a_verb_on_an_unfinished_run_says_what_is_missing(small_config: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    start(small_config, out)
    (out / "themes.json").unlink()
    with pytest.raises(RunFolderError, match="the stage themes is not finished or its files are damaged"):
        start(small_config, out, start="report")


def test_records_that_still_hold_survive_a_run_that_ends_early(
    small_config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    start(small_config, out)

    def broken(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("topicgpu.neighbors.find_neighbors", broken)
    with pytest.raises(KeyboardInterrupt):
        start(small_config, out, again=["ingest", "neighbors"])
    monkeypatch.undo()
    _, events = start(small_config, out)
    assert "drift" in kinds(events, "store")
    assert "report" in kinds(events, "store")


def test_each_stages_key_covers_the_modules_that_it_imports() -> None:
    import ast

    root = Path(topicgpu.__file__).parent

    def imported(name: str) -> set[str]:
        path = root / name
        files = list(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
        found = set()
        for file in files:
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("topicgpu."):
                    found.add(str(node.module).split(".")[1])
        return found

    everywhere = {"errors", "types", "config", "device", "store", "ops"}
    everywhere |= {"job", "manifest"}  # hand over what a stage reads, and note what it did
    for stage in STAGES:
        for name in stage.code:
            assert imported(name) - everywhere <= set(stage.code), stage.name


@pytest.mark.parametrize("stage", STAGES, ids=NAMES)
def test_a_key_holds_the_code_that_computes_its_stage(stage: Stage) -> None:
    """Else a changed module would leave results in place that it would not make."""
    called = set(re.findall(r"from topicgpu\.(\w+)", inspect.getsource(stage.compute)))
    # How files are written is the schema's matter; how work is divided among devices changes no vector.
    assert called - {"store", "embed_run"} <= set(stage.code)
    assert called
