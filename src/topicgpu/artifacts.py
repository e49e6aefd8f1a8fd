"""Each stage's result as files of a run folder, and back.

`save_x(folder, x, ...)` writes a result and returns the names of its files; `load_x(folder, ...)` reads it. Where a
file names segments by id, the table of segments is handed in as well, and an id that is not in it raises
MisalignedError.
"""

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np

from topicgpu.errors import MisalignedError, RunFolderError
from topicgpu.ops.words import count_words
from topicgpu.store import (
    SCHEMAS,
    TextFiles,
    from_columns,
    read_arrays,
    read_json,
    read_table,
    table_columns,
    text_name,
    write_arrays,
    write_json,
    write_table,
    write_text,
)
from topicgpu.types import (
    Changes,
    ChangeTerms,
    Clusters,
    Drift,
    Dropped,
    Embeddings,
    Family,
    Finding,
    GateResult,
    Ints,
    Keyword,
    KnownTheme,
    Levels,
    Map,
    Move,
    Neighbors,
    Presence,
    Prevalence,
    Repeats,
    Segments,
    Sources,
    Split,
    Table,
    Theme,
    ThemeIds,
    Themes,
    Turns,
)

THEME_IDS = "theme-ids.parquet"
ANSWERS = "namer.json"  # of the language model that words names


# The verb that writes a file anew.
_WRITTEN_BY = {
    "ingest": ("sources.parquet", "turns.parquet", "dropped.parquet"),
    "segment": ("segments.parquet",),
    "embed": ("repeats.parquet", "map.parquet", "clusters.parquet"),
    "themes": ("themes.json", "assignments.parquet", "near.parquet", "subthemes.parquet", THEME_IDS),
    "drift": ("prevalence.parquet", "drift.parquet", "drift-terms.parquet", "drift.json"),
}


def save_sources(folder: Path, sources: Sources) -> list[str]:
    texts = [text_name(row) for row in range(len(sources))]
    sizes = []
    for name, text in zip(texts, sources.text, strict=True):
        write_text(folder / name, text)
        sizes.append((len(text), count_words(text)))
    n_chars, n_words = zip(*sizes, strict=True) if sizes else ((), ())
    columns = {**_source_columns(sources), "n_chars": n_chars, "n_words": n_words}
    write_table(folder / "sources.parquet", columns, {})
    write_table(folder / "turns.parquet", table_columns(sources.turns), {})
    write_table(folder / "dropped.parquet", table_columns(sources.dropped), {})
    return ["sources.parquet", "turns.parquet", "dropped.parquet", *texts]


def saved_texts(folder: Path) -> TextFiles:
    columns, _ = _read(folder / "sources.parquet")
    return TextFiles(folder, columns["n_chars"])


def load_sources(folder: Path) -> Sources:
    columns, _ = _read(folder / "sources.parquet")
    for counted in ("n_chars", "n_words", "n_segments"):
        columns.pop(counted, None)
    columns["languages"] = tuple(tuple(languages) for languages in columns["languages"])
    return Sources(
        **columns,
        text=saved_texts(folder),
        turns=from_columns(Turns, _read(folder / "turns.parquet")[0]),
        dropped=from_columns(Dropped, _read(folder / "dropped.parquet")[0]),
        warnings=(),
    )


def save_segments(folder: Path, segments: Segments, sources: Sources) -> list[str]:
    write_table(folder / "segments.parquet", table_columns(segments), {"rows": segments.fingerprint})
    count = Counter(segments.source_id)
    n_segments = [count[source_id] for source_id in sources.source_id]
    columns, _ = _read(folder / "sources.parquet")
    write_table(folder / "sources.parquet", {**columns, "n_segments": n_segments}, {})
    return ["segments.parquet", "sources.parquet"]


def load_segments(folder: Path) -> Segments:
    return from_columns(Segments, _read(folder / "segments.parquet")[0])


def save_embeddings(folder: Path, embeddings: Embeddings) -> list[str]:
    metadata = {
        "encoder": embeddings.encoder,
        "revision": embeddings.revision,
        "languages": json.dumps(embeddings.languages),
        "rows": embeddings.rows,
    }
    arrays = {"vectors": embeddings.vectors, "served": embeddings.served}
    write_arrays(folder / "embeddings.safetensors", arrays, metadata)
    return ["embeddings.safetensors"]


def load_embeddings(folder: Path) -> Embeddings:
    arrays, metadata = read_arrays(folder / "embeddings.safetensors")
    languages = tuple(json.loads(metadata.pop("languages")))
    return Embeddings(vectors=arrays["vectors"], served=arrays["served"], languages=languages, **metadata)


def save_repeats(folder: Path, repeats: Repeats, segments: Segments) -> list[str]:
    columns = {
        "segment_id": _ids(segments, repeats.row),
        "repeats_id": _ids(segments, repeats.of),
        "kind": repeats.kind,
        "similarity": repeats.similarity,
    }
    write_table(folder / "repeats.parquet", columns, {"rows": repeats.rows})
    return ["repeats.parquet"]


def load_repeats(folder: Path, segments: Segments) -> Repeats:
    columns, metadata = _read(folder / "repeats.parquet")
    return Repeats(
        row=_rows(segments, columns["segment_id"]),
        of=_rows(segments, columns["repeats_id"]),
        kind=columns["kind"],
        similarity=columns["similarity"],
        n_rows=len(segments),
        rows=metadata["rows"],
    )


def save_neighbors(folder: Path, neighbors: Neighbors) -> list[str]:
    metadata = {
        "metric": neighbors.metric,
        "exact": json.dumps(neighbors.exact),
        "recall": json.dumps(neighbors.recall),
        "method": neighbors.method,
        "rows": neighbors.rows,
    }
    arrays: dict[str, np.ndarray[Any, Any]] = {"indices": neighbors.indices, "distances": neighbors.distances}
    write_arrays(folder / "neighbors.safetensors", arrays, metadata)
    return ["neighbors.safetensors"]


def load_neighbors(folder: Path) -> Neighbors:
    arrays, metadata = read_arrays(folder / "neighbors.safetensors")
    return Neighbors(
        indices=arrays["indices"],
        distances=arrays["distances"],
        metric=metadata["metric"],
        exact=json.loads(metadata["exact"]),
        recall=json.loads(metadata["recall"]),
        method=metadata["method"],
        rows=metadata["rows"],
    )


def save_map(folder: Path, map_: Map, segments: Segments) -> list[str]:
    placed = np.flatnonzero(np.isfinite(map_.xy).all(axis=1))
    columns = {"segment_id": _ids(segments, placed), "x": map_.xy[placed, 0], "y": map_.xy[placed, 1]}
    write_table(folder / "map.parquet", columns, {"rows": map_.rows, "method": map_.method})
    return ["map.parquet"]


def load_map(folder: Path, segments: Segments) -> Map:
    columns, metadata = _read(folder / "map.parquet")
    xy = np.full((len(segments), 2), np.nan, dtype=np.float32)
    xy[_rows(segments, columns["segment_id"])] = np.column_stack([columns["x"], columns["y"]])
    return Map(xy=xy, method=metadata["method"], rows=metadata["rows"])


def save_clusters(folder: Path, clusters: Clusters, segments: Segments) -> list[str]:
    columns = {"segment_id": segments.segment_id, "label": clusters.labels, "strength": clusters.strengths}
    write_table(folder / "clusters.parquet", columns, {"rows": clusters.rows, "method": clusters.method})
    levels = clusters.levels
    if levels is None:
        return ["clusters.parquet"]
    metadata = {
        "resolutions": json.dumps(levels.resolutions),
        "chosen": json.dumps(levels.chosen),
        "rows": clusters.rows,
    }
    write_arrays(folder / "clusters.safetensors", {"groups": levels.groups}, metadata)
    return ["clusters.parquet", "clusters.safetensors"]


def load_clusters(folder: Path) -> Clusters:
    columns, metadata = _read(folder / "clusters.parquet")
    levels = None
    if (folder / "clusters.safetensors").exists():
        arrays, about = read_arrays(folder / "clusters.safetensors")
        levels = Levels(arrays["groups"], tuple(json.loads(about["resolutions"])), json.loads(about["chosen"]))
    return Clusters(labels=columns["label"], strengths=columns["strength"], levels=levels, **metadata)


def save_themes(folder: Path, themes: Themes, segments: Segments) -> list[str]:
    write_json(folder / "themes.json", [_theme_data(theme) for theme in themes.all])
    names = [theme.theme_id for theme in themes.themes]
    carried = {
        "segment_id": _ids(segments, themes.row),
        "theme_id": tuple(names[index] for index in themes.theme),
        "strength": themes.strength,
        "rank": themes.rank,
    }
    near = {
        "segment_id": _ids(segments, themes.near_row),
        "theme_id": tuple(names[index] for index in themes.near_theme),
        "strength": themes.near_strength,
    }
    parts = {
        "segment_id": _ids(segments, themes.sub_row),
        "theme_id": tuple(themes.subthemes[index].theme_id for index in themes.sub),
    }
    write_table(folder / "assignments.parquet", carried, {"rows": themes.rows})
    write_table(folder / "near.parquet", near, {"rows": themes.rows})
    write_table(folder / "subthemes.parquet", parts, {"rows": themes.rows})
    _save_theme_ids(folder, themes.ids)  # last: until it is there, a run that was killed finds the ids of before
    return ["themes.json", "assignments.parquet", "near.parquet", "subthemes.parquet", THEME_IDS]


def _save_theme_ids(folder: Path, ids: ThemeIds) -> None:
    columns = {name: getattr(ids, name) for name in SCHEMAS[THEME_IDS]}
    metadata = {
        "known": json.dumps([theme._asdict() for theme in ids.known]),
        "next_number": str(ids.next_number),
        "origin": ids.origin,
    }
    write_table(folder / THEME_IDS, columns, metadata)


def load_theme_ids(folder: Path) -> ThemeIds:
    columns, metadata = _read(folder / THEME_IDS)
    return ThemeIds(
        **columns,
        known=tuple(KnownTheme(**theme) for theme in json.loads(metadata["known"])),
        next_number=int(metadata["next_number"]),
        origin=metadata["origin"],
    )


def load_themes(folder: Path, segments: Segments) -> Themes:
    path = folder / "themes.json"
    everything = [_theme(_whole(data, Theme, path)) for data in read_json(path)]
    themes, subthemes, families = (
        tuple(theme for theme in everything if theme.level == level) for level in ("theme", "subtheme", "family")
    )
    carried, metadata = _read(folder / "assignments.parquet")
    near, _ = _read(folder / "near.parquet")
    parts, _ = _read(folder / "subthemes.parquet")
    return Themes(
        themes=themes,
        row=_rows(segments, carried["segment_id"]),
        theme=_places(themes, carried["theme_id"]),
        strength=carried["strength"],
        rank=carried["rank"],
        near_row=_rows(segments, near["segment_id"]),
        near_theme=_places(themes, near["theme_id"]),
        near_strength=near["strength"],
        n_rows=len(segments),
        rows=metadata["rows"],
        subthemes=subthemes,
        sub_row=_rows(segments, parts["segment_id"]),
        sub=_places(subthemes, parts["theme_id"]),
        families=families,
        ids=load_theme_ids(folder),
    )


def _places(themes: Sequence[Theme], theme_ids: Sequence[str]) -> Ints:
    place = {theme.theme_id: index for index, theme in enumerate(themes)}
    return np.array([place[theme_id] for theme_id in theme_ids], dtype=np.int64)


def save_drift(folder: Path, drift: Drift) -> list[str]:
    metadata = {"rows": drift.rows}
    write_table(folder / "prevalence.parquet", table_columns(drift.prevalence), metadata)
    write_table(folder / "drift.parquet", table_columns(drift.changes), metadata)
    write_table(folder / "drift-terms.parquet", table_columns(drift.terms), metadata)
    data = {
        name: [_row(row) for row in getattr(drift, name)]
        for name in ("findings", "families", "splits", "moves", "presence", "gates")
    }
    plain = {name: getattr(drift, name) for name in ("periods", "period_of", "pooled", "undecided", "instruments")}
    write_json(folder / "drift.json", data | plain)
    return ["prevalence.parquet", "drift.parquet", "drift-terms.parquet", "drift.json"]


def _row(row: Any) -> dict[str, Any]:
    return {name.rstrip("_"): value for name, value in asdict(row).items()}


def load_drift(folder: Path) -> Drift:
    prevalence, metadata = _read(folder / "prevalence.parquet")
    path = folder / "drift.json"
    data = _whole(read_json(path), Drift, path, ("prevalence", "changes", "terms", "rows"))
    return Drift(
        prevalence=from_columns(Prevalence, prevalence),
        changes=from_columns(Changes, _read(folder / "drift.parquet")[0]),
        terms=from_columns(ChangeTerms, _read(folder / "drift-terms.parquet")[0]),
        findings=_records(Finding, data["findings"], path),
        families=_records(Family, data["families"], path),
        splits=_records(Split, data["splits"], path),
        moves=_records(Move, data["moves"], path),
        presence=_records(Presence, data["presence"], path),
        gates=_records(GateResult, data["gates"], path),
        periods=tuple(data["periods"]),
        period_of=data["period_of"],
        pooled=data["pooled"],
        undecided=tuple(data["undecided"]),
        instruments=tuple(data["instruments"]),
        rows=metadata["rows"],
    )


def _records(kind: type[Table], rows: Sequence[dict[str, Any]], path: Path) -> tuple[Table, ...]:
    """Make the records of JSON rows again: lists are tuples, and a number that JSON has no word for is null there."""
    made = []
    for row in rows:
        _whole(row, kind, path)
        values: dict[str, Any] = {}
        for column in fields(kind):
            value = row[column.name.rstrip("_")]
            missing = column.type is float and value is None
            values[column.name] = math.nan if missing else tuple(value) if isinstance(value, list) else value
        made.append(kind(**values))
    return tuple(made)


def _source_columns(sources: Sources) -> dict[str, Any]:
    kept = ("source_id", "title", "date_start", "date_end", "genre", "form", "series", "path", "sha256", "origin")
    return {
        **{name: getattr(sources, name) for name in kept},
        "languages": [list(languages) for languages in sources.languages],
    }


def _theme_data(theme: Theme) -> dict[str, Any]:
    by_language = {language: _keyword_data(words) for language, words in theme.keywords_by_language.items()}
    return {**asdict(theme), "keywords": _keyword_data(theme.keywords), "keywords_by_language": by_language}


def _keyword_data(keywords: Sequence[Keyword]) -> list[dict[str, Any]]:
    return [word._asdict() for word in keywords]


def _theme(data: dict[str, Any]) -> Theme:
    by_language = {language: _keywords(words) for language, words in data["keywords_by_language"].items()}
    exemplars = tuple(data["exemplars"])
    return Theme(
        **data | {"keywords": _keywords(data["keywords"]), "keywords_by_language": by_language, "exemplars": exemplars}
    )


def _keywords(data: Sequence[dict[str, Any]]) -> tuple[Keyword, ...]:
    return tuple(Keyword(**word) for word in data)


def _read(path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """Read a table, every column of it: the folder may be from an older development version."""
    columns, metadata = read_table(path)
    for name in SCHEMAS[path.name]:
        if name not in columns and name != "n_segments":  # which is there when the stage after it is done
            raise _lacks(path, f"column {name!r}")
    return columns, metadata


def _whole(data: dict[str, Any], kind: type, path: Path, elsewhere: Sequence[str] = ()) -> dict[str, Any]:
    for column in fields(kind):
        name = column.name.rstrip("_")
        if name not in data and name not in elsewhere:
            raise _lacks(path, f"key {name!r} of a {kind.__name__}")
    return data


def _lacks(path: Path, what: str) -> RunFolderError:
    verb = next(verb for verb, names in _WRITTEN_BY.items() if path.name in names)
    return RunFolderError(
        f"{path}: has no {what}, since another version of topicgpu wrote it; run that stage again: "
        f"topicgpu {verb} {path.parent}."
    )


def _ids(segments: Segments, rows: np.ndarray[Any, Any]) -> tuple[str, ...]:
    return tuple(segments.segment_id[row] for row in rows)


def _rows(segments: Segments, ids: tuple[str, ...]) -> np.ndarray[Any, Any]:
    place = {segment_id: row for row, segment_id in enumerate(segments.segment_id)}
    try:
        return np.array([place[segment_id] for segment_id in ids], dtype=np.int64)
    except KeyError as error:
        raise MisalignedError(f"segment {error.args[0]} of a table is not in segments.parquet; run again.") from None
