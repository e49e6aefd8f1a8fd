"""Themes in dated talk, and how they drift: on a GPU or a CPU, with one offline report."""

from topicgpu.config import Config, load_config
from topicgpu.errors import TopicGPUError
from topicgpu.ops.words import count_words

__version__ = "0.1.0.dev0"

__all__ = ["run", "Run", "Config", "load_config", "count_words", "TopicGPUError", "__version__"]


def __getattr__(name: str) -> object:
    # Reading and writing tables costs a second of imports that `topicgpu --help` should not pay.
    if name in ("run", "Run"):
        from topicgpu import api

        return getattr(api, name)
    raise AttributeError(f"module 'topicgpu' has no attribute {name!r}")
