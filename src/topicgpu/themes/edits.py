"""What the user says about discovered themes: this is one with that, this is none, this has another name."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from topicgpu.config import ThemesSection
from topicgpu.types import Ints, KnownTheme, Theme, Themes

_LISTED = 20  # themes in a sentence


def merge_and_hide(themes: Themes, config: ThemesSection) -> Themes:
    """
    Put discovered themes together, and leave some out, as the configuration says.

    Parameters
    ----------
    themes : Themes
        With permanent ids. Ids of the configuration that are not among them have no effect.
    config : ThemesSection
        `merge` and `hide`.

    Returns
    -------
    Themes
        A merged theme's segments, subthemes and size are those of all its parts; a hidden theme's segments have no
        theme at all. Guided themes keep their order, discovered ones go by size. `ids` is as it was.
    """
    place = {theme.theme_id: number for number, theme in enumerate(themes.themes)}
    target = np.arange(len(themes.themes))
    for merge in config.merge:
        for theme_id in merge.themes:
            if theme_id in place and merge.into in place:
                target[place[theme_id]] = place[merge.into]
    target[[place[theme_id] for theme_id in config.hide if theme_id in place]] = -1
    if np.array_equal(target, np.arange(len(target))):
        return themes
    sizes = np.bincount(target + 1, [theme.size for theme in themes.themes], len(target) + 1)[1:].astype(int)
    stay = [number for number, into in enumerate(target) if number == into]
    stay.sort(key=lambda number: -sizes[number] if themes.themes[number].kind == "discovered" else -np.inf)
    kept = tuple(replace(themes.themes[number], size=int(sizes[number])) for number in stay)
    new_place = np.full(len(target) + 1, -1, dtype=np.int64)  # the last is where -1 points to
    new_place[stay] = np.arange(len(stay))
    return _with_parts(_carried(replace(themes, themes=kept), new_place[target]), themes.themes, target)


def _carried(themes: Themes, new: Ints) -> Themes:
    """Themes whose columns say `new` for each old theme: -1 takes a row's theme away, its primary one all of them."""
    theme = new[themes.theme] if len(themes.theme) else themes.theme
    primary = np.full(themes.n_rows, -1, dtype=np.int64)
    primary[themes.row[themes.rank == 1]] = theme[themes.rank == 1]
    left = np.flatnonzero((theme >= 0) & (primary[themes.row] >= 0))
    # A segment that carried two parts of one theme carries it once, at the better rank: rows come by rank.
    _, once = np.unique(np.column_stack([themes.row[left], theme[left]]), axis=0, return_index=True)
    left = left[np.sort(once)]
    starts = np.flatnonzero(np.diff(themes.row[left], prepend=-1))
    begun = np.repeat(starts, np.diff(np.append(starts, len(left))))
    near = new[themes.near_theme] if len(themes.near_theme) else themes.near_theme
    has = set(zip(themes.row[left].tolist(), theme[left].tolist(), strict=True))
    close = []
    for number, pair in enumerate(zip(themes.near_row.tolist(), near.tolist(), strict=True)):
        if pair[1] >= 0 and pair not in has:
            has.add(pair)
            close.append(number)
    return replace(
        themes,
        row=themes.row[left],
        theme=theme[left],
        strength=themes.strength[left],
        rank=np.arange(len(left)) - begun + 1,
        near_row=themes.near_row[close],
        near_theme=near[close],
        near_strength=themes.near_strength[close],
    )


def _with_parts(themes: Themes, before: Sequence[Theme], target: Ints) -> Themes:
    """Themes whose subthemes and families follow what became of their themes."""
    owner = {old.theme_id: before[into].theme_id for old, into in zip(before, target, strict=True) if into >= 0}
    parts = [number for number, theme in enumerate(themes.subthemes) if theme.parent_id in owner]
    new = np.full(len(themes.subthemes), -1, dtype=np.int64)
    new[parts] = np.arange(len(parts))
    sub = new[themes.sub] if len(themes.sub) else themes.sub
    parents = {theme.parent_id for theme in themes.themes}
    return replace(
        themes,
        subthemes=tuple(
            replace(theme, parent_id=owner[str(theme.parent_id)])
            for theme in themes.subthemes
            if theme.parent_id in owner
        ),
        sub_row=themes.sub_row[sub >= 0],
        sub=sub[sub >= 0],
        families=tuple(family for family in themes.families if family.theme_id in parents),
    )


def rename(themes: Themes, config: ThemesSection) -> Themes:
    """
    Give themes, subthemes and families the names of the configuration, after they got their own.

    Parameters
    ----------
    themes : Themes
        Named.
    config : ThemesSection
        `rename`.

    Returns
    -------
    Themes
        With those names, by which `ids` remembers its themes too.
    """

    def named(tables: tuple[Theme, ...]) -> tuple[Theme, ...]:
        return tuple(replace(theme, name=config.rename.get(theme.theme_id, theme.name)) for theme in tables)

    renamed = replace(
        themes, themes=named(themes.themes), subthemes=named(themes.subthemes), families=named(themes.families)
    )
    names = {theme.theme_id: theme.name for theme in renamed.all}
    into = {theme_id: names.get(merge.into, "") for merge in config.merge for theme_id in merge.themes}
    known = [
        theme._replace(name=names.get(theme.theme_id) or into.get(theme.theme_id) or theme.name)
        for theme in themes.ids.known
    ]
    return replace(renamed, ids=replace(themes.ids, known=tuple(known)))


def unknown_edits(themes: Themes, config: ThemesSection) -> str | None:
    """
    Say which of `merge`, `hide` and `rename` this run does not have, or does not show: a theme may have gone.

    Parameters
    ----------
    themes : Themes
        Of the run, edited.
    config : ThemesSection
        What was asked for.

    Returns
    -------
    str or None
        One sentence about all such ids and names, with the ids that there are.
    """
    known = {theme.theme_id: theme for theme in themes.ids.known}
    shown = {theme.theme_id for theme in themes.all}
    top = {theme.theme_id for theme in themes.themes} | {
        theme.theme_id for theme in themes.ids.known if theme.level == "theme" and not theme.retired
    }
    merged = [theme_id for merge in config.merge for theme_id in (merge.into, *merge.themes)]
    wanted = [("merge", top, merged), ("hide", top, config.hide), ("rename", shown, config.rename)]
    became = {theme_id: f"which is part of {merge.into!r}" for merge in config.merge for theme_id in merge.themes}
    became |= dict.fromkeys(set(config.hide) & top, "which is hidden")
    said = [
        f"themes.{what} names {theme_id!r}, {_what_it_is(theme_id, known, became)}"
        for what, ids, theme_ids in wanted
        for theme_id in dict.fromkeys(theme_ids)
        if theme_id not in ids
    ]
    for theme in themes.all:
        twin = next((one for one in themes.all if _alike(one, theme)), None)
        if theme.theme_id in config.rename and twin:
            said.append(f"themes.rename calls {theme.theme_id!r} {theme.name!r}, as {twin.theme_id!r} is called")
    there = [f"{theme.theme_id} ({theme.name})" for theme in themes.themes]
    more = f" and {len(there) - _LISTED} more in themes.json" if len(there) > _LISTED else ""
    return f"{'; '.join(said)}; the themes are {', '.join(there[:_LISTED])}{more}." if said else None


def _alike(one: Theme, other: Theme) -> bool:
    return one.theme_id != other.theme_id and (one.level, one.name) == (other.level, other.name)


def _what_it_is(theme_id: str, known: Mapping[str, KnownTheme], became: Mapping[str, str]) -> str:
    theme = known.get(theme_id)
    if theme is None:
        return "which no theme has"
    if theme.retired:
        return f"which is gone (a {theme.level} of an earlier run, {theme.name!r})"
    return became.get(theme_id, f"which is a {theme.level} ({theme.name!r})")
