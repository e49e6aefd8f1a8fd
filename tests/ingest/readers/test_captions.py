"""Captions: words once, in order, with times and speakers, whatever is broken around them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicgpu.errors import CorpusError
from topicgpu.ingest.readers.captions import is_captions, read_captions

SUBRIP = """1
00:00:01,000 --> 00:00:03,500
We bake bread in the
morning.

2
00:00:03,500 --> 00:00:06,000
<i>And then</i> we sell it.
"""
VTT = """WEBVTT
Kind: captions

NOTE this is
a comment

STYLE
::cue { color: red }

intro
00:01.000 --> 00:03.000 align:start position:0%
<v Ada Byron>Bread &amp; butter.</v>

00:03.000 --> 01:00:04.250
<v.loud Ben>Yes.<v Ada Byron>No.
"""


def read(text):
    return read_captions(text)


def words(document):
    return [document.text[cue.start : cue.end] for cue in document.cues]


def test_subrip_has_a_cue_a_caption_with_its_times():
    document = read(SUBRIP)
    assert document.text == "We bake bread in the\nmorning.\nAnd then we sell it."
    assert [cue.locator for cue in document.cues] == ["cue 1", "cue 2"]
    assert [(cue.start_s, cue.end_s) for cue in document.cues] == [(1.0, 3.5), (3.5, 6.0)]
    assert document.warnings == ()


def test_webvtt_names_speakers_and_loses_names_comments_and_tags():
    document = read(VTT)
    assert words(document) == ["Bread & butter.", "Yes.", "No."]
    assert [cue.speaker for cue in document.cues] == ["Ada Byron", "Ben", "Ada Byron"]
    assert [cue.locator for cue in document.cues] == ["cue 1", "cue 2", "cue 2"]
    assert document.cues[2].end_s == 3604.25


def test_sbv_and_times_with_hours_are_read():
    document = read("0:00:01.000,0:00:02.500\nBread.\n\n1:00:02.500,1:00:03.000\nSoil.\n")
    assert words(document) == ["Bread.", "Soil."]
    assert document.cues[1].start_s == 3602.5


def test_broken_counters_and_missing_blank_lines_lose_no_word():
    text = (
        "7\n00:00:01,000 --> 00:00:02,000\nBread one.\n7\n00:00:02,000 --> 00:00:03,000\nBread two.\n\n"
        "00:00:03,000 --> 00:00:04,000\n\nafter a blank line\n\n12 loaves\n\nx\n00:00:04,000 --> 00:00:05,000\n2024\n"
    )
    assert words(read(text)) == ["Bread one.", "Bread two.", "after a blank line\n12 loaves", "2024"]


def test_times_that_run_backwards_keep_the_order_of_the_file_and_warn():
    document = read("00:00:09,000 --> 00:00:10,000\nOne.\n\n00:00:01,000 --> 00:00:02,000\nTwo.\n")
    assert words(document) == ["One.", "Two."]
    assert document.warnings[0].startswith("line 4: the time runs backwards (1 times in all)")


def test_lines_that_roll_up_stand_once():
    text = "".join(f"00:00:0{n},000 --> 00:00:0{n + 1},000\nline {n}\nline {n + 1}\n\n" for n in range(5))
    document = read(text)
    assert document.text.split("\n") == [f"line {n}" for n in range(6)]
    assert "4 caption lines that only repeat" in document.warnings[0]


def test_words_that_are_really_said_twice_stay():
    text = "".join(
        f"00:00:0{n},000 --> 00:00:0{n + 1},000\n{line}\n\n" for n, line in enumerate(["No.", "No.", *"abcdef"])
    )
    assert read(text).text.split("\n")[:2] == ["No.", "No."]


def test_words_said_again_after_a_pause_stay():
    times = [("01", "03"), ("10", "12"), ("20", "22")]
    text = "".join(f"00:00:{start},000 --> 00:00:{end},000\nWe shall bake.\n\n" for start, end in times)
    assert words(read(text)) == ["We shall bake."] * 3


def test_a_caption_said_again_at_once_stays_unless_the_next_goes_on_from_it():
    lines = ["No.", "No.", "So it is.", "So it is.", "So it is.\nAnd then", "And then\nit rained."]
    text = "".join(f"00:00:0{n},000 --> 00:00:0{n + 1},000\n{line}\n\n" for n, line in enumerate(lines))
    assert words(read(text)) == ["No.", "No.", "So it is.", "And then", "it rained."]


def test_labels_that_captions_begin_with_are_their_speakers():
    lines = ["Ann Lee: We ground", "Ann Lee: more rye.", "Bob: How much?\nAnn Lee: A tenth.", "Or so", "Bob: Good."]
    text = "".join(f"00:00:0{n},000 --> 00:00:0{n + 1},000\n{line}\n\n" for n, line in enumerate(lines))
    document = read("WEBVTT\n\n" + text)
    assert words(document) == ["We ground", "more rye.", "How much?", "A tenth.", "Or so", "Good."]
    assert [cue.speaker for cue in document.cues] == ["Ann Lee", "Ann Lee", "Bob", "Ann Lee", "Ann Lee", "Bob"]
    assert [cue.locator for cue in document.cues] == ["cue 1", "cue 2", "cue 3", "cue 3", "cue 4", "cue 5"]


def test_words_after_a_blank_line_and_before_a_timing_are_words_unless_the_format_has_names():
    text = "00:00:01,000 --> 00:00:02,000\n\nBread is done.\n\n00:00:03,000 --> 00:00:04,000\nSoil.\n"
    assert words(read(text.replace("done.\n\n", "done.\n"))) == ["Bread is done.", "Soil."]
    assert words(read("WEBVTT\n\n" + text.replace("done.\n\n", "done.\n"))) == ["Soil."]


def test_a_caption_that_ends_before_it_begins_is_warned_of():
    assert read("00:00:02,000 --> 00:00:01,000\nOne.\n").warnings[0].startswith("line 1: the time runs backwards")


def test_words_before_the_first_caption_stay():
    document = read("A talk about bread\n\n" + SUBRIP)
    assert words(document)[0] == "A talk about bread"
    assert (document.cues[0].locator, document.cues[0].start_s, document.cues[1].start_s) == ("line 1", None, 1.0)


@pytest.mark.parametrize("text", ["WEBVTT\n", "1\n00:00:01,000 --> 00:00:02,000\n\n", "no captions"])
def test_captions_without_words_are_one_sentence(text):
    with pytest.raises(CorpusError, match=r"^holds no captions with words; check that the file is whole\.$"):
        read(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [(SUBRIP, True), (VTT, True), ("A talk at 10:30 --> later.\n", False), ("10:30, 11:00\n", False), ("", False)],
)
def test_captions_are_known_by_what_they_hold(text, told):
    assert is_captions(text) is told


LINES = st.lists(
    st.one_of(
        st.just(""), st.just("00:00:01,000 --> 00:00:02,000"), st.just("7"), st.text(max_size=20), st.just("<v Ann>hm")
    ),
    max_size=25,
)


@given(LINES)
def test_whatever_is_in_the_file_cues_are_slices_in_order(lines):
    try:
        document = read("\n".join(lines))
    except CorpusError:
        return
    end = 0
    for cue in document.cues:
        assert not document.text[end : cue.start].strip()
        assert cue.start < cue.end
        end = cue.end
    assert end == len(document.text)
