"""Transcripts as JSON: Whisper, WhisperX, diarised segments, utterances, caption events."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from topicgpu.errors import CorpusError
from topicgpu.ingest.documents import Document, Spoken, join_cues
from topicgpu.ingest.readers.json_text import parse_json

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
    Whisper's list of words beside the segments is not read: it says the same again.
    """
    data = parse_json(text)
    found = next(_segment_lists(data, "", _DEPTH), None)
    if found is None:
        raise CorpusError(
            f"holds no list of segments with text; known are {', '.join(_LISTS)} with {', '.join(_TEXTS[:3])}."
        )
    pointer, segments = found
    joined, cues = join_cues(
        Spoken(_text_of(item), f"{pointer}/{number}", _speaker(item), *_times(item))
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
        language=language if isinstance(language, str) and len(language) in (2, 3) else None,
    )


def _segment_lists(data: Any, pointer: str, depth: int) -> Iterator[tuple[str, Sequence[Any]]]:
    if isinstance(data, list) and any(isinstance(item, dict) and _text_of(item).strip() for item in data):
        yield pointer, data
    elif isinstance(data, dict) and depth:
        for name in _LISTS:
            if name in data:
                yield from _segment_lists(data[name], f"{pointer}/{name}", depth - 1)


def _text_of(item: Mapping[str, Any]) -> str:
    for name in _TEXTS:
        value = item.get(name)
        if isinstance(value, str):
            return value
        if isinstance(value, list) and name == "segs":  # caption events hold their words in pieces
            return "".join(str(part.get("utf8", "")) for part in value if isinstance(part, dict))
    return ""


def _speaker(item: Mapping[str, Any]) -> str | None:
    for name in _SPEAKERS:
        value = item.get(name)
        if isinstance(value, dict):
            value = value.get("name")
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    return None


def _times(item: Mapping[str, Any]) -> tuple[float | None, float | None]:
    start, end = _number(item, _STARTS), _number(item, _ENDS)
    milliseconds, duration = _number(item, ("tStartMs",)), _number(item, ("dDurationMs",))
    if start is None and milliseconds is not None:
        start = milliseconds / 1000
        end = None if duration is None else (milliseconds + duration) / 1000
    return start, end


def _number(item: Mapping[str, Any], names: Sequence[str]) -> float | None:
    for name in names:
        value = item.get(name)
        if isinstance(value, int | float | str) and not isinstance(value, bool):
            try:
                number = float(value)
            except (ValueError, OverflowError):
                continue
            if math.isfinite(number):
                return number
    return None
