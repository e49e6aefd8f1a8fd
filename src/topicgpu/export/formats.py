"""The formats by name, and the one function that writes any of them."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from topicgpu.errors import ConfigError, RunFolderError
from topicgpu.export.atlas import write_atlas
from topicgpu.export.bertopic import write_bertopic
from topicgpu.export.charts import write_png, write_svg
from topicgpu.export.csv import write_csv
from topicgpu.export.datamap import write_datamap
from topicgpu.export.finished import Finished
from topicgpu.export.parquet import write_parquet
from topicgpu.export.pdf import write_pdf
from topicgpu.export.target import replace_export
from topicgpu.run_folder import origin_of


class Format(NamedTuple):
    """One format of `topicgpu export --to`."""

    what: str  # in a few words
    needs: tuple[str, ...]  # stages that must be finished, besides those that every export needs
    write: Callable[[Finished, Path], None]


FORMATS: dict[str, Format] = {
    "csv": Format("every table, for spreadsheets", (), write_csv),
    "parquet": Format("every table, exact", (), write_parquet),
    "svg": Format("the charts, for print", ("reduce", "themes", "drift"), write_svg),
    "png": Format("the charts, for slides", ("reduce", "themes", "drift"), write_png),
    "pdf": Format("the report, printed by a browser of this machine", (), write_pdf),
    "bertopic": Format("a BERTopic model with its documents", ("neighbors", "cluster", "themes"), write_bertopic),
    "embedding-atlas": Format("the map for embedding-atlas", ("neighbors", "reduce", "themes"), write_atlas),
    "datamapplot": Format("the map for DataMapPlot", ("reduce", "themes"), write_datamap),
}


def export(run: Finished, to: str, out: str | os.PathLike[str] | None = None) -> Path:
    """
    Write a run in the files of another program.

    Parameters
    ----------
    run : Run
        As far as it went.
    to : str
        A key of `FORMATS`.
    out : str or Path, optional
        Folder; `export/FORMAT` in the run folder if not given. An export of the same run that is there is replaced.

    Returns
    -------
    Path
        The folder. It is there whole or not at all.

    Raises
    ------
    ConfigError
        If there is no such format.
    RunFolderError
        If the run did not go far enough, or the folder holds anything else.
    MissingExtraError
        If the format needs a program that is not on this machine.

    Notes
    -----
    `report.text = false` leaves out every column of text, `report.speakers = "anonymous"` every name of a speaker. No
    path of this machine is in any file.
    """
    if to not in FORMATS:
        raise ConfigError(f"--to {to}: no such format; the formats are {', '.join(FORMATS)}.")
    for stage in FORMATS[to].needs:
        if stage not in run.manifest["stages"]:
            raise RunFolderError(
                f"{run.folder}: has no {_NOUNS[stage]} yet, which --to {to} needs; compute {_NOUNS[stage]} first: "
                f"topicgpu run {origin_of(run.folder, run.manifest)} --out {run.folder}."
            )
    folder = run.folder / "export" / to if out is None else Path(out)
    replace_export(run, to, folder, FORMATS[to].write)
    return folder


_NOUNS = {"neighbors": "neighbors", "cluster": "clusters", "reduce": "map", "themes": "themes", "drift": "drift"}
