import tomllib

import pytest

from planted.generator import SHARES, planted_corpus
from topicgpu.ops.words import count_words


def test_the_truth_covers_the_text_and_the_shares_are_near_the_plan(tmp_path):
    planted = planted_corpus(tmp_path, 0, words_per_source=6000)
    for source, text in planted.texts.items():
        assert (tmp_path / f"{source}.txt").read_bytes().decode() == text
        ranges = [s for s in planted.stretches if s.source_id == source]
        assert text == "".join(text[s.start_char : s.end_char] + "\n\n" for s in ranges)
        assert sum(planted.shares[source].values()) == pytest.approx(1)
        late = planted.years[source] == max(planted.years.values())
        for theme, ends in SHARES.items():
            assert planted.shares[source][theme] == pytest.approx(ends[late], rel=0.4)
            assert (planted.shares[source][theme] == 0) == (ends[late] == 0)


def test_the_same_seed_writes_the_same_corpus(tmp_path):
    one, again, other = (
        planted_corpus(tmp_path / name, seed, words_per_source=300) for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert one.texts == again.texts
    assert one.texts != other.texts


def test_sources_are_listed_with_their_dates(tmp_path):
    planted_corpus(tmp_path, 0, years=(2020, 2021, 2022), sources_per_year=2, words_per_source=300)
    listed = tomllib.loads((tmp_path / "sources.toml").read_text("utf-8"))["source"]
    assert [entry["date"].year for entry in listed] == [2020, 2020, 2021, 2021, 2022, 2022]
    assert all((tmp_path / entry["file"]).is_file() for entry in listed)


def test_sentences_seldom_repeat_and_speakers_begin_turns(tmp_path):
    planted = planted_corpus(tmp_path, 0, words_per_source=3000, speakers=True)
    sentences = [s for text in planted.texts.values() for s in text.replace("\n\n", " ").split(". ")]
    assert len(set(sentences)) > 0.97 * len(sentences)
    text = next(iter(planted.texts.values()))
    assert all(turn.split(":")[0] in ("Anna", "Bela", "Chen", "Dina") for turn in text.split("\n\n") if turn)


def test_no_drift_plans_one_share_for_all_years(tmp_path):
    planted = planted_corpus(tmp_path, 0, drift=False, words_per_source=6000, spread=0.0)
    shares = [shares["chess"] for shares in planted.shares.values()]
    assert max(shares) - min(shares) < 0.03
    assert count_words("".join(planted.texts.values())) == pytest.approx(6 * 6000, rel=0.1)
