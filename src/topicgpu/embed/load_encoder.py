"""From a configuration to the encoder of its tier."""

from pathlib import Path

from topicgpu.config import EmbeddingSection
from topicgpu.device import Device
from topicgpu.embed.base import TextEncoder
from topicgpu.embed.encoder import Encoder
from topicgpu.embed.locate import ModelFiles


def load_encoder(config: EmbeddingSection, files: ModelFiles, device: Device, tables: Path) -> TextEncoder:
    """
    Make the encoder that a configuration asks for.

    Parameters
    ----------
    config : EmbeddingSection
        Model, tier and how to run it.
    files : ModelFiles
        Where the model is.
    device : Device
        Where it runs.
    tables : Path
        Folder in which the static tier keeps the tables that it has distilled.

    Returns
    -------
    TextEncoder
        Weights are loaded, or a table is distilled, when the first text is embedded.
    """
    encoder = Encoder(config, files, device)
    if config.tier == "model":
        return encoder
    from topicgpu.embed.static import StaticEncoder

    return StaticEncoder(encoder, tables)
