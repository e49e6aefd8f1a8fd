"""What two languages write alike: numbers, and names in Latin letters."""

import re
import unicodedata

from topicgpu.ops.languages import LATIN

# Digits of any script, in groups (the first of one to three digits) or with decimals. Digits after a Latin letter
# belong to a name (AI5, Q4).
_NUMBER = re.compile(
    rf"(?<![{LATIN}\d])(?:\d{{1,3}}(?:[.,'\u2019 \u00a0\u2009\u202f\u066c]\d{{3}}(?!\d))+|\d+)(?:[.,\u066b]\d+)*"
)
_NAME = re.compile(rf"[{LATIN}][{LATIN}\d]+")
_HAN_DIGITS = {character: digit for digit, character in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "兩": 2}
_HAN_UNITS = {"十": 10, "百": 100, "千": 1000}
_HAN_MYRIADS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8, "兆": 10**12}
_HAN_NUMBER = re.compile(f"[{''.join([*_HAN_DIGITS, *_HAN_UNITS, *_HAN_MYRIADS])}]{{2,}}")


def numbers_of(text: str) -> set[str]:
    """
    Collect the numbers of a text, by their significant digits.

    Parameters
    ----------
    text : str
        In any language.

    Returns
    -------
    set of str
        Digits without separators, and without zeros at either end. So 50,000, 50.000 and 5万 are one number, as are
        40 trillion and 40万亿, and nobody needs to know which mark groups and which one divides. 5 and 500 are one,
        too: what a number is worth as evidence is for the corpus to say, where such digits are common.
        Han numerals count from two characters on; other number words do not.

    Examples
    --------
    >>> sorted(numbers_of("The 1,250 cars of 1998 cost $40.5 million"))
    ['125', '1998', '405']
    >>> sorted(numbers_of("1998年的1250辆汽车价值4050万美元，百分之二十三"))
    ['125', '1998', '23', '405']
    """
    found = {"".join(str(unicodedata.decimal(c)) for c in match if c.isdecimal()) for match in _NUMBER.findall(text)}
    if not text.isascii():
        found |= {
            str(_han_value(match)) for match in _HAN_NUMBER.findall(text) if not _HAN_DIGITS.keys().isdisjoint(match)
        }
    return {number.strip("0") for number in found} - {""}


def names_of(text: str) -> set[str]:
    """
    Collect what stands in Latin letters, case and accents aside.

    Parameters
    ----------
    text : str
        In any language.

    Returns
    -------
    set of str
        Of two letters or digits and more. In a language of another script these are names and terms; of two languages
        in Latin letters, words that both write alike are found when their sets are compared.
    """
    return {_plain(name) for name in _NAME.findall(text)}


def _plain(name: str) -> str:
    name = name.casefold()
    if name.isascii():
        return name
    return "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))


def _han_value(numeral: str) -> int:
    """Value of a numeral by units (三百五十) or by places (一九九八)."""
    if _HAN_DIGITS.keys() >= set(numeral):
        return int("".join(str(_HAN_DIGITS[character]) for character in numeral))
    total = section = digit = 0
    for character in numeral:
        if character in _HAN_DIGITS:
            digit = _HAN_DIGITS[character]
        elif character in _HAN_UNITS:
            section, digit = section + max(digit, 1) * _HAN_UNITS[character], 0
        else:
            total, section, digit = max(total + section + digit, 1) * _HAN_MYRIADS[character], 0, 0
    return total + section + digit
