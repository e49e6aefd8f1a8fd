"""Methods of other packages, which are imported only when they are asked for."""

from importlib.util import find_spec

from topicgpu.errors import MissingExtraError


def require(package: str, method: str, extra: str) -> None:
    """
    Raise unless a package is installed.

    Parameters
    ----------
    package : str
        As it is imported.
    method : str
        Value of `cluster.method` that needs it.
    extra : str
        Of topicgpu, that installs it.

    Raises
    ------
    MissingExtraError
        Names the extra.
    """
    if find_spec(package) is None:
        raise MissingExtraError(
            f"cluster.method = \"{method}\" needs {package}, which is not installed; pip install 'topicgpu[{extra}]', "
            "or leave cluster.method out."
        )
