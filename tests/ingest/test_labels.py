"""Small imitations of the shapes in which transcripts name their speakers."""

import pytest

from topicgpu.ingest.turns import read_turns

TALK = [
    "Good morning, and welcome to the mill.",
    "Thank you. It is good to be here.",
    "How long does the grain rest?",
    "Two weeks, since the summer was wet.",
    "And then it goes to the baker?",
    "Yes, the baker takes it the next day.",
]


def speakers(text):
    return [(turn.speaker, " ".join(text[turn.start : turn.end].split())) for turn in read_turns(text).turns]


def shaped(shape, one, other):
    """Six turns in one shape: {n} the name, {t} a time, {w} the words."""
    return "".join(
        shape.format(n=one if row % 2 == 0 else other, t=f"{row // 2:02}:{row * 7 % 60:02}", w=words)
        for row, words in enumerate(TALK)
    )


SHAPES = {
    "otter": "{n}  {t}  \n{w}\n\n",
    "rev": "{n} ({t}):\n{w}\n\n",
    "rev, old": "{n}: ({t})\n{w}\n\n",
    "podcast site": "{n} (00:{t}) {w}\n\n",
    "descript": "[00:{t}] {n}: {w}\n\n",
    "happy scribe": "[00:{t}.340] - {n}\n{w}\n\n",
    "fathom": "{t} - {n}\n{w}\n\n",
    "sonix": "{n}: [00:{t}] {w}\n\n",
    "zoom": "[{n}] 10:{t}\n{w}\n\n",
    "whisper": "[00:{t}.000 --> 00:59.000] {n}: {w}\n",
    "range after the name": "{n} [0.5s - 12.25s]: {w}\n",
    "dot between": "{n} · {t}\n{w}\n\n",
    "markdown": "**{n}:** {w}\n\n",
    "markdown, colon outside": "**{n}**: {w}\n\n",
    "markdown with a time": "**{n}** [{t}]: {w}\n\n",
    "italics": "*{n}:* {w}\n\n",
    "heading": "### {n}:\n\n{w}\n\n",
    "bold line": "**{n}**\n\n{w}\n\n",
    "angles": ">> {n}: {w}\n",
    "three angles": ">>> {n}: {w}\n",
    "name line": "{n}\n\n{w}\n\n",
    "name line, no blank": "{n}\n{w}\n",
    "with a company": "{n} -- Mill and Sons -- Chief Executive\n\n{w}\n\n",
    "with an office": "{n} — Head of Flour\n\n{w}\n\n",
    "office and colon": "{n}, Mill and Sons: {w}\n\n",
    "constituency": "{n} (Upper Valley) (Ind): {w}\n\n",
    "brackets": "[{n}] {w}\n",
    "brackets and colon": "[{n}]: {w}\n",
    "hard space before the colon": "{n}\u00a0: {w}\n\n",
    "wide colon": "{n}：{w}\n",
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_two_people_in_the_shapes_of_programs_and_publishers(shape):
    text = "The talk of the day\n\n2024-05-06\n\n" + shaped(shape, "Ann Lee", "Bob Hill")
    assert speakers(text) == list(zip(["Ann Lee", "Bob Hill"] * 3, TALK, strict=True))


NAMES = [
    ("Speaker 1", "Speaker 2"),
    ("SPEAKER_00", "SPEAKER_01"),
    ("ANN LEE", "BOB HILL"),
    ("Q", "A"),
    ("INTERVIEWER", "BOB HILL"),
    ("Moderator", "Frau Dr. Müller"),
    ("Frage", "Antwort"),
    ("P", "R"),
    ("Mme Dupont", "M. Leroy"),
    ("El señor PRESIDENTE", "La señora PÉREZ"),
    ("主持人", "王小明"),
    ("问", "答"),
    ("記者", "山田太郎"),
    ("司会", "田中"),
    ("기자", "김민수"),
    ("Вопрос", "Ответ"),
    ("В.Иванов", "Ведущий"),
    ("المذيع", "أحمد علي"),
    ("साक्षात्कारकर्ता", "अनीता"),
    ("José Núñez", "Ana"),
    ("O'Neill", "van der Berg"),
    ("Mireille B. Reece, PsyD", "Bob"),
]


@pytest.mark.parametrize("names", NAMES, ids=["-".join(pair) for pair in NAMES])
@pytest.mark.parametrize("shape", ["{n}: {w}\n", "{n}:\n\n{w}\n\n", "[{t}] {n}: {w}\n", "**{n}:** {w}\n\n"])
def test_names_of_many_kinds_and_languages(shape, names):
    found = speakers(shaped(shape, *names))
    assert [words for _, words in found] == TALK
    assert [name for name, _ in found] == [name.removesuffix(", PsyD") for name in names] * 3


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mr. SMITH", "The SPEAKER"),
        ("Senator MOORE", "The CHAIRMAN"),
        ("Ms. Lee", "Chairman Hill"),
        ("Mr. SMITH of Ohio", "Mrs. LEE"),
        ("PRESIDENTE", "ROSSI"),
        ("M. Leroy", "Mme la présidente"),
    ],
)
def test_records_end_a_name_with_a_full_stop(one, other):
    assert speakers(shaped("{n}. {w}\n\n", one, other)) == list(zip([one, other] * 3, TALK, strict=True))
    assert speakers(shaped("  {n}. {w}\n", one, other)) == list(zip([one, other] * 3, TALK, strict=True))


def test_a_court_transcript():
    text = (
        "THE COURT: Please begin.\n"
        + shaped("  {n}.  {w}\n", "Q", "A")
        + "MR. HILL: Nothing further.\nTHE COURT: Thank you.\n"
    )
    assert [name for name, _ in speakers(text)] == ["THE COURT", *["Q", "A"] * 3, "MR. HILL", "THE COURT"]


def test_a_press_conference():
    text = "THE PRESIDENT:  Good morning.  Please.\n\n"
    text += shaped("{n}  {w}\n\n", "Q", "THE PRESIDENT:")
    assert [name for name, _ in speakers(text)] == ["THE PRESIDENT", *["Q", "THE PRESIDENT"] * 3]


def test_japanese_records_have_a_circle_and_a_wide_space():
    text = shaped("○{n}　{w}\n\n", "山田委員長", "田中君")
    assert speakers(text) == list(zip(["山田委員長", "田中君"] * 3, TALK, strict=True))


def test_an_operator_and_analysts_on_lines_of_their_own():
    text = "Operator\n\nOur speakers are here.\n\nAnn Lee\n\nWe ground more rye.\n\nOperator\n\n"
    text += "The line is open for Carl.\n\nCarl Witt\n\nHow much more?\n\nAnn Lee\n\nA tenth.\n"
    assert [name for name, _ in speakers(text)] == ["Operator", "Ann Lee", "Operator", "Carl Witt", "Ann Lee"]


def test_one_speaker_with_times_is_a_speaker():
    text = "".join(f"Ann Lee  {row}:12\n{words}\n\n" for row, words in enumerate(TALK))
    assert {name for name, _ in speakers(text)} == {"Ann Lee"}
    text = "".join(f"SPEAKER_00: {words}\n" for words in TALK)
    assert {name for name, _ in speakers(text)} == {"SPEAKER_00"}


def test_two_turns_are_enough_where_labels_are_parts():
    assert speakers("Q: Is it rye?\nA: It is.\n") == [("Q", "Is it rye?"), ("A", "It is.")]
    assert speakers("主持人：是黑麦吗？\n嘉宾：是的。\n") == [("主持人", "是黑麦吗？"), ("嘉宾", "是的。")]


@pytest.mark.parametrize("pair", ["QA", "FA", "QR", "PR", "DR", "问答", "سج"])
def test_two_letters_that_stand_once_are_a_question_and_its_answer(pair):
    text = f"{pair[0]}: Is it rye?\n{pair[1]}: It is.\n"
    assert speakers(text) == [(pair[0], "Is it rye?"), (pair[1], "It is.")]


@pytest.mark.parametrize("letters", ["ABCD", "AD", "PQ", "ABCDEF", "DFP"])
def test_other_letters_that_stand_once_are_nobody(letters):
    text = "Which grain is it?\n" + "".join(f"{letter}: It is grain {n}.\n" for n, letter in enumerate(letters))
    assert {speaker for speaker, _ in speakers(text)} == {None}
    talk = shaped("{n}: {w}\n", "Ann", "Bob") + text
    assert {speaker for speaker, _ in speakers(talk)} == {"Ann", "Bob"}


def test_variants_of_a_name_are_one_person():
    names = [
        "Ann Lee, Mill and Sons",
        "Bob Hill",
        "Dr. Lee",
        "BOB HILL",
        "A. Lee",
        "Bob",
        "Ann Lee (Mill)",
        "Hill",
        "ANN LEE",
    ]
    text = "".join(f"{name}: {words}\n\n" for name, words in zip(names * 2, TALK * 3, strict=True))
    assert {name for name, _ in speakers(text)} == {"Ann Lee", "Bob Hill"}


def test_one_surname_of_two_people_stays_apart():
    names = ["Ann Lee", "Carl Lee", "Lee"]
    text = "".join(f"{name}: {words}\n\n" for name, words in zip(names * 4, TALK * 2, strict=True))
    assert {name for name, _ in speakers(text)} == set(names)


@pytest.mark.parametrize(
    "text",
    [
        "New York\n\nThe rain came late.\n\nOslo\n\nThere was snow.\n",
        "**What rises**\n\nBread does.\n\n**What sinks**\n\nStones do.\n",
        "We met Mr. Lee. Then we left.\nMr. Lee stayed. He was tired.\nIt rained.\n",
        "[Music]\nWe went on.\n[Applause]\nAnd on.\n[Music]\nAnd on.\n[Applause]\nAnd home.\n",
        "Yeah.\nOkay.\nYeah.\nOkay.\nYeah.\nRight.\nThank you\nThank you\nThank you\n",
        "A. Rye\nB. Oats\nC. Barley\nA. Rye\nB. Oats\n",
        "at 10:30 we met\nat 11:30 we ate\nat 12:30 we slept\n",
        "the oven (10:30) was hot\nthe mill (11:30) was not\nthe mill (11:45) was\n",
        "Date: 2024\nPlace: Oslo\nDate: 2025\nPlace: Rome\nTime: noon\n",
    ],
)
def test_what_is_no_label(text):
    assert {turn.speaker for turn in read_turns(text).turns} == {None}


def test_the_chat_of_a_meeting_names_who_wrote():
    text = (
        "13:00:00 From Ann Lee to Everyone:\n\tIs it rye?\n"
        "13:00:09 From Bob Hill to Ann Lee (Direct Message):\n\tIt is.\n\tAll of it.\n"
        "13:01:00\t From  Ann Lee : Good.\n"
        "13:01:02 From Bob Hill to Everyone:\n\tYes.\n"
    )
    assert speakers(text) == [
        ("Ann Lee", "Is it rye?"), ("Bob Hill", "It is. All of it."), ("Ann Lee", "Good."), ("Bob Hill", "Yes."),
    ]  # fmt: skip
    assert [turn.start_s for turn in read_turns(text).turns] == [46800, 46809, 46860, 46862]


def test_a_heading_with_a_colon_is_no_speaker():
    text = "# Ep 12: Bread and boats\n\n" + shaped("**{n}:** {w}\n\n", "Nell", "Tob")
    assert [name for name, _ in speakers(text)] == ["Nell", "Tob"] * 3
    assert read_turns(text).title == "Ep 12: Bread and boats"


@pytest.mark.parametrize("shape", ["{n}: {w}\n", "{n}: {w}\n\n", "**{n}:** {w}\n\n"])
def test_two_who_take_turns_twice_are_speakers(shape):
    text = shaped(shape, "Nell Harrow", "Tobias")
    four = "".join(text.splitlines(keepends=True)[: 4 * shape.count("\n")])
    assert [name for name, _ in speakers("On bread\n\n" * (shape != "{n}: {w}\n") + four)][-4:] == [
        "Nell Harrow",
        "Tobias",
    ] * 2
    prose = "So we went on.\n\n" * 5
    assert {name for name, _ in speakers(prose + four.replace("\n\n", "\n\n" + prose).replace("\n", "\n\n"))} == {None}
