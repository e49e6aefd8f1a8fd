"""Themes in dated talk, and how they drift: on a GPU or a CPU, with one offline report."""

from importlib import import_module
from typing import TYPE_CHECKING

from topicgpu.errors import TopicGPUError
from topicgpu.ops.words import count_words

if TYPE_CHECKING:
    from topicgpu.api import Run, run
    from topicgpu.config import Config, load_config
    from topicgpu.embed import CustomEncoder
    from topicgpu.model import ThemeModel

__version__ = "0.1.0.dev0"

__all__ = [
    "run",
    "Run",
    "Config",
    "load_config",
    "ThemeModel",
    "CustomEncoder",
    "count_words",
    "TopicGPUError",
    "__version__",
]

# Configuration and tables cost a second of imports that `topicgpu --help` should not pay.
_LAZY = {
    "run": "api",
    "Run": "api",
    "Config": "config",
    "load_config": "config",
    "ThemeModel": "model",
    "CustomEncoder": "embed",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module 'topicgpu' has no attribute {name!r}")
    return getattr(import_module(f"topicgpu.{_LAZY[name]}"), name)
