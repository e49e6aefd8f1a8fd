"""What is kept back before the report or an export sees it: texts, names of speakers, paths of the machine."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from topicgpu.config import name_paths
from topicgpu.report.results import Results
from topicgpu.types import Drift, Segments, Sources, Split

_WORD = re.compile(r"\w+")


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
        withheld = _anonymous(withheld, Speakers(results.sources, results.segments))
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


class Speakers:
    """
    Numbers in place of names.

    Parameters
    ----------
    sources : Sources
        Whose turns say who speaks.
    segments : Segments
        As the sources, of whose speakers some may be known to the segments alone.
    """

    def __init__(self, sources: Sources, segments: Segments) -> None:
        place = {source_id: row for row, source_id in enumerate(sources.source_id)}
        turns = sorted(
            zip(sources.turns.source_id, sources.turns.start_char, sources.turns.speaker, strict=True),
            key=lambda turn: (place[turn[0]], turn[1]),
        )
        named = dict.fromkeys(name for name in (*(turn[2] for turn in turns), *segments.speaker) if name is not None)
        # In the order in which the corpus first has them.
        self.numbers = {name: f"Speaker {number}" for number, name in enumerate(named, start=1)}
        self._by_word: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for name in sorted(named, key=len, reverse=True):
            first = _WORD.search(name)
            if first is not None:
                self._by_word[first[0].casefold()].append((name, first.start()))

    def number(self, name: str) -> str:
        """
        Put a number in place of a name.

        Parameters
        ----------
        name : str
            Of a speaker, or a word for speech of none.

        Returns
        -------
        str
            `Speaker 1` and so on; of none the word as it is.
        """
        return self.numbers.get(name, name)

    def hide(self, text: str) -> str:
        """
        Put numbers in place of the names in a sentence or a title.

        Parameters
        ----------
        text : str
            That the run wrote, not words of a source.

        Returns
        -------
        str
            Without the names, in capitals or not. A name of one word, which may be a word like any other, is replaced
            only where speakers are the matter; no sentence of a run names one elsewhere.
        """
        parts, at = [], 0
        of_speakers = "speaker" in text.casefold()
        for word in _WORD.finditer(text):
            if word.start() < at:
                continue
            for name, lead in self._by_word.get(word[0].casefold(), ()):
                start = word.start() - lead
                end = start + len(name)
                whole = start >= at and text[start:end].casefold() == name.casefold() and _ends(text, end)
                if whole and (of_speakers or len(_WORD.findall(name)) > 1):
                    parts += [text[at:start], self.numbers[name]]
                    at = end
                    break
        return "".join([*parts, text[at:]])


def _ends(text: str, end: int) -> bool:
    return end == len(text) or not (text[end - 1].isalnum() and text[end].isalnum())


def _anonymous(results: Results, speakers: Speakers) -> Results:
    sources, segments, hide = results.sources, results.segments, speakers.hide
    return replace(
        results,
        manifest=_told(results.manifest, speakers),
        sources=replace(
            sources,
            title=_each(hide, sources.title),
            series=_each(hide, sources.series),
            origin=_each(hide, sources.origin),
            warnings=_each(hide, sources.warnings),
            turns=replace(sources.turns, speaker=_each(speakers.number, sources.turns.speaker)),
        ),
        segments=_of(segments, replace(segments, speaker=_each(speakers.number, segments.speaker))),
        drift=None
        if results.drift is None
        else _anonymous_drift(results.drift, speakers, results.config.drift.unit == "series"),
    )


def _told(manifest: Mapping[str, Any], speakers: Speakers) -> dict[str, Any]:
    def hide(value: Any) -> Any:
        if isinstance(value, str):
            return speakers.hide(value)
        if isinstance(value, dict):
            return {name: hide(inner) for name, inner in value.items()}
        return [hide(inner) for inner in value] if isinstance(value, list | tuple) else value

    shown = ("warnings", "left_out", "stages")
    return {name: hide(value) if name in shown else value for name, value in manifest.items()}


def _anonymous_drift(drift: Drift, speakers: Speakers, by_series: bool) -> Drift:
    hide, table = speakers.hide, drift.prevalence
    keys = zip(table.level, table.key, strict=True)

    def units(ids: Iterable[Any]) -> tuple[Any, ...]:
        """Ids of sources stay, since other tables have them; a series is hidden as it is there."""
        return _each(hide, ids) if by_series else tuple(ids)

    return replace(
        drift,
        prevalence=replace(
            table, key=tuple(speakers.number(key) if level == "speaker" else key for level, key in keys)
        ),
        changes=replace(drift.changes, why=_each(hide, drift.changes.why), rests_on=units(drift.changes.rests_on)),
        terms=replace(drift.terms, only_in=units(drift.terms.only_in)),
        findings=tuple(
            replace(
                finding,
                sentence=hide(finding.sentence),
                headline=hide(finding.headline),
                rests_on=units(finding.rests_on),
                also_changes=_each(hide, finding.also_changes),
            )
            for finding in drift.findings
        ),
        splits=tuple(_anonymous_split(split, speakers) for split in drift.splits),
        undecided=_each(hide, drift.undecided),
        instruments=_each(hide, drift.instruments),
        gates=tuple(replace(gate, reason=hide(gate.reason)) for gate in drift.gates),
    )


def _anonymous_split(split: Split, speakers: Speakers) -> Split:
    change = speakers.number if split.by == "speaker" else speakers.hide
    return replace(split, only_from=_each(change, split.only_from), only_to=_each(change, split.only_to))


def _each(change: Callable[[str], str], values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(None if value is None else change(value) for value in values)


def _of(original: Segments, withheld: Segments) -> Segments:
    """Themes and vectors are those of the original rows, so that the rows keep their fingerprint."""
    vars(withheld)["fingerprint"] = original.fingerprint
    return withheld
