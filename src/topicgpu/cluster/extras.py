"""Methods of packages that come with an extra, and are imported only where they are asked for."""

from importlib.util import find_spec

from topicgpu.errors import MissingExtraError

_EXTRAS = {"evoc": "topicgpu[evoc]", "cuml": "topicgpu[cuda12]"}  # by method, which is named as its package


def check_method(method: str) -> None:
    """
    Raise unless what a method needs is installed.

    Parameters
    ----------
    method : str
        Value of `cluster.method`.

    Raises
    ------
    MissingExtraError
        Names the extra.
    """
    if method in _EXTRAS and find_spec(method) is None:
        other = ", with CUDA 13 'topicgpu[cuda13]'" if method == "cuml" else ""
        raise MissingExtraError(
            f"cluster.method = \"{method}\" needs {method}, which is not installed; pip install '{_EXTRAS[method]}'"
            f"{other}; or leave cluster.method out."
        )
