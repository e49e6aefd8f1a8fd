"""The one loop: each stage in order, taken from the run folder where its key is the same, computed where not."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from topicgpu.config import Config, seal
from topicgpu.device import resolve_device
from topicgpu.embed import TextEncoder
from topicgpu.errors import ConfigError, RunFolderError
from topicgpu.job import Job, Listener
from topicgpu.manifest import Record, digest, hash_code, library_versions, measured
from topicgpu.run_folder import MANIFEST, check_masked, nearest_folder, read_records
from topicgpu.run_lock import Lock, unwritable
from topicgpu.stages import STAGES, Stage
from topicgpu.store import hash_file, write_json

VERBS = ("ingest", "segment", "embed", "themes", "drift", "report")  # stages with a command of their own
_BY_NAME = {stage.name: stage for stage in STAGES}


def run_stages(
    config: Config,
    folder: Path,
    config_path: str,
    *,
    again: Sequence[str] = (),
    start: str | None = None,
    until: str | None = None,
    keep_going: bool = False,
    use_cache: bool = True,
    encoder: TextEncoder | None = None,
    update: Path | None = None,
    listener: Listener = lambda event: None,
) -> Job:
    """
    Run every stage whose result is not in the run folder already.

    Parameters
    ----------
    config : Config
        Of the run.
    folder : Path
        Of the run; made if needed. A folder of another run, or of anything else, is refused.
    config_path : str
        What the run is made from: a configuration file or a folder of sources.
    again : sequence of str
        Stages to compute even if their result is there.
    start : str, optional
        Compute this stage even if its result is there, and take those before it from the folder as they are: neither
        the corpus nor, where no later stage encodes, the encoder need be on this machine.
    until : str, optional
        The last stage to run.
    keep_going : bool
        Leave out sources that can't be read, and say so, instead of raising.
    use_cache : bool
        Take vectors from the cache, and keep new ones in it.
    encoder : TextEncoder, optional
        Instead of the configuration's.
    update : Path, optional
        Folder of another run whose themes' ids are kept; it is only read.
    listener : callable
        Told every event.

    Returns
    -------
    Job
        With every result at hand and `left_out` filled.

    Raises
    ------
    TopicGPUError
        Bad input, before anything is written where that is possible; finished stages stay.
    """
    job = Job(config, folder, config_path, keep_going, listener, _load, encoder, use_cache, update)
    read_records(folder, config_path)  # refuses the folder of another run before anything else is looked at
    for earlier in (folder, update):
        if earlier is not None:
            check_masked(earlier, config)
    first = STAGES.index(_BY_NAME[start]) if start else 0
    stages = STAGES[: STAGES.index(_BY_NAME[until]) + 1] if until else STAGES
    _check_means(job, stages[first:])
    with Lock(folder) as lock:
        old = read_records(folder, config_path)
        for place, stage in enumerate(stages):
            job.stage = stage.name
            if place < first:
                _take_as_it_is(stage, job, old)
                continue
            key = _key(stage, job)
            fresh = stage.name not in (*again, start) and _is_fresh(stage, key, job, old)
            if fresh:
                _take(stage, job, old)
            else:
                _compute(stage, key, job, old, lock)
        write_json(folder / MANIFEST, job.manifest(old))
    job.close()
    return job


def _is_fresh(stage: Stage, key: str, job: Job, old: dict[str, Record]) -> bool:
    record = old.get(stage.name)
    if record is None or record.key != key:
        return False
    if record.facts.get("left_out") and not job.keep_going:  # what was let pass then is an error now
        return False
    return _intact(stage, job.folder, old)


def _take(stage: Stage, job: Job, old: dict[str, Record]) -> None:
    record = old[stage.name]
    record.status = "store"
    job.records[stage.name] = record
    job.left_out.extend(record.facts.get("left_out", []))
    job.tell("store")


def _take_as_it_is(stage: Stage, job: Job, old: dict[str, Record]) -> None:
    if stage.name not in old or not _intact(stage, job.folder, old):
        raise RunFolderError(
            f"{job.folder}: the stage {stage.name} is not finished or its files are damaged; "
            f"run it whole again: topicgpu run {job.config_path} --out {job.folder}."
        )
    if old[stage.name].settings != repr(stage.settings(job.portable)):
        raise ConfigError(
            f"--set changes what the earlier stage {stage.name} did; change it there: "
            f"topicgpu {_verb(stage)} {job.folder} --set ..."
        )
    _take(stage, job, old)


def _verb(stage: Stage) -> str:
    """Find the nearest stage, this one or one before it, that has a command of its own."""
    return next(s.name for s in reversed(STAGES[: STAGES.index(stage) + 1]) if s.name in VERBS)


def _compute(stage: Stage, key: str, job: Job, old: dict[str, Record], lock: Lock) -> None:
    settings = repr(stage.settings(job.portable))
    job.record = record = Record(key, settings=settings, versions=library_versions(stage.libraries))
    job.tell("start")
    with measured(record):
        value = stage.compute(job)
    job.keep(stage.name, value)
    lock.acquire()
    if not (job.folder / MANIFEST).exists():  # from here on the folder is a run's, even if this one is killed
        write_json(job.folder / MANIFEST, job.manifest())
    record.seal(job.folder, stage.save(job.folder, value, job))
    job.records[stage.name] = record
    before = old.pop(stage.name, None)
    if before is None or before.fingerprint != record.fingerprint:
        _forget(stage, before, old, job)
    # Records that are still good stay in it: a run that ends here goes on from them.
    write_json(job.folder / MANIFEST, job.manifest(old))
    job.tell("done", seconds=record.seconds)


def _forget(stage: Stage, before: Record | None, old: dict[str, Record], job: Job) -> None:
    """Remove what was made from a result that is no longer there: old tables beside new ones would lie."""
    stale = list(before.files) if before else []
    for later in STAGES[STAGES.index(stage) + 1 :]:
        if later.name in old and _depends(later, stage.name):
            stale.extend(old.pop(later.name).files)
    kept = {name for record in [*job.records.values(), *old.values()] for name in record.files}
    kept.update(name for each in STAGES for name in each.lasting)
    for name in set(stale) - kept:
        (job.folder / name).unlink(missing_ok=True)


def _depends(stage: Stage, name: str) -> bool:
    return name in stage.reads or any(_depends(_BY_NAME[read], name) for read in stage.reads)


def _key(stage: Stage, job: Job) -> str:
    parts: dict[str, Any] = {
        "stage": stage.name,
        "inputs": {name: job.records[name].fingerprint for name in stage.reads},
        "settings": repr(stage.settings(job.portable)),
        "code": hash_code([*stage.code, "ops"]),
        "libraries": library_versions(stage.libraries),
    }
    if not stage.reads:
        files = _corpus_fingerprint(job)
        # With the files' hashes a masked number could be found by trying all.
        parts["corpus"] = seal(digest(files)) if job.config.ingest.redact else files
    if stage.outside is not None:
        parts["outside"] = stage.outside(job)
    if stage.encodes:
        parts["encoder"] = job.encoder_key
    return digest(parts)


def _corpus_fingerprint(job: Job) -> list[tuple[str, str]]:
    from topicgpu.ingest import corpus_files, root_of

    path = job.config.corpus.path
    return [(file.relative_to(root_of(path)).as_posix(), _hash_if_readable(file)) for file in corpus_files(path)]


def _hash_if_readable(path: Path) -> str:
    try:
        return hash_file(path) if path.is_file() else "unreadable"  # a pipe would never end
    except OSError:
        return "unreadable"  # ingest says so, or leaves the source out


def _intact(stage: Stage, folder: Path, records: dict[str, Record]) -> bool:
    """Whether the stage's files are as they were last written, by it or by a later stage that added to them."""
    for name in records[stage.name].files:
        path = folder / name
        last = [record.files[name] for record in records.values() if name in record.files][-1]
        if not path.is_file() or hash_file(path) != last:
            return False
    return True


def _load(name: str, job: Job) -> Any:
    return _BY_NAME[name].load(job.folder, job)


def _check_means(job: Job, stages: Sequence[Stage]) -> None:
    """Find what these stages would stumble over later, before anything is written."""
    ancestor = nearest_folder(job.folder)
    if not ancestor.is_dir() or not os.access(ancestor, os.W_OK):
        raise unwritable(job.folder, f"{ancestor} is not a folder that can be written")
    if job.config.cluster.method != "communities" and any(stage.name == "cluster" for stage in stages):
        from topicgpu.cluster import check_method

        check_method(job.config.cluster.method)
    for stage in stages:
        if stage.outside is not None:
            stage.outside(job)
    if any(stage.encodes for stage in stages):
        for device in job.config.embedding.devices:
            resolve_device(device)
        if job.config.embedding.device.startswith("cuda"):
            _ = job.device
        _ = job.encoder_key
