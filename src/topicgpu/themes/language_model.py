"""A language model in a folder: the same answer to the same prompt, kept in a file."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from topicgpu.errors import ModelError, RunFolderError
from topicgpu.store import hash_file, read_json, write_json

_NEW_TOKENS = 24
_HASHED = (".safetensors", ".json", ".txt", ".model", ".jinja")
# What transformers raises where a folder's files do not make up a model, and torch where memory does not suffice.
_FAILURES = (OSError, ValueError, KeyError, IndexError, RuntimeError, ImportError)


def check_language_model(folder: str) -> None:
    """
    Raise where a folder can't be a language model's; reads no weights.

    Parameters
    ----------
    folder : str
        `themes.namer`.

    Raises
    ------
    ModelError
        If the folder, its configuration or its weights are missing, or it needs code of its own.
    """
    path, said = Path(folder), f"themes.namer = {folder!r}"
    if not path.is_dir():
        raise ModelError(f"{said}: no such folder; give the folder of a language model, or leave it empty.")
    if not (path / "config.json").is_file() or not any(path.glob("*.safetensors")):
        raise ModelError(f"{said}: has no config.json with safetensors weights; give a Hugging Face model folder.")
    try:
        remote = "auto_map" in read_json(path / "config.json")
    except RunFolderError as error:
        raise ModelError(f"{said}: config.json is not JSON ({error}).") from error
    if remote:
        raise ModelError(f"{said} needs remote code, which topicgpu never runs; choose another.")


def language_model_key(folder: str) -> str:
    """
    Hash the files that a language model's answers depend on.

    Parameters
    ----------
    folder : str
        `themes.namer`.

    Returns
    -------
    str
        Hex digits.

    Raises
    ------
    ModelError
        As `check_language_model` raises it.
    """
    check_language_model(folder)
    files = sorted(path for path in Path(folder).iterdir() if path.suffix in _HASHED and path.is_file())
    return hashlib.sha256("".join(map(hash_file, files)).encode()).hexdigest()


class LanguageModel:
    """
    Answers of a local model, causal or sequence to sequence, by greedy decoding on the CPU.

    Parameters
    ----------
    folder : str
        With configuration, tokenizer and safetensors weights; nothing else is read, and no network.
    kept : Path, optional
        JSON file of earlier answers, by the hash of model and prompt; new ones are added.

    Raises
    ------
    ModelError
        If the folder can't be a language model's.
    """

    def __init__(self, folder: str, kept: Path | None = None) -> None:
        self.folder, self.kept = Path(folder), kept
        self.revision = language_model_key(folder)
        self.failure: str | None = None  # why there were no answers
        self._loaded: tuple[Any, Any] | None = None

    def __call__(self, prompts: Sequence[str]) -> list[str]:
        """
        Answer each prompt.

        Parameters
        ----------
        prompts : sequence of str
            What is asked.

        Returns
        -------
        list of str
            One answer each; empty where the model failed, and `failure` says why.
        """
        keys = [hashlib.sha256(f"{self.revision}\n{prompt}".encode()).hexdigest() for prompt in prompts]
        answers: dict[str, str] = self._earlier()
        new = {key: prompt for key, prompt in zip(keys, prompts, strict=True) if key not in answers}
        try:
            fresh = {key: self._answer(prompt) for key, prompt in new.items()}
        except _FAILURES as error:
            self.failure = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no reason given'}"
            return [answers.get(key, "") for key in keys]
        if fresh and self.kept:
            write_json(self.kept, answers | fresh)
        return [(answers | fresh)[key] for key in keys]

    def _earlier(self) -> dict[str, str]:
        if self.kept is None or not self.kept.is_file():
            return {}
        found = read_json(self.kept)
        return {str(key): str(answer) for key, answer in found.items()} if isinstance(found, dict) else {}

    def _answer(self, prompt: str) -> str:
        import torch

        tokenizer, model = self._load()
        if tokenizer.chat_template:
            turn = [{"role": "user", "content": prompt}]
            prompt = tokenizer.apply_chat_template(turn, tokenize=False, add_generation_prompt=True)
        tokens = tokenizer(prompt, return_tensors="pt", add_special_tokens=not tokenizer.chat_template)
        with torch.inference_mode():
            made = model.generate(
                input_ids=tokens["input_ids"],
                attention_mask=tokens["attention_mask"],
                max_new_tokens=_NEW_TOKENS,
                do_sample=False,
                num_beams=1,
                pad_token_id=tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id,
            )[0]
        answer = made if model.config.is_encoder_decoder else made[tokens["input_ids"].shape[1] :]
        return str(tokenizer.decode(answer, skip_special_tokens=True)).strip()

    def _load(self) -> tuple[Any, Any]:
        if self._loaded is None:
            import torch
            from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer

            local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
            config = AutoConfig.from_pretrained(self.folder, **local)
            kind = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
            model = kind.from_pretrained(self.folder, use_safetensors=True, dtype=torch.float32, **local)
            self._loaded = AutoTokenizer.from_pretrained(self.folder, **local), model.eval()
        return self._loaded
