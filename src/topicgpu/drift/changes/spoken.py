"""How many segments of a theme each unit has, and how many of them say which term."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.sparse import csc_array

from topicgpu.drift.changes.design import Design
from topicgpu.drift.changes.log_odds import LogOdds
from topicgpu.drift.shares.counts import Counts
from topicgpu.drift.units import Units
from topicgpu.ops.terms import Tokens, terms_in, tokenize
from topicgpu.types import Floats, Ints, OptionalStrings, Segments, Strings

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, eq=False)
class Spoken:
    """The m counted primary segments of a theme whose source has a period, in the order of sources and positions."""

    tokens: Tokens
    language: Strings  # (m,) ISO 639-1
    speaker: OptionalStrings  # (m,)
    unit: Ints  # (m,) row of Units
    source: Ints  # (m,) source, in the order of their ids
    n_units: int

    @cached_property
    def all(self) -> "SaidBy":
        """Terms of all units."""
        return self.said_by(np.arange(self.n_units))

    def said_by(self, rows: Ints) -> "SaidBy":
        """
        Count terms in the segments of some units; nothing of other units, periods or themes decides what a term is.

        Parameters
        ----------
        rows : (n,) int
            Rows of Units, ascending.

        Returns
        -------
        SaidBy
            The terms of at least two of these segments. Nobody says the names of those who speak in them: that says
            who is there, not what is spoken of.
        """
        chosen = np.flatnonzero(np.isin(self.unit, rows))
        terms = terms_in(self.tokens.of(chosen), len(chosen))
        codes = sorted({self.language[row] for row in chosen.tolist()})
        number = {code: index for index, code in enumerate(codes)}
        language = np.array([number[self.language[row]] for row in chosen.tolist()], dtype=np.int64)
        of_term = np.array([number[code] for code in terms.language], dtype=np.int64)
        unit = np.searchsorted(rows, self.unit[chosen])
        exposure = np.zeros((len(rows), len(codes)))
        np.add.at(exposure, (unit, language), 1.0)
        segment, term = terms.counts.nonzero()
        names = _words_of_names({self.speaker[row] for row in chosen.tolist()})
        is_name = np.array([names.issuperset(_name(term)) for term in terms.written], dtype=bool)
        own = (language[segment] == of_term[term]) & ~is_name[term]
        segment, term = segment[own], term[own]
        segments = csc_array((np.ones(len(term)), (unit[segment], term)), shape=(len(rows), len(terms)))
        return SaidBy(terms.written, terms.words, terms.language, segments, exposure, of_term)


@dataclass(frozen=True, slots=True, eq=False)
class SaidBy:
    """Which of n units says which of v terms, in segments: a term counts once a segment, in its own language."""

    written: Strings  # (v,) as a term is written most
    words: tuple[Strings, ...]  # (v,) its words in lower case
    code: Strings  # (v,) its language
    segments: csc_array  # (n, v) with the term
    exposure: Floats  # (n, l) all of the theme, by language
    language: Ints  # (v,) column of `exposure` out of which a term's segments are

    def of(self, units: Ints) -> "SaidBy":
        """Keep some of the units, and all terms."""
        return replace(self, segments=csc_array(self.segments.tocsr()[units]), exposure=self.exposure[units])

    @property
    def n_units(self) -> Ints:
        """(v,) units that say each term."""
        said: Ints = np.diff(self.segments.indptr).astype(np.int64)
        return said

    def log_odds(self, terms: Ints | slice, made: Design) -> LogOdds:
        """Prepare to compare the sides of a design of these units by some of the terms."""
        columns = np.arange(len(self.language))[terms]
        return LogOdds(self.segments[:, columns].toarray(), self.exposure, self.language[columns], made)


def themes_spoken(segments: Segments, counts: Counts, units: Units) -> list[Spoken]:
    """
    Split the segments of each theme into words.

    Parameters
    ----------
    segments : Segments
        All rows.
    counts : Counts
        Those that count, and the primary theme of each.
    units : Units
        Units of the sources.

    Returns
    -------
    list of Spoken
        One a theme.

    Notes
    -----
    Every segment is split once. Cost: O(words).
    """
    unit = units.of_source[counts.source]
    carries = counts.carries[:, counts.columns.primary].tocsc()
    found = []
    for theme in range(counts.columns.n_themes):
        own = np.sort(carries.indices[carries.indptr[theme] : carries.indptr[theme + 1]]).astype(np.int64)
        own = own[unit[own] >= 0]
        rows: Sequence[int] = counts.row[own].tolist()
        language = tuple(segments.language[row] for row in rows)
        tokens = tokenize([segments.text[row] for row in rows], language)
        speaker = tuple(segments.speaker[row] for row in rows)
        found.append(Spoken(tokens, language, speaker, unit[own], counts.source[own], len(units)))
    return found


def _words_of_names(speakers: set[str | None]) -> set[str]:
    return {word for speaker in speakers if speaker for word in _WORD.findall(speaker.casefold())}


def _name(written: str) -> set[str]:
    """Words of a term that is written as names are; a term that is not counts as a word that no name has."""
    words = written.split()
    return set(_WORD.findall(written.casefold())) if all(word[0].isupper() for word in words) else {""}
