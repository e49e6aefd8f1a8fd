"""`run.report`, `run.results` and the verb `topicgpu export`."""

import json

import pytest

import topicgpu
from export.conftest import write_run
from topicgpu.cli import main
from topicgpu.errors import ConfigError, RunFolderError
from topicgpu.report.sections import SECTIONS


def test_without_a_path_the_report_of_the_run_is_located(harbour_run):
    assert harbour_run.report() == harbour_run.folder / "report.html"
    with pytest.raises(ConfigError, match="sections are given without a path"):
        harbour_run.report(sections=["map"])


def test_a_report_of_some_sections_is_written_elsewhere(harbour_run, tmp_path):
    whole, part = tmp_path / "a/whole.html", tmp_path / "part.html"
    assert harbour_run.report(whole) == whole
    assert harbour_run.report(str(part), sections=["findings", "sources"]) == part
    everything, some = whole.read_text(encoding="utf-8"), part.read_text(encoding="utf-8")
    for section in SECTIONS:
        assert f'id="{section.name}"' in everything
        assert (f'id="{section.name}"' in some) == (section.name in ("findings", "sources"))


def test_a_run_that_stopped_early_has_a_report_of_what_it_has(tmp_path):
    run = write_run(tmp_path / "run", until="themes")
    text = run.report(tmp_path / "report.html").read_text(encoding="utf-8")
    assert 'id="themes"' in text
    assert 'id="findings"' not in text
    with pytest.raises(ConfigError, match="has not got what 'findings' shows; compute the later stages first"):
        run.report(tmp_path / "other.html", sections=["findings"])
    with pytest.raises(ConfigError, match="there is no section 'finding'; the sections are findings, "):
        run.report(tmp_path / "other.html", sections=["finding"])
    assert not (tmp_path / "other.html").exists()


def test_a_section_that_needs_scripts_says_so_where_there_are_none(tmp_path):
    run = write_run(tmp_path / "run", interactive=False)
    with pytest.raises(ConfigError, match=r"'segments' needs scripts, and report\.interactive is false"):
        run.report(tmp_path / "report.html", sections=["segments"])


def test_results_are_what_the_run_has(tmp_path):
    results = write_run(tmp_path / "a", until="themes").results()
    assert results.themes is not None
    assert results.drift is None
    with pytest.raises(RunFolderError, match="stage repeats is not finished"):
        write_run(tmp_path / "b", until="segment").results()


def test_the_verb_says_where_the_export_is(harbour_run, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["export", str(harbour_run.folder), "--to", "csv", "--out", str(out)]) == 0
    answer = capsys.readouterr()
    assert answer.out == f"{out}\n"
    assert next(line.split(" ", 1)[1] for line in answer.err.splitlines()) == "export to csv ..."
    assert main(["export", str(harbour_run.folder), "--to", "csv", "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["export"] == str(out)
    assert set(told["files"]) == {path.name for path in out.iterdir()}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--to", "xls"], "--to xls: no such format; the formats are csv, "),
        ([], "Missing option '--to'."),
        (["--to", "bertopic"], "has no themes yet, which --to bertopic needs; compute themes first: topicgpu run "),
    ],
)
def test_a_refusal_is_one_sentence_and_exit_code_2(tmp_path, capsys, words, sentence):
    run = write_run(tmp_path / "run", until="cluster")
    assert main(["export", str(run.folder), *words]) == 2
    answer = capsys.readouterr()
    assert answer.out == ""
    assert sentence in answer.err.splitlines()[-1]
    assert main(["export", str(tmp_path), "--to", "csv"]) == 2
    assert "is not a run folder" in capsys.readouterr().err


def test_the_help_names_every_format(capsys):
    from topicgpu.export import FORMATS

    assert main(["export", "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    for name in FORMATS:
        assert name in text
        assert name in str(topicgpu.Run.export.__doc__)
