"""The report in a real browser, as it is: without an error, without a request, with scripts and without."""

import pytest

from report.browser import watch
from topicgpu.report import Results, render

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def html(harbour):
    return render(Results(**harbour))


def test_the_watch_sees_a_page_that_breaks_the_rules(browser, tmp_path):
    path = tmp_path / "bad.html"
    path.write_text(
        "<!DOCTYPE html><meta http-equiv=Content-Security-Policy content=\"script-src 'unsafe-inline'\">"
        "<img src='http://evil.invalid/a.png'>"
        "<script>console.log('seen'); window.pwned = 1; alert('box'); open('about:blank')</script>"
        "<script>fetch('http://evil.invalid/b'); document.body.onclick = 'x'; eval('1')</script>"
        "<script>throw new Error('thrown')</script>"
    )
    context = browser.new_context()
    seen = watch(context)
    context.new_page().goto(path.as_uri())
    context.close()
    for part in ("log: seen", "pwned", "dialog: box", "window: ", "a.png", "/b", "policy: script-src", "error: thrown"):
        assert any(part in line for line in seen), (part, seen)


def test_a_report_opens_without_error_request_or_broken_policy(open_page, html):
    page = open_page(html)
    assert page.title() == "Harbour & <town>"
