"""One forward pass over a batch: without padding where the model allows it, padded where not, and which was proved."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import groupby
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from topicgpu.embed.pooling import Pooling, pool
from topicgpu.embed.tokens import TokenIds

if TYPE_CHECKING:
    from torch import Tensor

# What transformers knows the attention below by.
ATTENTION = "topicgpu"
PAD_TO = 16  # padded lengths are multiples of this: few distinct shapes
# The proof of a layout: sequences alone against sequences together. Rounding may differ, neighbors may not leak.
_PROBE_LENGTHS = (300, 40, 40, 7)
_TOLERANCE = {"float32": 1e-4, "float16": 5e-3, "bfloat16": 2e-2}
_MAX_FIRST_POSITION = 8

Run = tuple[int, int]  # sequences of one length, and that length
_RUNS: ContextVar[Sequence[Run] | None] = ContextVar("topicgpu_runs", default=None)


class Layout(NamedTuple):
    """How batches are laid out for a model."""

    packed: bool
    first_position: int  # position of a sequence's first token
    reason: str


class Forward:
    """
    Token ids to pooled vectors on one device.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        In evaluation mode; with `ATTENTION` set as its attention, packing is tried.
    pooling : {"mean", "cls", "max", "lasttoken"}
        How tokens become one vector.
    skip : int
        Leading tokens that mean and max leave out.
    pad_token : int
        Id that fills up padded rows.
    precision : str
        Of the model's weights.
    compiled : bool
        Whether the model was compiled: it then gets padded batches, since those have few shapes.
    """

    def __init__(
        self, model: Any, pooling: Pooling, skip: int, pad_token: int, precision: str, compiled: bool = False
    ) -> None:
        import inspect

        self._model, self._pooling, self._skip, self._pad = model, pooling, skip, pad_token
        self._takes = set(inspect.signature(model.forward).parameters)
        self.passes, self._counting = 0, Lock()
        self.layout = Layout(False, 0, "torch.compile takes padded batches: they have few shapes")
        if not compiled:
            self.layout = self._prove(_TOLERANCE[precision])

    def __call__(self, sequences: Sequence[TokenIds]) -> "Tensor":
        """
        Run the model on a batch and pool it.

        Parameters
        ----------
        sequences : sequence of int arrays
            Token ids, special ones included; the longest first.

        Returns
        -------
        Tensor of shape (n, d)
            float32 at any precision of the model, not normalised, on the model's device; on CUDA perhaps not finished.
        """
        import torch

        with self._counting:  # batches may run in several threads
            self.passes += 1
        with torch.inference_mode():
            return self._run(sequences)

    def _run(self, sequences: Sequence[TokenIds]) -> "Tensor":
        return self._packed(sequences, self.layout.first_position) if self.layout.packed else self._padded(sequences)

    def _packed(self, sequences: Sequence[TokenIds], first_position: int) -> "Tensor":
        import torch

        runs = runs_of(sequences)
        flat = np.concatenate(sequences)[None]
        positions = np.concatenate([np.tile(np.arange(length), count) for count, length in runs])[None]
        inputs = {"input_ids": self._send(flat), "position_ids": self._send(positions + first_position)}
        with _packed_runs(runs):
            hidden = self._last_hidden(inputs)[0]
        pooled, start = [], 0
        for count, length in runs:
            end = start + count * length
            block = hidden[start:end].view(count, length, -1)
            pooled.append(pool(block.float(), None, self._pooling, self._skip))
            start = end
        return torch.cat(pooled)

    def _padded(self, sequences: Sequence[TokenIds]) -> "Tensor":
        width = -(-len(sequences[0]) // PAD_TO) * PAD_TO
        tokens = np.full((len(sequences), width), self._pad, dtype=np.int64)
        mask = np.zeros((len(sequences), width), dtype=np.int64)
        for row, sequence in enumerate(sequences):
            tokens[row, : len(sequence)] = sequence
            mask[row, : len(sequence)] = 1
        sent = self._send(mask)
        hidden = self._last_hidden({"input_ids": self._send(tokens), "attention_mask": sent})
        return pool(hidden.float(), sent, self._pooling, self._skip)

    def _last_hidden(self, inputs: dict[str, "Tensor"]) -> "Tensor":
        import torch

        if "token_type_ids" in self._takes:  # some models have them for as many tokens as one sequence may have
            inputs["token_type_ids"] = torch.zeros_like(inputs["input_ids"])
        if "use_cache" in self._takes:
            return self._model(**inputs, use_cache=False).last_hidden_state  # type: ignore[no-any-return]
        return self._model(**inputs).last_hidden_state  # type: ignore[no-any-return]

    def _send(self, array: np.ndarray[Any, Any]) -> "Tensor":
        import torch

        tensor = torch.from_numpy(np.ascontiguousarray(array, dtype=np.int64))
        if self._model.device.type == "cuda":  # a copy from pinned memory does not wait for the GPU
            return tensor.pin_memory().to(self._model.device, non_blocking=True)
        return tensor

    def _prove(self, tolerance: float) -> Layout:
        """Compare sequences run alone with the same run together: packing is used only where it changes nothing."""
        import torch

        config = self._model.config
        if "position_ids" not in self._takes or config._attn_implementation != ATTENTION:
            return Layout(False, 0, "batches are padded, since this kind of model has an attention of its own")
        # Encoders of the RoBERTa family count positions from the one after the padding token's id.
        firsts = [first for first in dict.fromkeys((0, self._pad + 1)) if first <= _MAX_FIRST_POSITION]
        limit = int(getattr(config, "max_position_embeddings", None) or 512) - max(firsts)
        lengths = [min(length + self._skip, limit) for length in _PROBE_LENGTHS]
        words = np.random.default_rng(0).integers(0, config.vocab_size, (len(lengths), max(lengths)))
        words[words == self._pad] += 1 if self._pad == 0 else -1
        probe = [row[:length] for row, length in zip(words, lengths, strict=True)]
        with torch.inference_mode():
            alone = torch.cat([_unit(self._alone(sequence)) for sequence in probe])
            for first in firsts:
                worst = float((_unit(self._packed(probe, first)) - alone).abs().max())
                if worst <= tolerance:
                    return Layout(True, first, f"sequences without padding; equal to single ones to {worst:.0e}")
        return Layout(False, 0, "batches are padded, since this model's attention can't be kept inside sequences")

    def _alone(self, sequence: TokenIds) -> "Tensor":
        tokens = self._send(np.asarray(sequence)[None])
        hidden = self._last_hidden({"input_ids": tokens, "attention_mask": tokens.new_ones(tokens.shape)})
        return pool(hidden.float(), None, self._pooling, self._skip)


def runs_of(sequences: Sequence[TokenIds]) -> list[Run]:
    """
    Group neighboring sequences of one length.

    Parameters
    ----------
    sequences : sequence of arrays
        In the order of the batch.

    Returns
    -------
    list of (int, int)
        How many, and how long.
    """
    return [(len(list(group)), length) for length, group in groupby(len(sequence) for sequence in sequences)]


def register_attention() -> None:
    """Tell transformers of the attention that keeps to the sequences of a packed batch; a second call does nothing."""
    from transformers import AttentionInterface
    from transformers.masking_utils import AttentionMaskInterface

    AttentionInterface.register(ATTENTION, _attend)
    AttentionMaskInterface.register(ATTENTION, _mask)


@contextmanager
def _packed_runs(runs: Sequence[Run]) -> Iterator[None]:
    token = _RUNS.set(runs)
    try:
        yield
    finally:
        _RUNS.reset(token)


def _attend(
    module: Any,
    query: "Tensor",
    key: "Tensor",
    value: "Tensor",
    attention_mask: "Tensor | None",
    scaling: float | None = None,
    **options: Any,
) -> "tuple[Tensor, None]":
    """Scaled dot-product attention inside each sequence: one call for all sequences of one length."""
    import torch
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    runs = _RUNS.get()
    if runs is None:
        result: tuple[Tensor, None] = sdpa_attention_forward(
            module, query, key, value, attention_mask, scaling=scaling, **options
        )
        return result
    heads = query.shape[1]
    if key.shape[1] != heads:  # grouped queries: each key serves several heads
        key, value = (tensor.repeat_interleave(heads // key.shape[1], dim=1) for tensor in (key, value))
    out = query.new_empty(1, query.shape[2], heads, value.shape[-1])
    start = 0
    for count, length in runs:
        end = start + count * length
        q, k, v = (
            tensor[0, :, start:end].unflatten(1, (count, length)).transpose(0, 1) for tensor in (query, key, value)
        )
        allowed = None if attention_mask is None else attention_mask[..., :length, :length]
        attended = torch.nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=allowed, scale=scaling)
        out[0, start:end].unflatten(0, (count, length)).copy_(attended.transpose(1, 2))
        start = end
    return out, None


def _mask(mask_function: Callable[..., Any], device: Any = "cpu", **options: Any) -> "Tensor | None":
    """Which token may see which, for the longest sequence: shorter ones see its upper left corner."""
    import torch
    from transformers.masking_utils import sdpa_mask

    runs = _RUNS.get()
    if runs is None:
        padded: Tensor | None = sdpa_mask(mask_function=mask_function, device=device, **options)
        return padded
    length = max(length for _, length in runs)
    place, zero = torch.arange(length), torch.zeros((), dtype=torch.long)  # on the CPU: to look at it costs no wait
    allowed = torch.as_tensor(mask_function(zero, zero, place[:, None], place[None, :]))
    return None if bool(allowed.all()) else allowed.expand(length, length)[None, None].to(device)


def _unit(vectors: "Tensor") -> "Tensor":
    import torch

    return torch.nn.functional.normalize(vectors, dim=1)
