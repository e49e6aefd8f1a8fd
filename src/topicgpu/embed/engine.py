"""The loop over batches: one launched ahead on a GPU, and halved when memory runs out, with nothing finished lost."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from topicgpu.embed.batches import batch_size, longest_first
from topicgpu.embed.tokens import TokenIds
from topicgpu.types import Ints

if TYPE_CHECKING:
    from torch import Tensor

Sequences = Sequence[TokenIds]


class DoesNotFit(Exception):  # a signal to the encoder, which knows the text
    """A sequence, given by its row, that fits into no memory even alone."""

    def __init__(self, row: int, n_tokens: int) -> None:
        super().__init__(row, n_tokens)
        self.row, self.n_tokens = row, n_tokens


class Engine:
    """
    Runs sequences through a model in batches of a token budget.

    Parameters
    ----------
    forward : callable
        Sequences, the longest first, to a tensor of one row each; on CUDA it may return before the work is done.
    budget : int
        Tokens a batch, padding included.
    pad_to : int or None
        What `forward` pads to.

    Attributes
    ----------
    budget : int
        As it is now: halved each time that memory ran out.
    too_large : list of int
        Budgets that did not fit.
    """

    def __init__(self, forward: Callable[[Sequences], "Tensor"], budget: int, pad_to: int | None) -> None:
        self._forward, self.budget, self._pad_to = forward, budget, pad_to
        self.too_large: list[int] = []

    def run(self, sequences: Sequences) -> Iterator[tuple[Ints, "NDArray[np.float32]"]]:
        """
        Run all sequences.

        Parameters
        ----------
        sequences : list of int arrays, length n
            In any order.

        Yields
        ------
        (ndarray of int, ndarray of float32)
            Rows of a batch and their vectors, as soon as they are there.

        Raises
        ------
        DoesNotFit
            If one sequence does not fit into memory even alone.
        """
        lengths = np.array([len(sequence) for sequence in sequences], dtype=np.int64)
        order = longest_first(lengths)
        launched: tuple[Ints, Tensor] | None = None
        while len(order):
            rows = order[: batch_size(lengths[order], self.budget, self._pad_to)]
            result = self._try([sequences[row] for row in rows])
            if launched is not None:
                yield launched[0], _fetch(launched[1])
                launched = None
            if result is None:
                self._halve(rows, lengths)
                continue
            order = order[len(rows) :]
            if result.is_cuda:  # the next batch is sent while this one is computed
                launched = rows, result
            else:
                yield rows, _fetch(result)
        if launched is not None:
            yield launched[0], _fetch(launched[1])

    def _try(self, sequences: Sequences) -> "Tensor | None":
        import torch

        try:
            return self._forward(sequences)
        except torch.OutOfMemoryError:
            pass
        except RuntimeError as error:
            if "DefaultCPUAllocator" not in str(error):  # how torch says on a CPU that memory ended
                raise
        torch.cuda.empty_cache()  # only now: the error held what the batch had allocated
        return None

    def _halve(self, rows: Ints, lengths: Ints) -> None:
        if len(rows) == 1:
            row = int(rows[0])
            raise DoesNotFit(row, int(lengths[row]))
        self.too_large.append(self.budget)
        # A budget above what the batch held would only try the same batch again.
        held = len(rows) * int(lengths[rows[0]]) if self._pad_to else int(lengths[rows].sum())
        self.budget = min(self.budget, held) // 2


def _fetch(tensor: "Tensor") -> NDArray[np.float32]:
    vectors: NDArray[np.float32] = tensor.cpu().numpy()
    return vectors
