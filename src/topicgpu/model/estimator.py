"""The estimator: fit, predict and transform, by the rules of scikit-learn."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from topicgpu.config import ThemesSection
from topicgpu.errors import InputError
from topicgpu.model.documents import Documents, as_embeddings, as_segments, read_documents
from topicgpu.model.edits import TopicEdits
from topicgpu.model.exchange import Exchange
from topicgpu.model.fitted import N_EXEMPLARS
from topicgpu.model.found import Found, find
from topicgpu.model.nearest import assign, known_rows, most_similar, novelty
from topicgpu.model.regroup import reduced
from topicgpu.model.settings import encoder_of, guided_themes, lazy_encode, themes_section
from topicgpu.model.tables import TopicTables
from topicgpu.model.times import Times, read_times
from topicgpu.types import Clusters, Floats, Ints, Neighbors, Segments


class ThemeModel(TopicTables, TopicEdits, Exchange):
    """
    Themes of documents: guided, discovered or both, by the same stages as a run.

    Parameters
    ----------
    embedding_model : None, str, callable or object
        None: the packaged all-MiniLM-L6-v2; a folder or a model's name on disk; a function from texts to vectors, or an
        object with such a method `encode` or `embed`. Not loaded where all vectors are handed in.
    guided : sequence of GuidedTheme or dict, optional
        Themes that you name: `name`, and if you like `description`, `seeds`, `not`, `id`.
    zeroshot_topic_list : sequence of str, optional
        Names of guided themes, nothing else.
    seed_topic_list : sequence of sequence of str, optional
        Words of a guided theme each.
    discover : bool
        Look for themes in what the guided ones leave.
    min_topic_size : int
        Documents that a discovered theme needs.
    nr_topics : int or "auto", optional
        Join discovered themes until there are so many in all; None and "auto": as many as the data show.
    max_topics_per_document : int
        Themes that a document may carry.
    noise : {"keep", "assign", "soft"}
        What becomes of documents without a theme; as `themes.noise.policy` in a run. With "assign", new documents are
        never refused either.
    noise_threshold : float
        Strength in its group below which a document has no theme.
    max_novelty : float
        A new document that is farther from its nearest documents than this share of the fitted ones is about no theme.
    top_n_words : int
        Keywords of a theme.
    representation_model : object, list or dict, optional
        BERTopic's, to word the keywords.
    subthemes : bool
        Look for parts inside wide themes, and families of themes.
    stability_runs : int
        Other seeds and samples that say how stable themes are; 0: not measured.
    random_state : int, RandomState or None
        Seed of everything that draws; one number gives one result. None draws a new one for each fit.
    device : str
        `auto`, `cpu`, `cuda` or `cuda:N`.

    Attributes
    ----------
    topics_ : list of int
        Topic of each document: 0 is the largest; -1: no theme.
    labels_ : ndarray of int64, shape (n,)
        The same.
    probabilities_ : ndarray of float64, shape (n,)
        Strength of each document's topic, 0 where it has none.
    theme_ids_ : tuple of str
        Permanent id of each topic.
    themes_ : Themes
        All that the stage found: further themes of a document, subthemes, families, stability.
    n_features_in_ : int
        Dimensions of the vectors.

    Notes
    -----
    `transform` gives one column a topic, so that pipelines work, and not BERTopic's pair; `predict` gives topics.
    """

    def __init__(
        self,
        embedding_model: Any = None,
        *,
        guided: Sequence[Any] | None = None,
        zeroshot_topic_list: Sequence[str] | None = None,
        seed_topic_list: Sequence[Sequence[str]] | None = None,
        discover: bool = True,
        min_topic_size: int = 8,
        nr_topics: int | str | None = None,
        max_topics_per_document: int = 3,
        noise: str = "keep",
        noise_threshold: float = 0.0,
        max_novelty: float = 0.99,
        top_n_words: int = 10,
        representation_model: Any = None,
        subthemes: bool = True,
        stability_runs: int = 5,
        random_state: Any = 0,
        device: str = "auto",
    ) -> None:
        self.embedding_model = embedding_model
        self.guided = guided
        self.zeroshot_topic_list = zeroshot_topic_list
        self.seed_topic_list = seed_topic_list
        self.discover = discover
        self.min_topic_size = min_topic_size
        self.nr_topics = nr_topics
        self.max_topics_per_document = max_topics_per_document
        self.noise = noise
        self.noise_threshold = noise_threshold
        self.max_novelty = max_novelty
        self.top_n_words = top_n_words
        self.representation_model = representation_model
        self.subthemes = subthemes
        self.stability_runs = stability_runs
        self.random_state = random_state
        self.device = device

    def __sklearn_tags__(self) -> Any:
        """Texts or vectors."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.transformer_tags.preserves_dtype = ["float64"]
        return tags

    def fit(
        self,
        documents: Any,
        embeddings: Any = None,
        y: Any = None,
        *,
        timestamps: Any = None,
        sources: Sequence[Any] | None = None,
        languages: Sequence[str] | None = None,
    ) -> "ThemeModel":
        """
        Find themes.

        Parameters
        ----------
        documents : sequence of str, or array_like of shape (n, d)
            Texts; or vectors alone, and then there are no keywords.
        embeddings : array_like of shape (n, d), optional
            Vectors of the texts; not made then. (A column handed in here is a pipeline's `y`, and not used.)
        y : object
            Not used.
        timestamps : sequence, optional
            (n,) strings (ISO 8601), dates, datetimes, pandas times, or whole numbers for years.
        sources : sequence, optional
            (n,) what each document is a part of; those of one source stand together in their order, and guided themes
            are decoded along it.
        languages : sequence of str, optional
            (n,) ISO 639-1 codes; repeats in translation are found by them.

        Returns
        -------
        ThemeModel
            Itself.

        Raises
        ------
        InputError
            If rows do not fit together, are no texts, or are not finite.
        ConfigError
            If an argument of the constructor is impossible.
        """
        self._config()  # before vectors are made
        given = read_documents(self, documents, embeddings, fitting=True)
        times = None if timestamps is None else read_times(timestamps, given.n_rows)
        segments = as_segments(given.texts or ("",) * given.n_rows, times, sources, languages)
        found = self._find(given, segments, times)
        if isinstance(self.nr_topics, int):
            found = reduced(found, self.nr_topics, self.top_n_words, N_EXEMPLARS, self._device)
        self.found_, self.custom_labels_ = found, None
        if self.representation_model is not None:
            self._take_words_of(self.representation_model)
        return self

    def fit_predict(self, documents: Any, embeddings: Any = None, y: Any = None, **columns: Any) -> Ints:
        """
        Fit, and give the topic of each document.

        Parameters
        ----------
        documents, embeddings, y : object
            As for `fit`.
        **columns : sequence
            As for `fit`.

        Returns
        -------
        ndarray of int64, shape (n,)
            Topics; -1: no theme.
        """
        return self.fit(documents, embeddings, y, **columns).labels_

    def fit_transform(self, documents: Any, embeddings: Any = None, y: Any = None, **columns: Any) -> Floats:
        """
        Fit, and give the strength of each topic in each document.

        Parameters
        ----------
        documents, embeddings, y : object
            As for `fit`.
        **columns : sequence
            As for `fit`.

        Returns
        -------
        ndarray of float64, shape (n, t)
            As from `transform`.
        """
        strengths: Floats = self.fit(documents, embeddings, y, **columns).transform(documents, embeddings)
        return strengths

    def transform(self, documents: Any, embeddings: Any = None) -> Floats:
        """
        Give the strength of each topic in each document.

        Parameters
        ----------
        documents : sequence of str, or array_like of shape (q, d)
            New or fitted documents.
        embeddings : array_like of shape (q, d), optional
            Vectors of the texts.

        Returns
        -------
        ndarray of float64, shape (q, t)
            In [0, 1]; a row of zeros is about no theme. Fitted documents have what the fit gave them; new ones the
            shares of their nearest documents, by cosine.
        """
        return self._assign(documents, embeddings)[1]

    def predict(self, documents: Any, embeddings: Any = None) -> Ints:
        """
        Give the topic of each document.

        Parameters
        ----------
        documents : sequence of str, or array_like of shape (q, d)
            New or fitted documents.
        embeddings : array_like of shape (q, d), optional
            Vectors of the texts.

        Returns
        -------
        ndarray of int64, shape (q,)
            Topics; -1: no theme.
        """
        return self._assign(documents, embeddings)[0]

    def novelty(self, documents: Any, embeddings: Any = None) -> Floats:
        """
        Say how unlike the fitted documents others are: the score by which `predict` refuses.

        Parameters
        ----------
        documents : sequence of str, or array_like of shape (q, d)
            Documents.
        embeddings : array_like of shape (q, d), optional
            Vectors of the texts.

        Returns
        -------
        ndarray of float64, shape (q,)
            Share of the fitted documents that are nearer to their own nearest ones.
        """
        found, given = self._found, read_documents(self, documents, embeddings, fitting=False)
        return novelty(found, most_similar(found, self._vectors(given), self._device)[1])

    def _config(self) -> ThemesSection:
        if self.nr_topics not in (None, "auto") and not (isinstance(self.nr_topics, int) and self.nr_topics >= 1):
            raise InputError(f'nr_topics = {self.nr_topics!r} must be None, "auto" or a whole number from 1.')
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

    def _seed(self) -> int:
        if isinstance(self.random_state, int | np.integer):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(2**31))

    def _find(
        self,
        given: Documents,
        segments: Segments,
        times: Times | None = None,
        clusters: Callable[[Neighbors], Clusters] | None = None,
    ) -> Found:
        vectors, encoder, revision = given.vectors, "given", ""
        if vectors is None:
            loaded = encoder_of(self.embedding_model, self.device)
            vectors, encoder, revision = loaded.encode(segments.text), loaded.info.model, loaded.info.revision
        self.n_features_in_ = vectors.shape[1]
        return find(
            segments,
            as_embeddings(vectors, encoder, revision, segments.fingerprint),
            self._config(),
            self.min_topic_size,
            self._seed(),
            self._device,
            lazy_encode(self.embedding_model, self.device, vectors.shape[1]),
            times,
            clusters,
        )

    def _vectors(self, given: Documents) -> NDArray[np.float32]:
        return self._vectors_of(given.texts or ()) if given.vectors is None else given.vectors

    def _assign(self, documents: Any, embeddings: Any) -> tuple[Ints, Floats]:
        found, given = self._found, read_documents(self, documents, embeddings, fitting=False)
        known = known_rows(found, given.texts, given.vectors)
        topics, strengths = found.topics[known], np.zeros((len(known), len(found.order)))
        strengths[known >= 0] = found.strengths[known[known >= 0]].toarray()
        new = np.flatnonzero(known < 0)
        if len(new):
            some = Documents(
                None if given.texts is None else tuple(given.texts[row] for row in new),
                None if given.vectors is None else given.vectors[new],
            )
            topics[new], strengths[new] = self._assign_new(self._vectors(some))
        return topics, strengths

    def _assign_new(self, vectors: NDArray[np.float32]) -> tuple[Ints, Floats]:
        return assign(self._found, vectors, self._device, None if self.noise == "assign" else self.max_novelty)
