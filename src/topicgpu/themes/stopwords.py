"""Words that mark no theme: a language's grammar, and the fillers of spoken English."""

from functools import cache

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

# scikit-learn counts these as grammar; themes are about them.
_SUBJECTS = frozenset("bill call computer cry detail empty fire front interest mill mine name system".split())
_CONTRACTIONS = """
i'm i've i'd i'll you're you've you'd you'll he's she's it's it'd it'll we're we've we'd we'll they're they've they'd
they'll that's that'd that'll there's there'd here's what's who's where's how's let's isn't aren't wasn't weren't don't
doesn't didn't won't wouldn't can't couldn't shouldn't haven't hasn't hadn't ain't y'all gonna wanna gotta kinda sorta
im ive id dont doesnt didnt isnt wasnt arent wont cant whats thats theres lets youre youve youll theyre
don doesn isn wasn didn ve ll re
"""
# What is said in talk about anything. "people", "time" and "need" are not here: in some corpora they mark a theme.
_FILLERS = """
ah actually basically bit certainly course definitely er exactly fine fuck fucking goes going got gets getting great
guess guy guys hey hi hmm hello honestly huh just kind know let like literally little lot lots make makes making maybe
mean means mm obviously oh ok okay pretty probably quite really right said say saying says shit simply someone something
somewhat sort stuff super sure tell thank thanks thing things think thinking thought totally try trying um uh very want
wanted wants way ways went whatever yeah yep yes come comes coming able does did doing having happen happens happened
good better best look looking feel feels million billion trillion hundred thousand percent
"""
STOP_WORDS = (
    (frozenset(ENGLISH_STOP_WORDS) - _SUBJECTS) | frozenset(_CONTRACTIONS.split()) | frozenset(_FILLERS.split())
)
# Characters of Chinese that are nothing but grammar: no word of a subject begins or ends with one.
GRAMMAR = frozenset(
    "的了着過过吗嗎呢吧啊么麼们們是在和與与及這这那我你您他她它也就都而被把讓让很更最其之所以于於但並并或會会能可要還还又只對对從从為为個个些有不没沒到說说"
)


@cache
def stop_words(language: str) -> frozenset[str]:
    """
    List the words of a language that mark no theme.

    Parameters
    ----------
    language : str
        ISO 639-1 code, with or without a region.

    Returns
    -------
    frozenset of str
        In lower case; of English too, which is mixed into talk of every language. English alone where the language is
        not known.

    References
    ----------
    .. [1] Stopwords ISO, https://github.com/stopwords-iso; its list of English is not used: it holds "computer".
    """
    from stopwordsiso import stopwords  # a table of all languages: loaded where there is text

    code = language.partition("-")[0].lower()
    if code in ("en", "und", ""):
        return STOP_WORDS
    return _ENGLISH_GRAMMAR | frozenset(stopwords(code))


# German "die", "war" and "man" are words of English: no other language's list is used beside a text's own.
_ENGLISH_GRAMMAR = frozenset("the of and to in is that it for on with as this by are at from or".split())
