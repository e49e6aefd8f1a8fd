"""The themes stage of a run: whose ids it keeps, labels by hand, and what the manifest and the warnings say of it."""

from functools import partial

from topicgpu.cluster import communities_of
from topicgpu.config import relative_path
from topicgpu.errors import RunFolderError
from topicgpu.job import Job
from topicgpu.manifest import digest
from topicgpu.themes import find_themes
from topicgpu.themes.edits import unknown_edits
from topicgpu.themes.evidence import phrases_of
from topicgpu.themes.labels import with_labels
from topicgpu.themes.language_model import LanguageModel
from topicgpu.themes.namer import Namer
from topicgpu.types import Themes


def themes_run(job: Job) -> Themes:
    """
    Find a run's themes, and record how it went.

    Parameters
    ----------
    job : Job
        With everything before it at hand.

    Returns
    -------
    Themes
        With ids that the run before it, in this folder or in `update`, gave already.

    Raises
    ------
    TopicGPUError
        As the encoder raises it, or if vectors or labels are not of this run.
    """
    if job.embeddings.revision != job.encoder.info.revision:  # a verb takes them as they are
        raise RunFolderError(
            f"{job.folder}: its vectors are those of {job.embeddings.encoder}, which is not the encoder of this run; "
            f"take that one, or embed again: topicgpu embed {job.folder}."
        )
    config = job.config.themes
    if config.labels:
        config = with_labels(config, job.labels, job.segments)
        job.record.facts["labels"] = digest(job.labels)
    namer = Namer(LanguageModel(config.namer, job.answers)) if config.namer else None
    themes = find_themes(
        job.segments,
        job.embeddings,
        job.repeats,
        job.neighbors,
        job.clusters,
        config,
        job.config.seed,
        job.embedder.encode,
        partial(communities_of, device=job.device.used),
        job.earlier,
        namer,
    )
    job.record.warnings.extend(namer.warnings if namer else [])
    _record_ids(job, themes)
    unknown = unknown_edits(themes, config)
    if unknown:
        job.record.warnings.append(unknown)
    _warn_of_long_definitions(job)
    job.record.warnings.extend(job.take_cache_warnings())
    return themes


def _record_ids(job: Job, themes: Themes) -> None:
    live = [theme for theme in themes.ids.known if not theme.retired]
    job.record.facts["theme_ids"] = {
        "update": None if job.update is None else relative_path(str(job.update.resolve()), job.folder),
        "kept": sum(theme.kept_from is not None for theme in live),
        "new": sum(theme.kept_from is None for theme in live),
        "retired": len(themes.ids.retired),
    }


def _warn_of_long_definitions(job: Job) -> None:
    info = job.encoder.info
    what = {
        "windows": "the vectors of such phrases are the means of windows",
        "truncate": "what is beyond is not in the vectors of such phrases",
    }.get(info.long_texts)
    for theme in job.config.themes.guided if what else ():
        longest = int(job.encoder.count_tokens([*phrases_of(theme), *theme.exclude]).max())
        if longest > info.max_tokens:
            job.record.warnings.append(
                f"A phrase of the theme {theme.id!r} has {longest} tokens, the encoder reads {info.max_tokens}; {what}."
            )
