"""The verbs of `topicgpu cache`: what is kept for all runs, whether it is whole, and making room."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from topicgpu.errors import ConfigError

cache_app = typer.Typer(
    help="List, check or shrink the vectors that are kept for all runs.",
    rich_markup_mode=None,
)
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
CacheFolder = Annotated[
    Path | None, typer.Option("--folder", metavar="DIR", help="Of the cache; your own if not given.")
]


@cache_app.callback(invoke_without_command=True)
def _help_without_a_verb(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        print(context.get_help())


@cache_app.command("list")
def cache_list(folder: CacheFolder = None, as_json: Json = False) -> None:
    """List the encoders whose vectors are kept."""
    from topicgpu.store import list_caches

    root = _cache_root(folder)
    rows = list_caches(root)
    if as_json:
        _print_json(rows)
        return
    for row in rows:
        used = time.strftime("%Y-%m-%d", time.localtime(row.last_used))
        model, tier = row.identity.get("model", "unknown"), row.identity.get("tier", "")
        damaged = f", {row.damaged} damaged files set aside" if row.damaged else ""
        print(
            f"{row.folder.name}  {row.vectors:>10,} vectors  {row.nbytes / 1e6:>9,.1f} MB  {row.shards} files  "
            f"last used {used}  {model} ({tier}, {row.identity.get('precision', '')}){damaged}"
        )
    print(f"{root}: {sum(row.nbytes for row in rows) / 1e6:,.1f} MB")


@cache_app.command("verify")
def cache_verify(folder: CacheFolder = None, as_json: Json = False) -> None:
    """Compare every checksum; damaged files are set aside, and their vectors computed again."""
    from topicgpu.store import verify_caches

    root = _cache_root(folder)
    rows = verify_caches(root)
    if as_json:
        _print_json(rows)
    else:
        for row in rows:
            print(f"{row.path}: {row.wrong}")
        print(f"{root}: {len(rows)} damaged files" if rows else f"{root}: all files are whole")


@cache_app.command("prune")
def cache_prune(
    gb: Annotated[float, typer.Option("--gb", min=0, metavar="SIZE", help="Shrink to this many gigabytes; 0: empty.")],
    folder: CacheFolder = None,
    as_json: Json = False,
) -> None:
    """Delete the vectors that were not used for longest."""
    from topicgpu.store import prune_caches

    root = _cache_root(folder)
    rows = prune_caches(root, int(gb * 1e9), recent=gb == 0)
    if as_json:
        _print_json(rows)
    else:
        print(f"{root}: {len(rows)} files deleted, {sum(row.nbytes for row in rows) / 1e6:,.1f} MB")


def _cache_root(folder: Path | None) -> Path:
    from topicgpu.store import default_root

    if folder is None:
        return default_root() / "vectors"
    if not folder.is_dir():
        raise ConfigError(f"--folder {folder}: no such folder; give the one that embedding.cache names.")
    return folder


def _print_json(rows: Sequence[Any]) -> None:
    print(json.dumps([row._asdict() for row in rows], indent=2, default=str))
