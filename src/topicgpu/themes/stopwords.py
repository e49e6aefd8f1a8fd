"""Words that mark no theme: grammar, and the fillers of spoken English."""

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

_CONTRACTIONS = """
i'm i've i'd i'll you're you've you'd you'll he's she's it's it'd it'll we're we've we'd we'll they're they've they'd
they'll that's that'd that'll there's there'd here's what's who's where's how's let's isn't aren't wasn't weren't don't
doesn't didn't won't wouldn't can't couldn't shouldn't haven't hasn't hadn't ain't y'all gonna wanna gotta kinda sorta
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
