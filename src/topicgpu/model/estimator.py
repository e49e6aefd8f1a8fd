"""The estimator: fit, predict and transform, by the rules of scikit-learn."""

from collections.abc import Sequence
from copy import copy
from typing import Any

from topicgpu.model.edits import TopicEdits
from topicgpu.model.exchange import Exchange
from topicgpu.model.fitting import Fitting
from topicgpu.model.predicting import Predicting
from topicgpu.model.tables import TopicTables
from topicgpu.types import Floats, Ints


class ThemeModel(Fitting, Predicting, TopicTables, TopicEdits, Exchange):
    """
    Themes of documents: guided, discovered or both, by the same stages as a run.

    Parameters
    ----------
    embedding_model : None, str, callable or object
        None: the packaged all-MiniLM-L6-v2; a folder or a model's name on disk; a function from texts to vectors, or an
        object with such a method `encode` or `embed`. A model by name is not loaded where all vectors are handed in.
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
        Topic of each document, 0 the largest after a fit; -1: no theme.
    labels_ : ndarray of int64, shape (n,)
        The same.
    probabilities_ : ndarray of float64, shape (n,)
        Strength of each document's topic, 0 where it has none.
    theme_ids_ : tuple of str
        Id of each topic: it stays when topics are joined, renumbered, saved and loaded; each fit counts anew.
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
        noise_threshold: float = 0.08,
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
            Floating-point vectors of the texts; not made then. (A single column, whole numbers, a data frame, or
            anything beside vectors is a pipeline's `y`, and not used.)
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
        fitted = copy(self)  # a fit that fails leaves everything as it was
        fitted._fit(documents, embeddings, timestamps, sources, languages)
        self.__dict__ = fitted.__dict__
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
