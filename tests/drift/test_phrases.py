import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicgpu.drift.findings.phrases import listed, percent, points, sources_of


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0%"), (1e-9, "under 0.1%"), (0.0005, "0.1%"), (0.0623, "6.2%"), (0.9996, "over 99.9%"), (1.0, "100%")],
)
def test_percent(share, text):
    assert percent(share) == text


@given(st.floats(0, 1))
def test_only_nothing_is_0_and_only_everything_is_100(share):
    assert (percent(share) in ("0%", "0.0%")) == (share == 0)
    assert (percent(share) in ("100%", "100.0%")) == (share == 1)


def test_points_carry_their_sign():
    assert (points(0.1234), points(-0.02)) == ("+12.3", "-2.0")


@pytest.mark.parametrize(("n", "text"), [(1, "a"), (2, "a and b"), (3, "a, b and c"), (5, "a, b, c and 2 more")])
def test_listed(n, text):
    assert listed("abcde"[:n], limit=3) == text


@pytest.mark.parametrize(
    ("genres", "text"),
    [
        (["call"], "the one source of 2024 (call)"),
        (["call", "podcast", "podcast"], "the 3 sources of 2024 (podcast ×2, call)"),
        ([None, "call"], "the 2 sources of 2024 (call, kind not given)"),
        ([None, None], "the 2 sources of 2024"),
        (list("abcdef"), "the 6 sources of 2024 (a, b, c, d, 2 other kinds)"),
    ],
)
def test_sources_are_named_by_number_and_kind(genres, text):
    assert sources_of("2024", genres) == text
