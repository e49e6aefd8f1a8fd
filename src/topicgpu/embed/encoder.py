"""A transformers encoder: text in, one unit vector out."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgpu.config import EmbeddingSection
from topicgpu.device import Device
from topicgpu.embed.batches import plan_batches
from topicgpu.embed.locate import ModelFiles
from topicgpu.embed.recipe import Pooling, Recipe, read_recipe
from topicgpu.errors import DeviceError, ModelError
from topicgpu.types import Ints, Strings

if TYPE_CHECKING:
    from torch import Tensor

Progress = Callable[[int, int], None]
# Texts tokenized at a time when only their length is wanted: bounds memory on long corpora.
_COUNT_BLOCK = 4096


class EncoderInfo(NamedTuple):
    """What a run's manifest says about its encoder."""

    model: str
    revision: str
    found_in: str
    languages: Strings
    dimension: int
    max_tokens: int
    pooling: str
    pooling_stated: bool
    prompt: str
    precision: str
    device: str


class Encoder:
    """
    A loaded encoder on one device.

    Parameters
    ----------
    config : EmbeddingSection
        Which model and how to run it.
    files : ModelFiles
        Where the model is.
    device : Device
        Where it runs.

    Raises
    ------
    ModelError
        If the model can't be loaded.
    """

    def __init__(self, config: EmbeddingSection, files: ModelFiles, device: Device) -> None:
        recipe = read_recipe(files.folder)
        precision = _precision(config.precision, device.used)
        self._tokenizer, self._model = _load(files.folder, precision, device.used)
        self._recipe = recipe
        self._batch_tokens = config.batch_tokens
        self._device = device.used
        self.info = EncoderInfo(
            model=config.model,
            revision=files.revision,
            found_in=files.found_in,
            languages=tuple(config.languages) or recipe.languages,
            dimension=int(self._model.config.hidden_size),
            max_tokens=_max_tokens(recipe, self._tokenizer, self._model, files.folder),
            pooling=recipe.pooling,
            pooling_stated=recipe.stated,
            prompt=recipe.prompt,
            precision=precision,
            device=device.used,
        )

    def count_tokens(self, texts: Sequence[str]) -> Ints:
        """
        Count the tokens that the encoder would read, special ones and prompt included, without truncation.

        Parameters
        ----------
        texts : sequence of str, length n
            Any texts.

        Returns
        -------
        ndarray of int64, shape (n,)
            Tokens of each text.
        """
        counts = [0] * len(texts)
        for start in range(0, len(texts), _COUNT_BLOCK):
            block = [self._recipe.prompt + text for text in texts[start : start + _COUNT_BLOCK]]
            encoded = self._tokenizer(block, truncation=False, return_attention_mask=False, verbose=False)
            counts[start : start + len(block)] = [len(ids) for ids in encoded["input_ids"]]
        return np.array(counts, dtype=np.int64)

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        """
        Embed texts.

        Parameters
        ----------
        texts : sequence of str, length n
            Longer ones than `info.max_tokens` are truncated there; `count_tokens` tells which.
        progress : callable, optional
            Called with texts done and texts in all after each batch.

        Returns
        -------
        ndarray of float32, shape (n, d)
            Unit vectors, in the order of `texts`. Equal texts are computed once.

        Raises
        ------
        DeviceError
            If a batch does not fit into the device's memory.

        Notes
        -----
        About 2 FLOP a token and non-embedding parameter. Pooling and norm are in float32 at any precision.
        """
        import torch

        unique = list(dict.fromkeys(texts))
        ids = (
            self._tokenizer(
                [self._recipe.prompt + text for text in unique], truncation=True, max_length=self.info.max_tokens
            )["input_ids"]
            if unique
            else []
        )
        vectors = np.empty((len(unique), self.info.dimension), dtype=np.float32)
        done = 0
        for rows, width in plan_batches([len(row) for row in ids], self._batch_tokens):
            try:
                with torch.inference_mode():
                    vectors[rows] = self._forward([ids[row] for row in rows], width).cpu().numpy()
            except torch.OutOfMemoryError as error:
                raise DeviceError(
                    f"{self._device} has too little memory for a batch of {len(rows)} texts of {width} tokens; "
                    f"lower embedding.batch_tokens (now {self._batch_tokens})."
                ) from error
            done += len(rows)
            if progress is not None:
                progress(done, len(unique))
        row_of = {text: row for row, text in enumerate(unique)}
        return vectors[[row_of[text] for text in texts]]

    def _forward(self, ids: list[list[int]], width: int) -> "Tensor":
        import torch

        tokens = torch.full((len(ids), width), self._tokenizer.pad_token_id, dtype=torch.long)
        mask = torch.zeros((len(ids), width), dtype=torch.long)
        for row, sequence in enumerate(ids):
            tokens[row, : len(sequence)] = torch.tensor(sequence, dtype=torch.long)
            mask[row, : len(sequence)] = 1
        tokens, mask = tokens.to(self._device), mask.to(self._device)
        hidden = self._model(input_ids=tokens, attention_mask=mask).last_hidden_state
        pooled = pool(hidden.float(), mask, self._recipe.pooling)
        return torch.nn.functional.normalize(pooled, dim=1)


def pool(hidden: "Tensor", mask: "Tensor", pooling: Pooling) -> "Tensor":
    """
    Make one vector of a text's token vectors.

    Parameters
    ----------
    hidden : Tensor of shape (n, length, d)
        Token vectors, padded on the right.
    mask : Tensor of shape (n, length)
        1 for tokens, 0 for padding; each text has at least one token.
    pooling : {"mean", "cls", "max", "lasttoken"}
        The encoder's own way.

    Returns
    -------
    Tensor of shape (n, d)
        Not normalised.
    """
    import torch

    if pooling == "cls":
        return hidden[:, 0]
    if pooling == "lasttoken":
        return hidden[torch.arange(len(hidden), device=hidden.device), mask.sum(dim=1) - 1]
    weights = mask.unsqueeze(-1)
    if pooling == "max":
        return hidden.masked_fill(weights == 0, -torch.inf).amax(dim=1)
    return (hidden * weights).sum(dim=1) / weights.sum(dim=1)


def _precision(wanted: str, device: str) -> str:
    if wanted != "auto":
        return wanted
    return "float16" if device.startswith("cuda") else "float32"


def _load(folder: Path, precision: str, device: str) -> tuple[Any, Any]:
    import torch
    from safetensors import SafetensorError
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging

    # transformers prints a bar and a table of unused weights; topicgpu has one place that prints.
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        model, report = AutoModel.from_pretrained(
            folder,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            dtype=getattr(torch, precision),
            ignore_mismatched_sizes=True,  # reported below, in one sentence
            output_loading_info=True,
        )
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise ModelError(f"{folder}: can't be loaded as an encoder: {str(error).splitlines()[0]}") from error
    _check_weights(report, folder)
    if tokenizer.pad_token_id is None:
        raise ModelError(f"{folder}: its tokenizer has no padding token; choose an encoder that has one.")
    return tokenizer, model.eval().to(device)


def _check_weights(report: dict[str, Any], folder: Path) -> None:
    # Weights that the files do not hold would be random numbers. The pooler is not used, and many leave it out.
    wrong = sorted({str(key) for key in report["missing_keys"] if not str(key).startswith("pooler.")})
    wrong += sorted(str(key[0]) for key in report["mismatched_keys"])
    if wrong:
        raise ModelError(
            f"{folder}: its weights do not fit its config.json ({len(wrong)} are missing or of another shape, first "
            f"{wrong[0]}); get the model's files again."
        )


def _max_tokens(recipe: Recipe, tokenizer: Any, model: Any, folder: Path) -> int:
    stated = [recipe.max_tokens, tokenizer.model_max_length, getattr(model.config, "max_position_embeddings", None)]
    # Tokenizers without a limit state an enormous one.
    limits = [int(limit) for limit in stated if limit is not None and limit < 1_000_000]
    if not limits:
        raise ModelError(
            f"{folder}: no file of it states how many tokens it reads; set model_max_length in its tokenizer."
        )
    return min(limits)
