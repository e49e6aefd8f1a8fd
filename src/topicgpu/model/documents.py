"""What a user hands in: texts or vectors, checked."""

from typing import Any, NamedTuple

import numpy as np
from sklearn.utils.validation import validate_data

from topicgpu.errors import InputError
from topicgpu.types import Vectors


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
        (n, d) vectors of the texts, in floating point. A single column, a table of anything else, a data frame, and
        whatever comes with vectors is a pipeline's y, and not used.
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
    if embeddings is not None and _is_target(embeddings):
        embeddings = None
    if is_text(documents):
        texts = read_texts(documents)
        vectors = None if embeddings is None else unit_rows(embeddings, len(texts))
    elif isinstance(documents, list | tuple) and not documents:
        raise InputError("documents has no row; give at least one.")
    else:
        texts = None
        checked = validate_data(estimator, documents, reset=fitting, ensure_all_finite=False)
        vectors = unit_rows(checked)
    if vectors is not None and not fitting and vectors.shape[1] != estimator.n_features_in_:
        raise InputError(
            f"embeddings has {vectors.shape[1]} dimensions, and the model was fitted on {estimator.n_features_in_}."
        )
    return Documents(texts, vectors)


def _is_target(given: Any) -> bool:
    """Whether this is a pipeline's y in second place: labels, one-hot columns, a frame, and no table of vectors."""
    if hasattr(given, "columns"):
        return True
    array = np.asarray(given)
    return array.ndim == 1 or array.shape[1:] == (1,) or array.dtype.kind != "f"
