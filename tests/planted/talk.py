"""Documents on three plain subjects, and an encoder that only counts their words: everything about them is known."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SUBJECTS = {
    "space": "rocket launch orbit engine booster satellite capsule crew".split(),
    "bread": "bread oven flour dough yeast baker crust loaf".split(),
    "sea": "ship sail wind harbour anchor sailor deck mast".split(),
}
WORDS = [word for words in SUBJECTS.values() for word in words]


def encode(texts: Sequence[str]) -> NDArray[np.float64]:
    """Counts of the words, and a little of a column for all the others."""
    counts = np.array([[text.lower().split().count(word) for word in WORDS] for text in texts], dtype=np.float64)
    return np.column_stack([counts, np.full(len(texts), 0.1)])


def talk(sizes: Sequence[int] = (40, 30, 20), seed: int = 0) -> tuple[list[str], NDArray[np.int64]]:
    """Texts of eight words of a subject each, in an order that mixes the subjects, and the subject of each."""
    rng = np.random.default_rng(seed)
    truth = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    words = list(SUBJECTS.values())
    return [" ".join(rng.choice(words[subject], 8)) for subject in truth], truth
