"""Themes that become one, and themes that are taken away: by the configuration of a run, or after a fit."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from topicgpu.types import Ints, Theme, Themes


def join(themes: Themes, into: Ints) -> Themes:
    """
    Let themes become part of others, and take some away.

    Parameters
    ----------
    themes : Themes
        t themes.
    into : ndarray of int64, shape (t,)
        Index of the theme that each becomes part of: its own where it stays, and of one that stays otherwise; -1: it is
        taken away.

    Returns
    -------
    Themes
        Guided themes in their order, then discovered ones by falling size. A row carries a joined theme once, at the
        better rank and the higher strength; a row whose primary theme is taken away carries none, and one that carries
        a theme only as a further one goes on doing so. A theme that others became part of has their sizes and subthemes
        too, and was not measured: nobody looked for it again. A family needs two themes. `ids` is as it was.

    Notes
    -----
    O(m log m) for m assignments.
    """
    itself = np.arange(len(into))
    if np.array_equal(into, itself):
        return themes
    sizes = np.bincount(into + 1, [theme.size for theme in themes.themes], len(into) + 1)[1:].astype(int)
    grown = np.bincount(into + 1, minlength=len(into) + 1)[1:] > 1
    stay = sorted(
        np.flatnonzero(into == itself).tolist(), key=lambda place: _rank(themes.themes[place], int(sizes[place]))
    )
    kept = [replace(themes.themes[place], size=int(sizes[place])) for place in stay]
    kept = [unmeasured(theme) if grown[place] else theme for place, theme in zip(stay, kept, strict=True)]
    number = np.full(len(into) + 1, -1, dtype=np.int64)  # the last is where -1 points to
    number[stay] = np.arange(len(stay))
    owner = {
        theme.theme_id: themes.themes[at].theme_id for theme, at in zip(themes.themes, into, strict=True) if at >= 0
    }
    return _with_families(_with_subthemes(_carried(themes, tuple(kept), number[into]), owner))


def unmeasured(theme: Theme) -> Theme:
    """
    Forget what was measured on a theme's rows, where these are others now.

    Parameters
    ----------
    theme : Theme
        Whose rows changed.

    Returns
    -------
    Theme
        Without stability, and not said to be found again.
    """
    return replace(theme, stability=None, unstable=False, found_again=None)


def _rank(theme: Theme, size: int) -> tuple[bool, int]:
    return (False, 0) if theme.kind == "guided" else (True, -size)


def _carried(themes: Themes, kept: tuple[Theme, ...], new: Ints) -> Themes:
    """Columns that say `new` for each old theme; -1 takes a row's theme away, its primary one all of them."""
    theme = new[themes.theme]
    bare = themes.row[(themes.rank == 1) & (theme < 0)]
    left = (theme >= 0) & ~np.isin(themes.row, bare)
    row, theme, strength, rank = _once(themes.row[left], theme[left], themes.strength[left], themes.rank[left])
    near = new[themes.near_theme]
    left = near >= 0
    near_row, near, near_strength, _ = _once(
        themes.near_row[left], near[left], themes.near_strength[left], np.ones(left.sum(), dtype=np.int64)
    )
    t = len(kept)
    left = ~np.isin(near_row * t + near, row * t + theme)
    return replace(
        themes,
        themes=kept,
        row=row,
        theme=theme,
        strength=strength,
        rank=rank,
        near_row=near_row[left],
        near_theme=near[left],
        near_strength=near_strength[left],
    )


def _once(
    row: Ints, theme: Ints, strength: NDArray[np.float32], rank: Ints
) -> tuple[Ints, Ints, NDArray[np.float32], Ints]:
    """Each row and theme once, at the best rank and strength, without gaps between a row's ranks."""
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


def _with_subthemes(themes: Themes, owner: dict[str, str]) -> Themes:
    """Themes whose subthemes follow the themes that they are parts of."""
    parts = [place for place, part in enumerate(themes.subthemes) if part.parent_id in owner]
    number = np.full(len(themes.subthemes), -1, dtype=np.int64)
    number[parts] = np.arange(len(parts))
    sub = number[themes.sub]
    subthemes = [themes.subthemes[place] for place in parts]
    return replace(
        themes,
        subthemes=tuple(replace(part, parent_id=owner[str(part.parent_id)]) for part in subthemes),
        sub_row=themes.sub_row[sub >= 0],
        sub=sub[sub >= 0],
    )


def _with_families(themes: Themes) -> Themes:
    """Themes whose families have at least two of them each."""
    members: dict[str | None, list[int]] = {}
    for theme in themes.themes:
        members.setdefault(theme.parent_id, []).append(theme.size)
    families = [family for family in themes.families if len(members.get(family.theme_id, ())) > 1]
    there = {family.theme_id for family in families}
    return replace(
        themes,
        themes=tuple(
            replace(theme, parent_id=theme.parent_id if theme.parent_id in there else None) for theme in themes.themes
        ),
        families=tuple(replace(family, size=sum(members[family.theme_id])) for family in families),
    )
