"""Front matter is read, dropped with its reason, and never mistaken for a text between two rules."""

from datetime import date

import pytest

from topicgpu.config import CorpusSection
from topicgpu.errors import CorpusError
from topicgpu.ingest import ingest
from topicgpu.ingest.front_matter import find_front_matter

HEAD = "---\ntitle: On bread\ndate: 2024-03-05\nlang: en\ntags: [a, b]\n---\n"
WORDS = "We bake bread in the oven. We sell it on the market.\n"


def test_title_date_and_language_are_read_and_the_head_is_dropped(tmp_path):
    (tmp_path / "a.md").write_text(HEAD + WORDS)
    sources = ingest(CorpusSection(path=tmp_path))
    assert (sources.title, sources.dates, sources.languages) == (("On bread",), ("2024-03-05",), (("en",),))
    assert sources.dropped.reason == ("front matter",)
    assert (sources.dropped.start_char[0], sources.dropped.end_char[0]) == (0, len(HEAD))
    assert sources.text[0][sources.turns.start_char[0] : sources.turns.end_char[0]] == WORDS.strip()


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("2024", (date(2024, 1, 1), date(2024, 12, 31))),
        ("March 2024", (date(2024, 3, 1), date(2024, 3, 31))),
        ("1850-03-05 10:00", (date(1850, 3, 5),) * 2),
        ("2024-03-05T23:30:00-08:00", (date(2024, 3, 5),) * 2),
        ("'5 March 2024'", (date(2024, 3, 5),) * 2),
        ("soon", None),
        ("20240305123", None),
    ],
)
def test_dates_at_their_own_precision(value, found):
    assert find_front_matter(f"---\ndate: {value}\n---\n").date == found


@pytest.mark.parametrize(
    "text",
    [
        WORDS,
        f"---\n{WORDS}---\n{WORDS}",  # prose between two rules
        "---\na: " + "[" * 5000 + "\n---\nwords",  # too deep for its parser
        "---\ntitle: [open\n---\n",
        f"---\ntitle: x\n{WORDS}",
        "\n---\ntitle: x\n---\n",
    ],
)
def test_what_is_no_front_matter_stays_text(text):
    assert find_front_matter(text) is None


def test_a_head_that_is_no_yaml_is_left_out_all_the_same(tmp_path):
    head = "---\ntitle: Part 2: bread\n---\n\n"
    assert find_front_matter(f"{head}{WORDS}") is None
    (tmp_path / "talk.md").write_text(f"{head}{WORDS}")
    sources = ingest(CorpusSection(path=tmp_path))
    assert sources.title == ("Part 2: bread",)
    assert set(sources.dropped.reason) == {"front matter"}
    assert sources.text[0][sources.turns.start_char[0] :].strip() == WORDS.strip()


def test_a_day_that_does_not_exist_is_an_error():
    with pytest.raises(CorpusError, match=r"^its front matter says date: 2024-02-30, which is no day of the calendar"):
        find_front_matter("---\ndate: 2024-02-30\n---\nwords")


def test_a_head_that_contradicts_the_file_name_is_told_and_by_its_own_name(tmp_path):
    (tmp_path / "2025-01-01 a.md").write_text(HEAD + WORDS)
    (tmp_path / "b.md").write_text(HEAD + "1 May 2023\n\n" + WORDS)
    assert ingest(CorpusSection(path=tmp_path)).warnings == (
        "2025-01-01-a: the file itself says 2024-03-05, but the file name says 2025-01-01, which is used.",
        "b: its first lines say 2023-05-01, but the file itself says 2024-03-05, which is used.",
    )
