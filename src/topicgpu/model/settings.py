"""The estimator's arguments in the words of the configuration."""

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
from pydantic import ValidationError
from sklearn.utils import check_random_state

from topicgpu.config import GuidedTheme, ThemesSection
from topicgpu.config.sections import is_reserved
from topicgpu.errors import ConfigError, InputError

_ID_LENGTH = 60
_NAME_LENGTH = 80  # of a theme in a configuration
_WORDS = 3  # of a list of seeds in a name
Made = TypeVar("Made")


def guided_themes(
    guided: Sequence[Any] | None, zeroshot: Sequence[str] | None, seeds: Sequence[Sequence[str]] | None
) -> tuple[GuidedTheme, ...]:
    """
    Read guided themes in any of their spellings.

    Parameters
    ----------
    guided : sequence of GuidedTheme or dict, optional
        Definitions; in a dict only `name` is needed: its description is the name then, and its id made from it.
    zeroshot : sequence of str, optional
        Names alone.
    seeds : sequence of sequence of str, optional
        Words of a theme each.

    Returns
    -------
    tuple of GuidedTheme
        In this order.

    Raises
    ------
    ConfigError
        If one is no definition.
    """
    entries = [] if guided is None else list(guided)
    entries += [_named(str(name), str(name)) for name in (() if zeroshot is None else zeroshot)]
    names = {_given(entry, "name") for entry in entries}
    for words in () if seeds is None else seeds:
        said = [str(word) for word in words]
        options = (", ".join(said[:length]) for length in range(min(_WORDS, len(said)), len(said) + 1))
        name = next((option for option in options if option not in names), ", ".join(said))
        names.add(name)
        entries.append(_named(name, ", ".join(said)) | {"seeds": said})
    themes: list[GuidedTheme] = []
    taken = {_given(entry, "id") for entry in entries}
    for number, entry in enumerate(entries):
        if not isinstance(entry, GuidedTheme):
            entry = _theme(entry, number, taken | {theme.id for theme in themes})
        themes.append(entry)
    return tuple(themes)


def _named(name: str, description: str) -> dict[str, Any]:
    short = name if len(name) <= _NAME_LENGTH else f"{name[: _NAME_LENGTH - 1].rstrip()}…"
    return {"name": short, "description": description}


def _given(entry: Any, key: str) -> Any:
    return entry.get(key) if isinstance(entry, dict) else getattr(entry, key, None)


def _theme(entry: Any, number: int, used: set[str | None]) -> GuidedTheme:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise ConfigError(f"guided theme {number} is {entry!r}; it must be a dict with at least a name.")
    stem = re.sub(r"[^a-z0-9]+", "_", entry["name"].lower()).strip("_")[:_ID_LENGTH]
    free = (f"g{count}" for count in range(number + 1, number + len(used) + 2) if f"g{count}" not in used)
    made = stem if stem[:1].isalpha() and stem not in used and not is_reserved(stem) else next(free)
    return checked(lambda: GuidedTheme(**{"id": made, "description": entry["name"]} | entry), f"guided theme {number}")


def themes_section(**settings: Any) -> ThemesSection:
    """
    Make the section of the configuration that the stage of themes reads.

    Parameters
    ----------
    **settings : object
        Its keys.

    Returns
    -------
    ThemesSection
        Checked.

    Raises
    ------
    ConfigError
        If a value is impossible.
    """
    return checked(lambda: ThemesSection(**settings), "ThemeModel")


def checked(make: Callable[[], Made], what: str) -> Made:
    """
    Call a pydantic model; say in one sentence what is wrong.

    Parameters
    ----------
    make : callable
        Makes the object.
    what : str
        Begins the sentence.

    Returns
    -------
    object
        What `make` gives.

    Raises
    ------
    ConfigError
        If pydantic refuses.
    """
    try:
        return make()
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(str(part) for part in problem["loc"])
        reason = problem["msg"].removeprefix("Value error, ")
        raise ConfigError(f"{what}: {key + ': ' if key else ''}{reason}; got {problem['input']!r}.") from None


def is_whole(value: Any) -> bool:
    """
    Whether this is a whole number, of Python or of NumPy.

    Parameters
    ----------
    value : object
        Anything.

    Returns
    -------
    bool
        False for True and False.
    """
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def topic_count(nr_topics: Any) -> int | None:
    """
    Read how many topics are wanted.

    Parameters
    ----------
    nr_topics : int, "auto" or None
        Of any kind of whole numbers.

    Returns
    -------
    int or None
        At least 1; None: as many as the data show.

    Raises
    ------
    InputError
        If it is neither.
    """
    if nr_topics is None or (isinstance(nr_topics, str) and nr_topics == "auto"):
        return None
    if is_whole(nr_topics) and nr_topics >= 1:
        return int(nr_topics)
    raise InputError(f'nr_topics = {nr_topics!r} must be None, "auto" or a whole number from 1.')


def seed_of(random_state: Any) -> int:
    """
    Read a seed by scikit-learn's rules.

    Parameters
    ----------
    random_state : int, RandomState or None
        A seed, or what draws one; None: another one each time.

    Returns
    -------
    int
        From 0.

    Raises
    ------
    ConfigError
        If it is none of these, or out of range.
    """
    if random_state is None or isinstance(random_state, np.random.RandomState):
        return int(check_random_state(random_state).randint(2**31))
    if is_whole(random_state) and 0 <= random_state < 2**32:
        return int(random_state)
    raise ConfigError(
        f"random_state = {random_state!r} must be a whole number from 0 to {2**32 - 1}, a RandomState or None."
    )
