"""Do the tests see errors? Each plant of plants.toml, in a copy of the kernels, turns its test red."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import topicgpu_kernels

pytestmark = [pytest.mark.kernels, pytest.mark.skipif(sys.platform != "linux", reason="Triton is for Linux")]

HERE = Path(__file__).parent
PLANTS = tomllib.loads((HERE / "plants.toml").read_text())["plant"]


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant["name"])
def test_a_planted_error_turns_its_test_red(plant, tmp_path):
    copy = tmp_path / "kernels/topicgpu_kernels"
    shutil.copytree(Path(topicgpu_kernels.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    source = (copy / plant["file"]).read_text()
    assert plant["text"] in source, "the plant's text is no longer in the source: mend plants.toml"
    (copy / plant["file"]).write_text(source.replace(plant["text"], plant["error"]))
    environment = {**os.environ, "PYTHONPATH": str(copy.parent)}
    environment["TRITON_INTERPRET"] = str(int(plant["test"].startswith("interpreter/")))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(HERE / plant["test"])]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=HERE.parents[1])
    # 1: tests ran and failed; a module that can't be imported gives 2, a test that is not there 4.
    assert done.returncode == 1, done.stdout + done.stderr
    assert "AssertionError" in done.stdout, done.stdout
