"""The command line: the one place that prints and exits."""

import json
import os
import signal
import sys
import tempfile
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from topicgpu import __version__
from topicgpu.cache_cli import cache_app
from topicgpu.errors import ConfigError, TopicGPUError
from topicgpu.export_cli import export
from topicgpu.label_cli import label

if TYPE_CHECKING:
    from topicgpu.config import Config
    from topicgpu.job import Job
    from topicgpu.types import Finding

EXIT_DONE, EXIT_GATE, EXIT_BAD_INPUT, EXIT_LEFT_OUT, EXIT_DEFECT = 0, 1, 2, 3, 70
EXIT_INTERRUPTED, EXIT_NO_READER, EXIT_TERMINATED = 130, 141, 143  # 128 and the number of the signal
_MAX_WARNINGS = 10  # on the terminal; the report has all
_SAFE = "what was finished is kept, the same command does the rest"

app = typer.Typer(
    name="topicgpu",
    help="What a body of dated talk is about, and how it moved.",
    epilog="--debug, anywhere, shows where an error came from. Exit codes: 0 done, 1 a drift gate failed, "
    "2 bad input or environment, 3 done but sources were left out, 70 a defect of topicgpu.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(cache_app, name="cache")


def _version(wanted: bool) -> None:
    if wanted:
        print(f"topicgpu {__version__}")
        raise typer.Exit


Version = Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")]
RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")]
Set = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a configuration key; can be repeated.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@app.callback()
def _options(version: Version = False) -> None:
    pass


@app.command()
def run(
    config: Annotated[
        Path, typer.Argument(metavar="CONFIG|SOURCES", help="A TOML file, or a folder of sources, a file or a pattern.")
    ],
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Run folder; runs/NAME if not given.")] = None,
    device: Annotated[str | None, typer.Option(metavar="NAME", help="auto, cpu, cuda or cuda:N.")] = None,
    set_: Set = None,
    until: Annotated[str | None, typer.Option(metavar="STAGE", help="Stop after this stage.")] = None,
    update: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Another run, whose ids discovered themes keep.")
    ] = None,
    no_cache: Annotated[
        bool,
        typer.Option("--no-cache", help="Take nothing but themes' ids from run folder and vector cache."),
    ] = False,
    keep_going: Annotated[bool, typer.Option("--keep-going", help="Leave out sources that can't be read.")] = False,
    as_json: Json = False,
) -> None:
    """Find the themes of the sources and their drift; write the report."""
    from topicgpu.config import load_config
    from topicgpu.pipeline import run_stages
    from topicgpu.progress import watch
    from topicgpu.stages import STAGES

    changes = [*(set_ or []), *([f"embedding.device={device}"] if device else [])]
    loaded = load_config(config, changes)
    folder = out if out is not None else Path("runs") / loaded.name
    names = [stage.name for stage in STAGES]
    if until is not None and until not in names:
        raise ConfigError(f"--until {until}: no such stage; the stages are {', '.join(names)}.")
    with watch(sys.stderr) as listener:
        job = run_stages(
            loaded,
            folder,
            str(config.resolve()),
            again=names if no_cache else (),
            until=until,
            keep_going=keep_going,
            use_cache=not no_cache,
            update=update,
            listener=listener,
        )
    if until in (None, names[-1]):
        _finish(job, as_json)
    else:
        print(folder)
        _exit_of(job, until == "drift")


def _stage_command(stage: str, text: str) -> None:
    def command(folder: RunFolder, set_: Set = None, as_json: Json = False) -> None:
        _run_from(stage, folder, set_ or [], as_json)

    app.command(name=stage, help=f"{text} again, and then what depends on it.")(command)


def _run_from(stage: str, folder: Path, changes: list[str], as_json: bool) -> None:
    from topicgpu.pipeline import run_stages
    from topicgpu.progress import watch
    from topicgpu.run_folder import origin_of

    manifest, config = _read_run(folder, changes)
    origin, left_out = origin_of(folder, manifest), bool(manifest.get("left_out"))
    with watch(sys.stderr) as listener:
        job = run_stages(config, folder, origin, start=stage, keep_going=left_out, listener=listener)
    _finish(job, as_json)


def _read_run(folder: Path, changes: list[str]) -> "tuple[dict[str, Any], Config]":
    from topicgpu.run_folder import read_config, read_manifest

    manifest = read_manifest(folder)
    return manifest, read_config(folder, manifest, changes)


for _stage, _text in (
    ("ingest", "Read the sources of a run"),
    ("segment", "Cut the sources of a run"),
    ("themes", "Find the themes of a run"),
    ("drift", "Measure the drift of a run"),
    ("report", "Write the report of a run"),
):
    _stage_command(_stage, _text)


@app.command()
def embed(
    folder: RunFolder,
    set_: Set = None,
    shard: Annotated[
        str | None, typer.Option(metavar="I/N", help="Only put part I (from 0) of N into the vector cache.")
    ] = None,
    join: Annotated[bool, typer.Option("--join", help="Go on from the parts, and refuse if one is not done.")] = False,
    as_json: Json = False,
) -> None:
    """Embed the segments of a run again, and then what depends on it."""
    from topicgpu.job import Event
    from topicgpu.progress import watch
    from topicgpu.shards import Shard, check_joined, embed_shard, parse_shard, task_of

    if shard is None:
        if join:
            check_joined(task_of(folder, _read_run(folder, set_ or [])[1], Shard(0, 1)))
        _run_from("embed", folder, set_ or [], as_json)
        return
    if join:
        raise ConfigError("--shard and --join are both given; first every --shard, then --join.")
    part = parse_shard(shard)
    task = task_of(folder, _read_run(folder, set_ or [])[1], part)
    with watch(sys.stderr) as listener:
        facts = embed_shard(task, lambda done, total, tokens: listener(Event("progress", "embed", done, total, tokens)))
    if as_json:
        print(json.dumps(facts, indent=2))
    else:
        print(f"shard {shard}: {facts['computed']} computed, {facts['from_cache']} from the cache")
    _warn(facts["warnings"], folder)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder of sources.")],
) -> None:
    """Write a commented configuration and a sources.toml."""
    from topicgpu.scaffold import scaffold

    for path in scaffold(folder):
        print(path)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Check the machine, and say how to mend what is missing."""
    from topicgpu.doctor import examine

    checks = examine()
    if as_json:
        print(json.dumps([check._asdict() for check in checks], indent=2))
        return
    width = max(len(check.name) for check in checks)
    for check in checks:
        print(f"{'ok ' if check.fine else 'no '} {check.name:{width}}  {check.found}")
        if check.fix:
            print(f"    {'':{width}}  {check.fix}")


app.command()(label)
app.command()(export)


def _finish(job: "Job", as_json: bool) -> None:
    try:
        _show(job, as_json)
        sys.stdout.flush()
    except BrokenPipeError:  # the run is done, whoever reads of it
        _discard_output()
    _exit_of(job, True)


def _exit_of(job: "Job", drift_is_known: bool) -> None:
    from topicgpu.drift.gates import breached

    if drift_is_known and breached(job.config.drift.gates, job.drift.gates):
        raise typer.Exit(EXIT_GATE)
    if job.left_out:
        raise typer.Exit(EXIT_LEFT_OUT)


def _show(job: "Job", as_json: bool) -> None:
    manifest = job.manifest()
    report = job.folder / "report.html"
    if as_json:
        result = {
            "run": str(job.folder),
            "report": str(report),
            "headlines": [finding.headline for finding in job.drift.findings],
            "findings": [finding.sentence for finding in job.drift.findings],
            "undecided": job.drift.undecided,
            "gates": [asdict(gate) for gate in job.drift.gates],
            "warnings": manifest["warnings"],
            "left_out": job.left_out,
        }
        print(json.dumps(result, indent=2, ensure_ascii=False))
    else:
        findings = job.drift.findings[: job.config.report.max_findings]
        for line in [_headline(finding) for finding in findings] or job.drift.undecided:
            print(f"- {line}")
        if left := len(job.drift.findings) - len(findings):
            print(f"{left} more {'is' if left == 1 else 'are'} in {job.folder / 'drift.json'}.")
        for gate in job.drift.gates:
            print(f"Gate {gate.outcome}: {gate.gate}: {gate.reason}")
        _warn([warning["message"] for warning in manifest["warnings"]], job.folder)
        print(f"Report: {report}")


def _headline(finding: "Finding") -> str:
    status = "tested" if finding.status == "tested" else "described, not tested"
    return f"{finding.headline} ({status})"


def _warn(messages: list[str], folder: Path) -> None:
    for message in messages[:_MAX_WARNINGS]:
        print(f"warning: {message}", file=sys.stderr)
    if len(messages) > _MAX_WARNINGS:
        more = len(messages) - _MAX_WARNINGS
        print(f"warning: {more} more are in the report and in {folder / 'manifest.json'}.", file=sys.stderr)


def main(arguments: list[str] | None = None) -> int:
    """
    Run the command line.

    Parameters
    ----------
    arguments : list of str, optional
        Those of the process if not given.

    Returns
    -------
    int
        The exit code: 0 done, 1 a drift gate failed, 2 bad input or environment, 3 done but sources were left out, 70
        a defect, 130 Ctrl-C, 141 nobody reads the output any more, 143 SIGTERM.
    """
    given = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in given
    words = [word for word in given if word != "--debug"]
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        return _invoke(words or ["--help"])
    except TopicGPUError as error:
        return _fail(str(error), EXIT_BAD_INPUT, debug)
    except typer.TyperException as error:
        return _fail(error.format_message(), EXIT_BAD_INPUT, debug)
    except KeyboardInterrupt:
        return _fail(f"interrupted; {_SAFE}.", EXIT_INTERRUPTED, debug)
    except _Terminated:
        return _fail(f"terminated; {_SAFE}.", EXIT_TERMINATED, debug)
    except BrokenPipeError:
        _discard_output()
        return EXIT_NO_READER
    except Exception as error:
        if isinstance(error, OSError) and error.filename is not None:
            reason = f"{error.filename}: {error.strerror}; check the path, its permissions and the room on its disk."
            return _fail(reason, EXIT_BAD_INPUT, debug)
        return _fail(f"a defect of topicgpu; please report it with {_write_trace()}.", EXIT_DEFECT, debug)
    finally:
        signal.signal(signal.SIGTERM, before)


def _invoke(words: list[str]) -> int:
    # Not app(words): that turns Ctrl-C and a closed pipe into exit codes of its own.
    command = typer.main.get_command(app)
    try:
        with command.make_context("topicgpu", words) as context:
            command.invoke(context)
        sys.stdout.flush()
    except typer.Exit as stop:
        return stop.exit_code
    return EXIT_DONE


class _Terminated(BaseException):
    """SIGTERM: like Ctrl-C, past every `except Exception`."""


def _terminate(_signal: int, _frame: object) -> NoReturn:
    raise _Terminated


def _discard_output() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())


def _fail(sentence: str, code: int, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    print(f"topicgpu: {sentence}", file=sys.stderr)
    return code


def _write_trace() -> Path:
    with tempfile.NamedTemporaryFile("w", prefix="topicgpu-", suffix=".log", delete=False, encoding="utf-8") as file:
        file.write(f"topicgpu {__version__}\n{' '.join(sys.argv)}\n{traceback.format_exc()}")
    return Path(file.name)


if __name__ == "__main__":
    sys.exit(main())
