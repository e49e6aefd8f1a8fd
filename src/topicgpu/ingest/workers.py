"""Files read by several processes, handed on in order, with no more of them held than are being read.

The processes are started with nothing but a pipe. `multiprocessing` would import the caller's main module in each, and
a script without a guard would run once more in every one of them; a fork would copy the threads of torch in whatever
state they are.
"""

import os
import subprocess
import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any, NamedTuple, TypeVar

from topicgpu.errors import CorpusError, TopicGPUError
from topicgpu.ingest.catalog import SourceEntry
from topicgpu.ingest.files import shown

Result = TypeVar("Result")


class _Worker(NamedTuple):
    process: subprocess.Popen[bytes]
    pipe: Connection


@contextmanager
def read_in_order(
    read: Callable[[SourceEntry], Result], entries: Sequence[SourceEntry], workers: int
) -> Iterator[Iterator[Result]]:
    """
    Apply a function to entries, in this process or in several.

    Parameters
    ----------
    read : callable
        Of a module, with arguments that can be pickled.
    entries : sequence of SourceEntry
        What it is applied to.
    workers : int
        How many processes; 1: this one.

    Yields
    ------
    iterator
        Its results, in the order of the entries. What it raises is raised here, when its turn comes.

    Raises
    ------
    CorpusError
        If a process dies.

    Notes
    -----
    At most twice as many results as processes are held. When the block is left, whatever the reason, the processes are
    killed; if this process is killed, each of them ends when it is done with its file.
    """
    if workers < 2:
        yield map(read, entries)
        return
    with ExitStack() as stack:
        idle: SimpleQueue[_Worker] = SimpleQueue()
        threads = stack.enter_context(ThreadPoolExecutor(workers))  # each waits for the answer of one process
        for _ in range(workers):
            idle.put(_start(stack, read))

        def ask(entry: SourceEntry) -> Result:
            worker = idle.get()
            try:
                worker.pipe.send(entry)
                result, error = worker.pipe.recv()
            except (EOFError, OSError):
                raise CorpusError(
                    f"{shown(entry.file)}: the process that was reading it ended with code {worker.process.wait()}; "
                    "if memory ran out, set corpus.workers = 1."
                ) from None
            finally:
                idle.put(worker)
            if error is not None:
                raise error
            answer: Result = result
            return answer

        stack.callback(threads.shutdown, wait=False, cancel_futures=True)
        yield _in_order(lambda entry: threads.submit(ask, entry), entries, ahead=2 * workers)


def serve(descriptor: int) -> None:
    """
    Answer one process until it is gone.

    Parameters
    ----------
    descriptor : int
        Of this process's end of the pipe: a function comes, then one argument after the other; pairs of a result and
        None, or of None and an error, go back.
    """
    with suppress(EOFError, BrokenPipeError, ConnectionResetError), Connection(descriptor) as pipe:
        function = pipe.recv()
        while True:
            pipe.send(_answer(function, pipe.recv()))


def _answer(function: Callable[[Any], Any], item: Any) -> tuple[Any, Exception | None]:
    try:
        return function(item), None
    except TopicGPUError as error:
        return None, error
    except Exception as error:  # noqa: BLE001  it is raised in the process that asked
        error.add_note(traceback.format_exc())
        return None, error


def _start(stack: ExitStack, function: Callable[..., Any]) -> _Worker:
    ours, theirs = Pipe()
    stack.enter_context(ours)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", f"from {__name__} import serve; serve({theirs.fileno()})"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            process_group=0,  # Ctrl-C reaches this process alone, which ends them
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path or str(os.curdir) for path in sys.path)},
        )
    stack.enter_context(process)
    stack.callback(process.kill)
    with suppress(OSError):  # it died at once: who asks it first says so
        ours.send(function)
    return _Worker(process, ours)


def _in_order(
    submit: Callable[[SourceEntry], "Future[Result]"], entries: Sequence[SourceEntry], ahead: int
) -> Iterator[Result]:
    pending: deque[Future[Result]] = deque()
    for entry in entries:
        pending.append(submit(entry))
        if len(pending) >= ahead:
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()
