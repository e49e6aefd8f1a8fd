"""How an encoder turns tokens into one vector: read from its own files, or set in the configuration; never guessed."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, get_args

from topicgpu.config import EmbeddingSection
from topicgpu.embed.locate import read_json
from topicgpu.embed.pooling import Pooling
from topicgpu.errors import ConfigError, ModelError


class Recipe(NamedTuple):
    """Pooling, prompt, limits and languages of an encoder."""

    pooling: Pooling
    prompt: str
    pools_prompt: bool  # whether the prompt's tokens take part in mean and max
    max_tokens: int | None  # None: whatever the tokenizer and the positions allow
    dimension: int | None  # of the vectors kept, fewer than the model's (Matryoshka); None: all
    languages: tuple[str, ...]  # ISO 639-1; empty: the model card names none, or many
    stated: bool  # whether the pooling stands in the model's files or the configuration


def read_recipe(folder: Path, config: EmbeddingSection) -> Recipe:
    """
    Read an encoder's recipe from its sentence-transformers files and model card; the configuration comes first.

    Parameters
    ----------
    folder : Path
        The model's folder.
    config : EmbeddingSection
        What is set there wins over the files.

    Returns
    -------
    Recipe
        Mean pooling, not `stated`, where neither says how to pool.

    Raises
    ------
    ModelError
        If the files ask for a module or a pooling that topicgpu does not have.
    ConfigError
        If the configuration asks for a prompt or a dimension that the model does not have.
    """
    modules = read_json(folder / "modules.json", list)
    settings: dict[str, Any] = {}
    for module in modules or []:
        kind = str(module.get("type")).rpartition(".")[2]
        if kind == "Pooling":
            settings = read_json(folder / module.get("path", "") / "config.json", dict) or {}
        elif kind not in ("Transformer", "Normalize"):
            raise ModelError(f"{folder}: its module {kind} is not supported; choose an encoder that ends in pooling.")
    pools = any(str(module.get("type")).endswith("Pooling") for module in modules or [])
    limits = read_json(folder / "sentence_bert_config.json", dict) or {}
    return Recipe(
        pooling=config.pooling if config.pooling != "auto" else _pooling(settings, folder) if pools else "mean",
        prompt=_prompt(read_json(folder / "config_sentence_transformers.json", dict) or {}, config.prompt, folder),
        pools_prompt=settings.get("include_prompt", True) is not False,
        max_tokens=config.max_tokens or limits.get("max_seq_length"),
        dimension=_dimension(read_json(folder / "config.json", dict) or {}, config.dimension),
        languages=tuple(config.languages) or _card_languages(folder),
        stated=modules is not None or config.pooling != "auto",
    )


def _pooling(settings: Mapping[str, Any], folder: Path) -> Pooling:
    named = settings.get("pooling_mode")
    modes = [named] if named else [k.removeprefix("pooling_mode_") for k, v in settings.items() if v is True]
    modes = [str(mode).removesuffix("_tokens").removesuffix("_token") for mode in modes if mode != "include_prompt"]
    for known in get_args(Pooling):
        if modes == [known]:
            pooling: Pooling = known
            return pooling
    raise ModelError(f"{folder}: pooling {modes} is not supported; known are {', '.join(get_args(Pooling))}.")


def _prompt(settings: Mapping[str, Any], wanted: str, folder: Path) -> str:
    prompts: dict[str, str] = settings.get("prompts") or {}
    if wanted == "auto":
        return prompts.get(settings.get("default_prompt_name") or "", "")
    if wanted in prompts:
        return prompts[wanted]
    if wanted.isidentifier():
        known = ", ".join(prompts) or "none"
        raise ConfigError(
            f"embedding.prompt = {wanted!r}: the model states no prompt of this name (it states {known}); "
            "name one of those, or write the text itself, with a colon or a space at its end."
        )
    return wanted


def _dimension(settings: Mapping[str, Any], wanted: int) -> int | None:
    full = settings.get("hidden_size", settings.get("dim"))  # the latter in DistilBERT's files
    if not wanted or wanted == full:
        return None
    if full is not None and wanted > full:
        raise ConfigError(f"embedding.dimension = {wanted}: the model's vectors have only {full} numbers.")
    trained = settings.get("matryoshka_dimensions")
    if trained and wanted not in trained:
        raise ConfigError(
            f"embedding.dimension = {wanted}: the model was trained for {', '.join(map(str, trained))}; take one."
        )
    return wanted


def _card_languages(folder: Path) -> tuple[str, ...]:
    """Languages in the YAML head of the model card: `language: en`, `language: [en, de]` or a list of lines."""
    card = folder / "README.md"
    if not card.is_file():
        return ()
    head = card.read_text(encoding="utf-8", errors="replace").removeprefix("---\n").partition("\n---")[0]
    match = re.search(r"^language:[ \t]*(.*(?:\n[ \t]*-[ \t]*.+)*)", head, flags=re.MULTILINE)
    codes = re.findall(r"[A-Za-z]{2,}(?:[-_][A-Za-z]+)?", match.group(1)) if match else []
    return tuple(dict.fromkeys(code.lower()[:2] for code in codes if len(code) == 2 or code[2] in "-_"))
