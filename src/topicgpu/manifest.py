"""What a run did and with what: the records behind manifest.json, and the keys that let a run resume."""

import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from time import perf_counter
from typing import Any

import topicgpu
from topicgpu.store import hash_file

SCHEMA = 2
_ROOT = Path(topicgpu.__file__).parent


@dataclass
class Record:
    """What is remembered of one stage's last computation."""

    key: str
    settings: str = ""  # the part of the configuration that it depends on
    fingerprint: str = ""  # of what it wrote
    seconds: float = 0.0
    peak_memory_bytes: int = 0
    status: str = "computed"  # or "store": taken from this folder
    files: dict[str, str] = field(default_factory=dict)  # name -> SHA-256
    implementation: dict[str, str] = field(default_factory=dict)  # operation -> which, and why
    warnings: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)  # shown at the top of the manifest
    versions: dict[str, str] = field(default_factory=dict)

    def seal(self, folder: Path, names: Iterable[str]) -> None:
        """
        Record the files that the stage wrote.

        Parameters
        ----------
        folder : Path
            Of the run.
        names : iterable of str
            Relative to it.
        """
        self.files = {name: hash_file(folder / name) for name in names}
        self.fingerprint = digest(self.files)


def digest(data: Any) -> str:
    """
    Hash plain data.

    Parameters
    ----------
    data : object
        Dicts, lists, strings, numbers, None.

    Returns
    -------
    str
        SHA-256, hexadecimal; the same for dicts in any order.
    """
    return hashlib.sha256(json.dumps(data, sort_keys=True, default=str).encode()).hexdigest()


def hash_code(names: Iterable[str]) -> str:
    """
    Hash the source of modules and packages, so that a changed stage is computed again and nothing is bumped by hand.

    Parameters
    ----------
    names : iterable of str
        Modules and packages of topicgpu, without its name.

    Returns
    -------
    str
        SHA-256, hexadecimal.
    """
    kernels = _kernels_root()
    files = [file for name in names for file in _sources(_ROOT / name)] + _sources(kernels)
    return digest([(file.name, hash_file(file)) for file in sorted(set(files))])


def library_versions(names: Iterable[str]) -> dict[str, str]:
    """
    Look up installed versions.

    Parameters
    ----------
    names : iterable of str
        Distributions.

    Returns
    -------
    dict
        Name to version; of an extra that is not here, `not installed`.
    """
    return {name: _version(name) for name in names}


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def manifest_of(records: Mapping[str, Record], header: Mapping[str, Any]) -> dict[str, Any]:
    """
    Assemble manifest.json.

    Parameters
    ----------
    records : mapping
        Stage to record, in the order of the flow.
    header : mapping
        Name, configuration, device.

    Returns
    -------
    dict
        Plain data: header, files, stages, warnings, and the stages' facts.
    """
    files: dict[str, str] = {}
    versions = {"python": ".".join(map(str, sys.version_info[:3]))}
    facts: dict[str, Any] = {}
    for record in records.values():
        files |= record.files
        versions |= record.versions
        facts |= record.facts
    return {
        "schema": SCHEMA,
        "topicgpu_version": topicgpu.__version__,
        **header,
        **facts,
        "versions": versions,
        "warnings": [
            {"stage": name, "message": message} for name, record in records.items() for message in record.warnings
        ],
        "stages": {name: asdict(record) for name, record in records.items()},
        "files": files,
    }


def hide_paths(data: Any, roots: Sequence[Path]) -> Any:
    """
    Take folders of the machine out of every text.

    Parameters
    ----------
    data : object
        Plain data, as `manifest_of` gives it.
    roots : sequence of Path
        The folders, those inside others first. Paths below them become relative to them, and they are called by their
        own name alone; the user's home is `~`.

    Returns
    -------
    object
        The same, changed where a text names one.
    """
    if isinstance(data, str):
        for root in roots:
            if root.is_absolute() and root.name:
                data = _renamed(data, root, itself=root.name, inside="")
        home = Path.home()
        return _renamed(data, home, itself="~", inside="~/") if home.name else data
    if isinstance(data, dict):
        return {name: hide_paths(value, roots) for name, value in data.items()}
    return [hide_paths(value, roots) for value in data] if isinstance(data, list | tuple) else data


def _renamed(text: str, folder: Path, itself: str, inside: str) -> str:
    """Replace a folder where its path begins and ends: /data is neither in /database nor in https://host/data."""
    path = re.escape(str(folder))
    return re.sub(rf"(?<![\w.~-]){path}(/|(?![\w-]))", lambda found: inside if found[1] else itself, text)


@contextmanager
def measured(record: Record) -> Iterator[None]:
    """
    Time a stage and note the most memory that the process held during it.

    Parameters
    ----------
    record : Record
        Its `seconds` and `peak_memory_bytes` are set.
    """
    _reset_peak_memory()
    start = perf_counter()
    yield
    record.seconds = round(perf_counter() - start, 3)
    record.peak_memory_bytes = _peak_memory()


def _reset_peak_memory() -> None:
    with suppress(OSError):  # not Linux, or not allowed: the peak is then the process's so far, an upper bound
        Path("/proc/self/clear_refs").write_text("5")


def _peak_memory() -> int:
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _kernels_root() -> Path:
    import topicgpu_kernels

    return Path(topicgpu_kernels.__file__).parent


def _sources(path: Path) -> list[Path]:
    if path.is_dir():
        return [file for file in path.rglob("*") if file.suffix in {".py", ".cu", ".j2", ".css", ".js"}]
    return [path.with_suffix(".py")]
