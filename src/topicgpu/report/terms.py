"""The words that a theme gains and loses between two sides, with how many segments and sources have them."""

from typing import Any

from topicgpu.report.wording import count, counted
from topicgpu.types import ChangeTerms

MAX_TERMS = 8  # gained, and as many lost

Sides = tuple[str, str, str]  # level, earlier side, later side


def terms_of(table: ChangeTerms, one: str = "source") -> dict[tuple[str, Sides], dict[str, list[dict[str, Any]]]]:
    """
    Word the terms of each theme and comparison.

    Parameters
    ----------
    table : ChangeTerms
        Most clearly moved first.
    one : str
        What counts as one observation: source, date or series.

    Returns
    -------
    dict
        By theme id and (level, earlier side, later side): gained and lost, lists of dict with term, before and now
        (in how many of the compared segments and units) and only_in, at most `MAX_TERMS` each.
    """
    found: dict[tuple[str, Sides], dict[str, list[dict[str, Any]]]] = {}
    for row, theme_id in enumerate(table.theme_id):
        sides = (table.level[row], table.from_[row], table.to[row])
        terms = found.setdefault((theme_id, sides), {"gained": [], "lost": []})
        ranked = terms["gained" if table.log_odds[row] > 0 else "lost"]
        if len(ranked) < MAX_TERMS:
            ranked.append(
                {
                    "term": table.term[row],
                    "before": _spread(
                        int(table.n_from[row]), int(table.of_from[row]), int(table.sources_from[row]), one
                    ),
                    "now": _spread(int(table.n_to[row]), int(table.of_to[row]), int(table.sources_to[row]), one),
                    "only_in": table.only_in[row],
                }
            )
    return found


def _spread(n: int, of: int, units: int, one: str) -> dict[str, str | None]:
    many = "series" if one == "series" else f"{one}s"
    return {"segments": f"{count(n)} of {count(of)}", "units": counted(units, one, many) if n else None}
