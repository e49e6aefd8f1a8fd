"""
Three dated corpora whose history is known, as folders that topicgpu reads: every row of the sets, none sampled.

- podcasts: an episode is a source, its turns keep their speakers, its show is the series. Episodes without a date are
  left out, since drift is about dates.
- acl: an abstract is a source, its title not part of the text; the venue is the series. Venues come back from year to
  year and each has its own mix of subjects, which changes the mix of a year where a venue begins or pauses.
- beige: a report is a source, its passages paragraphs; the district is the series.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple


class Source(NamedTuple):
    """A source before it is written: its file's ending and content, and what sources.toml says of it."""

    id: str
    suffix: str
    content: str
    about: dict[str, str]


def write_corpus(name: str, data: Path, folder: Path) -> int:
    """
    Write the folder of a corpus, once: what is there already stays.

    Parameters
    ----------
    name : str
        Of `CORPORA`.
    data : Path
        The folder data/ of TOPICGPU_DATA.
    folder : Path
        Where sources.toml and the texts go.

    Returns
    -------
    int
        Sources written; 0 where the folder was complete.
    """
    catalog = folder / "sources.toml"
    if catalog.exists():
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for source in CORPORA[name](data):
        file = source.id + source.suffix
        (folder / file).write_text(source.content, encoding="utf-8")
        keys = {"id": source.id, "file": file, "language": "en", **source.about}
        entries.append("[[source]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items()))
    catalog.write_text("\n".join(entries), encoding="utf-8")  # last: a folder without it is not complete
    return len(entries)


def podcasts(data: Path) -> Iterator[Source]:
    """One source an episode with a date."""
    for path in sorted((data / "changelog-podcasts").glob("*.jsonl.gz")):
        for episode, turns in _grouped(path, "doc"):
            first = turns[0]
            if first["date"] is None:
                continue
            said = [{"speaker": turn["speaker"], "text": turn["text"]} for turn in turns]
            about = {"date": first["date"], "genre": "podcast", "series": first["label"]}
            yield Source(episode, ".json", json.dumps({"segments": said}, ensure_ascii=False), about)


def acl(data: Path) -> Iterator[Source]:
    """One source an abstract."""
    for row in _rows(data / "acl-abstracts" / "acl-abstracts.jsonl.gz"):
        about = {"title": row["title"], "genre": "paper", "series": row["venue"]} | _month(row)
        yield Source(row["id"], ".txt", row["text"] + "\n", about)


def beige(data: Path) -> Iterator[Source]:
    """One source a report."""
    for report, passages in _grouped(data / "beige-book" / "beige-book.jsonl.gz", "doc"):
        first = passages[0]
        about = {"genre": "report", "series": first["district"]} | _month(first)
        yield Source(report, ".txt", "\n\n".join(row["text"] for row in passages) + "\n", about)


CORPORA: dict[str, Callable[[Path], Iterator[Source]]] = {"podcasts": podcasts, "acl": acl, "beige": beige}


def _month(row: dict[str, Any]) -> dict[str, str]:
    return {"date": row["date"][:7], "date_precision": "month"}


def _grouped(path: Path, key: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for value, rows in groupby(_rows(path), key=lambda row: row[key]):
        yield value, list(rows)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
