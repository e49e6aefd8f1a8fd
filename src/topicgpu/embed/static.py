"""The static tier: a text's vector is the sum of its tokens' rows in a table distilled from the model."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from topicgpu.config import EmbeddingSection
from topicgpu.device import Device
from topicgpu.embed import distill
from topicgpu.embed.base import Batch, TextEncoder
from topicgpu.embed.encoder import Encoder
from topicgpu.embed.load import load_tokenizer
from topicgpu.embed.locate import ModelFiles
from topicgpu.embed.tokens import Ragged, Tokens
from topicgpu.errors import ConfigError, RunFolderError
from topicgpu.store import default_root, encoder_key, hash_file, read_arrays, write_arrays
from topicgpu.types import NO_LIMIT, Ints

if TYPE_CHECKING:
    from torch import Tensor

_BATCH = 4096


class StaticEncoder(TextEncoder):
    """
    A table of token vectors, distilled from a model at its first use and kept.

    Parameters
    ----------
    config : EmbeddingSection
        Which model.
    files : ModelFiles
        Where it is.
    device : Device
        Where it is distilled; the table itself is used on the CPU.
    announce : callable
        Told one sentence before a table is distilled.

    Raises
    ------
    ConfigError
        If prompt or dimension are impossible for this model.

    Notes
    -----
    The order of words is lost, and a token means the same in every text: docs/embedding.md has the loss. Texts are
    never cut. Vectors are not cached, since making them costs less than reading them.
    """

    def __init__(
        self, config: EmbeddingSection, files: ModelFiles, device: Device, announce: Callable[[str], object]
    ) -> None:
        # Settings that change no row of the table are left out, so that one table serves them all.
        plain = EmbeddingSection(model=config.model, pooling=config.pooling, prompt=config.prompt, precision="float32")
        self._model, self._announce = Encoder(plain, files, device), announce
        self._tokenizer = load_tokenizer(files.folder)
        self._tokens = Tokens(self._tokenizer, "", special=False)
        self._n_tokens = 0
        teacher = self._model.info
        if config.dimension > teacher.dimension:
            raise ConfigError(
                f"embedding.dimension = {config.dimension}: the model's vectors have only {teacher.dimension} numbers."
            )
        self._key = _key_of(self._model)
        self.info = teacher._replace(
            model=f"{files.name} (static table)",
            revision=self._key,
            tier="static",
            languages=tuple(config.languages) or teacher.languages,
            dimension=config.dimension or teacher.dimension,
            max_tokens=NO_LIMIT,
            long_texts="whole",
            device="cpu",
        )

    @cached_property
    def table(self) -> "Tensor":
        """Rows of all tokens, and last the row of texts without any, shape (v + 1, d)."""
        import torch

        path = default_root() / "tables" / f"{self._key}.safetensors"
        table = _read(path, self._announce)
        if table is None:
            self._announce(f"Distilling a static table from {self._model.info.model} to {path} (once).")
            table = distill.distill(self._model, self._tokenizer)
            checksum = {"crc32": str(zlib.crc32(table.tobytes())), "model": self._model.info.model}
            write_arrays(path, {"table": table}, checksum)
        return torch.from_numpy(np.ascontiguousarray(table[:, : self.info.dimension]))

    @property
    def facts(self) -> dict[str, int]:
        return {"tokens": self._n_tokens}

    def count_tokens(self, texts: Sequence[str]) -> Ints:
        return self._tokens.tokenize(texts).lengths

    def prepare(self, texts: Sequence[str]) -> Ragged:
        return self._tokens.tokenize(texts)

    def batches(self, prepared: Ragged) -> Iterator[Batch]:
        """
        Sum rows of the table.

        Parameters
        ----------
        prepared : Ragged
            Tokens of the texts.

        Yields
        ------
        Batch
            Unit vectors.

        Notes
        -----
        Reads d numbers a token: bound by memory, and in practice by the tokenizer before it.
        """
        import torch

        for start in range(0, len(prepared), _BATCH):
            bounds = prepared.bounds[start : start + _BATCH + 1]
            ids = torch.from_numpy(prepared.flat[bounds[0] : bounds[-1]])
            offsets = torch.from_numpy((bounds[:-1] - bounds[0]).astype(np.int32))
            sums = torch.nn.functional.embedding_bag(ids, self.table, offsets, mode="sum")
            sums[~sums.any(dim=1)] = self.table[-1]
            self._n_tokens += len(ids)
            rows = np.arange(start, start + len(offsets))
            yield Batch(rows, torch.nn.functional.normalize(sums, dim=1).numpy(), len(ids))


def _key_of(model: Encoder) -> str:
    """Name everything that decides the table: the model, as its vectors are kept, and the code that distills."""
    return encoder_key(model.info.identity() | {"distill": hash_file(Path(distill.__file__))})


def _read(path: Path, announce: Callable[[str], object]) -> NDArray[np.float32] | None:
    if not path.is_file():
        return None
    try:
        arrays, metadata = read_arrays(path)
    except RunFolderError:
        intact = False
    else:
        table: NDArray[np.float32] = arrays["table"]
        intact = metadata["crc32"] == str(zlib.crc32(table.tobytes()))
    if intact:
        return table
    announce(f"{path} is damaged and is made again.")
    return None
