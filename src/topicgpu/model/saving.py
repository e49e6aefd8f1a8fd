"""A model in a folder: one file of arrays, one of JSON, and no code in either."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from topicgpu.config import GuidedTheme
from topicgpu.errors import RunFolderError
from topicgpu.model.encoders import MissingEncoder
from topicgpu.model.found import Found
from topicgpu.model.segments import as_segments
from topicgpu.store import read_arrays, read_json, write_arrays, write_json
from topicgpu.types import Clusters, Embeddings, Neighbors, Repeats, Theme, Themes

_VERSION = 1
_FILE = "model.json"
_THEMES: TypeAdapter[tuple[Theme, ...]] = TypeAdapter(tuple[Theme, ...])
_NOT_SAVED = ("device", "representation_model")


def save(folder: Path, params: Mapping[str, Any], found: Found, custom_labels: Mapping[int, str] | None) -> None:
    """
    Write a fitted model.

    Parameters
    ----------
    folder : Path
        Where.
    params : mapping
        The estimator's arguments; what is an object is left out.
    found : Found
        Of the fit.
    custom_labels : mapping, optional
        Topic to name.

    Notes
    -----
    The arrays go into a file named by their content, and `model.json` names it: whoever reads while a model is replaced
    reads the old or the new one, never a mixture.
    """
    arrays = _arrays(found)
    name = f"arrays-{_digest(arrays)}.safetensors"
    write_arrays(folder / name, arrays, {"rows": found.segments.fingerprint})
    themes, embeddings, neighbors = found.themes, found.embeddings, found.neighbors
    write_json(
        folder / _FILE,
        {
            "format": "topicgpu.ThemeModel",
            "version": _VERSION,
            "arrays": name,
            "params": _plain_params(params),
            "custom_labels": None if custom_labels is None else list(custom_labels.items()),
            "encoder": {"name": embeddings.encoder, "revision": embeddings.revision},
            "texts": list(found.segments.text) if found.has_texts else None,
            "sources": list(found.segments.source_id),
            "languages": list(found.segments.language),
            "repeats": list(found.repeats.kind),
            "neighbors": {"exact": neighbors.exact, "recall": neighbors.recall, "method": neighbors.method},
            "clusters": found.clusters.method,
            "themes": _THEMES.dump_python(themes.themes, mode="json"),
            "subthemes": _THEMES.dump_python(themes.subthemes, mode="json"),
            "families": _THEMES.dump_python(themes.families, mode="json"),
        },
    )
    for old in folder.glob("arrays-*.safetensors"):
        if old.name != name:
            old.unlink(missing_ok=True)


def load(folder: Path) -> tuple[dict[str, Any], Found, dict[int, str] | None]:
    """
    Read a fitted model.

    Parameters
    ----------
    folder : Path
        That `save` wrote.

    Returns
    -------
    params : dict
        For the constructor.
    found : Found
        As it was saved.
    custom_labels : dict or None
        Topic to name.

    Raises
    ------
    RunFolderError
        If there is no model, it is damaged, or of a later version.
    """
    path = folder / _FILE
    if not path.exists():
        raise RunFolderError(f"{folder}: holds no {_FILE}; it is no folder that ThemeModel.save wrote.")
    data = read_json(path)
    if data.get("format") != "topicgpu.ThemeModel" or data.get("version") != _VERSION:
        raise RunFolderError(
            f"{path}: is of the format {data.get('format')} {data.get('version')}, and this topicgpu reads "
            f"topicgpu.ThemeModel {_VERSION}; take the topicgpu that wrote it."
        )
    arrays, about = read_arrays(folder / data["arrays"])
    try:
        found = _found(data, arrays)
    except (KeyError, ValidationError) as error:
        raise RunFolderError(f"{path}: is damaged ({str(error).splitlines()[0]}); save the model again.") from error
    if found.segments.fingerprint != about["rows"]:
        raise RunFolderError(f"{path}: its texts are not those that its arrays were made of; save the model again.")
    params = dict(data["params"])
    if isinstance(params.get("embedding_model"), dict):
        params["embedding_model"] = MissingEncoder(params["embedding_model"]["object"])
    labels = data["custom_labels"]
    return params, found, None if labels is None else {int(topic): name for topic, name in labels}


def _plain_params(params: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: value for name, value in params.items() if name not in _NOT_SAVED}
    encoder = plain["embedding_model"]
    if isinstance(encoder, os.PathLike):
        plain["embedding_model"] = os.fspath(encoder)
    elif encoder is not None and not isinstance(encoder, str):
        plain["embedding_model"] = {"object": getattr(encoder, "name", type(encoder).__name__)}
    if plain["guided"] is not None:
        plain["guided"] = [theme.model_dump() if isinstance(theme, GuidedTheme) else theme for theme in plain["guided"]]
    seed = plain["random_state"]
    plain["random_state"] = int(seed) if isinstance(seed, int | np.integer) else None
    return plain


def _digest(arrays: Mapping[str, Any]) -> str:
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(f"{name} {arrays[name].dtype} {arrays[name].shape}".encode())
        digest.update(np.ascontiguousarray(arrays[name]).tobytes())
    return digest.hexdigest()[:16]


def _arrays(found: Found) -> dict[str, Any]:
    themes = found.themes
    arrays = {
        "vectors": found.embeddings.vectors,
        "served": found.embeddings.served,
        "order": found.order,
        "repeats.row": found.repeats.row,
        "repeats.of": found.repeats.of,
        "repeats.similarity": found.repeats.similarity,
        "neighbors.indices": found.neighbors.indices.astype(np.int32),
        "neighbors.distances": found.neighbors.distances,
        "clusters.labels": found.clusters.labels,
        "clusters.strengths": found.clusters.strengths,
    }
    arrays |= {f"themes.{name}": getattr(themes, name) for name in _THEME_COLUMNS}
    if found.times is not None:
        arrays["times"] = found.times.astype("datetime64[s]").astype(np.int64)
    return arrays


_THEME_COLUMNS = ("row", "theme", "strength", "rank", "near_row", "near_theme", "near_strength", "sub_row", "sub")


def _found(data: Mapping[str, Any], arrays: Mapping[str, Any]) -> Found:
    n = len(arrays["vectors"])
    times = arrays["times"].astype("datetime64[s]") if "times" in arrays else None
    texts = data["texts"]
    segments = as_segments([""] * n if texts is None else texts, times, data["sources"], data["languages"])
    rows = segments.fingerprint
    about = data["encoder"]
    themes = Themes(
        themes=_THEMES.validate_python(data["themes"]),
        subthemes=_THEMES.validate_python(data["subthemes"]),
        families=_THEMES.validate_python(data["families"]),
        n_rows=n,
        rows=rows,
        **{name: arrays[f"themes.{name}"] for name in _THEME_COLUMNS},
    )
    return Found(
        segments=segments,
        embeddings=Embeddings(arrays["vectors"], arrays["served"], about["name"], about["revision"], (), rows),
        repeats=Repeats(
            arrays["repeats.row"], arrays["repeats.of"], tuple(data["repeats"]), arrays["repeats.similarity"], n, rows
        ),
        neighbors=Neighbors(
            indices=arrays["neighbors.indices"].astype(np.int64),
            distances=arrays["neighbors.distances"],
            metric="cosine",
            rows=rows,
            **data["neighbors"],
        ),
        clusters=Clusters(arrays["clusters.labels"], arrays["clusters.strengths"], data["clusters"], rows),
        themes=themes,
        order=arrays["order"],
        times=times,
        has_texts=texts is not None,
    )
