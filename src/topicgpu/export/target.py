"""Where an export goes: a folder that is there whole or not at all, and that never replaces what is not its own."""

import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

import topicgpu
from topicgpu.errors import RunFolderError
from topicgpu.export.finished import Finished
from topicgpu.manifest import digest
from topicgpu.run_folder import origin_of
from topicgpu.store import read_json, write_json

ABOUT = "export.json"


def replace_export(run: Finished, to: str, folder: Path, write: Callable[[Finished, Path], None]) -> None:
    """
    Write an export beside its place, then put it there.

    Parameters
    ----------
    run : Run
        That is exported.
    to : str
        Name of the format.
    folder : Path
        Where it goes.
    write : callable
        Writes the files of the run into the folder that it is given.

    Raises
    ------
    RunFolderError
        If something else is there, or the place can't be written.
    """
    # A path of this machine must not be told, only whether it is the same run again.
    key = digest([run.manifest["name"], origin_of(run.folder, run.manifest)])
    check_free(folder, key)
    place = folder.resolve()  # `.` has no name of its own
    part, old = (place.with_name(f".{place.name}.{secrets.token_hex(4)}.{what}") for what in ("part", "old"))
    try:
        try:
            part.mkdir(parents=True)
        except OSError as error:
            raise RunFolderError(
                f"{folder}: can't be written ({error.strerror}); choose another place with --out."
            ) from error
        write(run, part)
        files = sorted(path.relative_to(part).as_posix() for path in part.rglob("*") if path.is_file())
        report = run.results().config.report
        write_json(
            part / ABOUT,
            {
                "topicgpu_version": topicgpu.__version__,
                "format": to,
                "run": run.manifest["name"],
                "key": key,
                "text": report.text,
                "speakers": report.speakers,
                "files": files,
            },
        )
        if place.exists():
            place.rename(old)
        try:
            part.rename(place)
        except OSError:
            if old.exists():
                old.rename(place)  # what was there is not lost
            raise
    finally:
        for left in (part, old):
            shutil.rmtree(left, ignore_errors=True)


def check_free(folder: Path, key: str) -> None:
    """
    Refuse a place that holds anything but an export of the same run.

    Parameters
    ----------
    folder : Path
        Where an export is to go.
    key : str
        Of the run.

    Raises
    ------
    RunFolderError
        If it does.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise RunFolderError(f"{folder}: is a file, and an export is a folder; choose another place with --out.")
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    if not there:
        return
    about = read_json(folder / ABOUT) if ABOUT in there else None
    if not isinstance(about, dict) or about.get("key") != key:
        raise RunFolderError(f"{folder}: is there and is no export of this run; choose another place with --out.")
    foreign = sorted(there - {*about["files"], ABOUT})
    if foreign:
        raise RunFolderError(f"{folder}: holds {foreign[0]}, which no export wrote; move it, or choose another --out.")
