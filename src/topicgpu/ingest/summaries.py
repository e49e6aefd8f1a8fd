"""What a page says of a talk before its first label, told from the first words of the talk itself."""

import re
from collections.abc import Sequence

from topicgpu.ingest.lines import Line
from topicgpu.ops.words import count_words

_MAX_SHARE = 0.25  # of the words of the text
_QUOTED = re.compile(r"[\"“„«「『][^\"“”„«»「」『』]*[\"”“»」』]")
# A page tells of others: it asks nothing, greets nobody, and says neither I nor you. A lone "I" is also a roman
# numeral and an article, so that it counts inside a sentence or before a verb. "Our" and "us" stand in summaries.
_SPOKEN = re.compile(
    r"[?？؟]|(?<=[a-z,;] )I\b"
    r"|\b(?i:i(?:['’](?:m|ve|ll|d)| (?:am|was|have|had|did|don['’]t|will|would|can|could|want|think|know|mean|guess))"
    r"|me|my|you|your|we|we['’](?:re|ve|ll|d)|you['’](?:re|ve|ll|d)|let['’]s|hello|hi|welcome|thanks|thank you"
    r"|good (?:morning|afternoon|evening|day)"
    r"|ich|mich|mir|wir|euch|hallo|willkommen|danke|guten (?:morgen|tag|abend)|je|j['’]\w+|moi|vous|bonjour|bonsoir"
    r"|merci|yo|nosotros|usted|ustedes|hola|gracias|buen[oa]s (?:días|tardes|noches)|io|noi|voi|buongiorno|buonasera"
    r"|grazie|eu|nós|você|vocês|olá|obrigad[oa]|bom dia|boa (?:tarde|noite)|ik|wij|jullie"
    r"|я|мы|вы|меня|вас|здравствуйте|спасибо|добрый (?:день|вечер)|أنا|نحن|مرحبا|شكرا)\b"
    r"|[我你您咱]|大家好|谢谢|こんにちは|こんばんは|ありがとう|皆さん|안녕하|감사합니다|여러분"
)
# Words of some length, and pairs of characters where no space parts words.
_KEYS = re.compile(r"(?=([\u3040-\u30ff\u3400-\u9fff]{2}))|(?<![^\W\d_])([^\W\d_\u3040-\u30ff\u3400-\u9fff]{4,})")


def find_summary(lines: Sequence[Line], before: Sequence[int], body: int) -> list[int]:
    """
    Find the summary that a page has between its header and the first speaker label.

    Parameters
    ----------
    lines : sequence of Line
        Of the whole text.
    before : sequence of int
        Indices of the lines before the first label that are no other furniture.
    body : int
        Index of the first label.

    Returns
    -------
    list of int
        Those of the summary; empty where they may be speech: more than a quarter of the text, or without a word in
        common with what follows.

    Notes
    -----
    The first paragraph that asks, greets or says I or you is speech, and so is what stands between it and the label.
    """
    spoken = next((index for index in before if _SPOKEN.search(_QUOTED.sub("", lines[index].text))), body)
    while spoken < body and spoken in before and not lines[spoken].after_blank:
        spoken -= 1
    summary = [index for index in before if index < spoken]
    n_words = [count_words(line.text) for line in lines]
    if sum(n_words[index] for index in before) > _MAX_SHARE * sum(n_words):
        return []
    said = {key for line in lines[body:] for key in _keys(line.text)}
    return summary if any(key in said for index in summary for key in _keys(lines[index].text)) else []


def _keys(text: str) -> list[str]:
    return [pair or word for pair, word in _KEYS.findall(text.casefold())]
