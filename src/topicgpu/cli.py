"""The command line: the one place that prints and exits."""

import json
import os
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from topicgpu import __version__
from topicgpu.errors import TopicGPUError

if TYPE_CHECKING:
    from topicgpu.job import Job

EXIT_DONE, EXIT_BAD_INPUT, EXIT_LEFT_OUT, EXIT_DEFECT, EXIT_INTERRUPTED, EXIT_TERMINATED = 0, 2, 3, 70, 130, 143

app = typer.Typer(
    name="topicgpu",
    help="What a body of dated talk is about, and how it moved.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")]
Set = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a configuration key; can be repeated.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@app.command()
def run(
    config: Annotated[Path, typer.Argument(metavar="CONFIG|FOLDER", help="A TOML file, or a folder of sources.")],
    out: Annotated[Path | None, typer.Option(help="Run folder; runs/NAME if not given.")] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda or cuda:N.")] = None,
    set_: Set = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Take nothing from the run folder.")] = False,
    keep_going: Annotated[bool, typer.Option("--keep-going", help="Leave out sources that can't be read.")] = False,
    as_json: Json = False,
) -> None:
    """Read the sources, find the themes and their drift, write the report."""
    from topicgpu.config import load_config
    from topicgpu.pipeline import run_stages
    from topicgpu.stages import STAGES

    changes = [*(set_ or []), *([f"embedding.device={device}"] if device else [])]
    loaded = load_config(config, changes)
    folder = out if out is not None else Path("runs") / loaded.name
    again = tuple(stage.name for stage in STAGES) if no_cache else ()
    with _progress() as listener:
        job = run_stages(loaded, folder, str(config.resolve()), again=again, keep_going=keep_going, listener=listener)
    _finish(job, as_json)


def _stage_command(stage: str, text: str) -> None:
    def command(folder: RunFolder, set_: Set = None, as_json: Json = False) -> None:
        _again(folder, stage, set_ or [], as_json)

    app.command(name=stage, help=f"{text} again, and then what depends on it.")(command)


for _stage, _text in (
    ("ingest", "Read the sources of a run"),
    ("segment", "Cut the sources of a run"),
    ("embed", "Embed the segments of a run"),
    ("themes", "Find the themes of a run"),
    ("drift", "Measure the drift of a run"),
    ("report", "Write the report of a run"),
):
    _stage_command(_stage, _text)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder of sources.")],
) -> None:
    """Write a commented configuration, and a sources.toml of what is found."""
    from topicgpu.scaffold import scaffold

    for path in scaffold(folder):
        print(path)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Check the machine: device, libraries, the default encoder, and how to mend what is missing."""
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


def _again(folder: Path, stage: str, changes: list[str], as_json: bool) -> None:
    from topicgpu.config import change_config, validate_config
    from topicgpu.pipeline import MANIFEST, read_manifest, run_stages

    manifest = read_manifest(folder)
    where = str(folder / MANIFEST)
    config = validate_config(change_config(manifest["config"], changes), where)
    left_out = bool(manifest.get("left_out"))
    with _progress() as listener:
        job = run_stages(
            config, folder, manifest["config_path"], again=(stage,), keep_going=left_out, listener=listener
        )
    _finish(job, as_json)


def _progress() -> Any:
    from topicgpu.progress import watch

    return watch(sys.stderr)


def _finish(job: "Job", as_json: bool) -> None:
    manifest = job.manifest()
    report = job.folder / "report.html"
    if as_json:
        result = {
            "run": str(job.folder),
            "report": str(report),
            "findings": [finding.sentence for finding in job.drift.findings],
            "warnings": manifest["warnings"],
            "left_out": job.left_out,
        }
        print(json.dumps(result, indent=2, ensure_ascii=False))
    else:
        for finding in job.drift.findings[: job.config.report.max_findings]:
            print(f"- {finding.sentence}")
        for warning in manifest["warnings"]:
            print(f"warning: {warning['message']}", file=sys.stderr)
        print(f"Report: {report}")
    for row in job.left_out:
        print(f"left out: {row['reason']}", file=sys.stderr)
    if job.left_out:
        raise SystemExit(EXIT_LEFT_OUT)


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
        The exit code: 0 done, 2 bad input, 3 done but sources were left out, 70 a defect, 130 Ctrl-C, 143 SIGTERM.
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    debug = "--debug" in words
    words = [word for word in words if word != "--debug"]
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        app(words, standalone_mode=False)
    except TopicGPUError as error:
        return _fail(str(error), EXIT_BAD_INPUT, debug)
    except typer.TyperException as error:
        return _fail(error.format_message(), EXIT_BAD_INPUT, debug)
    except SystemExit as stop:
        return int(stop.code or 0)
    except KeyboardInterrupt:
        return _fail(
            "interrupted; finished stages are safe, the same command goes on from there.", EXIT_INTERRUPTED, debug
        )
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_DONE
    except Exception:
        return _fail(f"a defect of topicgpu; please report it with {_write_trace()}.", EXIT_DEFECT, debug)
    finally:
        signal.signal(signal.SIGTERM, before)
    return EXIT_DONE


def _terminate(_signal: int, _frame: object) -> NoReturn:
    raise SystemExit(EXIT_TERMINATED)


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
