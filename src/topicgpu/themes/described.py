"""The table of themes: an id, a name and evidence for each, at each level."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topicgpu.config import ThemesSection
from topicgpu.themes.discovered import name_of
from topicgpu.themes.exemplars import exemplars
from topicgpu.themes.keywords import theme_keywords
from topicgpu.types import Embeddings, Floats, Ints, Segments, Theme, ThemeLevel


@dataclass(frozen=True)
class Describer:
    """What the description of every level reads."""

    segments: Segments
    embeddings: Embeddings
    counted: Ints  # rows that are served and no repeats
    sureness: NDArray[np.float32]  # (n,) how surely each row is about its primary theme
    config: ThemesSection

    def describe(
        self,
        level: ThemeLevel,
        ids: Sequence[str],
        theme_of: Ints,
        parents: Sequence[str | None] = (),
        stability: Sequence[float] | Floats = (),
        found_again: Sequence[float | None] = (),
    ) -> tuple[Theme, ...]:
        """
        Name the themes of one level, and show them by keywords and segments.

        Parameters
        ----------
        level : str
            Theme, subtheme or family.
        ids : sequence of str, length t
            Of the themes; of level theme, the guided ones come first.
        theme_of : ndarray of int64, shape (n,)
            Themes from 0 of the rows that count; -1: none.
        parents : sequence of str or None, length t or 0
            Ids of the themes above them.
        stability : sequence of float, length t or 0
            NaN where it was not measured.
        found_again : sequence of float or None, length of the guided themes or 0
            Overlap of each with the group that discovery found in its place.

        Returns
        -------
        tuple of Theme
            In the order of the ids.
        """
        texts = [self.segments.text[row] for row in self.counted]
        keywords = theme_keywords(texts, theme_of[self.counted], len(ids), self.config.n_keywords) if ids else []
        guided = self.config.guided if level == "theme" else ()
        described = []
        for number, (theme_id, words) in enumerate(zip(ids, keywords, strict=True)):
            rows = np.flatnonzero(theme_of == number)
            definition = guided[number] if number < len(guided) else None
            stable = float(stability[number]) if len(stability) else np.nan
            described.append(
                Theme(
                    theme_id=theme_id,
                    name=definition.name if definition else name_of(words),
                    kind="guided" if definition else "discovered",
                    description=definition.description if definition else None,
                    keywords=words,
                    size=len(rows),
                    exemplars=self._exemplars(rows),
                    parent_id=parents[number] if parents else None,
                    stability=None if np.isnan(stable) else round(stable, 4),
                    unstable=stable < self.config.stable_from,
                    level=level,
                    found_again=found_again[number] if number < len(found_again) else None,
                )
            )
        return tuple(described)

    def _exemplars(self, rows: Ints) -> tuple[str, ...]:
        wanted = self.config.n_exemplars
        return exemplars(rows, self.sureness[rows], self.embeddings.vectors, self.segments, wanted)
