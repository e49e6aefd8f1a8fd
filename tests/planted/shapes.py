"""Runs of odd shapes, each an extreme in one way: what a report must lay out whatever it is given."""

from collections.abc import Callable
from typing import Any

from planted.runs import Named, Said, Told, run_of

_SENTENCE = "The council of the harbour heard that the cranes would stand still until the wind had turned."
_ARABIC = "\u0645\u064a\u0646\u0627\u0621 \u0627\u0644\u0628\u062d\u0631 \u0648\u0627\u0644\u0631\u064a\u0627\u062d"
_CHINESE = "\u6e2f\u53e3\u4eca\u5929\u5f88\u5b89\u9759"
_LONG_WORD = "Harbour" * 43  # 301 letters and no place to break
_LONG_NAME = " ".join(["harbour"] * 38)  # 303 letters


def _said(n: int, themes: int, text: str = _SENTENCE) -> list[Said]:
    """Segments whose themes take turns, every fifth with none."""
    return [Said(f"{text} {number}", number % themes if themes and number % 5 else -1) for number in range(n)]


def _told(sources: int, segments: int, themes: int) -> list[Told]:
    """Sources of one segment count, two a year."""
    dates = [f"{2010 + number // 2 % 12}-{1 + number % 12:02d}" for number in range(sources)]
    return [
        Told(f"s{number}", _said(segments, themes), date, f"Meeting {number} of the council")
        for number, date in enumerate(dates)
    ]


def _names(n: int) -> list[Named]:
    return [Named(f"Theme {number}", keywords=(f"word{number}", "harbour")) for number in range(n)]


def one_theme() -> dict[str, Any]:
    return run_of(_told(12, 10, 1), _names(1))


def many_themes() -> dict[str, Any]:
    return run_of(_told(12, 200, 400), _names(400))


def no_themes() -> dict[str, Any]:
    return run_of(_told(4, 5, 0), [])


def no_segments() -> dict[str, Any]:
    return run_of([Told("empty", [], "2024-05-06"), Told("also empty", [])], _names(2))


def one_segment() -> dict[str, Any]:
    return run_of([Told("only", [Said(_SENTENCE, 0)], "2024")], _names(1))


def equal_dates() -> dict[str, Any]:
    return run_of([source._replace(date="2024-05-06") for source in _told(8, 6, 3)], _names(3))


def no_dates() -> dict[str, Any]:
    return run_of([source._replace(date=None) for source in _told(8, 6, 3)], _names(3))


def far_dates() -> dict[str, Any]:
    dates = ("0001-01-01", "1066", "1999-12-31", "2024-05-06", "9999-12-31")
    told = [source._replace(date=date) for source, date in zip(_told(5, 6, 3), dates, strict=True)]
    return run_of(told, _names(3))


def long_names() -> dict[str, Any]:
    told = [
        Told(
            f"{_LONG_WORD}{number}",
            [Said(_LONG_WORD * 5, 0, _LONG_NAME), Said(_SENTENCE, 1, _LONG_WORD), Said(_LONG_NAME, 2)],
            f"20{10 + number}",
            _LONG_WORD if number % 2 else _LONG_NAME,
            _LONG_WORD,
            _LONG_WORD,
            _LONG_NAME,
            _LONG_WORD,
        )
        for number in range(8)
    ]
    named = [
        Named(_LONG_WORD, _LONG_WORD, (_LONG_WORD,)),
        Named(_LONG_NAME, _LONG_NAME, (_LONG_NAME,)),
        Named(_LONG_WORD[1:], None, (_LONG_WORD,) * 3),
    ]
    return run_of(told, named, {"report": {"title": _LONG_WORD[:200]}})


def other_scripts() -> dict[str, Any]:
    said = [Said(f"{_ARABIC}. 12, (3) {_ARABIC}!", 0, _ARABIC, "ar"), Said(_CHINESE, 1, _CHINESE, "zh")]
    told = [
        Told(f"{_ARABIC} {number}", said, f"20{10 + number}", f"{_ARABIC} {number} (a)", _ARABIC, None, _ARABIC)
        for number in range(8)
    ]
    named = [Named(f"{_ARABIC} (1)", _ARABIC, (_ARABIC,)), Named(_CHINESE, None, (_CHINESE,))]
    return run_of(told, named, {"report": {"title": f"{_ARABIC} 2024 (x)"}})


def ids_with_slashes() -> dict[str, Any]:
    told = [source._replace(id=f"year {n}/part#{n}/50%/..\\{n}?x=y&z") for n, source in enumerate(_told(8, 6, 3))]
    return run_of(told, _names(3))


def huge_segment() -> dict[str, Any]:
    words = (_SENTENCE + " ") * (10_000_000 // (len(_SENTENCE) + 1))
    first, *others = _told(6, 6, 3)
    return run_of([first._replace(said=[Said(words, 0), *first.said]), *others], _names(3))


def many_sources() -> dict[str, Any]:
    return run_of(_told(10_000, 1, 3), _names(3))


SHAPES: dict[str, Callable[[], dict[str, Any]]] = {
    shape.__name__: shape
    for shape in (
        one_theme,
        many_themes,
        no_themes,
        no_segments,
        one_segment,
        equal_dates,
        no_dates,
        far_dates,
        long_names,
        other_scripts,
        ids_with_slashes,
        huge_segment,
        many_sources,
    )
}
