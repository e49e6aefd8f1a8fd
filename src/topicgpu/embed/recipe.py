"""How an encoder turns tokens into one vector: read from its own files, never guessed silently."""

import re
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from topicgpu.embed.locate import read_json
from topicgpu.errors import ModelError

Pooling = Literal["mean", "cls", "max", "lasttoken"]


class Recipe(NamedTuple):
    """Pooling, prompt, limits and languages of an encoder."""

    pooling: Pooling
    prompt: str
    max_tokens: int | None  # None: whatever the tokenizer and the positions allow
    languages: tuple[str, ...]  # ISO 639-1; empty: the model card names none, or many
    stated: bool  # whether the pooling stands in the model's files


def read_recipe(folder: Path) -> Recipe:
    """
    Read an encoder's recipe from its sentence-transformers files and model card.

    Parameters
    ----------
    folder : Path
        The model's folder.

    Returns
    -------
    Recipe
        Mean pooling, not `stated`, where the folder has no sentence-transformers files.

    Raises
    ------
    ModelError
        If the files ask for a module or a pooling that topicgpu does not have.
    """
    modules = read_json(folder / "modules.json", list)
    pooling: Pooling = "mean"
    for module in modules or []:
        kind = str(module.get("type")).rpartition(".")[2]
        if kind == "Pooling":
            pooling = _pooling(read_json(folder / module.get("path", "") / "config.json", dict) or {}, folder)
        elif kind not in ("Transformer", "Normalize"):
            raise ModelError(f"{folder}: its module {kind} is not supported; choose an encoder that ends in pooling.")
    limits = read_json(folder / "sentence_bert_config.json", dict) or {}
    settings = read_json(folder / "config_sentence_transformers.json", dict) or {}
    prompt = (settings.get("prompts") or {}).get(settings.get("default_prompt_name"), "")
    return Recipe(pooling, prompt, limits.get("max_seq_length"), _card_languages(folder), modules is not None)


def _pooling(config: dict[str, Any], folder: Path) -> Pooling:
    named = config.get("pooling_mode")
    modes = [named] if named else [k.removeprefix("pooling_mode_") for k, v in config.items() if v is True]
    modes = [str(mode).removesuffix("_tokens").removesuffix("_token") for mode in modes if mode != "include_prompt"]
    for known in get_args(Pooling):
        if modes == [known]:
            pooling: Pooling = known
            return pooling
    raise ModelError(f"{folder}: pooling {modes} is not supported; known are {', '.join(get_args(Pooling))}.")


def _card_languages(folder: Path) -> tuple[str, ...]:
    """Languages in the YAML head of the model card: `language: en`, `language: [en, de]` or a list of lines."""
    card = folder / "README.md"
    if not card.is_file():
        return ()
    head = card.read_text(encoding="utf-8", errors="replace").removeprefix("---\n").partition("\n---")[0]
    match = re.search(r"^language:[ \t]*(.*(?:\n[ \t]*-[ \t]*.+)*)", head, flags=re.MULTILINE)
    codes = re.findall(r"[A-Za-z]{2,}(?:[-_][A-Za-z]+)?", match.group(1)) if match else []
    return tuple(dict.fromkeys(code.lower()[:2] for code in codes if len(code) == 2 or code[2] in "-_"))
