"""`topicgpu init`: a commented configuration, and a sources.toml of what a folder holds."""

import json
from collections import Counter
from pathlib import Path

from topicgpu.config import Config, CorpusSection, Section, load_config
from topicgpu.errors import ConfigError
from topicgpu.ingest import file_id, ingest
from topicgpu.store import write_text
from topicgpu.types import Sources

_GUIDED = """
# A theme is its definition and a few phrases that sound like talk about it. Take the marks off and write your own.
# [[themes.guided]]
# id = "energy"
# name = "Energy"
# description = "electric power, how it is made and what it costs"
# seeds = ["power plants and the grid", "the price of electricity"]
# not = ["a person's energy and enthusiasm"]
"""


def scaffold(folder: Path) -> list[Path]:
    """
    Write topicgpu.toml, and sources.toml where there is none, into a folder of sources.

    Parameters
    ----------
    folder : Path
        Holds the sources.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    ConfigError
        If topicgpu.toml is there already: nothing is overwritten.
    CorpusError
        If the sources can't be read.
    """
    config, catalog = folder / "topicgpu.toml", folder / "sources.toml"
    if config.exists():
        raise ConfigError(f"{config}: is there already; move it away to have a new one written.")
    sources = ingest(CorpusSection(path=folder), keep=lambda texts: tuple("" for _ in texts))
    written = []
    if not catalog.exists():
        write_text(catalog, _catalog_text(sources))
        written.append(catalog)
    write_text(config, _config_text(folder))
    return [*written, config]


def _catalog_text(sources: Sources) -> str:
    entries = []
    times = Counter(sources.path)
    rows = {path: row for row, path in reversed(list(enumerate(sources.path)))}  # the first of each file
    for path, row in sorted(rows.items(), key=lambda item: item[1]):
        if times[path] > 1:
            entries.append(
                f"[[source]]  # {times[path]} sources of one file, which says what each of them is\n"
                f"id = {_toml(file_id(path))}\nfile = {_toml(path)}"
            )
            continue
        start, end = sources.date_start[row], sources.date_end[row]
        days = (end - start).days if start and end else 0
        precision = "day" if days == 0 else "month" if days < 31 else "year"
        entries.append(
            "\n".join(
                [
                    "[[source]]",
                    f"id = {_toml(sources.source_id[row])}",
                    f"file = {_toml(path)}",
                    f"title = {_toml(sources.title[row])}",
                    f"date = {start}" if start else "# date = 2026-01-31  # not found; without it, no part in time",
                    f'date_precision = "{precision}"  # day, month or year',
                    '# genre = "podcast interview"',
                    f'language = "{",".join(sources.languages[row])}"',
                ]
            )
        )
    return "# What the sources are. Correct what was guessed wrong.\n\n" + "\n\n".join(entries) + "\n"


def _config_text(folder: Path) -> str:
    lines = ["# One run of topicgpu: topicgpu run topicgpu.toml. Keys with a mark before them show the defaults.", ""]
    lines.append(f"name = {_toml(load_config(folder).name)}")
    for name, field in Config.model_fields.items():
        default = field.default
        if not isinstance(default, Section):
            continue
        lines.extend(["", f"[{name}]"])
        for key, inner in type(default).model_fields.items():
            if (name, key) == ("corpus", "path"):
                lines.append('path = "."')
            elif key != "guided":
                lines.extend(_shown(key, getattr(default, key), inner.description))
    return "\n".join(lines) + "\n" + _GUIDED


def _shown(key: str, value: object, description: str | None) -> list[str]:
    if not isinstance(value, Section):
        return [f"# {key} = {_toml(value)}  # {description}"]
    fields = type(value).model_fields.items()
    return [line for name, inner in fields for line in _shown(f"{key}.{name}", getattr(value, name), inner.description)]


def _toml(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    # JSON's strings are TOML's but for two things: no pairs of surrogates, and DEL is escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
