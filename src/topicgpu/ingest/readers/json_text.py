"""JSON as any tool writes it: what can't be parsed is one sentence with its line."""

import json
from typing import Any

from topicgpu.errors import CorpusError


def parse_json(text: str, line: int = 1) -> Any:
    """
    Parse JSON.

    Parameters
    ----------
    text : str
        A value.
    line : int
        Where it begins in its file.

    Returns
    -------
    object
        Plain Python; NaN and Infinity are let pass, since many tools write them.

    Raises
    ------
    CorpusError
        If it is not JSON, nested too deeply, or holds a number too long for one.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {line + error.lineno - 1}, column {error.colno}"
        raise CorpusError(f"{place}: is not valid JSON ({error.msg}); the file may be cut off.") from error
    except RecursionError as error:
        raise CorpusError(
            f"line {line}: is nested too deeply to be a transcript; take it out of the corpus."
        ) from error
    except ValueError as error:
        raise CorpusError(f"line {line}: holds a number of thousands of digits; take it out.") from error
