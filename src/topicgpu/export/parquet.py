"""Every table as Parquet: exact values and types."""

from pathlib import Path

from topicgpu.export.finished import Finished
from topicgpu.export.tables import tables_of
from topicgpu.store import write_table


def write_parquet(run: Finished, folder: Path) -> None:
    """
    Write every table as NAME.parquet.

    Parameters
    ----------
    run : Run
        As far as it went.
    folder : Path
        That is there.
    """
    for table in tables_of(run):
        write_table(folder / f"{table.name}.parquet", table.columns, table.metadata, table.schema)
