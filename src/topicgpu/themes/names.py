"""Names of themes: a phrase that covers the theme, two terms that are said together, or one; no two have the same."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from topicgpu.ops.terms import STOP_WORDS, Terms, say_again, stems
from topicgpu.themes.keywords import class_weights
from topicgpu.types import Floats, Ints

UNNAMED = "unnamed"
_CANDIDATES = 40
_WORTH = (1.0, 1.8, 2.0)  # of a term of one, two and three words: a phrase says what its words are about
_COVERS = 0.25  # share of the theme's texts that say a phrase, from which on it stands alone
_SAID_BY, _RARE = 0.1, 0.1  # a term that fewer of the theme's texts say names one of its corners; its worth then
_BOTH, _LEAST_BOTH = 0.04, 2  # share and number of the theme's texts that say both parts of a name
_FILLER = 0.5  # worth of "need" or "time", which mark a theme at times and name one seldom
_OWN = 0.5  # power of the share of a term's texts that are the theme's: what is said everywhere names little
_MOST_WORDS = 5
_TAKEN = 0.5  # worth of a term that another name has


def name_themes(terms: Terms, classes: Ints, n_classes: int, taken: Iterable[str] = ()) -> list[str]:
    """
    Name each class by what its texts say and the other classes' do not.

    Parameters
    ----------
    terms : Terms
        Of n texts: those of all themes, or of one theme where its subthemes are to be told apart.
    classes : ndarray of int, shape (n,)
        Class of each text, -1 for none.
    n_classes : int
        Number of classes.
    taken : iterable of str
        Names that are not to be given.

    Returns
    -------
    list of str
        One a class, all different: a phrase that at least a quarter of its texts say, else two terms, one where no
        second one is said often enough and in texts that say the first. At most five words; "unnamed" and a number
        where the texts share no word.

    Notes
    -----
    Terms are ranked by their class-based TF-IDF times the share of their uses that something other than a further word
    of content follows, where a noun phrase is complete (its root for a phrase), times the share that follows no pronoun
    or auxiliary, where a verb stands (English only), times the root of the share of the texts with the term that are
    the class's. Phrases count more than words, fillers and terms of another name less. The second term is the one that
    adds most in texts without the first, of those that a tenth of the class's texts say and at least two together with
    the first. The larger class is named first. Time O(words + classes * 40^2).
    """
    weights = class_weights(terms, classes, n_classes)
    sizes = np.bincount(classes[classes >= 0], minlength=n_classes)
    used = {name.casefold() for name in taken}
    in_names: set[int] = set()
    names = [""] * n_classes
    for label in np.argsort(-sizes, kind="stable"):
        own = _Candidates(terms, weights, np.flatnonzero(classes == label), int(label), in_names)
        parts = next((parts for parts in own.names() if _joined(terms, parts).casefold() not in used), ())
        name = _joined(terms, parts) if parts else _unnamed(used)
        used.add(name.casefold())
        in_names.update(parts)
        names[label] = name
    return names


class _Candidates:
    """The terms that a theme may be named by, the best first."""

    def __init__(self, terms: Terms, weights: csr_array, rows: Ints, label: int, in_names: set[int]) -> None:
        own = slice(weights.indptr[label], weights.indptr[label + 1])
        columns: Ints = weights.indices[own].astype(np.int64)
        length = np.array([_n_words(terms.written[column]) for column in columns], dtype=np.int64)
        said = (terms.counts[rows][:, columns] > 0).sum(axis=0)
        says = said / max(1, len(rows))
        complete = terms.closed[columns] ** np.where(length > 1, 0.5, 1.0) * (1 - terms.verbal[columns])
        worth = weights.data[own] * complete * np.array(_WORTH)[length - 1]
        worth *= (said / terms.present[:, columns].sum(axis=0)) ** _OWN
        worth[says < _SAID_BY] *= _RARE
        filler = np.array([" ".join(terms.words[column]) in STOP_WORDS for column in columns], dtype=bool)
        worth[filler] *= _FILLER
        worth *= np.where(np.isin(columns, list(in_names)), _TAKEN, 1.0)
        best = np.lexsort((columns, -worth))[:_CANDIDATES]
        self.columns, self.length, self.worth, self.filler = columns[best], length[best], worth[best], filler[best]
        self.says: NDArray[np.bool_] = terms.counts[rows][:, self.columns].toarray() > 0
        groups = [stems(terms.words[column], terms.language[column]) for column in self.columns]
        shared = np.array([[bool(one & other) for other in groups] for one in groups], dtype=bool)
        self.alike = say_again(groups) | shared.reshape(len(groups), len(groups))
        # "Food and drink and prices" is no name: what is a pair already stays alone.
        self.pair = np.array(["and" in terms.words[column] for column in self.columns], dtype=bool)

    def names(self) -> Iterator[tuple[int, ...]]:
        """Columns of the terms that make up one possible name after the other."""
        for one in range(len(self.columns)):
            if self.length[one] > 1 and self.says[:, one].mean() >= _COVERS:
                yield (int(self.columns[one]),)
            for other in self._beside(one):
                yield int(self.columns[one]), int(self.columns[other])
            yield (int(self.columns[one]),)

    def _beside(self, one: int) -> Ints:
        """Terms by what they add to one: their worth in the texts that do not say it, if enough texts say both."""
        without = ~self.says[:, one]
        says = self.says.sum(axis=0)
        both = says - self.says[without].sum(axis=0)
        added: Floats = self.worth * (says - both) / np.maximum(says, 1)
        loose = (both < np.maximum(_LEAST_BOTH, _BOTH * len(without))) | (says < _SAID_BY * len(without))
        again = self.alike[one] | self.pair | self.pair[one] | (self.length + self.length[one] > _MOST_WORDS)
        added[loose | again | self.filler] = 0
        order = np.argsort(-added, kind="stable")
        return order[added[order] > 0]


def _n_words(written: str) -> int:
    return written.count(" ") + 1


def _joined(terms: Terms, parts: tuple[int, ...]) -> str:
    name = _between(terms, parts).join(terms.written[part] for part in parts)
    return name[:1].upper() + name[1:] if name[1:2].islower() or " " in name else name


def _between(terms: Terms, parts: tuple[int, ...]) -> str:
    languages = {terms.language[part] for part in parts}
    return " and " if languages <= {"en", "und", ""} else ", "


def _unnamed(used: set[str]) -> str:
    number = 1
    while (name := UNNAMED if number == 1 else f"{UNNAMED} {number}") in used:
        number += 1
    return name
