"""A colour for each theme that stays the same from run to run: it follows from the theme's id, not from its place."""

import hashlib
from collections.abc import Iterable

SLOTS = 10  # colours that can be told apart, by readers with colour-vision deficiencies too; styles/base.css holds them


def color_slots(theme_ids: Iterable[str]) -> dict[str, int]:
    """
    Give each theme one of the palette's colours.

    Parameters
    ----------
    theme_ids : iterable of str
        In any order.

    Returns
    -------
    dict of str to int
        Slot in [0, SLOTS) of each id. Depends on the set of ids alone. No colour is used again before all are used.

    Notes
    -----
    The hash of an id names its slot. Ids that meet in one slot are settled in the order of their hashes: the later one
    takes the next free slot, so a new theme moves the colour of few others.
    """
    slots: dict[str, int] = {}
    used = [0] * SLOTS
    for rank, theme_id in enumerate(sorted(set(theme_ids), key=_digest)):
        slot = int.from_bytes(_digest(theme_id)[:8], "big") % SLOTS
        while used[slot] > rank // SLOTS:
            slot = (slot + 1) % SLOTS
        used[slot] += 1
        slots[theme_id] = slot
    return slots


def _digest(theme_id: str) -> bytes:
    return hashlib.sha256(theme_id.encode()).digest()
