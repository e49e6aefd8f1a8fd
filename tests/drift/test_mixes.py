from collections import Counter

import pytest

from topicgpu.drift.mixes import mix_differs


@pytest.mark.parametrize(
    ("before", "after", "differs"),
    [
        (["call"], ["podcast"], True),
        (["call", "podcast"], ["podcast", "call", "call", "podcast"], False),
        (["call"] * 4 + ["podcast"], ["call"], False),
        (["call"] * 3 + ["podcast"], ["call"], True),
        ([None], ["call"], False),
        ([None, "call"], ["call"], False),
        ([], ["call"], False),
        ([("call", None)], [(None, "call")], True),
    ],
)
def test_a_mix_differs_from_more_than_a_fifth_on(before, after, differs):
    assert mix_differs(Counter(before), Counter(after)) is differs
    assert mix_differs(Counter(after), Counter(before)) is differs


def test_kinds_of_no_words_at_all_are_not_compared():
    assert not mix_differs({"en": 0}, {"de": 5})
