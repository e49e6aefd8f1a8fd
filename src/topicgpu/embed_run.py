"""The embed stage of a run: one process or several, and what the manifest and the warnings say of it."""

from typing import Any

from topicgpu.embed import embed
from topicgpu.errors import ConfigError
from topicgpu.job import Job
from topicgpu.shards import Shard, Task, embed_on_devices
from topicgpu.types import Embeddings


def embed_run(job: Job) -> Embeddings:
    """
    Embed a run's segments, on one device or several, and record how it went.

    Parameters
    ----------
    job : Job
        With its segments cut.

    Returns
    -------
    Embeddings
        One row a segment.

    Raises
    ------
    TopicGPUError
        As encoder, cache and processes raise it; vectors that are finished stay in the cache.
    """
    info, before = job.encoder.info, job.embedder.facts
    spread = _embed_on_devices(job) if len(job.config.embedding.devices) > 1 else []
    embeddings = embed(job.segments, job.embedder, job.progress)
    job.record.facts["encoder"] = info._asdict()
    job.record.facts["device"] = job.device._asdict()
    job.record.facts["embedding"] = {**_since(before, job.embedder.facts), "processes": spread}
    job.record.facts["not_served"] = not_served = _not_served(job, embeddings)
    if job.device.warning:
        job.record.warnings.append(job.device.warning)
    _warn_of_encoder(job, not_served)
    _warn_of_memory(job, spread)
    job.record.warnings.extend(job.take_cache_warnings())
    return embeddings


def _since(before: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the encoder did for earlier stages."""
    counted = ("computed", "from_cache", "forward_passes", "tokens", "long_texts")
    return facts | {name: facts[name] - before.get(name, 0) for name in counted if name in facts}


def _embed_on_devices(job: Job) -> list[dict[str, Any]]:
    if job.encoder.info.tier == "custom":
        raise ConfigError(
            "embedding.devices names several devices, and an encoder of your own chooses its device itself; leave "
            "embedding.devices empty."
        )
    if job.cache is None:
        raise ConfigError(
            "embedding.devices names several devices, and their processes hand vectors over in the cache; "
            "set embedding.cache, leave --no-cache out, or name one device."
        )
    config, segments = job.config.embedding, job.folder / "segments.parquet"
    tasks = [
        Task(segments, config, device, Shard(index, len(config.devices))) for index, device in enumerate(config.devices)
    ]
    facts = embed_on_devices(tasks, len(set(job.segments.text)), job.progress)
    job.cache.refresh()
    for process in facts:
        job.record.warnings.extend(process.pop("warnings"))
    return facts


def _warn_of_encoder(job: Job, not_served: list[dict[str, Any]]) -> None:
    info = job.encoder.info
    if not info.pooling_stated:
        job.record.warnings.append(f"{info.model} does not state its pooling; the mean of the tokens was taken.")
    if not info.languages:
        job.record.warnings.append(
            f"{info.model} does not state its languages; all were taken as served. Set embedding.languages to be sure."
        )
    for row in not_served:
        job.record.warnings.append(
            f"{row['source_id']}: {row['segments']} segments ({row['words']} words) are in the language "
            f"{row['language']!r}, which {info.model} does not serve; they are left out of themes and shares."
        )


def _warn_of_memory(job: Job, processes: list[dict[str, Any]]) -> None:
    for facts in ({"device": job.encoder.info.device, **job.embedder.facts}, *processes):
        if facts.get("batch_tokens_too_large"):
            budgets = ", ".join(map(str, facts["batch_tokens_too_large"]))
            job.record.warnings.append(
                f"{facts['device']} had too little memory for batches of {budgets} tokens; they were halved to "
                f"{facts['batch_tokens']}."
            )


def _not_served(job: Job, embeddings: Any) -> list[dict[str, Any]]:
    segments = job.segments
    cells: dict[tuple[str, str], dict[str, Any]] = {}
    for row in (~embeddings.served).nonzero()[0]:
        source_id, language = segments.source_id[row], segments.language[row]
        empty = {"source_id": source_id, "language": language, "segments": 0, "words": 0}
        cell = cells.setdefault((source_id, language), empty)
        cell["segments"] += 1
        cell["words"] += int(segments.n_words[row])
    return list(cells.values())
