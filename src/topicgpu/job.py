"""One run while it goes on: configuration, folder, results so far, and the encoder, loaded when first needed."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple
from uuid import uuid4

from topicgpu.artifacts import ANSWERS, THEME_IDS, load_theme_ids
from topicgpu.config import Config, relative_path, relative_paths, validate_config
from topicgpu.device import Device, resolve_device
from topicgpu.embed import CachedEncoder, TextEncoder, cache_folder, load_encoder
from topicgpu.embed.locate import ModelFiles, locate_model
from topicgpu.errors import CacheError
from topicgpu.manifest import Record, hide_paths, manifest_of
from topicgpu.run_folder import finished_file
from topicgpu.store import VectorCache, default_root, hash_file, prune_caches
from topicgpu.themes.adopting import adopt
from topicgpu.themes.labels import Label, read_labels
from topicgpu.themes.language_model import language_model_key
from topicgpu.types import Clusters, Drift, Embeddings, Map, Neighbors, Repeats, Segments, Sources, ThemeIds, Themes


class Event(NamedTuple):
    """Something that a person watching a run would want to see."""

    kind: Literal["start", "progress", "done", "store", "note"]
    stage: str
    done: int = 0
    total: int = 0
    tokens: int = 0
    unit: str = "segments"  # what is done
    seconds: float = 0.0
    message: str = ""


Listener = Callable[[Event], None]


class Job:
    """
    The state of one run.

    Parameters
    ----------
    config : Config
        Of the run.
    folder : Path
        Of the run.
    config_path : str
        What the run is made from: a configuration file or a folder of sources.
    keep_going : bool
        Whether sources that can't be read are left out instead of ending the run.
    listener : callable
        Told every event.
    load : callable
        Stage name to its result, read from the folder.
    encoder : TextEncoder, optional
        Instead of the configuration's.
    use_cache : bool
        Whether vectors may be taken from the cache and kept in it.
    update : Path, optional
        Folder of another run whose themes' ids are kept; it is only read.
    """

    def __init__(
        self,
        config: Config,
        folder: Path,
        config_path: str,
        keep_going: bool,
        listener: Listener,
        load: Callable[[str, "Job"], Any],
        encoder: TextEncoder | None = None,
        use_cache: bool = True,
        update: Path | None = None,
    ) -> None:
        self.config = config
        self.folder = folder
        self.config_path = str(Path(config_path).resolve())
        self.keep_going = keep_going
        self.left_out: list[dict[str, str]] = []
        self.records: dict[str, Record] = {}
        self.record = Record(key="")  # of the stage that is being computed
        self.stage = ""
        self._listener = listener
        self._load = load
        self._custom = encoder
        self._use_cache = use_cache
        self.update = None if update is None or update.resolve() == folder.resolve() else update
        self._values: dict[str, Any] = {}

    def tell(self, kind: Literal["start", "progress", "done", "store", "note"], **details: Any) -> None:
        """
        Report an event of the current stage.

        Parameters
        ----------
        kind : str
            Kind of event.
        **details
            Fields of `Event`.
        """
        self._listener(Event(kind, self.stage, **details))

    def progress(self, done: int, total: int, tokens: int = 0, unit: str = "segments") -> None:
        """
        Report progress within the current stage.

        Parameters
        ----------
        done, total : int
            Segments, or what `unit` says; total 0: not known.
        tokens : int
            Read so far.
        unit : str
            What is counted, in the plural.
        """
        self.tell("progress", done=done, total=total, tokens=tokens, unit=unit)

    def value(self, stage: str) -> Any:
        """
        Give a stage's result, from memory or from the run folder.

        Parameters
        ----------
        stage : str
            Name of a finished stage.

        Returns
        -------
        object
            Its result.
        """
        if stage not in self._values:
            self._values[stage] = self._load(stage, self)
        return self._values[stage]

    def keep(self, stage: str, value: Any) -> None:
        """
        Remember a stage's result for the stages after it.

        Parameters
        ----------
        stage : str
            Name of the stage.
        value : object
            Its result.
        """
        self._values[stage] = value

    @property
    def sources(self) -> Sources:
        """Result of ingest."""
        sources: Sources = self.value("ingest")
        return sources

    @property
    def segments(self) -> Segments:
        """Result of segment."""
        segments: Segments = self.value("segment")
        return segments

    @property
    def embeddings(self) -> Embeddings:
        """Result of embed."""
        embeddings: Embeddings = self.value("embed")
        return embeddings

    @property
    def repeats(self) -> Repeats:
        """Result of repeats."""
        repeats: Repeats = self.value("repeats")
        return repeats

    @property
    def neighbors(self) -> Neighbors:
        """Result of neighbors."""
        neighbors: Neighbors = self.value("neighbors")
        return neighbors

    @property
    def map(self) -> Map:
        """Result of reduce."""
        map_: Map = self.value("reduce")
        return map_

    @property
    def clusters(self) -> Clusters:
        """Result of cluster."""
        clusters: Clusters = self.value("cluster")
        return clusters

    @property
    def themes(self) -> Themes:
        """Result of themes."""
        themes: Themes = self.value("themes")
        return themes

    @property
    def drift(self) -> Drift:
        """Result of drift."""
        drift: Drift = self.value("drift")
        return drift

    @cached_property
    def portable(self) -> Config:
        """The configuration as the run folder keeps it: paths as seen from there, and no pattern of what is masked."""
        data = self.config.model_dump(mode="json", by_alias=True)
        relative_paths(data, self.folder)
        return validate_config(data, self.config_path)

    @property
    def roots(self) -> list[Path]:
        """Folders whose names are the machine's, longest first."""
        from topicgpu.ingest import root_of

        themes, embedding = self.config.themes, self.config.embedding
        files = [Path(path).parent for path in (themes.labels, themes.namer, embedding.model) if path.startswith("/")]
        cache = cache_folder(embedding)
        roots = [root_of(self.config.corpus.path), self.folder.resolve(), default_root(), *files]
        return sorted([*roots, *([cache] if cache else [])], key=lambda path: -len(str(path)))

    @cached_property
    def update_key(self) -> str | None:
        """What tells the ids of the run `update` from others; None: there is no such run."""
        return None if self.update is None else hash_file(finished_file(self.update, "themes", THEME_IDS))

    @cached_property
    def earlier(self) -> ThemeIds | None:
        """
        The ids that discovered themes keep: those of this folder, with what `update` knows beside them since they were
        last looked at.

        Not a result that may be taken or not: neither a changed corpus nor a wish to compute everything again takes a
        theme's id away.
        """
        own = load_theme_ids(self.folder) if (self.folder / THEME_IDS).exists() else None
        if self.update is None or self.update_key is None or (own is not None and own.origin == self.update_key):
            return own
        theirs = load_theme_ids(self.update)
        if own is not None:
            return replace(adopt(own, theirs), origin=self.update_key)
        whole = tuple(theme._replace(kept_from=1.0) for theme in theirs.known)  # of what is the same there
        return replace(theirs, known=whole, origin=self.update_key)

    @cached_property
    def labels(self) -> tuple[Label, ...]:
        """The segments that were labelled by hand, where the configuration names their table."""
        themes = self.config.themes
        return read_labels(Path(themes.labels), [theme.id for theme in themes.guided]) if themes.labels else ()

    @cached_property
    def namer_key(self) -> str | None:
        """What tells the language model that words names from others; None: there is none."""
        folder = self.config.themes.namer
        return language_model_key(folder) if folder else None

    @property
    def answers(self) -> Path | None:
        """Where the language model's answers are kept for later runs into this folder; None: nowhere."""
        return self.folder / ANSWERS if self._use_cache else None

    @cached_property
    def device(self) -> Device:
        """The device of this run; where there are several, the first."""
        return resolve_device([*self.config.embedding.devices, self.config.embedding.device][0])

    @cached_property
    def model_files(self) -> ModelFiles:
        """The encoder's files."""
        embedding = self.config.embedding
        return locate_model(
            embedding.model,
            embedding.download,
            lambda text: self.tell("note", message=text),
            default_root() / "models",
        )

    @cached_property
    def encoder(self) -> TextEncoder:
        """The encoder itself, on the device of this run: it computes every text that it is given."""
        if self._custom is not None:
            return self._custom
        return load_encoder(
            self.config.embedding, self.model_files, self.device, lambda text: self.tell("note", message=text)
        )

    @property
    def encoder_key(self) -> Any:
        """What tells the encoder's files, or somebody's own encoder, from another: part of the stages' keys."""
        if self._custom is None:
            return self.model_files.revision, self.model_files.settings
        # Without a revision nobody knows whether it is the same as before.
        return self._custom.info.identity() | ({} if self._custom.info.revision else {"object": str(uuid4())})

    @property
    def cache_root(self) -> Path | None:
        """Where vectors are kept for all runs; None: nowhere."""
        if not self._use_cache or (self._custom is not None and not self._custom.info.revision):
            return None
        if self._custom is None and self.config.embedding.tier == "static":
            return None  # to make such a vector costs less than to read it
        return cache_folder(self.config.embedding)

    @cached_property
    def cache(self) -> VectorCache | None:
        """The vectors of this encoder that are kept."""
        if self.cache_root is None:
            return None
        return VectorCache(self.cache_root, self.encoder.info.identity(), self.encoder.info.dimension)

    @cached_property
    def embedder(self) -> TextEncoder:
        """The encoder with the cache before it, where there is one."""
        return self.encoder if self.cache is None else CachedEncoder(self.encoder, self.cache)

    def take_cache_warnings(self) -> list[str]:
        """
        Take what the vector cache had to say since the last call.

        Returns
        -------
        list of str
            A sentence for each file that could not be used.
        """
        if self.cache is None:
            return []
        taken = list(self.cache.warnings)
        self.cache.warnings.clear()
        return taken

    def close(self) -> None:
        """Leave the vector cache in order, and within its size. The run is done: trouble here is told, not raised."""
        if self.cache_root is None or "cache" not in self.__dict__ or self.cache is None:
            return
        self.cache.close()
        notes, limit = self.take_cache_warnings(), int(self.config.embedding.cache_gb * 1e9)
        try:
            deleted = prune_caches(self.cache_root, limit)
        except CacheError as error:  # another user's files, say
            notes.append(f"The vector cache could not be pruned: {error}")
        else:
            if deleted:
                notes.append(f"The vector cache was over {limit:,} bytes; {len(deleted)} files were deleted.")
        for note in notes:
            self.tell("note", message=note)

    def manifest(self, later: Mapping[str, Record] | None = None) -> dict[str, Any]:
        """
        Assemble the manifest of what is finished.

        Parameters
        ----------
        later : mapping, optional
            Records of an earlier run that may still hold, of stages that were not looked at yet.

        Returns
        -------
        dict
            Plain data.
        """
        later = {name: record for name, record in (later or {}).items() if name not in self.records}
        header: Mapping[str, Any] = {
            "name": self.config.name,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "config_path": relative_path(self.config_path, self.folder),
            "seed": self.config.seed,
            "config": self.portable.model_dump(mode="json", by_alias=True),
        }
        manifest: dict[str, Any] = hide_paths(manifest_of({**self.records, **later}, header), self.roots)
        return manifest
