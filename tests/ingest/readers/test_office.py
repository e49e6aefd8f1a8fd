"""DOCX: words of a paragraph once, however they are laid out."""

import io

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from topicgpu.ingest.readers.office import read_docx

BOX = """
<w:r {}><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">
<mc:Choice Requires="wps"><w:txbxContent><w:p><w:r><w:t>in a box</w:t></w:r></w:p></w:txbxContent></mc:Choice>
<mc:Fallback><w:txbxContent><w:p><w:r><w:t>in a box</w:t></w:r></w:p></w:txbxContent></mc:Fallback>
</mc:AlternateContent></w:r>
"""


def read(build):
    document, file = Document(), io.BytesIO()
    build(document)
    document.save(file)
    return read_docx(file.getvalue())


@pytest.mark.parametrize(("mark", "words"), [("\t", "one\ttwo"), ("\n", "one\ntwo"), ("-", "one-two")])
def test_tabs_and_breaks_part_words(mark, words):
    assert read(lambda document: document.add_paragraph(f"one{mark}two")).text == words


def test_a_hyphen_that_does_not_break_is_one():
    def build(document):
        run = document.add_paragraph("well").add_run()
        run._r.append(parse_xml(f"<w:noBreakHyphen {nsdecls('w')}/>"))
        run.add_text("kept")

    assert read(build).text == "well-kept"


def test_a_text_box_is_a_paragraph_of_its_own_and_stands_once():
    def build(document):
        document.add_paragraph("before")._p.append(parse_xml(BOX.format(nsdecls("w"))))
        document.add_paragraph("after")

    document = read(build)
    assert document.text == "before\nin a box\nafter"
