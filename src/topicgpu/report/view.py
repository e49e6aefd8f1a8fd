"""Results in, a plain dictionary of what the report shows out. Charts and templates only lay out what stands in it."""

from collections import Counter
from collections.abc import Collection
from typing import Any

from topicgpu.errors import ConfigError
from topicgpu.report.context import Context
from topicgpu.report.glance import glance
from topicgpu.report.quotes import is_digest
from topicgpu.report.results import Results
from topicgpu.report.sections import SECTIONS, Section
from topicgpu.report.source_rows import repeat_lines
from topicgpu.report.wording import counted, readable_date


def drawn_sections(results: Results, wanted: Collection[str] | None = None) -> list[Section]:
    """
    Choose the sections whose tables are there.

    Parameters
    ----------
    results : Results
        As far as the run went.
    wanted : collection of str, optional
        Names of sections; all where not given.

    Returns
    -------
    list of Section
        In the order of the page.

    Raises
    ------
    ConfigError
        If a wanted section does not exist, or the run has not what it shows.
    """
    names = [section.name for section in SECTIONS]
    there = [section for section in SECTIONS if section.needs(results)]
    if wanted is None:
        return there
    for name in wanted:
        if name not in names:
            raise ConfigError(f"sections: there is no section {name!r}; the sections are {', '.join(names)}.")
        if name not in [section.name for section in there]:
            if name == "segments":
                raise ConfigError(
                    "sections: 'segments' needs scripts, and report.interactive is false; set it to true."
                )
            raise ConfigError(f"sections: the run has not got what {name!r} shows; compute the later stages first.")
    return [section for section in there if section.name in wanted]


def head_view(context: Context) -> dict[str, Any]:
    """
    Gather what stands above the sections.

    Parameters
    ----------
    context : Context
        Of the run.

    Returns
    -------
    dict
        title, corpus, glance, failed (gates), and version.
    """
    results = context.results
    return {
        "title": results.config.report.title or str(results.manifest["name"]),
        "corpus": _corpus(context),
        "glance": glance(context),
        "failed": [gate.gate for gate in results.drift.gates if gate.outcome == "failed"] if results.drift else [],
        "version": results.manifest.get("topicgpu_version"),
    }


def _corpus(context: Context) -> dict[str, Any]:
    sources, segments = context.sources, context.segments
    pairs = zip(sources.date_start, sources.date_end, strict=True)
    dated = [(start, end) for start, end in pairs if start is not None and end is not None]
    span = (
        [readable_date(*min(dated)), readable_date(*max(dated, key=lambda pair: (pair[1], pair[0])))] if dated else []
    )
    genres = Counter(genre for genre in sources.genre if genre)
    digests = sum(map(is_digest, sources.form, sources.genre))
    return {
        "sources": counted(len(sources), "source"),
        "words": counted(int(segments.n_words.sum()), "word"),
        "segments": counted(len(segments), "segment"),
        "dates": " to ".join(dict.fromkeys(span)) or "no dates",
        "undated": sum(row["days"] is None for row in context.rows),
        "kinds": [f"{genre} ({n})" if n > 1 else genre for genre, n in genres.items()],
        "repeats": repeat_lines(segments, context.results.repeats),
        "digests": digests,
        "all_digests": digests == len(sources) > 0,
    }
