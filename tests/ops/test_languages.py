import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicgpu.ops.languages import count_ideographs, language_of, script_of

GERMAN = "Die Brücke ist alt, und wir wissen nicht, ob sie das Gewicht von einem Zug noch trägt."
ENGLISH = "The bridge is old, and we do not know if it can still carry the weight of a train."


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("", None),
        ("42 — 17 %", None),
        ("A bridge", "latin"),
        ("工厂的XAI芯片", "han"),
        ("橋はとても古い", "kana"),
        ("다리가 낡았다", "hangul"),
        ("Мост очень старый", "cyrillic"),
    ],
)
def test_script_is_that_of_most_words(text, script):
    assert script_of(text) == script


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (ENGLISH, "en"),
        (GERMAN, "de"),
        ("Le pont est vieux et nous ne savons pas si la structure tient dans le vent.", "fr"),
        ("El puente es viejo y no se sabe si los pilares aguantan el peso de un tren.", "es"),
        ("Il ponte è vecchio e non si sa se la struttura regge il peso di un treno.", "it"),
        ("A ponte é velha e não se sabe se os pilares aguentam o peso de um comboio.", "pt"),
        ("De brug is oud en we weten niet of het gewicht van een trein er op kan.", "nl"),
        ("Sild vana raske rong", "und"),
        ("大桥很老", "zh"),
        ("Мост очень старый", "ru"),
        ("12 % — 40", "und"),
    ],
)
def test_language_without_a_declaration(text, language):
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("text", "declared", "language"),
    [
        (GERMAN, ("en",), "en"),  # a declaration wins among languages of one script
        (GERMAN, ("en", "de"), "de"),
        ("Ja.", ("en", "de"), "en"),
        ("大桥很老", ("en",), "zh"),  # but not over a script that it is not written in
        ("漢字", ("ja",), "ja"),
        ("Мост", ("uk",), "uk"),
        (ENGLISH, ("zh",), "en"),
        ("3.14", ("zh", "en"), "zh"),
        ("colour", ("en-GB",), "en-GB"),
    ],
)
def test_declared_languages_decide_within_a_script(text, declared, language):
    assert language_of(text, declared) == language


def test_ideographs_are_counted_one_by_one():
    assert count_ideographs("橋は AI 古い") == 4


@given(st.text(alphabet=st.sampled_from("aZ09é ÿ’—€.µ×ªѣяΩ太あ한ع\n\u2009\u212a"), max_size=20))
def test_latin_text_is_known_without_counting(text):
    with pytest.MonkeyPatch.context() as patch:
        quick = script_of(text)
        patch.setattr("topicgpu.ops.languages._BEYOND_LATIN", re.compile(""))
        assert quick == script_of(text)
