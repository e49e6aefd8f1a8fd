"""A run makes no network request: every road to a socket raises here."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

import topicgpu
from topicgpu.cli import main
from topicgpu.errors import ModelError

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:hdbscan", "ignore::SyntaxWarning")


class RequestMade(BaseException):
    """No handler of errors lets it pass."""


def _refuse(*arguments: object, **_: object) -> NoReturn:
    raise RequestMade(arguments)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, _refuse)
    for name in ("getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(socket, name, _refuse)


def test_the_guard_sees_a_request() -> None:
    import urllib.request

    with pytest.raises(RequestMade):
        urllib.request.urlopen("http://127.0.0.1:9/")


def test_a_run_makes_no_request(small_config: Path, tmp_path: Path) -> None:
    run = topicgpu.run(small_config, tmp_path / "run")
    assert run.report().is_file()
    assert set(run.manifest["stages"]) >= {"embed", "themes", "report"}


def test_a_model_that_is_not_here_is_an_error_and_no_request(small_config: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"'nobody/nothing' is not on this machine.*embedding\.download = true"):
        topicgpu.run(small_config, tmp_path / "run", set=["embedding.model=nobody/nothing"])
    assert not (tmp_path / "run").exists()


def test_a_download_that_is_allowed_is_announced_and_then_tried(small_config: Path, tmp_path: Path) -> None:
    said: list[str] = []
    with pytest.raises(RequestMade):
        topicgpu.run(
            small_config,
            tmp_path / "run",
            set=["embedding.model=nobody/nothing", "embedding.download=true"],
            listener=lambda event: said.append(event.message),
        )
    assert said == ["Downloading nobody/nothing from the Hugging Face hub (embedding.download = true)."]
    assert not (tmp_path / "run").exists()


def test_the_doctor_makes_no_request(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    assert "default encoder" in capsys.readouterr().out


@pytest.mark.slow
def test_a_process_makes_no_request_from_its_first_import_on(small_config: Path, tmp_path: Path) -> None:
    program = """
import os, sys
def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "urllib.Request"):
        os.write(2, f"REQUEST {event} {arguments}".encode())
        os._exit(99)
sys.addaudithook(watch)
from topicgpu.cli import main
sys.exit(main(sys.argv[1:]))
"""
    words = ["run", str(small_config), "--out", str(tmp_path / "run")]
    environment = {name: value for name, value in os.environ.items() if "OFFLINE" not in name}
    child = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, env=environment)
    assert child.returncode == 0, child.stderr
    assert (tmp_path / "run/report.html").is_file()
