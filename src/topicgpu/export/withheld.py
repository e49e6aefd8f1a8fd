"""What an export leaves out: text where `report.text` is false, names where `report.speakers` is anonymous."""

from collections.abc import Mapping
from typing import Any

from topicgpu.report import Results
from topicgpu.report.withheld import Speakers

_SENTENCES = ("sentence", "headline", "also_changes", "gate", "reason", "why", "title", "series", "origin")


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
    return kept if report.speakers == "named" else _anonymous(kept, Speakers(results.sources, results.segments))


def _anonymous(columns: dict[str, Any], speakers: Speakers) -> dict[str, Any]:
    changed, numbers = dict(columns), speakers.numbers
    if "speaker" in columns:
        changed["speaker"] = [numbers.get(name, name) for name in columns["speaker"]]
    if "level" in columns and "key" in columns:
        pairs = zip(columns["level"], columns["key"], strict=True)
        changed["key"] = [numbers.get(key, key) if level == "speaker" else key for level, key in pairs]
    if "by" in columns:
        for name in ("only_from", "only_to"):
            pairs = zip(columns["by"], columns[name], strict=True)
            changed[name] = [[numbers.get(k, k) for k in kinds] if by == "speaker" else kinds for by, kinds in pairs]
    for name in _SENTENCES:
        if name in columns:
            changed[name] = [_hidden(value, speakers) for value in columns[name]]
    return changed


def _hidden(value: Any, speakers: Speakers) -> Any:
    if isinstance(value, str):
        return speakers.hide(value)
    return [_hidden(inner, speakers) for inner in value] if isinstance(value, list | tuple) else value
