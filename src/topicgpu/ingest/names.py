"""Names in speaker labels: which words name a part, and which labels are one person."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

# Parts that people play, in the languages of the usual transcripts: `host` is not a short form of `guest host`.
_PARTS = (
    "host cohost co-host guest speaker moderator interviewer interviewee operator coordinator narrator voiceover q a "
    "question answer audience reporter journalist analyst caller participant man woman male female unknown "
    "unidentified "
    "moderatorin sprecher sprecherin frage antwort f zuhörer zuschauer reporterin journalistin "
    "journaliste animateur animatrice intervenant question réponse r "
    "entrevistador entrevistadora entrevistado pregunta respuesta periodista moderadora p "
    "intervistatore domanda risposta d giornalista pergunta resposta jornalista apresentador "
    "вопрос ответ ведущий ведущая корреспондент интервьюер журналист "
    "主持人 主持 记者 記者 问 答 問 嘉宾 提问 说话人 发言人 采访者 受访者 旁白 "
    "司会 司会者 質問 回答 聞き手 話者 インタビュアー ナレーション 사회자 기자 진행자 질문 답변 화자 "
    "المذيع المذيعة المحاور الضيف الصحفي سؤال جواب س ج"
)
_ROLES = frozenset(_PARTS.split())
# What stands before a part in two words and is no name; `Christopher Guest` and `Iron Man` are people.
_KINDS = frozenset(
    "the a an our first second third fourth fifth last next other another new unnamed off on-air on-screen studio "
    "conference corporate company earnings panel podcast radio tv show event call session lead main senior chief "
    "deputy audience guest male female young old student senate house committee field phone remote "
    "der die das ein eine erster erste zweiter zweite dritter dritte männliche weibliche unbekannter unbekannte "
    "le la un une premier première deuxième second seconde el los las una primer primera segundo segunda "
    "il lo primo prima secondo seconda o os as um uma primeiro primeira первый первая второй вторая".split()
)
# Letters of questions and answers in one language each.
_PAIRS = tuple(map(frozenset, ("qa", "fa", "qr", "pr", "dr", "问答", "問答", "سج")))
_ASKING = frozenset(
    "q question interviewer reporter journalist frage journaliste pregunta p domanda pergunta вопрос 问 問 记者 "
    "記者 提问 質問 聞き手 기자 질문 سؤال س".split()
)
_TITLES = frozenset(
    "mr mrs ms miss dr prof professor sir dame lord lady rev senator sen representative rep congressman congresswoman "
    "chairman chairwoman chairperson chair president vice minister judge justice hon general secretary governor the "
    "herr frau m mme mlle monsieur madame señor señora sr sra don el la le der die das signor signora "
    "г-н г-жа господин госпожа السيد السيدة".split()
)
_WORD = re.compile(r"[^\s.,()]+")
_AFFILIATION = re.compile(r"\s*(?:\(.*|\s[-–—]{1,2}\s.*|,\s.*)$")
_NUMBER = re.compile(r"[\d_#\s]+$")


def is_role(name: str) -> bool:
    """
    Tell whether a label is a part somebody plays, with or without a number.

    Parameters
    ----------
    name : str
        For example `Host`, `Speaker 2`, `SPEAKER_00`, `主持人`.

    Returns
    -------
    bool
        False for names of people.
    """
    words = _unnumbered(name).split()
    *before, part = [word.casefold() for word in words] or [""]
    if part not in _ROLES or not before:
        return part in _ROLES
    return len(words) == 2 and len(part) > 1 and (words[0] == before[0] or before[0] in _ROLES | _KINDS)


def parts_of(names: Iterable[str]) -> set[str]:
    """
    Find the labels that are parts even where each stands once.

    Parameters
    ----------
    names : iterable of str
        All that may be labels in a text.

    Returns
    -------
    set of str
        Single letters only where the text has no others than those of one language's questions and answers.
    """
    every = set(names)
    letters = {name: _unnumbered(name).casefold() for name in every if len(_unnumbered(name)) == 1}
    paired = frozenset(letters.values()) in _PAIRS
    return {name for name in every if is_role(name) and (paired or name not in letters)}


def _unnumbered(name: str) -> str:
    return _NUMBER.sub("", name).rstrip(".")


def is_numbered(name: str) -> bool:
    """
    Tell whether a label is a part with a number, as programs give them.

    Parameters
    ----------
    name : str
        For example `Speaker 2`, `SPEAKER_00`.

    Returns
    -------
    bool
        True where it can be nothing but a label.
    """
    return is_role(name) and name[-1].isdigit()


def asks(name: str) -> bool:
    """
    Tell whether a label is the part of somebody who asks.

    Parameters
    ----------
    name : str
        For example `Q`, `Interviewer`, `记者`.

    Returns
    -------
    bool
        False for names of people and for those who answer.
    """
    return name.casefold().rstrip(".") in _ASKING


def merge_names(names: Sequence[str]) -> dict[str, str]:
    """
    Find one spelling for all the labels of each person.

    Parameters
    ----------
    names : sequence of str
        As they stand in the labels, with repetitions.

    Returns
    -------
    dict of str to str
        From each label to a name: without company, title or constituency after it, in its most usual spelling, and in
        the longer form where a short one (`Ann`, `Dr. Lee`, `A. Lee`) can be one person only.

    Notes
    -----
    Names are compared where they share every word of the shorter one: linear, but for names that are all alike.
    """
    spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    core = {name: _core(name) for name in names}
    for name in names:
        spellings[core[name].casefold()][core[name]] += 1
    usual = {name: found.most_common(1)[0][0] for name, found in spellings.items()}
    full = _longer_forms(usual)
    return {name: usual[full[core[name].casefold()]] for name in core}


def _core(name: str) -> str:
    core = _AFFILIATION.sub("", name)
    return name if not core or is_role(core) else core


def _longer_forms(names: Iterable[str]) -> dict[str, str]:
    """Find the one name that each is short for, or itself; only names that share every word are compared."""
    people = {name: [] if _has_role(name) else _person(name) for name in names}
    having: defaultdict[str, set[str]] = defaultdict(set)  # names by their words and initials
    for name, words in people.items():
        for word in words:
            having[word].add(name)
            having[word[0]].add(name)
    longer: dict[str, set[str]] = {}
    for name, words in people.items():
        alike = sorted((having[word] for word in words), key=len)
        both = alike[0].intersection(*alike[1:]) if alike else set()
        longer[name] = {other for other in both if _is_short_form(words, people[other])}
    # "A. Lee" is itself short for "Ann Lee".
    longest = {name: [one for one in found if longer[one].isdisjoint(found)] for name, found in longer.items()}
    return {name: found[0] if len(found) == 1 else name for name, found in longest.items()}


def _has_role(name: str) -> bool:
    return not _ROLES.isdisjoint(name.split()) or re.search(r"\d", name) is not None


def _person(name: str) -> list[str]:
    return [word for word in _WORD.findall(name) if word not in _TITLES]


def _is_short_form(short: list[str], long: list[str]) -> bool:
    if not short or len(short) > len(long) or short == long:
        return False
    rest = list(long)
    for word in short:
        found = next((other for other in rest if other == word or (len(word) == 1 and other.startswith(word))), None)
        if found is None:
            return False
        rest.remove(found)
    return len(short) < len(long) or any(len(word) == 1 for word in short)
