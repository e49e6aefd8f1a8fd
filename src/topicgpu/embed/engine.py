"""The loop over batches: several under way, and halved when memory runs out, with nothing finished lost."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
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
    ahead : int
        Batches launched before the one that is fetched: 1 keeps a GPU busy.
    threads : int
        From 2 on, so many batches are computed at a time, each by one thread alone: on a CPU that beats one batch on
        all cores, which wait for each other at every operation.

    Attributes
    ----------
    budget : int
        As it is now: halved each time that memory ran out.
    too_large : list of int
        Budgets that did not fit.
    """

    def __init__(
        self,
        forward: Callable[[Sequences], "Tensor"],
        budget: int,
        pad_to: int | None,
        ahead: int = 0,
        threads: int = 1,
    ) -> None:
        self._forward, self.budget, self._pad_to = forward, budget, pad_to
        self._threads, self._in_flight = threads, 1 + ahead if threads == 1 else 1 + threads
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
        order, alone = longest_first(lengths), False
        flying: deque[tuple[Ints, Callable[[], Tensor | None]]] = deque()
        with self._starter() as start:
            while len(order) or flying:
                while len(order) and len(flying) < (1 if alone else self._in_flight):
                    rows = order[: batch_size(lengths[order], self._share(lengths), self._pad_to)]
                    flying.append((rows, start([sequences[row] for row in rows])))
                    order = order[len(rows) :]
                rows, result = flying.popleft()
                if (tensor := result()) is not None:
                    yield rows, _fetch(tensor)
                    alone = False
                    continue
                again = [rows]
                while flying:  # what is under way ends first: it may hold the memory
                    other, result = flying.popleft()
                    if (tensor := result()) is None:
                        again.append(other)
                    else:
                        yield other, _fetch(tensor)
                alone = len(rows) == 1 and not alone and self._in_flight > 1
                if not alone:
                    self._halve(rows, lengths)
                order = np.concatenate([*again, order])

    def _share(self, lengths: Ints) -> int:
        """Take less than the budget where all that there is would not give every thread a batch."""
        return self.budget if self._threads == 1 else max(1, min(self.budget, -(-int(lengths.sum()) // self._threads)))

    @contextmanager
    def _starter(self) -> Iterator[Callable[[Sequences], "Callable[[], Tensor | None]"]]:
        """Give a function that starts a batch and returns how to get its result, None where memory ran out."""
        import torch

        if self._threads == 1:

            def start(batch: Sequences) -> "Callable[[], Tensor | None]":
                tensor = self._try(batch)
                return lambda: tensor

            yield start
            return
        before = torch.get_num_threads()
        pool = ThreadPoolExecutor(self._threads, initializer=torch.set_num_threads, initargs=(1,))
        try:
            yield lambda batch: pool.submit(self._try, batch).result
        finally:
            pool.shutdown(cancel_futures=True)
            torch.set_num_threads(before)  # torch hands the last number set on to threads that come later

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
