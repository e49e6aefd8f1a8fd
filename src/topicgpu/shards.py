"""Embedding spread over processes: each fills the vector cache with its part of a run's texts, and nothing else.

A text belongs to the shard that its cache key falls into, so equal texts are never computed twice. The processes of one
machine and the tasks of a job array run the same function.
"""

import multiprocessing
import os
import re
import signal
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from queue import Empty
from threading import Thread
from typing import Any, NamedTuple

from topicgpu.config import Config, EmbeddingSection
from topicgpu.device import resolve_device
from topicgpu.embed import CachedEncoder, Progress, TextEncoder, cache_folder, load_encoder, serves
from topicgpu.embed.locate import locate_model
from topicgpu.errors import ConfigError, DeviceError, RunFolderError, TopicGPUError
from topicgpu.store import VectorCache, default_root, read_blocks, text_keys

_POLL_S = 0.2
_BLOCK = 16_384


class Shard(NamedTuple):
    """Part `part`, from 0, of as many as `of`."""

    part: int
    of: int


class Task(NamedTuple):
    """What one process needs to know: plain data, sent to it as it starts."""

    segments: Path  # segments.parquet of the run
    config: EmbeddingSection
    device: str
    shard: Shard

    def encoder(self) -> TextEncoder:
        """Load the encoder on the task's device."""
        files = locate_model(self.config.model, False, lambda text: None, default_root() / "models")
        return load_encoder(self.config, files, resolve_device(self.device), lambda text: None)

    def cache(self, encoder: TextEncoder) -> VectorCache:
        """Open the cache that the vectors go to."""
        root = cache_folder(self.config)
        if root is None:
            raise ConfigError(
                "embedding.cache is off, and processes hand their vectors over in it; set it to auto or to a folder "
                "that all of them see."
            )
        return VectorCache(root, encoder.info.identity(), encoder.info.dimension)


def parse_shard(text: str) -> Shard:
    """
    Read `I/N`.

    Parameters
    ----------
    text : str
        For example `0/8` to `7/8`.

    Returns
    -------
    Shard
        Of the parts that N processes make.

    Raises
    ------
    ConfigError
        If it is anything else.
    """
    match = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text.strip())
    if match is None or int(match[1]) >= int(match[2]):
        raise ConfigError(f"--shard {text}: must be I/N with I from 0 to N - 1, for example 0/8.")
    return Shard(int(match[1]), int(match[2]))


def task_of(folder: Path, config: Config, shard: Shard) -> Task:
    """
    Say what one task of a job array has to do.

    Parameters
    ----------
    folder : Path
        Of a run whose segments are cut.
    config : Config
        Of the run.
    shard : Shard
        Which part.

    Returns
    -------
    Task
        On the configuration's device.

    Raises
    ------
    ConfigError
        If the configuration's tier is static, which needs no array of jobs.
    RunFolderError
        If the segments are not there yet.
    """
    if config.embedding.tier == "static":
        raise ConfigError(
            "embedding.tier = 'static' is not embedded in shards: its vectors are not cached, since making them costs "
            "less; leave --shard and --join out."
        )
    segments = folder / "segments.parquet"
    if not segments.is_file():
        raise RunFolderError(
            f"{folder}: has no segments yet; first: topicgpu run CONFIG --out {folder} --until segment."
        )
    return Task(segments, config.embedding, config.embedding.device, shard)


def embed_shard(task: Task, progress: Progress | None = None) -> dict[str, Any]:
    """
    Put the vectors of one shard into the cache, in flat memory.

    Parameters
    ----------
    task : Task
        Which texts, with what, where to.
    progress : callable, optional
        Told texts done, texts in all (0: not known) and tokens read.

    Returns
    -------
    dict
        How many were computed, how many were there, and the encoder's facts.

    Raises
    ------
    TopicGPUError
        As encoder and cache raise it; batches that are finished stay.
    """
    encoder = task.encoder()
    with task.cache(encoder) as cache:
        cached = CachedEncoder(encoder, cache)
        for start, vectors in cached.encode_windows(shard_texts(task.segments, encoder.info.languages, task.shard)):
            if progress is not None:
                progress(start + len(vectors), 0, int(cached.facts.get("tokens", 0)))
        return {**cached.facts, "device": task.device, "warnings": list(cache.warnings)}


def count_missing(task: Task) -> int:
    """
    Count the segments of a shard whose vectors are not in the cache.

    Parameters
    ----------
    task : Task
        Shard 0 of 1 for all texts of the run.

    Returns
    -------
    int
        0 where every shard is done.
    """
    encoder, missing = task.encoder(), 0
    texts = shard_texts(task.segments, encoder.info.languages, task.shard)
    with task.cache(encoder) as cache:
        while block := list(islice(texts, _BLOCK)):
            missing += int((~cache.find(text_keys(block))).sum())
    return missing


def check_joined(task: Task) -> None:
    """
    Raise unless every vector of a run is in the cache.

    Parameters
    ----------
    task : Task
        Shard 0 of 1.

    Raises
    ------
    RunFolderError
        If a shard is not done.
    """
    missing = count_missing(task)
    if missing:
        raise RunFolderError(
            f"{task.segments.parent}: {missing} segments are not embedded yet; run the shards that did not end, "
            "then --join."
        )


def shard_texts(segments: Path, languages: Sequence[str], shard: Shard) -> Iterator[str]:
    """
    Read the texts of one shard, block by block.

    Parameters
    ----------
    segments : Path
        segments.parquet of a run.
    languages : sequence of str
        Those that the encoder serves; others are left out.
    shard : Shard
        Which part.

    Yields
    ------
    str
        A text; equal ones are all in the same shard.
    """
    for columns in read_blocks(segments, ("text", "language")):
        pairs = zip(columns["text"], columns["language"], strict=True)
        texts = [text for text, language in pairs if serves(tuple(languages), language)]
        parts = text_keys(texts)[:, :4].copy().view("<u4")[:, 0] % shard.of
        yield from (text for text, part in zip(texts, parts, strict=True) if part == shard.part)


def embed_on_devices(tasks: Sequence[Task], total: int, progress: Progress) -> list[dict[str, Any]]:
    """
    Run one process a task and wait for all.

    Parameters
    ----------
    tasks : sequence of Task
        One a device.
    total : int
        Texts of all shards.
    progress : callable
        Told texts done, `total` and tokens read.

    Returns
    -------
    list of dict
        The processes' facts, in the order of the tasks.

    Raises
    ------
    TopicGPUError
        What a process raised; DeviceError if one died. The others are stopped; what any of them finished is in the
        cache.
    """
    context = multiprocessing.get_context("spawn")  # CUDA does not survive a fork
    messages = context.Queue()
    processes = [context.Process(target=_work, args=(task, messages), daemon=True) for task in tasks]
    try:
        for process in processes:
            process.start()
        return _collect(tasks, processes, messages, lambda done, tokens: progress(min(done, total), total, tokens))
    finally:
        for process in processes:
            if process.is_alive():
                process.terminate()
            process.join()


def _collect(
    tasks: Sequence[Task], processes: Sequence[Any], messages: Any, tell: Callable[[int, int], None]
) -> list[dict[str, Any]]:
    done, tokens = [0] * len(tasks), [0] * len(tasks)
    facts: dict[int, dict[str, Any]] = {}
    while len(facts) < len(tasks):
        try:
            index, kind, content = messages.get(timeout=_POLL_S)
        except Empty:
            _check_alive(tasks, processes, facts)
            continue
        if kind == "error":
            raise content
        if kind == "facts":
            facts[index] = content
        else:
            done[index], tokens[index] = content
            tell(sum(done), sum(tokens))
    return [facts[index] for index in range(len(tasks))]


def _check_alive(tasks: Sequence[Task], processes: Sequence[Any], facts: dict[int, Any]) -> None:
    for index, process in enumerate(processes):
        if index not in facts and process.exitcode not in (None, 0):
            raise DeviceError(
                f"the process on {tasks[index].device} ended with code {process.exitcode} before it was done; its "
                "finished vectors are in the cache, and the same command goes on from there."
            )


def _work(task: Task, messages: Any) -> None:
    import torch

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent too, and that ends this process
    Thread(target=_end_with_parent, daemon=True).start()
    index = task.shard.part
    if task.device == "cpu":
        torch.set_num_threads(max(1, torch.get_num_threads() // task.shard.of))
    try:
        facts = embed_shard(task, lambda done, _, tokens: messages.put((index, "progress", (done, tokens))))
    except TopicGPUError as error:
        messages.put((index, "error", error))
    else:
        messages.put((index, "facts", facts))


def _end_with_parent() -> None:
    """Leave the device when the parent is killed; what is finished is in the cache."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
