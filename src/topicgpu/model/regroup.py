"""Other themes from those that were found: joined, or with documents moved by hand. Nothing is looked for again."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from topicgpu.config import ThemesSection
from topicgpu.errors import InputError
from topicgpu.model.found import Found
from topicgpu.model.merging import join_order
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
        If a topic is not there, or is in two groups.
    """
    themes = found.themes
    into = np.arange(len(themes.themes))
    seen: set[int] = set()
    for group in groups:
        for topic in group:
            _check_topic(found, topic)
            if topic in seen:
                raise InputError(f"topic {topic} is in two groups of topics_to_merge; put these together.")
            seen.add(topic)
        members = [int(found.order[topic]) for topic in sorted(group)]
        stays = min(members, key=lambda place: (themes.themes[place].kind != "guided", members.index(place)))
        into[members] = stays
    kept = np.flatnonzero(into == np.arange(len(into)))
    number = np.searchsorted(kept, into)
    ids = {theme.theme_id: themes.themes[into[place]].theme_id for place, theme in enumerate(themes.themes)}
    changed = {int(number[place]) for place in range(len(into)) if into[place] != place}
    row, theme, strength, rank = _joined(themes.row, number[themes.theme], themes.strength, themes.rank)
    carried = row * len(kept) + theme
    near_row, near_theme, near_strength, _ = _joined(
        themes.near_row, number[themes.near_theme], themes.near_strength, np.ones(len(themes.near_row), dtype=np.int64)
    )
    near = ~np.isin(near_row * len(kept) + near_theme, carried)
    rough = replace(
        themes,
        themes=tuple(themes.themes[place] for place in kept),
        row=row,
        theme=theme,
        strength=strength,
        rank=rank,
        near_row=near_row[near],
        near_theme=near_theme[near],
        near_strength=near_strength[near],
        subthemes=tuple(replace(part, parent_id=ids.get(part.parent_id or "")) for part in themes.subthemes),
    )
    return found.with_themes(_described(found, rough, changed, n_keywords, n_exemplars))


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
    for step, join in enumerate(join_order(found, device, fixed, nr_topics)):
        groups[t + step] = groups.pop(join.left) + groups.pop(join.right)
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
        Topics keep their numbers. A document that moves carries its new topic alone.

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
    rough = replace(
        themes,
        row=row[order],
        theme=np.concatenate([themes.theme[stays], found.order[topics[new]]])[order],
        strength=np.concatenate([themes.strength[stays], strengths[new]])[order],
        rank=rank[order],
        sub_row=themes.sub_row[~np.isin(themes.sub_row, rows)],
        sub=themes.sub[~np.isin(themes.sub_row, rows)],
    )
    changed = set(range(len(themes.themes)))
    return replace(found, themes=_described(found, rough, changed, n_keywords, n_exemplars))


def _check_topic(found: Found, topic: int) -> None:
    if not 0 <= topic < len(found.order):
        raise InputError(f"topic {topic} is not there; topics go from 0 to {len(found.order) - 1}.")


def _is_guided(found: Found, place: int) -> bool:
    return found.themes.themes[place].kind == "guided"


def _joined(
    row: Ints, theme: Ints, strength: NDArray[np.float32], rank: Ints
) -> tuple[Ints, Ints, NDArray[np.float32], Ints]:
    """Let a document carry a joined theme once, at its best rank and strength, and close the gaps between ranks."""
    order = np.lexsort((rank, theme, row))
    row, theme, strength, rank = row[order], theme[order], strength[order], rank[order]
    starts = np.flatnonzero((np.diff(row, prepend=-1) != 0) | (np.diff(theme, prepend=-1) != 0))
    strength = np.maximum.reduceat(strength, starts) if len(starts) else strength
    row, theme, rank = row[starts], theme[starts], rank[starts]
    order = np.lexsort((rank, row))
    row, theme, strength, rank = row[order], theme[order], strength[order], rank[order]
    # A row whose first rank is 2 (noise that carries a theme only as a further one) keeps that.
    first = np.flatnonzero(np.diff(row, prepend=-1) != 0)
    length = np.diff(np.append(first, len(row)))
    return row, theme, strength, np.arange(len(row)) - np.repeat(first, length) + np.repeat(rank[first], length)


def _described(found: Found, themes: Themes, changed: set[int], n_keywords: int, n_exemplars: int) -> Themes:
    """Count every theme again, and word those that changed; one whose members changed has no stability yet."""
    from topicgpu.themes.described import describe

    unnamed = tuple(
        replace(theme, name=theme.name if theme.kind == "guided" else "", stability=None, unstable=False)
        if number in changed
        else theme
        for number, theme in enumerate(themes.themes)
    )
    limits = ThemesSection(n_keywords=n_keywords, n_exemplars=n_exemplars)
    new = describe(replace(themes, themes=unnamed), found.segments, found.embeddings, found.repeats, limits)
    described = tuple(
        after if number in changed else replace(before, size=after.size)
        for number, (before, after) in enumerate(zip(themes.themes, new.themes, strict=True))
    )
    return replace(new, themes=described)
