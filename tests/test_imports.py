"""Who may import whom, read from the source: data flows one way."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import topicgpu

ROOT = Path(topicgpu.__file__).parent
STAGES = {"ingest", "segment", "embed", "repeats", "neighbors", "reduce", "cluster", "themes", "drift"}
LAYERS: list[set[str]] = [
    {"errors", "types", "config"},
    {"device", "store"},
    {"ops"},
    STAGES | {"report", "artifacts", "labelling", "label_scores"},
    {
        "manifest",
        "run_folder",
        "run_lock",
        "run_drift",
        "run_html",
        "job",
        "shards",
        "embed_run",
        "themes_run",
        "stages",
        "pipeline",
    },
    {"model", "bertopic"},
    {"export"},
    {"api", "doctor", "scaffold", "progress"},
    {"cache_cli", "label_cli", "export_cli"},
    {"cli"},
]
FILES = sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


def area(name: str) -> str:
    return name.split(".")[1] if name.startswith("topicgpu.") else ""


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            found |= {f"{module}.{alias.name}" for alias in node.names} if module == "topicgpu" else {module}
    return found


def layer(name: str) -> int:
    places = [place for place, names in enumerate(LAYERS) if name in names]
    assert places, f"{name} is in no layer: add it to the rule"
    return places[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    own = path.relative_to(ROOT).parts[0].removesuffix(".py")
    for name in imports(path):
        other = area(name)
        if not other or other == own or other.startswith("__"):
            continue
        if own in STAGES and other in STAGES:
            pytest.fail(f"{path}: stage {own} imports stage {other}")
        assert layer(other) < layer(own) or layer(own) in (0, 3, 4, 5), (
            f"{path}: {own} imports {other} above or beside it"
        )
        assert layer(other) <= layer(own), f"{path}: {own} imports {other} above it"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_ops_knows_the_kernels(path: Path) -> None:
    own = path.relative_to(ROOT).parts[0].removesuffix(".py")
    uses = any(name.split(".")[0] == "topicgpu_kernels" for name in imports(path))
    assert not uses or own in ("ops", "manifest")  # the manifest hashes their source


def test_the_report_never_imports_torch() -> None:
    for path in (ROOT / "report").rglob("*.py"):
        assert not any(name.split(".")[0] in ("torch", "transformers") for name in imports(path)), path
        assert {area(name) for name in imports(path)} <= {
            "",
            "types",
            "errors",
            "config",
            "report",
            "ops",
            "__version__",
        }


def run_python(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout


def test_importing_the_package_is_light() -> None:
    heavy = run_python(
        "import sys, topicgpu; print(*sorted({'torch','transformers','pyarrow','umap'} & set(sys.modules)))"
    )
    assert heavy.split() == []


def test_help_is_light() -> None:
    program = (
        "import sys; from topicgpu.cli import main; main(['--help']);"
        "print('HEAVY', *sorted({'torch','transformers','pyarrow','umap','sklearn','altair'} & set(sys.modules)))"
    )
    assert run_python(program).splitlines()[-1].split() == ["HEAVY"]
