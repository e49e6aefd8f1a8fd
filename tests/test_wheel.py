"""The wheel: what is in it, and a run from it away from the checkout."""

import importlib.util
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    if importlib.util.find_spec("hatchling"):
        command = ["-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    else:
        command = ["-m", "pip", "wheel", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (found,) = folder.glob("*.whl")
    return found


def package_files(folder: str) -> set[str]:
    """Tracked kinds of files of a package in the checkout, relative to the folder that holds it."""
    root = ROOT / folder
    return {
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }


def test_everything_of_the_packages_is_inside_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == package_files("src") | package_files("kernels")
    read = {"templates/page.html.j2", "styles/base.css", "scripts/store.js"}
    assert {"topicgpu/py.typed", *(f"topicgpu/report/{name}" for name in read)} <= names
    assert "topicgpu_kernels/topk/reference.py" in names
    assert {name.split("/")[0] for name in names} == {"topicgpu", "topicgpu_kernels"}


def test_the_metadata_names_licence_program_and_extras(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        files = {name.split(".dist-info/")[1]: name for name in archive.namelist() if ".dist-info/" in name}
        metadata = archive.read(files["METADATA"]).decode()
        programs = archive.read(files["entry_points.txt"]).decode()
    assert "licenses/LICENSE" in files
    assert "topicgpu = topicgpu.cli:main" in programs
    assert "Requires-Python: >=3.11" in metadata
    for extra in ("offline", "cuda12", "cuda13", "dev"):
        assert f"Provides-Extra: {extra}" in metadata


def test_a_run_from_the_wheel_away_from_the_checkout(wheel: Path, tiny_model: Path, tmp_path: Path) -> None:
    site, place = tmp_path / "site", tmp_path / "elsewhere"
    install = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(site), str(wheel)]
    subprocess.run([sys.executable, *install], check=True, capture_output=True)
    (place / "talks").mkdir(parents=True)
    for year, subject in ((2024, "bread in the oven"), (2025, "rocket in orbit"), (2026, "ship in the harbour")):
        lines = [f"The {subject} is of the {word}, and we win it in the rain." for word in ("market", "law", "team")]
        (place / f"talks/{year}-03-01 talk.txt").write_text(" ".join(lines * 8) + "\n", encoding="utf-8")
    program = f"""
import sys, topicgpu, topicgpu_kernels
from topicgpu.cli import main
assert topicgpu.__file__.startswith({str(site)!r}), topicgpu.__file__
assert topicgpu_kernels.__file__.startswith({str(site)!r}), topicgpu_kernels.__file__
sys.exit(main(["run", "talks", "--set", "embedding.model={tiny_model}"]))
"""
    environment = {**os.environ, "PYTHONPATH": str(site)}
    child = subprocess.run([sys.executable, "-c", program], cwd=place, env=environment, capture_output=True, text=True)
    assert child.returncode == 0, child.stderr
    assert child.stdout.endswith("Report: runs/talks/report.html\n")
    report = (place / "runs/talks/report.html").read_text(encoding="utf-8")
    assert "<svg" in report
    assert "2024-03-01 talk" in report
    assert str(ROOT) not in (place / "runs/talks/manifest.json").read_text(encoding="utf-8")
