import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicgpu.ops.languages import language_of, script_of

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
        ("Sild on vana ja me ei tea, kas see kannab rongi.", "et"),
        ("Most je star i ne znamo da li drži voz.", "hr"),
        ("大桥很老", "zh"),
        ("橋はとても古いです", "ja"),
        ("다리가 낡았다", "ko"),
        ("Мост очень старый, и мы не знаем, выдержит ли он", "ru"),
        ("Міст старий, і ми не знаємо, чи він витримає", "uk"),
        ("الجسر قديم ولا نعرف إن كان يتحمل", "ar"),
        ("پل قدیمی است و نمی‌دانیم که می‌ماند", "fa"),
        ("הגשר ישן ואנחנו לא יודעים", "he"),
        ("पुल पुराना है और हम नहीं जानते", "hi"),
        ("பாலம் பழையது, நமக்குத் தெரியாது", "ta"),
        ("สะพานเก่าแล้วและเราไม่รู้", "th"),
        ("uh so the bridge is old and um we we do not know", "en"),
        ("so die brücke ist alt und wir wissen es nicht", "de"),
        ("Daraja ni la zamani na hatujui kama litabeba uzito wa treni", "und"),  # Swahili
        ("ស្ពានចាស់ហើយ", "und"),
        ("xqzt plork vandrow pilt", "und"),
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
        ("Zbrk.", ("en", "de"), "en"),
        (GERMAN, ("und",), "de"),
        ("Мост је стар", ("sr",), "sr"),
        ("Most je star", ("sr",), "sr"),
        ("பாலம்", ("en",), "ta"),
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


@pytest.mark.parametrize("noise", ["\0", "\ud800", "\0\udfff\0"])
def test_what_eldc_cannot_read_hides_nothing(noise):
    assert language_of(noise + GERMAN) == "de"


@given(st.text(), st.lists(st.sampled_from(["en", "de", "zh", "xx", "pt-BR"]), max_size=3))
def test_any_text_has_a_language_or_none(text, declared):
    found = language_of(text, declared)
    assert found == "und" or found in declared or 2 <= len(found) <= 3


def test_a_chinese_text_with_names_in_latin_letters_is_chinese():
    assert language_of("这家工厂每天用 Stone Mill Works 的设备和 GPU 生产三万公斤面粉，价格便宜。") == "zh"


@given(st.text(alphabet=st.sampled_from("aZ09é ÿ’—€.µ×ªѣяΩ太あ한ع\n\u2009\u212a"), max_size=20))
def test_latin_text_is_known_without_counting(text):
    with pytest.MonkeyPatch.context() as patch:
        quick = script_of(text)
        patch.setattr("topicgpu.ops.languages._BEYOND_LATIN", re.compile(""))
        assert quick == script_of(text)
