from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topicgpu.ingest.documents import Cue
from topicgpu.ingest.turns import read_turns
from topicgpu.ops.words import word_spans


def spoken(text):
    return [(turn.kind, turn.speaker, text[turn.start : turn.end]) for turn in read_turns(text).turns]


def left_out(text):
    return [(drop.reason, text[drop.start : drop.end]) for drop in read_turns(text).dropped]


def check_every_word_once(text):
    reading = read_turns(text)
    spans = sorted([(turn.start, turn.end) for turn in reading.turns] + [(d.start, d.end) for d in reading.dropped])
    words = [(start + left, start + right) for start, end in spans for left, right in word_spans(text[start:end])]
    assert words == word_spans(text)
    assert all(text[turn.start : turn.end] == text[turn.start : turn.end].strip() for turn in reading.turns)


PAGE = """events

a baker's new oven: heat, bread and patience

2024-05-06

EnglishDeutschFrançaisEspañolItaliano

text: bread weekly · the editors

last week a baker spoke about her oven. the hall was full.

narrator:

she has baked for thirty years. her first oven was made of clay.

host:

how hot does it get?

Ana:

hot enough for rye. it takes an hour to warm up.

it holds the heat all day.

host:does it need wood?

Ana Bell:

only in winter.

---

host:

what would you build next?

Ana;

a mill.

(a few words about the weather, omitted here)
"""


def test_a_web_page_is_header_summary_and_labelled_turns():
    assert spoken(PAGE) == [
        (
            "speech",
            "narrator",
            "she has baked for thirty years. her first oven was made of clay.",
        ),
        ("speech", "host", "how hot does it get?"),
        ("speech", "Ana Bell", "hot enough for rye. it takes an hour to warm up.\n\nit holds the heat all day."),
        ("speech", "host", "does it need wood?"),
        ("speech", "Ana Bell", "only in winter."),
        ("speech", "host", "what would you build next?"),
        ("speech", "Ana Bell", "a mill."),
    ]
    reasons = [reason for reason, _ in left_out(PAGE)]
    assert reasons[:6] == ["title", "title", "date line", "menu", "byline", "summary"]
    assert reasons[6:-1] == ["speaker label"] * 7
    assert left_out(PAGE)[-1] == ("omission note", "(a few words about the weather, omitted here)")
    assert read_turns(PAGE).title == "a baker's new oven: heat, bread and patience"


def test_text_before_the_first_label_stays_where_nothing_shows_a_page_header():
    text = "Welcome to the show\n\nA: One.\nB: Two.\nA: Three.\nB: Four.\nA: Five.\n"
    assert spoken(text)[0] == ("speech", None, "Welcome to the show")


INTERVIEW = """On the diesel boat

By Rosa Blum

Published January 4, 2024

{}

IVO STERN: It is the noise. People say that a boat without noise is no boat, and that the diesel was a friend.

ROSA BLUM: And the island, does it want the boat back as well, or only the harbour?

IVO STERN: Only the harbour. The island sleeps better since the old boat was sold to a museum in the rain.

ROSA BLUM: Thank you.

IVO STERN: Come again.
"""


@pytest.mark.parametrize(
    "opening",
    [
        "Captain, why do so many people still want the diesel boat back?",
        "Well, good evening, and hello to everybody who came out in this rain.\n\nI have a cold, so bear with me.",
        "The harbour was closed on that day,\nand now you want to know about the boat.",
        "Snow fell yesterday.",
    ],
)
def test_words_before_the_first_label_that_may_be_spoken_are_speech(opening):
    text = INTERVIEW.format(opening)
    assert spoken(text)[0] == ("speech", None, opening)
    assert [speaker for _, speaker, _ in spoken(text)[1:]] == ["IVO STERN", "ROSA BLUM"] * 2 + ["IVO STERN"]


def test_a_summary_ends_where_somebody_asks():
    told = 'The captain of the diesel boat, who said "I am tired", tells what the harbour thinks.'
    text = INTERVIEW.format(told + "\n\nCaptain, is it so?")
    assert ("summary", told) in left_out(text)
    assert spoken(text)[0] == ("speech", None, "Captain, is it so?")


def test_a_long_beginning_without_labels_is_speech_even_under_a_header():
    opening = "We met at the mill and talked for a while about the flour of that year. " * 5
    text = f"2024-05-06\n\n{opening}\n\nAnn: Yes.\nBob: No.\nAnn: Yes.\nBob: No.\nAnn: Right.\n"
    assert spoken(text)[0] == ("speech", None, opening.strip())
    assert left_out(text)[0] == ("date line", "2024-05-06")


@pytest.mark.parametrize(
    "text",
    [
        "{}: Good morning.\n{}: Morning.\n{}: How are you?\n{}: Fine.\n{}: Good.\n{}: So I see.\n",
        "**{}:** Good morning.\n\n**{}:** Morning.\n\n**{}:** How are you?\n\n**{}:** Fine.\n\n**{}:** Good.\n\n"
        "**{}**: So I see.\n",
        "[00:01] {}: Good morning.\n[00:03] {}: Morning.\n[00:05] {}: How are you?\n[00:09] {}: Fine.\n"
        "[00:11] {}: Good.\n[00:12] {}: So I see.\n",
        "{} (0:01):\nGood morning.\n\n{} (0:03):\nMorning.\n\n{} (0:05):\nHow are you?\n\n{} (0:07):\nFine.\n\n"
        "{} (0:09):\nGood.\n\n{} (0:10):\nSo I see.\n",
        "{}  0:01\nGood morning.\n\n{}  0:03\nMorning.\n\n{}  0:05\nHow are you?\n\n{}  0:07\nFine.\n\n"
        "{}  0:09\nGood.\n\n{}  0:10\nSo I see.\n",
        "**{}**\n\nGood morning.\n\n**{}**\n\nMorning.\n\n**{}**\n\nHow are you?\n\n**{}**\n\nFine.\n\n"
        "**{}**\n\nGood.\n\n**{}**\n\nSo I see.\n",
        ">> {}: Good morning.\n>> {}: Morning.\n>> {}: How are you?\n>> {}: Fine.\n>> {}: Good.\n>> {}: So I see.\n",
    ],
)
def test_the_usual_shapes_of_labels(text):
    text = text.format("Ann Lee", "Bob", "Ann", "Bob", "Ann", "Ann")
    assert spoken(text) == [
        ("speech", "Ann Lee", "Good morning."),
        ("speech", "Bob", "Morning."),
        ("speech", "Ann Lee", "How are you?"),
        ("speech", "Bob", "Fine."),
        ("speech", "Ann Lee", "Good."),
        ("speech", "Ann Lee", "So I see."),
    ]
    check_every_word_once(text)


def test_numbered_speakers_and_parts_are_not_merged():
    text = "Speaker 1: a.\nSpeaker 2: b.\nSpeaker: c.\nSpeaker 1: d.\nGuest Host: e.\nHost: f.\nGuest Host: g.\n"
    text += "Speaker: h.\nHost: i.\nSpeaker 2: j.\nSpeaker 1: k.\n"
    names = [speaker for _, speaker, _ in spoken(text)]
    assert ",".join(filter(None, names)) == (
        "Speaker 1,Speaker 2,Speaker,Speaker 1,Guest Host,Host,Guest Host,Speaker,Host,Speaker 2,Speaker 1"
    )


def test_a_full_name_that_speaks_once_is_a_label_and_a_phrase_is_not():
    text = "Ann: One.\nBob: Two.\nAnn: Three.\nCarla de Witt: Four.\nBob: Five.\nAnn: Six.\nthe point: it holds.\n"
    assert ("speech", "Carla de Witt", "Four.") not in spoken(text)  # a small word inside: in doubt, speech
    text = text.replace("Carla de Witt", "Carla Witt")
    assert ("speech", "Carla Witt", "Four.") in spoken(text)
    assert spoken(text)[-1] == ("speech", "Ann", "Six.\nthe point: it holds.")


@pytest.mark.parametrize(
    "text",
    [
        "The rule is simple: bake early.\nOne thing: salt.\nAnother thing: time.\nAnd she said: wait.\n",
        "Note: one.\nNote: two.\nNote: three.\nWarning: four.\nWarning: five.\n",
        "He said: go.\nShe did.\nHe said: stop.\n",
        "12:30 we left.\n12:45 we came.\n12:50 we sat.\n13:30 we ate.\n13:45 we slept.\n",
        "the mass\nof the ship: large,\nand the cost: small.\n",
    ],
)
def test_prose_with_colons_is_one_turn(text):
    assert spoken(text) == [("speech", None, text.strip())]


def test_line_breaks_blank_lines_and_hard_spaces_end_nothing():
    text = "So the oven\u00a0\nwas hot and we\u00a0\u00a0\n\nwaited. Then\r\n\r\nit cooled.\u00a0\n"
    assert spoken(text) == [("speech", None, text.strip())]


LIST = """Weekly bread - Why rye came back / The new mill
发布时间:2024-05-06 01:02:03
原节目
以下是内容摘要:
* **磨坊:** 新磨坊开工了，每天磨面粉给全城的面包师。
* **面粉:** 面粉更便宜了，因为今年的收成很好。
Here is what happened:
* **The mill:** The new mill opened and grinds flour for all bakers in town.
* **Flour:** Flour is cheaper
  than it was.
"""


def test_a_list_in_two_languages_is_items_and_its_frame_is_left_out():
    assert spoken(LIST) == [
        ("item", None, "**磨坊:** 新磨坊开工了，每天磨面粉给全城的面包师。"),
        ("item", None, "**面粉:** 面粉更便宜了，因为今年的收成很好。"),
        ("item", None, "**The mill:** The new mill opened and grinds flour for all bakers in town."),
        ("item", None, "**Flour:** Flour is cheaper\n  than it was."),
    ]
    assert left_out(LIST) == [
        ("title", "Weekly bread - Why rye came back / The new mill"),
        ("date line", "发布时间:2024-05-06 01:02:03"),
        ("link line", "原节目"),
        ("introduction", "以下是内容摘要:"),
        ("introduction", "Here is what happened:"),
    ]


def test_a_numbered_list_keeps_its_numbers_and_a_wrapped_number_is_prose():
    assert [words for _, _, words in spoken("1. Rye.\n2. Oats.\n3. Barley.\n")] == ["1. Rye.", "2. Oats.", "3. Barley."]
    wrapped = "We sold twelve and then\n20. That was all we had\n1. or so it seemed.\n"
    assert spoken(wrapped) == [("speech", None, wrapped.strip())]


def test_a_paragraph_after_an_item_is_not_part_of_it():
    text = "- Rye.\n- Oats.\n\nThat was the harvest of the year, and it was good for all of us here.\n"
    assert [kind for kind, _, _ in spoken(text)] == ["item", "item", "speech"]


def test_a_locator_names_the_paragraph_after_it_only():
    text = "[chars 10-90]\nThe oven was hot.\n\n[p. 12]\nThe mill stood.\n\nIt was old.\n[00:12:03]\nAnd now.\n"
    turns = read_turns(text).turns
    assert [(turn.kind, turn.locator, text[turn.start : turn.end]) for turn in turns] == [
        ("item", "chars 10-90", "The oven was hot."),
        ("item", "p. 12", "The mill stood."),
        ("speech", None, "It was old."),
        ("speech", "00:12:03", "And now."),
    ]
    assert {reason for reason, _ in left_out(text)} == {"locator"}


@pytest.mark.parametrize(
    "direction",
    ["[laughter]", "(applause)", "[ Inaudible 00:12 ]", "(Beifall bei allen)", "【掌声】",
     "（笑）", "♪", "♪ la la la ♪", "[music playing]", "*laughs*", "<crosstalk>", "[Operator Instructions]",
     "(rires)", "[смех]", "[تصفيق]"],
)  # fmt: skip
def test_stage_directions_alone_on_a_line_are_left_out(direction):
    text = f"So it was.\n{direction}\nAnd on it went.\n"
    assert spoken(text) == [("speech", None, "So it was."), ("speech", None, "And on it went.")]
    assert left_out(text) == [("stage direction", direction)]
    check_every_word_once(text)


@pytest.mark.parametrize(
    "line",
    [
        "(we sat down.)",
        "[sic]",
        "(it was Tuesday)",
        "He laughed [laughter] and left.",
        "(Ann laughed so hard that she had to sit)",
    ],
)
def test_other_brackets_are_speech(line):
    assert spoken(line) == [("speech", None, line)]


def test_a_stage_direction_after_a_label_is_left_out():
    text = "Ann: Yes.\nBob: [laughs]\nAnn: [laughs] So.\nBob: No.\nAnn: Yes.\n"
    assert [words for _, _, words in spoken(text)] == ["Yes.", "[laughs] So.", "No.", "Yes."]
    assert ("stage direction", "[laughs]") in left_out(text)


def test_angle_brackets_change_the_speaker_without_a_name():
    text = ">> So the oven\nwas hot.\n>> It was?\n>> ANN: It was. >> And then?\n"
    text += ">> ANN: Then it cooled.\n>> Oh.\n>> ANN: Yes.\n"
    assert spoken(text) == [
        ("speech", None, "So the oven\nwas hot."),
        ("speech", None, "It was?"),
        ("speech", "ANN", "It was."),
        ("speech", None, "And then?"),
        ("speech", "ANN", "Then it cooled."),
        ("speech", None, "Oh."),
        ("speech", "ANN", "Yes."),
    ]
    check_every_word_once(text)


def test_dashes_of_a_dialogue_change_the_speaker():
    text = "— Is it rye?\n— It is.\n— And this?\n— Oats.\n"
    assert [words for _, _, words in spoken(text)] == ["Is it rye?", "It is.", "And this?", "Oats."]
    prose = "the oven\n— an old one —\nwas hot and\n— so we hear —\nit cooled\n— in time —\n"
    assert len(spoken(prose)) == 1


ANSWERS = ["Rye and oats. We had both that year.\n\nAnd some barley.", "In the old mill.", "Yes. It was a good year."]


def test_questions_without_labels_are_turns():
    asked = ["What did you grow?", "Where did you grind it?", "Was it enough for all?"]
    for shape in ("**{}**\n\n{}\n\n", "{}\n\n{}\n\n", "## {}\n\n{}\n\n"):
        text = "".join(shape.format(*pair) for pair in zip(asked, ANSWERS, strict=True))
        words = [words.strip("*# ") for _, _, words in spoken(text)]
        assert words == [part for pair in zip(asked, ANSWERS, strict=True) for part in pair]
        check_every_word_once(text)


def test_questions_in_the_midst_of_talk_part_nothing():
    text = "So was it rye? I think\n\nit was. But who knows?\n\nNobody did. Or did they?\n\n"
    text += "Well, I was there and\n\nso on?\n"
    assert len(spoken(text)) == 1


def test_where_only_questions_have_labels_the_next_paragraph_is_the_answer():
    text = "Q: What did you grow?\n\nRye.\n\nAnd oats.\n\nQ: Where?\n\nHere.\n\nQ: When?\n\nIn May.\n"
    assert [(speaker, words) for _, speaker, words in spoken(text)] == [
        ("Q", "What did you grow?"), (None, "Rye.\n\nAnd oats."), ("Q", "Where?"), (None, "Here."),
        ("Q", "When?"), (None, "In May."),
    ]  # fmt: skip


def test_times_in_labels_and_on_lines_are_times_of_turns():
    text = "Ann Lee  0:05\nRye.\n\nBob Hill  1:02:10\nOats.\n\n[00:12:03]\nBarley.\n\nAnn Lee  0:07\nYes.\n"
    assert [turn.start_s for turn in read_turns(text).turns] == [5, 3730, 723, 7]


def test_a_summary_may_be_kept_as_a_turn_of_its_own_kind():
    reading = read_turns(PAGE, keep_summaries=True)
    first = reading.turns[0]
    assert (first.kind, first.speaker) == ("summary", None)
    assert PAGE[first.start : first.end] == "last week a baker spoke about her oven. the hall was full."
    assert reading.turns[1].kind == "speech"
    assert "summary" not in {drop.reason for drop in reading.dropped}


CALL = """Operator: Good day, and welcome to the call. All participants are in listen-only mode. Please go ahead.

Ann Lee: Thank you. We ground more rye than last year.

Operator: Thank you. Our next question comes from the line of Carl Witt with Witt Bakers. Your line is open.

Carl Witt: How much more?

Ann Lee: A tenth. The line of mills in the valley is full.

Operator: There are no further questions at this time. This concludes today's conference call. You may now disconnect.
"""


def test_the_talk_of_an_operator_is_left_out():
    assert [speaker for _, speaker, _ in spoken(CALL)] == ["Ann Lee", "Carl Witt", "Ann Lee"]
    assert [reason for reason, _ in left_out(CALL)].count("operator") == 3
    check_every_word_once(CALL)


def test_who_has_a_name_is_no_operator():
    asked = "Thank you. Our first question comes from Bob Hart, who wrote from the island."
    text = CALL.replace("Thank you. We ground", f"{asked}\n\nWe ground")
    assert ("speech", "Ann Lee", f"{asked}\n\nWe ground more rye than last year.") in spoken(text)
    assert spoken(f"Dana: {asked}\nBob: Yes.\nDana: {asked}\nBob: No.\nDana: So.\n")[0] == ("speech", "Dana", asked)
    cues = [Cue(0, len(asked), "row 1", "Dana")]
    assert [(turn.start, turn.end) for turn in read_turns(asked, cues=cues).turns] == [(0, len(asked))]
    assert read_turns(asked.split(",")[0], cues=[cues[0]._replace(speaker="Operator")]).turns == []


@pytest.mark.parametrize(
    ("paragraph", "dropped"),
    [
        ("This concludes our question-and-answer session. The conference has now concluded. Thank you for attending "
         "today's presentation. You may now disconnect.", True),
        ("Welcome to the call. I will hand over to Ann Lee.", True),
        ("Welcome to the call. The oven is hot today. I will hand over to Ann Lee.", False),
        ("They made a call. We hand over to the police.", False),
    ],
)  # fmt: skip
def test_an_operator_without_a_label(paragraph, dropped):
    assert [reason for reason, _ in left_out(paragraph)] == ["operator"] * dropped


def test_an_advert_is_left_out_of_a_turn_by_its_paragraph():
    advert = "This episode is brought to you by Mill and Sons. Get 20% off with the promo code RYE at checkout."
    text = f"So we begin.\n\n{advert}\n\nNow, the rye.\n"
    assert [words for _, _, words in spoken(text)] == ["So we begin.", "Now, the rye."]
    assert left_out(text) == [("advert", advert)]
    check_every_word_once(text)


@pytest.mark.parametrize(
    "talk",
    [
        "Our sponsors asked for 20% off, and we said no.",
        "I'd like to turn to the question from the audience. The next question is whether it rains.",
        "The next question is from Ann in Oslo. Why rye?",
        "We take questions about the line of ovens. It comes from the mill, and each of them weighs a ton.",
    ],
)
def test_talk_of_questions_and_sponsors_stays(talk):
    assert spoken(talk) == [("speech", None, talk)]


FOOT = """So the oven was hot, and we waited for the bread.

That was the day.

Tags: bread, ovens
Share on Facebook | Share on Twitter | Email
Related articles
The mill that would not stop
Why rye came back
Subscribe to our newsletter for more
We use cookies to improve this website. By going on you accept our policy.
© 2024 The Bread Weekly. All rights reserved.
"""


def test_the_foot_of_a_page_is_left_out():
    assert [words for _, _, words in spoken(FOOT)] == [FOOT[: FOOT.index("Tags")].strip()]
    assert [reason for reason, _ in left_out(FOOT)] == [
        "tags", "share buttons", "related links", "related links", "related links", "page footer", "cookie notice",
        "copyright line",
    ]  # fmt: skip
    check_every_word_once(FOOT)


def test_a_chinese_page_ends_with_its_editor():
    text = "新磨坊开工了。\n\n（完）\n\n责任编辑：王小明\n"
    assert spoken(text) == [("speech", None, "新磨坊开工了。")]
    assert [reason for reason, _ in left_out(text)] == ["page footer"] * 2


def test_the_head_of_a_page_has_buttons_and_cookies():
    text = "Skip to content\nWe use cookies on this site to improve it.\nShare | Print | Email\n"
    text += "On bread\n12 May 2024\n\nIt rises.\n"
    assert spoken(text) == [("speech", None, "It rises.")]
    assert read_turns(text).title == "On bread"


@pytest.mark.parametrize(
    "text",
    [
        "so\nlike\nwe went on.\n",
        "we spoke of\ncopyright and so on\n",
        "we went on\nand so to the\nnext\n",
        "we share\nhome\ntop\n",
    ],
)
def test_single_words_at_the_ends_are_speech(text):
    assert spoken(text) == [("speech", None, text.strip())]


def test_markdown_headings_part_prose_and_give_the_title():
    text = "---\ntitle: 'Bread'\ndate: 2024-05-06\n---\n\n# About bread\n\nIt rises.\n\n## Salt\n\nA pinch.\n"
    reading = read_turns(text)
    assert reading.title == "Bread"
    assert [str(found.start) for found in reading.dates] == ["2024-05-06"]
    assert spoken(text) == [("text", None, "It rises."), ("text", None, "A pinch.")]
    assert [reason for reason, _ in left_out(text)] == ["front matter"] * 4 + ["title", "heading"]


def test_short_first_lines_are_speech_without_evidence_of_a_header():
    text = "so the oven\nwas hot again\nand we waited for\nthe bread"
    assert spoken(text) == [("speech", None, text)]


BLOCKS = st.sampled_from(
    [
        "Ann: ", "Bob: ", "Ann Lee:\n\n", "host:\n", "Ann;\n", "- ", "* ", "1. ", "2. ", "# ", "[chars 1-9]\n",
        "[00:01]\n", "\n\n", "\n", "\r\n", "\r", " ", "\u00a0\n", "---\n", "**Bob:** ", "2024-05-06\n", "By Ann Lee\n",
        "EnglishDeutschFrançaisEspañol\n", "(much omitted here)\n", "https://x.org/a\n", "words here. ", "More words!",
        "第一句话。", "以下是摘要:\n", "12:30", "3.5", "so it goes", "[laughter]\n", ">> ", "— ", "Share\n",
        "© 2024 x\n", "Related articles\n", "is it so?\n\n", "**why?**\n\n", "Ann Lee  0:12\n", "Ann Lee\n", "Q. ",
        "Please press star one. ", "Our next question comes from the line of Bob.\n\n", "…", "\u2028", "\x0b",
    ]
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(BLOCKS, max_size=40).map("".join))
def test_every_word_is_in_one_turn_or_dropped(text):
    check_every_word_once(text)


@given(st.text())
def test_any_text_at_all_is_covered(text):
    check_every_word_once(text)


@pytest.mark.parametrize("path", sorted(Path(__file__).parents[2].glob("corpus/*.txt")), ids=lambda path: path.stem)
def test_the_bundled_texts_are_covered(path):
    check_every_word_once(path.read_bytes().decode())


def test_long_runs_of_spaces_and_marks_cost_no_more_than_text():
    text = "a" + " " * 50_000 + "b: " + "#" * 50_000 + "\n# c" + " " * 50_000 + "d\n" + "( " * 20_000 + "- " * 20_000
    check_every_word_once(text)  # quadratic scanning would take minutes
