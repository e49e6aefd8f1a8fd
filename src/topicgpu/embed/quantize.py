"""A model to an ONNX file whose matrix products are in 8 bits."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def quantize(model: Any, path: Path) -> int:
    """
    Export a model to ONNX and quantize its matrix products.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        On the CPU at float32; its attention is set to the plain one, which ONNX Runtime knows how to fuse.
    path : Path
        File to write.

    Returns
    -------
    int
        Attentions that were fused: one a layer, or 0 for kinds of models that ONNX Runtime does not know.

    Notes
    -----
    Weights are quantized a channel, activations at run time. Weights get 7 bits of the 8, since without VNNI two
    products of full ones overflow the 16 bits of their sum.
    """
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.transformers.optimizer import optimize_model

    class Hidden(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            hidden: torch.Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            return hidden

    before = model.config._attn_implementation
    model.set_attn_implementation("eager")
    config = model.config
    ids, mask = torch.randint(config.vocab_size, (3, 17)), torch.ones(3, 17, dtype=torch.long)
    mask[1, 10:] = 0
    exported, fused = path.with_name("exported.onnx"), path.with_name("fused.onnx")
    free = {0: "batch", 1: "length"}
    axes = {"input_ids": free, "attention_mask": free, "hidden": free}
    names = ["input_ids", "attention_mask"]
    options: dict[str, Any] = {"input_names": names, "output_names": ["hidden"], "dynamic_axes": axes}
    heads, width = config.num_attention_heads, config.hidden_size
    with _quiet():
        # ONNX Runtime finds attention only in the graph that the older exporter writes.
        torch.onnx.export(Hidden().eval(), (ids, mask), str(exported), dynamo=False, opset_version=17, **options)
        graph = optimize_model(str(exported), model_type="bert", num_heads=heads, hidden_size=width, opt_level=0)
        graph.save_model_to_file(str(fused))
        quantize_dynamic(
            fused,
            path,
            op_types_to_quantize=["MatMul", "Attention"],
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            extra_options={"DefaultTensorType": 1},  # float32, where the fused operators hide it
        )
    model.set_attn_implementation(before)
    return int(graph.get_fused_operator_statistics()["Attention"])


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence the exporter and the quantizer, which warn of what they are here to do."""
    disabled = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)
