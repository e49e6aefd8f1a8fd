"""Topics over time: true shares of each period's documents, and the words of that period alone."""

from typing import Any

import numpy as np

from topicgpu.model.found import Found
from topicgpu.model.times import Times, bins_of
from topicgpu.types import Ints


def topics_over_time(found: Found, topics: Ints, times: Times, period: str, nr_bins: int | None, n_words: int) -> Any:
    """
    Count topics by period.

    Parameters
    ----------
    found : Found
        n documents, t topics.
    topics : ndarray of int64, shape (n,)
        Of the documents; -1: none.
    times : ndarray of datetime64, shape (n,)
        Of the documents.
    period : str
        As `bins_of` takes it.
    nr_bins : int, optional
        As `bins_of` takes it.
    n_words : int
        Words a topic and period.

    Returns
    -------
    pandas.DataFrame
        Topic, Words, Frequency, Timestamp, Share, Documents, theme_id: a row for each topic and period, -1 among the
        topics, so that a period's shares add to 1. Words are found in the documents of the period and nothing else, so
        that later ones change nothing.
    """
    import pandas as pd

    from topicgpu.themes.keywords import theme_keywords

    bin_of, starts = bins_of(times, period, nr_bins)
    t = len(found.order)
    rows: list[dict[str, Any]] = []
    for number, start in enumerate(starts):
        here = np.flatnonzero(bin_of == number)
        labels = topics[here]
        texts, languages = ([column[row] for row in here] for column in (found.segments.text, found.segments.language))
        keywords = theme_keywords(texts, labels, t, n_words, languages)
        counts = np.bincount(labels + 1, minlength=t + 1)
        for topic in range(-1, t):
            rows.append(
                {
                    "Topic": topic,
                    "Words": ", ".join(word.term for word in keywords[topic]) if topic >= 0 else "",
                    "Frequency": int(counts[topic + 1]),
                    "Timestamp": start,
                    "Share": counts[topic + 1] / len(here),
                    "Documents": len(here),
                    "theme_id": found.theme_ids[topic] if topic >= 0 else None,
                }
            )
    return pd.DataFrame(rows)
