"""Token vectors to one vector a text."""

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from torch import Tensor

Pooling = Literal["mean", "cls", "max", "lasttoken"]


def pool(hidden: "Tensor", mask: "Tensor | None", pooling: Pooling, skip: int = 0) -> "Tensor":
    """
    Make one vector of a text's token vectors.

    Parameters
    ----------
    hidden : Tensor of shape (n, length, d)
        Token vectors, padded on the right.
    mask : Tensor of shape (n, length) or None
        1 for tokens, 0 for padding; each text has at least one token. None: there is no padding.
    pooling : {"mean", "cls", "max", "lasttoken"}
        The encoder's own way.
    skip : int
        Leading tokens that `mean` and `max` leave out, for encoders that do not pool their prompt; each text has more.

    Returns
    -------
    Tensor of shape (n, d)
        Not normalised.
    """
    import torch

    if pooling == "cls":
        return hidden[:, 0]
    if pooling == "lasttoken":
        if mask is None:
            return hidden[:, -1]
        return hidden[torch.arange(len(hidden), device=hidden.device), mask.sum(dim=1) - 1]
    hidden, mask = hidden[:, skip:], mask if mask is None else mask[:, skip:]
    if mask is None:
        return hidden.amax(dim=1) if pooling == "max" else hidden.mean(dim=1)
    weights = mask.unsqueeze(-1)
    if pooling == "max":
        return hidden.masked_fill(weights == 0, -torch.inf).amax(dim=1)
    return (hidden * weights).sum(dim=1) / weights.sum(dim=1)
