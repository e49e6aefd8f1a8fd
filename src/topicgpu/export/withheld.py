"""What an export leaves out: text where `report.text` is false, names where `report.speakers` is anonymous."""

import re
from collections.abc import Mapping
from typing import Any

from topicgpu.report import Results


def withhold(columns: Mapping[str, Any], results: Results) -> dict[str, Any]:
    """
    Leave out of a table what the configuration keeps back.

    Parameters
    ----------
    columns : mapping
        Name to values.
    results : Results
        Of the run.

    Returns
    -------
    dict
        Name to values: no `text` where there is to be none, and speakers as numbers where they are anonymous.
    """
    report = results.config.report
    kept = {name: values for name, values in columns.items() if report.text or name != "text"}
    return kept if report.speakers == "named" else _anonymous(kept, speaker_numbers(results))


def speaker_numbers(results: Results) -> dict[str, str]:
    """
    Give every speaker a number that stands for the same one everywhere.

    Parameters
    ----------
    results : Results
        Of the run.

    Returns
    -------
    dict
        Name to `Speaker N`, in the order in which they first speak.
    """
    names = dict.fromkeys(name for name in (*results.sources.turns.speaker, *results.segments.speaker) if name)
    return {name: f"Speaker {number}" for number, name in enumerate(names, start=1)}


def _anonymous(columns: dict[str, Any], numbers: Mapping[str, str]) -> dict[str, Any]:
    changed = dict(columns)
    if "speaker" in columns:
        changed["speaker"] = [numbers.get(name, name) for name in columns["speaker"]]
    if "level" in columns and "key" in columns:
        pairs = zip(columns["level"], columns["key"], strict=True)
        changed["key"] = [numbers.get(key, key) if level == "speaker" else key for level, key in pairs]
    if "by" in columns:
        for name in ("only_from", "only_to"):
            pairs = zip(columns["by"], columns[name], strict=True)
            changed[name] = [[numbers.get(k, k) for k in kinds] if by == "speaker" else kinds for by, kinds in pairs]
    if "sentence" in columns and numbers:
        longest_first = sorted(numbers, key=len, reverse=True)
        name_of = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
        changed["sentence"] = [name_of.sub(lambda m: numbers[m[0]], text) for text in columns["sentence"]]
    return changed
