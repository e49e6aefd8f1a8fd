"""The colours of the report. A theme's stays the same from run to run: it follows from its id, not from its place."""

import hashlib
from collections.abc import Iterable

SLOTS = 10  # colours that can be told apart, by readers with colour-vision deficiencies too

# By the names that style sheets and charts use: `var(--ink)`. c0 to c9 are the themes', none is speech without one.
LIGHT = {
    "paper": "#fdfdfb", "raised": "#f5f4ef", "ink": "#1d1f22", "muted": "#5c6067", "rule": "#dcdad2",
    "accent": "#0b5c8a", "none": "#b9bbbf",
    "c0": "#cd0c5d", "c1": "#6c05b6", "c2": "#8b9d03", "c3": "#815fa7", "c4": "#1ca4fa",
    "c5": "#62192b", "c6": "#176706", "c7": "#2b2f6f", "c8": "#325dfd", "c9": "#ce7694",
}  # fmt: skip
DARK = {
    "paper": "#16181b", "raised": "#1f2226", "ink": "#e6e6e2", "muted": "#a2a6ad", "rule": "#363a40",
    "accent": "#7cc0ea", "none": "#5d6168",
    "c0": "#e3019f", "c1": "#bd96c2", "c2": "#87c548", "c3": "#9835fc", "c4": "#6dd2ff",
    "c5": "#ce7261", "c6": "#ccf26e", "c7": "#8a86ff", "c8": "#467cc0", "c9": "#fdb1b4",
}  # fmt: skip


def style_sheet() -> str:
    """
    Write the colours as the variables that all style sheets use.

    Returns
    -------
    str
        CSS: light, and dark for screens whose reader asks for it. Paper is light.
    """
    dark = f"@media screen and (prefers-color-scheme: dark) {{ {_root(DARK)} }}"
    return f"{_root(LIGHT)}\n{dark}"


def _root(colors: dict[str, str]) -> str:
    return f":root {{ {' '.join(f'--{name}: {value};' for name, value in colors.items())} }}"


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
