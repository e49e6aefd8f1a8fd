"""A talk, a list of sentences, as the bytes of a file of any kind."""

import csv
import gzip
import io
import json
import zipfile
from html import escape


def packed(content):
    return gzip.compress(content, mtime=0)  # else a test's name would change with the second


def as_zip(members, packing=zipfile.ZIP_STORED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packing) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def clock(second):
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


def as_srt(sentences):
    lines = (f"{n + 1}\n{clock(n)},000 --> {clock(n + 1)},000\n{line}\n\n" for n, line in enumerate(sentences))
    return "".join(lines).encode()


def as_vtt(sentences):
    lines = (
        f"{clock(n)}.000 --> {clock(n + 1)}.000\n<v Ann>{escape(line)}</v>\n\n" for n, line in enumerate(sentences)
    )
    return ("WEBVTT\n\n" + "".join(lines)).encode()


def as_sbv(sentences):
    lines = (f"{clock(n)}.000,{clock(n + 1)}.000\n{line}\n\n" for n, line in enumerate(sentences))
    return "".join(lines).encode()


def as_whisper(sentences):
    segments = [{"start": n, "end": n + 1, "text": f" {line}", "speaker": "Ann"} for n, line in enumerate(sentences)]
    return json.dumps({"text": " ".join(sentences), "segments": segments}).encode()


def as_json_lines(sentences):
    return "".join(json.dumps({"text": line}, ensure_ascii=False) + "\n" for line in sentences).encode()


def as_csv(sentences, delimiter=","):
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([["speaker", "text"], *(["Ann", line] for line in sentences)])
    return file.getvalue().encode()


def as_tsv(sentences):
    return as_csv(sentences, "\t")


def as_parquet(sentences):
    import pyarrow
    from pyarrow import parquet

    file = io.BytesIO()
    parquet.write_table(pyarrow.table({"text": sentences}), file)
    return file.getvalue()


def as_html(sentences):
    body = "".join(f"<p>{escape(line)}</p>\n" for line in sentences)
    head = "<head><title>On bread</title></head>"
    menu = "<nav><a href='/'>Home</a></nav>"
    return f"<!doctype html><html lang='en'>{head}<body>{menu}<article>{body}</article></body></html>".encode()


def as_docx(sentences):
    from docx import Document

    document, file = Document(), io.BytesIO()
    for line in sentences[:-1]:
        document.add_paragraph(line)
    document.add_table(1, 1).cell(0, 0).text = sentences[-1]
    document.save(file)
    return file.getvalue()


def as_pdf(pages):
    """A PDF by hand: a page a text of ASCII."""
    objects = ["<</Type/Catalog/Pages 2 0 R>>", "", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    kids = []
    for text in pages:
        stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET"
        objects.append(f"<</Length {len(stream)}>>stream\n{stream}\nendstream")
        kids.append(len(objects) + 1)
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents {len(objects)} 0 R"
            "/Resources<</Font<</F1 3 0 R>>>>>>"
        )
    objects[1] = f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(f'{kid} 0 R' for kid in kids)}]>>"
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj{body}endobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    trailer = (
        f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{len(out)}\n%%EOF"
    )
    return out + trailer.encode()


def as_text(sentences):
    return "\n".join(sentences).encode()


def as_text_zip(sentences):
    return as_zip({"talk.txt": as_text(sentences)}, zipfile.ZIP_DEFLATED)


def as_srt_gzip(sentences):
    return packed(as_srt(sentences))


# By the name of a file: how it is written, and how the place of sentence n, from 1, is called in it.
WRITERS = {
    "talk.txt": (as_text, None),
    "talk.srt": (as_srt, "cue {0}"),
    "talk.vtt": (as_vtt, "cue {0}"),
    "talk.sbv": (as_sbv, "cue {0}"),
    "talk.json": (as_whisper, "/segments/{1}"),
    "talk.jsonl": (as_json_lines, "row {0}"),
    "talk.csv": (as_csv, "row {0}"),
    "talk.tsv": (as_tsv, "row {0}"),
    "talk.parquet": (as_parquet, "row {0}"),
    "talk.html": (as_html, "paragraph {0}"),
    "talk.docx": (as_docx, "paragraph {0}"),
    "talk.pdf": (as_pdf, "page {0}"),
    "talk.zip": (as_text_zip, None),
    "talk.srt.gz": (as_srt_gzip, "cue {0}"),
}
