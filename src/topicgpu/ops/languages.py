"""Which language a text is in: by its script, and for Latin letters by the commonest small words."""

import re
from collections.abc import Sequence

from topicgpu.ops.words import word_spans

# Languages of each script, the one to assume first. Han stands for text without kana.
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
    "latin": (),
}
_KANA = "\u3040-\u30ff"
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_IDEOGRAPH = re.compile(f"[{_KANA}{_HAN}]")
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
    r"|(?P<latin>[A-Za-z\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff]+)"
)
_LATIN = "A-Za-z\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff"
_LATIN_LETTER = re.compile(f"[{_LATIN}]")
# All but Latin letters and what is no letter: ASCII, punctuation, signs of money. U+00B5 is a letter.
_BEYOND_LATIN = re.compile(rf"[^\0-\xb4\xb6-\xbf{_LATIN}\u2000-\u206f\u20a0-\u20bf]")
_SMALL_WORDS = {
    "en": "the and of to in is that it you was for on are with this have be not we they what so but at from",
    "de": "der die und das ist nicht ein eine zu den mit auf für sich ich wir sie auch es dass von im dem wie aber",
    "fr": "le la les de des et est une un que qui dans pour pas sur avec vous nous je ce il au du plus ne",
    "es": "el la los las de que y en un una es por con para no se lo como más pero su al del muy está",
    "it": "il la di che e un una per non è con del della le gli in si sono come ma più anche lo nel questo",
    "pt": "o a os as de que e um uma é não para com em do da no na se por mais como mas muito isso",
    "nl": "de het een en van is dat niet in op te zijn voor met aan we ik ook maar er die naar als wat bij",
}
_LANGUAGES_OF = {
    word: tuple(language for language, words in _SMALL_WORDS.items() if word in words.split())
    for word in " ".join(_SMALL_WORDS.values()).split()
}
_MIN_SMALL_SHARE = 0.15


def count_ideographs(text: str) -> int:
    """
    Count the characters that `count_words` takes for a word each.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    int
        Han and kana characters.
    """
    return 0 if text.isascii() else len(_IDEOGRAPH.findall(text))


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
        `latin`, `han`, `kana` (Japanese), `hangul`, `cyrillic`, `greek`, `arabic`, `hebrew`, `devanagari`, `thai`;
        None where the text has no letter of these.

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
        ISO 639-1 code; `und` for Latin letters whose small words are of none of en, de, fr, es, it, pt, nl, and for
        text without letters where nothing is declared.

    Notes
    -----
    One pass over the text. A Latin text is never said to be in a language that is not declared, if one with Latin
    letters is declared.
    """
    script = script_of(text)
    if script is None:
        return declared[0] if declared else "und"
    fitting = [language for language in declared if _writes(language, script)]
    if script == "latin" and len(fitting) != 1:
        return _by_small_words(text, fitting)
    return fitting[0] if fitting else _LANGUAGES[script][0]


def _writes(language: str, script: str) -> bool:
    code = language.partition("-")[0]
    if script == "latin":
        return not any(code in languages for languages in _LANGUAGES.values())
    return code in _LANGUAGES[script]


def _by_small_words(text: str, among: Sequence[str]) -> str:
    counts = {language: 0 for language in _SMALL_WORDS if not among or language in among}
    spans = word_spans(text)
    for start, end in spans:
        for language in _LANGUAGES_OF.get(text[start:end].casefold().partition("'")[0], ()):
            if language in counts:
                counts[language] += 1
    best = max(counts, key=lambda language: counts[language], default=None)
    if best is not None and spans and counts[best] >= _MIN_SMALL_SHARE * len(spans):
        return best
    return among[0] if among else "und"
