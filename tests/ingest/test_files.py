from pathlib import Path

import pytest

from topicgpu.errors import CorpusError
from topicgpu.ingest.files import list_files, root_of


def _write(folder: Path, raw: bytes) -> Path:
    path = folder / "talk.txt"
    path.write_bytes(raw)
    return path


def test_folders_are_walked_in_order_and_hidden_files_left_out(tmp_path):
    for name in ("b.txt", "a/z.md", "a/B.MARKDOWN", ".hidden.txt", ".git/x.txt", "image.png", "a.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("words")
    names = [path.relative_to(tmp_path).as_posix() for path in list_files(tmp_path)]
    assert names == ["a/B.MARKDOWN", "a/z.md", "a.txt", "b.txt"]


def test_a_single_file_or_a_pattern_will_do(tmp_path):
    path = _write(tmp_path, b"words")
    (tmp_path / "a").mkdir()
    (tmp_path / "a/b.srt").write_text("words")
    assert list_files(path) == [path]
    assert root_of(path) == tmp_path
    assert list_files(tmp_path / "*/*.srt") == [tmp_path / "a/b.srt"]
    assert root_of(tmp_path / "*/*.srt") == tmp_path
    with pytest.raises(
        CorpusError, match=r"nowhere: no such file or folder; set corpus\.path to a folder, a file or a"
    ):
        list_files(tmp_path / "nowhere")
    with pytest.raises(CorpusError, match=r"\*\.vtt: no file fits this pattern; known are \.txt"):
        list_files(tmp_path / "*.vtt")
