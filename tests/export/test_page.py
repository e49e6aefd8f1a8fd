"""What docs/exports.md promises is what an export does."""

import re
from pathlib import Path

from topicgpu.export import FORMATS
from topicgpu.export.datamap import _PLOT
from topicgpu.export.joined import JOINED
from topicgpu.store import SCHEMAS

PAGE = (Path(__file__).parent.parent.parent / "docs/exports.md").read_text(encoding="utf-8")


def test_every_format_has_a_row_and_a_section():
    table = PAGE.split("\n\n| format | what | needs |\n")[1].split("\n\n")[0]
    assert re.findall(r"^\| `([a-z-]+)` \|", table, flags=re.MULTILINE) == list(FORMATS)
    headings = " ".join(re.findall(r"^## (.+)$", PAGE, flags=re.MULTILINE))
    for name in FORMATS:
        assert re.search(rf"\b{name}\b", headings), name


def test_every_table_is_documented_and_every_column_of_the_joined_one(harbour_run):
    line = next(line for line in PAGE.splitlines() if line.startswith("| `joined`"))
    assert re.findall(r"`([a-z_]+)`", line)[1:] == list(JOINED)
    named = {
        name for row in re.findall(r"^\| (`.+?`) \|", PAGE, flags=re.MULTILINE) for name in re.findall(r"`(.+?)`", row)
    }
    written = {path.name.removesuffix(".parquet") for path in harbour_run.export("parquet").glob("*.parquet")}
    assert written - {name.removesuffix(".parquet") for name in SCHEMAS} <= named


def test_the_program_of_the_page_is_the_one_that_is_written():
    for line in re.findall(
        r"^    (table = pd.read_parquet\(\"map|layers = .+|datamapplot\.create.+)", PAGE, flags=re.MULTILINE
    ):
        assert line.removesuffix(', hover_text=table["text"])') in _PLOT
