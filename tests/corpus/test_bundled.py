"""The bundled digests: true to the passages that they name, in words of their own, and nobody's speech."""

import os
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from topicgpu.config import CorpusSection
from topicgpu.ingest import ingest
from topicgpu.ops.words import count_words, word_spans
from topicgpu.types import Sources

BUNDLED = ingest(CorpusSection(path=Path(__file__).parents[2] / "corpus"))
NEWS = "news-digest-2026"
LONG = [source_id for source_id in BUNDLED.source_id if source_id != NEWS]
PARAGRAPHS_OF_NEWS = 18
SHARED_RUN = 6
needs_originals = pytest.mark.skipif("TOPICGPU_DATA" not in os.environ, reason="TOPICGPU_DATA is not set")

UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
NUMBER_WORDS = {word: number for number, word in enumerate(UNITS.split())}
NUMBER_WORDS |= {word: 10 * number for number, word in enumerate(TENS.split(), start=2)}
# Words that say how many without being numerals; each must stand in the passage, or one that says the same.
QUANTITIES = {
    "hundred": {"hundred", "hundreds"}, "hundreds": {"hundred", "hundreds"},
    "thousand": {"thousand", "thousands", "k"}, "thousands": {"thousand", "thousands"},
    "million": {"million", "millions"}, "billion": {"billion", "billions"}, "trillion": {"trillion", "trillions"},
    "half": {"half", "halves"}, "third": {"third", "thirds"},
    "dozen": {"dozen", "dozens"}, "dozens": {"dozen", "dozens"},
}  # fmt: skip
PERSONS = re.compile(r"\b(i|me|my|mine|myself|we|us|our|ours|let's|you|your|yours|yourself|i'm|we're|you're)\b")
QUOTES = re.compile(r"[\"“”„«»‘‹›]|(?<!\w)['’]|['’](?!\w)")


class Paragraph(NamedTuple):
    source_id: str
    text: str
    start: int
    end: int


def _paragraphs() -> list[Paragraph]:
    turns = BUNDLED.turns
    texts = dict(zip(BUNDLED.source_id, BUNDLED.text, strict=True))
    paragraphs = []
    for source_id, start, end, locator in zip(
        turns.source_id, turns.start_char, turns.end_char, turns.locator, strict=True
    ):
        first, last = re.findall(r"\d+", locator or "")
        paragraphs.append(Paragraph(source_id, texts[source_id][start:end], int(first), int(last)))
    return paragraphs


PARAGRAPHS = _paragraphs()


def of_source(source_id: str) -> list[Paragraph]:
    return [paragraph for paragraph in PARAGRAPHS if paragraph.source_id == source_id]


@pytest.fixture(scope="module")
def originals() -> dict[str, str]:
    """The original texts, matched to the digests by title."""
    real: Sources = ingest(CorpusSection(path=Path(os.environ["TOPICGPU_DATA"]) / "corpus"))
    by_title = dict(zip(real.title, real.text, strict=True))
    return {source_id: by_title[title] for source_id, title in zip(BUNDLED.source_id, BUNDLED.title, strict=True)}


def words(text: str) -> list[str]:
    plain = text.replace("’", "'")
    return [plain[start:end].casefold() for start, end in word_spans(plain)]


def numbers(text: str) -> set[str]:
    """Digit strings without thousands separators, and number words as digits."""
    plain = re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)
    found = {number.rstrip(".") for number in re.findall(r"\d+(?:\.\d+)?", plain)}
    parts = [part for word in words(plain) for part in re.split(r"[-\u2010\u2011]", word)]
    return found | {str(NUMBER_WORDS[part]) for part in parts if part in NUMBER_WORDS}


def quantities(text: str) -> set[str]:
    return {part for word in words(text) for part in re.split(r"[-\u2010\u2011]", word) if part in QUANTITIES}


def is_name_or_figure(word: str) -> bool:
    return word[:1].isupper() or any(character.isdigit() for character in word)


@pytest.mark.parametrize("source_id", LONG)
def test_long_digests_have_16_to_48_paragraphs_of_40_to_70_words(source_id):
    paragraphs = of_source(source_id)
    assert 16 <= len(paragraphs) <= 48
    wrong = [(count_words(one.text), one.text) for one in paragraphs if not 40 <= count_words(one.text) <= 70]
    assert wrong == []


def test_the_news_digest_has_one_paragraph_a_story():
    assert len(of_source(NEWS)) == PARAGRAPHS_OF_NEWS
    assert all(count_words(one.text) <= 70 for one in of_source(NEWS))


@pytest.mark.parametrize("paragraph", PARAGRAPHS, ids=lambda one: f"{one.source_id}-{one.start}")
def test_no_paragraph_reads_as_words_that_someone_said(paragraph):
    text = re.sub(r"\bUS\b", "", paragraph.text.replace("’", "'"))  # the country
    assert PERSONS.search(text.casefold()) is None
    unquoted = re.sub(r"(?<=s)['’](?=\s)", "", paragraph.text)  # a plural's apostrophe
    assert QUOTES.search(unquoted) is None


@needs_originals
@pytest.mark.parametrize("paragraph", PARAGRAPHS, ids=lambda one: f"{one.source_id}-{one.start}")
def test_every_number_is_in_the_passage_that_the_paragraph_names(paragraph, originals):
    original = originals[paragraph.source_id]
    assert 0 <= paragraph.start < paragraph.end <= len(original)
    passage = original[paragraph.start : paragraph.end]
    assert numbers(paragraph.text) - numbers(passage) == set()
    said = {part for word in words(passage) for part in re.split(r"[-\u2010\u2011]", word)}
    assert [word for word in quantities(paragraph.text) if not QUANTITIES[word] & said] == []


@needs_originals
@pytest.mark.parametrize("source_id", LONG)
def test_a_digest_has_at_most_a_fifth_of_the_words(source_id, originals):
    n_words = sum(count_words(one.text) for one in of_source(source_id))
    assert n_words <= count_words(originals[source_id]) / 5


@needs_originals
@pytest.mark.parametrize("source_id", BUNDLED.source_id)
def test_no_run_of_six_words_is_shared_with_the_original(source_id, originals):
    said = words(originals[source_id])
    runs = {tuple(said[i : i + SHARED_RUN]) for i in range(len(said) - SHARED_RUN + 1)}
    shared = []
    for paragraph in of_source(source_id):
        own = [paragraph.text[start:end] for start, end in word_spans(paragraph.text)]
        for i in range(len(own) - SHARED_RUN + 1):
            run = own[i : i + SHARED_RUN]
            if tuple(words(" ".join(run))) in runs and not all(map(is_name_or_figure, run)):
                shared.append(" ".join(run))
    assert shared == []


def test_locators_ascend():
    for source_id in BUNDLED.source_id:
        starts = [paragraph.start for paragraph in of_source(source_id)]
        assert starts == sorted(starts)
