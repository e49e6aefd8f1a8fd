"""The examples of job arrays run as they stand, with a scheduler that starts every task at once on this machine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import topicgpu
from topicgpu.cli import main

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:hdbscan", "ignore::SyntaxWarning")

JOBS = Path(__file__).parent.parent / "configs/jobs"

# Runs the wrapped command once for each index of --array, and tells a job's number.
SBATCH = """#!/usr/bin/env bash
set -euo pipefail
last=0
for word in "$@"; do
    case $word in
        --array=0-*) last=${word#--array=0-} ;;
        --wrap=*) command=${word#--wrap=} ;;
    esac
done
for index in $(seq 0 "$last"); do SLURM_ARRAY_TASK_ID=$index bash -euc "$command" >&2; done
echo 1
"""


@pytest.mark.slow
def test_the_slurm_array_ends_in_the_same_run(small_config: Path, tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "sbatch").write_text(SBATCH)
    (programs / "topicgpu").write_text(f'#!/bin/sh\nexec {sys.executable} -m topicgpu.cli "$@"\n')
    for program in programs.iterdir():
        program.chmod(0o755)
    environment = os.environ | {"PATH": f"{programs}:{os.environ['PATH']}", "DEVICE": "cpu"}
    words = ["bash", str(JOBS / "slurm.sh"), str(small_config), str(tmp_path / "array"), str(tmp_path / "vectors")]
    # Three tasks show it as well as eight.
    script = (JOBS / "slurm.sh").read_text().replace("shards=8", "shards=3")
    done = subprocess.run(["bash", "-c", script, *words[1:]], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("from the cache") == 3
    plain = topicgpu.run(small_config, tmp_path / "plain", set=["embedding.cache=off"])
    array = topicgpu.Run(tmp_path / "array")
    assert array.report().is_file()
    assert array.manifest["embedding"]["computed"] == 0
    assert abs(array.embeddings.vectors - plain.embeddings.vectors).max() < 1e-6
    assert (array.themes.row.tolist(), array.themes.theme.tolist()) == (
        plain.themes.row.tolist(),
        plain.themes.theme.tolist(),
    )


def test_the_kubernetes_job_gives_a_command_that_exists(capsys: pytest.CaptureFixture[str]) -> None:
    job = yaml.safe_load((JOBS / "kubernetes.yaml").read_text(encoding="utf-8"))
    container = job["spec"]["template"]["spec"]["containers"][0]
    shell = container["args"][0].replace("$JOB_COMPLETION_INDEX", "0")
    assert int(shell.partition("0/")[2].split()[0]) == job["spec"]["completions"]
    assert main([*shell.split()[1:]]) == 2
    assert "/runs/mine: is not a run folder" in capsys.readouterr().err
