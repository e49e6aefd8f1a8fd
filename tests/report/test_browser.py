"""The report in a real browser: no error in the console and no request."""

import shutil
import subprocess

import pytest

from topicgpu.report import Results, render

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]


def open_in_browser(tmp_path, html, *flags):
    page = tmp_path / "report.html"
    page.write_text(html, encoding="utf-8")
    command = [
        CHROMIUM,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-default-apps",
        f"--user-data-dir={tmp_path / 'profile'}",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        "--enable-logging=stderr",
        "--v=0",
        f"--log-net-log={tmp_path / 'net.json'}",
        *flags,
        "--dump-dom",
        page.as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return done.stdout, console, (tmp_path / "net.json").read_text(encoding="utf-8")


def test_report_opens_without_console_error_or_request(tmp_path, results):
    dom, console, net_log = open_in_browser(tmp_path, render(Results(**results)))
    assert "Cranes and boxes falls from 20.0 % to under 0.1%" in dom
    assert console == []
    assert "evil.invalid" not in net_log


def test_the_check_sees_a_page_that_breaks_the_rules(tmp_path):
    html = "<!DOCTYPE html><p>x<script>console.error('seen')</script><img src='http://evil.invalid/a.png'>"
    _, console, net_log = open_in_browser(tmp_path, html)
    assert any("seen" in line for line in console)
    assert "evil.invalid" in net_log
