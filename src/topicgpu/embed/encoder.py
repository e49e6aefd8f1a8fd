"""A transformers encoder on one device."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgpu.config import EmbeddingSection
from topicgpu.device import Device
from topicgpu.embed.base import Batch, EncoderInfo, TextEncoder
from topicgpu.embed.engine import DoesNotFit, Engine
from topicgpu.embed.forward import PAD_TO, Forward
from topicgpu.embed.load import load_model, load_settings, load_tokenizer
from topicgpu.embed.locate import ModelFiles
from topicgpu.embed.recipe import read_recipe
from topicgpu.embed.tokens import Pieces, TokenIds, Tokens
from topicgpu.errors import ConfigError, ModelError, TextTooLargeError
from topicgpu.types import Ints

if TYPE_CHECKING:
    from torch import Tensor

# Tokens a batch where the configuration leaves it open: on a CPU what a core's caches hold, on a GPU what fills it.
_BUDGET = {"cpu": 1024, "cuda": 65_536}
_WINDOW = {"cpu": TextEncoder.window, "cuda": 16_384}
# Kinds of models whose positions begin after the padding token's id, so that they have fewer than they state.
_POSITIONS_AFTER_PAD = ("roberta", "camembert", "mpnet")


class _Prepared(NamedTuple):
    texts: Sequence[str]
    pieces: Pieces


class Encoder(TextEncoder):
    """
    A model on one device. Its weights are loaded when the first text is embedded.

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
        If the tokenizer or the settings can't be loaded, or the files ask for what topicgpu does not have.
    ConfigError
        If prompt, limit or dimension are impossible for this model.
    """

    def __init__(self, config: EmbeddingSection, files: ModelFiles, device: Device) -> None:
        self._folder, self._config = files.folder, config
        self._recipe = recipe = read_recipe(files.folder, config)
        self._settings = load_settings(files.folder)
        self._tokenizer = load_tokenizer(files.folder)
        self._tokens = Tokens(self._tokenizer, recipe.prompt)
        self._n_long = self._n_tokens = 0
        self.window = _WINDOW[device.used.partition(":")[0]]
        max_tokens = self._max_tokens(recipe.max_tokens)
        if self._tokens.n_around >= max_tokens:
            raise ConfigError(
                f"{files.folder}: prompt and special tokens are {self._tokens.n_around} tokens, and the encoder reads "
                f"{max_tokens}; set embedding.prompt shorter or embedding.max_tokens higher."
            )
        self.info = EncoderInfo(
            model=files.name,
            revision=files.revision,
            settings=files.settings,
            found_in=files.found_in,
            tier="model",
            languages=recipe.languages,
            dimension=recipe.dimension or int(self._settings.hidden_size),
            max_tokens=max_tokens,
            long_texts=config.long_texts,
            pooling=recipe.pooling,
            pooling_stated=recipe.stated,
            prompt=recipe.prompt,
            precision=_precision(config.precision, device.used),
            device=device.used,
        )

    @cached_property
    def forward(self) -> Forward:
        """The model on its device, and the proved layout of its batches."""
        model = load_model(self._folder, self.info.precision, self.info.device)
        if self._config.compile:
            import torch

            model.forward = torch.compile(model.forward, dynamic=True)
        skip = 0 if self._recipe.pools_prompt else self._tokens.n_prompt
        pad, compiled = int(self._tokenizer.pad_token_id), self._config.compile
        return Forward(model, self._recipe.pooling, skip, pad, self.info.precision, compiled)

    @cached_property
    def _engine(self) -> Engine:
        import torch

        kind = self.info.device.partition(":")[0]
        budget, pad_to = self._config.batch_tokens or _BUDGET[kind], None if self.forward.layout.packed else PAD_TO
        if kind == "cuda":
            return Engine(self._unit_vectors, budget, pad_to, ahead=1)
        threads = 1 if self._config.compile else torch.get_num_threads()  # torch.compile is not for several threads
        return Engine(self._unit_vectors, budget, pad_to, threads=threads)

    @property
    def facts(self) -> dict[str, Any]:
        if "_engine" not in self.__dict__:
            return {"forward_passes": 0, "tokens": 0, "long_texts": self._n_long}
        return {
            "forward_passes": self.forward.passes,
            "tokens": self._n_tokens,
            "long_texts": self._n_long,
            "layout": self.forward.layout.reason,
            "batch_tokens": self._engine.budget,
            "batch_tokens_too_large": self._engine.too_large,
        }

    def count_tokens(self, texts: Sequence[str]) -> Ints:
        return self._tokens.tokenize(texts).lengths

    def prepare(self, texts: Sequence[str]) -> _Prepared:
        ragged = self._tokens.tokenize(texts)
        self._n_long += int((ragged.lengths > self.info.max_tokens).sum())
        return _Prepared(texts, self._tokens.cut(ragged, self.info.max_tokens, self.info.long_texts == "windows"))

    def batches(self, prepared: _Prepared) -> Iterator[Batch]:
        """
        Embed prepared texts batch by batch, the longest first.

        Parameters
        ----------
        prepared : object
            From `prepare`; texts over the limit were cut as `info.long_texts` says.

        Yields
        ------
        Batch
            Unit vectors; each text in one batch.

        Raises
        ------
        TextTooLargeError
            If one text alone does not fit into the device's memory. What was yielded stays good.

        Notes
        -----
        About 2 FLOP a token and non-embedding parameter. Pooling and norm are in float32 at any precision.
        """
        pieces = prepared.pieces
        whole = _Whole(pieces, len(prepared.texts), self.info.dimension)
        try:
            for rows, vectors in self._engine.run(pieces.sequences):
                n_tokens = sum(len(pieces.sequences[row]) for row in rows)
                self._n_tokens += n_tokens
                yield Batch(*whole.add(rows, vectors), n_tokens)
        except DoesNotFit as error:
            text = prepared.texts[pieces.text[error.row]]
            raise TextTooLargeError(
                text, f"{self.info.device} has too little memory for a single text of {error.n_tokens} tokens"
            ) from error

    def encode_tokens(self, sequences: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """
        Embed texts that are given as tokens.

        Parameters
        ----------
        sequences : sequence of sequences of int, length n
            Ids without special tokens and prompt, which are put around them; each fits the encoder.

        Returns
        -------
        ndarray of float32, shape (n, d)
            Unit vectors.
        """
        vectors = np.empty((len(sequences), self.info.dimension), dtype=np.float32)
        for rows, found in self._engine.run([self._tokens.surround(ids) for ids in sequences]):
            vectors[rows] = found
        return vectors

    def _unit_vectors(self, sequences: Sequence[TokenIds]) -> "Tensor":
        import torch

        with torch.inference_mode():
            return torch.nn.functional.normalize(self.forward(sequences)[:, : self.info.dimension], dim=1)

    def _max_tokens(self, stated: int | None) -> int:
        positions = getattr(self._settings, "max_position_embeddings", None)
        kind = str(self._settings.model_type)
        if positions and any(name in kind for name in _POSITIONS_AFTER_PAD):
            positions -= int(self._settings.pad_token_id) + 1
        # Tokenizers without a limit state an enormous one.
        limits = [
            int(limit) for limit in (stated, self._tokenizer.model_max_length, positions) if limit and limit < 1_000_000
        ]
        if not limits:
            raise ModelError(
                f"{self._folder}: no file of it states how many tokens it reads; set embedding.max_tokens."
            )
        return min(limits)


class _Whole:
    """Puts the pieces of long texts together: the mean of their unit vectors, weighted by their tokens."""

    def __init__(self, pieces: Pieces, n_texts: int, dimension: int) -> None:
        self._pieces = pieces
        self._left = np.bincount(pieces.text, minlength=n_texts)
        self._many = self._left > 1
        self._sums: dict[int, NDArray[np.float32]] = {}
        self._dimension = dimension

    def add(self, rows: Ints, vectors: NDArray[np.float32]) -> tuple[Ints, NDArray[np.float32]]:
        """Take vectors of pieces; give those of the texts that are whole now."""
        texts = self._pieces.text[rows]
        single = ~self._many[texts]
        done, found = [texts[single]], [vectors[single]]
        for row, text, vector in zip(rows[~single], texts[~single], vectors[~single], strict=True):
            total = self._sums.setdefault(int(text), np.zeros(self._dimension, dtype=np.float32))
            total += self._pieces.weight[row] * vector
            self._left[text] -= 1
            if not self._left[text]:
                total = self._sums.pop(int(text))
                done.append(np.array([text]))
                found.append((total / np.linalg.norm(total))[None])
        return np.concatenate(done), np.concatenate(found)


def _precision(wanted: str, device: str) -> str:
    if wanted != "auto":
        return wanted
    return "float16" if device.startswith("cuda") else "float32"
