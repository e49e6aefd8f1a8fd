"""What is masked of a source before it is stored, and what must not be: the names by which tables know it."""

import hashlib
from bisect import bisect_left
from collections.abc import Iterable
from typing import Any

from topicgpu.config import IngestSection, is_sealed
from topicgpu.errors import ConfigError
from topicgpu.ingest.catalog import SourceEntry
from topicgpu.ingest.documents import Document
from topicgpu.ingest.files import shown
from topicgpu.ingest.masks import Redaction
from topicgpu.ingest.sweep import Drop, Reading
from topicgpu.ops.words import count_words


def check_patterns(section: IngestSection) -> None:
    """
    Raise unless every pattern is known.

    Parameters
    ----------
    section : IngestSection
        As the configuration gives it, or as a run folder keeps it.

    Raises
    ------
    ConfigError
        If a pattern was read from a run folder, which keeps its hash alone.
    """
    for name, pattern in section.redact.items():
        if is_sealed(pattern):
            raise ConfigError(
                f"ingest.redact: a run folder does not keep the pattern {name!r}, so its sources can't be read again "
                "from it; run its configuration: topicgpu run CONFIG --out RUN."
            )


def check_names(section: IngestSection, names: Iterable[str], of: str) -> None:
    """
    Raise where a pattern matches what stands in every table.

    Parameters
    ----------
    section : IngestSection
        With the patterns.
    names : iterable of str
        Ids, names of files, parts of a file.
    of : str
        What they are names of.

    Raises
    ------
    ConfigError
        If one matches: masked it would tell no source from another, and left as it is it would be stored.
    """
    redaction = Redaction(section, of)
    for name in names:
        redaction.mask(name)
        if redaction.matches:
            raise ConfigError(
                f"ingest.redact: the pattern {next(iter(redaction.matches))!r} matches {shown(name)!r}, by which {of} "
                "goes in every table; rename the file or the part, or give an id and a file in sources.toml that it "
                "does not match."
            )


def redact(
    entry: SourceEntry, document: Document, reading: Reading, redaction: Redaction
) -> tuple[SourceEntry, Document, Reading]:
    """
    Mask everything of a source that would be stored.

    Parameters
    ----------
    entry : SourceEntry
        What sources.toml says of it.
    document : Document
        What its file says.
    reading : Reading
        Turns and dropped stretches, found in the text as it was.
    redaction : Redaction
        The patterns, fresh for this source.

    Returns
    -------
    entry, document, reading
        Masked. The hash is that of the masked text, since one of the file's bytes would let a masked number be found by
        trying all. A turn without a word left is dropped as `masked`.

    Raises
    ------
    ConfigError
        If a pattern runs out of time, or matches between characters.
    """
    text = redaction.mask_text(document.text)
    _hide_masked_labels(reading, document.text, redaction)

    def mask(words: str | None) -> str | None:
        return None if words is None else redaction.mask(words)

    turns, dropped = [], list(reading.dropped)
    for turn in reading.turns:
        if redaction.touches(turn.start, turn.end) and not count_words(text[turn.start : turn.end]):
            dropped.append(Drop(turn.start, turn.end, "masked"))
        else:
            locator = None if turn.locator is None else redaction.mask_alone(turn.locator)
            turns.append(turn._replace(speaker=mask(turn.speaker), locator=locator))
    told: dict[str, Any] = {name: mask(getattr(entry, name)) for name in ("title", "genre", "form", "series", "origin")}
    return (
        entry.model_copy(update=told),
        document._replace(
            text=text,
            title=mask(document.title),
            warnings=tuple(map(redaction.mask, document.warnings)),
            sha256=hashlib.sha256(text.encode()).hexdigest(),
        ),
        reading._replace(turns=turns, dropped=sorted(dropped), title=mask(reading.title)),
    )


def _hide_masked_labels(reading: Reading, text: str, redaction: Redaction) -> None:
    """Mask speakers as their labels: a pattern may match one with its colon, and not the name without."""
    labels = [drop for drop in reading.dropped if drop.reason == "speaker label"]
    starts = [turn.start for turn in reading.turns]
    for number, label in enumerate(labels):
        if not redaction.touches(label.start, label.end):
            continue
        at = bisect_left(starts, label.end)
        end = labels[number + 1].start if number + 1 < len(labels) else len(text)
        speaker = reading.turns[at].speaker if at < len(starts) and starts[at] < end else None
        if speaker is not None:
            redaction.mask_label(speaker, label.start, label.end)
