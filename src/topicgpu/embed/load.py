"""A model's tokenizer and weights from its folder: safetensors only, no remote code, nothing made up."""

from pathlib import Path
from typing import Any

from topicgpu.embed.forward import ATTENTION, register_attention
from topicgpu.errors import DeviceError, ModelError


def load_tokenizer(folder: Path) -> Any:
    """
    Load a model's tokenizer.

    Parameters
    ----------
    folder : Path
        The model's folder.

    Returns
    -------
    transformers.PreTrainedTokenizerBase
        With a padding token.

    Raises
    ------
    ModelError
        If it can't be loaded or has no padding token.
    """
    from transformers import AutoTokenizer

    _be_quiet()
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError) as error:
        raise _unloadable(folder, error) from error
    if tokenizer.pad_token_id is None:
        raise ModelError(f"{folder}: its tokenizer has no padding token; choose an encoder that has one.")
    return tokenizer


def load_model(folder: Path, precision: str, device: str) -> Any:
    """
    Load a model's weights onto a device.

    Parameters
    ----------
    folder : Path
        The model's folder.
    precision : {"float32", "float16", "bfloat16"}
        Of the weights and of everything before pooling.
    device : str
        A torch device.

    Returns
    -------
    transformers.PreTrainedModel
        In evaluation mode.

    Raises
    ------
    ModelError
        If it can't be loaded, or its files do not hold every weight of it.
    DeviceError
        If it does not fit into the device's memory.
    """
    import torch
    from safetensors import SafetensorError
    from transformers import AutoModel

    _be_quiet()
    options: dict[str, Any] = {
        "local_files_only": True,
        "trust_remote_code": False,
        "use_safetensors": True,
        "dtype": getattr(torch, precision),
        "ignore_mismatched_sizes": True,  # reported below, in one sentence
        "output_loading_info": True,
    }
    try:
        model, report = AutoModel.from_pretrained(folder, **options)
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise _unloadable(folder, error) from error
    _check_weights(report, folder)
    # The others have an attention of their own, or one with terms that scaled dot-product attention lacks.
    if model._supports_attention_backend and model._supports_sdpa:
        register_attention()
        model.set_attn_implementation(ATTENTION)
    try:
        return model.eval().to(device)
    except torch.OutOfMemoryError as error:
        raise DeviceError(
            f"{device} has too little memory for {folder}; set embedding.precision lower, or take a smaller model."
        ) from error


def load_settings(folder: Path) -> Any:
    """
    Read a model's config.json without its weights.

    Parameters
    ----------
    folder : Path
        The model's folder.

    Returns
    -------
    transformers.PreTrainedConfig
        Of a kind of model that transformers knows.

    Raises
    ------
    ModelError
        If transformers does not know the kind of model.
    """
    from transformers import AutoConfig

    _be_quiet()
    try:
        return AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError) as error:
        raise _unloadable(folder, error) from error


def _be_quiet() -> None:
    # transformers prints a bar and a table of unused weights; topicgpu has one place that prints.
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


def _unloadable(folder: Path, error: Exception) -> ModelError:
    return ModelError(f"{folder}: can't be loaded as an encoder: {str(error).splitlines()[0]}")


def _check_weights(report: dict[str, Any], folder: Path) -> None:
    # Weights that the files do not hold would be random numbers. The pooler is not used, and many leave it out.
    wrong = sorted({str(key) for key in report["missing_keys"] if not str(key).startswith("pooler.")})
    wrong += sorted(str(key[0]) for key in report["mismatched_keys"])
    if wrong:
        raise ModelError(
            f"{folder}: its weights do not fit its config.json ({len(wrong)} are missing or of another shape, first "
            f"{wrong[0]}); get the model's files again."
        )
