"""One row a segment: vectors, repeats, neighbors, places on a map, groups."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topicgpu.errors import DTypeError, ShapeError
from topicgpu.types.columns import Floats, Ints, Strings, check_columns, check_finite
from topicgpu.types.display import Brief

NO_LIMIT = 1_000_000  # tokens that an encoder of texts of any length says it reads


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Embeddings(Brief):
    """One unit vector a segment; rows in a language that the encoder does not serve are zero and not `served`."""

    vectors: NDArray[np.float32]  # (n, d)
    served: NDArray[np.bool_]  # (n,)
    encoder: str
    revision: str  # hash of the weights
    languages: Strings  # that the encoder serves; empty = all
    rows: str

    def __post_init__(self) -> None:
        if self.vectors.ndim != 2 or len(self.vectors) != len(self.served):
            raise ShapeError(f"Embeddings.vectors must be (n, d) with n={len(self.served)}; got {self.vectors.shape}.")
        if self.vectors.dtype != np.float32:
            raise DTypeError(f"Embeddings.vectors must be float32; got {self.vectors.dtype}.")
        check_finite(self, "vectors")

    def __len__(self) -> int:
        return len(self.vectors)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Repeats(Brief):
    """Segments that say again what another one says; every count downstream leaves them out."""

    row: Ints  # the repeat
    of: Ints  # the row that it repeats, itself never a repeat
    kind: Strings  # exact, near, translation
    similarity: Floats
    n_rows: int
    rows: str

    def __post_init__(self) -> None:
        check_columns(self, ["row", "of", "kind", "similarity"])

    @property
    def mask(self) -> NDArray[np.bool_]:
        """True for each of the n rows that is a repeat."""
        mask = np.zeros(self.n_rows, dtype=bool)
        mask[self.row] = True
        return mask


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Neighbors(Brief):
    """The k most similar rows of each row, self excluded; rows that take no part hold -1 and infinity."""

    indices: Ints  # (n, k)
    distances: NDArray[np.float32]  # (n, k) ascending, 1 - cosine
    metric: str
    exact: bool
    recall: float | None  # measured, where not exact
    rows: str
    method: str = ""  # by what they were found

    def __post_init__(self) -> None:
        if self.indices.shape != self.distances.shape or self.indices.ndim != 2:
            raise ShapeError(f"Neighbors needs two (n, k) arrays; got {self.indices.shape} and {self.distances.shape}.")

    def __len__(self) -> int:
        return len(self.indices)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Map(Brief):
    """A 2-D place for each row that takes part; NaN for the others."""

    xy: NDArray[np.float32]  # (n, 2)
    method: str
    rows: str

    def __post_init__(self) -> None:
        if self.xy.ndim != 2 or self.xy.shape[1] != 2:
            raise ShapeError(f"Map.xy must be (n, 2); got {self.xy.shape}.")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Levels(Brief):
    """Partitions of the rows at several grains, however small the groups; -1 for rows that take no part."""

    groups: Ints  # (l, n) from 0, the finest level first; a group is a union of groups of the level before
    resolutions: tuple[float, ...]  # (l,) falling
    chosen: int  # the level that `Clusters.labels` is made from

    def __post_init__(self) -> None:
        if self.groups.ndim != 2 or len(self.groups) != len(self.resolutions):
            raise ShapeError(f"Levels has {len(self.resolutions)} resolutions, and groups of {self.groups.shape}.")
        for finer, coarser in zip(self.groups, self.groups[1:], strict=False):
            if len(np.unique(finer * (coarser.max(initial=0) + 2) + coarser)) != len(np.unique(finer)):
                raise ShapeError("A group of a level must be a union of groups of the level before.")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Clusters(Brief):
    """A partition of the rows: labels from 0 by falling size, -1 for noise and for rows that take no part."""

    labels: Ints  # (n,)
    strengths: NDArray[np.float32]  # (n,) in [0, 1]
    method: str
    rows: str
    levels: Levels | None = None  # None: the method finds one partition

    def __post_init__(self) -> None:
        check_columns(self, ["labels", "strengths"])
        check_finite(self, "strengths")
        if self.levels and self.levels.groups.shape[1] != len(self.labels):
            raise ShapeError(f"Clusters has {len(self.labels)} rows, and levels of {self.levels.groups.shape[1]}.")

    def __len__(self) -> int:
        return len(self.labels)
