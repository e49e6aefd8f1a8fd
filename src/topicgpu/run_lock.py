"""Who may write to a run folder."""

import fcntl
from contextlib import ExitStack
from pathlib import Path

from topicgpu.errors import RunFolderError
from topicgpu.run_folder import HALF_WRITTEN, MANIFEST


class Lock:
    """
    One writer a folder. Taken as late as the first write, so that bad input leaves nothing behind.

    Parameters
    ----------
    folder : Path
        Of the run.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._held = False
        self._new = not folder.exists()

    def __enter__(self) -> "Lock":
        if not self._new:
            self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def acquire(self) -> None:
        """
        Make the folder if needed, and become its writer.

        Raises
        ------
        RunFolderError
            If another run is writing to it, or it can't be written.
        """
        if self._held:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            file = self._stack.enter_context((self._folder / ".lock").open("w"))
        except OSError as error:
            raise unwritable(self._folder, error.strerror or str(error)) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._stack.close()
            raise RunFolderError(
                f"{self._folder}: another run is writing to it; wait, or choose another --out."
            ) from None
        if self._new and (self._folder / MANIFEST).exists():
            self._stack.close()
            raise RunFolderError(f"{self._folder}: another run has just written to it; give the command again.")
        self._held = True
        for left in self._folder.rglob(f".*{HALF_WRITTEN}"):  # by a run that was killed while it wrote
            left.unlink()


def unwritable(folder: Path, reason: str) -> RunFolderError:
    """
    Say that a run folder can't be written.

    Parameters
    ----------
    folder : Path
        Of the run.
    reason : str
        Why.

    Returns
    -------
    RunFolderError
        To be raised.
    """
    return RunFolderError(f"{folder}: can't be written ({reason}); choose another place with --out.")
