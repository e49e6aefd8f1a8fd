"""Other themes from those that were found: joined, or with documents moved by hand. Nothing is looked for again."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicgpu.config import ThemesSection
from topicgpu.errors import InputError
from topicgpu.model.found import Found
from topicgpu.model.merging import join_order
from topicgpu.model.settings import is_whole
from topicgpu.themes.joining import join, unmeasured
from topicgpu.types import Ints, Themes


def merged(found: Found, groups: Sequence[Sequence[int]], n_keywords: int, n_exemplars: int) -> Found:
    """
    Join topics.

    Parameters
    ----------
    found : Found
        t topics.
    groups : sequence of sequence of int
        Topics that become one each.
    n_keywords, n_exemplars : int
        Of a theme.

    Returns
    -------
    Found
        Topics by falling size. The id that stays is that of a guided theme, or else of the largest.

    Raises
    ------
    InputError
        If a topic is not there or in two groups, or a group is empty.
    """
    before = found.themes.themes
    into = np.arange(len(before))
    seen: set[int] = set()
    for group in groups:
        if not len(group):
            raise InputError("topics_to_merge has a group without topics; leave it out.")
        for topic in group:
            _check_topic(found, topic)
            if topic in seen:
                raise InputError(f"topic {topic} is in two groups of topics_to_merge; put these together.")
            seen.add(topic)
        members = [int(found.order[topic]) for topic in sorted(group)]
        into[members] = min(members, key=lambda place: (before[place].kind != "guided", members.index(place)))
    joined = join(found.themes, into)
    grown = {before[place].theme_id for place in into[into != np.arange(len(into))]}
    return found.with_themes(_described(found, joined, grown, n_keywords, n_exemplars))


def reduced(found: Found, nr_topics: int, n_keywords: int, n_exemplars: int, device: str) -> Found:
    """
    Join discovered topics until there are so many in all.

    Parameters
    ----------
    found : Found
        t topics.
    nr_topics : int
        Topics that are left; guided ones stay as they are.
    n_keywords, n_exemplars : int
        Of a theme.
    device : str
        Where edges are weighed.

    Returns
    -------
    Found
        With at most so many topics; itself where there are no more.

    Raises
    ------
    InputError
        If the guided themes alone are more.
    """
    fixed = np.array([topic for topic, place in enumerate(found.order) if _is_guided(found, place)], dtype=np.int64)
    t = len(found.order)
    least = len(fixed) + (t > len(fixed))
    if nr_topics < least:
        raise InputError(f"nr_topics ({nr_topics}) must be at least {least}: guided themes are not joined.")
    groups = {topic: [topic] for topic in range(t)}
    for step, pair in enumerate(join_order(found, device, fixed, nr_topics)):
        groups[t + step] = groups.pop(pair.left) + groups.pop(pair.right)
    several = [group for group in groups.values() if len(group) > 1]
    return merged(found, several, n_keywords, n_exemplars) if several else found


def moved(found: Found, topics: Ints, strengths: NDArray[np.float32], n_keywords: int, n_exemplars: int) -> Found:
    """
    Give documents other topics.

    Parameters
    ----------
    found : Found
        n documents.
    topics : ndarray of int64, shape (n,)
        Wanted; -1: none.
    strengths : ndarray of float32, shape (n,)
        Of documents whose topic changes.
    n_keywords, n_exemplars : int
        Of a theme.

    Returns
    -------
    Found
        Topics keep their numbers. A document that moves carries its new topic alone, and comes near none.

    Raises
    ------
    InputError
        If there are too many or too few, or a topic is not there.
    """
    if len(topics) != len(found):
        raise InputError(f"topics has {len(topics)} rows for {len(found)} documents; give one for each.")
    for topic in np.unique(topics[topics >= 0]):
        _check_topic(found, int(topic))
    themes = found.themes
    rows = np.flatnonzero(topics != found.topics)
    if not len(rows):
        return found
    stays = ~np.isin(themes.row, rows)
    new = rows[topics[rows] >= 0]
    row = np.concatenate([themes.row[stays], new])
    rank = np.concatenate([themes.rank[stays], np.ones(len(new), dtype=np.int64)])
    order = np.lexsort((rank, row))
    near = ~np.isin(themes.near_row, rows)
    rough = replace(
        themes,
        themes=tuple(unmeasured(theme) for theme in themes.themes),
        row=row[order],
        theme=np.concatenate([themes.theme[stays], found.order[topics[new]]])[order],
        strength=np.concatenate([themes.strength[stays], strengths[new]])[order],
        rank=rank[order],
        near_row=themes.near_row[near],
        near_theme=themes.near_theme[near],
        near_strength=themes.near_strength[near],
        sub_row=themes.sub_row[~np.isin(themes.sub_row, rows)],
        sub=themes.sub[~np.isin(themes.sub_row, rows)],
    )
    changed = {theme.theme_id for theme in themes.themes}
    return replace(found, themes=_described(found, rough, changed, n_keywords, n_exemplars))


def _check_topic(found: Found, topic: Any) -> None:
    if not (is_whole(topic) and 0 <= topic < len(found.order)):
        raise InputError(f"topic {topic!s} is not there; topics go from 0 to {len(found.order) - 1}.")


def _is_guided(found: Found, place: int) -> bool:
    return found.themes.themes[place].kind == "guided"


def _described(found: Found, themes: Themes, changed: set[str], n_keywords: int, n_exemplars: int) -> Themes:
    """Count every theme again, and word those with the ids that changed."""
    from topicgpu.themes.described import describe

    unnamed = tuple(
        replace(theme, name="") if theme.theme_id in changed and theme.kind == "discovered" else theme
        for theme in themes.themes
    )
    limits = ThemesSection(n_keywords=n_keywords, n_exemplars=n_exemplars)
    new = describe(replace(themes, themes=unnamed), found.segments, found.embeddings, found.repeats, limits)
    described = tuple(
        after if before.theme_id in changed else replace(before, size=after.size)
        for before, after in zip(themes.themes, new.themes, strict=True)
    )
    return replace(new, themes=described)
