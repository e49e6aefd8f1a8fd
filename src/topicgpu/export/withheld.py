"""What an export leaves out: text where `report.text` is false, names where `report.speakers` is anonymous."""

from collections.abc import Callable, Collection, Mapping
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
    config = results.config
    kept = {name: values for name, values in columns.items() if config.report.text or name != "text"}
    if config.report.speakers == "named":
        return kept
    # Ids of sources stay, since other tables have them; a series is hidden as it is there.
    worded = (*_SENTENCES, "rests_on", "only_in") if config.drift.unit == "series" else _SENTENCES
    return _anonymous(kept, Speakers(results.sources, results.segments), worded)


def _anonymous(columns: dict[str, Any], speakers: Speakers, worded: Collection[str]) -> dict[str, Any]:
    changed = dict(columns)
    if "speaker" in columns:
        changed["speaker"] = [_each(speakers.number, name) for name in columns["speaker"]]
    if "level" in columns and "key" in columns:
        pairs = zip(columns["level"], columns["key"], strict=True)
        changed["key"] = [speakers.number(key) if level == "speaker" else key for level, key in pairs]
    for name in ("only_from", "only_to") if "by" in columns else ():
        pairs = zip(columns["by"], columns[name], strict=True)
        changed[name] = [_each(speakers.number if by == "speaker" else speakers.hide, kinds) for by, kinds in pairs]
    for name in worded:
        if name in columns:
            changed[name] = [_each(speakers.hide, value) for value in columns[name]]
    return changed


def _each(change: Callable[[str], str], value: Any) -> Any:
    if isinstance(value, str):
        return change(value)
    return [_each(change, inner) for inner in value] if isinstance(value, list | tuple) else value
