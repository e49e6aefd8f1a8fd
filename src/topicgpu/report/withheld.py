"""What is kept back before the report or an export sees it: texts, names of speakers, paths of the machine."""

from collections.abc import Callable, Collection, Mapping
from copy import deepcopy
from dataclasses import fields, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, TypeVar

from topicgpu.config import Config, name_paths
from topicgpu.report.results import Results
from topicgpu.report.speakers import Speakers
from topicgpu.types import Drift, Segments

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

# Sentences that a run writes, and what a corpus says of its sources: names may stand in them.
_SENTENCES = (
    *("sentence", "headline", "also_changes", "gate", "reason", "why", "undecided", "instruments", "warnings"),
    *("title", "series", "origin"),
)
_TOLD = ("warnings", "left_out", "stages")  # of the manifest
T = TypeVar("T", bound="DataclassInstance")


def withhold(results: Results) -> Results:
    """
    Keep back what the configuration says, and paths of the machine in any case.

    Parameters
    ----------
    results : Results
        Of the run.

    Returns
    -------
    Results
        The same rows. With `report.text = false` every text is empty; with `report.speakers = "anonymous"` speakers are
        numbers wherever they are named. Words that stay: titles, keywords, terms and names of discovered themes.

    Notes
    -----
    Linear in the segments and in the text of sentences.
    """
    config = results.config.report
    settings = {"config": results.config.model_dump(mode="json", by_alias=True)}  # where the manifest has none
    withheld = replace(results, manifest=without_paths(settings | dict(results.manifest)))
    if config.speakers == "anonymous":
        withheld = _anonymous(withheld)
    if not config.text:
        withheld = replace(
            withheld,
            sources=replace(withheld.sources, text=("",) * len(withheld.sources)),
            segments=_of(results.segments, replace(withheld.segments, text=("",) * len(withheld.segments))),
        )
    return withheld


def without_paths(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """
    Call every file and folder of a manifest by its own name alone.

    Parameters
    ----------
    manifest : mapping
        Of a run folder, whose paths are seen from there.

    Returns
    -------
    dict
        The same without a path.
    """
    shown = deepcopy(dict(manifest))
    if "config" in shown:
        name_paths(shown["config"])
        masks = shown["config"].get("ingest", {})
        masks |= {"redact": dict.fromkeys(masks.get("redact", ()), "not shown")}  # even hashed it can be guessed at
    if shown.get("config_path"):
        shown["config_path"] = PurePath(shown["config_path"]).name
    if shown.get("theme_ids", {}).get("update"):
        shown["theme_ids"]["update"] = PurePath(shown["theme_ids"]["update"]).name
    shown.get("stages", {}).get("themes", {}).get("facts", {}).pop("theme_ids", None)
    for stage in shown.get("stages", {}).values():
        stage.pop("settings", None)  # the configuration once more, as text
    return shown


def withhold_columns(columns: Mapping[str, Any], results: Results) -> dict[str, Any]:
    """
    Keep back of a table what the configuration says.

    Parameters
    ----------
    columns : mapping
        Name to values.
    results : Results
        Of the run, nothing of it withheld.

    Returns
    -------
    dict
        Name to values: no `text` where there is to be none, and speakers as numbers where they are anonymous.
    """
    config = results.config
    kept = {name: values for name, values in columns.items() if config.report.text or name != "text"}
    if config.report.speakers == "named":
        return kept
    return kept | _hidden(kept, Speakers(results.sources, results.segments), _worded(config))


def _worded(config: Config) -> Collection[str]:
    """Ids of sources stay, since other tables have them; a series is hidden as it is there."""
    return (*_SENTENCES, "rests_on", "only_in") if config.drift.unit == "series" else _SENTENCES


def _hidden(columns: Mapping[str, Any], speakers: Speakers, worded: Collection[str]) -> dict[str, Any]:
    """Give the columns in which speakers are named, by name of column: tables, records and exports have the same."""
    changed: dict[str, Any] = {}
    if "speaker" in columns:
        changed["speaker"] = _each(speakers.number, columns["speaker"])
    if "level" in columns and "key" in columns:
        pairs = zip(columns["level"], columns["key"], strict=True)
        changed["key"] = tuple(speakers.number(key) if level == "speaker" else key for level, key in pairs)
    for name in ("only_from", "only_to") if "by" in columns else ():
        pairs = zip(columns["by"], columns[name], strict=True)
        changed[name] = tuple(
            _each(speakers.number if by == "speaker" else speakers.hide, kinds) for by, kinds in pairs
        )
    return changed | {name: _each(speakers.hide, columns[name]) for name in worded if name in columns}


def _anonymous(results: Results) -> Results:
    speakers, worded = Speakers(results.sources, results.segments), _worded(results.config)

    def table(of: T) -> T:
        return replace(of, **_hidden(_columns(of), speakers, worded))

    def records(of: tuple[T, ...]) -> tuple[T, ...]:
        rows = [_hidden({name: [value] for name, value in _columns(one).items()}, speakers, worded) for one in of]
        return tuple(
            replace(one, **{name: value[0] for name, value in row.items()}) for one, row in zip(of, rows, strict=True)
        )

    def drift(of: Drift) -> Drift:
        return replace(
            table(of),
            prevalence=table(of.prevalence),
            changes=table(of.changes),
            terms=table(of.terms),
            findings=records(of.findings),
            splits=records(of.splits),
            gates=records(of.gates),
        )

    told = {name: _each(speakers.hide, results.manifest[name]) for name in _TOLD if name in results.manifest}
    return replace(
        results,
        manifest={**results.manifest, **told},
        sources=replace(table(results.sources), turns=table(results.sources.turns)),
        segments=_of(results.segments, table(results.segments)),
        drift=None if results.drift is None else drift(results.drift),
    )


def _columns(of: Any) -> dict[str, Any]:
    return {column.name: getattr(of, column.name) for column in fields(of)}


def _each(change: Callable[[str], str], value: Any) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: _each(change, inner) for name, inner in value.items()}
    return tuple(_each(change, inner) for inner in value) if isinstance(value, list | tuple) else value


def _of(original: Segments, withheld: Segments) -> Segments:
    """Themes and vectors are those of the original rows, so that the rows keep their fingerprint."""
    vars(withheld)["fingerprint"] = original.fingerprint
    return withheld
