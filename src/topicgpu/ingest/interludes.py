"""What is said and is not the talk: operators who run a call, and adverts. Whole paragraphs, on strong evidence."""

import re

from topicgpu.ops.words import count_words

_MAX_CHARS = 2000
_MAX_SENTENCE_CHARS = 300
# One of these words is in each: a look for them saves the patterns on all other text.
_CALL_HINTS = (
    "question",
    " line",
    "press",
    "tone",
    "keypad",
    "listen",
    "disconnect",
    "conclude",
    "call",
    "confer",
    "floor",
    "webcast",
)
_ADVERT_HINTS = ("sponsor", "brought to you", "from our", "support for", " code", "check")
_SENTENCE = re.compile(r"(?<=[.!?])[\"'”’)]?\s+")
# What only those say who run a call: at least one sentence has one of these.
_RUNNING = re.compile(
    r"\bquestions? (?:today )?(?:is|comes?|will|goes)\b(?: \w+){0,3} (?:from|form)\b|\bnext question,? please\b"
    r"|\b(?:take|have) (?:our|your|the) \w+ question from\b"
    r"|\bfrom (?:the )?line (?:of|from)\b|\byour? line(?: is|'s)? (?:now )?(?:open|live)\b|\bline(?: is|'s)? now open\b"
    r"|\bpress(?:ing)? (?:the )?(?:star|asterisk|pound|\*|#)|\bstar,? (?:then |and )?(?:the )?(?:number )?(?:one|1)\b"
    r"|\btouch[- ]?tone\b|\btelephone key ?pad\b|\blisten[- ]only\b|\byou may (?:now )?disconnect\b|\bdisconnect your\b"
    r"|\bconcludes? (?:our|today's|the|this) (?:\w+[ -]){0,5}(?:call|conference|teleconference|webcast|session)\b"
    r"|\b(?:turn|hand|pass) (?:the |today's |this |our )?(?:call|conference|floor|webcast|teleconference)"
    r" (?:back )?(?:over )?(?:back )?to\b"
    r"|\bI(?:.ll| will|.d like to| would like to) (?:now )?(?:hand|turn) (?:it )?(?:back )?over to\b"
    r"|\b(?:conference|call|webcast) (?:has|is) (?:now )?(?:concluded|over|being recorded)\b"
    r"|\bno (?:further|more|additional|other) questions (?:in|at|on|registered|from)\b",
    re.IGNORECASE,
)
# What they say besides.
_HANDLING = re.compile(
    r"\b(?:next|first|last|final|a) question\b|\bQ ?& ?A\b|\bquestion[- ]and[- ]answer\b|\b(?:your|the) question\b"
    r"|\bqueue\b"
    r"|\bany questions?\b|\bplease (?:go ahead|proceed|stand by|press|limit)\b|\bgo ahead\b|\b(?:conference|call"
    r"|webcast|program)\b"
    r"|\blines?\b|\bspeaker ?phone\b|\bhandset\b|\bmute\b|\bsignal\b|\bclosing (?:remarks|comments)\b|\bopening "
    r"remarks\b"
    r"|\bit comes from\b|\bat this time\b|\bconfirmation tone\b|\broster\b",
    re.IGNORECASE,
)
# And every other one is a courtesy.
_COURTESY = re.compile(
    r"\W*(?:(?:and|so|now|okay|ok|all right|great|certainly|again|once again|yes|sir|ma.?am|excuse me|one moment"
    r"|please|"
    r"thanks?|thank you|ladies and gentlemen|good (?:day|morning|afternoon|evening)|everyone|welcome|hello|goodbye"
    r"|have a "
    r"(?:great|nice|good|wonderful|pleasant) \w+|for (?:your )?(?:participation|participating|attending|joining"
    r"|standing "
    r"by|holding|waiting|dialing in)|very much|so much|all|to|the|our|today.?s|this|in|us|speakers?|again|day|rest "
    r"of|of|presentation|"
    r"gentlemen|you|your|we|will|do|apologize|pause|for|a|just|brief(?:ly)?|moments?|my name is \w+|[Ii] (?:will|am"
    r"|.ll|.m) "
    r"(?:be )?(?:your |the )?(?:\w+ )?operator)[\s,;:–-]*)+[.!?]?\W*",
    re.IGNORECASE,
)
_ADVERT = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\bbrought to you by\b|\bsponsored by\b|\b(?:our|today's|first|second|third|next|other|episode's|week's) "
        r"sponsors?\b"
        r"|\bfor sponsoring\b|\b(?:word|message) from our\b|\bsupport for (?:this|the) (?:show|podcast|episode)\b"
        r"|\bsponsor of "
        r"(?:this|the|today)",
        r"\d ?(?:%|percent) off\b|[$€£]\d+(?:\.\d\d)? (?:off|credit|in)\b|\bfree (?:trial|month|shipping|account)\b"
        r"|\bfirst "
        r"(?:month|order|purchase|box|year)\b|\bmoney[- ]back\b|\bspecial (?:offer|deal)\b|\bfor free\b",
        r"\b(?:promo|coupon|discount|offer) code\b|\buse (?:the |my |our )?(?:promo )?code\b|\bat check-?out\b",
        r"\b[\w-]+\.(?:com|io|co|fm|dev|org|net|ai|us|uk)/\w+|\b(?:dot com|\.com) (?:forward )?slash \w+"
        r"|\b(?:go|head(?: over)?|over) to \S+\.(?:com|io|co|fm|dev|org|net|ai)\b|\b(?:visit|at) \S+\.(?:com|io|co"
        r"|fm|dev|org|net|ai)\b",
    )
)
_MIN_ADVERT_SIGNS = 3
_MAX_WORDS_A_SIGN = 40


def interlude(text: str) -> str | None:
    """
    Read a paragraph as one that is not part of the talk.

    Parameters
    ----------
    text : str
        A paragraph.

    Returns
    -------
    str or None
        `operator` where it does nothing but run a call, `advert` where three of four signs are in it (a sponsor, an
        offer, a code, an address to go to); None otherwise.

    Notes
    -----
    In English only. How often it is right is in docs/measured.md.
    """
    if len(text) > _MAX_CHARS:
        return None
    lower = text.lower()
    if any(hint in lower for hint in _CALL_HINTS) and _only_runs_a_call(text):
        return "operator"
    return "advert" if any(hint in lower for hint in _ADVERT_HINTS) and _sells(text) else None


def _only_runs_a_call(text: str) -> bool:
    # Nearly every text fails at its first sentence, which costs little.
    return "?" not in text and all(map(_belongs_to_a_call, _SENTENCE.split(text))) and bool(_RUNNING.search(text))


def _belongs_to_a_call(sentence: str) -> bool:
    if len(sentence) > _MAX_SENTENCE_CHARS:
        return False
    return bool(_COURTESY.fullmatch(sentence) or _HANDLING.search(sentence) or _RUNNING.search(sentence))


def _sells(text: str) -> bool:
    signs = sum(shape.search(text) is not None for shape in _ADVERT)
    return signs >= _MIN_ADVERT_SIGNS and count_words(text) <= _MAX_WORDS_A_SIGN * signs
