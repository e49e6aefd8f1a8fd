"""The int8 tier: the model's matrix products in 8 bits by ONNX Runtime, exported and quantized here, once."""

import tempfile
from collections.abc import Callable, Sequence
from functools import cached_property
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from topicgpu.config import EmbeddingSection
from topicgpu.device import Device
from topicgpu.embed.distill import draw_sequences, read_vocabulary
from topicgpu.embed.encoder import Encoder
from topicgpu.embed.forward import Forward, Layout
from topicgpu.embed.load import load_model
from topicgpu.embed.locate import ModelFiles
from topicgpu.embed.pooling import Pooling, pool
from topicgpu.embed.quantize import quantize
from topicgpu.embed.tokens import TokenIds
from topicgpu.errors import ConfigError, ModelError
from topicgpu.store import default_root, encoder_key, hash_file, write_file

if TYPE_CHECKING:
    from torch import Tensor

# Less likeness to float32 than this is refused; tried on so many sequences of tokens.
_LEAST_COSINE, _TRIALS = 0.98, 64
_NEEDS = ("onnx", "onnxruntime")


class Int8Encoder(Encoder):
    """
    A model with weights and activations of its matrix products in 8 bits, on the CPU.

    Parameters
    ----------
    config : EmbeddingSection
        Which model.
    files : ModelFiles
        Where it is.
    device : Device
        The CPU.
    announce : callable
        Told one sentence before the model is quantized.

    Raises
    ------
    ConfigError
        If onnxruntime or onnx is not installed, or the device is not the CPU.

    Notes
    -----
    Activations are scaled by the largest of each product, so that a text in a batch would get a vector that depends on
    the others; here each text runs alone, on one thread, and as many at a time as there are cores.
    """

    def __init__(
        self, config: EmbeddingSection, files: ModelFiles, device: Device, announce: Callable[[str], object]
    ) -> None:
        missing = [name for name in _NEEDS if find_spec(name) is None]
        if missing:
            raise ConfigError(
                f"embedding.tier = 'int8' needs {' and '.join(missing)}, not installed: pip install 'topicgpu[onnx]'."
            )
        if device.used != "cpu":
            raise ConfigError(
                f"embedding.tier = 'int8' runs on the CPU, not on {device.used}; set embedding.device to cpu."
            )
        super().__init__(config, files, device)
        self._announce = announce
        self.info = self.info._replace(tier="int8", precision="int8")

    @cached_property
    def forward(self) -> Forward:
        """The quantized model, made at its first use and kept."""
        skip = 0 if self._recipe.pools_prompt else self._tokens.n_prompt
        return Int8Forward(self._path(), self._recipe.pooling, skip)

    def _path(self) -> Path:
        """Find the quantized model, or make it; its name ends in the hash of its bytes."""
        folder = default_root() / "onnx"
        key = encoder_key(self.info.identity())
        for path in folder.glob(f"{key}-*.onnx"):
            if path.stem.endswith(hash_file(path)[:16]):
                return path
            self._announce(f"{path} is damaged and is made again.")
            path.unlink(missing_ok=True)
        self._announce(f"Quantizing {self.info.model} to 8 bits into {folder} (once).")
        made = self._quantized()
        path = folder / f"{key}-{sha256(made).hexdigest()[:16]}.onnx"
        write_file(path, lambda temporary: temporary.write_bytes(made))
        return path

    def _quantized(self) -> bytes:
        """Quantize the model, and refuse where that changes its vectors too much."""
        import onnx
        import torch

        model = load_model(self._folder, "float32", "cpu")
        vocabulary = read_vocabulary(self._tokenizer)
        trials = [
            self._tokens.surround(vocabulary.ids[rows].tolist()) for rows in draw_sequences(vocabulary.share)[:_TRIALS]
        ]
        exact = Forward(model, self._recipe.pooling, 0, int(self._tokenizer.pad_token_id), "float32")
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / "int8.onnx"
            try:
                n_fused = quantize(model, path)
            except (RuntimeError, TypeError, ValueError, AttributeError, KeyError) as error:
                raise ModelError(
                    f"{self._folder}: can't be exported to ONNX ({str(error).splitlines()[0]}); set embedding.tier to "
                    "model."
                ) from error
            rough = Int8Forward(path, self._recipe.pooling, 0)
            wanted, found = (torch.cat([forward([trial]) for trial in trials]) for forward in (exact, rough))
            cosine = float(torch.nn.functional.cosine_similarity(wanted, found).mean())
            if cosine < _LEAST_COSINE:
                raise ModelError(
                    f"{self._folder}: in 8 bits its vectors have a mean cosine of {cosine:.3f} to those in 32, and "
                    f"{_LEAST_COSINE} is the least; set embedding.tier to model."
                )
            quantized = onnx.load(path)
        onnx.helper.set_model_props(quantized, {"cosine": f"{cosine:.4f}", "fused": str(n_fused)})
        data: bytes = quantized.SerializeToString()
        return data


class Int8Forward(Forward):
    """
    Token ids to pooled vectors by ONNX Runtime, each text alone.

    Parameters
    ----------
    path : Path
        The quantized model.
    pooling : {"mean", "cls", "max", "lasttoken"}
        How tokens become one vector.
    skip : int
        Leading tokens that mean and max leave out.
    """

    def __init__(self, path: Path, pooling: Pooling, skip: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._pooling, self._skip = pooling, skip
        self.passes, self._counting = 0, Lock()
        stated = self._session.get_modelmeta().custom_metadata_map
        reason = "8 bits, each text alone on one thread"
        if "cosine" in stated:
            reason += f"; cosine to float32 {stated['cosine']} in a trial; {stated['fused']} attentions fused"
        self.layout = Layout(True, 0, reason)

    def _run(self, sequences: Sequence[TokenIds]) -> "Tensor":
        import torch

        pooled = []
        for sequence in sequences:
            ids = np.asarray(sequence, dtype=np.int64)[None]
            hidden = self._session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0]
            pooled.append(pool(torch.from_numpy(hidden), None, self._pooling, self._skip))
        return torch.cat(pooled)
