"""The command line in process: the exit code, the exact message, and what is written."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

import topicgpu
from topicgpu.cli import main
from topicgpu.stages import STAGES

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:hdbscan", "ignore::SyntaxWarning")

NAMES = [stage.name for stage in STAGES]
PROGRAM = [sys.executable, "-m", "topicgpu.cli"]


class Answer(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The lines of stderr that are not the log."""
        return "".join(line for line in self.err.splitlines(keepends=True) if not re.match(r"\d\d:\d\d:\d\d ", line))


Call = Callable[..., Answer]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Run the command line in an empty working folder."""
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.chdir(place)

    def run(*words: object) -> Answer:
        code = main([str(word) for word in words])
        return Answer(code, *capsys.readouterr())

    return run


def tree(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(call: Call, tmp_path: Path, *words: object) -> str:
    """The complaint of a call that must write nothing and say one sentence."""
    before = tree(tmp_path)
    answer = call(*words)
    assert answer.code == 2
    assert answer.out == ""
    assert tree(tmp_path) == before
    assert answer.complaint.count("\n") == 1
    return answer.complaint.rstrip("\n")


# Words of the command line


def test_no_arguments_is_help(call: Call) -> None:
    answer = call()
    assert answer == call("--help")
    assert answer.code == 0
    assert answer.err == ""
    for verb in ("run", "init", "doctor", "ingest", "segment", "embed", "themes", "drift", "report", "label"):
        assert re.search(rf"^  {verb} .*[a-z]\.$", answer.out, re.MULTILINE), verb  # one whole sentence, not cut


def test_every_verb_has_help(call: Call) -> None:
    for verb in ("run", "init", "doctor", "themes"):
        answer = call(verb, "--help")
        assert answer.code == 0
        assert answer.out.startswith(f"Usage: topicgpu {verb} ")


def test_the_version(call: Call) -> None:
    assert call("--version") == (0, f"topicgpu {topicgpu.__version__}\n", "")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["runn", "x.toml"], "No such command 'runn'. Did you mean 'run'?"),
        (["run"], "Missing argument 'CONFIG|SOURCES'."),
        (["run", "x.toml", "--device"], "Option '--device' requires an argument."),
        (["run", "x.toml"], "x.toml: no such file or folder; give a TOML file or a folder of sources."),
        (["themes", "x"], "x: is not a run folder (no manifest.json); make one with: topicgpu run CONFIG."),
        (
            ["init", "x"],
            "x: no such file or folder; set corpus.path to a folder, a file or a pattern such as talks/*.srt.",
        ),
        (
            ["run", "long" * 100],
            f"{'long' * 100}: File name too long; check the path, its permissions and the room on its disk.",
        ),
    ],
)
def test_wrong_words(call: Call, tmp_path: Path, words: list[str], message: str) -> None:
    assert refused(call, tmp_path, *words) == f"topicgpu: {message}"


@pytest.mark.parametrize("words", [["run", "x.toml", "--oot", "y"], ["run", "x.toml", "y.toml"], ["--oot"]])
def test_too_many_words(call: Call, tmp_path: Path, words: list[str]) -> None:
    complaint = refused(call, tmp_path, *words)
    assert re.match(r"topicgpu: (No such option: --oot|Got unexpected extra argument.*y\.toml)", complaint)


# Bad input: one sentence, exit code 2, nothing written


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("themes", "--set themes: must be key=value, for example --set embedding.device=cpu."),
        ("=3", "--set =3: must be key=value, for example --set embedding.device=cpu."),
        ("themes.minimum=3", "{config}: unknown key themes.minimum; known keys here are "),
        ("segment.min_words=2", "{config}: segment.min_words = 2: should be greater than or equal to 5."),
        ("seed=first", "{config}: seed = 'first': should be a valid integer"),
        ("drift.period=decade", "{config}: drift.period = 'decade': should be 'auto', 'day', 'week', 'month'"),
        ("embedding.device=tpu", "{config}: embedding.device = 'tpu': must be auto, cpu, cuda or cuda:N."),
        (
            "corpus.path=nowhere",
            "{place}/nowhere: no such file or folder; set corpus.path to a folder, a file or a pattern",
        ),
        ("embedding.model=./nowhere", "embedding.model = '{place}/nowhere': no such folder; give a model's folder"),
        ("embedding.model=nobody/nothing", "embedding.model = 'nobody/nothing' is not on this machine; give the path"),
        ("embedding.device=cuda:99", 'embedding.device = "cuda:99" can\'t be used: '),
    ],
)
def test_a_wrong_key_value_model_or_device(
    call: Call, tmp_path: Path, small_config: Path, change: str, message: str
) -> None:
    complaint = refused(call, tmp_path, "run", small_config, "--set", change)
    assert complaint.startswith(f"topicgpu: {message.format(config=small_config, place=Path.cwd())}")


def test_the_option_device_is_the_key(call: Call, tmp_path: Path, small_config: Path) -> None:
    complaint = refused(call, tmp_path, "run", small_config, "--device", "cuda:99")
    assert complaint.startswith('topicgpu: embedding.device = "cuda:99" can\'t be used: ')


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty: it holds no words; fill it or take it out of the corpus."),
        (b"\x7fELF\x00\x00\x01", "is a binary file, not text; take it out of the folder or convert it to plain text."),
        (
            b"\xef\xbb\xbfcaf\xe9 with bread",
            "is not UTF-8 text, though it says so (byte 3); save the file as UTF-8.",
        ),
    ],
)
def test_a_file_that_is_no_text(
    call: Call, tmp_path: Path, small_config: Path, small_corpus: Path, content: bytes, message: str
) -> None:
    bad = small_corpus / "bread.txt"
    bad.write_bytes(content)
    assert refused(call, tmp_path, "run", small_config) == f"topicgpu: {bad}: {message}"


def test_a_file_that_is_not_there(call: Call, tmp_path: Path, small_config: Path, small_corpus: Path) -> None:
    (small_corpus / "bread.txt").unlink()
    complaint = refused(call, tmp_path, "run", small_config)
    catalog = small_corpus / "sources.toml"
    assert complaint == (
        f"topicgpu: {catalog}: source 'bread': bread.txt is missing; correct the name or add the file."
    )


def test_two_sources_with_one_id(call: Call, tmp_path: Path, small_config: Path, small_corpus: Path) -> None:
    catalog = small_corpus / "sources.toml"
    catalog.write_text(catalog.read_text().replace('id = "bread"', 'id = "garden"'))
    complaint = refused(call, tmp_path, "run", small_config)
    assert complaint == f"topicgpu: {catalog}: 2 sources have the id 'garden'; give each source its own."


def test_a_folder_without_texts(call: Call, tmp_path: Path) -> None:
    Path("photos").mkdir()
    Path("photos/a.jpg").write_bytes(b"\xff\xd8")
    complaint = refused(call, tmp_path, "run", "photos")
    assert "photos: holds no file that is read; put files ending in .txt, .md, .markdown, .srt, " in complaint


def test_an_output_folder_that_cannot_be_written(call: Call, tmp_path: Path, small_config: Path) -> None:
    Path("file").write_text("in the way")
    complaint = refused(call, tmp_path, "run", small_config, "--out", "file/run")
    assert complaint == (
        f"topicgpu: file/run: can't be written ({Path.cwd() / 'file'} is not a folder that can be written); "
        "choose another place with --out."
    )


@pytest.mark.parametrize("mode", [0o000, 0o500])
def test_an_output_folder_in_a_closed_one(call: Call, small_config: Path, mode: int) -> None:
    assert call("run", small_config, "--device", "cuda:99").code == 2  # imports what a run imports
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        (config := Path(place, "c.toml")).write_text(small_config.read_text())
        (closed := Path(place, "closed")).mkdir()
        closed.chmod(mode)
        user = os.geteuid()
        if user == 0:  # no folder is closed to root
            os.seteuid(65534)
        try:
            answer = call("run", config, "--out", closed / "run")
        finally:
            os.seteuid(user)
        closed.chmod(0o700)
        assert answer.code == 2
        assert re.fullmatch(rf"topicgpu: {closed}/run.*: .*\n", answer.complaint)
        assert re.search("can't be written|Permission denied", answer.complaint)
        assert not list(closed.iterdir())


@pytest.mark.parametrize("content", ['{"name": "a web app"}', "[1, 2]"])
def test_a_folder_with_the_manifest_of_another_program(
    call: Call, tmp_path: Path, small_config: Path, content: str
) -> None:
    Path("app").mkdir()
    Path("app/manifest.json").write_text(content)
    message = "topicgpu: app: is not a run folder (its manifest.json is not topicgpu's); choose another place."
    assert refused(call, tmp_path, "run", small_config, "--out", "app") == message
    assert refused(call, tmp_path, "report", "app") == message


def test_a_run_folder_of_another_schema(call: Call, tmp_path: Path, small_config: Path) -> None:
    Path("new").mkdir()
    Path("new/manifest.json").write_text('{"schema": 99, "topicgpu_version": "9.9"}')
    message = "topicgpu: new: was written by topicgpu 9.9 with schema 99, not 2; run again into another folder."
    assert refused(call, tmp_path, "run", small_config, "--out", "new") == message


def test_debug_shows_the_trace_before_the_sentence(call: Call) -> None:
    answer = call("run", "nowhere.toml", "--debug")
    assert answer.code == 2
    assert answer.err.startswith("Traceback")
    assert answer.err.splitlines()[-1].startswith("topicgpu: nowhere.toml: no such file or folder;")


# What a run says


def test_a_run_says_what_it_found_and_where_the_report_is(call: Call, small_config: Path, small_corpus: Path) -> None:
    catalog = small_corpus / "sources.toml"
    catalog.write_text(catalog.read_text().replace("date = 2025-03-02\n", ""))
    answer = call("run", small_config)
    assert answer.code == 0
    run = topicgpu.Run("runs/small")
    findings = [f"{finding.headline} (described, not tested)" for finding in run.drift.findings]
    said = findings or list(run.drift.undecided)
    assert said
    assert answer.out == "".join(f"- {sentence}\n" for sentence in said) + "Report: runs/small/report.html\n"
    assert answer.complaint == (
        "warning: bread has no date and stays out of statements about time; give it one in sources.toml.\n"
    )
    log = [line.split(" ", 1)[1] for line in answer.err.splitlines() if line not in answer.complaint]
    assert [line.split()[0] for line in log] == [name for name in NAMES for _ in range(2)]
    assert all(re.fullmatch(r"\w+ (\.\.\.|done in \d+\.\d s)", line) for line in log)
    again = call("run", small_config)
    assert again.out == answer.out
    assert [line.split(" ", 1)[1] for line in again.err.splitlines() if line not in again.complaint] == [
        f"{name} taken from the run folder" for name in NAMES
    ]


def test_json_is_alone_on_stdout(call: Call, small_config: Path) -> None:
    answer = call("run", small_config, "--json", "--out", "out")
    assert answer.code == 0
    result = json.loads(answer.out)
    run = topicgpu.Run("out")
    assert result == {
        "run": "out",
        "report": "out/report.html",
        "headlines": [finding.headline for finding in run.drift.findings],
        "findings": [finding.sentence for finding in run.drift.findings],
        "undecided": list(run.drift.undecided),
        "gates": [],
        "warnings": [],
        "left_out": [],
    }


def test_many_warnings_are_counted_not_listed(call: Call, tmp_path: Path, tiny_model: Path) -> None:
    Path("talks").mkdir()
    for number in range(14):
        Path(f"talks/talk-{number:02}.txt").write_text(f"The ship of {number} is to sail in the wind.\n")
    answer = call("run", "talks", "--set", f"embedding.model={tiny_model}")
    assert answer.code == 0
    assert answer.complaint.count("warning: ") == 11
    assert answer.complaint.endswith("warning: 4 more are in the report and in runs/talks/manifest.json.\n")
    assert "No counted source has a date" in answer.out  # no finding: then what can't be said, and why


def test_keep_going_is_exit_code_3(call: Call, small_config: Path, small_corpus: Path) -> None:
    (small_corpus / "bread.txt").write_bytes(b"")
    answer = call("run", small_config, "--keep-going")
    assert answer.code == 3
    assert answer.out.endswith("Report: runs/small/report.html\n")
    reason = "bread.txt: is empty: it holds no words; fill it or take it out of the corpus."
    assert answer.complaint == f"warning: bread was left out: {reason}\n"
    again = call("drift", "runs/small")  # a verb goes on as the run did
    assert again.code == 3
    assert again.complaint == answer.complaint


# Gates: exit code 1, and nothing else is


def gate(**limit: object) -> list[str]:
    keys = ", ".join(f"{key} = {json.dumps(value)}" for key, value in limit.items())
    return ["--set", f"drift.gates.limits=[{{{keys}}}]"]


def test_a_gate_that_fails_is_exit_code_1_after_a_whole_run(call: Call, small_config: Path) -> None:
    answer = call("run", small_config, *gate(effect=0.01, themes=["bread", "rockets"]))
    assert answer.code == 1
    assert answer.out.endswith("Report: runs/small/report.html\n")
    assert (
        "Gate failed: prevalence of bread, rockets changes by more than 1.00 points: bread changes by +" in answer.out
    )
    assert answer.complaint == ""
    again = call("drift", "runs/small", "--json", *gate(effect=0.01))
    assert again.code == 1
    (result,) = json.loads(again.out)["gates"]
    assert result["outcome"] == "failed"
    assert {"bread", "rockets"} <= set(result["theme_ids"])
    passed = call("drift", "runs/small", *gate(effect=0.99, themes=["rockets"]))
    assert passed.code == 0
    assert "Gate passed: prevalence of rockets changes by more than 99.0 points: none of " in passed.out


def test_a_gate_that_is_undecided_comes_to_what_the_config_says(call: Call, small_config: Path) -> None:
    assert call("run", small_config).code == 0
    described = gate(effect=0.01, q=0.05)  # one source a year can't give a q
    answer = call("drift", "runs/small", *described)
    assert answer.code == 0
    assert "Gate undecided: " in answer.out
    assert call("drift", "runs/small", *described, "--set", "drift.gates.undecided=fail").code == 1
    assert call("report", "runs/small").code == 1  # as the manifest has it


def test_a_failed_gate_comes_before_sources_left_out(call: Call, small_config: Path, small_corpus: Path) -> None:
    (small_corpus / "bread.txt").write_bytes(b"")
    assert call("run", small_config, "--keep-going", *gate(effect=0.01)).code == 1
    assert call("run", small_config, "--keep-going", "--until", "drift", *gate(effect=0.01)).code == 1


def test_a_gate_on_an_unknown_theme_or_without_a_possible_limit_is_refused(
    call: Call, tmp_path: Path, small_config: Path
) -> None:
    complaint = refused(call, tmp_path, "run", small_config, *gate(effect=1.5))
    assert complaint.endswith(
        "drift.gates.limits.0: no share changes by more than 1, but effect is 1.5; 0.1 is ten points."
    )
    assert "drift.gates.limits.0.effect: is required." in refused(call, tmp_path, "run", small_config, *gate(q=0.1))
    answer = call("run", small_config, *gate(effect=0.1, themes=["taxes"]))
    assert answer.code == 2
    assert answer.complaint.startswith(
        "topicgpu: drift.gates.limits.0.themes: 'taxes' is no theme of this run; its themes are rockets, bread"
    )


# Ends that are not the run's own


def test_a_defect_is_one_line_and_a_trace(
    call: Call, tmp_path: Path, small_config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("of our own making")

    traces = tmp_path / "traces"
    traces.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(traces))
    monkeypatch.setattr("topicgpu.drift.drift", broken)
    answer = call("run", small_config)
    assert answer.code == 70
    (trace,) = traces.iterdir()
    assert answer.complaint == f"topicgpu: a defect of topicgpu; please report it with {trace}.\n"
    assert "ZeroDivisionError: of our own making" in trace.read_text()
    assert Path("runs/small/themes.json").is_file()
    assert not list(Path("runs").rglob("*.tmp"))
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path / "place")
    assert call("run", small_config).err.count("taken from the run folder") == NAMES.index("drift")


def test_ctrl_c_is_130_and_the_same_command_goes_on(
    call: Call, tmp_path: Path, small_config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("topicgpu.embed.base.TextEncoder.encode", interrupted)
    answer = call("run", small_config)
    assert answer.code == 130
    assert answer.complaint == "topicgpu: interrupted; what was finished is kept, the same command does the rest.\n"
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path / "place")
    again = call("run", small_config)
    assert again.code == 0
    assert again.err.count("taken from the run folder") == NAMES.index("segment")


def test_sigterm_is_143(call: Call, small_config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr("topicgpu.repeats.find_repeats", lambda *_: signal.raise_signal(signal.SIGTERM))
    answer = call("run", small_config)
    assert answer.code == 143
    assert answer.complaint == "topicgpu: terminated; what was finished is kept, the same command does the rest.\n"
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.slow
def test_sigterm_to_a_process(small_config: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    with subprocess.Popen(
        [*PROGRAM, "run", str(small_config), "--out", str(out)], stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stderr is not None
        log = [next(child.stderr) for _ in range(2)]
        child.terminate()
        rest = child.stderr.read()
        code = child.wait()
    assert "ingest done" in log[1]
    assert code == 143
    assert rest.endswith("topicgpu: terminated; what was finished is kept, the same command does the rest.\n")
    assert (out / "manifest.json").is_file()
    assert not list(out.rglob("*.tmp"))


@pytest.mark.slow
def test_a_reader_that_leaves_does_not_spoil_a_finished_run(small_config: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    command = [*PROGRAM, "run", str(small_config), "--out", str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        log = child.stderr.read()
        assert child.wait() == 0
    assert (out / "report.html").is_file()
    assert "Traceback" not in log
    assert "BrokenPipe" not in log


@pytest.mark.slow
def test_a_run_whose_log_nobody_reads_stops_and_says_so(small_config: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    command = [*PROGRAM, "run", str(small_config), "--out", str(out)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as child:
        assert child.stderr is not None
        child.stderr.readline()
        child.stderr.close()
        assert child.wait() == 141
    assert not (out / "report.html").exists()


@pytest.mark.slow
def test_a_terminal_gets_bars_and_no_log(small_config: Path, tmp_path: Path) -> None:
    import pty

    controller, terminal = pty.openpty()
    command = [*PROGRAM, "run", str(small_config), "--out", str(tmp_path / "run")]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=terminal, env=environment) as child:
        os.close(terminal)
        shown = _read_all(controller)
        assert child.stdout is not None
        out = child.stdout.read().decode()
        assert child.wait() == 0
    assert out.endswith(f"Report: {tmp_path / 'run/report.html'}\n")
    assert not re.search(r"\d\d:\d\d:\d\d ingest", shown)
    for name in NAMES:
        assert name in shown
    assert "━" in shown


def _read_all(descriptor: int) -> str:
    parts = []
    while True:
        try:
            part = os.read(descriptor, 65536)
        except OSError:  # the other end of a terminal is closed
            break
        if not part:
            break
        parts.append(part)
    os.close(descriptor)
    return b"".join(parts).decode()


# The verbs of single stages


def test_a_verb_computes_its_stage_and_what_depends_on_it(call: Call, small_config: Path) -> None:
    assert call("run", small_config).code == 0
    answer = call("themes", "runs/small", "--set", "themes.n_exemplars=1")
    assert answer.code == 0
    assert re.findall(r"(\w+) done in", answer.err) == ["themes", "drift", "report"]
    run = topicgpu.Run("runs/small")
    assert run.manifest["config"]["themes"]["n_exemplars"] == 1
    assert all(len(theme.exemplars) == 1 for theme in run.themes.themes)
    before = tree(Path("runs"))
    refusal = call("themes", "runs/small", "--set", "themes.n_exemplars=0")
    assert refusal.code == 2
    assert refusal.err == (
        "topicgpu: runs/small/manifest.json: themes.n_exemplars = 0: should be greater than or equal to 1.\n"
    )
    assert tree(Path("runs")) == before
    report = call("report", "runs/small", "--set", "report.title=A title", "--json")
    assert json.loads(report.out)["run"] == "runs/small"
    assert re.findall(r"(\w+) done in", report.err) == ["report"]
    assert "<title>A title</title>" in Path("runs/small/report.html").read_text(encoding="utf-8")


def test_a_verb_on_an_unfinished_run_names_the_command_that_finishes_it(
    call: Call, tmp_path: Path, small_config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("topicgpu.cluster.find_clusters", interrupted)
    assert call("run", small_config).code == 130
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path / "place")
    answer = call("report", "runs/small")
    assert answer.code == 2
    command = f"topicgpu run {small_config} --out runs/small"
    assert answer.complaint == (
        "topicgpu: runs/small: the stage cluster is not finished or its files are damaged; "
        f"run it whole again: {command}.\n"
    )
    assert call(*command.split()[1:]).code == 0
    assert call("report", "runs/small").code == 0


def test_a_verb_does_not_change_what_comes_before_it(call: Call, small_config: Path) -> None:
    assert call("run", small_config).code == 0
    before = tree(Path("runs"))
    answer = call("drift", "runs/small", "--set", "segment.min_words=20")
    assert answer.code == 2
    assert answer.complaint == (
        "topicgpu: --set changes what the earlier stage segment did; change it there: "
        "topicgpu segment runs/small --set ...\n"
    )
    assert tree(Path("runs")) == before


def test_a_first_user_goes_from_folder_to_config(call: Call, small_corpus: Path, tiny_model: Path) -> None:
    model = f"embedding.model={tiny_model}"
    assert call("run", small_corpus, "--set", model).code == 0
    assert call("init", small_corpus).code == 0
    answer = call("run", small_corpus / "topicgpu.toml", "--set", model)
    assert answer.code == 0
    assert answer.out.endswith("Report: runs/corpus/report.html\n")
    assert "embed taken from the run folder" in answer.err
    refusal = call("run", small_corpus, "--set", model)
    assert refusal.complaint == (
        f"topicgpu: runs/corpus: holds the run of {small_corpus / 'topicgpu.toml'}, not of {small_corpus}; "
        "choose another --out.\n"
    )


# Corpora that say little about time: done, with a plain statement, and no traceback


@pytest.mark.slow
@pytest.mark.parametrize(
    ("dates", "words"),
    [
        ({}, "No counted source has a date that fits a period, so nothing can be said about change over time."),
        (
            {"rockets": "2024-03-01"},
            "All dated sources are of 2024, so nothing can be said about change over time.",
        ),
        (
            {"rockets": "2024", "bread": "2025", "garden": "2031"},
            "Compared though no source is of the time between: 2025 with 2031 (5 years).",
        ),
    ],
    ids=["undated", "one period", "years"],
)
def test_what_cannot_be_said_about_time_is_said(
    call: Call, small_config: Path, small_corpus: Path, dates: dict[str, str], words: str
) -> None:
    lines = [
        f'[[source]]\nid = "{name}"\nfile = "{name}.txt"\n'
        + (
            f'date = "{dates[name]}"\ndate_precision = "{"day" if "-" in dates[name] else "year"}"\n'
            if dates.get(name)
            else ""
        )
        for name in ("rockets", "bread", "garden")
    ]
    (small_corpus / "sources.toml").write_text("\n".join(lines))
    answer = call("run", small_config, "--out", "out", "--json")
    assert answer.code == 0
    assert words in json.loads(answer.out)["undecided"]
    assert words in Path("out/report.html").read_text()


@pytest.mark.slow
def test_named_periods_are_given_to_the_stage_again_without_the_ones_before_it(call: Call, small_config: Path) -> None:
    assert call("run", small_config, "--out", "out").code == 0
    periods = '{name = "old", from = "2020", to = "2025-02"}, {name = "new", from = "2025-03", to = "2026-03-02"}'
    answer = call("drift", "out", "--set", f"drift.periods=[{periods}]")
    assert answer.code == 0
    assert "themes taken from the run folder" in answer.err
    found = topicgpu.Run("out").drift
    assert found.periods == ("old", "new")
    assert "In no period, since the date is outside every named one: source garden." in found.undecided
    overlapping = periods.replace("2025-02", "2025-04")
    before = tree(Path("out"))
    answer = call("drift", "out", "--set", f"drift.periods=[{overlapping}]")
    assert (answer.code, tree(Path("out"))) == (2, before)
    assert "the periods 'old' (2020 to 2025-04) and 'new' (2025-03 to 2026-03-02) share days" in answer.complaint
