"""Words and phrases of texts: what can mark a theme, and what it gains and loses."""

from topicgpu.ops.terms.stems import say_again, stems
from topicgpu.ops.terms.stopwords import STOP_WORDS
from topicgpu.ops.terms.terms import Terms, find_terms, terms_in, terms_of
from topicgpu.ops.terms.tokens import Tokens, tokenize

__all__ = ["STOP_WORDS", "Terms", "Tokens", "find_terms", "say_again", "stems", "terms_in", "terms_of", "tokenize"]
