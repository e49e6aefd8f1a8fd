"""Words and phrases of texts: what can mark a theme, and what it gains and loses."""

from topicgpu.ops.terms.stems import say_again, stems
from topicgpu.ops.terms.stopwords import STOP_WORDS
from topicgpu.ops.terms.terms import Terms, find_terms, terms_of

__all__ = ["STOP_WORDS", "Terms", "find_terms", "say_again", "stems", "terms_of"]
