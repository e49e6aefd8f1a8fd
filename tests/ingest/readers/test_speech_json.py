"""JSON transcripts of several tools: segments, speakers, times; and one sentence for what is none."""

import json

import pytest

from topicgpu.errors import CorpusError
from topicgpu.ingest.readers.speech_json import read_speech_json


def read(data):
    text = data if isinstance(data, str) else json.dumps(data)
    return read_speech_json(text)


WHISPER = {
    "text": "We bake. We sell.",
    "language": "en",
    "segments": [
        {"id": 0, "start": 0.0, "end": 2.5, "text": " We bake.", "words": [{"word": "We", "start": 0.0, "end": 0.2}]},
        {"id": 1, "start": 2.5, "end": 4, "text": " We sell.", "speaker": "SPEAKER_01"},
        {"id": 2, "start": 4, "end": 5, "text": "  "},
    ],
}


def test_whisper_segments_with_times_speakers_and_language():
    document = read(WHISPER)
    assert document.text == "We bake.\nWe sell."
    assert [cue.locator for cue in document.cues] == ["/segments/0", "/segments/1"]
    assert [(cue.start_s, cue.end_s, cue.speaker) for cue in document.cues] == [(0, 2.5, None), (2.5, 4, "SPEAKER_01")]
    assert document.language == "en"


@pytest.mark.parametrize(
    ("data", "locator"),
    [
        ([{"speaker": "Ann", "text": "Bread."}], "/0"),
        ({"utterances": [{"speaker": "Ann", "transcript": "Bread.", "start": 1}]}, "/utterances/0"),
        ({"results": {"utterances": [{"speaker": {"name": "Ann"}, "content": "Bread."}]}}, "/results/utterances/0"),
    ],
)
def test_other_shapes(data, locator):
    document = read(data)
    (cue,) = document.cues
    assert (document.text, cue.speaker, cue.locator) == ("Bread.", "Ann", locator)


def test_caption_events_hold_words_in_pieces_and_times_in_milliseconds():
    event = {"tStartMs": 1500, "dDurationMs": 500, "segs": [{"utf8": "Warm "}, {"utf8": None}, {"utf8": "bread"}]}
    document = read({"events": [{"tStartMs": 0}, event]})
    (cue,) = document.cues
    assert (document.text, cue.start_s, cue.end_s, cue.locator) == ("Warm bread", 1.5, 2.0, "/events/1")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (json.dumps(WHISPER)[:90], "line 1, column 91: is not valid JSON"),
        ('{"a": 1}', "holds no list of segments with text; known are segments, utterances"),
        ("[1, 2]", "holds no list of segments with text"),
        ("[" * 100_000, "is nested too deeply"),
    ],
)
def test_what_is_no_transcript_is_one_sentence(text, sentence):
    with pytest.raises(CorpusError) as caught:
        read(text)
    assert sentence in str(caught.value)


def test_times_may_be_written_as_text_and_are_left_out_where_they_are_none():
    document = read('[{"text": "a", "start": "1.5", "end": "soon"}, {"text": "b", "start": Infinity, "end": true}]')
    assert [(cue.start_s, cue.end_s) for cue in document.cues] == [(1.5, None), (None, None)]
    assert document.warnings == ("/0 has times that are none, or run backwards: left out (2 such in all).",)


@pytest.mark.parametrize(
    ("start", "end", "read_as"),
    [(-1, 2, (None, 2)), (float("nan"), 2, (None, 2)), (3, 2, (3, None)), (10**400, 1, (None, 1)), (1, 2, (1, 2))],
)
def test_times_that_are_none_or_run_backwards_are_left_out(start, end, read_as):
    (cue,) = read([{"text": "a", "start": start, "end": end}]).cues
    assert (cue.start_s, cue.end_s) == read_as


def test_what_has_no_text_under_a_known_name_is_counted_in_a_warning():
    document = read([{"text": "a"}, {"words": "b"}, "c", {"text": ""}, {"id": 4}])
    assert document.warnings == ("/1 has no text under a known name and is not read (2 such in all).",)


def utterances(unit, gap=0, n=12, ends=True):
    """Five words in two units each, with a gap after each."""
    starts = [number * (2 * unit + gap) for number in range(n)]
    return [
        {"speaker": "A", "text": "We bake and then sell.", "start": start} | ({"end": start + 2 * unit} if ends else {})
        for start in starts
    ]


@pytest.mark.parametrize("ends", [True, False])
def test_whole_times_of_talk_a_thousand_times_too_slow_are_milliseconds(ends):
    document = read({"utterances": utterances(1000, ends=ends)})
    assert [cue.start_s for cue in document.cues] == [2 * number for number in range(12)]
    assert [cue.end_s for cue in document.cues] == [2 * number + 2 if ends else None for number in range(12)]
    assert len(document.warnings) == 1
    assert document.warnings[0].startswith("/utterances: its times are taken as milliseconds")


@pytest.mark.parametrize(
    "segments",
    [
        utterances(1),
        utterances(1, gap=600),  # silence for minutes
        utterances(1000, n=9),  # too few words to tell
        utterances(1000.25),
        [{"tStartMs": 600_000 * n, "dDurationMs": 600_000, "text": "We bake and then sell."} for n in range(12)],
    ],
    ids=["dense", "silent between", "few words", "fractions", "named milliseconds"],
)
def test_other_times_stay_as_they_are(segments):
    document = read({"utterances": segments})
    assert document.warnings == ()
    assert document.cues[1].start_s == segments[1].get("start", 600)
