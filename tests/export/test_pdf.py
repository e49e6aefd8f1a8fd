"""The PDF: a browser where there is one, one sentence where there is none."""

import sys
from pathlib import Path

import pytest

from export.conftest import write_run
from topicgpu.errors import MissingExtraError, RunFolderError
from topicgpu.export import pdf


def test_no_browser_is_one_sentence(harbour_run, monkeypatch):
    monkeypatch.setattr(pdf, "_BROWSERS", ("no-such-browser",))
    with pytest.raises(MissingExtraError, match="install Chromium, Chrome or Edge, or open report"):
        harbour_run.export("pdf")
    assert not (harbour_run.folder / "export/pdf").exists()


def browser(tmp_path: Path, program: str) -> str:
    path = tmp_path / "browser"
    path.write_text(f"#!{sys.executable}\n{program}\n")
    path.chmod(0o755)
    return str(path)


def test_a_browser_that_fails_says_why(tmp_path):
    path = browser(tmp_path, "import sys\nprint('no display', file=sys.stderr)\nsys.exit(3)")
    with pytest.raises(RunFolderError, match=r"could not print the report \(no display\)"):
        pdf.print_page(path, tmp_path / "a.html", tmp_path / "a.pdf", tmp_path / "profile", 60)


def test_a_browser_that_hangs_is_ended(tmp_path):
    path = browser(tmp_path, "import time\ntime.sleep(600)")
    with pytest.raises(RunFolderError, match=r"did not print the report in 0\.2 s"):
        pdf.print_page(path, tmp_path / "a.html", tmp_path / "a.pdf", tmp_path / "profile", 0.2)


@pytest.mark.slow
def test_the_report_is_printed_without_a_path_of_the_machine(tmp_path):
    try:
        pdf.find_browser()
    except MissingExtraError:
        pytest.skip("no browser is on this machine")
    pypdf = pytest.importorskip("pypdf")
    folder = write_run(tmp_path / "run").export("pdf")
    document = pypdf.PdfReader(folder / "report.pdf")
    text = " ".join(page.extract_text() for page in document.pages)
    assert "Harbour" in text
    assert "file:" not in text
    assert str(tmp_path).encode() not in (folder / "report.pdf").read_bytes()
