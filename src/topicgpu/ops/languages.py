"""Which language a text is in: its script narrows the choice, what is declared narrows it further, eldc decides."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

# Languages of each script but the Latin. Han stands for text without kana.
_LANGUAGES = {
    "kana": ("ja",),
    "han": ("zh", "ja"),
    "hangul": ("ko",),
    "cyrillic": ("ru", "uk", "bg", "sr", "be", "mk", "kk", "mn"),
    "greek": ("el",),
    "arabic": ("ar", "fa", "ur"),
    "hebrew": ("he",),
    "devanagari": ("hi", "mr", "ne"),
    "thai": ("th",),
    "other": tuple("am bn bo gu hy ka km kn lo ml my or pa si ta te".split()),
    "latin": (),
}
_ALSO_LATIN = ("sr", "kk")
# What a text is in that says too little to be told: these scripts have one language, or one that has no other.
_ASSUMED = {"kana": "ja", "han": "zh", "hangul": "ko", "greek": "el", "hebrew": "he", "thai": "th"}
# Under this, a text of fifteen words is in a language that the model does not know (docs/measured.md).
_LEAST_SCORE = 0.6
_MOST_SCORES = 20
_KANA = "\u3040-\u30ff"
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
LATIN = "A-Za-z\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff"
# One match a word: scripts without spaces by character, as words are counted.
_SCRIPT = re.compile(
    rf"(?P<kana>[{_KANA}])|(?P<han>[{_HAN}])"
    r"|(?P<hangul>[\u1100-\u11ff\uac00-\ud7af]+)"
    r"|(?P<cyrillic>[\u0400-\u052f]+)"
    r"|(?P<greek>[\u0370-\u03ff\u1f00-\u1fff]+)"
    r"|(?P<arabic>[\u0600-\u06ff\u0750-\u077f]+)"
    r"|(?P<hebrew>[\u0590-\u05ff]+)"
    r"|(?P<devanagari>[\u0900-\u097f]+)"
    r"|(?P<thai>[\u0e00-\u0e7f]+)"
    rf"|(?P<latin>[{LATIN}]+)"
    r"|(?P<other>[^\W\d_])"
)
# A NUL ends the text for eldc, and a lone surrogate has no UTF-8.
_UNREADABLE = re.compile("[\0\ud800-\udfff]")
_LATIN_LETTER = re.compile(f"[{LATIN}]")
# All but Latin letters and what is no letter: ASCII, punctuation, signs of money. U+00B5 is a letter.
_BEYOND_LATIN = re.compile(rf"[^\0-\xb4\xb6-\xbf{LATIN}\u2000-\u206f\u20a0-\u20bf]")


def script_of(text: str) -> str | None:
    """
    Find the script that most words of a text are written in.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str or None
        `latin`, `han`, `kana` (Japanese), `hangul`, `cyrillic`, `greek`, `arabic`, `hebrew`, `devanagari`, `thai`,
        `other`; None where the text has no letter.

    Notes
    -----
    One pass. Han and kana count by character. Han text with a tenth of kana is Japanese.
    """
    if text.isascii() or not _BEYOND_LATIN.search(text):
        return "latin" if _LATIN_LETTER.search(text) else None
    counts = dict.fromkeys(_LANGUAGES, 0)
    for match in _SCRIPT.finditer(text):
        counts[str(match.lastgroup)] += 1
    if counts["kana"] * 9 >= counts["han"]:
        counts["kana"] += counts["han"]
        counts["han"] = 0
    best = max(counts, key=lambda script: counts[script])
    return best if counts[best] else None


def language_of(text: str, declared: Sequence[str] = ()) -> str:
    """
    Name the language of a text.

    Parameters
    ----------
    text : str
        Any text.
    declared : sequence of str
        ISO 639-1 codes that the text's source is said to be in; they decide between languages of one script.

    Returns
    -------
    str
        ISO 639-1 code, or the declared one as it was written; `und` for text in a language that is not known, and for
        text without letters where nothing is declared.

    Notes
    -----
    Linear. A text is never said to be in a language that is not declared, if one of its script is declared. eldc
    counts runs of bytes that are typical of each of 60 languages.
    """
    script = script_of(text)
    if script is None:
        return declared[0] if declared else "und"
    fitting = [language for language in declared if language != "und" and _writes(language, script)]
    if len(fitting) == 1:
        return fitting[0]
    scores: dict[str, float] = _detector().detect_details(_UNREADABLE.sub(" ", text)).scores
    among = fitting or [language for language in scores if _writes(language, script)]
    score, best = max(((scores.get(_code(language), 0.0), language) for language in among), default=(0.0, "und"))
    if score >= _LEAST_SCORE:
        return best
    return fitting[0] if fitting else _ASSUMED.get(script, "und")


@cache
def _writes(language: str, script: str) -> bool:
    code = _code(language)
    if script == "latin":
        return code in _ALSO_LATIN or not any(code in languages for languages in _LANGUAGES.values())
    return code in _LANGUAGES[script]


def _code(language: str) -> str:
    return language.partition("-")[0].lower()


@cache
def _detector() -> Any:
    import eldc  # 25 MB of tables: loaded where a text has to be told

    eldc.init()
    detector = eldc.instance()
    detector.set_scores(_MOST_SCORES)
    return detector
