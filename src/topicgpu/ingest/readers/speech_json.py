"""Transcripts as JSON: Whisper, WhisperX, diarised segments, utterances, caption events."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from topicgpu.errors import CorpusError
from topicgpu.ingest.documents import Document, Spoken, join_cues
from topicgpu.ingest.readers.json_text import parse_json
from topicgpu.ops.words import count_words

# Where the segments are, and how their parts are called, by the tools that write such files.
_LISTS = (
    "segments",
    "utterances",
    "transcript",
    "captions",
    "cues",
    "events",
    "results",
    "turns",
    "paragraphs",
    "data",
)
_TEXTS = ("text", "transcript", "content", "caption", "utterance", "body", "segs")
_SPEAKERS = ("speaker", "speaker_label", "speakerName", "speaker_name", "name", "channel")
_STARTS, _ENDS = ("start", "start_time", "begin", "from"), ("end", "end_time", "stop", "to")
_DEPTH = 3
# Talk has two or three words a second: fewer than one in twenty seconds are a thousand times too few.
_MIN_WORDS_A_SECOND, _MIN_WORDS = 0.05, 50


def read_speech_json(text: str) -> Document:
    """
    Read a JSON transcript.

    Parameters
    ----------
    text : str
        Decoded file.

    Returns
    -------
    Document
        A line a segment, with the JSON pointer to it, its speaker and its times in seconds where they are given.

    Raises
    ------
    CorpusError
        If the file is not JSON, or holds no list of segments with text.

    Notes
    -----
    Whisper's list of words beside the segments is not read: it says the same again. Times are taken as milliseconds,
    with a warning, where all are whole numbers and in seconds there would be under three words a minute.
    """
    data = parse_json(text)
    found = next(_segment_lists(data, "", _DEPTH), None)
    if found is None:
        raise CorpusError(
            f"holds no list of segments with text; known are {', '.join(_LISTS)} with {', '.join(_TEXTS[:3])}."
        )
    pointer, segments = found
    a_second = 1000 if _in_milliseconds([item for item in segments if isinstance(item, dict)]) else 1
    joined, cues = join_cues(
        Spoken(_text_of(item) or "", f"{pointer}/{number}", _speaker(item), *_times(item, a_second))
        for number, item in enumerate(segments)
        if isinstance(item, dict)
    )
    if not cues:
        raise CorpusError(f"its segments ({pointer or '/'}) hold no words; check that the file is whole.")
    language = data.get("language") if isinstance(data, dict) else None
    title = data.get("title") if isinstance(data, dict) else None
    return Document(
        joined,
        cues,
        title=title if isinstance(title, str) else None,
        language=language if isinstance(language, str) else None,
        warnings=tuple(_doubts(pointer, segments, a_second)),
    )


def _in_milliseconds(segments: Sequence[Mapping[str, Any]]) -> bool:
    spans = [(_number(item, _STARTS), _number(item, _ENDS)) for item in segments]
    times = [time for span in spans for time in span if time is not None]
    if not times or not all(time.is_integer() for time in times):
        return False
    # What is silent between segments is no slow speech; without ends it can't be told.
    seconds = sum(end - start for start, end in spans if start is not None and end is not None and end > start)
    n_words = sum(count_words(_text_of(item) or "") for item in segments)
    return n_words >= _MIN_WORDS and n_words < _MIN_WORDS_A_SECOND * (seconds or max(times) - min(times))


def _doubts(pointer: str, segments: Sequence[Any], a_second: int) -> Iterator[str]:
    if a_second != 1:
        yield f"{pointer}: its times are taken as milliseconds; as seconds, there would be under three words a minute."
    silent = [number for number, item in enumerate(segments) if _is_silent(item)]
    if silent:
        yield f"{pointer}/{silent[0]} has no text under a known name and is not read ({len(silent)} such in all)."
    odd = [number for number, item in enumerate(segments) if isinstance(item, dict) and _is_mistimed(item)]
    if odd:
        yield f"{pointer}/{odd[0]} has times that are none, or run backwards: left out ({len(odd)} such in all)."


def _is_silent(item: Any) -> bool:
    if isinstance(item, dict):
        return _text_of(item) is None and any(isinstance(value, str) for value in item.values())
    return isinstance(item, str)


def _is_mistimed(item: Mapping[str, Any]) -> bool:
    given = ((_STARTS, 0), (_ENDS, 1))
    return any(_times(item)[i] is None and any(item.get(name) is not None for name in names) for names, i in given)


def _segment_lists(data: Any, pointer: str, depth: int) -> Iterator[tuple[str, Sequence[Any]]]:
    if isinstance(data, list) and any(isinstance(item, dict) and (_text_of(item) or "").strip() for item in data):
        yield pointer, data
    elif isinstance(data, dict) and depth:
        for name in _LISTS:
            if name in data:
                yield from _segment_lists(data[name], f"{pointer}/{name}", depth - 1)


def _text_of(item: Mapping[str, Any]) -> str | None:
    for name in _TEXTS:
        value = item.get(name)
        if isinstance(value, str):
            return value
        if isinstance(value, list) and name == "segs":  # caption events hold their words in pieces
            pieces = (part.get("utf8") for part in value if isinstance(part, dict))
            return "".join(piece for piece in pieces if isinstance(piece, str))
    return None


def _speaker(item: Mapping[str, Any]) -> str | None:
    for name in _SPEAKERS:
        value = item.get(name)
        if isinstance(value, dict):
            value = value.get("name")
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    return None


def _times(item: Mapping[str, Any], a_second: int = 1) -> tuple[float | None, float | None]:
    start, end = _number(item, _STARTS), _number(item, _ENDS)
    start, end = start and start / a_second, end and end / a_second
    milliseconds, duration = _number(item, ("tStartMs",)), _number(item, ("dDurationMs",))
    if start is None and milliseconds is not None:
        start = milliseconds / 1000
        end = None if duration is None else (milliseconds + duration) / 1000
    return start, None if start is not None and end is not None and end < start else end


def _number(item: Mapping[str, Any], names: Sequence[str]) -> float | None:
    for name in names:
        value = item.get(name)
        if isinstance(value, int | float | str) and not isinstance(value, bool):
            try:
                number = float(value)
            except (ValueError, OverflowError):
                continue
            if math.isfinite(number) and number >= 0:
                return number
    return None
