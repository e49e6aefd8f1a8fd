"""The verb `topicgpu label`: a sample for labelling by hand, and how far a run agrees with the labels."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from topicgpu.errors import ConfigError

if TYPE_CHECKING:
    from topicgpu.api import Run
    from topicgpu.config import ThemesSection
    from topicgpu.label_scores import Rate, Scores
    from topicgpu.themes.labels import Label


def label(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    n: Annotated[int, typer.Option("--n", min=1, metavar="N", help="Segments to draw.")] = 150,
    seed: Annotated[int, typer.Option(min=0, metavar="S", help="Another seed draws others.")] = 0,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the sample is written.")] = Path("labels.csv"),
    exclude: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Labels whose segments are not drawn; can be repeated.")
    ] = None,
    guided: Annotated[bool, typer.Option("--guided", help="Of guided themes alone.")] = False,
    read: Annotated[Path | None, typer.Option(metavar="FILE", help="Compare these labels with the run.")] = None,
    against: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With --read: a second reader's labels of the same sample.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Write a blind sample to label, or compare labels with the run."""
    from topicgpu.api import Run

    if against is not None and read is None:
        raise ConfigError("--against is a second reader's file; give the first one's with --read.")
    run = Run(folder)
    if read is not None:
        _compare(run, read, against, guided, as_json)
    else:
        _draw(run, n, seed, out, exclude or [], guided, as_json)


def _draw(run: "Run", n: int, seed: int, out: Path, exclude: list[Path], guided: bool, as_json: bool) -> None:
    from dataclasses import replace

    from topicgpu.labelling import candidates, draw_sample, write_sample
    from topicgpu.themes.labels import read_labels

    themes, config = run.themes, _config(run)
    ids = [theme.theme_id for theme in themes.all]
    done = [*_examples(config, ids), *(label for file in exclude for label in read_labels(file, ids))]
    free = candidates(run.segments, run.embeddings, run.repeats, done)
    if guided:
        kept = tuple(theme for theme in themes.themes if theme.kind == "guided")
        if not kept:
            raise ConfigError(f"--guided: {run.folder} has no guided themes; leave it out.")
        themes = replace(themes, themes=kept)
    rows = draw_sample(run.segments, free, n, seed)
    if not len(rows):
        raise ConfigError(f"{run.folder}: no segment is left to draw; give fewer files to --exclude.")
    about = write_sample(out, run.segments, rows, themes, config)
    if as_json:
        print(json.dumps({"sample": str(out), "themes": str(about), "segments": len(rows)}, indent=2))
    else:
        print(f"{out}: {len(rows)} segments; {about}: the themes, and what to write.")


def _compare(run: "Run", read: Path, against: Path | None, guided: bool, as_json: bool) -> None:
    from topicgpu.label_scores import reader_kappa, score_labels
    from topicgpu.labelling import candidates
    from topicgpu.themes.labels import read_labels

    config, ids = _config(run), [theme.theme_id for theme in run.themes.all]
    labels = read_labels(read, ids)
    if not labels:
        raise ConfigError(f"{read}: no row has a primary theme yet; label some, or write none.")
    _refuse_examples(run, read, labels, _examples(config, ids), config.labels)
    became: dict[str, str | None] = {theme_id: merge.into for merge in config.merge for theme_id in merge.themes}
    became |= dict.fromkeys(config.hide)
    counted = candidates(run.segments, run.embeddings, run.repeats)
    scores = score_labels(labels, run.segments, run.themes, counted, became=became, guided=guided)
    readers = None if against is None else reader_kappa(labels, read_labels(against, ids))
    if as_json:
        result: dict[str, Any] = asdict(scores)
        if readers is not None:
            result["readers"] = {"same": readers[0], "kappa": readers[1]}
        print(json.dumps(result, indent=2, ensure_ascii=False))
        return
    _show(scores)
    if readers is not None:
        kappa = "not defined: all are one theme" if readers[1] is None else f"{readers[1]:.2f}"
        print(f"\nreader against reader: the same {_text(readers[0])}, Cohen's kappa {kappa}")


def _examples(config: "ThemesSection", ids: list[str]) -> "tuple[Label, ...]":
    """Read the labels that the run itself learned from."""
    from topicgpu.themes.labels import read_labels

    return read_labels(Path(config.labels), ids) if config.labels else ()


def _refuse_examples(
    run: "Run", read: Path, labels: "tuple[Label, ...]", examples: "tuple[Label, ...]", file: str
) -> None:
    from topicgpu.ops.spans import merged_spans, overlaps
    from topicgpu.themes.labels import spans_of

    n = len(set(overlaps(spans_of(labels), merged_spans(spans_of(examples))).left.tolist()))
    if n:
        raise ConfigError(
            f"{read}: {n} of its labels {'is' if n == 1 else 'are'} of text that the run has as an example from {file} "
            f"(themes.labels), which can't judge it; draw a new sample: topicgpu label {run.folder}."
        )


def _config(run: "Run") -> "ThemesSection":
    from topicgpu.run_folder import read_config

    return read_config(run.folder, run.manifest).themes


def _show(scores: "Scores") -> None:
    print(f"{scores.n_labels} labels; 95 % intervals; sources weighted by their segments")
    print(f"given a theme by the run, agree      {_text(scores.agreement)}")
    print(f"  the reader's second theme as well  {_text(scores.either)}")
    print(f"given a theme by the reader, has one {_text(scores.coverage)}")
    for title, table, columns in (
        ("theme", scores.by_theme, ("the run says it, agree", "the reader says it, found")),
        ("source", scores.by_source, ("agree", "has one")),
    ):
        width = max(len(name) for name in [title, *table])
        print(f"\n{title:{width}}  {columns[0]:28}  {columns[1]}")
        for name, (first, second) in table.items():
            print(f"{name:{width}}  {_text(first):28}  {_text(second)}")
    if scores.confusions:
        print("\nreader -> run, commonest differences")
        for said, given, count in scores.confusions:
            print(f"{count:4}  {said} -> {given}")
    if scores.not_found:
        print(f"\n{scores.not_found} labels are of text that is in no segment of this run")
    if scores.unknown:
        print(f"\nnot among the themes of this run: {', '.join(scores.unknown)}")


def _text(rate: "Rate") -> str:
    if rate.share is None:
        return "none"
    return f"{rate.share:.2f} ({rate.low:.2f} to {rate.high:.2f}) of {rate.n}"
