"""Arrays to safetensors and back."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from topicgpu.store.files import damaged, missing, write_file


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray[Any, Any]], metadata: Mapping[str, str]) -> None:
    """
    Write arrays as safetensors.

    Parameters
    ----------
    path : Path
        Where.
    arrays : mapping
        Name to array.
    metadata : mapping
        Strings kept in the header.
    """
    from safetensors.numpy import save_file

    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    # safetensors writes its metadata in no fixed order: under one key the same arrays make the same bytes.
    header = {"topicgpu": json.dumps(dict(metadata), sort_keys=True)}
    write_file(path, lambda temporary: save_file(contiguous, temporary, metadata=header))


def read_arrays(path: Path) -> tuple[dict[str, np.ndarray[Any, Any]], dict[str, str]]:
    """
    Read arrays and metadata from safetensors.

    Parameters
    ----------
    path : Path
        Where.

    Returns
    -------
    dict, dict
        Name to array, and the metadata.

    Raises
    ------
    RunFolderError
        If the file is missing or damaged.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (the file is no dict)
            return arrays, json.loads(file.metadata()["topicgpu"])
    except FileNotFoundError:
        raise missing(path) from None
    except SafetensorError as error:
        raise damaged(path, error) from error
