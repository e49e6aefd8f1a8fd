"""The configurations that come with the project load, and run or refuse as their comments say."""

import json
import re
import tomllib
from pathlib import Path

import pytest

import topicgpu
from topicgpu.cli import main
from topicgpu.config import load_config

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:hdbscan", "ignore::SyntaxWarning")

ROOT = Path(__file__).parent.parent
CONFIGS = sorted((ROOT / "configs").glob("*.toml"))


def test_they_are_there() -> None:
    assert [path.stem for path in CONFIGS] == ["ci", "demo", "gpu-batch", "multilingual", "transcripts"]


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_it_loads_and_names_a_corpus_that_is_there(path: Path) -> None:
    config = load_config(path)
    assert config.name == path.stem
    assert config.corpus.path == ROOT / "corpus"
    assert not config.embedding.download


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_no_key_repeats_a_default(path: Path) -> None:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    default = load_config(ROOT / "corpus").model_dump(mode="json", by_alias=True)
    said_again = [
        f"{section}.{key}"
        for section, keys in data.items()
        if isinstance(keys, dict)
        for key, value in keys.items()
        if default[section][key] == value
    ]
    assert set(said_again) <= {"themes.discover"}  # said on purpose, beside guided themes


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_its_comment_shows_the_command(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    command = next(line for line in lines if line.startswith("#   topicgpu run "))
    assert f"configs/{path.name}" in command


@pytest.mark.parametrize("name", ["demo", "transcripts"])
def test_twelve_to_eighteen_guided_themes(name: str) -> None:
    themes = load_config(ROOT / f"configs/{name}.toml").themes
    assert 12 <= len(themes.guided) <= 18
    assert {"space_compute", "autonomy", "regulation"} <= {theme.id for theme in themes.guided}
    assert all(theme.seeds for theme in themes.guided)


def test_ci_runs_as_a_job_would(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # paths in a configuration are relative to it
    words = ["run", str(ROOT / "configs/ci.toml"), "--out", "out", "--json", "--set", f"embedding.model={tiny_model}"]
    assert main(words) == 0
    answer = capsys.readouterr()
    assert json.loads(answer.out)["report"] == "out/report.html"
    assert not re.search("\x1b|\r", answer.err)  # a job's log has no bars
    run = topicgpu.Run("out")
    assert run.manifest["device"]["used"] == "cpu"
    assert len(run.sources) == 5
    (gate,) = run.drift.gates
    assert gate.outcome == "passed"
    assert main([*words, "--set", 'drift.gates.limits=[{kind = "prevalence", effect = 1e-6}]']) == 1
    assert json.loads(capsys.readouterr().out)["gates"][0]["outcome"] == "failed"


def test_gpu_batch_is_never_a_slow_cpu_run(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("a CUDA device is here: the refusal can't be shown")
    out = tmp_path / "out"
    words = ["run", str(ROOT / "configs/gpu-batch.toml"), "--out", str(out), "--set", f"embedding.model={tiny_model}"]
    assert main(words) == 2
    assert capsys.readouterr().err.startswith('topicgpu: embedding.device = "cuda" can\'t be used: ')
    assert not out.exists()


@pytest.mark.gpu
def test_gpu_batch_runs_on_a_gpu(tiny_model: Path, tmp_path: Path) -> None:
    import torch

    if not torch.cuda.is_available():
        pytest.skip("no CUDA device is here")
    out = tmp_path / "out"
    run = topicgpu.run(ROOT / "configs/gpu-batch.toml", out, set=[f"embedding.model={tiny_model}"])
    assert run.manifest["device"]["used"].startswith("cuda")
    assert run.report().is_file()
