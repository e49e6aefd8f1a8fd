"""A corpus in, one table of sources out: file after file, with the texts handed on as they come."""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from topicgpu.config import CorpusSection, IngestSection
from topicgpu.errors import CorpusError
from topicgpu.ingest.catalog import CATALOG, SourceEntry, check_file, read_catalog
from topicgpu.ingest.files import SUFFIXES, list_files, root_of, shown
from topicgpu.ingest.masks import Redaction
from topicgpu.ingest.redact import check_names, check_patterns
from topicgpu.ingest.source import FileRead, read_source
from topicgpu.ingest.workers import read_in_order
from topicgpu.types import Sources, Texts, join_tables

_NOTHING_MASKED = IngestSection()
_BYTES_A_WORKER = 4_000_000  # some seconds of reading; a process takes part of one to start


class Masked(NamedTuple):
    """How much a pattern matched."""

    matches: int
    sources: int


def corpus_files(path: Path) -> list[Path]:
    """
    List the files that decide what `ingest` returns.

    Parameters
    ----------
    path : Path
        Of the corpus: a folder, a file or a pattern.

    Returns
    -------
    list of Path
        The folder's sources.toml, if it has one, then its files, sorted, then those that only sources.toml names: in
        hidden or linked folders.

    Raises
    ------
    CorpusError
        If nothing is there; what is wrong with sources.toml, `ingest` says.
    """
    files, folder = list_files(path), root_of(path)
    if not (folder / CATALOG).is_file():
        return files
    try:
        entries = read_catalog(folder)
    except CorpusError:
        entries = []
    wrong = _misnamed(folder, entries, set(files), keep_going=True)
    named = [folder / entry.file for entry in entries if entry.id not in wrong]
    return list(dict.fromkeys([folder / CATALOG, *files, *named]))


def ingest(
    corpus: CorpusSection,
    left_out: list[dict[str, str]] | None = None,
    keep: Callable[[Iterable[str]], Texts] = tuple,
    section: IngestSection = _NOTHING_MASKED,
    masked: dict[str, Masked] | None = None,
) -> Sources:
    """
    Read the sources of a folder.

    Parameters
    ----------
    corpus : CorpusSection
        Its path: a folder, a file or a pattern, with or without a sources.toml; how many processes read.
    left_out : list of dict or None
        Where given, a file that can't be used is left out, and its `source_id`, `path` and `reason` are added here.
    keep : callable
        Takes the texts one after the other and gives them back by number: `tuple` holds them in memory.
    section : IngestSection
        What is masked in them before they are handed to `keep`.
    masked : dict or None
        Where given, it is told by name of each pattern how much was masked.

    Returns
    -------
    Sources
        In the order of sources.toml, or sorted by file name. Turns and dropped stretches hold every word once.

    Raises
    ------
    CorpusError
        If the folder, an entry of sources.toml or a file can't be used; with `left_out`, if no file can.
    ConfigError
        If a pattern matches an id or a file's name, runs out of time or is not known any more.

    Notes
    -----
    Reads each file once, in time linear in its size. Memory: one file, beside what `keep` holds and the tables. With
    several processes, two files for each; the result is the same. Writes nothing.
    """
    check_patterns(section)
    path = Path(corpus.path)
    files, folder = list_files(path), root_of(path)
    if (folder / CATALOG).is_file():
        entries = read_catalog(folder)
        listed = {entry.file for entry in entries}
        names = [path.relative_to(folder).as_posix() for path in files]
        hide = Redaction(section, CATALOG).mask
        warnings = [f"{hide(name)} is not listed in {CATALOG} and is left out." for name in names if name not in listed]
    else:
        entries, warnings = _entries_of(folder, files), []
    for entry in entries:
        check_names(section, (entry.id, entry.file), of=f"the source {entry.id}")
    failures = _misnamed(folder, entries, set(files), left_out is not None)
    named = [entry for entry in entries if entry.id not in failures]
    read = partial(read_source, folder, corpus, section, left_out is not None)
    tables: list[Sources] = []
    counts = {name: Masked(0, 0) for name in section.redact}
    with read_in_order(read, named, _n_workers(folder, named, corpus.workers)) as results:
        text = keep(_texts(named, results, tables, failures, counts))
    if masked is not None:
        masked |= counts
    if left_out is not None:
        left_out += [
            {"source_id": entry.id, "path": shown(entry.file), "reason": reason}
            for entry in entries
            for reason in failures[entry.id]
        ]
    if not len(text):
        raise CorpusError(
            f"{folder}: none of its {len(entries)} sources can be read; mend them or name another folder."
        )
    sources = join_tables(tables)
    return replace(sources, text=text, warnings=(*warnings, *sources.warnings))


def _misnamed(
    folder: Path, entries: Sequence[SourceEntry], found: set[Path], keep_going: bool
) -> dict[str, tuple[str, ...]]:
    """Say of each source whose file is not there why, before anything is read."""
    failures: dict[str, tuple[str, ...]] = {}
    for entry in entries:
        try:
            if folder / entry.file not in found:
                check_file(folder, entry)
        except CorpusError as error:
            if not keep_going:
                raise
            failures[entry.id] = (str(error),)
    return failures


def _texts(
    entries: Sequence[SourceEntry],
    results: Iterable[FileRead],
    tables: list[Sources],
    failures: dict[str, tuple[str, ...]],
    counts: dict[str, Masked],
) -> Iterator[str]:
    """Part the texts from all else, which is kept."""
    for entry, (sources, failed, masked) in zip(entries, results, strict=True):
        failures[entry.id] = failed
        tables.append(replace(sources, text=("",) * len(sources)))
        for name, n in (item for source in masked for item in source.items()):
            counts[name] = Masked(counts[name].matches + n, counts[name].sources + 1)
        yield from sources.text


def file_id(name: str, whole: bool = False) -> str:
    """
    Make a source's id of its file's name.

    Parameters
    ----------
    name : str
        Relative to the corpus.
    whole : bool
        Whether folders and suffix are part of it, since another file has the same stem.

    Returns
    -------
    str
        Of letters, digits, `_`, `.` and `-`; at most 100.
    """
    return re.sub(r"[^\w.-]+", "-", name if whole else _stem(name)).lstrip("-.")[:100] or "source"


def _stem(name: str) -> str:
    path = Path(name)
    while path.suffix.lower() in SUFFIXES:  # talk.srt.gz is talk
        path = path.with_suffix("")
    return path.name


def _entries_of(folder: Path, files: Sequence[Path]) -> list[SourceEntry]:
    if not files:
        raise CorpusError(f"{folder}: holds no file that is read; put files ending in {', '.join(SUFFIXES)} into it.")
    times = Counter(_stem(path.name) for path in files)
    entries: dict[str, SourceEntry] = {}
    for path in files:
        name = path.relative_to(folder).as_posix()
        source_id = file_id(name, whole=times[_stem(path.name)] > 1)
        if source_id in entries:
            raise CorpusError(
                f"{folder}: {entries[source_id].file} and {name} would both have the id {source_id!r}; "
                f"rename one, or give ids in {CATALOG}."
            )
        entries[source_id] = SourceEntry.model_construct(id=source_id, file=name)
    return list(entries.values())


def _n_workers(folder: Path, entries: Sequence[SourceEntry], wanted: int) -> int:
    """Count the processes: as many as cores where each has enough to read, unless the number is given."""
    sizes = [file.stat().st_size for entry in entries if (file := folder / entry.file).is_file()]
    enough = sum(sizes) // _BYTES_A_WORKER
    return min(wanted or min(_n_cores(), enough), len(entries))


def _n_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
