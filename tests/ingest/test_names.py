import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicgpu.ingest import names
from topicgpu.ingest.names import is_numbered, is_role, merge_names

WORDS = st.sampled_from("a b l ann anna bob lee leo hill a. dr. mr host 2 de".split())
NAMES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)


def longer_form(name, every):
    """The plain double loop over all names."""
    if names._has_role(name):
        return name
    person, is_short = names._person, names._is_short_form
    longer = [other for other in every if not names._has_role(other) and is_short(person(name), person(other))]
    longest = [one for one in longer if not any(is_short(person(one), person(other)) for other in longer)]
    return longest[0] if len(longest) == 1 else name


@given(st.lists(NAMES, max_size=12, unique=True))
def test_looking_names_up_by_their_words_finds_what_comparing_all_finds(every):
    assert names._longer_forms(every) == {name: longer_form(name, every) for name in every}


def test_few_of_many_names_are_compared(monkeypatch):
    compared = []
    is_short = names._is_short_form
    monkeypatch.setattr(names, "_is_short_form", lambda *pair: compared.append(pair) or is_short(*pair))
    every = [f"{first}an {last}son" for first in "BDFGHJKLNR" for last in (chr(0x4E00 + n) for n in range(100))]
    assert merge_names(every) == {name: name for name in every}
    assert len(compared) == len(every)  # each with itself


@pytest.mark.parametrize(
    "name",
    "Host|host|SPEAKER_00|Speaker 2|Q|Q.|Unidentified Speaker|Guest Host|FIRST SPEAKER|2nd Speaker|Conference Operator|"
    "unbekannter Sprecher|Erster Sprecher|bank analyst|主持人".split("|"),
)
def test_parts(name):
    assert is_role(name)


@pytest.mark.parametrize(
    "name", ["Iron Man", "IRON MAN", "Christopher Guest", "Ann Speaker", "Point A", "The Old Man", "Ann", "2", ""]
)
def test_names_that_end_as_parts_do(name):
    assert not is_role(name)
    assert not is_numbered(f"{name} 2")
