"""What the documents promise is what the code does."""

import json
import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from planted.tables import Row, tables
from topicgpu import artifacts, store
from topicgpu.config import DriftSection, validate_config
from topicgpu.drift import drift
from topicgpu.stages import STAGES
from topicgpu.types import Family, Finding, GateResult, Move, Presence, Split

ROOT = Path(__file__).parent.parent
RUN_FOLDER = (ROOT / "docs/run-folder.md").read_text(encoding="utf-8")
DRIFT = (ROOT / "docs/drift.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", store.SCHEMAS)
def test_every_column_is_documented(name: str) -> None:
    line = next(line for line in RUN_FOLDER.splitlines() if line.startswith(f"| `{name}`"))
    documented = re.findall(r"`([a-z_0-9]+)`", line)
    assert documented == list(store.SCHEMAS[name])


def rows_of(heading: str) -> dict[str, str]:
    """The rows of a table of docs/drift.md: the first cell's name, and the second cell."""
    section = DRIFT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return dict(re.findall(r"^\| `([^`]+)` \| (.+) \|$", section, flags=re.MULTILINE))


@pytest.mark.parametrize("name", ["drift.parquet", "drift-terms.parquet"])
def test_every_column_of_drift_has_its_meaning(name: str) -> None:
    assert list(rows_of(name)) == list(store.SCHEMAS[name])


def test_every_key_of_drift_json_is_documented(tmp_path: Path) -> None:
    made = drift(*tables([Row("a", ("x",))], {"a": "2024"}), DriftSection(), 0)
    artifacts.save_drift(tmp_path, made)
    documented = rows_of("drift.json")
    assert list(documented) == list(json.loads((tmp_path / "drift.json").read_text()))
    records = {
        "findings": Finding,
        "families": Family,
        "splits": Split,
        "moves": Move,
        "presence": Presence,
        "gates": GateResult,
    }
    for key, record in records.items():
        assert re.findall(r"`([^`]+)`", documented[key]) == [field.name.rstrip("_") for field in fields(record)], key


def test_what_the_page_on_drift_sets_are_keys_with_those_defaults() -> None:
    text = re.findall(r"```toml\n(.+?)```", DRIFT, flags=re.DOTALL)[0]
    given = validate_config(tomllib.loads(text), "docs/drift.md").drift
    assert given.model_copy(update={"periods": ()}) == DriftSection()
    assert [period.name for period in given.periods] == ["before the opening", "after it"]


def test_the_python_of_the_page_on_drift_runs(
    small_config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import topicgpu

    monkeypatch.chdir(tmp_path)
    run = topicgpu.run(small_config, "runs/mine")
    for program in re.findall(r"```python\n(.+?)```", DRIFT, flags=re.DOTALL):
        exec(compile(program, "docs/drift.md", "exec"), {})
    said = capsys.readouterr().out
    for sentence in (*run.drift.undecided, *(finding.sentence for finding in run.drift.findings)):
        assert sentence in said
    assert all(len(run.drift.finding(i).quotes) == len(f.evidence) for i, f in enumerate(run.drift.findings))


def test_every_file_that_stages_write_is_documented(small_config: Path, tmp_path: Path) -> None:
    import topicgpu

    run = topicgpu.run(small_config, tmp_path / "run")
    written = {re.sub(r"\d{4}", "NNNN", name) for name in run.manifest["files"]} | {"manifest.json"}
    documented = set(re.findall(r"^\| `([^`]+)`", RUN_FOLDER, flags=re.MULTILINE))
    assert written == documented


def test_every_file_that_outlives_its_stage_is_documented() -> None:
    for name in (name for stage in STAGES for name in stage.lasting):
        assert f"`{name}`" in RUN_FOLDER


def test_every_stage_is_in_the_architecture() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for stage in STAGES:
        assert stage.name in text


def test_every_command_is_in_the_readme() -> None:
    from topicgpu.cli import app

    for command in app.registered_commands:
        name = command.name or command.callback.__name__  # type: ignore[union-attr]
        assert re.search(rf"\b{name}\b", README), name


def test_every_file_named_in_the_readme_exists() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_makefile_and_ci_agree() -> None:
    ci = (ROOT / ".ci/run").read_text()
    targets = re.findall(r"^make (.+)$", ci, flags=re.MULTILINE)[0].split()
    makefile = (ROOT / "Makefile").read_text()
    assert targets == ["check", "test", "test-slow", "test-kernels"]
    for target in targets:
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE)


def test_the_repository_speaks_of_the_project_alone() -> None:
    import subprocess

    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    if not names:
        pytest.skip("not a git checkout")
    banned = re.compile(r"/(?:home|root|Users)/|\.\./shared|TODO|FIXME", re.IGNORECASE)
    # Two look for such words; in the last a group of questions about lists of things to do has that name.
    allowed = {".ci/run", "tests/test_docs.py", ".pre-commit-config.yaml", "docs/names.md"}
    for name in names:
        path = ROOT / name
        if name in allowed or path.suffix in {".png", ".json", ".csv"} or not path.is_file():
            continue
        found = banned.search(path.read_text(encoding="utf-8"))
        assert found is None, f"{name}: {found.group(0)}"  # type: ignore[union-attr]
