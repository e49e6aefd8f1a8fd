import os
from pathlib import Path
from unicodedata import category

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topicgpu.config import CorpusSection, SegmentSection
from topicgpu.errors import ModelError
from topicgpu.ingest import ingest
from topicgpu.ops.words import count_words, size_in_words, word_spans
from topicgpu.segment import segment
from topicgpu.types import Dropped, Sources, Turns

LIMITS = SegmentSection(method="length")
SMALL = SegmentSection(method="length", min_words=8, max_words=16, min_item_words=5)


def tokens(texts):
    return np.array([2 + len(text) for text in texts], dtype=np.int64)


def make_sources(text, turns, languages=("en",)):
    """Turns are (start, end, kind, speaker)."""
    n = len(turns)
    table = Turns(
        source_id=("s",) * n,
        position=np.arange(n),
        start_char=np.array([turn[0] for turn in turns], dtype=np.int64),
        end_char=np.array([turn[1] for turn in turns], dtype=np.int64),
        kind=tuple(turn[2] for turn in turns),
        speaker=tuple(turn[3] for turn in turns),
        start_s=np.arange(n, dtype=float),
        end_s=np.arange(n, dtype=float) + 1,
        locator=tuple(f"cue {row}" for row in range(n)),
    )
    none = np.array([], dtype=np.int64)
    return Sources(
        source_id=("s",), title=("S",), date_start=(None,), date_end=(None,), genre=(None,), form=(None,),
        series=(None,), languages=(languages,), path=("s.txt",), sha256=("0",), origin=(None,), text=(text,),
        turns=table, dropped=Dropped((), none, none, none, ()), warnings=(),
    )  # fmt: skip


def joined(parts, between="\n"):
    """Sources of (words, kind, speaker) with `between` in the gaps."""
    text, turns = "", []
    for words, kind, speaker in parts:
        text += between if text else ""
        turns.append((len(text), len(text) + len(words), kind, speaker))
        text += words
    return make_sources(text, turns)


def sentence(n, first="Word"):
    return " ".join([first] + ["word"] * (n - 1)) + "."


def cut(sources, config=LIMITS, max_tokens=10_000):
    return segment(sources, tokens, config, max_tokens)


def test_sentences_are_packed_evenly():
    segments = cut(joined([(" ".join([sentence(10)] * 9), "speech", None)]))
    assert segments.n_words.tolist() in ([40, 50], [50, 40])
    segments = cut(joined([(" ".join([sentence(10)] * 24), "speech", None)]))
    assert segments.n_words.tolist() == [60] * 4


def test_a_small_rest_goes_with_the_segment_before():
    segments = cut(joined([(" ".join([sentence(35), sentence(35), sentence(9)]), "speech", None)]))
    assert segments.n_words.tolist() == [79]


def test_speakers_are_kept_apart_and_one_speakers_turns_joined():
    parts = [
        ("Yes it is.", "speech", "Ann"),
        ("No.", "speech", "Bob"),
        ("One.", "speech", "Bob"),
        ("Two.", "text", "Bob"),
    ]
    segments = cut(joined(parts))
    assert segments.text == ("Yes it is.", "No.\nOne.", "Two.")
    assert segments.speaker == ("Ann", "Bob", "Bob")
    assert segments.position.tolist() == [0, 1, 2]
    assert segments.segment_id[1] == "s:11-19"
    assert segments.start_s.tolist() == [0, 1, 3]
    assert segments.end_s.tolist() == [1, 3, 4]


def test_turns_with_dropped_words_or_a_rule_between_them_are_not_joined():
    assert len(cut(joined([("One.", "speech", "A"), ("Two.", "speech", "A")], between="\n---\n"))) == 2
    assert len(cut(joined([("One.", "item", None), ("Two.", "item", None)], between="\n[chars 1-2]\n"))) == 2


def test_items_stay_apart_unless_they_are_short():
    long, short = sentence(15, "Long"), sentence(14, "Short")
    parts = [(words, "item", None) for words in (long, short, long, long, short)]
    assert cut(joined(parts, between="\n* ")).n_words.tolist() == [15, 29, 29]


def test_short_items_of_two_languages_are_not_joined():
    text = "* 面粉便宜了。\n* Flour is cheap."
    sources = make_sources(text, [(2, 8, "item", None), (11, len(text), "item", None)], ("zh", "en"))
    assert cut(sources).language == ("zh", "en")


def test_prose_in_two_scripts_is_parted():
    chinese = "面粉今年便宜了很多因为收成很好。"
    english = "Flour is much cheaper this year since the harvest was good."
    sources = make_sources(chinese + english, [(0, len(chinese + english), "speech", None)], ("zh", "en"))
    assert cut(sources).text == (chinese, english)


def test_prose_in_two_languages_of_one_script_is_parted():
    english = "The bridge is old and we do not know if it can still carry a train. " * 4
    german = "Die Brücke ist alt, und wir wissen nicht, ob sie noch einen Zug trägt. " * 4
    segments = cut(make_sources(english + german, [(0, len(english + german), "speech", None)], ("en", "de")))
    assert segments.language == ("en", "de")
    assert segments.text == (english.strip(), german.strip())


def test_chinese_segments_carry_more_characters_than_words():
    text = "今天面粉很便宜啊。" * 40
    segments = cut(make_sources(text, [(0, len(text), "speech", None)], ("zh",)))
    assert segments.n_words.sum() == 320
    assert 64 <= segments.n_words.min() <= segments.n_words.max() <= 128


def test_speech_without_full_stops_gives_no_monsters():
    clauses = ", ".join(" ".join(["word"] * 7) for _ in range(40))
    segments = cut(joined([(clauses, "speech", None)]))
    assert segments.n_words.max() <= 80
    assert all(text.endswith((",", "word")) for text in segments.text)
    assert sum(text.endswith(",") for text in segments.text) == len(segments) - 1
    segments = cut(joined([(" ".join(["word"] * 1000), "speech", None)]))
    assert segments.n_words.sum() == 1000
    assert 40 <= segments.n_words.min() <= segments.n_words.max() <= 80


@pytest.mark.parametrize("language", ["en", "de", "und"])
def test_few_full_stops_give_neither_giants_nor_scraps(language):
    words = " ".join(["so we went on to the mill and um the miller was in I I think"] * 40 + ["there. Uh."])
    sources = make_sources(f"{words} {words} yes.", [(0, 2 * len(words) + 6, "speech", None)], (language,))
    assert 40 <= cut(sources).n_words.min() <= cut(sources).n_words.max() <= 80


@pytest.mark.parametrize(
    ("text", "language"),
    [("สะพานเก่าแล้วและเราไม่รู้", "th"), ("ស្ពានចាស់ហើយយើងមិនដឹង", "km"), ("ຂົວເກົ່າແລ້ວ", "lo"), ("တံတားဟောင်း", "my")],
)
def test_segments_of_scripts_without_spaces_are_as_long_as_others(text, language):
    segments = cut(make_sources(text * 100, [(0, 100 * len(text), "speech", None)], (language,)))
    sizes = [size_in_words(words) for words in segments.text]
    assert 40 <= min(sizes) <= max(sizes) <= 80
    assert "".join(segments.text) == text * 100
    assert not any(category(words[0]).startswith("M") for words in segments.text)


def test_text_from_right_to_left_is_cut_at_its_own_marks():
    arabic = "هل الجسر قديم في هذه المدينة؟ نعم، ولا نعرف إن كان يتحمل وزن القطار."
    segments = cut(make_sources(arabic, [(0, len(arabic), "speech", None)], ("ar",)), SMALL)
    assert segments.text == ("هل الجسر قديم في هذه المدينة؟ نعم، ولا نعرف إن كان يتحمل وزن القطار.",)
    assert segments.language == ("ar",)
    mixed = f"\u200f{arabic} The \u202bגשר\u202c is old. {arabic}"
    check(one := make_sources(mixed, [(0, len(mixed), "speech", None)], ("ar", "he")), cut(one, SMALL), SMALL, 10_000)


def test_a_segment_over_the_encoders_limit_is_cut_again():
    calls = []

    def count(texts):
        calls.append(len(texts))
        return tokens(texts)

    text = " ".join([sentence(10)] * 12)
    segments = segment(joined([(text, "speech", None)]), count, LIMITS, 150)
    assert segments.n_tokens.max() <= 150
    assert segments.n_tokens.tolist() == tokens(segments.text).tolist()
    assert all(one.endswith(".") for one in segments.text)
    assert calls == [2, 4, 8]  # all texts once, then only the parts of those over the limit
    assert segments.n_words.sum() == 120


def test_a_word_over_the_limit_is_cut_and_a_character_is_an_error():
    segments = cut(joined([("a" * 50, "speech", None)]), max_tokens=20)
    assert "".join(segments.text) == "a" * 50
    assert segments.n_tokens.max() <= 20
    with pytest.raises(ModelError, match="the text 'a' has 3 tokens and the encoder takes 2; choose an encoder"):
        cut(joined([("ab", "speech", None)]), max_tokens=2)


def test_sources_without_turns_give_no_segments():
    segments = cut(make_sources("", []))
    assert len(segments) == 0
    assert segments.start_s.dtype == float


def check(sources, segments, config, max_tokens):
    text = sources.text[0]
    spans = list(zip(segments.start_char.tolist(), segments.end_char.tolist(), strict=True))
    assert spans == sorted(spans)
    assert segments.text == tuple(text[start:end] for start, end in spans)
    assert all(words == words.strip() != "" for words in segments.text)
    assert segments.n_tokens.max(initial=0) <= max_tokens
    sizes = [size_in_words(words) for words in segments.text]
    assert max(sizes, default=0) <= config.max_words
    turns = zip(sources.turns.start_char.tolist(), sources.turns.end_char.tolist(), strict=True)
    of_turns = [(start + a, start + b) for start, end in turns for a, b in word_spans(text[start:end])]
    assert [(start + a, start + b) for start, end in spans for a, b in word_spans(text[start:end])] == of_turns


WORDS = st.lists(
    st.sampled_from(
        ["word ", "Word ", "end. ", "what? ", "no, ", "so... ", "面粉", "便宜。", "3.5 ", "\n", "— ", "“", "” "]
    ),
    min_size=1,
    max_size=60,
).map("".join)
TURNS = st.lists(
    st.tuples(WORDS, st.sampled_from(["speech", "item", "text"]), st.sampled_from([None, "Ann"])),
    min_size=1,
    max_size=6,
)


@settings(max_examples=200, deadline=None)
@given(TURNS, st.sampled_from(["\n", " ", "\n---\n", "\n* "]), st.integers(40, 300))
def test_every_word_of_every_turn_is_in_one_segment_within_the_limits(parts, between, max_tokens):
    sources = joined([(words.strip() or "x", kind, speaker) for words, kind, speaker in parts], between)
    segments = segment(sources, tokens, SMALL, max_tokens)
    check(sources, segments, SMALL, max_tokens)
    assert segment(sources, tokens, SMALL, max_tokens).fingerprint == segments.fingerprint


def test_each_paragraph_of_the_bundled_digests_is_one_segment():
    sources = ingest(CorpusSection(path=Path(__file__).parents[2] / "corpus"))
    segments = cut(sources)
    assert segments.start_char.tolist() == sources.turns.start_char.tolist()
    assert segments.end_char.tolist() == sources.turns.end_char.tolist()
    assert set(segments.language) == {"en"}


@pytest.mark.skipif("TOPICGPU_DATA" not in os.environ, reason="TOPICGPU_DATA is not set")
def test_the_real_transcripts_give_segments_of_the_size_asked_for():
    sources = ingest(CorpusSection(path=Path(os.environ["TOPICGPU_DATA"]) / "corpus"))
    segments = cut(sources)
    n_words = {name: segments.n_words[[one == name for one in segments.source_id]] for name in sources.source_id}
    for name in ("000", "001", "003"):  # no labels: every segment is full
        assert 40 <= n_words[name].min() <= n_words[name].max() <= 80
    assert n_words["002"].max() <= 80
    assert set(segments.language) == {"en", "zh"}
    assert sum(n.sum() for n in n_words.values()) == sum(
        count_words(sources.text[sources.source_id.index(name)][start:end])
        for name, start, end in zip(
            sources.turns.source_id, sources.turns.start_char, sources.turns.end_char, strict=True
        )
    )
