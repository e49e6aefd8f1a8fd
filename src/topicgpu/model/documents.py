"""What a user hands in: texts or vectors, checked, as the tables that the stages of a run read."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import validate_data

from topicgpu.errors import InputError
from topicgpu.model.times import Times
from topicgpu.ops.words import count_words
from topicgpu.types import Embeddings, Segments

Vectors = NDArray[np.float32]


def is_text(documents: Any) -> bool:
    """
    Whether these are texts, and not vectors.

    Parameters
    ----------
    documents : object
        A text, or a column of them, or a table of numbers.

    Returns
    -------
    bool
        True for a text, and for a column that begins with one.
    """
    if isinstance(documents, str):
        return True
    if getattr(documents, "ndim", 1) != 1 or not hasattr(documents, "__len__"):
        return False
    return any(isinstance(document, str) for document in documents)


def read_texts(documents: Any) -> tuple[str, ...]:
    """
    Take texts from a list, tuple, array or column.

    Parameters
    ----------
    documents : str or sequence of str
        One text stands for a list of one.

    Returns
    -------
    tuple of str
        The texts.

    Raises
    ------
    InputError
        If a row is no text.
    """
    texts = (documents,) if isinstance(documents, str) else tuple(documents)
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            raise InputError(f"documents must be texts; row {row} is {text!r}, so leave it out or make it a string.")
    return tuple(str(text) for text in texts)  # NumPy's own strings are not written to JSON


def as_rows(vectors: Any, n_rows: int | None = None) -> Vectors:
    """
    Check vectors.

    Parameters
    ----------
    vectors : array_like, shape (n, d)
        Finite numbers.
    n_rows : int, optional
        How many there have to be.

    Returns
    -------
    ndarray of float32, shape (n, d)
        In the order of C.

    Raises
    ------
    InputError
        If they are not (n, d), not numbers, or not finite.
    """
    array = np.asarray(vectors)
    if array.ndim != 2 or array.dtype.kind not in "fiub":
        raise InputError(
            f"embeddings must be a table of numbers, (rows, dimensions); got {array.dtype} of shape {array.shape}."
        )
    if n_rows is not None and len(array) != n_rows:
        raise InputError(f"embeddings has {len(array)} rows for {n_rows} documents; give one for each.")
    if not np.isfinite(array).all():
        row = int(np.flatnonzero(~np.isfinite(array).all(axis=1))[0])
        raise InputError(f"embeddings must be finite; row {row} holds NaN or inf.")
    rows: Vectors = np.ascontiguousarray(array, dtype=np.float32)
    return rows


def unit_rows(vectors: Any, n_rows: int | None = None) -> Vectors:
    """
    Check vectors, and divide each by its length.

    Parameters
    ----------
    vectors : array_like, shape (n, d)
        Finite numbers.
    n_rows : int, optional
        How many there have to be.

    Returns
    -------
    ndarray of float32, shape (n, d)
        Unit rows; a row of zeros stays one.

    Raises
    ------
    InputError
        As `as_rows`.
    """
    rows = as_rows(vectors, n_rows).astype(np.float64)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Vectors = np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0).astype(np.float32)
    return unit


def as_segments(
    texts: Sequence[str], times: Times | None, sources: Sequence[Any] | None, languages: Sequence[str] | None
) -> Segments:
    """
    Make the central table of documents: one row each.

    Parameters
    ----------
    texts : sequence of str, length n
        Empty strings where there are only vectors.
    times : ndarray of datetime64, optional
        (n,) when each is of.
    sources : sequence, optional
        (n,) what each is a part of; rows of one source stand together, in their order.
    languages : sequence of str, optional
        (n,) ISO 639-1 codes.

    Returns
    -------
    Segments
        n rows; without `sources` each document is a source of its own.

    Raises
    ------
    InputError
        If a column has another length, or a source's rows do not stand together.
    """
    n = len(texts)
    for name, column in (("sources", sources), ("languages", languages)):
        if column is not None and len(column) != n:
            raise InputError(f"{name} has {len(column)} rows for {n} documents; give one for each.")
    names = [str(source) for source in sources] if sources is not None else [str(row) for row in range(n)]
    positions, starts = [], []
    left: dict[str, tuple[int, int]] = {}  # position and offset that the next row of a source has
    for row, (name, text) in enumerate(zip(names, texts, strict=True)):
        if row and name != names[row - 1] and name in left:
            raise InputError(f"sources must stand together; row {row} goes back to {name!r}, so sort the documents.")
        position, start = left.get(name, (0, 0))
        positions.append(position)
        starts.append(start)
        left[name] = position + 1, start + len(text) + 1
    ends = [start + len(text) for start, text in zip(starts, texts, strict=True)]
    words = np.array([count_words(text) for text in texts], dtype=np.int64)
    return Segments(
        segment_id=tuple(f"{name}:{start}-{end}" for name, start, end in zip(names, starts, ends, strict=True)),
        source_id=tuple(names),
        position=np.array(positions, dtype=np.int64),
        passage=np.full(n, -1, dtype=np.int64),
        start_char=np.array(starts, dtype=np.int64),
        end_char=np.array(ends, dtype=np.int64),
        start_s=np.full(n, np.nan),
        end_s=np.full(n, np.nan),
        speaker=(None,) * n,
        language=("und",) * n if languages is None else tuple(str(language) for language in languages),
        date=(None,) * n if times is None else tuple(str(time) for time in times.astype("datetime64[D]")),
        text=tuple(texts),
        n_tokens=words,
        n_words=words,
    )


def as_embeddings(vectors: Vectors, encoder: str, revision: str, rows: str) -> Embeddings:
    """
    Make the table of vectors; a row of zeros takes no part.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n, d)
        Unit rows, or zeros.
    encoder, revision : str
        By what they were made.
    rows : str
        Fingerprint of the segments.

    Returns
    -------
    Embeddings
        n rows.
    """
    served = np.asarray(vectors.any(axis=1), dtype=np.bool_)
    return Embeddings(vectors, served, encoder, revision, (), rows)


class Documents(NamedTuple):
    """Checked input: texts (None where there are only vectors) and vectors (None where they are still to be made)."""

    texts: tuple[str, ...] | None
    vectors: Vectors | None

    @property
    def n_rows(self) -> int:
        """How many documents."""
        return len(self.vectors if self.texts is None else self.texts)  # type: ignore[arg-type]


def read_documents(estimator: Any, documents: Any, embeddings: Any, *, fitting: bool) -> Documents:
    """
    Check what is handed to a method of the estimator.

    Parameters
    ----------
    estimator : BaseEstimator
        Keeps or checks the number of dimensions.
    documents : sequence of str, or array_like of shape (n, d)
        Texts or vectors.
    embeddings : array_like, optional
        (n, d) vectors of the texts; a single column is a pipeline's y, and not used.
    fitting : bool
        Whether the number of dimensions is kept or checked.

    Returns
    -------
    Documents
        At least one.

    Raises
    ------
    InputError
        If they can't be used.
    """
    if embeddings is not None and np.asarray(embeddings).ndim == 1:
        embeddings = None
    if is_text(documents):
        texts = read_texts(documents)
        vectors = None if embeddings is None else unit_rows(embeddings, len(texts))
    elif isinstance(documents, list | tuple) and not documents:
        raise InputError("documents has no row; give at least one.")
    else:
        texts = None
        checked = validate_data(estimator, documents, reset=fitting, ensure_all_finite=False)
        vectors = unit_rows(checked if embeddings is None else embeddings, len(checked))
    if vectors is not None and not fitting and vectors.shape[1] != estimator.n_features_in_:
        raise InputError(
            f"embeddings has {vectors.shape[1]} dimensions, and the model was fitted on {estimator.n_features_in_}."
        )
    return Documents(texts, vectors)
