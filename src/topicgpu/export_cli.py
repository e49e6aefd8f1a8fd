"""The verb `topicgpu export`: a run in the files of other programs."""

import json
import sys
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer


def export(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="FORMAT",
            help="csv, parquet, svg, png, pdf, bertopic, embedding-atlas or datamapplot.",
        ),
    ],
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder; RUN/export/FORMAT if not given.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Write a run as tables, charts, a PDF, or for BERTopic, embedding-atlas or DataMapPlot."""
    from topicgpu.api import Run
    from topicgpu.job import Event
    from topicgpu.progress import watch

    run = Run(folder)
    with watch(sys.stderr) as listener:
        started, stage = perf_counter(), f"export to {to}"
        listener(Event("start", stage))
        written = run.export(to, out)
        listener(Event("done", stage, seconds=perf_counter() - started))
    if as_json:
        files = sorted(path.relative_to(written).as_posix() for path in written.rglob("*") if path.is_file())
        print(json.dumps({"export": str(written), "format": to, "files": files}, indent=2, ensure_ascii=False))
    else:
        print(written)
