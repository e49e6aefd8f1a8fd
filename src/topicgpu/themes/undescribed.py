"""The tables of themes before they have permanent ids, names and evidence: who carries what, and how stable it is."""

from collections.abc import Sequence

import numpy as np

from topicgpu.config import ThemesSection
from topicgpu.themes.guided import Assigned
from topicgpu.themes.hierarchy import Parts
from topicgpu.types import Floats, Ints, Segments, Theme, ThemeLevel, Themes


def undescribed(
    assigned: Assigned,
    theme_of: Ints,
    family_of: Ints,
    parts: Parts,
    stability: Floats,
    found_again: Sequence[float | None],
    config: ThemesSection,
    segments: Segments,
) -> Themes:
    """
    Put what was found into tables.

    Parameters
    ----------
    assigned : Assigned
        Of the t themes, guided ones first.
    theme_of : ndarray of int64, shape (n,)
        Primary theme of each row that counts; -1: none.
    family_of : ndarray of int64
        Family of each discovered theme; -1: none.
    parts : Parts
        Of the themes.
    stability : ndarray of float64, shape (t,)
        NaN where it was not measured.
    found_again : sequence of float or None, length of the guided themes or 0
        Overlap of each with the group that discovery found in its place.
    config : ThemesSection
        Definitions, and from where on a theme is stable.
    segments : Segments
        n rows.

    Returns
    -------
    Themes
        Discovered themes, subthemes and families have ids of this table alone, and no names.
    """

    def discovered(
        level: ThemeLevel, number: int, size: int, parent_id: str | None = None, stable: float = np.nan
    ) -> Theme:
        measured = None if np.isnan(stable) else round(stable, 4)
        theme_id = f"{level} {number}"
        unstable = stable < config.stable_from
        return Theme(theme_id, "", "discovered", None, (), size, (), parent_id, measured, unstable, level)

    n_guided, n_families = len(config.guided), int(family_of.max(initial=-1)) + 1
    sizes = np.bincount(theme_of[theme_of >= 0], minlength=n_guided + len(family_of))
    themes: list[Theme] = []
    for number, definition in enumerate(config.guided):
        stable = float(stability[number])
        themes.append(
            Theme(
                theme_id=definition.id,
                name=definition.name,
                kind="guided",
                description=definition.description,
                keywords=(),
                size=int(sizes[number]),
                exemplars=(),
                stability=None if np.isnan(stable) else round(stable, 4),
                unstable=stable < config.stable_from,
                found_again=found_again[number] if number < len(found_again) else None,
            )
        )
    for number, family in enumerate(family_of, start=n_guided):
        parent_id = f"family {family}" if family >= 0 else None
        themes.append(discovered("theme", number, int(sizes[number]), parent_id, float(stability[number])))
    part_sizes = np.bincount(parts.part_of[parts.part_of >= 0], minlength=len(parts.theme))
    subthemes = tuple(
        discovered("subtheme", number, int(size), themes[theme].theme_id, float(stable))
        for number, (theme, size, stable) in enumerate(zip(parts.theme, part_sizes, parts.stability, strict=True))
    )
    in_family = [sizes[n_guided:][family_of == family].sum() for family in range(n_families)]
    sub_row = np.flatnonzero(parts.part_of >= 0)
    carried = assigned.ranks > 0
    return Themes(
        themes=tuple(themes),
        row=assigned.rows[carried],
        theme=assigned.themes[carried],
        strength=assigned.strengths[carried],
        rank=assigned.ranks[carried],
        near_row=assigned.rows[~carried],
        near_theme=assigned.themes[~carried],
        near_strength=assigned.strengths[~carried],
        n_rows=len(segments),
        rows=segments.fingerprint,
        subthemes=subthemes,
        sub_row=sub_row,
        sub=parts.part_of[sub_row],
        families=tuple(discovered("family", number, int(size)) for number, size in enumerate(in_family)),
    )
