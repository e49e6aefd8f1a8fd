"""The report as PDF, printed by a browser that is on this machine."""

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from topicgpu.errors import MissingExtraError, RunFolderError
from topicgpu.export.finished import Finished
from topicgpu.report import render

_BROWSERS = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge", "microsoft-edge"),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
_TIME_OUT_S = 300.0  # 100,000 segments take minutes


def write_pdf(run: Finished, folder: Path) -> None:
    """
    Print the report, without scripts, to report.pdf.

    Parameters
    ----------
    run : Run
        As far as it went.
    folder : Path
        That is there.

    Raises
    ------
    MissingExtraError
        If there is no browser that can print.
    RunFolderError
        If the browser fails or does not end.
    """
    browser = find_browser()
    results = run.results()
    report = results.config.report.model_copy(update={"interactive": False})
    page = render(replace(results, config=results.config.model_copy(update={"report": report})))
    with TemporaryDirectory(prefix="topicgpu-") as temporary:
        source, target = Path(temporary, "report.html"), folder / "report.pdf"
        source.write_text(page, encoding="utf-8")
        print_page(browser, source, target, Path(temporary, "profile"), _TIME_OUT_S)


def find_browser() -> str:
    """
    Find a browser that prints without a window.

    Returns
    -------
    str
        The program of Chromium, Chrome or Edge; Firefox prints to a file only through a driver.

    Raises
    ------
    MissingExtraError
        If there is none.
    """
    for name in _BROWSERS:
        program = shutil.which(name)
        if program:
            return program
    raise MissingExtraError(
        "--to pdf: no browser that prints is on this machine; install Chromium, Chrome or Edge, or open report.html in "
        "any browser and print it."
    )


def print_page(browser: str, source: Path, target: Path, profile: Path, time_out_s: float) -> None:
    """
    Print a page to a file.

    Parameters
    ----------
    browser : str
        Program.
    source : Path
        HTML file.
    target : Path
        PDF file.
    profile : Path
        Folder for what the browser keeps: never the user's own, which may be in use.
    time_out_s : float
        After which it is ended.

    Raises
    ------
    RunFolderError
        If it fails or does not end.
    """
    command = [
        browser,
        "--headless",
        "--disable-gpu",
        "--disable-extensions",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--no-default-browser-check",
        "--no-pdf-header-footer",  # it would print the file's path
        "--host-resolver-rules=MAP * ~NOTFOUND",
        f"--user-data-dir={profile}",
        f"--print-to-pdf={target.absolute()}",
        source.as_uri(),
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.insert(1, "--no-sandbox")  # Chromium does not start for root with it
    nothing, pipe = subprocess.DEVNULL, subprocess.PIPE
    with subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=pipe, start_new_session=True) as process:
        try:
            _, said = process.communicate(timeout=time_out_s)
        except subprocess.TimeoutExpired:
            raise RunFolderError(
                f"{browser}: did not print the report in {time_out_s:g} s; open report.html in a browser and print it."
            ) from None
        finally:
            with suppress(ProcessLookupError):  # it has ended, and its helpers too
                os.killpg(process.pid, signal.SIGKILL)
    if process.returncode or not target.is_file():
        reason = (said.decode(errors="replace").strip().splitlines() or ["no reason given"])[-1]
        raise RunFolderError(f"{browser}: could not print the report ({reason}); open report.html and print it there.")
