"""What the documents promise is what the code does."""

import re
from pathlib import Path

import pytest

from topicgpu import store
from topicgpu.stages import STAGES

ROOT = Path(__file__).parent.parent
RUN_FOLDER = (ROOT / "docs/run-folder.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", store.SCHEMAS)
def test_every_column_is_documented(name: str) -> None:
    line = next(line for line in RUN_FOLDER.splitlines() if line.startswith(f"| `{name}`"))
    documented = re.findall(r"`([a-z_0-9]+)`", line)
    assert documented == list(store.SCHEMAS[name])


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
