"""Words that mark no theme: a language's grammar, and the fillers of spoken English."""

from functools import cache

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

_CONTRACTIONS = """
i'm i've i'd i'll you're you've you'd you'll he's she's it's it'd it'll we're we've we'd we'll they're they've they'd
they'll that's that'd that'll there's there'd here's what's who's where's how's let's isn't aren't wasn't weren't don't
doesn't didn't won't wouldn't can't couldn't shouldn't haven't hasn't hadn't ain't y'all gonna wanna gotta kinda sorta
im ive dont doesnt didnt isnt wasnt arent wont cant whats thats theres lets youre youve youll theyre
"""
_FILLERS = """
ah actually basically bit certainly course definitely er exactly feel feels fine fuck fucking goes going got great guess
guy guys hey hi hmm hello honestly huh important just kind know let like literally little long look looking lot lots
make makes making maybe mean means mm new obviously oh ok okay people person place pretty probably question questions
quite really right said say saying says shit simply someone something somewhat sort start stuff super sure talk talked
talking tell thank thanks thing things think thinking thought time times totally true try trying type uh um use used
using very want wanted wants way ways went whatever word words work works yeah year years yep yes come comes coming
able end does did done good better best big bigger biggest number high fact having gets getting different need needs
day today point different million billion trillion hundred thousand percent half end happen happens happened
don doesn isn wasn ve ll re
"""

STOP_WORDS = frozenset(ENGLISH_STOP_WORDS) | frozenset(_CONTRACTIONS.split()) | frozenset(_FILLERS.split())
# Of these, what some corpora are about: class-based weights tell where it marks a theme.
_SUBJECTS = """
big bigger biggest bill call cry day detail different done empty end fact fire front half high important interest long
mill mine name need needs new number people person place point question questions start system talk talked talking
time times today true type use used using word words work works year years
"""
# What a verb or a participle follows, and a noun seldom does.
BEFORE_VERBS = frozenset(
    """
    i you he she it we they who to not will would can could should may might must do does did have has had is are was
    were be been being get got gets getting cannot don't doesn't didn't won't can't couldn't haven't hasn't i've i'll
    you'll we'll they'll we've they've i'm you're we're they're it's let's how very too so
    """.split()
)
_ENGLISH = STOP_WORDS - frozenset(_SUBJECTS.split())
# German "die", "war" and "man" are words of English: beside a text's own language only English grammar is looked for.
_ENGLISH_GRAMMAR = frozenset("the of and to in is that it for on with as this by are at from or".split())
# What may stand inside a phrase: "cost of living", "Banco de España".
JOINTS = frozenset("of and for de du des del di da do y et e von und".split())
# Characters of Chinese that are nothing but grammar: no word of a subject begins or ends with one.
GRAMMAR = frozenset("的了吗嗎呢吧啊么麼们們是这這那我你您他她它也而把很但或与與")


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
        In lower case; of English where the language is not known, and a little English beside every other language.

    References
    ----------
    .. [1] Stopwords ISO, https://github.com/stopwords-iso; its list of English is not used: it holds "computer".
    """
    code = language.partition("-")[0].lower()
    if code in ("en", "und", ""):
        return _ENGLISH
    from stopwordsiso import stopwords  # tables of all languages: loaded where one is met

    return _ENGLISH_GRAMMAR | frozenset(stopwords(code))
