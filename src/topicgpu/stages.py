"""The stages of a run: what each one reads, how it is computed, and which files hold its result."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from topicgpu import artifacts
from topicgpu.config import Config
from topicgpu.job import Job
from topicgpu.manifest import hide_paths
from topicgpu.run_folder import nearest_folder


@dataclass(frozen=True)
class Stage:
    """One step of the flow. Its key is made of `reads`, `settings`, `code` and `libraries`."""

    name: str
    reads: tuple[str, ...]
    settings: Callable[[Config], Any]  # the part of the configuration that its result depends on
    code: tuple[str, ...]  # modules and packages beside `ops`
    libraries: tuple[str, ...]
    compute: Callable[[Job], Any]
    save: Callable[[Path, Any, Job], list[str]]
    load: Callable[[Path, Job], Any]
    encodes: bool = False  # whether the encoder's weights are part of the key
    outside: Callable[[Job], Any] | None = None  # what it reads beside the run folder, or an error where it can't
    lasting: tuple[str, ...] = ()  # files that stay when its result no longer holds: later results go on from them


def _ingest(job: Job) -> Any:
    from topicgpu.ingest import Masked, ingest
    from topicgpu.store import TextSpool

    # Not into the folder itself: what is read may yet be refused, or the run be killed.
    keep = partial(TextSpool, nearest_folder(job.folder))
    masked: dict[str, Masked] = {}
    left_out = job.left_out if job.keep_going else None
    sources = ingest(job.config.corpus, left_out, keep, job.config.ingest, masked)
    job.left_out[:] = hide_paths(job.left_out, job.roots)
    job.record.warnings.extend(sources.warnings)
    words: dict[str, int] = {}
    for reason, count in zip(sources.dropped.reason, sources.dropped.n_words, strict=True):
        words[reason] = words.get(reason, 0) + int(count)
    job.record.facts["dropped"] = words
    job.record.facts["left_out"] = job.left_out
    job.record.facts["masked"] = {name: found._asdict() for name, found in masked.items()}
    job.record.warnings.extend(f"{row['source_id']} was left out: {row['reason']}" for row in job.left_out)
    return sources


def _save_sources(folder: Path, sources: Any, job: Job) -> list[str]:
    names = artifacts.save_sources(folder, sources)
    job.keep("ingest", replace(sources, text=artifacts.saved_texts(folder)))  # the spool is done with
    return names


def _segment(job: Job) -> Any:
    from topicgpu.embed import encode_served
    from topicgpu.segment import segment

    done = tokens = 0

    def encode(texts: Sequence[str], languages: Sequence[str]) -> Any:
        nonlocal done, tokens
        before = done, tokens

        def progress(n_texts: int, _total: int, n_tokens: int) -> None:
            nonlocal done, tokens
            done, tokens = before[0] + n_texts, before[1] + n_tokens
            job.progress(done, 0, tokens, unit="sentences")

        return encode_served(texts, languages, job.embedder, progress)[0]

    segments = segment(
        job.sources,
        job.encoder.count_tokens,
        job.config.segment,
        job.encoder.info.max_tokens,
        encode if job.config.segment.method == "passage" else None,
    )
    job.record.facts["sentences_encoded"] = done
    job.record.warnings.extend(job.take_cache_warnings())
    return segments


def _embed(job: Job) -> Any:
    from topicgpu.embed_run import embed_run

    return embed_run(job)


def _repeats(job: Job) -> Any:
    from topicgpu.repeats import count_repeats, find_repeats, language_pairs

    pairs: dict[str, list[str]] = {}
    for pair in language_pairs(job.segments, job.embeddings):
        pairs.setdefault(pair.by, []).append(f"{pair.language} of {pair.kept}")
    ways = [f"{', '.join(languages)} by {way}" for way, languages in pairs.items()]
    job.record.implementation["translations"] = "; ".join(ways) or "none looked for, there is one language"
    repeats = find_repeats(job.segments, job.embeddings, job.device.used)
    job.record.facts["repeats"] = count_repeats(job.segments, job.embeddings, repeats)
    return repeats


def _neighbors(job: Job) -> Any:
    from topicgpu.neighbors import find_neighbors

    neighbors = find_neighbors(job.embeddings, job.repeats, job.config.neighbors, job.device.used, job.config.seed)
    job.record.implementation["neighbors"] = neighbors.method
    k = neighbors.indices.shape[1]
    job.record.facts["neighbors"] = {"k": k, "exact": neighbors.exact, "recall": neighbors.recall}
    return neighbors


def _reduce(job: Job) -> Any:
    from topicgpu.reduce import layout_map

    map_ = layout_map(job.embeddings, job.neighbors, job.config.map, job.config.seed, job.device.used)
    job.record.implementation["map"] = map_.method
    return map_


def _cluster(job: Job) -> Any:
    from topicgpu.cluster import find_clusters

    clusters = find_clusters(job.embeddings, job.neighbors, job.config.cluster, job.config.seed, job.device.used)
    job.record.implementation["cluster"] = clusters.method
    return clusters


def _themes(job: Job) -> Any:
    from topicgpu.themes_run import themes_run

    return themes_run(job)


def _themes_outside(job: Job) -> Any:
    return job.update_key, job.labels, job.namer_key


def _drift(job: Job) -> Any:
    from topicgpu.drift import drift

    return drift(
        job.sources,
        job.segments,
        job.embeddings,
        job.repeats,
        job.themes,
        job.config.drift,
        job.config.seed,
        job.device.used,
    )


def _report(job: Job) -> Any:
    from topicgpu.report import Results, render

    return render(
        Results(
            config=job.config,
            manifest=job.manifest(),
            sources=job.sources,
            segments=job.segments,
            embeddings=job.embeddings,
            repeats=job.repeats,
            map=job.map,
            themes=job.themes,
            drift=job.drift,
        )
    )


def _save_report(folder: Path, html: str, _job: Job) -> list[str]:
    from topicgpu.store import write_text

    write_text(folder / "report.html", html)
    return ["report.html"]


def _ingest_settings(config: Config) -> Any:
    """List what decides a text: neither where the corpus lies, which is the input itself, nor who reads it."""
    corpus = config.corpus.model_dump(exclude={"path", "workers"})
    return (corpus, config.ingest.model_dump(include={"redact"})) if config.ingest.redact else corpus


def _vectors_settings(config: Config) -> Any:
    """List what decides a vector. Device, batches and cache change the time, not the result."""
    return config.embedding.model_dump(
        include={
            "model",
            "tier",
            "precision",
            "languages",
            "long_texts",
            "pooling",
            "prompt",
            "max_tokens",
            "dimension",
        }
    )


def _segment_settings(config: Config) -> Any:
    if config.segment.method == "passage":
        return _vectors_settings(config)
    return config.embedding.model_dump(include={"model", "tier", "prompt", "max_tokens"})


_ENCODER = ("torch", "transformers", "tokenizers")

STAGES: tuple[Stage, ...] = (
    Stage(
        "ingest",
        reads=(),
        settings=_ingest_settings,
        code=("ingest",),
        libraries=(
            *("babel", "charset-normalizer", "eldc", "pyarrow", "pypdf", "python-docx", "pyyaml", "regex"),
            "trafilatura",
        ),
        compute=_ingest,
        save=_save_sources,
        load=lambda folder, job: artifacts.load_sources(folder),
    ),
    Stage(
        "segment",
        reads=("ingest",),
        settings=lambda config: (config.segment, _segment_settings(config)),
        code=("segment", "embed"),
        libraries=(*_ENCODER, "scipy", "eldc", "sentencex"),
        compute=_segment,
        save=lambda folder, value, job: artifacts.save_segments(folder, value, job.sources),
        load=lambda folder, job: artifacts.load_segments(folder),
        encodes=True,
    ),
    Stage(
        "embed",
        reads=("segment",),
        settings=_vectors_settings,
        code=("embed",),
        libraries=_ENCODER,
        compute=_embed,
        save=lambda folder, value, job: artifacts.save_embeddings(folder, value),
        load=lambda folder, job: artifacts.load_embeddings(folder),
        encodes=True,
    ),
    Stage(
        "repeats",
        reads=("segment", "embed"),
        settings=lambda config: None,
        code=("repeats",),
        libraries=("torch", "scipy"),
        compute=_repeats,
        save=lambda folder, value, job: artifacts.save_repeats(folder, value, job.segments),
        load=lambda folder, job: artifacts.load_repeats(folder, job.segments),
    ),
    Stage(
        "neighbors",
        reads=("embed", "repeats"),
        settings=lambda config: (config.neighbors, config.seed),
        code=("neighbors",),
        libraries=("torch",),
        compute=_neighbors,
        save=lambda folder, value, job: artifacts.save_neighbors(folder, value),
        load=lambda folder, job: artifacts.load_neighbors(folder),
    ),
    Stage(
        "reduce",
        reads=("segment", "embed", "neighbors"),
        settings=lambda config: (config.map, config.seed),
        code=("reduce",),
        libraries=("torch", "numpy", "scipy"),
        compute=_reduce,
        save=lambda folder, value, job: artifacts.save_map(folder, value, job.segments),
        load=lambda folder, job: artifacts.load_map(folder, job.segments),
    ),
    Stage(
        "cluster",
        reads=("segment", "embed", "neighbors"),
        settings=lambda config: (config.cluster, config.seed),
        code=("cluster",),
        libraries=(
            *("torch", "numpy", "scipy", "graspologic-native", "scikit-learn", "hdbscan"),
            *("evoc", "cuml-cu12", "cuml-cu13", "cugraph-cu12", "cugraph-cu13"),
        ),
        compute=_cluster,
        save=lambda folder, value, job: artifacts.save_clusters(folder, value, job.segments),
        load=lambda folder, job: artifacts.load_clusters(folder),
    ),
    Stage(
        "themes",
        reads=("segment", "embed", "repeats", "neighbors", "cluster"),
        settings=lambda config: (config.themes, config.seed),
        code=("themes_run", "themes", "embed", "cluster"),
        libraries=(
            *("torch", "numpy", "scipy", "scikit-learn", "graspologic-native"),
            *("snowballstemmer", "stopwordsiso", "transformers"),
        ),
        compute=_themes,
        save=lambda folder, value, job: artifacts.save_themes(folder, value, job.segments),
        load=lambda folder, job: artifacts.load_themes(folder, job.segments),
        encodes=True,
        outside=_themes_outside,
        lasting=(artifacts.THEME_IDS, artifacts.ANSWERS),
    ),
    Stage(
        "drift",
        reads=("ingest", "segment", "embed", "repeats", "themes"),
        settings=lambda config: (config.drift, config.seed),
        code=("drift",),
        libraries=("torch", "numpy", "scipy", "snowballstemmer", "stopwordsiso"),
        compute=_drift,
        save=lambda folder, value, job: artifacts.save_drift(folder, value),
        load=lambda folder, job: artifacts.load_drift(folder),
    ),
    Stage(
        "report",
        reads=("ingest", "segment", "embed", "repeats", "reduce", "themes", "drift"),
        settings=lambda config: config.model_dump(mode="json"),  # the report shows every parameter
        code=("report",),
        libraries=("altair", "vl-convert-python", "jinja2"),
        compute=_report,
        save=_save_report,
        load=lambda folder, job: folder / "report.html",
    ),
)
