"""Names worded by a language model: asked with keywords and examples, and believed only where the texts support it."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from topicgpu.ops.terms import STOP_WORDS, stems
from topicgpu.ops.words import words_and_marks
from topicgpu.themes.language_model import LanguageModel

_ASKED = "A short title of two to five words for what these texts are about:"
_EXAMPLES, _EXAMPLE_LETTERS = 3, 300
_MOST_WORDS, _MOST_LETTERS = 6, 60
_BEFORE = re.compile(r"^(?:title|topic|theme|name|answer)\s*:\s*", re.IGNORECASE)
_AROUND = " \t\"'`*_#.:;,-\u201c\u201d\u2018\u2019\u300c\u300d"


class Worded(NamedTuple):
    """Names, and of which themes the model's were not taken and why."""

    names: list[str]
    refused: dict[int, str]


def word_names(
    names: Sequence[str],
    keywords: Sequence[Sequence[str]],
    examples: Sequence[Sequence[str]],
    answer: Callable[[Sequence[str]], Sequence[str]],
    taken: Iterable[str] = (),
) -> Worded:
    """
    Let a language model word the names of themes.

    Parameters
    ----------
    names : sequence of str, length t
        From phrases; they stay where the model's answer is not good enough.
    keywords, examples : sequence of sequence of str, length t
        Of each theme, the best first.
    answer : callable
        Prompts (t,) to answers (t,).
    taken : iterable of str
        Names that are not to be given.

    Returns
    -------
    Worded
        t names, all different where `names` are, and the reason for each answer that was refused.

    Notes
    -----
    An answer is taken if it is one line of one to six words and at most 60 letters, does not repeat the question, says
    a word that stands in keywords or examples, and is no other theme's name.
    """
    prompts = [_prompt(*of_theme) for of_theme in zip(keywords, examples, strict=True)]
    worded, refused = list(names), {}
    elsewhere = {name.casefold() for name in taken}
    for number, said in enumerate(answer(prompts)):
        name = _cleaned(said)
        supported = _content(" ".join([*keywords[number], *examples[number]]))
        others = elsewhere | {other.casefold() for place, other in enumerate(worded) if place != number}
        reason = _why_not(name, supported, others)
        if reason:
            refused[number] = reason
        else:
            worded[number] = name
    return Worded(worded, refused)


class Namer:
    """
    Wording of names by a local language model, with what is to be told about it.

    Parameters
    ----------
    model : LanguageModel
        Answers prompts.
    """

    def __init__(self, model: LanguageModel) -> None:
        self.model = model
        self.warnings: list[str] = []  # for the manifest

    def __call__(
        self,
        names: Sequence[str],
        keywords: Sequence[Sequence[str]],
        examples: Sequence[Sequence[str]],
        taken: Iterable[str] = (),
    ) -> list[str]:
        """
        Word names.

        Parameters
        ----------
        names : sequence of str, length t
            From phrases.
        keywords, examples : sequence of sequence of str, length t
            Of each theme.
        taken : iterable of str
            Names that are not to be given.

        Returns
        -------
        list of str
            As of `word_names`; which names stayed those from phrases, and why, is added to `warnings`.
        """
        worded, refused = word_names(names, keywords, examples, self.model, taken)
        if self.model.failure:
            self.warnings.append(
                f"themes.namer = {str(self.model.folder)!r} gave no answers ({self.model.failure}); "
                "the names are made from phrases."
            )
        elif refused:
            listed = "; ".join(f"{names[number]} ({reason})" for number, reason in sorted(refused.items()))
            self.warnings.append(f"The language model's names were not taken for {len(refused)} themes: {listed}.")
        return worded


def _prompt(keywords: Sequence[str], examples: Sequence[str]) -> str:
    shown = [f"- {' '.join(text.split())[:_EXAMPLE_LETTERS]}" for text in examples[:_EXAMPLES]]
    return "\n".join(["Texts:", *shown, f"Keywords: {', '.join(keywords)}", _ASKED])


def _cleaned(answer: str) -> str:
    line = next((line for line in answer.splitlines() if line.strip(_AROUND)), "")
    return " ".join(_BEFORE.sub("", line.strip(_AROUND)).strip(_AROUND).split())


def _why_not(name: str, supported: frozenset[str], others: set[str]) -> str | None:
    if not any(map(str.isalpha, name)):
        return "no letters"
    if len(name) > _MOST_LETTERS or len(name.split()) > _MOST_WORDS:
        return "too long"
    if name.casefold() in _ASKED.casefold() or _ASKED.casefold()[:20] in name.casefold():
        return "repeats the question"
    if not _content(name) & supported:
        return "not what the texts say"
    return "another theme's name" if name.casefold() in others else None


def _content(text: str) -> frozenset[str]:
    words = (word.casefold() for word in words_and_marks(text) if word[0].isalpha())
    return stems(tuple(word for word in words if word not in STOP_WORDS), "en")
