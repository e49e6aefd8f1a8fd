"""What an export reads: a run that is opened."""

from pathlib import Path
from typing import Any, Protocol

from topicgpu.report import Results
from topicgpu.types import Clusters, Neighbors


class Finished(Protocol):
    """A `Run`: its folder, its results, and what only some formats need."""

    @property
    def folder(self) -> Path: ...
    @property
    def manifest(self) -> dict[str, Any]: ...
    @property
    def neighbors(self) -> Neighbors: ...
    @property
    def clusters(self) -> Clusters: ...
    def results(self) -> Results: ...
    def to_bertopic(self) -> Any: ...
