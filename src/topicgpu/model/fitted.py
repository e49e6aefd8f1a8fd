"""What every part of the estimator stands on: the arguments, and what the last fit found."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, ClusterMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from topicgpu.device import resolve_device
from topicgpu.errors import InputError
from topicgpu.model.documents import Documents
from topicgpu.model.encoders import lazy_encode
from topicgpu.model.found import Found
from topicgpu.model.times import Times
from topicgpu.types import Clusters, Ints, Neighbors, Segments, Theme

N_EXEMPLARS = 5  # as in a run


class Fitted(ClassNamePrefixFeaturesOutMixin, TransformerMixin, ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """State of the estimator: everything that it says is derived from `found_`."""

    found_: Found
    custom_labels_: dict[int, str] | None
    n_features_in_: int
    embedding_model: Any
    device: str
    top_n_words: int

    if TYPE_CHECKING:  # of ThemeModel, for the parts that are written apart

        def _with_words_of(self, representation_model: Any, found: Found) -> Found: ...

        def _topics_by(self, found: Found) -> Callable[[Any], Ints]: ...

        def _find(
            self,
            given: Documents,
            segments: Segments,
            times: Times | None = None,
            clusters: Callable[[Neighbors], Clusters] | None = None,
        ) -> Found: ...

    @property
    def _found(self) -> Found:
        check_is_fitted(self, "found_")
        return self.found_

    @property
    def _device(self) -> str:
        return resolve_device(self.device).used

    @property
    def _n_features_out(self) -> int:
        return len(self._found.order)

    def _theme(self, topic: int) -> Theme:
        return self._found.themes.themes[int(self._found.order[topic])]

    def _vectors_of(self, texts: Sequence[str]) -> NDArray[np.float32]:
        revision = self._found.embeddings.revision
        return lazy_encode(self.embedding_model, self.device, self.n_features_in_, revision)(texts)

    def _check_documents(self, docs: Sequence[str] | None) -> None:
        if docs is not None and len(docs) != len(self._found):
            raise InputError(
                f"docs has {len(docs)} rows, and the model was fitted on {len(self._found)}; hand in the same or None."
            )
