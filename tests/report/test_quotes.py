"""Quotes: what counts as a digest."""

import pytest

from topicgpu.report.quotes import is_digest


@pytest.mark.parametrize(
    ("form", "genre", "digest"),
    [
        ("digest", "minutes", True),
        ("bullets, each story once", "News Digest", True),
        (None, "digest", True),
        ("captions", "interview", False),
        ("predigested notes", "digestive", False),
        (None, None, False),
    ],
)
def test_a_digest_is_known_by_its_form_or_its_genre(form, genre, digest):
    assert is_digest(form, genre) is digest
