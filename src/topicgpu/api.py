"""The Python way to a run: start one, or open a folder and read its results."""

import os
from collections.abc import Collection, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from topicgpu import artifacts
from topicgpu.config import Config, load_config
from topicgpu.device import resolve_device
from topicgpu.embed import CustomEncoder, TextEncoder, load_encoder
from topicgpu.embed.locate import locate_model
from topicgpu.errors import ConfigError, RunFolderError
from topicgpu.job import Listener
from topicgpu.manifest import digest
from topicgpu.pipeline import run_stages
from topicgpu.report import Results, render
from topicgpu.run_drift import RunDrift
from topicgpu.run_folder import finished_file, read_config, read_manifest
from topicgpu.run_html import run_html
from topicgpu.store import default_root, write_text
from topicgpu.types import Clusters, Embeddings, Map, Neighbors, Repeats, Segments, Sources, Themes

if TYPE_CHECKING:
    from topicgpu.themes.explain import Explanation


class Run:
    """
    The results in a run folder, read when they are asked for.

    Parameters
    ----------
    folder : str or Path
        A folder that `topicgpu run` has written.

    Raises
    ------
    RunFolderError
        If the folder is not a run's.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self.manifest: dict[str, Any] = read_manifest(self.folder)

    def __repr__(self) -> str:
        return f"Run({str(self.folder)!r})"

    @cached_property
    def config(self) -> Config:
        """What the run was made with."""
        return read_config(self.folder, self.manifest)

    @cached_property
    def sources(self) -> Sources:
        """Texts, dates and kinds of the sources, with their turns and what was dropped."""
        return artifacts.load_sources(self.folder)

    @cached_property
    def segments(self) -> Segments:
        """The central table."""
        return artifacts.load_segments(self.folder)

    @cached_property
    def embeddings(self) -> Embeddings:
        """One unit vector a segment."""
        return artifacts.load_embeddings(self.folder)

    @cached_property
    def repeats(self) -> Repeats:
        """Segments that say again what another one said."""
        return artifacts.load_repeats(self.folder, self.segments)

    @cached_property
    def neighbors(self) -> Neighbors:
        """The most similar segments of each segment."""
        return artifacts.load_neighbors(self.folder)

    @cached_property
    def map(self) -> Map:
        """A 2-D place for each segment."""
        return artifacts.load_map(self.folder, self.segments)

    @cached_property
    def clusters(self) -> Clusters:
        """Groups of similar segments."""
        return artifacts.load_clusters(self.folder)

    @cached_property
    def themes(self) -> Themes:
        """Guided and discovered themes, and which segments carry them."""
        return artifacts.load_themes(self.folder, self.segments)

    @cached_property
    def drift(self) -> RunDrift:
        """Shares, changes and findings; `table` and `finding` give them with names and quotes."""
        return RunDrift.of(artifacts.load_drift(self.folder), self)

    def explain(self, segment_id: str, encoder: Any = None) -> "Explanation":
        """
        Say why a segment has its themes: phrases, terms, passage, neighbors and order.

        Parameters
        ----------
        segment_id : str
            Of `segments`.
        encoder : CustomEncoder, callable or object, optional
            The one that the run was made with, where it was made with one.

        Returns
        -------
        Explanation
            `print` shows it; computed again from the run folder with the run's encoder, which must be on this machine.

        Raises
        ------
        RunFolderError
            If there is no such segment, the encoder is not the one of the run, or the labels that it had have changed.
        """
        from topicgpu.themes.explain import explain
        from topicgpu.themes.labels import read_labels, with_labels

        if segment_id not in self.segments.segment_id:
            raise RunFolderError(
                f"{self.folder}: has no segment {segment_id!r}; ids are those of run.segments.segment_id."
            )
        config = self.config
        themes = config.themes
        if themes.labels:
            labels = read_labels(Path(themes.labels), [theme.id for theme in themes.guided])
            if digest(labels) != self.manifest["labels"]:
                raise RunFolderError(
                    f"{themes.labels}: has other labels than when {self.folder} was made, where they are examples; "
                    "run it again."
                )
            themes = with_labels(themes, labels, self.segments)
        return explain(
            self.segments,
            self.embeddings,
            self.repeats,
            self.neighbors,
            self.themes,
            themes,
            self._encoder(config, _as_encoder(encoder)).encode,
            self.segments.segment_id.index(segment_id),
        )

    def _encoder(self, config: Config, encoder: TextEncoder | None) -> TextEncoder:
        if encoder is None and self.manifest["encoder"]["tier"] != "custom":
            files = locate_model(config.embedding.model, False, lambda text: None, default_root() / "models")
            device = resolve_device([*config.embedding.devices, config.embedding.device][0])
            encoder = load_encoder(config.embedding, files, device, lambda text: None)
        if encoder is None:
            raise RunFolderError(
                f"{self.folder}: was made with an encoder of your own ({self.embeddings.encoder}), which it does not "
                "hold; give it here as well: encoder=..."
            )
        info, n_numbers = encoder.info, self.embeddings.vectors.shape[1]
        if (info.model, info.revision, info.dimension) != (
            self.embeddings.encoder,
            self.embeddings.revision,
            n_numbers,
        ):
            raise RunFolderError(
                f"{self.folder}: its vectors are those of {self.embeddings.encoder} ({n_numbers} numbers), which is "
                f"not the encoder here, {info.model} ({info.dimension}); give that one, or run it again with this one."
            )
        return encoder

    def results(self) -> Results:
        """
        Gather what the report and the exports are made of.

        Returns
        -------
        Results
            As far as the run went: map, themes and drift are None where it did not come to them.

        Raises
        ------
        RunFolderError
            If the run did not come to its repeats, or a file is damaged.
        """
        finished_file(self.folder, "repeats", "repeats.parquet")
        there = self.manifest["stages"]
        return Results(
            config=self.config,
            manifest=self.manifest,
            sources=self.sources,
            segments=self.segments,
            embeddings=self.embeddings,
            repeats=self.repeats,
            map=self.map if "reduce" in there else None,
            themes=self.themes if "themes" in there else None,
            drift=self.drift if "drift" in there else None,
        )

    def report(self, path: str | os.PathLike[str] | None = None, sections: Collection[str] | None = None) -> Path:
        """
        Locate the HTML report, or write another one.

        Parameters
        ----------
        path : str or Path, optional
            File to write; `report.html` of the run folder if not given.
        sections : collection of str, optional
            Names of the sections to draw: findings, time, table, map, themes, sources, method and more, as the
            anchors of the page have them; all whose tables are there if not given. Needs a path of its own.

        Returns
        -------
        Path
            One file that opens offline.

        Raises
        ------
        ConfigError
            If there is no such section, the run has not what it shows, or sections are given without a path.
        RunFolderError
            If the run did not go far enough, or the file can't be written.
        """
        if path is None:
            if sections is not None:
                raise ConfigError(
                    "sections are given without a path, and report.html of the run folder is the whole report; "
                    "give a path."
                )
            return self.folder / "report.html"
        write_text(Path(path), render(self.results(), sections))
        return Path(path)

    def export(self, to: str, out: str | os.PathLike[str] | None = None) -> Path:
        """
        Write the run in the files of another program.

        Parameters
        ----------
        to : str
            csv, parquet, svg, png, pdf, bertopic, embedding-atlas or datamapplot.
        out : str or Path, optional
            Folder; `export/FORMAT` in the run folder if not given.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        TopicGPUError
            As `topicgpu.export.export` has them.
        """
        from topicgpu.export import export

        return export(self, to, out)

    def to_bertopic(self, encoder: Any = None) -> Any:
        """
        Make a fitted BERTopic with the run's themes as topics and its segments as documents.

        Parameters
        ----------
        encoder : CustomEncoder, callable or object, optional
            The one that the run was made with, where it was made with one; needed for new documents alone.

        Returns
        -------
        bertopic.BERTopic
            Of the installed release.

        Raises
        ------
        InputError
            If no segment carries a theme.
        """
        from topicgpu.model.from_run import bertopic_of_run

        return bertopic_of_run(
            self.segments,
            self.embeddings,
            self.repeats,
            self.neighbors,
            self.clusters,
            self.themes,
            self.config.embedding.model if encoder is None else encoder,
            resolve_device(self.config.embedding.device).used,
        )

    def _repr_html_(self) -> str:
        return run_html(self)


def run(
    config: str | os.PathLike[str],
    out: str | os.PathLike[str] | None = None,
    *,
    set: Sequence[str] = (),  # the name of the command line's flag
    encoder: Any = None,
    update: str | os.PathLike[str] | None = None,
    use_store: bool = True,
    keep_going: bool = False,
    listener: Listener = lambda event: None,
) -> Run:
    """
    Run a configuration, or a folder of sources with the defaults.

    Parameters
    ----------
    config : str or Path
        A TOML file, or a folder.
    out : str or Path, optional
        Run folder; `runs/NAME` if not given.
    set : sequence of str
        `key=value` changes to the configuration.
    encoder : CustomEncoder, callable or object, optional
        Instead of the configuration's: a function from texts to vectors, or an object with such a method `encode`.
        As a `CustomEncoder` with a revision its vectors are kept for later runs.
    update : str or Path, optional
        Folder of another run: discovered themes keep the ids that they have there.
    use_store : bool
        Take finished stages from the run folder, and vectors from the cache.
    keep_going : bool
        Leave out sources that can't be read, and say so.
    listener : callable
        Told every event.

    Returns
    -------
    Run
        The results.

    Raises
    ------
    TopicGPUError
        Bad input, in one sentence.
    """
    from topicgpu.stages import STAGES

    source = Path(config)
    loaded = load_config(source, set)
    folder = Path(out) if out is not None else Path("runs") / loaded.name
    again = () if use_store else tuple(stage.name for stage in STAGES)
    run_stages(
        loaded,
        folder,
        str(source.resolve()),
        again=again,
        keep_going=keep_going,
        use_cache=use_store,
        encoder=_as_encoder(encoder),
        update=None if update is None else Path(update),
        listener=listener,
    )
    return Run(folder)


def _as_encoder(encoder: Any) -> TextEncoder | None:
    if encoder is None or isinstance(encoder, TextEncoder):
        return encoder
    return CustomEncoder(encoder)
