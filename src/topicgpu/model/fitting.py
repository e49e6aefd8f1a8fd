"""From documents to what is found in them, by the estimator's arguments."""

from collections.abc import Callable, Sequence
from typing import Any

from topicgpu.config import ThemesSection
from topicgpu.model.documents import Documents, read_documents
from topicgpu.model.encoders import check_width, encoder_of, lazy_encode
from topicgpu.model.fitted import N_EXEMPLARS, Fitted
from topicgpu.model.found import Found, find
from topicgpu.model.regroup import reduced
from topicgpu.model.segments import as_embeddings, as_segments
from topicgpu.model.settings import guided_themes, seed_of, themes_section, topic_count
from topicgpu.model.times import Times, read_times
from topicgpu.types import Clusters, Neighbors, Segments


class Fitting(Fitted):
    """What a fit does."""

    guided: Any
    zeroshot_topic_list: Any
    seed_topic_list: Any
    discover: bool
    min_topic_size: int
    nr_topics: Any
    max_topics_per_document: int
    noise: str
    noise_threshold: float
    representation_model: Any
    subthemes: bool
    stability_runs: int
    random_state: Any

    def _fit(
        self,
        documents: Any,
        embeddings: Any,
        timestamps: Any,
        sources: Sequence[Any] | None,
        languages: Sequence[str] | None,
    ) -> None:
        given = read_documents(self, documents, embeddings, fitting=True)
        times = None if timestamps is None else read_times(timestamps, given.n_rows)
        segments = as_segments(given.texts or ("",) * given.n_rows, times, sources, languages)
        found = self._find(given, segments, times)
        at_most = topic_count(self.nr_topics)
        if at_most is not None:
            found = reduced(found, at_most, self.top_n_words, N_EXEMPLARS, self._device)
        if self.representation_model is not None:
            found = self._with_words_of(self.representation_model, found)
        self.found_, self.custom_labels_ = found, None

    def _config(self) -> ThemesSection:
        topic_count(self.nr_topics)
        return themes_section(
            discover=self.discover,
            guided=guided_themes(self.guided, self.zeroshot_topic_list, self.seed_topic_list),
            max_per_segment=self.max_topics_per_document,
            min_segments=self.min_topic_size,
            n_keywords=self.top_n_words,
            n_exemplars=N_EXEMPLARS,
            subthemes=self.subthemes,
            stability_runs=self.stability_runs,
            noise={"policy": self.noise, "threshold": self.noise_threshold},
        )

    def _find(
        self,
        given: Documents,
        segments: Segments,
        times: Times | None = None,
        clusters: Callable[[Neighbors], Clusters] | None = None,
    ) -> Found:
        config, seed = self._config(), seed_of(self.random_state)  # before vectors are made
        vectors, encoder, revision = given.vectors, "given", ""
        if vectors is not None and given.texts is not None:
            check_width(self.embedding_model, self.device, vectors.shape[1])
        if vectors is None:
            loaded = encoder_of(self.embedding_model, self.device)
            vectors, encoder, revision = loaded.encode(segments.text), loaded.info.model, loaded.info.revision
        self.n_features_in_ = vectors.shape[1]
        return find(
            segments,
            as_embeddings(vectors, encoder, revision, segments.fingerprint),
            config,
            self.min_topic_size,
            seed,
            self._device,
            lazy_encode(self.embedding_model, self.device, vectors.shape[1]),
            times,
            clusters,
        )
